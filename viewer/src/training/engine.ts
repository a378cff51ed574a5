/**
 * The engine: loss and gradient of a multi-layer perceptron on a batch, and its update.
 *
 * Parameters are float32, as Python's and the page's, and lie as in a page file: of each layer the
 * weight (n_in, n_out) row by row, then the bias. What is worked out from them is float64.
 */
import type { Formula } from "../network/activations";
import { combine, correlate, type Weights } from "./kernels";
import { type Learning, optimisers } from "./optimisers";
import { type Activate, activate } from "./slopes";

export interface LayerShape {
  readonly nIn: number;
  readonly nOut: number;
  /** Null where the layer is linear. */
  readonly formula: Formula | null;
}

/** The last layer is linear: its values become probabilities in the loss. */
export interface NetworkShape {
  readonly layers: readonly LayerShape[];
  /** "sigmoid": one logit of two classes; "softmax": one a class; "linear": squared error of one. */
  readonly output: "sigmoid" | "softmax" | "linear";
}

/** Rows, feature by feature: value i of feature j at `j * n + i`; one label or target a row. */
export interface Rows {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly n: number;
}

/** Of some rows: the mean loss, and the share that is right (null for squared error). */
export interface Score {
  readonly loss: number;
  readonly accuracy: number | null;
}

/** Rows that are evaluated at once, at least. */
const BLOCK = 256;

export function parameterCount({ layers }: NetworkShape): number {
  return layers.reduce((sum, { nIn, nOut }) => sum + (nIn + 1) * nOut, 0);
}

interface Layer extends LayerShape {
  readonly at: number;
  readonly bias: number;
  readonly forwards: Weights;
  readonly backwards: Weights;
  readonly activate: Activate | null;
  /** Before the activation, after it (the same array where there is none), and its slope. */
  readonly z: Float64Array;
  readonly values: Float64Array;
  readonly slopes: Float64Array | null;
  readonly error: Float64Array;
}

export class Engine {
  readonly parameters: Float32Array;
  readonly gradient: Float64Array;
  private readonly layers: readonly Layer[];
  private readonly input: Float64Array;
  private readonly labels: Float64Array;

  /** `room` is the largest batch. */
  constructor(
    readonly shape: NetworkShape,
    readonly room: number,
  ) {
    const most = Math.max(room, BLOCK);
    const count = parameterCount(shape);
    this.parameters = new Float32Array(count);
    this.gradient = new Float64Array(count);
    this.input = new Float64Array(shape.layers[0].nIn * most);
    this.labels = new Float64Array(most);
    let at = 0;
    this.layers = shape.layers.map((layer) => {
      const size = layer.nOut * most;
      const z = new Float64Array(size);
      const isLinear = layer.formula === null;
      const made = {
        ...layer,
        at,
        bias: at + layer.nIn * layer.nOut,
        forwards: { at, from: layer.nOut, to: 1 },
        backwards: { at, from: 1, to: layer.nOut },
        activate: isLinear ? null : activate(layer.formula, size),
        z,
        values: isLinear ? z : new Float64Array(size),
        slopes: isLinear ? null : new Float64Array(size),
        error: new Float64Array(size),
      };
      at += (layer.nIn + 1) * layer.nOut;
      return made;
    });
  }

  /** The loss of the listed rows; its gradient is in `gradient`, without what the weights weigh. */
  differentiate(rows: Rows, order: ArrayLike<number>, start: number, n: number): number {
    this.gather(rows, order, start, n);
    this.forward(n);
    this.slopeOfLoss(n);
    this.backward(n);
    return this.sums(n).loss / n;
  }

  /** One optimiser step on the listed rows; `t` counts from 1 while the memory is the same. */
  step(
    rows: Rows,
    order: ArrayLike<number>,
    start: number,
    n: number,
    memory: Float32Array,
    t: number,
    learning: Learning,
  ): void {
    this.gather(rows, order, start, n);
    this.forward(n);
    this.slopeOfLoss(n);
    this.backward(n);
    if (learning.l1 || learning.l2) this.weigh(learning);
    optimisers[learning.optimiser].update(this.parameters, this.gradient, memory, t, learning);
  }

  /** Whether every weight is a finite number. */
  get isFinite(): boolean {
    let sum = 0;
    for (let i = 0; i < this.parameters.length; i++) sum += this.parameters[i] * 0;
    return sum === 0;
  }

  /** The mean over every `stride`-th row. */
  score(rows: Rows, stride = 1): Score {
    const total = Math.ceil(rows.n / stride);
    let [loss, right] = [0, 0];
    const block = Math.max(this.room, BLOCK);
    const order = new Uint32Array(Math.min(block, total));
    for (let start = 0; start < total; start += block) {
      const n = Math.min(block, total - start);
      for (let i = 0; i < n; i++) order[i] = (start + i) * stride;
      this.gather(rows, order, 0, n);
      this.forward(n);
      const sums = this.sums(n);
      loss += sums.loss;
      right += sums.right;
    }
    return { loss: loss / total, accuracy: this.shape.output === "linear" ? null : right / total };
  }

