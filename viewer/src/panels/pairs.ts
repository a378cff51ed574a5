/** A grid of all pairs of a layer's units, over the picture and linked by the selection. */
import { union } from "../controls/pointer";
import type { Matrix } from "../math/matrix";
import { colourer, colouringOf, colourValues, paintOf } from "../model/colouring";
import type { Moment } from "../network/moment";
import { css, type Theme } from "../theme/colours";
import { fit, grouped } from "../words";
import { h, iconButton } from "./dom";
import type { Host, Now, Panel } from "./panel";

/** Most units: a grid of 8 has 28 pictures. */
const MOST = 8;

export function pairsGrid(host: Host): Panel {
  const { store, run } = host;
  const canvas = h("canvas", { tabindex: 0, role: "img", "aria-label": "All pairs of units" });
  const rubber = h("div", { class: "rubber", hidden: true });
  const plot = h("div", { class: "plot" }, canvas, rubber);
  const title = h("h2", { dir: "auto" });
  const element = h(
    "div",
    { class: "pairs", hidden: true, role: "dialog", "aria-label": "All pairs of units" },
    h(
      "header",
      {},
      title,
      iconButton("close", "Close", () => store.set({ pairs: false })),
    ),
    plot,
    h(
      "p",
      { class: "note" },
      "A name stands over its column and to the right of its row. Drag a box to select; click a picture to make its two units the axes.",
    ),
  );
  let cells: Cell[] = [];
  let k = 0;
  let start: { x: number; y: number; cell: Cell } | null = null;
  let key: unknown[] = [];
  let now: Now | undefined;
  const at = (event: PointerEvent): { x: number; y: number } => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const end = (): void => {
    start = null;
    rubber.hidden = true;
  };
  canvas.addEventListener("pointerdown", (event) => {
    const { x, y } = at(event);
    const cell = cells.find((c) => x >= c.x && x < c.x + c.side && y >= c.y && y < c.y + c.side);
    start = cell ? { x, y, cell } : null;
    if (cell) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!start) return;
    const box = boxFrom(start, at(event));
    rubber.hidden = Math.max(box.width, box.height) < 5;
    for (const side of ["left", "top", "width", "height"] as const) rubber.style[side] = `${box[side]}px`;
  });
  canvas.addEventListener("pointercancel", end);
  canvas.addEventListener("pointerup", (event) => {
    if (!start) return;
    const { cell } = start;
    const box = boxFrom(start, at(event));
    end();
    if (Math.max(box.width, box.height) < 5) {
      if (run.nUnits(k) > 2)
        host.change({
          view: "2d",
          projection: "units",
          units: [cell.i, cell.j],
          unitsOf: k,
          unitsRun: 0,
          pairs: false,
        });
      return;
    }
    const rows = rowsIn(box, cell, now!.instant.scene.moment, k, store.state.hidden);
    store.set({ selection: event.ctrlKey || event.metaKey ? union(store.state.selection, rows) : rows });
    host.say(rows.length === 1 ? "1 point selected." : `${grouped(rows.length)} points selected.`);
  });
  return {
    element,
    update(latest: Now): void {
      const { state, instant } = latest;
      element.hidden = !state.pairs;
      now = latest;
      if (!state.pairs) return;
      k = Math.round(instant.t);
      const { moment } = instant.scene;
      const size = [canvas.clientWidth, canvas.clientHeight] as const;
      const next = [k, moment, state.selection, state.hidden, state.colour, host.theme(), ...size];
      if (next.every((x, i) => x === key[i])) return;
      key = next;
      const nUnits = run.nUnits(k);
      const what =
        nUnits < 2
          ? "one unit has no pairs"
          : nUnits > MOST
            ? `pairs of the first ${MOST} of ${nUnits} units`
            : "all pairs of units";
      const of = host.file.runs.length > 1 ? `${fit(run.header.name, 50)}, ` : "";
      title.textContent = `${of}${fit(run.header.representations[k].name, 40)}: ${what}`;
      cells = draw(canvas, size, latest, k, host.theme());
    },
  };
}

