/** Statistics of a stored checkpoint, as the file has them. */
import type { Matrix } from "../math/matrix";
import type { Run, Statistics } from "./run";

interface Entry {
  readonly mean: string;
  readonly covariance: string;
  readonly range?: number;
  readonly lda_2?: string | null;
  readonly lda_3?: string | null;
}

export function storedStatistics(run: Run, checkpoint: number, k: number): Statistics | null {
  const all = run.header["statistics"] as readonly (readonly (Entry | null)[])[] | null | undefined;
  const entry = all?.[checkpoint]?.[k];
  if (!entry) return null;
  const read = (name: string): Matrix => {
    const [rows, columns] = run.container.shape(name);
    return { rows, columns, data: Float64Array.from(run.container.buffer(name)) };
  };
  const covariance = read(entry.covariance);
  const lda: Record<number, Matrix> = {};
  if (entry.lda_2) lda[2] = read(entry.lda_2);
  if (entry.lda_3) lda[3] = read(entry.lda_3);
  const spread = Math.sqrt(Math.max(...covariance.data, 0));
  return {
    mean: Float64Array.from(run.container.buffer(entry.mean)),
    covariance,
    range: entry.range ?? 8 * spread,
    lda,
  };
}
