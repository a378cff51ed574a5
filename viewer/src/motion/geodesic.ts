/** The shortest way from one frame to another, as src/unknot/motion/geodesic.py has it. */
import { determinant, svd } from "../math/decompositions";
import {
  beside,
  column,
  combine,
  copy,
  dot,
  eye,
  type Matrix,
  matrix as matrixOf,
  multiply,
  norm,
  range,
  scaleColumns,
  setColumn,
  subtract,
  transpose,
  transposeMultiply,
  zeros,
} from "../math/matrix";
import { complement, type Rotation, rotation } from "./rotation";

/** Sines of principal angles below this are rounding. */
const STILL = 1e-9;
/** Of a unit vector, what is new beside others by less than this is their rounding. */
const NEW = 1e-3;

/** A path of orthonormal frames: planes move by their principal angles, then the rest turns. */
export class Geodesic {
  constructor(
    /** The first frame, in principal vectors. */
    private readonly start: Matrix,
    /** Where each goes, orthogonal to `start`; zero where it stays. */
    private readonly ahead: Matrix,
    readonly angles: Float64Array,
    /** From principal vectors to the frame's own columns. */
    private readonly back: Matrix,
    private readonly within: Rotation,
  ) {}

  /** The frame at `s`, 0 to 1. */
  at(s: number): Matrix {
    const plane = combine(
      1,
      scaleColumns(
        this.start,
        this.angles.map((angle) => Math.cos(s * angle)),
      ),
      1,
      scaleColumns(
        this.ahead,
        this.angles.map((angle) => Math.sin(s * angle)),
      ),
    );
    const turn = this.within.power(s, eye(this.within.size));
    return multiply(plane, multiply(this.back, turn));
  }
}

/**
 * The geodesic between two frames (N, n_axes).
 *
 * Where the two differ by a mirror image within the plane, the principal vector that turns
 * farthest goes on to the other side: its angle θ becomes θ − π. That needs room (N > n_axes).
 */
export function geodesic(first: Matrix, last: Matrix): Geodesic {
  const { u: p, sigma: cosines, v } = svd(transposeMultiply(first, last));
  let q = v;
  const start = multiply(first, p);
  const apart = subtract(multiply(last, q), scaleColumns(start, cosines));
  const lengths = range(0, apart.columns).map((j) => norm(column(apart, j)));
  // atan2 of the measured sine: acos loses half its digits at small angles.
  let angles = Float64Array.from(lengths, (l, j) => (l > STILL ? Math.atan2(l, cosines[j]) : 0));
  let ahead = directions(start, apart, lengths);
  if (determinant(multiply(p, transpose(q))) < 0) {
    const end = angles.length - 1;
    if (!column(ahead, end).some((x) => x !== 0)) {
      // Nothing moved and the two planes are one: turn over through any direction outside it.
      ahead = copy(ahead);
      setColumn(ahead, end, column(complement(first, 1), 0));
    }
    angles = angles.slice();
    angles[end] -= Math.PI;
    q = copy(q);
    setColumn(
      q,
      end,
      column(q, end).map((x) => -x),
    );
  }
  const inner = multiply(p, transpose(q));
  return new Geodesic(start, ahead, angles, transpose(p), rotation(inner, eye(inner.rows)));
}

/** Unit vectors along `apart`, orthogonal to `start` and to each other; zero where still. */
function directions(start: Matrix, apart: Matrix, lengths: readonly number[]): Matrix {
  const ahead = zeros(start.rows, start.columns);
  let done = start;
  const order = range(0, lengths.length).sort((i, j) => lengths[j] - lengths[i]);
  for (const i of order) {
    if (lengths[i] <= STILL) continue;
    let direction = column(apart, i).map((x) => x / lengths[i]);
    let isNew = true;
    for (let twice = 0; twice < 2; twice++) {
      for (const other of range(0, done.columns).map((j) => column(done, j))) {
        const along = dot(direction, other);
        direction = direction.map((x, r) => x - along * other[r]);
      }
      const length = norm(direction);
      isNew &&= length >= NEW;
      direction = direction.map((x) => x / length);
    }
    if (!isNew) continue;
    setColumn(ahead, i, direction);
    done = beside(done, matrixOf(direction.length, 1, direction));
  }
  return ahead;
}
