/** The network as a picture: units as dots, weights as lines, the current map lit. */
import { range } from "../math/matrix";
import { unitIn } from "../model/colouring";
import type { Scene } from "../motion/scene";
import type { Moment } from "../network/moment";
import type { Run } from "../page_file/page_file";
import { fit, grouped, plain } from "../words";
import { h, svg, write } from "./dom";
import type { Host, Now, Panel } from "./panel";
import { drawUnits, hasMaps, isDead, unitImage } from "./unit_maps";
import { weightHandles } from "./weight_handles";

const WIDTH = 260;
/** Of one network alone, and of each of several. */
const HEIGHT = 150;
const SHARED_HEIGHT = 112;

/** Width of a letter of a map's name over its arrow, and half of a box that stands for units. */
const LETTER = 4.6;
const BOX = 9;
/** Between columns further apart than this there is room for what a number counts. */
const NAMED = 56;

/** A column in its place. */
interface Placed extends Column {
  readonly x: number;
  /** Of the whole picture. */
  readonly height: number;
  /** Of its units, at most. */
  readonly most: number;
}

/** One picture a run, under its name where there are several. */
export function networkPanel(host: Host): Panel | null {
  const { runs } = host.file;
  if (!runs.some((run) => run.length)) return null;
  const hint = h("div", { class: "note" });
  let rest = "";
  const tell = (text: string | null): void => {
    told = text;
    write(hint, text ?? (rest || advice(host.studio() !== null)));
  };
  let told: string | null = null;
  /** What is said while no hand is there. */
  const idle = (text: string): void => {
    rest = text;
    tell(told);
  };
  tell(null);
  const several = runs.length > 1;
  const pictures = runs.map((run, i) =>
    run.length ? networkPicture(host, i, several ? SHARED_HEIGHT : HEIGHT, tell, idle) : null,
  );
  const element = h(
    "section",
    { class: "panel first", "aria-label": "Network" },
    h("h2", {}, several ? "Networks" : "Network"),
  );
  runs.forEach((run, i) => {
    if (several)
      element.append(
        h(
          "div",
          { class: `run-name run${i}`, title: fit(run.header.name, 200) },
          h("i"),
          h("span", { dir: "auto" }, fit(run.header.name, 60)),
        ),
      );
    if (pictures[i]) element.append(pictures[i].element);
  });
  element.append(hint);
  const handles = host.canTrain ? pictures[0]?.handles : null;
  if (handles) element.append(handles);
  return {
    element,
    update: (now) => pictures.forEach((picture) => picture?.update(now)),
  };
}

function advice(isTraining: boolean): string {
  const isTouch = matchMedia("(hover: none)").matches;
  if (!isTraining)
    return `${isTouch ? "Tap" : "Hover"} a unit to colour by it; ${isTouch ? "tap" : "click"} two to make them the axes.`;
  return isTouch
    ? "Tap a unit to colour by it, two for the axes; tap a line, then drag it or type its weight."
    : "Hover a unit to colour by it, click two for the axes; drag a line to change its weight.";
}

interface Picture {
  readonly element: SVGSVGElement;
  /** What is typed of a weight. */
  readonly handles: HTMLElement;
  update(now: Now): void;
}

