/** An instant as parts: Σ clouds[k] · matrix + offset, already seen in a frame. */
import type { Matrix } from "../math/matrix";

export interface Term {
  /** The representation. */
  readonly k: number;
  /** (n_units, n_axes) */
  readonly matrix: Matrix;
}

export interface Parts {
  readonly terms: readonly Term[];
  /** (n_axes,) */
  readonly offset: Float64Array;
}

/** Any clouds, (n_points, n_units) each by representation, at that instant: (n_points, n_axes). */
export function evaluate(parts: Parts, cloud: (k: number) => Matrix): Matrix {
  const nAxes = parts.offset.length;
  const nPoints = cloud(parts.terms[0].k).rows;
  const data = new Float64Array(nPoints * nAxes);
  for (let i = 0; i < nPoints; i++) data.set(parts.offset, i * nAxes);
  for (const { k, matrix } of parts.terms) {
    const values = cloud(k);
    const n = values.columns;
    for (let i = 0; i < nPoints; i++) {
      for (let u = 0; u < n; u++) {
        const value = values.data[i * n + u];
        for (let a = 0; a < nAxes; a++) data[i * nAxes + a] += value * matrix.data[u * nAxes + a];
      }
    }
  }
  return { rows: nPoints, columns: nAxes, data };
}
