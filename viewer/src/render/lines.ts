/**
 * Polylines of constant width.
 *
 * Every point is there twice, for the two sides of its line, so that a plain strip of triangles
 * draws it: software renderers take ten times as long over one instance a segment.
 */
import { buffer, program, type GL, type Program } from "./gl";
import { sendSight } from "./send_sight";
import { SEE, type Sight } from "./sight";

const VERTEX = `#version 300 es
precision highp float; precision highp int;
layout(location = 0) in vec4 a_before;
layout(location = 1) in vec4 a_place;
layout(location = 2) in vec4 a_after;
layout(location = 3) in float a_end;
uniform vec2 u_pixels;
uniform float u_width;
out float v_side;
${SEE}
vec2 towards(vec2 a, vec2 b) {
  vec2 d = (b - a) * u_pixels;
  float size = length(d);
  return size > 1e-5 ? d / size : vec2(0.);
}
void main() {
  vec4 place = see(a_place.xyz);
  vec2 into = a_end == 1. ? vec2(0.) : towards(see(a_before.xyz).xy, place.xy);
  vec2 away = a_end == 2. ? vec2(0.) : towards(place.xy, see(a_after.xyz).xy);
  vec2 along = into + away;
  float size = length(along);
  along = size > 1e-3 ? along / size : away == vec2(0.) ? into : away;
  // Longer at a corner, so that the line keeps its width; not much longer at a sharp one.
  float corner = into == vec2(0.) || away == vec2(0.) ? 1. : min(2. / max(size, 1e-3), 1.8);
  float side = (gl_VertexID & 1) == 0 ? -1. : 1.;
  float half_ = .5 * u_width + .5;
  gl_Position = vec4(place.xy + vec2(-along.y, along.x) * side * half_ * corner / u_pixels, place.zw);
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
  readonly buffers: readonly WebGLBuffer[];
}

/** Every point twice, and two more at each end of the whole: what `lines` wants. */
export function doubled<T extends Float32Array | Float64Array>(points: T, size: number): T {
  const n = points.length / size;
  const result = new (points.constructor as new (length: number) => T)(n ? (2 * n + 4) * size : 0);
  for (let i = 0; i < (n ? n + 2 : 0); i++) {
    const at = Math.min(Math.max(i - 1, 0), n - 1) * size;
    const point = points.subarray(at, at + size);
    result.set(point, 2 * i * size);
    result.set(point, (2 * i + 1) * size);
  }
  return result;
}

export class LinePainter {
  private readonly program: Program;

  constructor(private readonly gl: GL) {
    this.program = program(gl, VERTEX, FRAGMENT);
  }

  /**
   * Lines through consecutive points of a buffer of vectors of four, doubled.
   *
   * `lengths` are the points of each line.
   */
  lines(places: WebGLBuffer, lengths: readonly number[]): Lines {
    const { gl } = this;
    const n = lengths.reduce((sum, length) => sum + length, 0);
    const ends = new Uint8Array(2 * n);
    const corners = new Uint32Array(6 * Math.max(n - lengths.length, 0));
    let [first, at] = [0, 0];
    for (const length of lengths) {
      ends.fill(1, 2 * first, 2 * first + 2);
      ends.fill(2, 2 * (first + length) - 2, 2 * (first + length));
      for (let i = first; i + 1 < first + length; i++) {
        corners.set([2 * i, 2 * i + 1, 2 * i + 2, 2 * i + 2, 2 * i + 1, 2 * i + 3], at);
        at += 6;
      }
      first += length;
    }
    const vertexArray = gl.createVertexArray();
    gl.bindVertexArray(vertexArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, places);
    for (const location of [0, 1, 2]) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, 4, gl.FLOAT, false, 16, 32 * location);
    }
    const endBuffer = buffer(gl, gl.ARRAY_BUFFER, ends, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(3);
    gl.vertexAttribPointer(3, 1, gl.UNSIGNED_BYTE, false, 0, 0);
    const cornerBuffer = buffer(gl, gl.ELEMENT_ARRAY_BUFFER, corners, gl.STATIC_DRAW);
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, null);
    return { count: at, vertexArray, buffers: [endBuffer, cornerBuffer] };
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
    gl.drawElements(gl.TRIANGLES, lines.count, gl.UNSIGNED_INT, 0);
    gl.bindVertexArray(null);
  }

  free(lines: Lines): void {
    this.gl.deleteVertexArray(lines.vertexArray);
    for (const handle of lines.buffers) this.gl.deleteBuffer(handle);
  }
}
