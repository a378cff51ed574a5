/** The end of the network as GLSL: class probabilities, the prediction and its confidence. */
import type { Run } from "../scene/run";
import type { Layout } from "./parameters";
import { value } from "./shader";

/** Whether the last representation holds class probabilities. */
export function givesProbabilities(run: Run): boolean {
  const last = run.header.maps.at(-1);
  if (!last) return false;
  if (last.kind === "activation") return last.name === "sigmoid" && last.n_out === 1 && run.nClasses === 2;
  return last.kind === "opaque" && last.name === "softmax" && last.n_out === run.nClasses;
}

/** Whether the units of representation k are themselves the probabilities of the classes. */
export function holdsProbabilities(run: Run, k: number): boolean {
  return k === run.length && run.header.maps.at(-1)?.kind === "opaque" && givesProbabilities(run);
}

/** Probability of class c, inside the braces of the last representation. */
function probability(run: Run, layout: Layout, c: number): string {
  const L = run.length;
  if (run.header.maps[L - 1].kind === "opaque") return value(layout, L, c);
  return c === 1 ? value(layout, L, 0) : `(1. - ${value(layout, L, 0)})`;
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
    { length: n }, (_, c) => `${probability(run, layout, c)} * texelFetch(u_palette, ivec2(${c}, 0), 0).rgb`,
  );
  return `vec4 shade = vec4(${mix.join(" + ")}, (sure - ${(1 / n).toFixed(6)}) / ${(1 - 1 / n).toFixed(6)});`;
}
