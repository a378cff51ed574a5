/** Means, covariances and quantiles. */
import { type Matrix, zeros } from "./matrix";

/** Mean and covariance of a cloud, and what else projections need. */
export interface Statistics {
  readonly mean: Float64Array;
  readonly covariance: Matrix;
  /** Largest minus smallest entry of the whole cloud. */
  readonly range: number;
}

/** Mean and covariance of a cloud. */
export function measure(cloud: Matrix): Statistics {
  const { rows, columns, data } = cloud;
  const mean = new Float64Array(columns);
  let [low, high] = rows ? [Infinity, -Infinity] : [0, 0];
  for (let i = 0; i < data.length; i++) {
    mean[i % columns] += data[i] / rows;
    if (data[i] < low) low = data[i];
    if (data[i] > high) high = data[i];
  }
  const covariance = zeros(columns, columns);
  const centred = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) centred[j] = data[i * columns + j] - mean[j];
    for (let a = 0; a < columns; a++) {
      for (let b = a; b < columns; b++) covariance.data[a * columns + b] += centred[a] * centred[b];
    }
  }
  for (let a = 0; a < columns; a++) {
    for (let b = a; b < columns; b++) {
      covariance.data[b * columns + a] = covariance.data[a * columns + b] /= Math.max(rows, 1);
    }
  }
  return { mean, covariance, range: high - low };
}

/** Of sorted values, with linear interpolation. */
export function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const i = Math.floor(place);
  const next = Math.min(i + 1, sorted.length - 1);
  return sorted[i] + (sorted[next] - sorted[i]) * (place - i);
}
