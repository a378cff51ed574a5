/** Statistics of a stored checkpoint, as the file has them. */
import type { Matrix } from "../math/matrix";
import type { Run, Statistics } from "./run";

interface Entry {
  readonly mean: string;
  readonly covariance: string;
  readonly range?: number;
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
  const spread = Math.sqrt(Math.max(...covariance.data, 0));
  return {
    mean: Float64Array.from(run.container.buffer(entry.mean)),
    covariance,
    range: entry.range ?? 8 * spread,
  };
}
