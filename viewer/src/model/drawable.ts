/** What can be drawn besides the points, and why not where it cannot. */
import { givesProbabilities } from "../network/forward";
import type { Run } from "../page_file/page_file";
import { grouped } from "../words";

export type Drawable = "lattice" | "boundary" | "shading" | "axes" | "heldOut";

/** Null where it can be drawn of one of the runs; else a sentence for whoever asks for it. */
export function reasonAgainst(what: Drawable, runs: readonly Run[]): string | null {
  const reasons = runs.map((run) => reason(what, run));
  return reasons.includes(null) ? null : reasons[0];
}

function reason(what: Drawable, run: Run): string | null {
  if (what === "axes") return null;
  if (what === "heldOut") return run.heldOut ? null : "No rings: no point is held out.";
  const isFlat = run.header.lattice !== null;
  const features = run.nUnits(0);
  const others = features === 2 ? "" : `: this one has ${grouped(features)} feature${features === 1 ? "" : "s"}`;
  if (what === "lattice") return isFlat ? null : `No grid: it is drawn for inputs of 2 features${others}.`;
  const name = what === "boundary" ? "boundary" : "confidence";
  if (!run.nClasses) return `No ${name}: the network tells no classes.`;
  const runs = run.header.carrier === "weights" && givesProbabilities(run);
  if (what === "shading" && !runs) return "No confidence: this page does not run the network.";
  const hasPlane = runs && run.header.representations.some(({ n_units: n }) => n === 2);
  return isFlat || hasPlane ? null : `No ${name}: it is drawn where 2 features or units are all there is.`;
}
