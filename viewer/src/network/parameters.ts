/** Where a shader finds each number of the network. */
import type { Run } from "../scene/run";

export interface Layout {
  /**
   * Number of each map's first weight; its biases follow the weights. −1 for other maps. Unless the
   * layout is small, rows and columns are filled up with zeros to multiples of four.
   */
  readonly weights: readonly number[];
  /** Number of the first lower bound of the inputs; the scales follow. */
  readonly inputs: number;
  readonly count: number;
  readonly widest: number;
  /**
   * True when the network is small enough to be written out, number by number. Wider ones are not:
   * two layers of 32 would take seconds to compile, and run no faster than the loops.
   */
  readonly isSmall: boolean;
  /** Where the numbers are: the fastest place that has room for them. */
  readonly store: "uniforms" | "block" | "texture";
  /** Where each parameter goes. */
  readonly places: Int32Array;
}

/** Vectors of four that the numbers may take as uniforms; WebGL2 promises 256 in all. */
const MOST_UNIFORMS = 150;
const MOST_WIDE = 24;

/** Bytes that every uniform block may have. */
const BLOCK_BYTES = 16_384;

/** `blockBytes` is what this GPU allows a uniform block. */
export function layoutOf(run: Run, blockBytes = BLOCK_BYTES): Layout {
  const { maps, representations } = run.header;
  const parameters = maps.reduce((sum, m) => sum + (m.kind === "affine" ? (m.n_in + 1) * m.n_out : 0), 0);
  const widest = Math.max(...representations.map((r) => r.n_units));
  const isSmall = Math.ceil((parameters + 2 * run.nUnits(0)) / 4) <= MOST_UNIFORMS && widest <= MOST_WIDE;
  const full = (n: number): number => (isSmall ? n : 4 * Math.ceil(n / 4));
  const places = new Int32Array(parameters);
  let [at, seen] = [0, 0];
  const weights = maps.map((map) => {
    if (map.kind !== "affine") return -1;
    const start = at;
    const [columns, bias] = [full(map.n_out), start + full(map.n_in) * full(map.n_out)];
    for (let i = 0; i <= map.n_in; i++) {
      const row = i < map.n_in ? start + i * columns : bias;
      for (let j = 0; j < map.n_out; j++) places[seen++] = row + j;
    }
    at = bias + columns;
    return start;
  });
  const count = at + 2 * run.nUnits(0);
  const store = isSmall ? "uniforms" : 16 * Math.ceil(count / 4) <= blockBytes ? "block" : "texture";
  return { weights, inputs: at, count, widest, isSmall, store, places };
}

/** Every number in order, padded to whole vectors of four. */
export function pack(layout: Layout, parameters: Float32Array, low: readonly number[], high: readonly number[]): Float32Array {
  const data = new Float32Array(Math.ceil(layout.count / 4) * 4);
  parameters.forEach((value, i) => (data[layout.places[i]] = value));
  low.forEach((value, j) => {
    data[layout.inputs + j] = value;
    data[layout.inputs + low.length + j] = (high[j] - value) / 65535;
  });
  return data;
}
