/** How much of the space a view must show, as src/unknot/motion/extent.py has it. */

import type { Matrix } from "../math/matrix";
import { quantile } from "../math/statistics";
import { areUnequal } from "../network/lattice";

/** The outermost share of points, at each side, that may lie outside the box. */
const TAIL = 0.001;
const MARGIN = 1.12;
/** A cloud is one point when its radius is below this share of how far out it lies. */
const POINT = 1e-7;
/** A cloud on its way into or through one point is seen in a box of at least this share. */
const LEAST = 0.05;
/** Boxes between two representations from which one for all is made. */
const KNOTS = 16;

/** A cube around the cloud: equal scale on every axis, unless it says otherwise. */
export interface Extent {
  readonly centre: readonly number[];
  /** Half the side; of the widest axis where each has its own scale. */
  readonly radius: number;
  /** How much larger than the widest axis each is drawn; none where all have one scale. */
  readonly stretch?: readonly number[] | undefined;
  /** Whether there is nothing to see the size of; the radius is then 1. */
  readonly isPoint?: boolean;
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
  if (shown.rows === 0) return { centre: new Array<number>(shown.columns).fill(0), radius: 1, isPoint: true };
  const reach = ends(shown);
  const centre = reach.map(([low, high]) => (low + high) / 2);
  const sides = reach.map(([low, high]) => high - low);
  const widest = Math.max(...sides);
  const stretch =
    most && share > 0
      ? sides.map((side, j) => Math.min(Math.max(widest / Math.max(side, 1e-300), 1), most[j]) ** share)
      : undefined;
  const radius = (Math.max(...sides.map((side, j) => side * (stretch?.[j] ?? 1))) / 2) * MARGIN;
  const least = POINT * Math.max(...centre.map(Math.abs));
  const isPoint = !(radius > least);
  return { centre, radius: isPoint ? Math.max(1, least) : radius, stretch, isPoint };
}

/** Of each axis. */
function ends({ rows, columns, data }: Matrix): [number, number][] {
  return Array.from({ length: columns }, (_, j) => {
    const values = Float64Array.from({ length: rows }, (_, i) => data[i * columns + j]).sort();
    return [quantile(values, TAIL), quantile(values, 1 - TAIL)];
  });
}

/** The box of a cloud on its way: it does not shrink to nothing, nor below what a number so far out can tell. */
function onTheWay(box: Extent, ends: readonly Extent[]): Extent {
  const real = ends.filter((end) => !end.isPoint).map((end) => end.radius);
  const least = Math.max(real.length ? LEAST * Math.min(...real) : 1, POINT * Math.max(...box.centre.map(Math.abs)));
  return { centre: box.centre, radius: box.isPoint ? least : Math.max(box.radius, least), stretch: box.stretch };
}

/** The boxes of a scene of so many maps. */
export class Extents {
  private readonly known = new Map<number, Extent>();

  constructor(
    private readonly length: number,
    private readonly box: (t: number) => Extent,
  ) {}

  at(t: number): Extent {
    const k = Math.floor(t);
    if (k === t) return this.stop(k);
    return onTheWay(this.box(t), [this.stop(k), this.stop(k + 1)]);
  }

  /** The smallest cube that holds all of them. */
  get common(): Extent {
    const all = Array.from({ length: this.length * KNOTS + 1 }, (_, i) => this.at(i / KNOTS));
    const ends = all[0].centre.map((_, axis) => [
      Math.min(...all.map((box) => box.centre[axis] - box.radius)),
      Math.max(...all.map((box) => box.centre[axis] + box.radius)),
    ]);
    return {
      centre: ends.map(([low, high]) => (low + high) / 2),
      radius: Math.max(...ends.map(([low, high]) => high - low)) / 2,
    };
  }

  private stop(k: number): Extent {
    let box = this.known.get(k);
    if (!box) this.known.set(k, (box = this.box(k)));
    return box;
  }
}
