/** Sight: from places in the data to places in the picture. */
import { type Extent, factor } from "../motion/extent";
import type { GL, Program } from "./gl";

/** A rectangle of the canvas in CSS pixels, from its upper left corner. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How the reader has moved the picture. */
export interface Pose {
  readonly zoom: number;
  /** In radii of the box. */
  readonly panX: number;
  readonly panY: number;
  /** Degrees around the upright third axis, and above the ground. */
  readonly azimuth: number;
  readonly elevation: number;
}

export interface Sight {
  readonly rectangle: Rectangle;
  /**
   * Columns point right, up and towards the eye: nine numbers, column by column. Axes that have
   * scales of their own are enlarged by `stretch`.
   */
  readonly axes: Float32Array;
  readonly stretch: readonly [number, number];
  readonly centre: readonly [number, number, number];
  /** Distance of the eye; 0 for a flat picture. */
  readonly away: number;
  /** CSS pixels for one unit of the data, at the depth of the centre. */
  readonly scale: number;
  /** Where the centre comes to lie, in CSS pixels of the rectangle. */
  readonly middle: readonly [number, number];
  readonly radius: number;
  /** Of a 3-D view: from its ground to its top. */
  readonly box: Height;
}

/** From the centre, in radii of the box. */
const DISTANCE = 7;
/** Half of what a view must hold, in radii: of a flat one, and across and up in a 3-D view. */
const HOLD_FLAT = 1;
const HOLD_WIDE = 1.55;
const HOLD_LOW = 0.72;
const HOLD_TALL = 0.98;

/** Of a 3-D box along the upright axis. */
export interface Height {
  readonly low: number;
  readonly high: number;
}

/** `flatness` 1 shows a 3-D view from straight above and far away, as a flat picture is seen. */
export function sightOf(
  extent: Extent,
  nAxes: 2 | 3,
  rectangle: Rectangle,
  pose: Pose,
  flatness = 0,
  box: Height | null = null,
): Sight {
  const { width, height } = rectangle;
  const upright = nAxes === 3 ? 1 - flatness : 0;
  const tall = box ? (box.high - box.low) / 2 / extent.radius : 1;
  const holds = [
    (HOLD_WIDE / HOLD_FLAT) ** upright * HOLD_FLAT,
    ((HOLD_LOW + HOLD_TALL * tall) / HOLD_FLAT) ** upright * HOLD_FLAT,
  ];
  const scale = ((pose.zoom / 2) * Math.min(width / holds[0], height / holds[1])) / extent.radius;
  const middle: [number, number] = [
    width / 2 + pose.panX * extent.radius * scale,
    height / 2 - pose.panY * extent.radius * scale,
  ];
  const [x, y, flat = 0] = extent.centre;
  const z = box ? flat + ((box.low + box.high) / 2 - flat) * upright : flat;
  return {
    rectangle,
    axes: eyeAxes(-90 + nearest(pose.azimuth + 90) * upright, 90 + (pose.elevation - 90) * upright).map(
      (part, i) => part * factor(extent, i % 3),
    ),
    stretch: [factor(extent, 0), factor(extent, 1)],
    centre: [x, y, z],
    away: upright > 1e-3 ? (DISTANCE / upright) * extent.radius : 0,
    scale,
    middle,
    radius: extent.radius,
    box: box ?? { low: z - extent.radius, high: z + extent.radius },
  };
}

/** The same angle within half a turn. */
function nearest(degrees: number): number {
  return degrees - 360 * Math.round(degrees / 360);
}

function eyeAxes(azimuth: number, elevation: number): Float32Array {
  const [a, e] = [(azimuth * Math.PI) / 180, (elevation * Math.PI) / 180];
  const [ca, sa, ce, se] = [Math.cos(a), Math.sin(a), Math.cos(e), Math.sin(e)];
  return Float32Array.of(-sa, ca, 0, -se * ca, -se * sa, ce, ce * ca, ce * sa, se);
}

/** A place of the data in CSS pixels of the canvas, and how near it is to the eye. */
export function see(sight: Sight, x: number, y: number, z: number): [x: number, y: number, depth: number] {
  const { axes, centre, away, scale, middle, rectangle } = sight;
  const d = [x - centre[0], y - centre[1], z - centre[2]];
  const along = (i: number): number => d[0] * axes[3 * i] + d[1] * axes[3 * i + 1] + d[2] * axes[3 * i + 2];
  const depth = along(2);
  const nearness = away ? away / Math.max(away - depth, away / 5) : 1;
  return [
    rectangle.x + middle[0] + along(0) * nearness * scale,
    rectangle.y + middle[1] - along(1) * nearness * scale,
    depth,
  ];
}

/** GLSL: `see(place)` gives gl_Position, `nearness_` how much larger near things are. */
export const SEE = `
uniform mat3 u_axes;
uniform vec3 u_centre;
uniform float u_away, u_depth;
uniform vec4 u_window;
float nearness_;
vec4 see(vec3 place) {
  vec3 q = (place - u_centre) * u_axes;
  nearness_ = u_away > 0. ? u_away / max(u_away - q.z, u_away / 5.) : 1.;
  return vec4(q.xy * nearness_ * u_window.xy + u_window.zw, clamp(-q.z * u_depth, -.99, .99), 1.);
}
`;

/** Uniforms of SEE for the program in use; the viewport is the sight's rectangle. */
export function sendSight(gl: GL, p: Program, sight: Sight): void {
  const { width, height } = sight.rectangle;
  gl.uniformMatrix3fv(p.at("u_axes"), false, sight.axes);
  gl.uniform3f(p.at("u_centre"), ...sight.centre);
  gl.uniform1f(p.at("u_away"), sight.away);
  gl.uniform1f(p.at("u_depth"), 1 / (4 * sight.radius));
  gl.uniform4f(
    p.at("u_window"),
    (2 * sight.scale) / width,
    (2 * sight.scale) / height,
    (2 * sight.middle[0]) / width - 1,
    1 - (2 * sight.middle[1]) / height,
  );
}
