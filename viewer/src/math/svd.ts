/** Singular values by one-sided Jacobi rotations (Hestenes 1958): short, and accurate. */
import {
  column, dot, multiply, norm, range, setColumn, transpose, transposeMultiply, zeros, type Matrix,
} from "./matrix";
import { fullQ, thinQ } from "./qr";

export interface Svd {
  /** (m, k) with orthonormal columns, k the smaller side. */
  readonly u: Matrix;
  /** (k,) in descending order. */
  readonly sigma: Float64Array;
  /** (n, k) with orthonormal columns. */
  readonly v: Matrix;
}

const MOST_SWEEPS = 60;
const PRECISION = 1e-15;

/** A = U Σ Vᵀ. */
export function svd(a: Matrix): Svd {
  if (a.rows < a.columns) {
    const { u, sigma, v } = svd(transpose(a));
    return { u: v, sigma, v: u };
  }
  if (a.rows > 2 * a.columns && a.columns > 0) {
    // A tall matrix: rotate only its triangle.
    const q = thinQ(a);
    const inner = svd(transposeMultiply(q, a));
    return { u: multiply(q, inner.u), sigma: inner.sigma, v: inner.v };
  }
  return jacobi(a);
}

function jacobi(a: Matrix): Svd {
  const n = a.columns;
  const left = range(0, n).map((j) => column(a, j));
  const right = range(0, n).map((j) => {
    const unit = new Float64Array(n);
    unit[j] = 1;
    return unit;
  });
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let turned = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) turned = orthogonalise(left, right, p, q) || turned;
    }
    if (!turned) break;
  }
  const lengths = left.map(norm);
  const order = range(0, n).sort((i, j) => lengths[j] - lengths[i]);
  const u = zeros(a.rows, n);
  const v = zeros(n, n);
  const sigma = Float64Array.from(order, (i) => lengths[i]);
  order.forEach((i, at) => {
    setColumn(v, at, right[i]);
    if (lengths[i] > 0) setColumn(u, at, left[i].map((x) => x / lengths[i]));
  });
  fillEmpty(u, sigma);
  return { u, sigma, v };
}

/** Rotate two columns until they are orthogonal; false when they were. */
function orthogonalise(left: Float64Array[], right: Float64Array[], p: number, q: number): boolean {
  const alpha = dot(left[p], left[p]);
  const beta = dot(left[q], left[q]);
  const gamma = dot(left[p], left[q]);
  if (gamma === 0 || Math.abs(gamma) <= PRECISION * Math.sqrt(alpha * beta)) return false;
  const zeta = (beta - alpha) / (2 * gamma);
  const tangent = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const cosine = 1 / Math.sqrt(1 + tangent * tangent);
  const sine = cosine * tangent;
  for (const side of [left, right]) {
    const [x, y] = [side[p], side[q]];
    for (let i = 0; i < x.length; i++) {
      const before = x[i];
      x[i] = cosine * before - sine * y[i];
      y[i] = sine * before + cosine * y[i];
    }
  }
  return true;
}

/** Columns of U that belong to singular values of zero: anything orthogonal to the others. */
function fillEmpty(u: Matrix, sigma: Float64Array): void {
  const most = sigma.length ? sigma[0] : 0;
  const rank = sigma.filter((value) => value > most * 1e-15 && value > 0).length;
  if (rank === sigma.length) return;
  const known = zeros(u.rows, rank);
  for (let j = 0; j < rank; j++) setColumn(known, j, column(u, j));
  const q = fullQ(known);
  for (let j = rank; j < sigma.length; j++) setColumn(u, j, column(q, j));
}

/** The orthogonal factor: the matrix with orthonormal columns (or rows) nearest to this one. */
export function polar(a: Matrix): Matrix {
  const { u, v } = svd(a);
  return multiply(u, transpose(v));
}
