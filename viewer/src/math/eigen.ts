/** Eigenvalues of a symmetric matrix by Jacobi rotations. */
import { eye, pick, range, type Matrix } from "./matrix";

export interface Eigen {
  /** In ascending order. */
  readonly values: Float64Array;
  /** Columns, orthonormal. */
  readonly vectors: Matrix;
}

const MOST_SWEEPS = 60;

export function symmetricEigen(a: Matrix): Eigen {
  const n = a.rows;
  const m = a.data.slice();
  const v = eye(n);
  const total = m.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += m[p * n + q] ** 2;
    if (off <= 1e-32 * total) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) turn(m, v.data, n, p, q);
  }
  const order = range(0, n).sort((i, j) => m[i * n + i] - m[j * n + j]);
  return { values: Float64Array.from(order, (i) => m[i * n + i]), vectors: pick(v, order) };
}

/** One rotation that makes entry (p, q) zero. */
function turn(m: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = m[p * n + q];
  if (apq === 0) return;
  const theta = (m[q * n + q] - m[p * n + p]) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(1 + theta * theta));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = c * t;
  for (let i = 0; i < n; i++) {
    const [x, y] = [m[i * n + p], m[i * n + q]];
    m[i * n + p] = c * x - s * y;
    m[i * n + q] = s * x + c * y;
  }
  for (let i = 0; i < n; i++) {
    const [x, y] = [m[p * n + i], m[q * n + i]];
    m[p * n + i] = c * x - s * y;
    m[q * n + i] = s * x + c * y;
  }
  for (let i = 0; i < n; i++) {
    const [x, y] = [v[i * n + p], v[i * n + q]];
    v[i * n + p] = c * x - s * y;
    v[i * n + q] = s * x + c * y;
  }
  m[p * n + q] = m[q * n + p] = 0;
}
