/** Activations of whole arrays with their slopes: what the gradient needs of a formula. */
import { type Formula, OPERATIONS } from "../network/activations";

/** Writes the values and the slopes of the first `n` numbers of `z`. */
export type Activate = (z: Float64Array, values: Float64Array, slopes: Float64Array, n: number) => void;

/** Those that most networks have, without a call for each number. */
const QUICK: Readonly<Record<string, Activate>> = {
  '["relu","z"]': (z, values, slopes, n) => {
    for (let i = 0; i < n; i++) {
      // Without a branch, which would be guessed wrong as often as not.
      values[i] = Math.max(z[i], 0);
      slopes[i] = +(z[i] > 0);
    }
  },
  '["tanh","z"]': (z, values, slopes, n) => {
    for (let i = 0; i < n; i++) {
      // A third of the time of Math.tanh.
      const e = Math.exp(-2 * Math.abs(z[i]));
      const size = (1 - e) / (1 + e);
      const value = z[i] < 0 ? -size : size;
      values[i] = value;
      slopes[i] = 1 - value * value;
    }
  },
  '["sigmoid","z"]': (z, values, slopes, n) => {
    for (let i = 0; i < n; i++) {
      const e = Math.exp(-Math.abs(z[i]));
      const small = e / (1 + e);
      values[i] = z[i] >= 0 ? 1 / (1 + e) : small;
      slopes[i] = small * (1 - small);
    }
  },
};

/** A formula for at most `room` numbers at a time. */
export function activate(formula: Formula, room: number): Activate {
  const quick = QUICK[JSON.stringify(formula)];
  if (quick) return quick;
  const z: Term = { values: new Float64Array(room), slopes: new Float64Array(room).fill(1) };
  const work: ((n: number) => void)[] = [];
  const result = term(formula, z, work, room);
  return (from, values, slopes, n) => {
    for (let i = 0; i < n; i++) z.values[i] = from[i];
    for (const step of work) step(n);
    for (let i = 0; i < n; i++) {
      values[i] = result.values[i];
      slopes[i] = result.slopes ? result.slopes[i] : 0;
    }
  };
}

/** A part of a formula: its numbers, and their derivatives by z where it depends on z. */
interface Term {
  readonly values: Float64Array;
  readonly slopes: Float64Array | null;
}

function term(formula: Formula, z: Term, work: ((n: number) => void)[], room: number): Term {
  if (formula === "z") return z;
  if (typeof formula === "number") return { values: new Float64Array(room).fill(formula), slopes: null };
  if (typeof formula === "string") throw new Error(`The parameter ${formula} has no value.`);
  const { apply, slopes: partial } = OPERATIONS[formula[0]];
  const parts = formula.slice(1).map((argument) => term(argument as Formula, z, work, room));
  const moving = parts.flatMap(({ slopes }, at) => (slopes ? [{ slopes, by: partial[at] }] : []));
  const result = { values: new Float64Array(room), slopes: moving.length ? new Float64Array(room) : null };
  const [a, b = a, c = a] = parts.map(({ values }) => values);
  work.push((n) => {
    for (let i = 0; i < n; i++) result.values[i] = apply(a[i], b[i], c[i]);
    if (!result.slopes) return;
    result.slopes.fill(0, 0, n);
    for (const { slopes, by } of moving) {
      for (let i = 0; i < n; i++) {
        const share = by(a[i], b[i], c[i]);
        // What a formula does not look at may be endless there.
        if (share !== 0) result.slopes[i] += share * slopes[i];
      }
    }
  });
  return result;
}
