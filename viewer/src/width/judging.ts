/** Two models on the same rows, and the answer that is the same for all: as src/unknot/width/metrics.py has them. */

/** How much more of the rows are right by `theirs`, and its standard error. */
export interface Difference {
  readonly gain: number;
  readonly error: number;
}

/**
 * Rows that are right (1) or wrong (0) by two models. The error is that of McNemar's table with half
 * a count added to each of its four cells (Agresti and Min 2005).
 */
export function difference(ours: ArrayLike<number>, theirs: ArrayLike<number>): Difference {
  const n = ours.length;
  let [discordant, total] = [1, 0];
  for (let i = 0; i < n; i++) {
    const gain = theirs[i] - ours[i];
    discordant += Math.abs(gain);
    total += gain;
  }
  const all = n + 2;
  return { gain: total / n, error: Math.sqrt((discordant - total ** 2 / all) / all ** 2) };
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
