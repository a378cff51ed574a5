/** Right and wrong: what the network takes each point for, and which class for which. */
import { mostProbable } from "../network/forward";
import type { Moment } from "../network/moment";

export interface Outcome {
  /** Labelled rows, of many points a sample. */
  readonly rows: Uint32Array;
  /** The most probable class of each of them. */
  readonly predicted: Int32Array;
}

const known = new WeakMap<Moment, Outcome | null>();

/** Null where the network tells no classes or the points have no labels. */
export function outcomeOf(moment: Moment): Outcome | null {
  if (!known.has(moment)) known.set(moment, workOut(moment));
  return known.get(moment)!;
}

function workOut(moment: Moment): Outcome | null {
  const { run } = moment;
  if (!run.labels || run.nClasses < 2 || !run.nPoints) return null;
  const rows = run.labelled(run.statisticsRows);
  const p = rows.length ? moment.probabilities(rows) : null;
  return p && { rows, predicted: Int32Array.from(rows, (_, i) => mostProbable(p, i)) };
}

export type Part = "all" | "held out";

/** Rows by class and prediction: cells[c * nClasses + p]. Where some were held out, those alone. */
export function confusion(moment: Moment): { part: Part; cells: readonly (readonly number[])[] } | null {
  const outcome = outcomeOf(moment);
  if (!outcome) return null;
  const { labels, heldOut, nClasses } = moment.run;
  const part = outcome.rows.some((row) => heldOut?.[row]) ? "held out" : "all";
  const cells = Array.from({ length: nClasses ** 2 }, (): number[] => []);
  outcome.rows.forEach((row, i) => {
    if (part === "all" || heldOut![row]) cells[labels![row] * nClasses + outcome.predicted[i]].push(row);
  });
  return { part, cells };
}

export function mistakes(moment: Moment): number[] {
  const outcome = outcomeOf(moment);
  const { labels } = moment.run;
  return outcome ? Array.from(outcome.rows).filter((row, i) => outcome.predicted[i] !== labels![row]) : [];
}
