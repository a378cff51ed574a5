/** Turning by parts: the path t ↦ Rᵗ of a rotation, as src/unknot/motion/rotation.py has it. */
import { determinant, orthonormal, svd, symmetricEigen } from "../math/decompositions";
import {
  beside,
  column,
  columns,
  combine,
  copy,
  dot,
  eye,
  type Matrix,
  multiply,
  norm,
  pick,
  range,
  setColumn,
  subtract,
  transpose,
  transposeMultiply,
  zeros,
} from "../math/matrix";

/** A plane of two columns of the basis, and the angle by which it turns. */
interface Plane {
  readonly first: number;
  readonly second: number;
  readonly angle: number;
}

/** A rotation of R^N as plane rotations: columns of `basis` turn in pairs, all else rests. */
export class Rotation {
  constructor(
    readonly basis: Matrix,
    readonly planes: readonly Plane[],
  ) {}

  /** N: rows of what it turns. */
  get size(): number {
    return this.basis.rows;
  }

  /** Rᵗ times a matrix of N rows. The part of the space outside the basis rests. */
  power(t: number, matrix: Matrix): Matrix {
    const inside = transposeMultiply(this.basis, matrix);
    const change = zeros(inside.rows, inside.columns);
    const n = inside.columns;
    for (const { first, second, angle } of this.planes) {
      const [c, s] = [Math.cos(t * angle) - 1, Math.sin(t * angle)];
      for (let j = 0; j < n; j++) {
        const [x, y] = [inside.data[first * n + j], inside.data[second * n + j]];
        change.data[first * n + j] = c * x - s * y;
        change.data[second * n + j] = s * x + c * y;
      }
    }
    return combine(1, matrix, 1, multiply(this.basis, change));
  }
}

/** Sines below this are rounding: the direction rests, or is half of a half turn. */
const STILL = 1e-9;

/**
 * Write a rotation, given in the coordinates of `basis`, as plane rotations.
 *
 * The symmetric part of an orthogonal matrix has its planes as eigenspaces, the cosines as
 * eigenvalues; the antisymmetric part turns each of them by a quarter. Eigenvalues −1 come in
 * pairs, and each pair is a half turn.
 */
export function rotation(matrix: Matrix, basis: Matrix): Rotation {
  const m = matrix.rows;
  const flipped = transpose(matrix);
  const { values, vectors } = symmetricEigen(combine(0.5, matrix, 0.5, flipped));
  const quarter = combine(0.5, matrix, -0.5, flipped);
  const basisVectors: Float64Array[] = [];
  const planes: Plane[] = [];
  const halfTurns: number[] = [];
  for (const i of range(0, m)) {
    const v = orthogonalTo(column(vectors, i), basisVectors);
    if (!v) continue;
    const ahead = times(quarter, v);
    const sine = norm(ahead);
    const at = basisVectors.push(v) - 1;
    if (sine > STILL && at + 1 < m) {
      const w = orthogonalTo(
        ahead.map((x) => x / sine),
        basisVectors,
      );
      if (w) {
        basisVectors.push(w);
        planes.push({ first: at, second: at + 1, angle: Math.atan2(sine, values[i]) });
        continue;
      }
    }
    if (values[i] < 0) halfTurns.push(at);
  }
  const vectorColumns = zeros(m, basisVectors.length);
  basisVectors.forEach((v, j) => setColumn(vectorColumns, j, v));
  const turned = multiply(basis, vectorColumns);
  for (let i = 0; i + 1 < halfTurns.length; i += 2) {
    const pair = [halfTurns[i], halfTurns[i + 1]];
    const [first, second] = isUpright(column(turned, pair[0]), column(turned, pair[1])) ? pair : pair.reverse();
    planes.push({ first, second, angle: Math.PI });
  }
  return new Rotation(turned, planes);
}

/** Which way round a half turn goes: the plane's largest coordinate is positive, whatever signs its vectors have. */
function isUpright(first: Float64Array, second: Float64Array): boolean {
  let largest = 0;
  for (let i = 0; i < first.length; i++) {
    for (let j = i + 1; j < first.length; j++) {
      const value = first[i] * second[j] - second[i] * first[j];
      if (Math.abs(value) * (1 - 1e-9) > Math.abs(largest)) largest = value;
    }
  }
  return largest > 0;
}

function times(a: Matrix, v: Float64Array): Float64Array {
  return Float64Array.from({ length: a.rows }, (_, i) => dot(a.data.subarray(i * a.columns, (i + 1) * a.columns), v));
}

