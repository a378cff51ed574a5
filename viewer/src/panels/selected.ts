/** The selected points as a table, how their features differ from those of the others, and both as a CSV. */
import { download, fileName } from "../export/sharing";
import { mostProbable } from "../network/forward";
import type { Moment } from "../network/moment";
import { clipped, fit, grouped, plain } from "../words";
import type { Board } from "./board";
import { h, svg, write } from "./dom";
import { thumbnail } from "./hover";
import type { Host, Now, Panel } from "./panel";

/** Rows and features that are shown; the CSV has all. */
const ROWS = 100;
const FEATURES = 24;
/** Bars of a distribution, and its size. */
const BINS = 24;
const [WIDTH, HEIGHT] = [120, 26];
/** Milliseconds without a change before it is worked out anew. */
const REST = 200;

export interface SelectedTable extends Panel {
  open(): void;
}

export function selectedTable(host: Host, board: Board): SelectedTable {
  const body = h("div", { class: "selected" });
  let shown: { moment: Moment; rows: readonly number[] } | null = null;
  let now: Now | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = (): void => {
    if (!now || !board.isOpen) return;
    const { moment } = now.instant.scene;
    shown = { moment, rows: host.store.state.selection };
    const rows = shown.rows.filter((row) => row < moment.run.nPoints);
    const save = (): void => {
      const blob = new Blob([csvOf(moment, rows)], { type: "text/csv;charset=utf-8" });
      download(blob, fileName(`${host.file.title} selected`, "csv"));
      host.say(`${grouped(rows.length)} ${rows.length === 1 ? "row" : "rows"} saved.`);
    };
    const more = rows.length > ROWS ? ` The first ${ROWS} are listed; the CSV has all.` : "";
    const about = h("p", { class: "note", "aria-live": "polite" });
    write(about, `${grouped(rows.length)} of ${grouped(moment.run.nPoints)} points.${more}`);
    const button = h("button", { type: "button", disabled: !rows.length, onclick: save }, "Save CSV");
    body.replaceChildren(
      h("div", { class: "row-of" }, button, about),
      h("div", { class: "both" }, listOf(moment, rows), featuresOf(moment, rows)),
    );
  };
  return {
    element: body,
    open(): void {
      if (host.store.state.selection.length) {
        board.open({ title: "Selected points", body, close: () => (shown = null) });
        show();
      } else host.say("No table yet: select points, and they are listed.");
    },
    update(next): void {
      now = next;
      const isSame = shown?.moment === next.instant.scene.moment && shown.rows === next.state.selection;
      if (!board.isOpen || isSame) return;
      clearTimeout(timer);
      timer = setTimeout(show, REST);
    },
  };
}

/** Who the points of some rows are, their class and what the network says, all as text. */
function cellsOf(moment: Moment, rows: readonly number[]): { titles: string[]; lines: string[][] } {
  const { run } = moment;
  const { labels, identity, heldOut, groupNames } = run;
  const { target, class_names: classes } = run.header;
  const names = identity?.names ?? [];
  const p = moment.probabilities(Uint32Array.from(rows));
  const labelOf = (value: number): string =>
    run.nClasses
      ? (groupNames[value] ?? "")
      : target && value >= 0
        ? number(target.low + value * (target.high - target.low), 5)
        : "";
  const titles = ["row", ...names, run.nClasses ? "class" : target?.name || "target"];
  if (p) titles.push("prediction", "confidence");
  if (heldOut) titles.push("held_out");
  const lines = rows.map((row, i) => {
    const cells = [String(row + 1), ...names.map((_, c) => identity!.cell(c, row)), labelOf(labels?.[row] ?? 0)];
    const best = p ? mostProbable(p, i) : 0;
    if (p) cells.push(classes[best] ?? "", number(p.data[i * p.columns + best], 4));
    if (heldOut) cells.push(heldOut[row] ? "1" : "0");
    return cells;
  });
  return { titles, lines };
}

const number = (value: number, digits: number): string => String(Number(value.toPrecision(digits)));

function listOf(moment: Moment, rows: readonly number[]): HTMLElement {
  const { run } = moment;
  const { titles, lines } = cellsOf(moment, rows.slice(0, ROWS));
  const said = titles.indexOf("prediction", 1 + (run.identity?.names.length ?? 0));
  const hasImages = !!run.identity?.hasImages;
  return scrolled("Rows", hasImages ? ["image", ...titles] : titles, [
    ...lines.map((cells, i) => {
      const isWrong = said > 0 && cells[said] !== cells[said - 1] && run.labels![rows[i]] < run.nClasses;
      return h(
        "tr",
        {},
        hasImages && h("td", {}, thumbnail(run, rows[i], 28)),
        ...cells.map((cell, c) => h("td", { dir: "auto", class: isWrong && c === said && "off" }, clipped(cell, 120))),
      );
    }),
  ]);
}

