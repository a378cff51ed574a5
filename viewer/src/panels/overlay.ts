/** Numbers and names over the picture: axes of a flat view, the ground of a 3-D view, the scale. */
import { niceStep } from "../network/lattice";
import { leftCorner } from "../render/lines";
import { type Sight, see } from "../render/sight";
import type { Scenery } from "../render/stage";
import type { State } from "../state/controls";
import { clipped, fit, plain, tickLabel } from "../words";
import { cornerMarks } from "./corners";
import { svg } from "./dom";

/** Width of a letter of a run's name, and of the buttons in the corner with their margins. */
const LETTER = 7.6;
const CORNER = 82;
/** Height of a run's name and its place. */
const NAMED = 38;

/** A mark or a name at its place; what it says and what it is called tell whether it is the same as before. */
export interface Mark {
  readonly key: string;
  readonly x: number;
  readonly y: number;
  /** Around the place. */
  readonly draw: () => readonly Element[];
}

/** Only what is new is made, and only what has moved is moved: each as a layer of its own. */
export class Overlay {
  /** Columns over a line, under the names. */
  readonly columns = svg("g");
  readonly element = svg("svg", { class: "overlay", "aria-hidden": "true" }, this.columns);
  private marks = new Map<string, { group: SVGGElement; x: number; y: number }>();

  draw(sceneries: readonly Scenery[], state: State, names: readonly string[], details: readonly string[] = []): void {
    const before = this.marks;
    this.marks = new Map();
    for (const { key: wanted, x, y, draw } of marksOf(sceneries, state, names, details)) {
      let key = wanted;
      while (this.marks.has(key)) key += "'";
      const old = before.get(key);
      before.delete(key);
      const group = old?.group ?? svg("g", { class: "at" }, ...draw());
      if (!old) this.element.append(group);
      if (old?.x !== x || old.y !== y) group.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      this.marks.set(key, { group, x, y });
    }
    for (const { group } of before.values()) group.remove();
  }
}

function marksOf(
  sceneries: readonly Scenery[],
  state: State,
  names: readonly string[],
  details: readonly string[],
): Mark[] {
  return sceneries.flatMap((scenery, i) => {
    const { rectangle } = scenery.sight;
    const several = sceneries.length > 1;
    const top = several ? NAMED : 0;
    const marks = several ? headOf(scenery, i, names[i], details[i]) : [];
    const corners = cornerMarks(scenery, state);
    if (state.axes) {
      const axes = scenery.instant.nAxes === 2 ? flatAxes(scenery, top) : spaceAxes(scenery, top);
      marks.push(...axes.filter((mark) => !corners.some((name) => isOnNumber(name, mark))));
    }
    marks.push(...corners);
    // A key holds for one pane of one size.
    const pane = `${i} ${rectangle.width} ${rectangle.height} `;
    return marks.map((mark) => ({ ...mark, key: pane + mark.key }));
  });
}

/** Whether the name of a class lies on a number of a flat axis. */
function isOnNumber(name: Mark, { key, x, y }: Mark): boolean {
  const [, which, label] = /^([xy]) (.+)/.exec(key) ?? [];
  if (!label || !name.key.startsWith("corner ")) return false;
  const [left, middle] = which === "x" ? [x - 4 * label.length, y - 13] : [x, y];
  const width = LETTER * (name.key.length - 8);
  return Math.abs(name.y - middle) < 15 && name.x < left + 8 * label.length + 12 && left < name.x + width;
}

/** The name of a run and where it is, over its pane, and the line between it and its neighbour. */
function headOf({ sight, instant }: Scenery, i: number, name: string, detail = ""): Mark[] {
  const { rectangle } = sight;
  const { x, y, width, height } = rectangle;
  const room = Math.floor((width - CORNER) / LETTER);
  const place = clipped([detail, placeOf(instant)].filter(Boolean).join(" · "), Math.floor(1.2 * room));
  const marks: Mark[] = [
    {
      key: `run ${name}`,
      x,
      y,
      draw: () => [line(10, 14, 24, 14, `mark run${i}`), text(30, 18, fit(name, room), "run", "start")],
    },
    { key: `place ${place}`, x, y, draw: () => [text(30, 34, place, "", "start")] },
  ];
  if (x > 0) marks.push({ key: "left", x, y, draw: () => [line(0, 0, 0, height)] });
  if (y > 0) marks.push({ key: "top", x, y, draw: () => [line(0, 0, width, 0)] });
  return marks;
}

/** Several networks are at places of their own, even at the same share of the way. */
function placeOf({ t, scene }: Scenery["instant"]): string {
  const { representations } = scene.moment.run.header;
  if (!Number.isInteger(t)) {
    const beat = scene.beat(t);
    return beat ? beat.title : "";
  }
  const { name } = representations[t];
  const n = scene.moment.run.wholeUnits(t);
  return `${name} (${n} unit${n === 1 ? "" : "s"})`;
}

/** Names belong to representations; between two there are none. */
function axisNames({ instant }: Scenery): readonly string[] {
  const { t, scene } = instant;
  return Number.isInteger(t) && instant.flatness === 0 && instant.nAxes === scene.nAxes
    ? scene.projection(t).labels
    : [];
}

