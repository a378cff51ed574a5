/** Columns over a cloud on a line, and where the decision changes along it. */

import { quantile } from "../math/statistics";
import type { Instant } from "../model/run_model";
import { evaluate } from "../motion/transitions";
import { mostProbable } from "../network/forward";
import type { Height } from "../render/sight";
import { see } from "../render/sight";
import type { Scenery } from "../render/stage";
import { css, onTheme, rgb, type Theme } from "../theme/colours";
import { svg } from "./dom";

export function drawColumns(scenery: Scenery, hidden: readonly number[], theme: Theme, lift: number): SVGElement[] {
  const { instant, sight } = scenery;
  const { run } = instant.scene.moment;
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
    hidden.includes(i)
      ? []
      : [
          svg("path", {
            d: `M${outline(c, most, low, high, tall).map(pixel).join("L")}Z`,
            style: `fill:${colours[i]};fill-opacity:.38;stroke:${colours[i]};stroke-width:1.2;stroke-linejoin:round`,
          }),
        ],
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
function count({ scene, parts }: Instant, low: number, high: number): Float64Array[] {
  const { moment } = scene;
  const { labels, nClasses, groupNames, columnRows: rows } = moment.run;
  const classOf = (i: number): number => (nClasses && labels ? labels[rows[i]] : 0);
  const seen = evaluate(parts, (k) => moment.rows(k, rows));
  return histogram((i) => seen.data[i * seen.columns], seen.rows, classOf, groupNames.length, low, high);
}

/** Where, along the one unit of a representation, the most probable class changes. */
function thresholds({ scene, t }: Instant, low: number, high: number): number[] {
  const { moment } = scene;
  if (!Number.isInteger(t)) return [];
  const n = 1_025;
  const xs = Float64Array.from({ length: n }, (_, i) => low + ((high - low) * i) / (n - 1));
  const p = moment.classify({ rows: n, columns: 1, data: xs }, t);
  if (!p) return [];
  const c = p.columns;
  const crossings: number[] = [];
  for (let i = 0; i + 1 < n; i++) {
    const [a, b] = [mostProbable(p, i), mostProbable(p, i + 1)];
    if (a === b) continue;
    const gap = (row: number): number =>
      Math.log(Math.max(p.data[row * c + a], 1e-30)) - Math.log(Math.max(p.data[row * c + b], 1e-30));
    crossings.push(xs[i] + ((xs[i + 1] - xs[i]) * gap(i)) / (gap(i) - gap(i + 1)));
  }
  return crossings;
}

/** Cells along the diameter of the extent. */
export const CELLS = 100;
/** Height of the tallest column, in radii of the extent: on a flat picture and in a 3-D view. */
export const HEIGHT = 1.3;
export const HEIGHT_3D = 0.75;

/** How many points of each class lie in each cell: (n_classes, CELLS). */
export function histogram(
  xs: (row: number) => number,
  n: number,
  label: (row: number) => number,
  nClasses: number,
  low: number,
  high: number,
): Float64Array[] {
  const counts = Array.from({ length: Math.max(nClasses, 1) }, () => new Float64Array(CELLS));
  const scale = CELLS / Math.max(high - low, 1e-30);
  for (let row = 0; row < n; row++) {
    const cell = Math.floor((xs(row) - low) * scale);
    if (cell >= 0 && cell < CELLS) counts[label(row)][cell]++;
  }
  return counts;
}

/** The outline of one class's columns from the left to the right end: x and height in turn. */
export function outline(
  counts: Float64Array,
  most: number,
  low: number,
  high: number,
  height: number,
): [number, number][] {
  const step = (high - low) / counts.length;
  const points: [number, number][] = [[low, 0]];
  counts.forEach((count, i) => {
    const top = (height * count) / Math.max(most, 1);
    points.push([low + i * step, top], [low + (i + 1) * step, top]);
  });
  points.push([high, 0]);
  return points;
}

/** Panes on the same axes have one height, too. */
export function sharedHeight(own: readonly (Height | null)[], isShared: boolean): readonly (Height | null)[] {
  const known = own.filter((height) => height !== null);
  if (!isShared || known.length < own.length) return own;
  const all = { low: Math.min(...known.map(({ low }) => low)), high: Math.max(...known.map(({ high }) => high)) };
  return own.map(() => all);
}

/** The least height of a 3-D box, as a share of its width: a flat sheet floats a little. */
const LEAST_HEIGHT = 0.3;

/** A 3-D box is as wide as the extent and as high as the cloud, with room for columns. */
export function heightOf({ nAxes, parts, scene, extent }: Instant, lift: number): Height | null {
  if (nAxes === 2) return null;
  const seen = evaluate(parts, (k) => scene.sample(k));
  const { radius } = extent;
  const z = Float64Array.from({ length: seen.rows }, (_, i) => seen.data[i * seen.columns + 2]).sort();
  const [from, to] = z.length ? [quantile(z, 0.001), quantile(z, 0.999)] : [extent.centre[2], extent.centre[2]];
  const half = Math.max(((to - from) / 2) * 1.12, LEAST_HEIGHT * radius * (1 - lift));
  const middle = (from + to) / 2;
  const low = Math.max(middle - half, extent.centre[2] - radius);
  const high = Math.min(middle + half + lift * (HEIGHT_3D + 0.1) * radius, extent.centre[2] + radius);
  // While axes come and go the cloud may lie beside its box.
  return { low, high: Math.max(low, high) };
}
