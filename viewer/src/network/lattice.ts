/** The lattice of a 2-feature input and the decision boundary in it, as src/unknot/traces/lattice.py. */
import { zeroLines } from "../math/contour";
import type { Matrix } from "../math/matrix";
import type { LatticeHeader } from "../page_file/header";
import { applyMap } from "./forward";
import type { WeightsMoment } from "./moment";

/** Points on one grid line: relu folds are sharp, so lines must be dense. */
const POINTS_PER_LINE = 161;
/** Grid cells along the longer side, roughly. */
const CELLS = 22;

export interface Polylines {
  /** x, y of every point, line after line. */
  readonly points: Float64Array;
  /** Points of each line. */
  readonly lengths: readonly number[];
}

/** The 1, 2 or 5 times a power of ten that cuts `length` into about `cells` parts. */
export function niceStep(length: number, cells: number): number {
  const raw = length / cells;
  const power = 10 ** Math.floor(Math.log10(raw));
  const far = (m: number): number => Math.abs(Math.log((m * power) / raw));
  return power * [1, 2, 5, 10].reduce((best, m) => (far(m) < far(best) ? m : best));
}

/** Straight lines at round coordinates. */
export function gridLines({ low, high }: LatticeHeader): Polylines {
  const step = niceStep(Math.max(high[0] - low[0], high[1] - low[1]), CELLS);
  const first = low.map((x) => Math.floor(x / step));
  const last = high.map((x) => Math.ceil(x / step));
  const points: number[] = [];
  const lengths: number[] = [];
  for (const axis of [0, 1]) {
    const other = 1 - axis;
    for (let i = first[axis]; i <= last[axis]; i++) {
      for (let j = 0; j < POINTS_PER_LINE; j++) {
        const share = j / (POINTS_PER_LINE - 1);
        const along = (first[other] + (last[other] - first[other]) * share) * step;
        points.push(...(axis === 0 ? [i * step, along] : [along, i * step]));
      }
      lengths.push(POINTS_PER_LINE);
    }
  }
  return { points: Float64Array.from(points), lengths };
}

/** The nodes of a regular raster, row by row, x running fastest. */
export function raster({ low, high }: LatticeHeader, n: number): Float64Array {
  const points = new Float64Array(2 * n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      points[2 * (i * n + j)] = low[0] + ((high[0] - low[0]) * j) / (n - 1);
      points[2 * (i * n + j) + 1] = low[1] + ((high[1] - low[1]) * i) / (n - 1);
    }
  }
  return points;
}

/** Where the most probable class changes in the input, on a raster of n × n. */
export function decisionBoundary(moment: WeightsMoment, lattice: LatticeHeader, n: number): Polylines {
  const { run } = moment;
  const nodes = { rows: n * n, columns: 2, data: raster(lattice, n) };
  const p = moment.classify(nodes, 0);
  const points: number[] = [];
  const lengths: number[] = [];
  if (p) {
    for (let c = run.nClasses === 2 ? 1 : 0; c < run.nClasses; c++) {
      const height = Float64Array.from({ length: n * n }, (_, i) => lead(p.data, i * run.nClasses, run.nClasses, c));
      for (const line of zeroLines(height, n, n)) {
        lengths.push(line.length / 2);
        line.forEach((x, i) => {
          const axis = i % 2;
          points.push(lattice.low[axis] + ((lattice.high[axis] - lattice.low[axis]) * x) / (n - 1));
        });
      }
    }
  }
  return { points: Float64Array.from(points), lengths };
}

/** Where one unit of representation k is zero, on a raster of n × n of the input. */
export function unitFold(moment: WeightsMoment, lattice: LatticeHeader, k: number, unit: number, n: number): Polylines {
  let cloud: Matrix = { rows: n * n, columns: 2, data: raster(lattice, n) };
  for (let i = 0; i < k; i++) cloud = applyMap(moment.map(i), cloud);
  const height = Float64Array.from({ length: n * n }, (_, i) => cloud.data[i * cloud.columns + unit]);
  const points: number[] = [];
  const lengths: number[] = [];
  for (const line of zeroLines(height, n, n)) {
    lengths.push(line.length / 2);
    line.forEach((x, i) =>
      points.push(lattice.low[i % 2] + ((lattice.high[i % 2] - lattice.low[i % 2]) * x) / (n - 1)),
    );
  }
  return { points: Float64Array.from(points), lengths };
}

/** How far class c leads the best of the others, in log probability. */
function lead(p: Float64Array, start: number, nClasses: number, c: number): number {
  let other = 0;
  for (let j = 0; j < nClasses; j++) if (j !== c) other = Math.max(other, p[start + j]);
  return Math.log(Math.max(p[start + c], 1e-30)) - Math.log(Math.max(other, 1e-30));
}