interface Cell {
  readonly i: number;
  readonly j: number;
  readonly x: number;
  readonly y: number;
  readonly side: number;
  readonly low: readonly number[];
  readonly scale: number;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** From where a drag began to where it is, within its picture. */
function boxFrom(start: { x: number; y: number; cell: Cell }, to: { x: number; y: number }): Box {
  const { cell } = start;
  const x = Math.min(Math.max(to.x, cell.x), cell.x + cell.side);
  const y = Math.min(Math.max(to.y, cell.y), cell.y + cell.side);
  return {
    left: Math.min(x, start.x),
    top: Math.min(y, start.y),
    width: Math.abs(x - start.x),
    height: Math.abs(y - start.y),
  };
}

/** All rows in a box of one picture, of the classes that are shown. */
function rowsIn(box: Box, cell: Cell, moment: Moment, k: number, hidden: readonly number[]): number[] {
  const { run } = moment;
  const all = moment.rows(
    k,
    Uint32Array.from({ length: run.nPoints }, (_, i) => i),
  );
  const [left, bottom] = [cell.low[0] + (box.left - cell.x) / cell.scale, cell.y + cell.side - box.top - box.height];
  const low = cell.low[1] + bottom / cell.scale;
  const rows: number[] = [];
  for (let row = 0; row < all.rows; row++) {
    const [a, b] = [all.data[row * all.columns + cell.i], all.data[row * all.columns + cell.j]];
    const isInside = a >= left && a <= left + box.width / cell.scale && b >= low && b <= low + box.height / cell.scale;
    if (isInside && !(run.nClasses && run.labels && hidden.includes(run.labels[row]))) rows.push(row);
  }
  return rows;
}

/** Room over the first column and beside the last row, for names. */
const OVER = 20;
const BESIDE = 76;

function draw(
  canvas: HTMLCanvasElement,
  [width, height]: readonly [number, number],
  { state, instant }: Now,
  k: number,
  theme: Theme,
): Cell[] {
  const { moment } = instant.scene;
  const { run } = moment;
  const cloud = moment.sample(k);
  const n = Math.min(cloud.columns, MOST);
  const ratio = Math.min(devicePixelRatio || 1, 2);
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d")!;
  pen.scale(ratio, ratio);
  pen.font = "12px system-ui, sans-serif";
  const side = Math.min(width - BESIDE, height - OVER) / Math.max(n - 1, 1);
  const left = (width - BESIDE - side * (n - 1)) / 2;
  const colouring = colouringOf(state.colour, moment);
  const values = colourValues(moment, colouring, run.sampleRows);
  const colourOf = colourer(run, paintOf(colouring, run), theme);
  const fills = Array.from(run.sampleRows, (row, r) => css(colourOf(values[r], row)));
  const selected = new Set(state.selection);
  const isShown = (row: number): boolean => !run.nClasses || !run.labels || !state.hidden.includes(run.labels[row]);
  const cells: Cell[] = [];
  for (let j = 1; j < n; j++) {
    for (let i = 0; i < j; i++) {
      const cell = layOut(cloud, i, j, left + i * side, OVER + (j - 1) * side, side - 6);
      cells.push(cell);
      pen.strokeStyle = css(theme.grid);
      pen.strokeRect(cell.x + 0.5, cell.y + 0.5, cell.side, cell.side);
      for (const pass of selected.size ? [false, true] : [false]) {
        pen.globalAlpha = selected.size && !pass ? 0.12 : 0.7;
        run.sampleRows.forEach((row, r) => {
          if (selected.has(row) !== pass || !isShown(row)) return;
          pen.fillStyle = fills[r];
          const x = cell.x + (cloud.data[r * cloud.columns + i] - cell.low[0]) * cell.scale;
          const y = cell.y + cell.side - (cloud.data[r * cloud.columns + j] - cell.low[1]) * cell.scale;
          pen.fillRect(x - 1, y - 1, 2, 2);
        });
      }
      pen.globalAlpha = 1;
    }
  }
  pen.fillStyle = css(theme.ink);
  for (let i = 0; n > 1 && i < n; i++) {
    const room = i === n - 1 ? BESIDE : side - 6;
    const letters = Math.max(Math.floor(room / 6.5), 4);
    pen.fillText(fit(run.unitName(k, i), letters), left + i * side + (i ? 2 : 0), OVER + i * side - 8, room);
  }
  return cells;
}

/** Equal scale on both axes. */
function layOut(cloud: Matrix, i: number, j: number, x: number, y: number, side: number): Cell {
  const bounds = [i, j].map((unit) => {
    let [low, high] = [Infinity, -Infinity];
    for (let r = 0; r < cloud.rows; r++) {
      const value = cloud.data[r * cloud.columns + unit];
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return [low, high];
  });
  const span = Math.max(bounds[0][1] - bounds[0][0], bounds[1][1] - bounds[1][0], 1e-9) * 1.1;
  return { i, j, x, y, side, low: bounds.map(([low, high]) => (low + high - span) / 2), scale: side / span };
}
