/** Polylines of constant width, drawn as one quad a segment. */
import type { PointSet } from "./flow";
import { buffer, program, type GL, type Program } from "./gl";
import { sendSight } from "./send_sight";
import { SEE, type Sight } from "./sight";

const VERTEX = `#version 300 es
precision highp float;
layout(location = 0) in vec4 a_from;
layout(location = 1) in vec4 a_to;
layout(location = 2) in float a_break;
uniform vec2 u_pixels;
uniform float u_width;
out float v_side;
${SEE}
void main() {
  int corner = gl_VertexID;
  vec4 from = see(a_from.xyz), to = see(a_to.xyz);
  vec2 along = (to.xy - from.xy) * u_pixels;
  float length_ = length(along);
  vec2 unit = length_ > 1e-6 ? along / length_ : vec2(1., 0.);
  float side = (corner & 1) == 0 ? -1. : 1.;
  vec4 place = corner < 2 ? from : to;
  float half_ = .5 * u_width + .5;
  vec2 aside = vec2(-unit.y, unit.x) * side + unit * (corner < 2 ? -.5 : .5);
  gl_Position = vec4(place.xy + aside * half_ / u_pixels, place.zw);
  if (a_break > .5) gl_Position = vec4(2., 2., 2., 1.);
  v_side = side * half_;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in float v_side;
uniform vec4 u_colour;
uniform float u_width;
out vec4 colour;
void main() {
  float a = u_colour.a * clamp(.5 * u_width + .5 - abs(v_side), 0., 1.);
  colour = vec4(u_colour.rgb * a, a);
}`;

export type Rgba = readonly [number, number, number, number];

export interface Lines {
  readonly count: number;
  readonly vertexArray: WebGLVertexArrayObject;
  readonly breaks: WebGLBuffer;
}

export class LinePainter {
  private readonly program: Program;

  constructor(private readonly gl: GL) {
    this.program = program(gl, VERTEX, FRAGMENT);
  }

  /**
   * Lines through consecutive points of a buffer of vectors of four.
   *
   * `lengths` are the points of each line.
   */
  lines(places: WebGLBuffer, lengths: readonly number[]): Lines {
    const { gl } = this;
    const count = Math.max(lengths.reduce((sum, n) => sum + n, 0) - 1, 0);
    const breaks = new Uint8Array(count + 1);
    let at = 0;
    for (const n of lengths) breaks[(at += n) - 1] = 1;
    const vertexArray = gl.createVertexArray();
    gl.bindVertexArray(vertexArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, places);
    for (const location of [0, 1]) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, 4, gl.FLOAT, false, 16, 16 * location);
      gl.vertexAttribDivisor(location, 1);
    }
    const handle = buffer(gl, gl.ARRAY_BUFFER, breaks, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(2);
    gl.vertexAttribPointer(2, 1, gl.UNSIGNED_BYTE, false, 0, 0);
    gl.vertexAttribDivisor(2, 1);
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, null);
    return { count, vertexArray, breaks: handle };
  }

  ofSet(set: PointSet, lengths: readonly number[]): Lines {
    return this.lines(set.places, lengths);
  }

  /** `width` in device pixels. */
  draw(lines: Lines, sight: Sight, colour: Rgba, width: number, ratio: number): void {
    if (!lines.count) return;
    const { gl, program: p } = this;
    gl.useProgram(p.handle);
    sendSight(gl, p, sight);
    const { rectangle } = sight;
    gl.uniform2f(p.at("u_pixels"), (rectangle.width * ratio) / 2, (rectangle.height * ratio) / 2);
    gl.uniform1f(p.at("u_width"), width);
    gl.uniform4f(p.at("u_colour"), ...colour);
    gl.bindVertexArray(lines.vertexArray);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, lines.count);
    gl.bindVertexArray(null);
  }

  free(lines: Lines): void {
    this.gl.deleteVertexArray(lines.vertexArray);
    this.gl.deleteBuffer(lines.breaks);
  }
}
