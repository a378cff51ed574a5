/** A network carried as weights: between two checkpoints the weights are interpolated. */
import { matrix, type Matrix } from "../math/matrix";
import type { Run, Statistics } from "../scene/run";
import { dequantise } from "../scene/rows";
import { storedStatistics } from "../scene/statistics";
import { applyMap, type MapAt } from "./forward";
import { Moment } from "./moment";

export class WeightsMoment extends Moment {
  /** Every parameter at this moment, in the order of the file. */
  readonly parameters: Float32Array;
  private readonly maps: readonly MapAt[];
  private readonly kept = new WeakMap<Uint32Array, Matrix[]>();

  constructor(run: Run, u: number) {
    super(run, u);
    this.parameters = parametersAt(run, u);
    this.maps = mapsOf(run, this.parameters);
  }

  override map(k: number): MapAt {
    return this.maps[k];
  }

  override rows(k: number, rows: Uint32Array): Matrix {
    let clouds = this.kept.get(rows);
    if (!clouds) {
      const { buffer, low, high } = this.run.header.inputs!;
      const values = this.run.container.buffer(buffer) as Uint16Array;
      this.kept.set(rows, (clouds = [dequantise(values, this.run.nUnits(0), low, high, rows)]));
    }
    for (let i = clouds.length; i <= k; i++) clouds.push(applyMap(this.maps[i - 1], clouds[i - 1]));
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

function mapsOf(run: Run, parameters: Float32Array): MapAt[] {
  let at = 0;
  const take = (count: number): Float32Array => parameters.subarray(at, (at += count));
  return run.header.maps.map((map) => {
    if (map.kind !== "affine") return { kind: map.kind, name: map.name };
    const weight = matrix(map.n_in, map.n_out, take(map.n_in * map.n_out));
    return { kind: "affine", weight, bias: Float64Array.from(take(map.n_out)) };
  });
}
