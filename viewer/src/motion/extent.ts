/** How much of the space a view must show, as src/unknot/motion/extent.py has it. */

import type { Matrix } from "../math/matrix";
import { quantile } from "../math/statistics";

/** The outermost share of points, at each side, that may lie outside the box. */
const TAIL = 0.001;
const MARGIN = 1.12;
/** Boxes between two representations. */
export const KNOTS = 16;

/** A cube around the cloud: equal scale on every axis. `radius` is half the side. */
export interface Extent {
  readonly centre: readonly number[];
  readonly radius: number;
}

/** The box of a shown cloud, (n_points, n_axes). A degenerate axis is never blown up. */
export function extentOf(shown: Matrix): Extent {
  const { rows, columns } = shown;
  if (rows === 0) return { centre: new Array<number>(columns).fill(0), radius: 1 };
  const centre: number[] = [];
  let widest = 0;
  for (let j = 0; j < columns; j++) {
    const values = Float64Array.from({ length: rows }, (_, i) => shown.data[i * columns + j]).sort();
    const [low, high] = [quantile(values, TAIL), quantile(values, 1 - TAIL)];
    widest = Math.max(widest, high - low);
    centre.push((low + high) / 2);
  }
  const radius = (widest / 2) * MARGIN;
  return { centre, radius: radius > 1e-9 ? radius : 1 };
}

/** Boxes at KNOTS places between two representations, joined smoothly. */
export class ExtentPath {
  private readonly known = new Map<number, Extent>();

  constructor(
    private readonly length: number,
    private readonly boxAt: (t: number) => Extent,
  ) {}

  at(t: number): Extent {
    const last = this.length * KNOTS;
    if (last === 0) return this.knot(0);
    const place = t * KNOTS;
    const i = Math.min(Math.floor(place), last - 1);
    // A monotone cubic knows two knots to either side, no further.
    const [from, to] = [Math.max(i - 1, 0), Math.min(i + 2, last)];
    const near = Array.from({ length: to - from + 1 }, (_, j) => this.knot(from + j));
    const along = (value: (box: Extent) => number): number =>
      pchip(near.map(value), i - from, place - i, from === 0, to === last);
    return {
      centre: near[0].centre.map((_, axis) => along((box) => box.centre[axis])),
      radius: Math.exp(along((box) => Math.log(box.radius))),
    };
  }

  /** The smallest cube that holds all of them. */
  get common(): Extent {
    const all = Array.from({ length: this.length * KNOTS + 1 }, (_, i) => this.knot(i));
    const ends = all[0].centre.map((_, axis) => [
      Math.min(...all.map((box) => box.centre[axis] - box.radius)),
      Math.max(...all.map((box) => box.centre[axis] + box.radius)),
    ]);
    return {
      centre: ends.map(([low, high]) => (low + high) / 2),
      radius: Math.max(...ends.map(([low, high]) => high - low)) / 2,
    };
  }

  private knot(i: number): Extent {
    let box = this.known.get(i);
    if (!box) this.known.set(i, (box = this.boxAt(i / KNOTS)));
    return box;
  }
}

/**
 * A monotone cubic (Fritsch and Butland 1984, as in SciPy).
 *
 * The value at `s` (0 to 1) between values[i] and values[i + 1], a distance of 1 apart.
 *
 * `values` may be the neighbourhood of a longer series: slopes need one value to either side, or
 * two at an end, and `atStart` and `atEnd` say whether an end is one of the whole series.
 */
export function pchip(values: readonly number[], i: number, s: number, atStart: boolean, atEnd: boolean): number {
  const left = slope(values, i, atStart, atEnd);
  const right = slope(values, i + 1, atStart, atEnd);
  const [a, b] = [values[i], values[i + 1]];
  const [s2, s3] = [s * s, s * s * s];
  return (2 * s3 - 3 * s2 + 1) * a + (s3 - 2 * s2 + s) * left + (3 * s2 - 2 * s3) * b + (s3 - s2) * right;
}

function slope(values: readonly number[], i: number, atStart: boolean, atEnd: boolean): number {
  const last = values.length - 1;
  if (last === 1) return values[1] - values[0];
  if (i === 0) return atStart ? edge(values[1] - values[0], values[2] - values[1]) : 0;
  if (i === last) {
    return atEnd ? edge(values[last] - values[last - 1], values[last - 1] - values[last - 2]) : 0;
  }
  const [before, after] = [values[i] - values[i - 1], values[i + 1] - values[i]];
  return before * after <= 0 ? 0 : 2 / (1 / before + 1 / after);
}

/** One-sided, three points, kept from overshooting. */
function edge(near: number, far: number): number {
  const guess = (3 * near - far) / 2;
  if (guess * near <= 0) return 0;
  return near * far <= 0 && Math.abs(guess) > 3 * Math.abs(near) ? 3 * near : guess;
}
