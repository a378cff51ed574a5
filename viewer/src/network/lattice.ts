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
/** Sides of a box up to which both features are seen at one scale; beyond, each has its own. */
const UNEQUAL = 20;
/** The two likeliest classes differ by less on the boundary, where they do not jump there. */
const EVEN = 0.01;
/** Halvings of a raster's edge in search of that. */
const MOST_HALVINGS = 20;

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

/** Whether the sides of a box differ too much for one scale; one of 0 has no scale. */
export function areUnequal(sides: readonly number[]): boolean {
  const shorter = Math.min(...sides);
  return shorter > 0 && Math.max(...sides) / shorter > UNEQUAL;
}

/** Straight lines at round coordinates. */
export function gridLines({ low, high }: LatticeHeader, pointsPerLine = POINTS_PER_LINE): Polylines {
  const sides = low.map((x, axis) => high[axis] - x);
  const longer = Math.max(...sides);
  const isUnequal = areUnequal(sides);
  const step = sides.map((side) => niceStep(isUnequal ? side : longer, CELLS));
  const first = low.map((x, axis) => Math.floor(x / step[axis]));
  const last = high.map((x, axis) => Math.ceil(x / step[axis]));
  const points: number[] = [];
  const lengths: number[] = [];
  for (const axis of [0, 1]) {
    const other = 1 - axis;
    for (let i = first[axis]; i <= last[axis]; i++) {
      for (let j = 0; j < pointsPerLine; j++) {
        const share = j / (pointsPerLine - 1);
        const along = (first[other] + (last[other] - first[other]) * share) * step[other];
        points.push(...(axis === 0 ? [i * step[axis], along] : [along, i * step[axis]]));
      }
      lengths.push(pointsPerLine);
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
  const vertices: number[] = [];
  const classes: number[] = [];
  const lengths: number[] = [];
  if (p) {
    for (let c = run.nClasses === 2 ? 1 : 0; c < run.nClasses; c++) {
      const height = Float64Array.from({ length: n * n }, (_, i) => lead(p.data, i * run.nClasses, run.nClasses, c));
      for (const line of zeroLines(height, n, n)) {
        lengths.push(line.length / 2);
        for (let i = 0; i < line.length; i += 2) classes.push(c);
        vertices.push(...line);
      }
    }
  }
  const place = placer(lattice, n);
  const refined = refine(Float64Array.from(vertices), classes, (at) => {
    const q = moment.classify({ rows: at.length / 2, columns: 2, data: at.map(place) }, 0);
    return q ? q.data : new Float64Array(0);
  });
  return { points: refined.map(place), lengths };
}

/** From steps of the raster to the input: the coordinate of that axis. */
function placer({ low, high }: LatticeHeader, n: number): (x: number, i: number) => number {
  return (x, i) => low[i % 2] + ((high[i % 2] - low[i % 2]) * x) / (n - 1);
}

/**
 * Move each vertex, in steps of the raster, along its edge to where the network changes its mind.
 *
 * A raster tells between which two of its points that is; where in between, interpolation only
 * guesses: a steep network changes within a hundredth of an edge.
 */
function refine(
  vertices: Float64Array,
  classes: readonly number[],
  classify: (places: Float64Array) => Float64Array,
): Float64Array {
  const result = Float64Array.from(vertices);
  const [below, above] = [vertices.map(Math.floor), vertices.map(Math.ceil)];
  let left = classes.map((_, i) => i);
  const look = (places: Float64Array): { leads: number[]; gaps: number[] } => {
    const p = classify(Float64Array.from(left.flatMap((i) => [places[2 * i], places[2 * i + 1]])));
    const m = p.length / Math.max(left.length, 1);
    return {
      leads: left.map((i, at) => lead(p, at * m, m, classes[i])),
      gaps: left.map((_, at) => {
        const [best, second] = Array.from(p.subarray(at * m, (at + 1) * m)).sort((a, b) => b - a);
        return best - second;
      }),
    };
  };
  const rises = look(below).leads.map((value) => !(value > 0));
  for (let round = 0; round < MOST_HALVINGS && left.length; round++) {
    const { leads, gaps } = look(result);
    left.forEach((i, at) => {
      const end = leads[at] > 0 !== rises[i] ? below : above;
      end.set(result.subarray(2 * i, 2 * i + 2), 2 * i);
    });
    left = left.filter((_, at) => gaps[at] > EVEN);
    for (const i of left) for (const k of [2 * i, 2 * i + 1]) result[k] = (below[k] + above[k]) / 2;
  }
  return result;
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
    points.push(...line.map(placer(lattice, n)));
  }
  return { points: Float64Array.from(points), lengths };
}

/** How far class c leads the best of the others, in log probability. */
function lead(p: Float64Array, start: number, nClasses: number, c: number): number {
  let other = 0;
  for (let j = 0; j < nClasses; j++) if (j !== c) other = Math.max(other, p[start + j]);
  return Math.log(Math.max(p[start + c], 1e-30)) - Math.log(Math.max(other, 1e-30));
}
