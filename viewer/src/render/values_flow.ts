/** Stored representations on the GPU: a few of them times small matrices. */
import { colourValues } from "../model/colouring";
import type { Term } from "../motion/transitions";
import type { Moment } from "../network/moment";
import type { ValuesHeader } from "../page_file/header";
import type { Run } from "../page_file/page_file";
import { type Colouring, type Flow, type FlowInstant, feed, makeSet, type PointSet } from "./flow";
import { dataTexture, type GL, NOTHING, type Program, program, useTexture } from "./gl";
import { FETCH_HELPER, type QuantisedTexture, quantisedTexture } from "./textures";

/** Two representations at two checkpoints. */
const SLOTS = 4;

/** Where a set's places come from, by checkpoint and representation; `rows` only for lines. */
interface Source {
  readonly values: ValuesHeader["values"];
  readonly first: number;
  readonly rows: number;
}

const VERTEX = `#version 300 es
precision highp float; precision highp int; precision highp sampler2D; precision highp usampler2D;
layout(location = 0) in float a_value;
${Array.from({ length: SLOTS }, (_, i) => `uniform usampler2D u_values${i};`).join("\n")}
uniform sampler2D u_terms;
uniform ivec2 u_shapes[${SLOTS}];
uniform vec3 u_offset;
// Lines: their first row and how many rows; every row is there twice, as lines.ts wants it.
uniform ivec2 u_rows;
out vec4 v_flow;
${FETCH_HELPER}
vec3 sum_(usampler2D values, int slot) {
  int n = u_shapes[slot].x, channels = u_shapes[slot].y;
  int perRow = (n + channels - 1) / channels;
  int row = u_rows.y > 0 ? u_rows.x + clamp(gl_VertexID / 2 - 1, 0, u_rows.y - 1) : gl_VertexID;
  vec3 place = vec3(0.);
  for (int i = 0; i < perRow; i++) {
    vec4 q = vec4(texel_(values, row * perRow + i));
    for (int c = 0; c < channels; c++) {
      int j = i * channels + c;
      if (j < n) place += q[c] * texelFetch(u_terms, ivec2(j, slot), 0).xyz;
    }
  }
  return place;
}
void main() {
  vec3 place = u_offset;
  ${Array.from({ length: SLOTS }, (_, i) => `if (u_shapes[${i}].x > 0) place += sum_(u_values${i}, ${i});`).join("\n  ")}
  v_flow = vec4(place, a_value);
  gl_Position = vec4(0.); gl_PointSize = 1.;
}`;

export class ValuesFlow implements Flow {
  readonly points: PointSet;
  private readonly program: Program;
  private readonly terms: WebGLTexture;
  private readonly textures = new Map<string, QuantisedTexture>();
  private readonly widest: number;
  private readonly values: WebGLBuffer;
  private valuesKey = "";

