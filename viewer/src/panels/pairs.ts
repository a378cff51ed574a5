/** A grid of all pairs of a layer's units, over the picture and linked by the selection. */
import type { Matrix } from "../math/matrix";
import { css, onTheme, rgb } from "../theme/colours";
import { fit } from "../words";
import { h, iconButton } from "./dom";
import type { Host, Now, Panel } from "./panel";

/** Most units: a grid of 8 has 28 pictures. */
const MOST = 8;

export function pairsGrid(host: Host): Panel {
  const { store, run } = host;
  const canvas = h("canvas", { tabindex: 0, role: "img", "aria-label": "All pairs of units" });
  const title = h("h2");
  const element = h(
    "div",
    { class: "pairs", hidden: true, role: "dialog", "aria-label": "All pairs of units" },
    h(
      "header",
      {},
      title,
      iconButton("close", "Close", () => store.set({ pairs: false })),
    ),
    canvas,
    h("p", { class: "note" }, "Drag a box to select; click a picture to make its two units the axes."),
  );
  let cells: { i: number; j: number; x: number; y: number; side: number; low: number[]; scale: number }[] = [];
  let k = 0;
  let start: { x: number; y: number; cell: (typeof cells)[number] } | null = null;
  let key: unknown[] = [];
  const at = (event: PointerEvent): { x: number; y: number } => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  canvas.addEventListener("pointerdown", (event) => {
    const { x, y } = at(event);
    const cell = cells.find((c) => x >= c.x && x < c.x + c.side && y >= c.y && y < c.y + c.side);
    start = cell ? { x, y, cell } : null;
    if (cell) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (!start) return;
    const { x, y } = at(event);
    const { cell } = start;
    if (Math.hypot(x - start.x, y - start.y) < 5) {
      if (run.nUnits(k) > 2) host.change({ view: "2d", projection: "units", units: [cell.i, cell.j], pairs: false });
      return;
    }
    const value = (px: number, axis: 0 | 1): number =>
      axis === 0 ? cell.low[0] + (px - cell.x) / cell.scale : cell.low[1] + (cell.y + cell.side - px) / cell.scale;
    const [x0, x1] = [value(start.x, 0), value(x, 0)].sort((a, b) => a - b);
    const [y0, y1] = [value(start.y, 1), value(y, 1)].sort((a, b) => a - b);
    const all = now!.instant.scene.moment.rows(
      k,
      Uint32Array.from({ length: run.nPoints }, (_, i) => i),
    );
    const rows: number[] = [];
    for (let row = 0; row < all.rows; row++) {
      const [a, b] = [all.data[row * all.columns + cell.i], all.data[row * all.columns + cell.j]];
      if (a >= x0 && a <= x1 && b >= y0 && b <= y1) rows.push(row);
    }
    store.set({ selection: rows });
  });
  let now: Now | undefined;
  const draw = ({ state, instant }: Now): void => {
    const { moment } = instant.scene;
    const cloud = moment.sample(k);
    const n = Math.min(cloud.columns, MOST);
    const size = [canvas.clientWidth, canvas.clientHeight];
    const ratio = Math.min(devicePixelRatio || 1, 2);
    canvas.width = size[0] * ratio;
    canvas.height = size[1] * ratio;
    const pen = canvas.getContext("2d")!;
    pen.scale(ratio, ratio);
    const theme = host.theme();
    const side = Math.min(size[0], size[1]) / Math.max(n - 1, 1);
    const left = (size[0] - side * (n - 1)) / 2;
    const selected = new Set(state.selection);
    const colours = run.header.class_colours.map((c) => css(onTheme(rgb(c), theme)));
    cells = [];
    pen.font = "11px system-ui, sans-serif";
    for (let j = 1; j < n; j++) {
      for (let i = 0; i < j; i++) {
        const cell = layOut(cloud, i, j, left + i * side, (j - 1) * side, side - 6);
        cells.push(cell);
        pen.strokeStyle = css(theme.grid);
        pen.strokeRect(cell.x + 0.5, cell.y + 0.5, cell.side, cell.side);
        for (const pass of selected.size ? [0, 1] : [0]) {
          for (let r = 0; r < cloud.rows; r++) {
            const row = run.sampleRows[r];
            const label = run.nClasses && run.labels ? run.labels[row] : 0;
            const lit = selected.has(row);
            if (Number(lit) !== pass || state.hidden.includes(label)) continue;
            pen.globalAlpha = selected.size && !lit ? 0.12 : 0.7;
            pen.fillStyle = colours[label] ?? css(theme.muted);
            const x = cell.x + (cloud.data[r * cloud.columns + i] - cell.low[0]) * cell.scale;
            const y = cell.y + cell.side - (cloud.data[r * cloud.columns + j] - cell.low[1]) * cell.scale;
            pen.fillRect(x - 1, y - 1, 2, 2);
          }
        }
        pen.globalAlpha = 1;
        pen.fillStyle = css(theme.ink);
        if (side > 70)
          pen.fillText(
            `${fit(run.unitName(k, i), 12)} · ${fit(run.unitName(k, j), 12)}`,
            cell.x + 5,
            cell.y + 14,
            cell.side - 10,
          );
      }
    }
  };
  return {
    element,
    update(latest: Now): void {
      const { state, instant } = latest;
      element.hidden = !state.pairs;
      now = latest;
      if (!state.pairs) return;
      k = Math.round(instant.t);
      const next = [
        k,
        instant.scene.moment,
        state.selection,
        state.hidden,
        host.theme(),
        canvas.clientWidth,
        canvas.clientHeight,
      ];
      if (next.every((x, i) => x === key[i])) return;
      key = next;
      const nUnits = run.nUnits(k);
      title.textContent = `${fit(run.header.representations[k].name, 40)}: ${nUnits < 2 ? "one unit has no pairs" : nUnits > MOST ? `pairs of the first ${MOST} of ${nUnits} units` : "all pairs of units"}`;
      draw(latest);
    },
  };
}

/** Equal scale on both axes. */
function layOut(
  cloud: Matrix,
  i: number,
  j: number,
  x: number,
  y: number,
  side: number,
): { i: number; j: number; x: number; y: number; side: number; low: number[]; scale: number } {
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
