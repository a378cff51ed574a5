/** The forward pass in the vertex shader: inputs and weights in, places out. */
import { GLSL_HELPERS } from "../network/activations";
import { givesProbabilities } from "../network/forward";
import type { WeightsMoment } from "../network/moment";
import {
  declare,
  declareNumbers,
  forward,
  type Layout,
  layoutOf,
  number,
  pack,
  prediction,
  shade,
  value,
} from "../network/shader";
import type { Run } from "../page_file/page_file";
import { type Flow, type FlowInstant, feed, freeSet, makeSet, type PointSet } from "./flow";
import { buffer, dataTexture, type GL, NOTHING, type Program, program, useTexture } from "./gl";
import { FETCH_HELPER, fetchColumn, type QuantisedTexture, quantisedTexture } from "./textures";

interface Source {
  /** Null where the inputs are an attribute of the set. */
  readonly input: QuantisedTexture | null;
  readonly low: readonly number[];
  readonly high: readonly number[];
}

export class WeightsFlow implements Flow {
  readonly points: PointSet;
  private readonly layout: Layout;
  private readonly programs = new Map<boolean, Program>();
  private readonly numbers: WebGLTexture;
  private readonly terms: WebGLTexture;
  private readonly block: WebGLBuffer;

  constructor(
    private readonly gl: GL,
    readonly run: Run,
    private readonly palette: () => WebGLTexture,
  ) {
    this.layout = layoutOf(run, gl.getParameter(gl.MAX_UNIFORM_BLOCK_SIZE) as number);
    this.numbers = dataTexture(gl);
    this.terms = dataTexture(gl);
    this.block = gl.createBuffer();
    const { buffer: name, low, high } = run.header.inputs!;
    const labels = run.labels as Uint8Array<ArrayBuffer> | null;
    this.points = this.make(
      run.container.buffer(name) as Uint16Array<ArrayBuffer>,
      run.nPoints,
      false,
      labels,
      low,
      high,
    );
  }

  fromInputs(inputs: Float64Array, isSheet: boolean): PointSet {
    const low = [Infinity, Infinity];
    const high = [-Infinity, -Infinity];
    inputs.forEach((x, i) => {
      low[i & 1] = Math.min(low[i & 1], x);
      high[i & 1] = Math.max(high[i & 1], x);
    });
    const quantised = Uint16Array.from(inputs, (x, i) => {
      const [from, to] = [low[i & 1], high[i & 1]];
      return to > from ? Math.round(((x - from) / (to - from)) * 65535) : 0;
    });
    return this.make(quantised, inputs.length / 2, isSheet, null, low, high);
  }

  some(rows: Uint32Array): PointSet {
    const { run } = this;
    const { buffer: name, low, high } = run.header.inputs!;
    const n = run.nUnits(0);
    const all = run.container.buffer(name) as Uint16Array;
    const values = new Uint16Array(rows.length * n);
    rows.forEach((row, i) => values.set(all.subarray(row * n, (row + 1) * n), i * n));
    const labels = run.labels?.constructor as Uint8ArrayConstructor | undefined;
    const own = labels?.from(rows, (row) => run.labels![row]) ?? null;
    return this.make(values, rows.length, false, own as Uint8Array<ArrayBuffer> | null, low, high);
  }

  fromLattice(): null {
    return null;
  }

  free(set: PointSet): void {
    const { input } = set.source as Source;
    if (input) this.gl.deleteTexture(input.texture);
    freeSet(this.gl, set);
  }

  move(set: PointSet, { moment, parts, colouring }: FlowInstant): void {
    if (!set.count) return;
    const { gl, run, layout } = this;
    const p = this.programFor(set.isSheet);
    gl.useProgram(p.handle);
    const source = set.source as Source;
    if (source.input) useTexture(gl, p, "u_input", 0, source.input.texture);
    useTexture(gl, p, "u_palette", 1, this.palette());
    this.sendNumbers(p, pack(layout, (moment as WeightsMoment).parameters, source.low, source.high));
    this.sendTerms(
      p,
      parts.terms.map((term) => term.matrix),
      parts.offset,
    );
    const first = parts.terms[0].k;
    const needed = colouring.mode === 4 ? colouring.k : colouring.mode || set.isSheet ? run.length : 0;
    gl.uniform1i(p.at("u_first"), first);
    gl.uniform1i(p.at("u_last"), Math.max(first + parts.terms.length - 1, needed));
    gl.uniform1i(p.at("u_mode"), colouring.mode);
    gl.uniform1i(p.at("u_rep"), colouring.k);
    gl.uniform1i(p.at("u_unit"), colouring.unit);
    gl.uniform2f(p.at("u_range"), colouring.low, 1 / Math.max(colouring.high - colouring.low, 1e-30));
    feed(gl, set);
  }

