/**
 * Polylines of constant width.
 *
 * Every point is there twice, for the two sides of its line, so that a plain strip of triangles
 * draws it: software renderers take ten times as long over one instance a segment.
 */
import { colourValues } from "../model/colouring";
import type { Instant } from "../model/run_model";
import { evaluate } from "../motion/transitions";
import { niceStep } from "../network/lattice";
import type { Theme } from "../theme/colours";
import type { Colouring } from "./flow";
import { buffer, type GL, type Program, program } from "./gl";
import { SEE, type Sight, sendSight } from "./sight";

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
  /** Points of each line. */
  readonly lengths: readonly number[];
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
    return { count: at, lengths, vertexArray, buffers: [endBuffer, cornerBuffer] };
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

/** The ground under a 3-D cloud: round numbers as lines, and one upright edge. */
export class Ground {
  private places: WebGLBuffer | null = null;
  private lines: Lines | null = null;
  private key = "";

  constructor(
    private readonly gl: GL,
    private readonly painter: LinePainter,
  ) {}

  /** What was drawn last; null before. */
  get drawn(): { lines: Lines; places: WebGLBuffer } | null {
    return this.lines && this.places ? { lines: this.lines, places: this.places } : null;
  }

  draw(sight: Sight, theme: Theme, ratio: number, presence: number): void {
    const left = leftCorner(sight);
    const key = [...sight.centre, sight.radius, sight.box.low, sight.box.high, ...left].join();
    if (key !== this.key) this.make(sight, left);
    this.key = key;
    if (this.lines) this.painter.draw(this.lines, sight, [...theme.grid, 0.7 * presence], ratio, ratio);
  }

  private make({ centre, radius: r, box }: Sight, left: readonly [number, number]): void {
    const { gl } = this;
    const [x, y] = centre;
    const z = box.low;
    const step = niceStep(2 * r, 8);
    const points: number[] = [];
    const add = (...ends: number[][]): void => ends.forEach((p) => points.push(...p, 0));
    for (let i = Math.ceil((x - r) / step); i * step <= x + r; i++) add([i * step, y - r, z], [i * step, y + r, z]);
    for (let i = Math.ceil((y - r) / step); i * step <= y + r; i++) add([x - r, i * step, z], [x + r, i * step, z]);
    for (const a of [-r, r]) {
      add([x + a, y - r, z], [x + a, y + r, z]);
      add([x - r, y + a, z], [x + r, y + a, z]);
    }
    add([...left, z], [...left, box.high]);
    if (this.lines) this.painter.free(this.lines);
    if (this.places) gl.deleteBuffer(this.places);
    this.places = buffer(gl, gl.ARRAY_BUFFER, doubled(Float32Array.from(points), 4), gl.DYNAMIC_DRAW);
    this.lines = this.painter.lines(this.places, new Array<number>(points.length / 8).fill(2));
  }
}

/** The outermost corner of the ground to the left: nothing stands before it. */
export function leftCorner({ centre, radius: r, axes }: Sight): readonly [number, number] {
  const corners = [
    [-r, -r],
    [r, -r],
    [r, r],
    [-r, r],
  ] as const;
  const aside = (c: readonly [number, number]): number => c[0] * axes[0] + c[1] * axes[1];
  const [dx, dy] = corners.reduce((best, c) => (aside(c) < aside(best) - 1e-9 * r ? c : best));
  return [centre[0] + dx, centre[1] + dy];
}

/** Most points with a trail, how far back it goes in t, and in how many steps. */
const MOST = 300;
const BACK = 1;
const STEPS = 28;

/** Trails: where the selected points have been. */
export class Trails {
  private drawn: { lines: Lines; places: WebGLBuffer; value: number; row: number }[] = [];

  constructor(
    private readonly gl: GL,
    private readonly painter: LinePainter,
  ) {}

  /** Work them out for an instant; none without rows. */
  move({ scene, t }: Instant, selection: readonly number[], colouring: Colouring): void {
    this.clear();
    const { run } = scene.moment;
    const rows = selection.filter((row) => row < run.nPoints).slice(0, MOST);
    if (!rows.length) return;
    const times = Array.from({ length: STEPS + 1 }, (_, i) => Math.max(t - BACK + (BACK * i) / STEPS, 0)).filter(
      (x, i, all) => i === 0 || x > all[i - 1],
    );
    const wanted = Uint32Array.from(rows);
    const clouds = new Map<number, ReturnType<typeof scene.sample>>();
    const cloud = (k: number): ReturnType<typeof scene.sample> => {
      if (!clouds.has(k)) clouds.set(k, scene.seen.rows(k, wanted));
      return clouds.get(k)!;
    };
    const seen = times.map((time) => evaluate(scene.parts(time), cloud));
    // Those of one colour are drawn together: one group a class, a few dozen along a scale.
    const values = colourValues(scene.moment, colouring, wanted);
    const groups = new Map<string, number[]>();
    rows.forEach((row, i) => {
      const key = `${Math.round(values[i] * 32)} ${run.nClasses ? (run.labels?.[row] ?? 0) : 0}`;
      groups.set(key, [...(groups.get(key) ?? []), i]);
    });
    for (const members of groups.values()) this.add(members, seen, values[members[0]], rows[members[0]]);
  }

  /** The lines with their first point, for whoever draws them elsewhere. */
  get all(): readonly { lines: Lines; places: WebGLBuffer; value: number; row: number }[] {
    return this.drawn;
  }

  draw(sight: Sight, colour: (value: number, row: number) => Rgba, ratio: number): void {
    for (const { lines, value, row } of this.drawn) {
      this.painter.draw(lines, sight, colour(value, row), 1.3 * ratio, ratio);
    }
  }

  private add(
    members: readonly number[],
    seen: readonly { columns: number; data: Float64Array }[],
    value: number,
    row: number,
  ): void {
    const data = new Float32Array(members.length * seen.length * 4);
    members.forEach((i, at) => {
      seen.forEach(({ columns, data: values }, step) => {
        for (let a = 0; a < columns; a++) data[(at * seen.length + step) * 4 + a] = values[i * columns + a];
      });
    });
    const places = buffer(this.gl, this.gl.ARRAY_BUFFER, doubled(data, 4), this.gl.STREAM_DRAW);
    const lines = this.painter.lines(
      places,
      members.map(() => seen.length),
    );
    this.drawn.push({ lines, places, value, row });
  }

  private clear(): void {
    for (const { lines, places } of this.drawn) {
      this.painter.free(lines);
      this.gl.deleteBuffer(places);
    }
    this.drawn = [];
  }
}
