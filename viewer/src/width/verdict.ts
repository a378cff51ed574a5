/**
 * Verdicts: enough, too small, or did the optimiser fail? The twin of src/unknot/width/verdict.py,
 * word for word; tests/width/verdict_golden.json holds both to the same.
 */
import { grouped, significant } from "../words";
import { type Metric, SHOWN } from "./judging";
import type { Statement } from "./theory";

export type Verdict = "enough" | "too small" | "optimiser failed" | "does not generalise" | "undecided";

/** An optimum that so many restarts came to by themselves is taken for the best one. */
const REPEATED = 3;
/** Training losses within this share of the lowest one are the same optimum. */
const SAME = 0.02;
/** A network contains all narrower ones: a loss higher than theirs by this share is a failure. */
const CONTAINED = 0.005;
/** Standard errors that make a difference clear. */
const CLEAR = 2;
/** Of the normal distribution: 95 % lie within so many standard deviations. */
const Z = 1.959964;

/** What a width is held to. */
export interface Bar {
  readonly ceiling: number;
  readonly tolerance: number;
  /** Score and training loss of the answer that is the same for all points. */
  readonly constant: number;
  readonly constantLoss: number;
  /** Whether some model clearly does better than that answer. */
  readonly isLearnable: boolean;
  /** What is proved of the case. */
  readonly theory?: readonly Statement[];
  readonly metric?: Metric;
}

/** The chosen network of a width on the judging points, beside the ceiling. */
export interface Judged {
  readonly shortfall: number;
  readonly error: number;
  readonly nPoints: number;
}

/** The trainings of a width: of each restart its loss on the training points and its score on the judging ones. */
export interface Trials {
  readonly losses: readonly number[];
  readonly scores: readonly number[];
  /** Of the network that is best on the training points. */
  readonly score: number;
  readonly trainingScore: number;
  readonly judged: Judged;
}

export interface WidthResult extends Trials {
  readonly width: number;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly nReached: number;
  /** The 95 % interval of the share of restarts that do. */
  readonly interval: readonly [number, number];
  /** Restarts after which one has come that close with a probability of 95 %. */
  readonly restartsNeeded: number | null;
}

export function verdictOn(bar: Bar, width: number, trials: Trials, narrower: readonly WidthResult[]): WidthResult {
  const nReached = trials.scores.filter((score) => score >= bar.ceiling - bar.tolerance).length;
  const n = trials.losses.length;
  const [verdict, reason] = decide(bar, width, { ...trials, n, nReached }, narrower);
  return {
    ...trials,
    width,
    verdict,
    reason,
    nReached,
    interval: wilson(nReached, n),
    restartsNeeded: restartsNeeded(nReached / n),
  };
}

/**
 * The narrowest width that may be enough, and the narrowest that surely is (null: none). A width
 * contains all narrower ones: where one is too small, so are those.
 */
export function answerRange(widths: readonly WidthResult[]): readonly [number, number | null] | null {
  const enough = widths.find(({ verdict }) => verdict === "enough")?.width ?? null;
  const below = widths.filter(({ width }) => enough === null || width < enough);
  const excluded = Math.max(0, ...below.filter((w) => w.verdict === "too small").map(({ width }) => width));
  const doubtful = below.find(({ verdict, width }) => verdict === "undecided" && width > excluded);
  if (doubtful) return [doubtful.width, enough];
  return enough === null ? null : [enough, enough];
}

/** The answer in words, as Python's `answer_text`. */
export function answerText(range: readonly [number, number | null] | null): string {
  if (!range) return "no width is enough";
  const [low, high] = range;
  if (low === high) return low === 1 ? "1 unit is enough" : `${low} units are enough`;
  if (high === null) return `${low} unit${low > 1 ? "s" : ""} or more, the data cannot tell`;
  return `${low} ${high === low + 1 ? "or" : "to"} ${high} units, the data cannot tell`;
}

