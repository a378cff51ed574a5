/** Corners: classes at the corners of a polygon or on a sphere, as src/unknot/motion/corners.py has it. */
import { type Matrix, matrix, zeros } from "../math/matrix";
import { polar } from "./rotation";

/** The frame of a representation whose units are the classes: row c is the corner of class c. */
export function cornerFrame(order: readonly number[], nAxes: number): Matrix {
  const places = cornerPlaces(order.length, nAxes);
  const frame = zeros(order.length, nAxes);
  order.forEach((c, i) => frame.data.set(places.data.subarray(i * nAxes, (i + 1) * nAxes), c * nAxes));
  return frame;
}

/** In the order of the polygon, with orthonormal columns; in space a spiral from pole to pole. */
export function cornerPlaces(n: number, nAxes: number): Matrix {
  if (nAxes !== 2) return polar(spiral(n));
  const size = Math.sqrt(2 / n);
  const angles = Array.from({ length: n }, (_, i) => Math.PI / 2 + (2 * Math.PI * i) / n);
  return matrix(
    n,
    2,
    angles.flatMap((a) => [size * Math.cos(a), size * Math.sin(a)]),
  );
}

function spiral(n: number): Matrix {
  const points = zeros(n, 3);
  let angle = 0;
  for (let i = 0; i < n; i++) {
    const height = -1 + (2 * i) / (n - 1);
    const radius = Math.sqrt(Math.max(1 - height ** 2, 0));
    if (i > 0 && i < n - 1) angle += 3.6 / Math.sqrt(n) / radius;
    points.data.set([radius * Math.cos(angle), radius * Math.sin(angle), height], 3 * i);
  }
  for (let a = 0; a < 3; a++) {
    let mean = 0;
    for (let i = 0; i < n; i++) mean += points.data[3 * i + a] / n;
    for (let i = 0; i < n; i++) points.data[3 * i + a] -= mean;
  }
  return points;
}

/** Whether a place between the corners tells which unit is the largest. */
export const decides = (nClasses: number, nAxes: number): boolean => nClasses === nAxes + 1;
