/** Points as round dots. */
import { FLOATS, type PointSet } from "./flow";
import { buffer, type GL, type Program, program, useTexture } from "./gl";
import { SEE, type Sight, sendSight } from "./sight";

const HEAD = `#version 300 es
precision highp float; precision highp int;`;

const VERTEX = `
layout(location = 0) in vec4 a_flow;
layout(location = 1) in float a_label;
layout(location = 2) in float a_state;
uniform sampler2D u_palette, u_ramp;
uniform float u_size, u_opacity, u_dimmed;
uniform int u_paint, u_pass;
uniform vec3 u_muted;
flat out vec4 v_colour;
flat out vec3 v_edge;
${SEE}
vec4 paint() {
#ifdef PICK
  uint id = uint(gl_VertexID) + 1u;
  return vec4(uvec4(id, id >> 8, id >> 16, id >> 24) & 255u) / 255.;
#else
  if (u_paint == 1) return a_flow.w == -1. ? vec4(u_muted, .6) : vec4(texture(u_ramp, vec2(clamp(a_flow.w, 0., 1.) * .996 + .002, .5)).rgb, 1.);
  if (u_paint == 2) return a_flow.w > .5 ? vec4(texelFetch(u_palette, ivec2(int(a_label + .5), 0), 0).rgb, 1.) : vec4(u_muted, .35);
  return vec4(texelFetch(u_palette, ivec2(int(a_flow.w + .5), 0), 0).rgb, 1.);
#endif
}
void main() {
  bool selected = mod(a_state, 2.) > .5, ring = a_state > 1.5;
  float shown = texelFetch(u_palette, ivec2(int(a_label + .5), 0), 0).a;
  bool visible = shown > .1;
  gl_Position = see(a_flow.xyz);
  float size = u_size * nearness_ * (selected && u_pass == 1 ? 1.7 : 1.);
  if (ring) size = max(1.4 * size, 6.);
  if (!visible || (u_pass == 1) != selected && u_pass < 2 || !selected && u_pass == 2 && u_dimmed == 0.) gl_Position = vec4(2., 2., 2., 1.);
  v_colour = paint();
#ifndef PICK
  v_colour.a *= u_pass == 1 ? .95 : u_opacity * u_dimmed;
  if (shown < .9) v_colour.a *= .12;
  v_colour.rgb *= v_colour.a;
#endif
  // Half the diameter and half a pixel for the soft edge; and where a ring is hollow.
  v_edge = vec3(.5 * size + .5, size + 1., ring ? .5 * size - max(.2 * size, 1.4) : -1.);
  gl_PointSize = size + 1.;
}`;

const FRAGMENT = `
flat in vec4 v_colour;
flat in vec3 v_edge;
out vec4 colour;
void main() {
  float away = length(gl_PointCoord - .5) * v_edge.y, inside = clamp(v_edge.x - away, 0., 1.);
#ifdef PICK
  if (inside < .3) discard;
  colour = v_colour;
  return;
#endif
  inside *= clamp(away - v_edge.z, 0., 1.);
#ifdef SOLID
  if (inside < .5) discard;
  colour = v_colour;
#else
  colour = v_colour * inside;
#endif
}`;

/** Which points, and what for. */
export const PASS = { plain: 0, selected: 1, pick: 2, solid: 3 } as const;

export interface PointStyle {
  /** In device pixels. */
  readonly size: number;
  readonly opacity: number;
  readonly dimmed: number;
  /** 0: palette by value, 1: ramp by value, 2: errors. */
  readonly paint: number;
  readonly muted: readonly [number, number, number];
}

export interface Dots {
  readonly set: PointSet;
  readonly vertexArray: WebGLVertexArrayObject;
  readonly states: WebGLBuffer;
}

export class PointPainter {
  private readonly programs: Readonly<Record<"plain" | "pick" | "solid", Program>>;

  constructor(private readonly gl: GL) {
    const make = (define: string): Program => program(gl, HEAD + define + VERTEX, HEAD + define + FRAGMENT);
    this.programs = { plain: make(""), pick: make("\n#define PICK"), solid: make("\n#define SOLID") };
  }

  /** Attributes for a set; points are drawn in the order given. */
  dots(set: PointSet, labels: ArrayBufferView<ArrayBuffer> | null, order: Uint32Array<ArrayBuffer>): Dots {
    const { gl } = this;
    const vertexArray = gl.createVertexArray();
    gl.bindVertexArray(vertexArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, set.places);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 4, gl.FLOAT, false, FLOATS * 4, 0);
    if (labels) {
      buffer(gl, gl.ARRAY_BUFFER, labels, gl.STATIC_DRAW);
      gl.enableVertexAttribArray(1);
      const kind = labels instanceof Uint8Array ? gl.UNSIGNED_BYTE : gl.UNSIGNED_SHORT;
      gl.vertexAttribPointer(1, 1, kind, false, 0, 0);
    }
    const states = buffer(gl, gl.ARRAY_BUFFER, new Uint8Array(Math.max(set.count, 1)), gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(2);
    gl.vertexAttribPointer(2, 1, gl.UNSIGNED_BYTE, false, 0, 0);
    buffer(gl, gl.ELEMENT_ARRAY_BUFFER, order, gl.STATIC_DRAW);
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, null);
    return { set, vertexArray, states };
  }

  /** One byte a point: 1 where it is selected, 2 more where it is a ring. */
  select(dots: Dots, states: Uint8Array<ArrayBuffer>): void {
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, dots.states);
    this.gl.bufferSubData(this.gl.ARRAY_BUFFER, 0, states);
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, null);
  }

  draw(dots: Dots, sight: Sight, style: PointStyle, pass: number, palette: WebGLTexture, ramp: WebGLTexture): void {
    const { gl } = this;
    if (!dots.set.count) return;
    const p = this.programs[pass === PASS.pick ? "pick" : pass === PASS.solid ? "solid" : "plain"];
    gl.useProgram(p.handle);
    sendSight(gl, p, sight);
    useTexture(gl, p, "u_palette", 0, palette);
    useTexture(gl, p, "u_ramp", 1, ramp);
    gl.uniform1f(p.at("u_size"), style.size);
    gl.uniform1f(p.at("u_opacity"), style.opacity);
    gl.uniform1f(p.at("u_dimmed"), style.dimmed);
    gl.uniform1i(p.at("u_paint"), style.paint);
    gl.uniform1i(p.at("u_pass"), pass);
    gl.uniform3f(p.at("u_muted"), ...style.muted);
    gl.bindVertexArray(dots.vertexArray);
    gl.drawElements(gl.POINTS, dots.set.count, gl.UNSIGNED_INT, 0);
    gl.bindVertexArray(null);
  }
}

/** Diameter in CSS pixels and opacity that suit so many points in a picture so many pixels wide. */
export function dotStyle(nPoints: number, side: number): { size: number; opacity: number } {
  const n = Math.max(nPoints, 1);
  const size = Math.min(Math.max(7.5 * (300 / n) ** 0.17, 1.7), 9) * Math.sqrt(side / 640);
  return { size: Math.max(size, 1.5), opacity: Math.min(Math.max((2_500 / n) ** 0.33, 0.1), 0.9) };
}
