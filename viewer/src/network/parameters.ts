/** Where a shader finds each number of the network. */
import type { Run } from "../scene/run";

export interface Layout {
  /** Number of each map's first weight; its biases follow the weights. −1 for other maps. */
  readonly weights: readonly number[];
  /** Number of the first lower bound of the inputs; the scales follow. */
  readonly inputs: number;
  readonly count: number;
  readonly widest: number;
  /** True when the network is small enough to live in uniforms and to be written out. */
  readonly isSmall: boolean;
}

/** Vectors of four that the numbers may take as uniforms; WebGL2 promises 256 in all. */
const MOST_UNIFORMS = 150;
const MOST_WIDE = 24;

export function layoutOf(run: Run): Layout {
  let at = 0;
  const weights = run.header.maps.map((map) => {
    if (map.kind !== "affine") return -1;
    const start = at;
    at += (map.n_in + 1) * map.n_out;
    return start;
  });
  const count = at + 2 * run.nUnits(0);
  const widest = Math.max(...run.header.representations.map((r) => r.n_units));
  const isSmall = Math.ceil(count / 4) <= MOST_UNIFORMS && widest <= MOST_WIDE;
  return { weights, inputs: at, count, widest, isSmall };
}

/** Every number in order, padded to whole vectors of four. */
export function pack(layout: Layout, parameters: Float32Array, low: readonly number[], high: readonly number[]): Float32Array {
  const data = new Float32Array(Math.ceil(layout.count / 4) * 4);
  data.set(parameters);
  low.forEach((value, j) => {
    data[layout.inputs + j] = value;
    data[layout.inputs + low.length + j] = (high[j] - value) / 65535;
  });
  return data;
}