function networkPicture(
  host: Host,
  index: number,
  height: number,
  tell: (text: string | null) => void,
  idle: (text: string) => void,
): Picture {
  const { store } = host;
  const run = host.file.runs[index];
  const label = host.file.runs.length > 1 ? `Network ${index + 1}: ${fit(run.header.name, 80)}` : "Network";
  const picture = svg("svg", {
    viewBox: `0 0 ${WIDTH} ${height}`,
    role: "group",
    "aria-label": label,
    class: "network",
  });
  const weights = svg("g", { "aria-hidden": "true" });
  const dots = svg("g");
  const maps = svg("g", { "aria-hidden": "true" });
  picture.append(weights, maps, dots);
  // Units of a network on a plane have room for what they respond to.
  const isMapped = hasMaps(run);
  let before: string | null = null;
  let picked: { k: number; units: number[] } = { k: -1, units: [] };
  let columns: Placed[] = [];
  let lines: { element: SVGLineElement; map: number; from: number; to: number }[] = [];
  let arrows: { element: SVGGElement; from: number; to: number }[] = [];
  let circles: {
    element: SVGCircleElement;
    k: number;
    unit: number;
    map: number;
    image: SVGImageElement | null;
  }[] = [];

  const light = (k: number, unit: number): void => {
    before ??= store.state.colour;
    store.set({ colour: `unit:${k}:${unit}${host.file.runs.length > 1 ? `:${index}` : ""}` });
    tell(`${fit(run.header.representations[k].name, 26)}, ${fit(run.unitName(k, unit), 22)}`);
  };
  const unlight = (): void => {
    if (before !== null) store.set({ colour: before });
    before = null;
    tell(null);
  };
  const pick = (k: number, unit: number): void => {
    const n = store.state.view === "3d" ? 3 : 2;
    const units = picked.k === k ? picked.units.filter((u) => u !== unit) : [];
    picked = { k, units: picked.k === k && picked.units.includes(unit) ? units : [...units, unit].slice(-n) };
    // A unit that was clicked keeps its colours; a finger has left it before its click comes.
    light(k, unit);
    before = null;
    if (picked.units.length === n && run.nUnits(k) > n) {
      host.change({ units: picked.units, unitsOf: k, unitsRun: index });
      host.say(`Axes: ${picked.units.map((u) => fit(run.unitName(k, u), 16)).join(", ")}`);
    }
  };
  const place = (column: Placed, previous: Placed | null, step: number): void => {
    if (previous && column.join === "arrow") {
      const element = arrow(run, previous, column);
      weights.append(element);
      arrows.push({
        element,
        from: previous.elided ? previous.map : column.map,
        to: column.elided ? column.k : column.map + 1,
      });
    }
    if (!column.units.length) weights.append(box(run, column, step));
    for (const to of previous && column.join === "weights" ? column.units : []) {
      for (const from of previous!.units) {
        const line = svg("line", {
          x1: previous!.x,
          y1: unitY(previous!, from),
          x2: column.x,
          y2: unitY(column, to),
        });
        weights.append(line);
        lines.push({ element: line, map: column.map, from, to });
      }
    }
    for (const unit of column.units) {
      const name = `${run.header.representations[column.k].name}, ${run.unitName(column.k, unit)}`;
      const isNew = run.header.fresh?.[column.k]?.includes(unit);
      const circle = svg("circle", {
        class: isNew ? "fresh" : "",
        cx: column.x,
        cy: unitY(column, unit),
        r: radius(column),
        tabindex: 0,
        role: "button",
        "aria-label": fit(name, 80) + (isNew ? ", new" : ""),
        onpointerenter: () => light(column.k, unit),
        onpointerleave: unlight,
        // The hand does not leave the focus here: the space bar goes on to play.
        onpointerdown: (event: PointerEvent) => event.preventDefault(),
        onfocus: () => light(column.k, unit),
        onblur: unlight,
        onclick: () => pick(column.k, unit),
        onkeydown: (event: KeyboardEvent) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          event.stopPropagation();
          pick(column.k, unit);
        },
      });
      dots.append(circle);
      const image = isMapped ? unitImage(column.x, unitY(column, unit), radius(column)) : null;
      if (image) maps.append(image);
      circles.push({ element: circle, k: column.k, unit, map: column.map, image });
    }
    const missing = run.nUnits(column.k) - column.units.length;
    if (missing > 0 && column.units.length)
      dots.append(svg("text", { x: column.x, y: height - 2, "text-anchor": "middle" }, `+${missing}`));
  };
  const all = columnsOf(run);
  /** Of a deep network not all layers have room: the one that is shown always has. */
  const layOut = (t: number): boolean => {
    const now = all.findIndex(({ k }) => k >= t);
    const { k } = all[now];
    if (columns.some((column) => column.k === k && !column.elided)) return false;
    const drawn = elide(all, columns.length ? now : 0);
    const step = (WIDTH - 24) / Math.max(drawn.length - 1, 1);
    columns = drawn.map((column, i): Placed => ({ ...column, x: 12 + i * step, height, most: isMapped ? 10 : 6 }));
    [lines, arrows, circles] = [[], [], []];
    weights.replaceChildren();
    dots.replaceChildren();
    maps.replaceChildren();
    columns.forEach((column, i) => place(column, columns[i - 1] ?? null, step));
    return true;
  };
  layOut(0);
  // What is near the hand is a weight, where it is no unit.
  const nearest = (event: { clientX: number; clientY: number }): Line | null =>
    nearestLine(picture, lines, event, matchMedia("(pointer: coarse)").matches ? 3 * NEAR : NEAR);
  const handles = weightHandles(host, { picture, weights, lines: () => lines, circles: () => circles, nearest });
  picture.addEventListener("pointermove", (event) => {
    if (event.target instanceof SVGCircleElement || !shown) return;
    const line = nearest(event);
    const map = line && shown.map(line.map);
    if (!line || map?.kind !== "affine") {
      tell(null);
      return;
    }
    const [from, to] = [line.map, line.map + 1].map((k, i) => fit(run.unitName(k, i ? line.to : line.from), 22));
    tell(`Weight from ${from} to ${to}: ${plain(map.weight.data[line.from * map.weight.columns + line.to])}`);
  });
  picture.addEventListener("pointerleave", () => tell(null));
  let shown: Moment | undefined;
  let mapped: unknown[] = [];
  let mappedAt = 0;
  const drawMaps = (moment: Moment): void => {
    const theme = host.theme();
    const time = performance.now();
    const key = [moment, theme, columns];
    if (key.every((value, i) => value === mapped[i]) || (host.player.playing && time - mappedAt < MAPS_PACE)) return;
    [mapped, mappedAt] = [key, time];
    if (isMapped) drawUnits(run, moment, circles, theme);
    const dead = circles.filter(({ k, unit }) => isDead(moment, k, unit));
    for (const each of circles) each.element.classList.toggle("dead", dead.includes(each));
    const names = dead.map(
      ({ k, unit }) => `${run.unitName(k, unit)} of ${fit(run.header.representations[k].name, 22)}`,
    );
    idle(names.length ? `Dead, the same for every point: ${names.join(", ")}.` : "");
  };
  return {
    element: picture,
    handles: handles.element,
    update({ state, instants }: Now): void {
      const instant = instants[index];
      const { moment } = instant.scene;
      const { t } = instant;
      if (layOut(t) || shown !== moment) drawWeights(moment, lines);
      shown = moment;
      drawMaps(moment);
      const map = Number.isInteger(t) ? -1 : Math.floor(t);
      for (const line of lines) line.element.classList.toggle("lit", line.map === map);
      for (const { element, from, to } of arrows) element.classList.toggle("lit", map >= from && map < to);
      const coloured = unitIn(state.colour, run);
      const axes = new Map(columns.map(({ k }) => [k, axesOf(instant.scene, k)]));
      for (const { element: circle, k, unit, map: into } of circles) {
        const here = Number.isInteger(t) ? t === k || (t === into + 1 && into >= 0) : map > into && map < k;
        circle.classList.toggle("lit", here);
        circle.classList.toggle("coloured", coloured?.unit === unit && coloured.k === k);
        circle.classList.toggle("axis", axes.get(k)!.includes(unit));
      }
      if (host.canTrain) handles.update(moment);
    },
  };
}