function flatAxes(scenery: Scenery, top: number): Mark[] {
  const { sight, instant } = scenery;
  // No length in a map means anything.
  if (instant.scene.meaning(instant.t)) return [];
  const { rectangle, centre, middle, stretch } = sight;
  const [width, height] = [rectangle.width, rectangle.height];
  const [across, up] = stretch.map((factor) => sight.scale * factor);
  const isOwn = across !== up;
  let step = niceStep(width / across, Math.max(width / 110, 2));
  const marks: Mark[] = [];
  const bottom = rectangle.y + height;
  const first = centre[0] - middle[0] / across;
  for (let i = Math.ceil(first / step); i * step < first + width / across; i++) {
    const x = rectangle.x + middle[0] + (i * step - centre[0]) * across;
    if (x < rectangle.x + 26 || x > rectangle.x + width - 14) continue;
    const label = tickLabel(i * step, step);
    marks.push({
      key: `x ${label}`,
      x,
      y: bottom,
      draw: () => [line(0, 0, 0, -5), text(0, -9, label, "", "middle")],
    });
  }
  if (!instant.scene.isOnALine(instant.t)) {
    if (isOwn) step = niceStep(height / up, Math.max(height / 110, 2));
    const low = centre[1] - (height - middle[1]) / up;
    for (let i = Math.ceil(low / step); i * step < low + height / up; i++) {
      const y = rectangle.y + middle[1] - (i * step - centre[1]) * up;
      if (y < rectangle.y + 28 + top || y > bottom - 26) continue;
      const label = tickLabel(i * step, step);
      marks.push({
        key: `y ${label}`,
        x: rectangle.x,
        y,
        draw: () => [line(0, 0, 5, 0), text(9, 4, label, "", "start")],
      });
    }
  }
  const [x, y] = axisNames(scenery);
  if (x) marks.push(named(`${fit(x, 32)} →`, rectangle.x + width - 10, bottom - 26, "end"));
  if (y) marks.push(named(`↑ ${fit(y, 32)}`, rectangle.x + 10, rectangle.y + 18 + top, "start"));
  if (isOwn) {
    const middle = rectangle.x + width / 2;
    marks.push(named("each axis has its own scale", middle, rectangle.y + 18 + top, "middle"));
  }
  return marks;
}

function named(words: string, x: number, y: number, anchor: string): Mark {
  return { key: `${anchor} ${words}`, x, y, draw: () => [text(0, 0, words, "title", anchor)] };
}

/** Names stand at the two sides of the ground that face the eye, and over its upright edge. */
function spaceAxes(scenery: Scenery, top: number): Mark[] {
  const { sight } = scenery;
  const names = axisNames(scenery);
  const { radius: r, axes, box } = sight;
  const [cx, cy] = sight.centre;
  const marks: Mark[] = [];
  const boxes: Box[] = [];
  const add = (name: string | undefined, place: readonly [number, number, number], up: number): void => {
    if (!name) return;
    const [x, deep] = see(sight, ...place);
    const y = Math.max(deep, sight.rectangle.y + top + 14 + up);
    const aside = (x - (sight.rectangle.x + sight.rectangle.width / 2)) / Math.max(sight.rectangle.width, 1);
    const anchor = up ? "start" : aside > 0.03 ? "start" : aside < -0.03 ? "end" : "middle";
    const words = fit(name, 26);
    const width = words.length * LETTER;
    // The whole name stays inside the picture.
    const shift = { start: 0, middle: width / 2, end: width }[anchor];
    const { x: from, width: whole } = sight.rectangle;
    const left = Math.min(Math.max(x - shift, from + 8), from + whole - 8 - width);
    boxes.push({ left, right: left + width, top: y - up - 13, bottom: y - up + 4 });
    marks.push(named(words, left + shift, y - up, anchor));
  };
  const front = [axes[6] >= 0 ? 1 : -1, axes[7] >= 0 ? 1 : -1];
  add(names[0], [cx, cy + front[1] * r * 1.12, box.low], 0);
  add(names[1], [cx + front[0] * r * 1.12, cy, box.low], 0);
  add(names[2], [...leftCorner(sight), box.high], 8);
  if (!scenery.instant.scene.meaning(scenery.instant.t)) marks.push(scaleBar(sight, boxes));
  return marks;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A round length at the depth of the centre: in the lower corner where no name stands. */
function scaleBar(sight: Sight, names: readonly Box[]): Mark {
  const { rectangle, scale } = sight;
  const length = niceStep(rectangle.width / scale, 8);
  const y = rectangle.y + rectangle.height - 14;
  const corners = [rectangle.x + 14, rectangle.x + rectangle.width - 14 - length * scale];
  const touches = (left: number): boolean =>
    names.some(
      (box) => box.right > left - 8 && box.left < left + length * scale + 8 && box.bottom > y - 20 && box.top < y + 6,
    );
  const x = corners.find((left) => !touches(left)) ?? corners[0];
  const long = length * scale;
  const draw = (): Element[] => [
    line(0, 0, long, 0),
    line(0, -4, 0, 4),
    line(long, -4, long, 4),
    text(long / 2, -6, plain(length), "", "middle"),
  ];
  return { key: `bar ${plain(length)} ${long.toFixed(1)}`, x, y, draw };
}

export function line(x1: number, y1: number, x2: number, y2: number, kind = "tick"): SVGLineElement {
  return svg("line", { x1, y1, x2, y2, class: kind });
}

function text(x: number, y: number, words: string, kind: string, anchor: string): SVGTextElement {
  return svg("text", { x: x.toFixed(1), y: y.toFixed(1), class: kind, "text-anchor": anchor }, words);
}
