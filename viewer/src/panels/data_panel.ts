/** What is learnt from: a picture of each data set, how many points, how noisy, how many of them held out. */
import { generate, generators, type Parameter } from "../datasets/generators";
import { type DataSpec, DEFAULTS, formatSpec, MOST_HELD, numberOf, parseSpec } from "../datasets/spec";
import { coloursOf, heldOut, type Table, tableOf } from "../datasets/table";
import { shuffled } from "../math/random";
import { areUnequal } from "../network/lattice";
import { css, onTheme, ramp, rgb, type Theme } from "../theme/colours";
import { fit, grouped, percent, plain } from "../words";
import { choice, field, set } from "./choices";
import { h, write } from "./dom";
import { ownData } from "./own_data";
import type { Host, Now, Panel } from "./panel";

const COUNTS = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
/** Points of a thumbnail, and its side in pixels of the page. */
const [FEW, SIDE] = [260, 46];
const PARAMETERS: Readonly<Record<string, { title: string; high?: number; step: number }>> = {
  noise: { title: "Noise", high: 1, step: 0.01 },
  factor: { title: "Inner", step: 0.01 },
  turns: { title: "Turns", high: 3, step: 0.1 },
  arms: { title: "Arms", high: 6, step: 1 },
  classes: { title: "Classes", high: 8, step: 1 },
};

export function dataPanel(host: Host): Panel {
  const { store, run, sources } = host;
  const spec = parseSpec(store.state.data) ?? { name: "own", values: {}, points: "" };
  const go = (next: DataSpec): void => {
    const data = formatSpec(next);
    const { start, network } = store.state;
    // The file's own network on its own data has a start of its own.
    store.set({ data, trained: "", start: data || network ? Math.max(start, 1) : 0 });
  };
  const put = (key: string, value: number): void => go({ ...spec, values: { ...spec.values, [key]: value } });
  const entries: Entry[] = [
    ...sources.own.map((table, index) => ({
      name: "own",
      index,
      title: table.title,
      draw: (): Table => table,
    })),
    ...sources.dropped.map((table, index) => ({
      name: "dropped",
      index,
      title: table.title,
      draw: (): Table => table,
    })),
    ...Object.entries(generators).map(([name, { title }]) => ({
      name,
      index: 0,
      title,
      draw: (): Table => sample(host, name),
    })),
  ];
  const table = tableOf(spec, run, sources);
  if (spec.name === "drawn" && table) entries.push({ name: "drawn", index: 0, title: "Drawn", draw: () => table });
  const own = ownData(host);
  let isAttached = false;
  const pictures = entries.map((entry) => thumbnail(entry, () => entry.name !== "drawn" && go(chosen(entry, spec))));
  const controls = table ? controlsOf(spec, table, put, go) : [];
  const note = h("div", { class: "note" });
  const element = h(
    "section",
    { class: "panel first data", "aria-label": "Data" },
    h("h2", {}, "Data"),
    h("div", { class: "thumbnails", role: "group", "aria-label": "Data sets" }, ...pictures.map((p) => p.element)),
    own.element,
    ...controls,
    note,
  );
  let shown: Theme | null = null;
  return {
    element,
    update(_: Now): void {
      const studio = host.studio();
      element.hidden = !studio;
      if (!studio) return;
      if (!isAttached) own.attach();
      isAttached = true;
      const theme = host.theme();
      if (shown !== theme) for (const picture of pictures) picture.draw(theme);
      shown = theme;
      pictures.forEach(({ element: button }, i) => {
        const { name, index } = entries[i];
        const isHere = name === spec.name && index === (spec.values.index ?? 0);
        button.setAttribute("aria-pressed", String(isHere));
      });
      write(note, noteOf(studio.nTraining, studio.nHeldOut, spec, table));
    },
  };
}

interface Entry {
  readonly name: string;
  readonly index: number;
  readonly title: string;
  readonly draw: () => Table;
}

/** Points, seed and share held out are carried over to the next data set; what is its own is as usual. */
function chosen({ name, index }: Entry, { values }: DataSpec): DataSpec {
  const isMade = Object.hasOwn(generators, name);
  const { n, seed, held } = values;
  const kept = isMade ? { n, seed, held } : { index };
  const known = Object.entries(kept).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return { name, values: Object.fromEntries(known), points: "" };
}