/** The units that are the axes of a representation which has more of them; none in other views. */
function axesOf(scene: Scene, k: number): number[] {
  const { projection, units, unitsOf } = scene.options;
  const isOwn = units && (!unitsOf || unitsOf.includes(k));
  if (!(isOwn || projection === "units") || scene.moment.run.nUnits(k) <= scene.nAxes) return [];
  const { rows, columns, data } = scene.projection(k).frame;
  return range(0, columns).flatMap((axis) => range(0, rows).filter((unit) => data[unit * columns + axis] === 1));
}

/** A map whose weights the page does not have, or layers that are left out. */
function arrow(run: Run, before: Placed, after: Placed): SVGGElement {
  const [from, to] = [before.x + edge(before), after.x - edge(after)];
  const y = before.height / 2 - 4;
  const name = before.elided || after.elided ? "" : run.header.maps[after.map].name;
  const x = (from + to) / 2;
  // Across where it fits, else upright, above the arrow.
  const isAcross = name.length * LETTER < to - from;
  const place = isAcross
    ? { x, y: y - 6, "text-anchor": "middle" }
    : { transform: `translate(${x + 3} ${y - 6}) rotate(-90)` };
  const words = name ? svg("text", place, fit(name, isAcross ? 40 : Math.floor((y - 8) / LETTER))) : null;
  const path = `M${from} ${y}H${to}m-4 -3l4 3l-4 3`;
  return svg(
    "g",
    { class: "arrow" },
    svg("title", {}, name ? fit(name, 80) : "layers that are left out here"),
    svg("path", { d: path }),
    words,
  );
}