/** A table that scrolls by itself. */
function scrolled(label: string, titles: readonly string[], lines: readonly HTMLElement[]): HTMLElement {
  const heads = titles.map((title) => h("th", { scope: "col" }, fit(title, 24)));
  const table = h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...lines));
  return h("div", { class: "list", tabindex: 0, role: "region", "aria-label": label }, table);
}

interface Differing {
  readonly j: number;
  readonly means: readonly [number, number];
  /** Difference of the means, in standard deviations. */
  readonly effect: number;
}

/** Every feature of the selected points and of the others, those first that differ most. */
function featuresOf(moment: Moment, rows: readonly number[]): HTMLElement {
  const { run } = moment;
  const chosen = new Set(rows);
  const inside = moment.rows(0, Uint32Array.from(rows));
  const outside = moment.rows(
    0,
    run.statisticsRows.filter((row) => !chosen.has(row)),
  );
  const column = (of: typeof inside, j: number): Float64Array =>
    Float64Array.from({ length: of.rows }, (_, i) => of.data[i * of.columns + j]);
  const features = Array.from({ length: inside.columns }, (_, j): Differing => {
    const [a, b] = [summary(column(inside, j)), summary(column(outside, j))];
    const spread = Math.sqrt((a.variance + b.variance) / 2);
    return { j, means: [a.mean, b.mean], effect: spread > 0 ? Math.abs(a.mean - b.mean) / spread : 0 };
  }).sort((a, b) => (outside.rows ? b.effect - a.effect : 0));
  const lines = features
    .slice(0, FEATURES)
    .map(({ j, means }) =>
      h(
        "tr",
        {},
        h("th", { scope: "row", dir: "auto" }, fit(run.unitName(0, j), 24)),
        h("td", {}, distribution(column(inside, j), column(outside, j))),
        h("td", {}, plain(means[0])),
        h("td", {}, outside.rows ? plain(means[1]) : "–"),
      ),
    );
  const table = scrolled("Features", ["feature", "distribution", "selected", "others"], lines);
  const left = features.length > FEATURES ? `: the ${FEATURES} of ${grouped(features.length)} that differ most` : "";
  table.append(h("p", { class: "note" }, `Filled: selected points; line: the others. Numbers are means${left}.`));
  return table;
}

function summary(values: Float64Array): { mean: number; variance: number } {
  const n = Math.max(values.length, 1);
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  return { mean, variance: values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n };
}

/** Shares by value: the selected points filled, the others as a line. */
function distribution(inside: Float64Array, outside: Float64Array): SVGSVGElement {
  let [low, high] = [Infinity, -Infinity];
  for (const values of [inside, outside]) for (const x of values) [low, high] = [Math.min(low, x), Math.max(high, x)];
  const heights = (values: Float64Array): number[] => {
    const counts = new Array<number>(BINS).fill(0);
    for (const x of values) counts[Math.min(Math.floor(((x - low) / (high - low || 1)) * BINS), BINS - 1)]++;
    const most = Math.max(...counts, 1);
    return counts.map((count) => (count / most) * (HEIGHT - 2));
  };
  const outline = (values: Float64Array): string =>
    `M0 ${HEIGHT}${heights(values)
      .map((y, i) => `V${(HEIGHT - y).toFixed(1)}H${((i + 1) * WIDTH) / BINS}`)
      .join("")}V${HEIGHT}`;
  return svg(
    "svg",
    { width: WIDTH, height: HEIGHT, "aria-hidden": "true" },
    svg("path", { class: "in", d: outline(inside) }),
    outside.length > 0 && svg("path", { class: "out", d: outline(outside) }),
  );
}

/** All that is known of the rows, to be opened elsewhere; features to a hundred-thousandth of their range. */
export function csvOf(moment: Moment, rows: readonly number[]): string {
  const { titles, lines } = cellsOf(moment, rows);
  const input = moment.rows(0, Uint32Array.from(rows));
  const sample = moment.sample(0);
  for (let j = 0; j < input.columns; j++) {
    const values = Float64Array.from({ length: sample.rows }, (_, i) => sample.data[i * sample.columns + j]).sort();
    const span = (values.at(-1) ?? 0) - (values[0] ?? 0) || 1;
    const digits = Math.min(Math.max(4 - Math.floor(Math.log10(span)), 0), 20);
    titles.push(moment.run.unitName(0, j));
    for (const [i, cells] of lines.entries())
      cells.push(String(Number(input.data[i * input.columns + j].toFixed(digits))));
  }
  return [titles, ...lines].map((cells) => `${cells.map(quoted).join(",")}\r\n`).join("");
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
