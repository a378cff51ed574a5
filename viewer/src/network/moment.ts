/** The network at one moment of training, as the morph and the camera need it. */
import { combine, multiply, transposeMultiply, zeros, type Matrix } from "../math/matrix";
import { AlongAffine, Blend, type Transition } from "../morph/along_map";
import type { Run, Statistics } from "../scene/run";
import { applyMap, asProbabilities, isKnown, type MapAt } from "./forward";

export abstract class Moment {
  private readonly transitions = new Map<number, Transition>();
  private readonly statisticsOf = new Map<number, Statistics>();
  private readonly samples = new Map<number, Matrix>();

  constructor(
    readonly run: Run,
    readonly u: number,
  ) {}

  /** The listed rows of representation k. */
  abstract rows(k: number, rows: Uint32Array): Matrix;
  /** Map k, where it is known. */
  abstract map(k: number): MapAt;
  /** What the scene stores for a whole moment; null where it stores nothing. */
  protected abstract stored(checkpoint: number, k: number): Statistics | null;

  transition(k: number): Transition {
    let transition = this.transitions.get(k);
    if (!transition) this.transitions.set(k, (transition = this.makeTransition(k)));
    return transition;
  }

  /** At most 2,000 rows of representation k. */
  sample(k: number): Matrix {
    let sample = this.samples.get(k);
    if (!sample) {
      sample = this.rows(k, this.run.sampleRows);
      this.samples.set(k, sample);
    }
    return sample;
  }

  /**
   * Mean and covariance of representation k. After an affine map they follow exactly; after any
   * other they are blended between the two nearest checkpoints.
   */
  statistics(k: number): Statistics {
    let found = this.statisticsOf.get(k);
    if (!found) this.statisticsOf.set(k, (found = this.findStatistics(k)));
    return found;
  }

  /** The class probabilities of the listed rows; null for regression. */
  probabilities(rows: Uint32Array): Matrix | null {
    const { length, nClasses } = this.run;
    return asProbabilities(this.rows(length, rows), length ? this.map(length - 1) : undefined, nClasses);
  }

  /** What the rest of the network makes of points of representation `start`; null where a map is not known. */
  classify(cloud: Matrix, start: number): Matrix | null {
    const { length, nClasses } = this.run;
    let values = cloud;
    for (let k = start; k < length; k++) {
      const map = this.map(k);
      if (!isKnown(map)) return null;
      values = applyMap(map, values);
    }
    return length ? asProbabilities(values, this.map(length - 1), nClasses) : null;
  }

  private makeTransition(k: number): Transition {
    const map = this.map(k);
    if (map.kind === "affine") return new AlongAffine(k, map.weight, map.bias, map.isReduced);
    const kind = map.kind === "activation" ? "activation" : "interpolated";
    return new Blend(k, this.run.nUnits(k), this.run.nUnits(k + 1), kind);
  }

  private findStatistics(k: number): Statistics {
    const i = Math.min(Math.floor(this.u), this.run.lastMoment);
    const s = this.u - i;
    const before = this.stored(i, k);
    if (before && s === 0) return before;
    const map = k > 0 && before ? this.map(k - 1) : null;
    if (before && map?.kind === "affine" && !map.isReduced) {
      const source = this.statistics(k - 1);
      const covariance = transposeMultiply(map.weight, multiply(source.covariance, map.weight));
      return { ...before, covariance };
    }
    const after = s > 0 ? this.stored(i + 1, k) : null;
    if (!before || !after) return this.measured(k);
    const covariance = combine(1 - s, before.covariance, s, after.covariance);
    return { ...before, covariance, range: (1 - s) * before.range + s * after.range };
  }

  private measured(k: number): Statistics {
    return measure(this.rows(k, this.run.statisticsRows));
  }
}

/** Mean and covariance of a cloud. */
export function measure(cloud: Matrix): Statistics {
  const { rows, columns, data } = cloud;
  const mean = new Float64Array(columns);
  let [low, high] = rows ? [Infinity, -Infinity] : [0, 0];
  for (let i = 0; i < data.length; i++) {
    mean[i % columns] += data[i] / rows;
    if (data[i] < low) low = data[i];
    if (data[i] > high) high = data[i];
  }
  const covariance = zeros(columns, columns);
  const centred = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) centred[j] = data[i * columns + j] - mean[j];
    for (let a = 0; a < columns; a++) {
      for (let b = a; b < columns; b++) covariance.data[a * columns + b] += centred[a] * centred[b];
    }
  }
  for (let a = 0; a < columns; a++) {
    for (let b = a; b < columns; b++) {
      covariance.data[b * columns + a] = covariance.data[a * columns + b] /= Math.max(rows, 1);
    }
  }
  return { mean, covariance, range: high - low };
}
