/** What the network makes of each place, as a tint: on the sheet of the input, and pixel by pixel. */
import type { Matrix } from "../math/matrix";
import { GLSL_HELPERS } from "../network/activations";
import { holdsProbabilities } from "../network/forward";
import type { WeightsMoment } from "../network/moment";
import {
  declare,
  declareNumbers,
  forward,
  type Layout,
  layoutOf,
  prediction,
  probability,
  shade,
} from "../network/shader";
import type { Run } from "../page_file/page_file";
import { type PointSet, SHEET_FLOATS } from "./flow";
import { buffer, type GL, type Program, program, useTexture } from "./gl";
import { SEE, type Sight, sendSight } from "./sight";

const VERTEX = `#version 300 es
precision highp float;
layout(location = 0) in vec4 a_flow;
layout(location = 1) in vec4 a_shade;
out vec4 v_shade;
${SEE}
void main() { gl_Position = see(a_flow.xyz); v_shade = a_shade; }`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec4 v_shade;
uniform float u_strength;
out vec4 colour;
void main() { float a = u_strength * v_shade.a; colour = vec4(v_shade.rgb * a, a); }`;

export interface Sheet {
  readonly set: PointSet;
  readonly count: number;
  readonly vertexArray: WebGLVertexArrayObject;
}

/** The plane of a 2-feature input as a sheet that moves with the cloud. */
export class SheetPainter {
  private readonly program: Program;

  constructor(private readonly gl: GL) {
    this.program = program(gl, VERTEX, FRAGMENT);
  }

  sheet(set: PointSet, rows: number, columns: number): Sheet {
    const { gl } = this;
    const corners = new Uint32Array((rows - 1) * (columns - 1) * 6);
    let at = 0;
    for (let i = 0; i + 1 < rows; i++) {
      for (let j = 0; j + 1 < columns; j++) {
        const a = i * columns + j;
        corners.set([a, a + 1, a + columns, a + 1, a + columns + 1, a + columns], at);
        at += 6;
      }
    }
    const vertexArray = gl.createVertexArray();
    gl.bindVertexArray(vertexArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, set.places);
    for (const location of [0, 1]) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, 4, gl.FLOAT, false, SHEET_FLOATS * 4, 16 * location);
    }
    buffer(gl, gl.ELEMENT_ARRAY_BUFFER, corners, gl.STATIC_DRAW);
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, null);
    return { set, count: corners.length, vertexArray };
  }

  draw(sheet: Sheet, sight: Sight, strength: number): void {
    const { gl, program: p } = this;
    gl.useProgram(p.handle);
    sendSight(gl, p, sight);
    gl.uniform1f(p.at("u_strength"), strength);
    gl.bindVertexArray(sheet.vertexArray);
    gl.drawElements(gl.TRIANGLES, sheet.count, gl.UNSIGNED_INT, 0);
    gl.bindVertexArray(null);
  }
}

const WHOLE = `#version 300 es
void main() { gl_Position = vec4(gl_VertexID == 1 ? 3. : -1., gl_VertexID == 2 ? 3. : -1., 0., 1.); }`;

/** The rest of the network as a classifier of a 2-unit representation. */
export class RegionPainter {
  private readonly layout: Layout;
  private readonly programs = new Map<number, Program>();

  constructor(
    private readonly gl: GL,
    private readonly run: Run,
  ) {
    this.layout = layoutOf(run);
  }

  /** Whether representation k can be shown so. */
  can(k: number): boolean {
    return this.layout.isSmall && this.run.nUnits(k) === 2;
  }

  /** Fill the viewport. `frame` is that of the representation, `presence` 0 to 1. */
  draw(
    k: number,
    moment: WeightsMoment,
    frame: Matrix,
    sight: Sight,
    ratio: number,
    origin: readonly [number, number],
    presence: { readonly shade: number; readonly boundary: number },
    ink: readonly [number, number, number],
    palette: WebGLTexture,
  ): void {
    const { gl } = this;
    let p = this.programs.get(k);
    if (!p) this.programs.set(k, (p = program(gl, WHOLE, fragment(this.run, this.layout, k))));
    gl.useProgram(p.handle);
    const numbers = new Float32Array(Math.ceil(this.layout.count / 4) * 4);
    numbers.set(moment.parameters);
    gl.uniform4fv(p.at("u_numbers"), numbers);
    useTexture(gl, p, "u_palette", 0, palette);
    const { rectangle, centre, middle, stretch } = sight;
    const [across, up] = stretch.map((factor) => 1 / (sight.scale * ratio * factor));
    const bottom = (rectangle.height - middle[1]) * ratio;
    gl.uniform4f(
      p.at("u_plane"),
      across,
      centre[0] - (origin[0] + middle[0] * ratio) * across,
      up,
      centre[1] - (origin[1] + bottom) * up,
    );
    gl.uniform4f(p.at("u_frame"), frame.data[0], frame.data[1], frame.data[2], frame.data[3]);
    gl.uniform2f(p.at("u_presence"), presence.shade, presence.boundary);
    gl.uniform3f(p.at("u_ink"), ...ink);
    gl.uniform1i(p.at("u_last"), this.run.length);
    gl.uniform1f(p.at("u_width"), 0.9 * ratio);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }
}

function fragment(run: Run, layout: Layout, k: number): string {
  const classes = Array.from({ length: run.nClasses }, (_, c) => c);
  // Points lie on the segment from one class to the other: it has no regions, but a middle.
  const isSegment = holdsProbabilities(run, k);
  const finish = isSegment
    ? `float d = r${k}_0 - r${k}_1; side = float(d < 0.); odds = abs(d); slope = sign(d) * vec2(dFdx(d), dFdy(d));`
    : `${prediction(run, layout)}${shade(run, layout)}
