/** Numbers and names over the picture: axes of a flat view, the ground of a 3-D view, the scale. */
import { niceStep } from "../network/lattice";
import { leftCorner } from "../render/lines";
import { type Sight, see } from "../render/sight";
import type { Scenery } from "../render/stage";
import type { State } from "../state/controls";
import { fit, plain, tickLabel } from "../words";
import { svg } from "./dom";

/** Width of a letter of a run's name, and of the buttons in the corner with their margins. */
const LETTER = 7.6;
const CORNER = 82;
/** Height of a run's name and its place. */
const NAMED = 38;

export function drawOverlay(
  picture: SVGSVGElement,
  sceneries: readonly Scenery[],
  state: State,
  runNames: readonly string[],
): void {
  const shapes: Element[] = [];
  sceneries.forEach((scenery, i) => {
    const { rectangle } = scenery.sight;
    const several = sceneries.length > 1;
    if (several) {
      const room = Math.floor((rectangle.width - CORNER) / LETTER);
      shapes.push(
        line(rectangle.x + 10, rectangle.y + 14, rectangle.x + 24, rectangle.y + 14, `mark run${i}`),
        text(rectangle.x + 30, rectangle.y + 18, fit(runNames[i], room), "run", "start"),
        text(rectangle.x + 30, rectangle.y + 34, fit(placeOf(scenery.instant), room), "", "start"),
      );
      if (rectangle.x > 0) shapes.push(line(rectangle.x, 0, rectangle.x, rectangle.height));
      if (rectangle.y > 0) shapes.push(line(0, rectangle.y, rectangle.width, rectangle.y));
    }
    if (!state.axes) return;
    const top = several ? NAMED : 0;
    shapes.push(...(scenery.instant.nAxes === 2 ? flatAxes(scenery, top) : spaceAxes(scenery, top)));
  });
  picture.replaceChildren(...shapes);
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

function flatAxes(scenery: Scenery, top: number): Element[] {
  const { sight, instant } = scenery;
  const { rectangle, scale, centre, middle } = sight;
  const [width, height] = [rectangle.width, rectangle.height];
  const step = niceStep(width / scale, Math.max(width / 110, 2));
  const shapes: Element[] = [];
  const bottom = rectangle.y + height;
  const first = centre[0] - middle[0] / scale;
  for (let i = Math.ceil(first / step); i * step < first + width / scale; i++) {
    const x = rectangle.x + middle[0] + (i * step - centre[0]) * scale;
    if (x < rectangle.x + 26 || x > rectangle.x + width - 14) continue;
    shapes.push(line(x, bottom, x, bottom - 5), text(x, bottom - 9, tickLabel(i * step, step), "", "middle"));
  }
  if (!instant.scene.isOnALine(instant.t)) {
    const low = centre[1] - (height - middle[1]) / scale;
    for (let i = Math.ceil(low / step); i * step < low + height / scale; i++) {
      const y = rectangle.y + middle[1] - (i * step - centre[1]) * scale;
      if (y < rectangle.y + 28 + top || y > bottom - 26) continue;
      shapes.push(
        line(rectangle.x, y, rectangle.x + 5, y),
        text(rectangle.x + 9, y + 4, tickLabel(i * step, step), "", "start"),
      );
    }
  }
  const [x, y] = axisNames(scenery);
  if (x) shapes.push(text(rectangle.x + width - 10, bottom - 26, `${fit(x, 32)} →`, "title", "end"));
  if (y) shapes.push(text(rectangle.x + 10, rectangle.y + 18 + top, `↑ ${fit(y, 32)}`, "title", "start"));
  return shapes;
}

/** Names stand at the two sides of the ground that face the eye, and over its upright edge. */
function spaceAxes(scenery: Scenery, top: number): Element[] {
  const { sight } = scenery;
  const names = axisNames(scenery);
  const { radius: r, axes, box } = sight;
  const [cx, cy] = sight.centre;
  const shapes: Element[] = [];
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
    shapes.push(text(left + shift, y - up, words, "title", anchor));
  };
  const front = [axes[6] >= 0 ? 1 : -1, axes[7] >= 0 ? 1 : -1];
  add(names[0], [cx, cy + front[1] * r * 1.12, box.low], 0);
  add(names[1], [cx + front[0] * r * 1.12, cy, box.low], 0);
  add(names[2], [...leftCorner(sight), box.high], 8);
  shapes.push(...scaleBar(sight, boxes));
  return shapes;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A round length at the depth of the centre: in the lower corner where no name stands. */
function scaleBar(sight: Sight, names: readonly Box[]): Element[] {
  const { rectangle, scale } = sight;
  const length = niceStep(rectangle.width / scale, 8);
  const y = rectangle.y + rectangle.height - 14;
  const corners = [rectangle.x + 14, rectangle.x + rectangle.width - 14 - length * scale];
  const touches = (left: number): boolean =>
    names.some(
      (box) => box.right > left - 8 && box.left < left + length * scale + 8 && box.bottom > y - 20 && box.top < y + 6,
    );
  const x = corners.find((left) => !touches(left)) ?? corners[0];
  return [
    line(x, y, x + length * scale, y),
    line(x, y - 4, x, y + 4),
    line(x + length * scale, y - 4, x + length * scale, y + 4),
    text(x + (length * scale) / 2, y - 6, plain(length), "", "middle"),
  ];
}

export function line(x1: number, y1: number, x2: number, y2: number, kind = "tick"): SVGLineElement {
  return svg("line", { x1, y1, x2, y2, class: kind });
}

function text(x: number, y: number, words: string, kind: string, anchor: string): SVGTextElement {
  return svg("text", { x: x.toFixed(1), y: y.toFixed(1), class: kind, "text-anchor": anchor }, words);
}