/** The unit vector along what is left of `v`; null when nothing but rounding is left. */
function orthogonalTo(v: Float64Array, others: readonly Float64Array[]): Float64Array | null {
  let rest = v;
  for (let twice = 0; twice < 2; twice++) {
    for (const other of others) {
      const along = dot(rest, other);
      rest = rest.map((x, i) => x - along * other[i]);
    }
    const length = norm(rest);
    // Half of a plane is always new; the other half of one that is done is only rounding.
    if (length < (twice ? 0.5 : 1e-6)) return null;
    rest = rest.map((x) => x / length);
  }
  return rest;
}

/** Orthonormal columns orthogonal to the given orthonormal ones: `count` of them, or all. */
export function complement(taken: Matrix, count = taken.rows - taken.columns): Matrix {
  const { rows: n, columns: r } = taken;
  // Columns of zeros reflect nothing, so that what Q has for them is orthogonal to the others.
  return columns(orthonormal(beside(taken, zeros(n, count))), r, r + count);
}

/** Singular values below this share of the largest are rounding. */
const NONE = 1e-13;

/**
 * The orthogonal factor: the matrix with orthonormal columns (or rows) nearest to this one.
 *
 * Many are as near where the matrix kills directions: of these a square one takes the one nearest
 * to no turn at all, whatever signs the vectors of singular values of zero have.
 */
export function polar(matrix: Matrix): Matrix {
  const { u, sigma, v } = svd(matrix);
  const rank = sigma.filter((value) => value > NONE * sigma[0]).length;
  if (matrix.rows !== matrix.columns || rank === sigma.length || Number.isNaN(sigma[0])) {
    return multiply(u, transpose(v));
  }
  if (!rank) return eye(matrix.rows);
  const [free, freed] = [columns(u, rank), columns(v, rank)];
  const rest = polar(transposeMultiply(free, freed));
  return multiply(beside(columns(u, 0, rank), multiply(free, rest)), transpose(v));
}

/** Zeros below, up to `n` rows; rows beyond `n` are cut. */
export function padRows(a: Matrix, n: number): Matrix {
  const result = zeros(n, a.columns);
  result.data.set(a.data.subarray(0, Math.min(n, a.rows) * a.columns));
  return result;
}

/**
 * The rotation that takes source[:, i] to target[:, i] and moves the rest least.
 *
 * When the two are each other's mirror image within one span, the mirror image is reached by a
 * half turn through a further axis, as a card is turned over.
 */
export function carryingRotation(source: Matrix, target: Matrix): [turn: Rotation, over: boolean] {
  const { rows: n, columns: r } = source;
  let basis = commonBasis(source, target);
  let over = false;
  if (basis.columns === r && r > 0) {
    const [u, v] = [transposeMultiply(basis, source), transposeMultiply(basis, target)];
    over = determinant(transposeMultiply(u, v)) < 0;
  }
  if (over && n === r) {
    basis = eye(n + 1);
    source = padRows(source, n + 1);
    target = padRows(target, n + 1);
  } else if (over) {
    basis = beside(basis, complement(basis, 1));
  }
  const [u, v] = [transposeMultiply(basis, source), transposeMultiply(basis, target)];
  const [a, b] = [complement(u), complement(v)];
  const inner = svd(transposeMultiply(a, b));
  const p = copy(inner.u);
  const whole = (): Matrix => {
    const carried = multiply(u, transpose(v));
    const rest = multiply(multiply(a, multiply(p, transpose(inner.v))), transpose(b));
    return combine(1, carried, 1, rest);
  };
  let matrix = whole();
  if (matrix.rows && p.columns && determinant(matrix) < 0) {
    // Flip the direction that is farthest from resting: the smallest singular value is last.
    setColumn(
      p,
      p.columns - 1,
      column(p, p.columns - 1).map((x) => -x),
    );
    matrix = whole();
  }
  return [rotation(matrix, basis), over];
}

/** Orthonormal basis of the span of both, `source` first, (N, m) with r ≤ m ≤ 2r. */
function commonBasis(source: Matrix, target: Matrix): Matrix {
  const rest = subtract(target, multiply(source, transposeMultiply(source, target)));
  const { u, sigma } = svd(rest);
  const outside = pick(
    u,
    range(0, sigma.length).filter((i) => sigma[i] > STILL),
  );
  const clean = subtract(outside, multiply(source, transposeMultiply(source, outside)));
  return beside(source, columns(orthonormal(clean), 0));
}
