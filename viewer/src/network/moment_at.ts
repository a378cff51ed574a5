/** The network of a run at moment u. */
import type { Run } from "../scene/run";
import type { Moment } from "./moment";
import { ValuesMoment } from "./values_moment";
import { WeightsMoment } from "./weights_moment";

export function momentAt(run: Run, u: number): Moment {
  return run.header.carrier === "weights" ? new WeightsMoment(run, u) : new ValuesMoment(run, u);
}
