/** The rate of a step: constant, or one that falls on the way to a last step. */

export const SCHEDULES = ["constant", "steps", "cosine"] as const;
export type ScheduleName = (typeof SCHEDULES)[number];

export interface Schedule {
  readonly kind: ScheduleName;
  /** The step at which it is over. */
  readonly until: number;
}

/** Share of the steps in which a cosine's rate rises to its peak, and where it begins. */
const WARM_UP = 0.05;
const FIRST = 0.1;

/**
 * What the rate is multiplied by at a step, counted from 0. "cosine" is Python's `warm_up_cosine`
 * (Loshchilov and Hutter 2017); "steps" is a tenth from half of the way on and a hundredth from three
 * quarters on (He and others 2016).
 */
export function factorAt(step: number, { kind, until }: Schedule): number {
  if (kind === "constant") return 1;
  if (kind === "steps") return step < until / 2 ? 1 : step < 0.75 * until ? 0.1 : 0.01;
  const warm = Math.max(1, Math.floor(WARM_UP * until));
  if (step < warm) return FIRST + ((1 - FIRST) * step) / warm;
  const length = Math.max(2, until) - warm;
  return 0.5 * (1 + Math.cos((Math.PI * Math.min(step - warm, length)) / length));
}
