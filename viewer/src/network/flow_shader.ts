/** The vertex shader that moves points: inputs through the network to their place at (u, t). */
import type { Run } from "../scene/run";
import { FETCH_HELPER, fetchColumn } from "../render/quantised_texture";
import { GLSL_HELPERS } from "./activations";
import { givesProbabilities, prediction, shade } from "./outputs";
import type { Layout } from "./parameters";
import { declare, declareNumbers, forward, number, value } from "./shader";

/** What decides a point's colour. */
export const VALUE = { label: 0, predicted: 1, error: 2, confidence: 3, unit: 4 } as const;

/** Few inputs come as an attribute, which is faster; many as a texture. */
export function inAttribute(nInputs: number): boolean {
  return nInputs <= 4;
}

/** The outputs: place and colour value; for a shaded sheet also a colour. */
export function flowShader(run: Run, layout: Layout, withShade: boolean): string {
  const nInputs = run.nUnits(0);
  const input = (j: number | string): string => {
    const q = inAttribute(nInputs) ? (nInputs === 1 ? "a_input" : `a_input[${j}]`) : fetchColumn("u_input", nInputs, 4, j);
    if (layout.isSmall) {
      const at = layout.inputs + Number(j);
      return `${number(layout, at)} + ${number(layout, at + nInputs)} * ${q}`;
    }
    return `number_(${layout.inputs} + ${j}) + number_(${layout.inputs + nInputs} + ${j}) * ${q}`;
  };
  return `#version 300 es
precision highp float; precision highp int; precision highp sampler2D; precision highp usampler2D;
layout(location = 0) in float a_label;
${inAttribute(nInputs) ? `layout(location = 1) in ${nInputs === 1 ? "float" : `vec${nInputs}`} a_input;` : "uniform usampler2D u_input;"}
uniform sampler2D u_palette;
uniform int u_first, u_last, u_mode, u_rep, u_unit;
uniform vec2 u_range;
uniform vec3 u_offset;
${layout.isSmall ? `uniform vec3 u_terms[${2 * layout.widest}];` : "uniform sampler2D u_terms;"}
${declareNumbers(layout)}
${GLSL_HELPERS}${FETCH_HELPER}
vec3 term_(int i) { return ${layout.isSmall ? "u_terms[i]" : "texelFetch(u_terms, ivec2(i, 0), 0).xyz"}; }
out vec4 v_flow;
${withShade ? "out vec4 v_shade;" : ""}
void main() {
  int row_ = gl_VertexID;
  vec3 place = u_offset;
  float colour = a_label;
  ${withShade ? "v_shade = vec4(0.);" : ""}
  ${declare(layout, 0, nInputs, input)}
  ${forward(run, layout, 0, (k) => use(run, layout, k, withShade))}
  v_flow = vec4(place, colour);
  gl_Position = vec4(0.); gl_PointSize = 1.;
}`;
}

function use(run: Run, layout: Layout, k: number, withShade: boolean): string {
  const n = run.nUnits(k);
  const sum = (from: number): string =>
    layout.isSmall
      ? `place += ${Array.from({ length: n }, (_, j) => `${value(layout, k, j)} * term_(${from + j})`).join(" + ")};`
      : `for (int j = 0; j < ${n}; j++) place += ${value(layout, k, "j")} * term_(${from} + j);`;
  const unit = layout.isSmall
    ? Array.from({ length: n }, (_, j) => `u_unit == ${j} ? ${value(layout, k, j)} : `).join("") + "0."
    : value(layout, k, "u_unit");
  const code = [
    `if (u_first == ${k}) { ${sum(0)} }`,
    k > 0 ? `if (u_first == ${k - 1}) { ${sum(layout.widest)} }` : "",
    `if (u_mode == ${VALUE.unit} && u_rep == ${k}) { float z = ${unit}; colour = (z - u_range.x) * u_range.y; }`,
  ];
  if (k === run.length && givesProbabilities(run)) {
    code.push(
      prediction(run, layout),
      `if (u_mode == ${VALUE.predicted}) colour = best;`,
      `if (u_mode == ${VALUE.error}) colour = best == a_label ? 0. : 1.;`,
      `if (u_mode == ${VALUE.confidence}) colour = ${sureness(run.nClasses)};`,
    );
    if (withShade) code.push(`${shade(run, layout)} v_shade = shade;`);
  }
  return code.join("\n");
}

/** From 0, where all classes are as likely, to 1. */
function sureness(nClasses: number): string {
  return `(sure - ${(1 / nClasses).toFixed(6)}) / ${(1 - 1 / nClasses).toFixed(6)}`;
}