/** Why coming within the tolerance means nothing here; otherwise empty. */
export function objection({ ceiling, tolerance, constant, isLearnable, metric = "accuracy" }: Bar): string {
  if (constant < ceiling - tolerance) return "";
  const name = SHOWN[metric];
  if (!isLearnable) {
    return (
      "There is nothing to learn by this measure: no model does clearly better than always giving the same answer " +
      `(${name} ${four(constant)}, the ceiling ${four(ceiling)}). The labels look independent of the features.`
    );
  }
  const other = metric === "balanced_accuracy" ? "" : " or metric='balanced_accuracy'";
  return (
    `Always giving the same answer comes within the tolerance too (${name} ${four(constant)} of ${four(ceiling)}), ` +
    `so that is not enough; a tolerance below ${significant(ceiling - constant, 2).replace("−", "-")}${other} can tell.`
  );
}

interface Counted extends Trials {
  readonly n: number;
  readonly nReached: number;
}

const slackOf = ({ judged }: Trials): number => CLEAR * judged.error;

const lowestLoss = ({ losses }: Trials): number => Math.min(Infinity, ...losses.filter(Number.isFinite));

type Decision = readonly [Verdict, string];

function decide(bar: Bar, width: number, trials: Counted, narrower: readonly WidthResult[]): Decision {
  const gap = trials.judged.shortfall - bar.tolerance;
  if (gap + slackOf(trials) <= 0) {
    const against = objection(bar);
    return against ? ["undecided", against] : ["enough", enough(trials)];
  }
  if (gap <= 0) return ["undecided", objection(bar) || unsure(gap, trials)];
  return below(bar, width, trials, narrower);
}

function enough(trials: Counted): string {
  const missing = trials.judged.shortfall;
  const where = missing ? `${four(Math.abs(missing))} ${missing > 0 ? "below" : "above"}` : "at";
  return (
    `It is ${where} the ceiling, give or take ${four(slackOf(trials))} (2 standard errors); ` +
    `${trials.nReached} of ${trials.n} random starts get there.`
  );
}

/** Why it may be enough, and may be not. */
function unsure(gap: number, trials: Counted): string {
  const side = gap > 0 ? "misses the tolerance" : "is within the tolerance";
  const slack = slackOf(trials);
  const text = `It ${side} by ${four(Math.abs(gap))}, which may be chance (2 standard errors are ${four(slack)})`;
  const needed = gap ? trials.judged.nPoints * (slack / gap) ** 2 : Infinity;
  // Of a difference that is smaller still, no number of points is worth naming.
  if (needed > 1e9) return `${text}.`;
  return `${text}; ${grouped(Math.ceil(Number(fixed(needed, 3))))} points to judge with would tell.`;
}

/** Why a width misses the tolerance. */
function below(bar: Bar, width: number, trials: Counted, narrower: readonly WidthResult[]): Decision {
  const gap = trials.judged.shortfall - bar.tolerance;
  const slack = slackOf(trials);
  const isClear = gap >= slack;
  if (isClear && trials.trainingScore >= bar.ceiling - bar.tolerance) {
    return [
      "does not generalise",
      `On the training points it gets there (${four(trials.trainingScore)}), on the judging points it misses the ` +
        `tolerance by ${four(gap)}. More random starts would not help; more points to train on might.`,
    ];
  }
  const contained = least(narrower, lowestLoss);
  if (contained && lowestLoss(trials) > (1 + CONTAINED) * lowestLoss(contained)) {
    return [
      "optimiser failed",
      `Width ${contained.width} got to a lower training loss (${four(lowestLoss(contained))} against ` +
        `${four(lowestLoss(trials))}), and this one can do all that it can. ${more(trials)}`,
    ];
  }
  if (!isClear) return ["undecided", unsure(gap, trials)];
  const better = least(narrower, ({ score }) => -score);
  if (better && better.score - trials.score > slack) return narrowerIsBetter(bar, better, trials);
  if (trials.nReached) {
    return [
      "optimiser failed",
      `${trials.nReached} of ${trials.n} random starts come within the tolerance, but not the one that is best on ` +
        `the training points. ${more(trials)}`,
    ];
  }
  return farBelow(bar, width, trials, gap);
}

