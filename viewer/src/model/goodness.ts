/** A number to predict: what the network says against what is true, and how near it comes. */
import type { Moment } from "../network/moment";
import { grouped } from "../words";

export interface Pairs {
  /** Rows with a target, of many points a sample. */
  readonly rows: Uint32Array;
  readonly target: Float64Array;
  readonly predicted: Float64Array;
}

/** Null for classes, and where no unit of the output is the target's. */
export function pairsOf(moment: Moment): Pairs | null {
  const { run } = moment;
  const { values, unit } = run.header.target ?? {};
  if (!values || unit == null) return null;
  const rows = run.labelled(run.statisticsRows);
  const all = run.container.buffer(values);
  const { data, columns } = moment.rows(run.length, rows);
  return {
    rows,
    target: Float64Array.from(rows, (row) => all[row]),
    predicted: Float64Array.from(rows, (_, i) => data[i * columns + unit]),
  };
}

/** R² = 1 − residual / total sum of squares; NaN where the targets do not differ. */
export function determination(target: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const y = Array.from(target);
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  const squares = (of: (value: number, i: number) => number): number => y.reduce((sum, v, i) => sum + of(v, i) ** 2, 0);
  return 1 - squares((v, i) => v - predicted[i]) / (squares((v) => v - mean) || NaN);
}

export function r2Text(r2: number, digits = 3): string {
  return r2 < 0 ? "below 0" : Number.isNaN(r2) ? "undefined" : r2.toFixed(digits);
}

const threeDigits = (error: number): string =>
  error >= 1000 && error < 1e6 ? grouped(Math.round(error)) : error.toPrecision(3);

/** "Held out R² 0.482 (training 0.537), RMSE 54.3 (51.8)."; null where nothing is predicted. */
export function goodnessText(moment: Moment): string | null {
  const pairs = pairsOf(moment);
  if (!pairs?.rows.length) return null;
  const { heldOut } = moment.run;
  const part = (isHeld: boolean): { r2: string; rmse: string } | null => {
    const chosen = [...pairs.rows.keys()].filter((i) => (heldOut?.[pairs.rows[i]] === 1) === isHeld);
    const [y, p] = [pairs.target, pairs.predicted].map((values) => chosen.map((i) => values[i]));
    const square = y.reduce((sum, value, i) => sum + (value - p[i]) ** 2, 0) / y.length;
    return y.length ? { r2: r2Text(determination(y, p)), rmse: threeDigits(Math.sqrt(square)) } : null;
  };
  const [held, rest] = [part(true), part(false)];
  const first = held ?? rest!;
  const beside = (name: "r2" | "rmse", word = ""): string => (held && rest ? ` (${word}${rest[name]})` : "");
  return `${held ? "Held out " : ""}R²\u00a0${first.r2}${beside("r2", "training ")}, RMSE ${first.rmse}${beside("rmse")}.`;
}
