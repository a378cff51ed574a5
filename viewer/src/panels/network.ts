/** The network as a picture: units as dots, weights as lines, the current map lit. */
import { unitOf } from "../model/colouring";
import { h, svg, write } from "./dom";
import type { Host, Now, Panel } from "./panel";
import { fit } from "./text";
import type { Moment } from "../network/moment";
import type { Run } from "../scene/run";

/** Units drawn of one layer; of a wider one some are left out. */
const MOST = 14;
const WIDTH = 260;
/** Of one network alone, and of each of several. */
const HEIGHT = 150;
const SHARED_HEIGHT = 112;

interface Column {
  /** The representation after the layer's activation. */
  readonly k: number;
  /** The affine map that leads here; −1 for the input. */
  readonly map: number;
  readonly units: readonly number[];
  readonly x: number;
  /** Of the whole picture. */
  readonly height: number;
}

/** One picture a run, under its name where there are several. */
export function networkPanel(host: Host): Panel | null {
  const { runs } = host.scene;
  if (!runs.some((run) => run.length)) return null;
  const hint = h("div", { class: "note" });
  const tell = (text: string | null): void => write(hint, text ?? advice());
  tell(null);
  const several = runs.length > 1;
  const pictures = runs.map((run, i) => (run.length ? networkPicture(host, i, several ? SHARED_HEIGHT : HEIGHT, tell) : null));
  const element = h("section", { class: "panel first", "aria-label": "Network" }, h("h2", {}, several ? "Networks" : "Network"));
  runs.forEach((run, i) => {
    if (several) element.append(h("div", { class: `run-name run${i}`, title: fit(run.header.name, 200) }, h("i"), h("span", {}, fit(run.header.name, 60))));
    if (pictures[i]) element.append(pictures[i].element);
  });
  element.append(hint);
  return {
    element,
    update: (now) => pictures.forEach((picture) => picture?.update(now)),
  };
}

function advice(): string {
  return matchMedia("(hover: none)").matches
    ? "Tap a unit to colour by it; tap two to make them the axes."
    : "Hover a unit to colour by it; click two to make them the axes.";
}

interface Picture {
  readonly element: SVGSVGElement;
  update(now: Now): void;
}

function networkPicture(host: Host, index: number, height: number, tell: (text: string | null) => void): Picture {
  const { store } = host;
  const run = host.scene.runs[index];
  const columns = columnsOf(run, height);
  const label = host.scene.runs.length > 1 ? `Network ${index + 1}: ${fit(run.header.name, 80)}` : "Network";
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "group", "aria-label": label, class: "network" });
  const weights = svg("g", { "aria-hidden": "true" });
  const dots = svg("g");
  picture.append(weights, dots);
  let before: string | null = null;
  let picked: { k: number; units: number[] } = { k: -1, units: [] };
  const lines: { element: SVGLineElement; map: number; from: number; to: number }[] = [];
  const circles: { element: SVGCircleElement; k: number; unit: number; map: number }[] = [];

  const light = (k: number, unit: number): void => {
    before ??= store.state.colour;
    store.set({ colour: `unit:${k}:${unit}` });
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
      host.change({ projection: "units", units: picked.units });
      host.say(`Axes: ${picked.units.map((u) => fit(run.unitName(k, u), 16)).join(", ")}`);
    }
  };
  columns.forEach((column, i) => {
    const previous = columns[i - 1];
    for (const to of column.units) {
      for (const from of previous?.units ?? []) {
        const line = svg("line", {
          x1: previous.x, y1: unitY(previous, from), x2: column.x, y2: unitY(column, to),
        });
        weights.append(line);
        lines.push({ element: line, map: column.map, from, to });
      }
    }
    for (const unit of column.units) {
      const name = `${run.header.representations[column.k].name}, ${run.unitName(column.k, unit)}`;
      const circle = svg("circle", {
        cx: column.x, cy: unitY(column, unit), r: radius(column), tabindex: 0, role: "button", "aria-label": fit(name, 80),
        onpointerenter: () => light(column.k, unit), onpointerleave: unlight,
        // The hand does not leave the focus here: the space bar goes on to play.
        onpointerdown: (event: PointerEvent) => event.preventDefault(),
        onfocus: () => light(column.k, unit), onblur: unlight,
        onclick: () => pick(column.k, unit),
        onkeydown: (event: KeyboardEvent) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          event.stopPropagation();
          pick(column.k, unit);
        },
      });
      dots.append(circle);
      circles.push({ element: circle, k: column.k, unit, map: column.map });
    }
    const missing = run.nUnits(column.k) - column.units.length;
    if (missing > 0) dots.append(svg("text", { x: column.x, y: height - 2, "text-anchor": "middle" }, `+${missing}`));
  });
  let shown: Moment | undefined;
  return {
    element: picture,
    update({ state, instants }: Now): void {
      const instant = instants[index];
      const { moment } = instant.view;
      const { t } = instant;
      if (shown !== moment) drawWeights(moment, lines);
      shown = moment;
      const map = Number.isInteger(t) ? -1 : Math.floor(t);
      for (const line of lines) line.element.classList.toggle("lit", line.map === map);
      const coloured = unitOf(state.colour);
      const axes = new Set(state.units);
      for (const { element: circle, k, unit, map: into } of circles) {
        const here = Number.isInteger(t) ? t === k || (t === into + 1 && into >= 0) : map > into && map < k;
        circle.classList.toggle("lit", here);
        circle.classList.toggle("coloured", coloured?.unit === unit && coloured.k === k);
        circle.classList.toggle("axis", axes.has(unit) && run.nUnits(k) > instant.nAxes);
      }
    },
  };
}

/** One column for the input and one for each affine map, with its activation. */
function columnsOf(run: Run, height: number): Column[] {
  const { maps } = run.header;
  const ends: { k: number; map: number }[] = [{ k: 0, map: -1 }];
  maps.forEach((map, k) => {
    if (map.kind === "activation" && ends.length) ends[ends.length - 1] = { ...ends[ends.length - 1], k: k + 1 };
    else if (map.kind === "affine" || map.n_in !== map.n_out) ends.push({ k: k + 1, map: k });
  });
  const step = (WIDTH - 24) / Math.max(ends.length - 1, 1);
  return ends.map(({ k, map }, i) => ({ k, map, units: spread(run.nUnits(k)), x: 12 + i * step, height }));
}

function spread(n: number): number[] {
  if (n <= MOST) return Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: MOST - 1 }, (_, i) => Math.round((i * (n - 1)) / (MOST - 2)));
}

function unitY({ units, height }: Column, unit: number): number {
  const n = units.length;
  const gap = Math.min((height - 24) / Math.max(n - 1, 1), 24);
  return height / 2 - 4 + (units.indexOf(unit) - (n - 1) / 2) * gap;
}

function radius({ units, height }: Column): number {
  return Math.min(6, Math.max(3, (0.4 * height) / units.length));
}

type Line = { element: SVGLineElement; map: number; from: number; to: number };

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
    const share = weight === null ? 0.2 : Math.abs(weight) / Math.max(largest.get(line.map)!, 1e-12);
    line.element.setAttribute("stroke-width", (0.3 + 2.6 * share).toFixed(2));
    line.element.setAttribute("class", weight === null ? "unknown" : weight < 0 ? "negative" : "positive");
  }
}
