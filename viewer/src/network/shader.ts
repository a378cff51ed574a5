/** The network as GLSL: written out number by number when it is small, as loops when it is not. */
import type { Run } from "../scene/run";
import { activations } from "./activations";
import type { Layout } from "./parameters";

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
  if (map.kind === "activation") {
    const of = (z: string): string => activations[map.name].glsl.replace(/\bz\b/g, z);
    if (layout.isSmall) return declare(layout, k + 1, map.n_out, (j) => of(value(layout, k, j)));
    const parts = ["x", "y", "z", "w"].map((axis) => of(`a_.${axis}`));
    return `${fours(k + 1, map.n_out)}
for (int q = 0; q < ${quarter(map.n_out)}; q++) { vec4 a_ = r${k}[q]; r${k + 1}[q] = vec4(${parts.join(", ")}); }`;
  }
  return softmax(layout, k, map.n_out);
}

function affine(layout: Layout, k: number, nIn: number, nOut: number): string {
  const first = layout.weights[k];
  if (layout.isSmall) {
    return declare(layout, k + 1, nOut, (j) => {
      const terms = Array.from(
        { length: nIn }, (_, i) => `${value(layout, k, i)} * ${number(layout, first + i * nOut + Number(j))}`,
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