  private make(
    values: Uint16Array<ArrayBuffer>,
    count: number,
    isSheet: boolean,
    labels: Uint8Array<ArrayBuffer> | null,
    low: readonly number[],
    high: readonly number[],
  ): PointSet {
    const { gl } = this;
    const n = this.run.nUnits(0);
    const input = inAttribute(n) ? null : quantisedTexture(gl, values, n);
    const set = makeSet(gl, count, isSheet, labels, { input, low, high } satisfies Source);
    if (input) return set;
    gl.bindVertexArray(set.vertexArray);
    set.owned.push(buffer(gl, gl.ARRAY_BUFFER, values, gl.STATIC_DRAW));
    gl.enableVertexAttribArray(1);
    gl.vertexAttribPointer(1, n, gl.UNSIGNED_SHORT, false, 0, 0);
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, null);
    return set;
  }

  private programFor(isSheet: boolean): Program {
    let shader = this.programs.get(isSheet);
    if (!shader) {
      const outputs = isSheet ? ["v_flow", "v_shade"] : ["v_flow"];
      shader = program(this.gl, flowShader(this.run, this.layout, isSheet), NOTHING, outputs);
      this.programs.set(isSheet, shader);
    }
    return shader;
  }

  private sendNumbers(p: Program, data: Float32Array): void {
    const { gl } = this;
    const { store } = this.layout;
    if (store === "uniforms") gl.uniform4fv(p.at("u_numbers"), data);
    else if (store === "block") {
      gl.uniformBlockBinding(p.handle, gl.getUniformBlockIndex(p.handle, "Numbers"), 0);
      gl.bindBufferBase(gl.UNIFORM_BUFFER, 0, this.block);
      gl.bufferData(gl.UNIFORM_BUFFER, data, gl.DYNAMIC_DRAW);
    } else this.sendTexture(p, "u_numbers", 2, this.numbers, data, 1024);
  }

  private sendTerms(
    p: Program,
    matrices: readonly { rows: number; columns: number; data: Float64Array }[],
    offset: Float64Array,
  ): void {
    const { widest, isSmall } = this.layout;
    const size = isSmall ? 3 : 4;
    const data = new Float32Array(2 * widest * size);
    matrices.forEach(({ rows, columns, data: values }, which) => {
      for (let i = 0; i < rows; i++) {
        for (let a = 0; a < columns; a++) data[(which * widest + i) * size + a] = values[i * columns + a];
      }
    });
    if (isSmall) this.gl.uniform3fv(p.at("u_terms"), data);
    else this.sendTexture(p, "u_terms", 3, this.terms, data, 2 * widest);
    this.gl.uniform3f(p.at("u_offset"), offset[0], offset[1], offset[2] ?? 0);
  }

  private sendTexture(
    p: Program,
    name: string,
    unit: number,
    texture: WebGLTexture,
    data: Float32Array,
    width: number,
  ): void {
    const { gl } = this;
    const height = Math.ceil(data.length / 4 / width);
    const texels = data.length === width * height * 4 ? data : new Float32Array(width * height * 4);
    if (texels !== data) texels.set(data);
    useTexture(gl, p, name, unit, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, width, height, 0, gl.RGBA, gl.FLOAT, texels);
  }
}

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
    const q = inAttribute(nInputs)
      ? nInputs === 1
        ? "a_input"
        : `a_input[${j}]`
      : fetchColumn("u_input", nInputs, 4, j);
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
    ? `${Array.from({ length: n }, (_, j) => `u_unit == ${j} ? ${value(layout, k, j)} : `).join("")}0.`
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
      // A point without a label, whose number is that of no class, is not wrong.
      `if (u_mode == ${VALUE.error}) colour = best == a_label || a_label > ${run.nClasses - 1}.5 ? 0. : 1.;`,
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