/** Whatever the restarts agree on, a narrower network does better. */
function narrowerIsBetter({ metric = "accuracy" }: Bar, better: WidthResult, trials: Counted): Decision {
  const text = `Width ${better.width} has a better ${SHOWN[metric]} (${four(better.score)} against `;
  if (better.trainingScore < trials.trainingScore) {
    return [
      "does not generalise",
      `${text}${four(trials.score)}), though not on the training points (${four(better.trainingScore)} against ` +
        `${four(trials.trainingScore)}): this one fits them more closely than the rest bears out. More points to ` +
        "train on might help.",
    ];
  }
  return ["optimiser failed", `${text}${four(trials.score)}), and this one can do all that it can. ${more(trials)}`];
}

/** Whether nothing better was there to find. */
function farBelow(bar: Bar, width: number, trials: Counted, gap: number): Decision {
  const theorem = bar.theory?.find(({ forbids, widths }) => forbids && widths.includes(width));
  const cited = theorem ? ` It is proved that it cannot enclose the inner class (${theorem.source}).` : "";
  const errors = trials.judged.error ? fixed(gap / trials.judged.error, 0) : "inf";
  const falls = `The best misses the tolerance by ${four(gap)} (${errors} standard errors)`;
  const lowest = lowestLoss(trials);
  const isLost = lowest >= (1 - SAME) * bar.constantLoss;
  const repeated = trials.losses.filter((loss) => loss <= (1 + SAME) * lowest).length;
  if (repeated >= REPEATED && !isLost) {
    return [
      "too small",
      `${falls}, and ${repeated} of ${trials.n} random starts end there. ` +
        `If ${fixed(100 * Math.min(1, 3 / trials.n), 0)} % of starts led to a better network, ` +
        `${trials.n} starts would have found it with 95 % probability.${cited}`,
    ];
  }
  if (theorem && gap > bar.tolerance) return ["too small", `${falls}.${cited}`];
  if (isLost) {
    return [
      "optimiser failed",
      `No training got clearly below the loss of always giving the same answer (${four(bar.constantLoss)}). That ` +
        `they agree on it says nothing of the width. ${more(trials)}`,
    ];
  }
  return [
    "optimiser failed",
    `${falls}, but only ${repeated} random ${repeated === 1 ? "start" : "starts"} of ${trials.n} came to it: there ` +
      `may be better ones. ${more(trials)}`,
  ];
}

function more({ n }: Counted): string {
  return `More random starts would likely help (${4 * n}).`;
}

function least<T>(all: readonly T[], key: (each: T) => number): T | null {
  return all.reduce<T | null>((best, each) => (best === null || key(each) < key(best) ? each : best), null);
}

/** Of an accuracy measured on independent points: √(p (1 − p) / n). */
export function standardError(accuracy: number, n: number): number {
  return Math.sqrt(Math.max(accuracy * (1 - accuracy), 0) / n);
}

/** The 95 % interval of a share, Wilson (1927); it holds for shares of 0 and 1 too. */
export function wilson(successes: number, trials: number): [number, number] {
  const [share, z2] = [successes / trials, Z ** 2];
  const middle = (share + z2 / (2 * trials)) / (1 + z2 / trials);
  const half = (Z / (1 + z2 / trials)) * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials ** 2));
  return [Math.min(Math.max(0, middle - half), share), Math.max(Math.min(1, middle + half), share)];
}

/** Starts after which one has succeeded with a probability of 95 %; null where none ever succeeds. */
export function restartsNeeded(share: number): number | null {
  if (share <= 0) return null;
  if (share >= 1) return 1;
  return Math.max(1, Math.ceil(Math.log(1 - 0.95) / Math.log1p(-share)));
}

const four = (x: number): string => fixed(x, 4);

/** As Python's format: what lies in the middle of two goes to the even one. */
export function fixed(x: number, digits: number): string {
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  const isTie = Math.abs(x * 2 ** (digits + 1)) % 2 === 1;
  if (!isTie) return x.toFixed(digits);
  const whole = Math.floor(Math.abs(x) * 10 ** digits);
  const even = (whole + (whole % 2)) / 10 ** digits;
  return (x < 0 ? -even : even).toFixed(digits);
}