  constructor(
    private readonly gl: GL,
    readonly run: Run,
  ) {
    this.program = program(gl, VERTEX, NOTHING, ["v_flow"]);
    this.terms = dataTexture(gl);
    this.widest = Math.max(...run.header.representations.map((r) => r.shown_units), 1);
    const { values } = run.header as unknown as ValuesHeader;
    this.points = makeSet(gl, run.nPoints, false, null, { values, first: 0, rows: 0 } satisfies Source);
    this.values = gl.createBuffer();
    gl.bindVertexArray(this.points.vertexArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.values);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(Math.max(run.nPoints, 1)), gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 1, gl.FLOAT, false, 0, 0);
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, null);
  }

  fromInputs(): null {
    return null;
  }

  some(): null {
    return null;
  }

  fromLattice(which: "grid" | "boundary"): { set: PointSet; lengths: number[] } | null {
    const { lattice } = this.run.header;
    if (!lattice?.values || !lattice.offsets) return null;
    const offsets = Array.from(this.run.container.buffer(lattice.offsets));
    const ends = which === "grid" ? offsets.slice(0, lattice.n_grid_lines! + 1) : offsets.slice(lattice.n_grid_lines);
    if (ends.length < 2) return null;
    const rows = ends[ends.length - 1] - ends[0];
    const source: Source = { values: [lattice.values], first: ends[0], rows };
    return {
      set: makeSet(this.gl, 2 * rows + 4, false, null, source),
      lengths: ends.slice(1).map((end, i) => end - ends[i]),
    };
  }

  free(): void {
    // Every set lasts as long as the flow.
  }

  move(set: PointSet, { moment, parts, colouring }: FlowInstant): void {
    if (!set.count) return;
    const { gl, program: p } = this;
    if (set === this.points) this.sendValues(moment, colouring);
    gl.useProgram(p.handle);
    const table = new Float32Array(this.widest * SLOTS * 4);
    const shapes = new Int32Array(2 * SLOTS);
    const offset = Float64Array.from(parts.offset);
    const { values, first, rows } = set.source as Source;
    const slots = parts.terms.flatMap((term) => this.slots(moment, term));
    // All first: making a texture takes the place of one that is in use.
    const textures = slots.map(({ k, checkpoint }) => {
      const { buffer, low } = values[checkpoint][k];
      return this.texture(buffer, low.length);
    });
    slots.forEach(({ k, checkpoint, share, matrix }, slot) => {
      const { low, high } = values[checkpoint][k];
      const texture = textures[slot];
      useTexture(gl, p, `u_values${slot}`, slot, texture.texture);
      shapes.set([texture.nColumns, texture.channels], 2 * slot);
      for (let j = 0; j < low.length; j++) {
        for (let a = 0; a < matrix.columns; a++) {
          const weight = share * matrix.data[j * matrix.columns + a];
          table[(slot * this.widest + j) * 4 + a] = (weight * (high[j] - low[j])) / 65535;
          offset[a] += weight * low[j];
        }
      }
    });
    for (let slot = slots.length; slot < SLOTS; slot++) {
      useTexture(gl, p, `u_values${slot}`, slot, textures[0].texture);
    }
    useTexture(gl, p, "u_terms", SLOTS, this.terms);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, this.widest, SLOTS, 0, gl.RGBA, gl.FLOAT, table);
    gl.uniform2iv(p.at("u_shapes"), shapes);
    gl.uniform2i(p.at("u_rows"), first, rows);
    gl.uniform3f(p.at("u_offset"), offset[0], offset[1], offset[2] ?? 0);
    feed(gl, set);
  }

  /** A term at a moment between two checkpoints is two. */
  private slots(moment: Moment, { k, matrix }: Term): (Term & { checkpoint: number; share: number })[] {
    const i = Math.min(Math.floor(moment.u), this.run.lastMoment);
    const s = moment.u - i;
    const first = { k, matrix, checkpoint: i, share: 1 - s };
    return s === 0 ? [first] : [first, { k, matrix, checkpoint: i + 1, share: s }];
  }

  private texture(name: string, nColumns: number): QuantisedTexture {
    let texture = this.textures.get(name);
    if (!texture) {
      texture = quantisedTexture(this.gl, this.run.container.buffer(name) as Uint16Array, nColumns);
      this.textures.set(name, texture);
    }
    return texture;
  }

  /** Colour values, worked out here when what they depend on changes. */
  private sendValues(moment: Moment, colouring: Colouring): void {
    const key = `${moment.u}|${Object.values(colouring).join()}`;
    if (key === this.valuesKey) return;
    this.valuesKey = key;
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.values);
    this.gl.bufferSubData(this.gl.ARRAY_BUFFER, 0, this.allValues(moment, colouring));
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, null);
  }

  private allValues(moment: Moment, colouring: Colouring): Float32Array<ArrayBuffer> {
    const { nPoints } = this.run;
    return colourValues(
      moment,
      colouring,
      Uint32Array.from({ length: nPoints }, (_, i) => i),
    );
  }
}
