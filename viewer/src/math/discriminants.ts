/**
 * Linear discriminants, as scikit-learn's LinearDiscriminantAnalysis works them out with
 * solver "eigen" and automatic shrinkage (Ledoit and Wolf 2004).
 */
import { symmetricEigen } from "./decompositions";
import { column, combine, type Matrix, multiply, range, setColumn, subtract, transposeMultiply, zeros } from "./matrix";

/**
 * The first `most` discriminants, (n_units, n), not orthogonal.
 *
 * Null where there is no spread within classes to measure against, or only one class.
 */
export function discriminants(cloud: Matrix, groups: ArrayLike<number>, most: number): Matrix | null {
  const members = new Map<number, number[]>();
  for (let i = 0; i < cloud.rows; i++) {
    const list = members.get(groups[i]);
    if (list) list.push(i);
    else members.set(groups[i], [i]);
  }
  if (members.size < 2 || cloud.rows <= members.size) return null;
  let within = zeros(cloud.columns, cloud.columns);
  for (const rows of members.values()) {
    within = combine(1, within, rows.length / cloud.rows, shrunkCovariance(cloud, rows));
  }
  const total = shrunkCovariance(cloud, range(0, cloud.rows));
  return generalisedEigenvectors(subtract(total, within), within, Math.min(members.size - 1, most));
}

/** Covariance of some rows, shrunk towards a diagonal after each column has been scaled. */
function shrunkCovariance(cloud: Matrix, rows: readonly number[]): Matrix {
  const d = cloud.columns;
  const n = rows.length;
  const mean = new Float64Array(d);
  for (const i of rows) for (let j = 0; j < d; j++) mean[j] += cloud.data[i * d + j] / n;
  const scale = new Float64Array(d);
  for (const i of rows) for (let j = 0; j < d; j++) scale[j] += (cloud.data[i * d + j] - mean[j]) ** 2 / n;
  // A column without spread has what rounding of its mean leaves.
  for (let j = 0; j < d; j++) scale[j] = scale[j] > (n * mean[j] * Number.EPSILON) ** 2 ? Math.sqrt(scale[j]) : 1;
  const product = zeros(d, d);
  const z = new Float64Array(d);
  let fourth = 0;
  for (const i of rows) {
    let length = 0;
    for (let j = 0; j < d; j++) {
      z[j] = (cloud.data[i * d + j] - mean[j]) / scale[j];
      length += z[j] * z[j];
    }
    fourth += length * length;
    for (let a = 0; a < d; a++) for (let b = 0; b <= a; b++) product.data[a * d + b] += z[a] * z[b];
  }
  let [squares, trace] = [0, 0];
  for (let a = 0; a < d; a++) {
    for (let b = 0; b <= a; b++) {
      const value = (product.data[a * d + b] /= n);
      product.data[b * d + a] = value;
      squares += (a === b ? 1 : 2) * value * value;
      if (a === b) trace += value;
    }
  }
  const mu = trace / d;
  const delta = (squares - 2 * mu * trace + d * mu * mu) / d;
  const beta = Math.min((fourth / n - squares) / (d * n), delta);
  const share = d === 1 || beta === 0 ? 0 : beta / delta;
  const result = zeros(d, d);
  for (let a = 0; a < d; a++) {
    for (let b = 0; b < d; b++) {
      const shrunk = (1 - share) * product.data[a * d + b] + (a === b ? share * mu : 0);
      result.data[a * d + b] = scale[a] * shrunk * scale[b];
    }
  }
  return result;
}

/** The first eigenvectors of A v = λ B v, largest λ first; null where B is singular. */
function generalisedEigenvectors(a: Matrix, b: Matrix, count: number): Matrix | null {
  const { values, vectors } = symmetricEigen(b);
  const largest = values[values.length - 1];
  if (!(values[0] > 1e-14 * largest)) return null;
  const white = zeros(b.rows, b.rows);
  for (let j = 0; j < b.rows; j++)
    setColumn(
      white,
      j,
      column(vectors, j).map((x) => x / Math.sqrt(values[j])),
    );
  const inner = symmetricEigen(transposeMultiply(white, multiply(a, white)));
  const n = b.rows;
  const chosen = zeros(n, count);
  for (let j = 0; j < count; j++) setColumn(chosen, j, column(inner.vectors, n - 1 - j));
  return multiply(white, chosen);
}
