/** The network as GLSL: written out number by number when it is small, as loops when it is not. */

import { type MapHeader, numbersOf } from "../page_file/header";
import type { Run } from "../page_file/page_file";
import { asGlsl } from "./activations";
import { sigmoidUnit } from "./forward";

/** Where a shader finds each number of the network. */
export interface Layout {
  /**
   * Number of each map's first weight; its biases follow the weights. Of an activation, that of its
   * first parameter that is carried, unit by unit. Unless the layout is small, rows and columns are
   * filled up with zeros to multiples of four.
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
  const parameters = maps.reduce((sum, map) => sum + numbersOf(map), 0);
  const widest = Math.max(...representations.map((r) => r.n_units));
  const isSmall = Math.ceil((parameters + 2 * run.nUnits(0)) / 4) <= MOST_UNIFORMS && widest <= MOST_WIDE;
  const full = (n: number): number => (isSmall ? n : 4 * Math.ceil(n / 4));
  const places = new Int32Array(parameters);
  let [at, seen] = [0, 0];
  const weights = maps.map((map) => {
    const start = at;
    const columns = full(map.n_out);
    const nRows = numbersOf(map) / map.n_out;
    for (let i = 0; i < nRows; i++) {
      const isBias = map.kind === "affine" && i === map.n_in;
      const row = start + (isBias ? full(map.n_in) : i) * columns;
      for (let j = 0; j < map.n_out; j++) places[seen++] = row + j;
      at = row + columns;
    }
    return start;
  });
  const count = at + 2 * run.nUnits(0);
  const store = isSmall ? "uniforms" : 16 * Math.ceil(count / 4) <= blockBytes ? "block" : "texture";
  return { weights, inputs: at, count, widest, isSmall, store, places };
}

/** Every number in order, padded to whole vectors of four. */
export function pack(
  layout: Layout,
  parameters: Float32Array,
  low: readonly number[],
  high: readonly number[],
): Float32Array {
  const data = new Float32Array(Math.ceil(layout.count / 4) * 4);
  parameters.forEach((value, i) => (data[layout.places[i]] = value));
  low.forEach((value, j) => {
    data[layout.inputs + j] = value;
    data[layout.inputs + low.length + j] = (high[j] - value) / 65535;
  });
  return data;
}

/** What is done with a representation once it is there: GLSL that reads `values(k, j)`. */
export type Use = (k: number) => string;

/** Where the numbers are. */
export function declareNumbers(layout: Layout): string {
  const size = Math.ceil(layout.count / 4);
  if (layout.store === "uniforms") return `uniform vec4 u_numbers[${size}];`;
  const four =
    layout.store === "block"
      ? `layout(std140) uniform Numbers { vec4 numbers_[${size}]; };
vec4 four_(int q) { return numbers_[q]; }`
      : `uniform sampler2D u_numbers;
vec4 four_(int q) { return texelFetch(u_numbers, ivec2(q & 1023, q >> 10), 0); }`;
  return `${four}
float number_(int i) { return four_(i >> 2)[i & 3]; }`;
}

/** Number i as GLSL. */
export function number(layout: Layout, i: number): string {
  return layout.isSmall ? `u_numbers[${i >> 2}].${"xyzw"[i & 3]}` : `number_(${i})`;
}

/** Value j of representation k as GLSL. */
export function value(layout: Layout, k: number, j: number | string): string {
  if (layout.isSmall) return `r${k}_${j}`;
  return typeof j === "number" ? `r${k}[${j >> 2}].${"xyzw"[j & 3]}` : `r${k}[${j} >> 2][${j} & 3]`;
}

/** Declares representation k from expressions, one a unit (small) or one of `j` (large). */
export function declare(layout: Layout, k: number, nUnits: number, expression: (j: number | string) => string): string {
  if (layout.isSmall) {
    return Array.from({ length: nUnits }, (_, j) => `float r${k}_${j} = ${expression(j)};`).join("\n");
  }
  return `${fours(k, nUnits)}
r${k}[${quarter(nUnits) - 1}] = vec4(0.);
for (int j = 0; j < ${nUnits}; j++) r${k}[j >> 2][j & 3] = ${expression("j")};`;
}

/**
 * Representations `start + 1` to the last, each inside the braces of the one before, so that
 * `u_last` ends the work early. `use(k)` is written after each.
 */
export function forward(run: Run, layout: Layout, start: number, use: Use): string {
  let code = use(start);
  for (let k = start; k < run.length; k++) {
    code += `\nif (u_last > ${k}) {\n${step(run, layout, k)}\n${use(k + 1)}`;
  }
  return code + "}".repeat(run.length - start);
}

function step(run: Run, layout: Layout, k: number): string {
  const map = run.header.maps[k];
  if (map.kind === "affine") return affine(layout, k, map.n_in, map.n_out);
  return map.kind === "activation" ? activation(layout, k, map) : softmax(layout, k, map.n_out);
}

function activation(layout: Layout, k: number, { formula, parameters = [], n_out: n }: MapHeader): string {
  const first = layout.weights[k];
  const of = (z: string, own: (i: number) => string): string =>
    asGlsl(formula!, z, Object.fromEntries(parameters.map((name, i) => [name, own(i)])));
  if (layout.isSmall) {
    return declare(layout, k + 1, n, (j) => of(value(layout, k, j), (i) => number(layout, first + i * n + Number(j))));
  }
  const parts = ["x", "y", "z", "w"].map((axis) => of(`a_.${axis}`, (i) => `p${i}_.${axis}`));
  const own = parameters.map((_, i) => `vec4 p${i}_ = four_(${first / 4 + i * quarter(n)} + q);`);
  return `${fours(k + 1, n)}
for (int q = 0; q < ${quarter(n)}; q++) {
  vec4 a_ = r${k}[q]; ${own.join(" ")}
  r${k + 1}[q] = vec4(${parts.join(", ")});
}`;
}

function affine(layout: Layout, k: number, nIn: number, nOut: number): string {
  const first = layout.weights[k];
  if (layout.isSmall) {
    return declare(layout, k + 1, nOut, (j) => {
      const terms = Array.from(
        { length: nIn },
        (_, i) => `${value(layout, k, i)} * ${number(layout, first + i * nOut + Number(j))}`,
      );
      return [number(layout, first + nIn * nOut + Number(j)), ...terms].join(" + ");
    });
  }
  // Four inputs and four outputs at a time; what is beyond the last of either is 0.
  const [from, to, n] = [quarter(nIn), quarter(nOut), first / 4];
  const rows = ["x", "y", "z", "w"].map((axis, i) => `x_.${axis} * four_(at_ + ${i * to} + j)`);
  return `${fours(k + 1, nOut)}
for (int j = 0; j < ${to}; j++) r${k + 1}[j] = four_(${n + 4 * from * to} + j);
for (int i = 0; i < ${from}; i++) {
  vec4 x_ = r${k}[i];
  int at_ = ${n} + i * ${4 * to};
  for (int j = 0; j < ${to}; j++) r${k + 1}[j] += ${rows.join(" + ")};
}`;
}

/** Vectors of four that so many numbers fill. */
function quarter(n: number): number {
  return Math.ceil(n / 4);
}

function fours(k: number, nUnits: number): string {
  return `vec4 r${k}[${quarter(nUnits)}];`;
}

function softmax(layout: Layout, k: number, n: number): string {
  const all = Array.from({ length: n }, (_, j) => value(layout, k, j));
  const largest = all.reduce((a, b) => `max(${a}, ${b})`);
  const weights = declare(layout, k + 1, n, (j) => `exp(${value(layout, k, j)} - m${k})`);
  const divide = Array.from({ length: n }, (_, j) => `${value(layout, k + 1, j)} /= t${k};`).join(" ");
  const sum = Array.from({ length: n }, (_, j) => value(layout, k + 1, j)).join(" + ");
  return `float m${k} = ${largest};\n${weights}\nfloat t${k} = ${sum};\n${divide}`;
}

/** Probability of class c, inside the braces of the last representation. */
export function probability(run: Run, layout: Layout, c: number): string {
  const unit = sigmoidUnit(run);
  const p = value(layout, run.length, unit < 0 ? c : unit);
  return unit < 0 || c === 1 ? p : `(1. - ${p})`;
}

/** Declares `best` (the predicted class) and `sure` (its probability). */
export function prediction(run: Run, layout: Layout): string {
  let code = `float best = 0.; float sure = ${probability(run, layout, 0)};\n`;
  for (let c = 1; c < run.nClasses; c++) {
    const p = probability(run, layout, c);
    code += `if (${p} > sure) { best = ${c}.; sure = ${p}; }\n`;
  }
  return code;
}

/** Declares `shade`: the classes' colours in proportion, and in alpha how sure the network is. */
export function shade(run: Run, layout: Layout): string {
  const n = run.nClasses;
  const mix = Array.from(
    { length: n },
    (_, c) => `${probability(run, layout, c)} * texelFetch(u_palette, ivec2(${c}, 0), 0).rgb`,
  );
  return `vec4 shade = vec4(${mix.join(" + ")}, (sure - ${(1 / n).toFixed(6)}) / ${(1 - 1 / n).toFixed(6)});`;
}
