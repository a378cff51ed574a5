/** Flow: moves sets of points on the GPU and keeps where they are, for everything that draws. */
import type { Parts } from "../motion/transitions";
import type { Moment } from "../network/moment";
import type { Run } from "../page_file/page_file";
import { buffer, type GL } from "./gl";

/** What decides a point's colour value. */
export interface Colouring {
  /** A key of VALUE, by number. */
  readonly mode: number;
  /** For single units: which one, and the range that the colours span. */
  readonly k: number;
  readonly unit: number;
  readonly low: number;
  readonly high: number;
}

export const BY_LABEL: Colouring = { mode: 0, k: 0, unit: 0, low: 0, high: 1 };

/** One instant of a run: everything that decides where points are. */
export interface FlowInstant {
  readonly moment: Moment;
  readonly parts: Parts;
  readonly colouring: Colouring;
}

/** Floats a point: x, y, z and the colour value; for a sheet also red, green, blue and alpha. */
export const FLOATS = 4;
export const SHEET_FLOATS = 8;

/** Points of one run that move together. */
export interface PointSet {
  readonly count: number;
  readonly isSheet: boolean;
  /** Where they are now. */
  readonly places: WebGLBuffer;
  readonly feedback: WebGLTransformFeedback;
  readonly vertexArray: WebGLVertexArrayObject;
  /** Buffers that go with the set. */
  readonly owned: WebGLBuffer[];
  /** The carrier's own: its inputs or stored values. */
  readonly source: unknown;
}

/** A carrier on the GPU. */
export interface Flow {
  readonly run: Run;
  /** The data themselves. */
  readonly points: PointSet;
  /** Move a set to an instant. */
  move(set: PointSet, instant: FlowInstant): void;
  /** A new set from points of a 2-feature input, (n, 2); null where the carrier cannot. */
  fromInputs(inputs: Float64Array, isSheet: boolean): PointSet | null;
  /** A new set of some of the points; null where the carrier cannot. */
  some(rows: Uint32Array): PointSet | null;
  /** The grid's or the boundary's lines as the file stores them, doubled; null where it stores none. */
  fromLattice(which: "grid" | "boundary"): { readonly set: PointSet; readonly lengths: readonly number[] } | null;
  free(set: PointSet): void;
}

/** The buffers of a set; `labels` is one number a point, or null. */
export function makeSet(
  gl: GL,
  count: number,
  isSheet: boolean,
  labels: ArrayBufferView<ArrayBuffer> | null,
  source: unknown,
): PointSet {
  const floats = isSheet ? SHEET_FLOATS : FLOATS;
  const places = buffer(gl, gl.ARRAY_BUFFER, Math.max(count, 1) * floats * 4, gl.DYNAMIC_COPY);
  const vertexArray = gl.createVertexArray();
  gl.bindVertexArray(vertexArray);
  const owned: WebGLBuffer[] = [];
  if (labels) {
    owned.push(buffer(gl, gl.ARRAY_BUFFER, labels, gl.STATIC_DRAW));
    const kind =
      labels instanceof Uint8Array ? gl.UNSIGNED_BYTE : labels instanceof Uint16Array ? gl.UNSIGNED_SHORT : gl.FLOAT;
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 1, kind, false, 0, 0);
  }
  gl.bindVertexArray(null);
  gl.bindBuffer(gl.ARRAY_BUFFER, null);
  const feedback = gl.createTransformFeedback();
  gl.bindTransformFeedback(gl.TRANSFORM_FEEDBACK, feedback);
  gl.bindBufferBase(gl.TRANSFORM_FEEDBACK_BUFFER, 0, places);
  gl.bindTransformFeedback(gl.TRANSFORM_FEEDBACK, null);
  gl.bindBufferBase(gl.TRANSFORM_FEEDBACK_BUFFER, 0, null);
  return { count, isSheet, places, feedback, vertexArray, owned, source };
}

/** Run the vertex shader in use over a set; nothing is drawn. */
export function feed(gl: GL, set: PointSet): void {
  gl.bindVertexArray(set.vertexArray);
  gl.enable(gl.RASTERIZER_DISCARD);
  gl.bindTransformFeedback(gl.TRANSFORM_FEEDBACK, set.feedback);
  gl.beginTransformFeedback(gl.POINTS);
  gl.drawArrays(gl.POINTS, 0, set.count);
  gl.endTransformFeedback();
  gl.bindTransformFeedback(gl.TRANSFORM_FEEDBACK, null);
  gl.disable(gl.RASTERIZER_DISCARD);
  gl.bindVertexArray(null);
}

/** Read back where the points of a set are: (count, floats). */
export function readPlaces(gl: GL, set: PointSet): Float32Array {
  return readFloats(gl, set.places, set.count * (set.isSheet ? SHEET_FLOATS : FLOATS));
}

export function readFloats(gl: GL, places: WebGLBuffer, length: number): Float32Array {
  const result = new Float32Array(length);
  gl.bindBuffer(gl.ARRAY_BUFFER, places);
  gl.getBufferSubData(gl.ARRAY_BUFFER, 0, result);
  gl.bindBuffer(gl.ARRAY_BUFFER, null);
  return result;
}

export function freeSet(gl: GL, set: PointSet): void {
  for (const handle of [set.places, ...set.owned]) gl.deleteBuffer(handle);
  gl.deleteVertexArray(set.vertexArray);
  gl.deleteTransformFeedback(set.feedback);
}
