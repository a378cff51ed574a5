/** The update rules, as src/unknot/network/optimisers.py has them; what is constant there is here. */

export type OptimiserName = "rmsprop" | "adam" | "sgd" | "adamw";

export interface Learning {
  readonly optimiser: OptimiserName;
  readonly rate: number;
  /** Of AdamW: the share of each weight that is taken away, before the rate. */
  readonly decay: number;
  /** What |w| and w² / 2 of every weight (not of biases) weigh in the loss. */
  readonly l1: number;
  readonly l2: number;
}

export interface Optimiser {
  readonly title: string;
  /** The constant rate when none is given. */
  readonly rate: number;
  /** Numbers that it remembers of each weight. */
  readonly slots: number;
  readonly hasDecay: boolean;
  /** One update of `p` from its gradient; `t` counts from 1, `memory` holds slot after slot. */
  readonly update: (p: Float32Array, g: Float64Array, memory: Float32Array, t: number, learning: Learning) => void;
}

function adam(p: Float32Array, g: Float64Array, memory: Float32Array, t: number, rate: number, decay: number): void {
  const n = p.length;
  const [first, second] = [1 / (1 - 0.9 ** t), 1 / (1 - 0.999 ** t)];
  for (let i = 0; i < n; i++) {
    const m = 0.9 * memory[i] + 0.1 * g[i];
    const v = 0.999 * memory[n + i] + 0.001 * g[i] * g[i];
    memory[i] = m;
    memory[n + i] = v;
    p[i] -= rate * ((m * first) / (Math.sqrt(v * second) + 1e-8) + decay * p[i]);
  }
}

export const optimisers: Readonly<Record<OptimiserName, Optimiser>> = {
  rmsprop: {
    title: "RMSprop",
    rate: 0.001,
    slots: 1,
    hasDecay: false,
    update: (p, g, memory, _, { rate }) => {
      for (let i = 0; i < p.length; i++) {
        const v = 0.9 * memory[i] + 0.1 * g[i] * g[i];
        memory[i] = v;
        p[i] -= (rate * g[i]) / Math.sqrt(v + 1e-7);
      }
    },
  },
  adam: {
    title: "Adam",
    rate: 0.001,
    slots: 2,
    hasDecay: false,
    update: (p, g, memory, t, { rate }) => adam(p, g, memory, t, rate, 0),
  },
  sgd: {
    title: "SGD with momentum",
    rate: 0.01,
    slots: 1,
    hasDecay: false,
    update: (p, g, memory, _, { rate }) => {
      for (let i = 0; i < p.length; i++) {
        const m = 0.9 * memory[i] + g[i];
        memory[i] = m;
        p[i] -= rate * m;
      }
    },
  },
  adamw: {
    title: "AdamW",
    rate: 0.001,
    slots: 2,
    hasDecay: true,
    update: (p, g, memory, t, { rate, decay }) => adam(p, g, memory, t, rate, decay),
  },
};
