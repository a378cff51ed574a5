/** Decompositions of ml-matrix, for matrices stored row by row. */
import { EVD, QR, Matrix as Rows, SVD } from "ml-matrix";
import { type Matrix, multiply, transpose } from "./matrix";

export interface Svd {
  /** (m, k) with orthonormal columns, k the smaller side. */
  readonly u: Matrix;
  /** (k,) in descending order. */
  readonly sigma: Float64Array;
  /** (n, k) with orthonormal columns. */
  readonly v: Matrix;
}

export interface Eigen {
  /** In ascending order. */
  readonly values: Float64Array;
  /** Columns, orthonormal. */
  readonly vectors: Matrix;
}

/** A = U Σ Vᵀ. */
export function svd(a: Matrix): Svd {
  const k = Math.min(a.rows, a.columns);
  if (!isUsable(a)) return { u: unknown(a.rows, k), sigma: new Float64Array(k).fill(NaN), v: unknown(a.columns, k) };
  const result = new SVD(toRows(a), { autoTranspose: true });
  return {
    u: fromRows(result.leftSingularVectors),
    sigma: Float64Array.from(result.diagonal),
    v: fromRows(result.rightSingularVectors),
  };
}

/** Turns of a pair of columns that are left undone: their cosine is rounding. */
const ORTHOGONAL = 1e-15;
const MOST_SWEEPS = 30;

/**
 * A = U Σ Vᵀ, each row of the product as exact as the row is long.
 *
 * Rows may differ by any power of ten: a scaling map has a row of 1e-8 beside one of 1e8. The
 * plain decomposition is exact to the longest row only. One-sided Jacobi rotations (Demmel and
 * Veselić 1992) keep rows apart; they start from its V.
 */
export function gradedSvd(a: Matrix): Svd {
  const rough = svd(a);
  const k = rough.sigma.length;
  if (!isUsable(a)) return rough;
  if (a.rows < a.columns) {
    // A reflection keeps the length of each row.
    const basis = orthonormal(transpose(a));
    const { u, sigma, v } = gradedSvd(multiply(a, basis));
    return { u, sigma, v: multiply(basis, v) };
  }
  const turned = columnsOf(multiply(a, rough.v));
  const vectors = columnsOf(rough.v);
  let moved = true;
  for (let sweep = 0; moved && sweep < MOST_SWEEPS; sweep++) {
    moved = false;
    for (let i = 0; i < k; i++) for (let j = i + 1; j < k; j++) moved = turnPair(turned, vectors, i, j) || moved;
  }
  const lengths = turned.map((column) => Math.hypot(...column));
  const order = lengths.map((_, i) => i).sort((i, j) => lengths[j] - lengths[i]);
  return {
    u: besideOf(
      order.map((i) => turned[i].map((x) => (lengths[i] > 0 ? x / lengths[i] : 0))),
      a.rows,
    ),
    sigma: Float64Array.from(order, (i) => lengths[i]),
    v: besideOf(
      order.map((i) => vectors[i]),
      a.columns,
    ),
  };
}

/** Turns two columns until they are orthogonal, and the vectors with them; false where they are. */
function turnPair(turned: Float64Array[], vectors: Float64Array[], i: number, j: number): boolean {
  const [a, b] = [turned[i], turned[j]];
  let [aa, bb, ab] = [0, 0, 0];
  for (let r = 0; r < a.length; r++) {
    aa += a[r] * a[r];
    bb += b[r] * b[r];
    ab += a[r] * b[r];
  }
  if (Math.abs(ab) <= ORTHOGONAL * Math.sqrt(aa * bb)) return false;
  const zeta = (bb - aa) / (2 * ab);
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const cosine = 1 / Math.sqrt(1 + tangent * tangent);
  for (const [x, y] of [
    [a, b],
    [vectors[i], vectors[j]],
  ]) {
    for (let r = 0; r < x.length; r++) {
      const [first, second] = [x[r], y[r]];
      x[r] = cosine * (first - tangent * second);
      y[r] = cosine * (tangent * first + second);
    }
  }
  return true;
}

function columnsOf(a: Matrix): Float64Array[] {
  return Array.from({ length: a.columns }, (_, j) =>
    Float64Array.from({ length: a.rows }, (_, i) => a.data[i * a.columns + j]),
  );
}

function besideOf(vectors: readonly Float64Array[], rows: number): Matrix {
  const data = new Float64Array(rows * vectors.length);
  vectors.forEach((vector, j) => vector.forEach((x, i) => (data[i * vectors.length + j] = x)));
  return { rows, columns: vectors.length, data };
}

/** Eigenvalues and eigenvectors of a symmetric matrix. */
export function symmetricEigen(a: Matrix): Eigen {
  const n = a.rows;
  if (!isUsable(a)) return { values: new Float64Array(n).fill(NaN), vectors: unknown(n, n) };
  const result = new EVD(toRows(a), { assumeSymmetric: true });
  return { values: Float64Array.from(result.realEigenvalues), vectors: fromRows(result.eigenvectorMatrix) };
}

/** An orthonormal basis of the columns of a matrix (n, r) with n ≥ r. */
export function orthonormal(a: Matrix): Matrix {
  return isUsable(a) ? fromRows(new QR(toRows(a)).orthogonalMatrix) : unknown(a.rows, a.columns);
}

/** Of a square matrix, by elimination: the largest entry of each column is its pivot. */
export function determinant({ rows: n, data }: Matrix): number {
  const lines = Array.from({ length: n }, (_, i) => data.slice(i * n, (i + 1) * n));
  let result = 1;
  for (let j = 0; j < n; j++) {
    let best = j;
    for (let i = j; i < n; i++) if (Math.abs(lines[i][j]) > Math.abs(lines[best][j])) best = i;
    const pivot = lines[best];
    lines[best] = lines[j];
    result *= best === j ? pivot[j] : -pivot[j];
    if (!pivot[j]) break;
    for (let i = j + 1; i < n; i++) {
      const share = lines[i][j] / pivot[j];
      for (let c = j; c < n; c++) lines[i][c] -= share * pivot[c];
    }
  }
  return result;
}

/** ml-matrix takes no empty matrix, and never ends or throws where a number is missing. */
function isUsable({ data }: Matrix): boolean {
  return data.length > 0 && data.every(Number.isFinite);
}

/** What follows from numbers that are missing is missing too. */
function unknown(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float64Array(rows * columns).fill(NaN) };
}

function toRows({ rows, columns, data }: Matrix): Rows {
  return new Rows(
    Array.from({ length: rows }, (_, i) => data.slice(i * columns, (i + 1) * columns)) as unknown as number[][],
  );
}

function fromRows(a: Rows): Matrix {
  const data = new Float64Array(a.rows * a.columns);
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.columns; j++) data[i * a.columns + j] = a.get(i, j);
  return { rows: a.rows, columns: a.columns, data };
}
