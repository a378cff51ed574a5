/** Columns over a cloud on a line, and where the decision changes along it. */
import type { Instant } from "../model/run_model";
import { evaluate } from "../morph/parts";
import { histogram, HEIGHT, HEIGHT_3D, outline } from "../model/histogram";
import { see } from "../render/sight";
import type { Scenery } from "../render/stage";
import { css, onTheme, rgb, type Theme } from "../theme/colours";
import { svg } from "./dom";

export function drawColumns(scenery: Scenery, hidden: readonly number[], theme: Theme, lift: number): SVGElement[] {
  const { instant, sight } = scenery;
  const { run } = instant.view.moment;
  const flat = instant.nAxes === 2;
  const tall = (flat ? HEIGHT : HEIGHT_3D) * instant.extent.radius * lift;
  const [low, high] = ends(instant);
  const counts = count(instant, low, high);
  const most = Math.max(...counts.map((c, i) => (hidden.includes(i) ? 0 : c.reduce((a, b) => Math.max(a, b), 0))));
  const pixel = ([x, y]: [number, number]): string => {
    const [px, py] = flat ? see(sight, x, y, 0) : see(sight, x, 0, y);
    return `${px.toFixed(1)} ${py.toFixed(1)}`;
  };
  const colours = run.nClasses ? run.header.class_colours.map((c) => css(onTheme(rgb(c), theme))) : [css(theme.muted)];
  const shapes: SVGElement[] = counts.flatMap((c, i) =>
    hidden.includes(i) ? [] : [svg("path", {
      d: `M${outline(c, most, low, high, tall).map(pixel).join("L")}Z`,
      style: `fill:${colours[i]};fill-opacity:.38;stroke:${colours[i]};stroke-width:1.2;stroke-linejoin:round`,
    })],
  );
  for (const place of thresholds(instant, low, high)) {
    const [from, to] = [pixel([place, -0.05 * tall]), pixel([place, 1.06 * tall])];
    shapes.push(svg("path", { class: "threshold", d: `M${from}L${to}`, style: "stroke:var(--ink);stroke-width:1.8" }));
  }
  return shapes;
}

function ends({ extent }: Instant): [number, number] {
  return [extent.centre[0] - extent.radius, extent.centre[0] + extent.radius];
}

/** Worked out here, from some of the points: reading the GPU's back would wait for its whole frame. */
function count({ view, parts }: Instant, low: number, high: number): Float64Array[] {
  const { moment } = view;
  const { labels, nClasses, columnRows: rows } = moment.run;
  const classOf = (i: number): number => (nClasses && labels ? labels[rows[i]] : 0);
  const seen = evaluate(parts, (k) => moment.rows(k, rows));
  return histogram((i) => seen.data[i * seen.columns], seen.rows, classOf, nClasses, low, high);
}

/** Where, along the one unit of a representation, the most probable class changes. */
function thresholds({ view, t }: Instant, low: number, high: number): number[] {
  const { moment } = view;
  if (!Number.isInteger(t)) return [];
  const n = 1_025;
  const xs = Float64Array.from({ length: n }, (_, i) => low + ((high - low) * i) / (n - 1));
  const p = moment.classify({ rows: n, columns: 1, data: xs }, t);
  if (!p) return [];
  const c = p.columns;
  const best = (i: number): number => {
    let found = 0;
    for (let j = 1; j < c; j++) if (p.data[i * c + j] > p.data[i * c + found]) found = j;
    return found;
  };
  const found: number[] = [];
  for (let i = 0; i + 1 < n; i++) {
    const [a, b] = [best(i), best(i + 1)];
    if (a === b) continue;
    const gap = (row: number): number => Math.log(Math.max(p.data[row * c + a], 1e-30)) - Math.log(Math.max(p.data[row * c + b], 1e-30));
    found.push(xs[i] + ((xs[i + 1] - xs[i]) * gap(i)) / (gap(i) - gap(i + 1)));
  }
  return found;
}