  /** The most probable class of each row; of a number to be predicted, that number. */
  answers(rows: Rows): Float32Array {
    const result = new Float32Array(rows.n);
    const { values: z, nOut } = this.layers[this.layers.length - 1];
    const block = Math.max(this.room, BLOCK);
    for (let start = 0; start < rows.n; start += block) {
      const n = Math.min(block, rows.n - start);
      this.gather(
        rows,
        Uint32Array.from({ length: n }, (_, i) => start + i),
        0,
        n,
      );
      this.forward(n);
      for (let i = 0; i < n; i++) {
        let best = 0;
        for (let j = 1; j < nOut; j++) if (z[j * n + i] > z[best * n + i]) best = j;
        const { output } = this.shape;
        result[start + i] = output === "softmax" ? best : output === "linear" ? z[i] : Number(z[i] > 0);
      }
    }
    return result;
  }

  private gather({ x, y, n: all }: Rows, order: ArrayLike<number>, start: number, n: number): void {
    const { input, labels } = this;
    const nFeatures = this.layers[0].nIn;
    for (let j = 0; j < nFeatures; j++) {
      for (let i = 0; i < n; i++) input[j * n + i] = x[j * all + order[start + i]];
    }
    for (let i = 0; i < n; i++) labels[i] = y[order[start + i]];
  }

  private forward(n: number): void {
    const { parameters } = this;
    let before = this.input;
    for (const { nIn, nOut, forwards, bias, z, values, slopes, activate } of this.layers) {
      combine(parameters, forwards, bias, nIn, nOut, before, z, n);
      if (activate) activate(z, values, slopes!, nOut * n);
      before = values;
    }
  }

  /** From the errors of the last layer to the gradient. */
  private backward(n: number): void {
    const { layers, gradient, parameters } = this;
    for (let l = layers.length - 1; l >= 0; l--) {
      const { nIn, nOut, at, backwards, slopes, error } = layers[l];
      if (slopes) for (let i = 0; i < nOut * n; i++) error[i] *= slopes[i];
      correlate(gradient, at, nIn, nOut, l ? layers[l - 1].values : this.input, error, n);
      if (l) combine(parameters, backwards, -1, nOut, nIn, error, layers[l - 1].error, n);
    }
  }

  /** The sum of the losses, and how many rows are right. */
  private sums(n: number): { loss: number; right: number } {
    const { labels } = this;
    const { values: z, nOut } = this.layers[this.layers.length - 1];
    let [loss, right] = [0, 0];
    if (this.shape.output === "sigmoid") {
      for (let i = 0; i < n; i++) {
        loss += Math.max(z[i], 0) - z[i] * labels[i] + Math.log1p(Math.exp(-Math.abs(z[i])));
        if (z[i] > 0 === labels[i] > 0.5) right++;
      }
    } else if (this.shape.output === "softmax") {
      for (let i = 0; i < n; i++) {
        let best = 0;
        for (let j = 1; j < nOut; j++) if (z[j * n + i] > z[best * n + i]) best = j;
        const largest = z[best * n + i];
        let sum = 0;
        for (let j = 0; j < nOut; j++) sum += Math.exp(z[j * n + i] - largest);
        loss += largest + Math.log(sum) - z[labels[i] * n + i];
        if (best === labels[i]) right++;
      }
    } else for (let i = 0; i < n; i++) loss += (z[i] - labels[i]) ** 2;
    return { loss, right };
  }

  /** The derivative of the mean loss by the last layer's values. */
  private slopeOfLoss(n: number): void {
    const { labels } = this;
    const { values: z, error, nOut } = this.layers[this.layers.length - 1];
    if (this.shape.output === "sigmoid") {
      for (let i = 0; i < n; i++) error[i] = (1 / (1 + Math.exp(-z[i])) - labels[i]) / n;
    } else if (this.shape.output === "linear") {
      for (let i = 0; i < n; i++) error[i] = (2 * (z[i] - labels[i])) / n;
    } else {
      for (let i = 0; i < n; i++) {
        let largest = z[i];
        for (let j = 1; j < nOut; j++) largest = Math.max(largest, z[j * n + i]);
        let sum = 0;
        for (let j = 0; j < nOut; j++) sum += error[j * n + i] = Math.exp(z[j * n + i] - largest);
        for (let j = 0; j < nOut; j++) error[j * n + i] = (error[j * n + i] / sum - (j === labels[i] ? 1 : 0)) / n;
      }
    }
  }

  private weigh({ l1, l2 }: Learning): void {
    const { parameters: p, gradient } = this;
    for (const { at, bias } of this.layers) {
      for (let i = at; i < bias; i++) gradient[i] += l1 * Math.sign(p[i]) + l2 * p[i];
    }
  }
}
