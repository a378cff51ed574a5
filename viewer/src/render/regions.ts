/** The rest of the network as a classifier of a 2-unit representation, pixel by pixel. */
import { GLSL_HELPERS } from "../network/activations";
import { holdsProbabilities, prediction, shade } from "../network/outputs";
import { layoutOf, type Layout } from "../network/parameters";
import { declare, declareNumbers, forward } from "../network/shader";
import type { Matrix } from "../math/matrix";
import type { WeightsMoment } from "../network/weights_moment";
import type { Run } from "../scene/run";
import { program, useTexture, type GL, type Program } from "./gl";
import type { Sight } from "./sight";

const VERTEX = `#version 300 es
void main() { gl_Position = vec4(gl_VertexID == 1 ? 3. : -1., gl_VertexID == 2 ? 3. : -1., 0., 1.); }`;

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
    k: number, moment: WeightsMoment, frame: Matrix, sight: Sight, ratio: number, origin: readonly [number, number],
    presence: { readonly shade: number; readonly boundary: number }, ink: readonly [number, number, number], palette: WebGLTexture,
  ): void {
    const { gl } = this;
    let p = this.programs.get(k);
    if (!p) this.programs.set(k, (p = program(gl, VERTEX, fragment(this.run, this.layout, k))));
    gl.useProgram(p.handle);
    const numbers = new Float32Array(Math.ceil(this.layout.count / 4) * 4);
    numbers.set(moment.parameters);
    gl.uniform4fv(p.at("u_numbers"), numbers);
    useTexture(gl, p, "u_palette", 0, palette);
    const pixel = 1 / (sight.scale * ratio);
    const { rectangle, centre, middle } = sight;
    const bottom = (rectangle.height - middle[1]) * ratio;
    gl.uniform4f(
      p.at("u_plane"), pixel, centre[0] - (origin[0] + middle[0] * ratio) * pixel,
      pixel, centre[1] - (origin[1] + bottom) * pixel,
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
  // Points lie on the segment from one class to the other: it has no regions, but a middle.
  const finish = holdsProbabilities(run, k) ? `odds = abs(r${k}_0 - r${k}_1);` : `${prediction(run, layout)}${shade(run, layout)}
tint = vec4(clamp(shade.rgb, 0., 1.), clamp(shade.a, 0., 1.)); second = 0.;
${Array.from({ length: run.nClasses }, (_, c) => `{ float p = ${probabilityOf(run, c)}; if (best != ${c}.) second = max(second, p); }`).join("\n")}
// Far from the boundary a probability is rounded to 1: the odds must not jump there.
odds = min(log(max(sure, 1e-30)) - log(max(second, 1e-30)), 12.);
side = best;`;
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
void main() {
  vec2 seen = gl_FragCoord.xy * u_plane.xz + u_plane.yw;
  vec4 tint = vec4(0.); float odds = 0., second = 0., side = 0.;
  ${declare(layout, k, 2, (j) => (j === 0 ? "dot(seen, u_frame.xy)" : "dot(seen, u_frame.zw)"))}
  ${forward(run, layout, k, (i) => (i === run.length ? finish : ""))}
  vec2 slope = abs(vec2(dFdx(odds), dFdy(odds)));
  float steep = max(length(slope), 1e-12);
  float line = clamp(u_width + .5 - odds / steep, 0., 1.) * u_presence.y;
  float a = tint.a * u_presence.x;
  colour = vec4(tint.rgb * a, a) * (1. - line) + vec4(u_ink, 1.) * line;
}`;

  function probabilityOf(r: Run, c: number): string {
    const L = r.length;
    if (r.header.maps[L - 1].kind === "opaque") return `r${L}_${c}`;
    return c === 1 ? `r${L}_0` : `(1. - r${L}_0)`;
  }
}