tint = vec4(clamp(shade.rgb, 0., 1.), clamp(shade.a, 0., 1.)); float second = 0.; vec2 first_ = vec2(0.), second_ = vec2(0.);
${classes
  .map(
    (c) => `{ float p = ${probability(run, layout, c)}, l = log(max(p, LEAST)); vec2 g = vec2(dFdx(l), dFdy(l));
if (best == ${c}.) first_ = g; else if (p > second) { second = p; second_ = g; } }`,
  )
  .join("\n")}
// How fast the odds change, from each class's own: their difference has a crease where it is 0.
slope = first_ - second_;
odds = log(max(sure, LEAST)) - log(max(second, LEAST));
side = best;`;
  const lead = isSegment
    ? `lead = (side > 0. ? -1. : 1.) * (r${k}_0 - r${k}_1);`
    : `float own = LEAST, other = LEAST;
${classes.map((c) => `if (side == ${c}.) own = max(own, ${probability(run, layout, c)}); else other = max(other, ${probability(run, layout, c)});`).join("\n")}
lead = log(own) - log(other);`;
  const from = declare(layout, k, 2, (j) => (j === 0 ? "dot(seen, u_frame.xy)" : "dot(seen, u_frame.zw)"));
  const to = (end: string): string => `${from}\n${forward(run, layout, k, (i) => (i === run.length ? end : ""))}`;
  return `#version 300 es
precision highp float; precision highp int; precision highp sampler2D;
uniform sampler2D u_palette;
uniform vec4 u_plane, u_frame;
uniform vec2 u_presence;
uniform vec3 u_ink;
uniform float u_width;
uniform int u_last;
${declareNumbers(layout)}
${GLSL_HELPERS}
out vec4 colour;
// Far from the boundary the likeliest class is rounded to 1 and what is left of the others to 0: there
// neither the odds nor how fast they change may jump.
const float LEAST = 1e-5;
// By how much a class, that of a number, is ahead of the others at a pixel.
float lead_(vec2 pixel, float side) {
  vec2 seen = pixel * u_plane.xz + u_plane.yw;
  float lead = 0.;
  ${to(lead)}
  return lead;
}
void main() {
  vec2 seen = gl_FragCoord.xy * u_plane.xz + u_plane.yw;
  vec4 tint = vec4(0.); float odds = 0., side = 0.; vec2 slope = vec2(0.);
  ${to(finish)}
  float steep = length(slope), reach = u_width + 1., line = 0.;
  if (u_presence.y > 0. && steep > 1e-12 && odds < 4. * reach * steep) {
    // Differences across a fold mislead, and where all units are off the odds are even far and wide: there is
    // a boundary only between a place where this class is ahead and one where another is.
    vec2 away = slope / steep * reach;
    float lead = lead_(gl_FragCoord.xy - away, side);
    if (lead < 0. && (odds > 0. || lead_(gl_FragCoord.xy + away, side) > 0.))
      line = clamp(u_width + .5 - reach * odds / (odds - lead), 0., 1.) * u_presence.y;
  }
  float a = tint.a * u_presence.x;
  colour = vec4(tint.rgb * a, a) * (1. - line) + vec4(u_ink, 1.) * line;
}`;
}