/** Units that are not drawn one by one, or layers that are not drawn at all. */
function box(run: Run, column: Placed, room: number): SVGGElement {
  const { x, k, elided, height } = column;
  const middle = height / 2 - 4;
  const [count, what] = elided
    ? [`+${elided}`, elided === 1 ? "layer" : "layers"]
    : [grouped(run.wholeUnits(k)), "units"];
  const words = room > NAMED ? `${count} ${what}` : count;
  const shape = elided
    ? svg("text", { x, y: middle + 3, "text-anchor": "middle" }, "…")
    : svg("rect", { x: x - BOX, y: 16, width: 2 * BOX, height: height - 40, rx: 3 });
  return svg(
    "g",
    { class: "box" },
    shape,
    svg("title", {}, `${count} ${what}`),
    svg("text", { x: Math.min(Math.max(x, 18), WIDTH - 18), y: height - 2, "text-anchor": "middle" }, words),
  );
}

/** From the middle of a column to where an arrow begins or ends. */
function edge(column: Placed): number {
  return (column.units.length ? radius(column) : column.elided ? 6 : BOX) + 3;
}

function unitY({ units, height }: Placed, unit: number): number {
  const n = units.length;
  const gap = Math.min((height - 24) / Math.max(n - 1, 1), 24);
  return height / 2 - 4 + (units.indexOf(unit) - (n - 1) / 2) * gap;
}

function radius({ units, height, most }: Placed): number {
  return Math.min(most, Math.max(3, (0.4 * height) / units.length));
}

interface Line {
  element: SVGLineElement;
  map: number;
  from: number;
  to: number;
}

/** Of the picture: how near a hand must come to a line. */
const NEAR = 4;
/** Milliseconds between two drawings of the units while something plays. */
const MAPS_PACE = 300;

function nearestLine(
  picture: SVGSVGElement,
  lines: readonly Line[],
  event: { clientX: number; clientY: number },
  near: number,
): Line | null {
  const box = picture.getBoundingClientRect();
  const scale = Math.max(picture.viewBox.baseVal.width / box.width, picture.viewBox.baseVal.height / box.height);
  const x = (event.clientX - (box.left + box.right) / 2) * scale + picture.viewBox.baseVal.width / 2;
  const y = (event.clientY - (box.top + box.bottom) / 2) * scale + picture.viewBox.baseVal.height / 2;
  let [best, least]: [Line | null, number] = [null, near];
  for (const line of lines) {
    if (line.element.hasAttribute("hidden")) continue;
    const [x1, y1, x2, y2] = ["x1", "y1", "x2", "y2"].map((name) => Number(line.element.getAttribute(name)));
    if (x < x1 || x > x2) continue;
    const away = Math.abs(y - y1 - ((y2 - y1) * (x - x1)) / (x2 - x1)) / Math.hypot(1, (y2 - y1) / (x2 - x1));
    if (away < least) [best, least] = [line, away];
  }
  return best;
}

