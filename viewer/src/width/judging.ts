/** Two models on the same rows, and the answer that is the same for all: as src/unknot/width/metrics.py has them. */

export const METRICS = ["accuracy", "balanced_accuracy", "log_loss"] as const;
export type Metric = (typeof METRICS)[number];
/** What a score is called where people read it. */
export const SHOWN: Readonly<Record<Metric, string>> = {
  accuracy: "accuracy",
  balanced_accuracy: "balanced accuracy",
  log_loss: "minus log loss",
};
/** A class with a smaller share of the points is rare: accuracy would forget it. */
const RARE = 0.05;
/** Log probability of what a model held for impossible. */
export const LEAST = -30;

/** Balanced accuracy if a class is rare. */
export function usualMetric(shares: readonly number[]): Metric {
  return Math.min(...shares) < RARE ? "balanced_accuracy" : "accuracy";
}

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Row values of each class that has rows. */
function byClass(values: ArrayLike<number>, y: ArrayLike<number>, nClasses: number): number[][] {
  const groups: number[][] = Array.from({ length: nClasses }, () => []);
  for (let i = 0; i < values.length; i++) groups[y[i]].push(values[i]);
  return groups.filter((group) => group.length);
}

/** The score of a model from what each row adds to it: right or wrong, or its log probability. */
export function scoreOf(metric: Metric, values: ArrayLike<number>, y: ArrayLike<number>, nClasses: number): number {
  return mean(metric === "balanced_accuracy" ? byClass(values, y, nClasses).map(mean) : Array.from(values));
}

/** Row values of the answer that is the same for every row, best on these. */
export function constantValues(metric: Metric, y: ArrayLike<number>, nClasses: number): Float64Array {
  const shares = classShares(y, nClasses);
  const common = commonest(shares);
  return Float64Array.from(y, (label) =>
    metric === "log_loss" ? Math.max(Math.log(shares[label]), LEAST) : Number(label === common),
  );
}

/** How much more of the rows are right by `theirs`, and its standard error. */
export interface Difference {
  readonly gain: number;
  readonly error: number;
}

/**
 * Rows that are right (1) or wrong (0) by two models. The error is that of McNemar's table with half
 * a count added to each of its four cells (Agresti and Min 2005), for the balanced accuracy class by
 * class; of log probabilities it is that of their mean.
 */
export function difference(
  metric: Metric,
  ours: ArrayLike<number>,
  theirs: ArrayLike<number>,
  y: ArrayLike<number>,
  nClasses: number,
): Difference {
  const gains = Array.from(ours, (own, i) => theirs[i] - own);
  if (metric === "log_loss") {
    const gain = mean(gains);
    return { gain, error: Math.sqrt(mean(gains.map((each) => (each - gain) ** 2)) / gains.length) };
  }
  const groups = metric === "balanced_accuracy" ? byClass(gains, y, nClasses) : [gains];
  const parts = groups.map((group) => {
    const [total, all] = [group.reduce((sum, gain) => sum + gain, 0), group.length + 2];
    const discordant = group.reduce((sum, gain) => sum + Math.abs(gain), 1);
    return { gain: total / group.length, variance: (discordant - total ** 2 / all) / all ** 2 };
  });
  const variance = parts.reduce((sum, part) => sum + part.variance, 0);
  return { gain: mean(parts.map(({ gain }) => gain)), error: Math.sqrt(variance) / parts.length };
}

/** Share of each class. */
export function classShares(y: ArrayLike<number>, nClasses: number): number[] {
  const shares = Array<number>(nClasses).fill(0);
  for (let i = 0; i < y.length; i++) shares[y[i]] += 1 / y.length;
  return shares;
}

/** The loss of always giving the shares of the classes as probabilities. */
export function constantLoss(shares: readonly number[]): number {
  return -shares.reduce((sum, share) => sum + (share > 0 ? share * Math.log(share) : 0), 0);
}

/** The largest class; the first of several. */
export function commonest(shares: readonly number[]): number {
  return shares.indexOf(Math.max(...shares));
}
