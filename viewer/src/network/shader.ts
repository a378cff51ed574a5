/** The network as GLSL: written out number by number when it is small, as loops when it is not. */
import type { Run } from "../scene/run";
import { activations } from "./activations";
import type { Layout } from "./parameters";

/** What is done with a representation once it is there: GLSL that reads `values(k, j)`. */
export type Use = (k: number) => string;

/** Where the numbers are. */
export function declareNumbers(layout: Layout): string {
  if (layout.isSmall) {
    return `uniform vec4 u_numbers[${Math.ceil(layout.count / 4)}];`;
  }
  return `uniform sampler2D u_numbers;
float number_(int i) { return texelFetch(u_numbers, ivec2((i >> 2) & 1023, i >> 12), 0)[i & 3]; }`;
}

/** Number i as GLSL. */
export function number(layout: Layout, i: number): string {
  return layout.isSmall ? `u_numbers[${i >> 2}].${"xyzw"[i & 3]}` : `number_(${i})`;
}

/** Value j of representation k as GLSL. */
export function value(layout: Layout, k: number, j: number | string): string {
  return layout.isSmall ? `r${k}_${j}` : `r${k}[${j}]`;
}

/** Declares representation k from expressions, one a unit (small) or one of `j` (large). */
export function declare(layout: Layout, k: number, nUnits: number, expression: (j: number | string) => string): string {
  if (layout.isSmall) {
    return Array.from({ length: nUnits }, (_, j) => `float r${k}_${j} = ${expression(j)};`).join("\n");
  }
  return `float r${k}[${nUnits}];\nfor (int j = 0; j < ${nUnits}; j++) r${k}[j] = ${expression("j")};`;
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
    const apply = (j: number | string): string =>
      activations[map.name].glsl.replace(/\bz\b/g, value(layout, k, j));
    return declare(layout, k + 1, map.n_out, apply);
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
  return `float r${k + 1}[${nOut}];
for (int j = 0; j < ${nOut}; j++) r${k + 1}[j] = number_(${first + nIn * nOut} + j);
for (int i = 0; i < ${nIn}; i++) { float x = r${k}[i]; if (x != 0.) for (int j = 0; j < ${nOut}; j++) r${k + 1}[j] += x * number_(${first} + i * ${nOut} + j); }`;
}

function softmax(layout: Layout, k: number, n: number): string {
  const all = Array.from({ length: n }, (_, j) => value(layout, k, j));
  const largest = all.reduce((a, b) => `max(${a}, ${b})`);
  const weights = declare(layout, k + 1, n, (j) => `exp(${value(layout, k, j)} - m${k})`);
  const divide = Array.from({ length: n }, (_, j) => `${value(layout, k + 1, j)} /= t${k};`).join(" ");
  const sum = Array.from({ length: n }, (_, j) => value(layout, k + 1, j)).join(" + ");
  return `float m${k} = ${largest};\n${weights}\nfloat t${k} = ${sum};\n${divide}`;
}
