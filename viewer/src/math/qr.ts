/** Householder QR, and what is orthogonal to given columns. */
import { columns, eye, zeros, type Matrix } from "./matrix";

/**
 * All of Q, (n, n), of a matrix (n, r) with n ≥ r.
 *
 * Signs are those of LAPACK (a column with entries below the diagonal is sent to minus the sign
 * of its first entry), so that Q is the same as NumPy's.
 */
export function fullQ(a: Matrix): Matrix {
  const { rows: n, columns: r } = a;
  const work = a.data.slice();
  const reflectors: Float64Array[] = [];
  for (let j = 0; j < Math.min(r, n); j++) {
    const v = new Float64Array(n);
    let below = 0;
    for (let i = j + 1; i < n; i++) below += (v[i] = work[i * r + j]) ** 2;
    const head = work[j * r + j];
    if (below === 0) {
      reflectors.push(v.fill(0));
      continue;
    }
    const length = Math.sqrt(head * head + below);
    v[j] = head + (head >= 0 ? length : -length);
    normalise(v);
    for (let c = j; c < r; c++) reflect(work, r, c, v, j);
    reflectors.push(v);
  }
  const q = eye(n);
  for (let j = reflectors.length - 1; j >= 0; j--) {
    for (let c = 0; c < n; c++) reflect(q.data, n, c, reflectors[j], j);
  }
  return q;
}

/** The first r columns of Q: an orthonormal basis of the columns of a matrix (n, r). */
export function thinQ(a: Matrix): Matrix {
  return a.columns === 0 ? zeros(a.rows, 0) : columns(fullQ(a), 0, a.columns);
}

/** Orthonormal columns orthogonal to the given orthonormal ones: `count` of them, or all. */
export function complement(a: Matrix, count?: number): Matrix {
  const q = a.columns ? fullQ(a) : eye(a.rows);
  return columns(q, a.columns, count === undefined ? q.columns : a.columns + count);
}

function normalise(v: Float64Array): void {
  let sum = 0;
  for (const value of v) sum += value * value;
  const factor = 1 / Math.sqrt(sum);
  for (let i = 0; i < v.length; i++) v[i] *= factor;
}

/** Column c of a matrix becomes (I − 2 v vᵀ) times itself; `v` is zero before `start`. */
function reflect(data: Float64Array, width: number, c: number, v: Float64Array, start: number): void {
  let along = 0;
  for (let i = start; i < v.length; i++) along += v[i] * data[i * width + c];
  if (along === 0) return;
  for (let i = start; i < v.length; i++) data[i * width + c] -= 2 * along * v[i];
}
