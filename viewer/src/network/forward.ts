/** The forward pass on the CPU, for the few rows that the page itself must know, and what comes out. */

import { type Matrix, multiply } from "../math/matrix";
import type { Run } from "../page_file/page_file";
import { compile, type Formula } from "./activations";

/** A map at one moment of training. */
export type MapAt =
  | { readonly kind: "affine"; readonly weight: Matrix; readonly bias: Float64Array; readonly isReduced?: boolean }
  | ActivationAt
  | { readonly kind: "softmax"; readonly name: string; readonly isReduced?: boolean }
  | { readonly kind: "opaque"; readonly name: string };

export interface ActivationAt {
  readonly kind: "activation";
  readonly name: string;
  readonly formula: Formula;
  /** Names of the parameters that are carried. */
  readonly parameters: readonly string[];
  /** Their values at this moment, (n_parameters, n_units); left out where there are none. */
  readonly values?: Matrix | undefined;
  readonly isReduced?: boolean;
}

/** Whether a map can be evaluated anywhere. */
export function isKnown(map: MapAt): boolean {
  // From some directions of a layer what comes next follows only roughly.
  return map.kind !== "opaque" && !map.isReduced;
}

/** Rows (n, n_in) through one map: (n, n_out). */
export function applyMap(map: MapAt, cloud: Matrix): Matrix {
  if (map.kind === "affine") {
    const result = multiply(cloud, map.weight);
    const n = result.columns;
    for (let i = 0; i < result.data.length; i++) result.data[i] += map.bias[i % n];
    return result;
  }
  if (map.kind === "activation") return activate(map, cloud);
  if (map.kind !== "softmax") throw new Error(`The map ${map.name} is opaque.`);
  return softmax(cloud);
}

function activate({ formula, parameters, values }: ActivationAt, cloud: Matrix): Matrix {
  const apply = compile(formula, parameters);
  let unit = 0;
  const own = (parameter: number): number => values!.data[parameter * cloud.columns + unit];
  const data = cloud.data.map((z, i) => {
    unit = i % cloud.columns;
    return apply(z, own);
  });
  return { ...cloud, data };
}

/** Row by row, shifted by the largest logit so that nothing overflows. */
export function softmax(logits: Matrix): Matrix {
  const { rows, columns } = logits;
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const row = logits.data.subarray(i * columns, (i + 1) * columns);
    const largest = Math.max(...row);
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += data[i * columns + j] = Math.exp(row[j] - largest);
    for (let j = 0; j < columns; j++) data[i * columns + j] /= sum;
  }
  return { rows, columns, data };
}

/** The last representation as class probabilities (n, n_classes); null where it is none. */
export function asProbabilities(output: Matrix, run: Run): Matrix | null {
  const unit = sigmoidUnit(run);
  if (unit < 0) return givesProbabilities(run) ? output : null;
  const data = new Float64Array(2 * output.rows);
  for (let i = 0; i < output.rows; i++) {
    const p = output.data[i * output.columns + unit];
    data[2 * i] = 1 - p;
    data[2 * i + 1] = p;
  }
  return { rows: output.rows, columns: 2, data };
}

/** The output, after a sigmoid, that is the second of two classes' probability; -1 where none is. */
export function sigmoidUnit({ header, nClasses }: Run): number {
  const last = header.maps.at(-1);
  if (nClasses !== 2 || last?.kind !== "activation" || last.name !== "sigmoid") return -1;
  return last.n_out === 1 ? 0 : (header.colour_unit ?? -1);
}

/** Whether the last representation holds class probabilities. */
export function givesProbabilities(run: Run): boolean {
  const last = run.header.maps.at(-1);
  return (last?.kind === "softmax" && last.n_out === run.nClasses) || sigmoidUnit(run) >= 0;
}

/** Whether the units of representation k are themselves the probabilities of the classes. */
export function holdsProbabilities(run: Run, k: number): boolean {
  return k === run.length && run.header.maps.at(-1)?.kind === "softmax" && givesProbabilities(run);
}

/** The column of the largest entry of a row: the most probable class. */
export function mostProbable({ columns, data }: Matrix, row: number): number {
  let best = 0;
  for (let c = 1; c < columns; c++) if (data[row * columns + c] > data[row * columns + best]) best = c;
  return best;
}
