/** The linear probe that Python measured along the network, at any moment of the training. */
import type { Run } from "../scene/run";

export interface ProbeCurve {
  /** Accuracy on held-out points, one a representation; null where it has no meaning. */
  readonly values: readonly (number | null)[];
  /** Between two checkpoints that were measured. */
  readonly isInterpolated: boolean;
}

type Row = readonly (number | null)[];

/** Accuracy of naming the largest class; null where nothing was measured. */
export function chanceOf(run: Run): number | null {
  const { linear_probe: measured, chance } = run.header.measures;
  return measured ? (chance ?? null) : null;
}

/** Null where nothing was measured, and before the first measured checkpoint. */
export function probeCurve(run: Run, u: number): ProbeCurve | null {
  const measured = run.header.measures.linear_probe;
  if (!measured) return null;
  const before = measured.findLastIndex((row, i) => row !== null && i <= u + 1e-9);
  const after = measured.findIndex((row, i) => row !== null && i >= u - 1e-9);
  if (before < 0 || after < 0) return null;
  const [a, b] = [measured[before] as Row, measured[after] as Row];
  const share = after > before ? (u - before) / (after - before) : 0;
  const values = a.map((value, k) => {
    const next = b[k];
    return value === null || next === null ? null : value + (next - value) * share;
  });
  return { values, isInterpolated: after > before };
}