function noteOf(nTraining: number, nHeldOut: number, spec: DataSpec, table: Table | null): string {
  const isMade = Object.hasOwn(generators, spec.name);
  const parts = [
    nHeldOut
      ? `Learns from ${grouped(nTraining)} points, ${grouped(nHeldOut)} are held out.`
      : `Learns from all ${grouped(nTraining)} points.`,
    table?.best && `Best possible ${percent(table.best, 1)}.`,
    table && !isMade && ownScaleNote(table),
    isMade && `Seed ${numberOf(spec, "seed")}.`,
  ];
  return parts.filter(Boolean).join(" ");
}

function controlsOf(
  spec: DataSpec,
  table: Table,
  put: (key: string, value: number) => void,
  go: (spec: DataSpec) => void,
): HTMLElement[] {
  const n = table.labels.length;
  let held = 0;
  for (const one of heldOut(spec, table) ?? []) held += one / n;
  const isMade = Object.hasOwn(generators, spec.name);
  const counts = choice(
    "Points",
    COUNTS.map((count) => [String(count), grouped(count)]),
    (value) => put("n", Number(value)),
  );
  set(counts, String(n), grouped(n));
  const own = Object.entries(generators[spec.name]?.parameters ?? {}).map(([key, limits]) =>
    ownControl(key, limits, numberOf(spec, key), (value) => put(key, value)),
  );
  const seed = numberOf(spec, "seed");
  const other = (): void => go({ ...spec, values: { ...spec.values, seed: (seed + 1) % 1_000_000 } });
  return [
    isMade && field("Points", counts),
    ...own,
    slider("Held out", { low: 0, high: MOST_HELD, step: 0.05, value: held }, percent, (share) => put("held", share)),
    h(
      "div",
      { class: "steps" },
      isMade && h("button", { type: "button", "aria-label": "New points", onclick: other }, "New points"),
      !isMade &&
        h("button", { type: "button", "aria-label": "Hold out other rows", onclick: other }, "Hold out other rows"),
    ),
  ].filter((control) => control !== false);
}

function ownControl(key: string, limits: Parameter, value: number, apply: (value: number) => void): HTMLElement {
  const { title, high = limits.high, step } = PARAMETERS[key] ?? { title: key, step: 0.01 };
  return slider(title, { low: limits.low, high: Math.max(high, value), step, value }, plain, apply);
}

interface Range {
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly value: number;
}

/** Applies when it is let go: each change is another data set. */
function slider(
  title: string,
  { low, high, step, value }: Range,
  text: (value: number) => string,
  apply: (value: number) => void,
): HTMLElement {
  const output = h("output", {}, text(value));
  const show = (): void => {
    write(output, text(Number(input.value)));
    input.setAttribute("aria-valuetext", text(Number(input.value)));
  };
  const input = h("input", {
    type: "range",
    min: low,
    max: high,
    step,
    value,
    "aria-label": title,
    oninput: show,
    onchange: () => apply(Number(input.value)),
  });
  input.value = String(value);
  input.setAttribute("aria-valuetext", text(value));
  return h("label", { class: "field" }, h("span", {}, title), h("div", { class: "with-number" }, input, output));
}

/** A few points of a data set as it usually is. */
function sample(host: Host, name: string): Table {
  const points = generate(name, FEW, DEFAULTS.seed);
  return { ...points, title: "", labels: points.y, colours: coloursOf(host.run, points.classNames.length), best: null };
}

interface Thumbnail {
  readonly element: HTMLElement;
  draw(theme: Theme): void;
}

function thumbnail({ title, draw }: Entry, press: () => void): Thumbnail {
  const canvas = h("canvas", { width: 2 * SIDE, height: 2 * SIDE, "aria-hidden": "true" });
  const element = h(
    "button",
    { type: "button", "aria-label": `Data: ${fit(title, 60)}`, title: fit(title, 60), onclick: press },
    canvas,
    h("span", { dir: "auto" }, fit(title, 40)),
  );
  let table: Table | null = null;
  return {
    element,
    draw(theme) {
      table ??= draw();
      drawPoints(canvas, table, theme);
    },
  };
}

