/** The network at one moment of training, as the morph and the camera need it. */
import { combine, type Matrix, matrix, multiply, transposeMultiply } from "../math/matrix";
import { measure, type Statistics } from "../math/statistics";
import { Morph } from "../motion/morph";
import type { MapHeader, ValuesHeader } from "../page_file/header";
import { dequantise, type Run, storedStatistics } from "../page_file/page_file";
import type { Formula } from "./activations";
import { applyMap, asProbabilities, isKnown, type MapAt } from "./forward";

export abstract class Moment {
  readonly morph = new Morph(this);
  private readonly statisticsOf = new Map<number, Statistics>();
  private readonly samples = new Map<number, Matrix>();
  private mapped: Moment | null = null;

  constructor(
    readonly run: Run,
    readonly u: number,
  ) {}

  /** Maps of neighbours in the place of layers, at the same moment; null where there are none. */
  get maps(): Moment | null {
    const { maps } = this.run;
    if (maps) this.mapped ??= new ValuesMoment(maps, this.u);
    return this.mapped;
  }

  /** The listed rows of representation k. */
  abstract rows(k: number, rows: Uint32Array): Matrix;
  /** Map k, where it is known. */
  abstract map(k: number): MapAt;
  /** What the file stores for a whole moment; null where it stores nothing. */
  protected abstract stored(checkpoint: number, k: number): Statistics | null;

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
    let statistics = this.statisticsOf.get(k);
    if (!statistics) this.statisticsOf.set(k, (statistics = this.findStatistics(k)));
    return statistics;
  }

  /** The class probabilities of the listed rows; null for regression. */
  probabilities(rows: Uint32Array): Matrix | null {
    return asProbabilities(this.rows(this.run.length, rows), this.run);
  }

  /** What the rest of the network makes of points of representation `start`; null where a map is not known. */
  classify(cloud: Matrix, start: number): Matrix | null {
    const { length } = this.run;
    let values = cloud;
    for (let k = start; k < length; k++) {
      const map = this.map(k);
      if (!isKnown(map)) return null;
      values = applyMap(map, values);
    }
    return asProbabilities(values, this.run);
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

/** A network carried as weights: between two checkpoints the weights are interpolated. */
export class WeightsMoment extends Moment {
  /** Every parameter at this moment, in the order of the file. */
  readonly parameters: Float32Array;
  private readonly known: readonly MapAt[];
  private readonly cache = new WeakMap<Uint32Array, Matrix[]>();

  constructor(run: Run, u: number) {
    super(run, u);
    this.parameters = parametersAt(run, u);
    this.known = mapsOf(run, this.parameters);
  }

  override map(k: number): MapAt {
    return this.known[k];
  }

  override rows(k: number, rows: Uint32Array): Matrix {
    let clouds = this.cache.get(rows);
    if (!clouds) {
      const { buffer, low, high } = this.run.header.inputs!;
      const values = this.run.container.buffer(buffer) as Uint16Array;
      this.cache.set(rows, (clouds = [dequantise(values, this.run.nUnits(0), low, high, rows)]));
    }
    for (let i = clouds.length; i <= k; i++) clouds.push(applyMap(this.known[i - 1], clouds[i - 1]));
    return clouds[k];
  }

  protected override stored(checkpoint: number, k: number): Statistics | null {
    return storedStatistics(this.run, checkpoint, k);
  }
}

function parametersAt(run: Run, u: number): Float32Array {
  const all = run.container.buffer(run.header.weights!) as Float32Array;
  const count = all.length / run.header.checkpoints.length;
  const i = Math.min(Math.floor(u), run.lastMoment);
  const s = u - i;
  const before = all.subarray(i * count, (i + 1) * count);
  if (s === 0) return before;
  const after = all.subarray((i + 1) * count, (i + 2) * count);
  return before.map((a, j) => (1 - s) * a + s * after[j]);
}

/** What the header of an activation has; a file that was checked has it. */
function activationHeader({ formula, parameters }: MapHeader): { formula: Formula; parameters: readonly string[] } {
  return { formula: formula!, parameters: parameters ?? [] };
}

function mapsOf(run: Run, parameters: Float32Array): MapAt[] {
  let at = 0;
  const take = (count: number): Float32Array => parameters.subarray(at, (at += count));
  return run.header.maps.map((map) => {
    const { name } = map;
    if (map.kind === "softmax" || map.kind === "opaque") return { kind: map.kind, name };
    if (map.kind === "activation") {
      const { formula, parameters } = activationHeader(map);
      const n = parameters.length;
      return { kind: "activation", name, formula, parameters, values: matrix(n, map.n_out, take(n * map.n_out)) };
    }
    const weight = matrix(map.n_in, map.n_out, take(map.n_in * map.n_out));
    return { kind: "affine", weight, bias: Float64Array.from(take(map.n_out)) };
  });
}

/** A network carried as stored values: between two checkpoints the values are interpolated. */
export class ValuesMoment extends Moment {
  private readonly cache = new WeakMap<Uint32Array, Map<number, Matrix>>();

  private get header(): ValuesHeader {
    return this.run.header as unknown as ValuesHeader;
  }

  override rows(k: number, rows: Uint32Array): Matrix {
    let clouds = this.cache.get(rows);
    if (!clouds) this.cache.set(rows, (clouds = new Map()));
    let cloud = clouds.get(k);
    if (!cloud) clouds.set(k, (cloud = this.mixed((i) => this.storedRows(i, k, rows))));
    return cloud;
  }

  override map(k: number): MapAt {
    const map = this.run.header.maps[k];
    const { kind, name, n_in: nIn, n_out: nOut, is_reduced: isReduced = false } = map;
    const part = (which: "weight" | "bias" | "parameters", rows: number): Matrix =>
      this.mixed((i) => matrix(rows, nOut, this.run.container.buffer(this.header.affine![i][k]![which]!)));
    const stored = this.header.affine?.[0]?.[k];
    if (kind === "activation") {
      const { formula, parameters } = activationHeader(map);
      const isCarried = parameters.length > 0 && !isReduced;
      const values = isCarried ? part("parameters", parameters.length) : undefined;
      return { kind, name, formula, parameters, values, isReduced };
    }
    if (kind === "softmax") return { kind, name, isReduced };
    if (kind === "opaque" || !stored) return { kind: "opaque", name };
    return { kind: "affine", weight: part("weight", nIn), bias: part("bias", 1).data, isReduced };
  }

  protected override stored(checkpoint: number, k: number): Statistics | null {
    return storedStatistics(this.run, checkpoint, k);
  }

  /** Between the two nearest checkpoints. */
  private mixed(at: (checkpoint: number) => Matrix): Matrix {
    const i = Math.min(Math.floor(this.u), this.run.lastMoment);
    const s = this.u - i;
    return s === 0 ? at(i) : combine(1 - s, at(i), s, at(i + 1));
  }

  private storedRows(checkpoint: number, k: number, rows: Uint32Array): Matrix {
    const { buffer, low, high } = this.header.values[checkpoint][k];
    const values = this.run.container.buffer(buffer) as Uint16Array;
    return dequantise(values, this.run.nUnits(k), low, high, rows);
  }
}

/** The network of a run at moment u. */

export function momentAt(run: Run, u: number): Moment {
  return run.header.carrier === "weights" ? new WeightsMoment(run, u) : new ValuesMoment(run, u);
}
