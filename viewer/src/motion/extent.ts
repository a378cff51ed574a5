/** How much of the space a view must show, as src/unknot/motion/extent.py has it. */

import type { Matrix } from "../math/matrix";
import { quantile } from "../math/statistics";
import { areUnequal } from "../network/lattice";

/** The outermost share of points, at each side, that may lie outside the box. */
const TAIL = 0.001;
const MARGIN = 1.12;
/** Boxes between two representations. */
export const KNOTS = 16;

/** A cube around the cloud: equal scale on every axis, unless it says otherwise. */
export interface Extent {
  readonly centre: readonly number[];
  /** Half the side; of the widest axis where each has its own scale. */
  readonly radius: number;
  /** How much larger than the widest axis each is drawn; none where all have one scale. */
  readonly stretch?: readonly number[] | undefined;
}

/** By what the places of an axis are multiplied before they are drawn. */
export function factor({ stretch }: Extent, axis: number): number {
  return stretch?.[axis] ?? 1;
}

/** How much each axis must be enlarged to be as wide as the widest; null for one scale. */
export function ownScales(shown: Matrix): number[] | null {
  if (shown.rows === 0) return null;
  const sides = ends(shown).map(([low, high]) => high - low);
  return areUnequal(sides) ? sides.map((side) => Math.max(...sides) / side) : null;
}

/**
 * The box of a shown cloud, (n_points, n_axes). A degenerate axis is never blown up.
 *
 * `most` says how much each axis may be enlarged; of that `share` remains.
 */
export function extentOf(shown: Matrix, most: readonly number[] | null = null, share = 1): Extent {
  if (shown.rows === 0) return { centre: new Array<number>(shown.columns).fill(0), radius: 1 };
  const reach = ends(shown);
  const centre = reach.map(([low, high]) => (low + high) / 2);
  const sides = reach.map(([low, high]) => high - low);
  const widest = Math.max(...sides);
  const stretch =
    most && share > 0
      ? sides.map((side, j) => Math.min(Math.max(widest / Math.max(side, 1e-300), 1), most[j]) ** share)
      : undefined;
  const radius = (Math.max(...sides.map((side, j) => side * (stretch?.[j] ?? 1))) / 2) * MARGIN;
  return { centre, radius: radius > 1e-9 ? radius : 1, stretch };
}

/** Of each axis. */
function ends({ rows, columns, data }: Matrix): [number, number][] {
  return Array.from({ length: columns }, (_, j) => {
    const values = Float64Array.from({ length: rows }, (_, i) => data[i * columns + j]).sort();
    return [quantile(values, TAIL), quantile(values, 1 - TAIL)];
  });
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
    const stretched = near.some((box) => box.stretch);
    return {
      centre: near[0].centre.map((_, axis) => along((box) => box.centre[axis])),
      radius: Math.exp(along((box) => Math.log(box.radius))),
      stretch: stretched
        ? near[0].centre.map((_, axis) => Math.exp(along((box) => Math.log(factor(box, axis)))))
        : undefined,
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