type Spot = readonly [x: number, y: number, row: number];

/** Three features are seen from aslant; of more than three, the two in which the classes differ most. */
function spotsOf(table: Table): Spot[] {
  const { x, featureNames } = table;
  const d = featureNames.length;
  const rows = someRows(table);
  const spans = d === 3 ? spansOf(table, rows) : [];
  const isOwn = areUnequal(spans);
  const [first, second] = d > 3 ? tellingFeatures(table, rows) : [0, 1];
  return rows.map((i) => {
    const row = x.subarray(i * d, (i + 1) * d);
    if (d === 3) {
      const [a, b, c] = row.map((value, j) => (isOwn ? value / spans[j] : value));
      return [a - 0.45 * b, c - 0.3 * b, i];
    }
    return [row[first], d > 1 ? row[second] : 0, i];
  });
}

/** Of features that differ too much for one scale: which is the widest. */
function ownScaleNote(table: Table): string {
  const { featureNames: names } = table;
  const spans = spansOf(table, someRows(table));
  if (!areUnequal(spans)) return "";
  const [wide, narrow] = [Math.max(...spans), Math.min(...spans)];
  // Three axes and more are drawn to one scale.
  const where = names.length > 2 ? " in the small picture, and from the scaled input on" : "";
  const [most, least] = [wide, narrow].map((span) => fit(names[spans.indexOf(span)], 20));
  return `${most} is ${plain(Number((wide / narrow).toPrecision(1)))} times as wide as ${least}: each has its own scale${where}.`;
}

/** At random: the classes of a file may come in turns. */
const someRows = ({ labels }: Table): number[] => [...shuffled(labels.length, 1).subarray(0, FEW)];

/** Widths of features; 1 of one that is constant. */
function spansOf({ x, featureNames }: Table, rows: readonly number[]): number[] {
  const d = featureNames.length;
  return featureNames.map((_, j) => {
    const values = rows.map((row) => x[row * d + j]);
    return Math.max(...values) - Math.min(...values) || 1;
  });
}

/** Features by the spread of their classes' means, as a share of their own. */
function tellingFeatures({ x, labels, featureNames, classNames }: Table, rows: readonly number[]): number[] {
  const d = featureNames.length;
  const spread = (values: readonly number[]): number => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  };
  const groups = classNames.map((_, c) => rows.filter((row) => labels[row] === c)).filter((group) => group.length);
  const shares = featureNames.map((_, j) => {
    const meanOf = (group: readonly number[]): number =>
      group.reduce((sum, row) => sum + x[row * d + j], 0) / group.length;
    const own = spread(rows.map((row) => x[row * d + j]));
    return own > 0 ? (groups.length > 1 ? spread(groups.map(meanOf)) / own : 1) : 0;
  });
  return Array.from(shares.keys()).sort((a, b) => shares[b] - shares[a]);
}

function drawPoints(canvas: HTMLCanvasElement, table: Table, theme: Theme): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { labels, classNames, colours } = table;
  const spots = spotsOf(table);
  const ends = [0, 1].map((axis) => {
    const values = spots.map((spot) => spot[axis]);
    return [Math.min(...values), Math.max(...values)];
  });
  const spans = ends.map(([low, high]) => high - low || 1);
  // One scale where the features are alike, one each where they are not.
  const isAlike = Math.max(...spans) < 4 * Math.min(...spans);
  const { width, height } = canvas;
  const radius = 1.9;
  const along = (value: number, axis: 0 | 1): number => {
    const span = isAlike ? Math.max(...spans) : spans[axis];
    return (value - (ends[axis][0] + ends[axis][1]) / 2) / span + 0.5;
  };
  context.clearRect(0, 0, width, height);
  const room = width - 4 * radius;
  for (const [a, b, row] of spots) {
    const colour = classNames.length ? rgb(colours[labels[row]] ?? "#a6abb2") : ramp(labels[row]);
    context.fillStyle = css(onTheme(colour, theme));
    context.beginPath();
    context.arc(2 * radius + room * along(a, 0), height - 2 * radius - room * along(b, 1), radius, 0, 7);
    context.fill();
  }
}