/** Width by size against the largest of the layer, colour by sign. */
function drawWeights(moment: Moment, lines: readonly Line[]): void {
  const largest = new Map<number, number>();
  const weightOf = ({ map, from, to }: Line): number | null => {
    const at = moment.map(map);
    return at.kind === "affine" ? at.weight.data[from * at.weight.columns + to] : null;
  };
  for (const line of lines) largest.set(line.map, Math.max(largest.get(line.map) ?? 0, Math.abs(weightOf(line) ?? 0)));
  for (const line of lines) {
    const weight = weightOf(line);
    const share = Math.abs(weight ?? 0) / Math.max(largest.get(line.map)!, 1e-12);
    line.element.setAttribute("stroke-width", (0.3 + 2.6 * share).toFixed(2));
    line.element.setAttribute("class", (weight ?? 0) < 0 ? "negative" : "positive");
    // What is 0 joins nothing: a scaler or a batch normalisation has one line a unit.
    line.element.toggleAttribute("hidden", !weight);
  }
}

/** Units drawn of one layer, and layers drawn of one network; of larger ones some are left out. */
const MOST_UNITS = 14;
const MOST_COLUMNS = 8;

/** One layer, with the activations that follow it. */
export interface Column {
  /** The representation that the layer hands on. */
  readonly k: number;
  /** The map that leads here; −1 for the input. */
  readonly map: number;
  /** Those drawn; empty where the page does not carry units, or for layers that are left out. */
  readonly units: readonly number[];
  /** So many layers are left out here; 0 for a layer itself. */
  readonly elided: number;
  /** What joins it to the column before: each weight, or only that something does. */
  readonly join: "weights" | "arrow";
}

/** Every layer, and what joins them. */
export function columnsOf(run: Run): Column[] {
  const { maps } = run.header;
  const columns: Column[] = [column(run, 0, -1)];
  maps.forEach(({ kind }, k) => {
    const last = columns.length - 1;
    if (kind === "activation" || kind === "softmax") columns[last] = column(run, k + 1, columns[last].map);
    else columns.push(column(run, k + 1, k));
  });
  return columns;
}

function column(run: Run, k: number, map: number): Column {
  const { representations, maps } = run.header;
  const isWhole = (at: number): boolean => !representations[at].reduced;
  const isKnown = map >= 0 && maps[map].kind === "affine" && isWhole(map) && isWhole(map + 1);
  return { k, map, units: isWhole(k) ? spread(run.nUnits(k)) : [], elided: 0, join: isKnown ? "weights" : "arrow" };
}

/** The ends, and the layers around one of them, with a place for those that are left out. */
export function elide(columns: readonly Column[], around: number): Column[] {
  const n = columns.length;
  if (n <= MOST_COLUMNS) return [...columns];
  const room = MOST_COLUMNS - 4;
  const first = Math.min(Math.max(around - Math.floor(room / 2), 0), n - room);
  // Near an end there is one gap; its place goes to a layer more.
  const from = first <= 2 ? 0 : first;
  const to = first + room >= n - 2 ? n : first + room;
  const wide = from === 0 ? Math.max(to, MOST_COLUMNS - 2) : to;
  const start = to === n ? Math.min(from, n - MOST_COLUMNS + 2) : from;
  const shown = range(0, n).filter((i) => i === 0 || i === n - 1 || (i >= start && i < wide));
  return shown.flatMap((i, at) => {
    const before = at ? shown[at - 1] : i - 1;
    if (before === i - 1) return [columns[i]];
    const gap = {
      ...columns[before + 1],
      k: columns[i - 1].k,
      units: [],
      elided: i - before - 1,
      join: "arrow",
    } as const;
    return [gap, { ...columns[i], join: "arrow" } as const];
  });
}

function spread(n: number): number[] {
  if (n <= MOST_UNITS) return Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: MOST_UNITS - 1 }, (_, i) => Math.round((i * (n - 1)) / (MOST_UNITS - 2)));
}
