/** In the diagram's units: what each responds to over the plane of the input; and which respond to nothing. */
import { type Matrix, matrix } from "../math/matrix";
import { applyMap, isKnown } from "../network/forward";
import type { Moment } from "../network/moment";
import type { Run } from "../page_file/page_file";
import { css, type Rgb, rgb, type Theme } from "../theme/colours";
import { svg } from "./dom";

/** Points along a side. */
const SIDE = 20;
/** Smaller ones are not read. */
const LEAST = 5;
const [NEGATIVE, POSITIVE] = [rgb("#d95f02"), rgb("#1f78b4")];

interface Spot {
  readonly k: number;
  readonly unit: number;
  readonly image: SVGImageElement | null;
}

/** The place of a picture in a unit; null where it is too small to be read. */
export function unitImage(x: number, y: number, radius: number): SVGImageElement | null {
  const size = 2 * radius;
  const place = { x: x - radius, y: y - radius, width: size, height: size };
  return radius < LEAST ? null : svg("image", { ...place, style: "clip-path:circle(50%)" });
}

/** Whether a run's input is a plane that its network can be run over. */
export function hasMaps(run: Run): boolean {
  return run.header.carrier === "weights" && run.header.lattice !== null && run.nUnits(0) === 2;
}

/** The representations over a grid, those that are asked for. */
function responses(run: Run, moment: Moment, last: number): Matrix[] {
  const { low, high } = run.header.lattice!;
  const along = (axis: 0 | 1, i: number): number => low[axis] + ((high[axis] - low[axis]) * (i + 0.5)) / SIDE;
  const grid = Float64Array.from({ length: 2 * SIDE * SIDE }, (_, n) => {
    const point = Math.floor(n / 2);
    return n % 2 ? along(1, SIDE - 1 - Math.floor(point / SIDE)) : along(0, point % SIDE);
  });
  const clouds = [matrix(SIDE * SIDE, 2, grid)];
  for (let k = 0; k < last; k++) {
    const map = moment.map(k);
    if (!isKnown(map)) break;
    clouds.push(applyMap(map, clouds[k]));
  }
  return clouds;
}

/** Draw the pictures of units, blue where they are positive, orange where they are negative. */
export function drawUnits(run: Run, moment: Moment, spots: readonly Spot[], theme: Theme): void {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  // Kept out of the graphics queue: its picture would wait for all that is drawn there.
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return;
  const clouds = responses(run, moment, Math.max(...spots.map(({ k }) => k)));
  for (const { k, unit, image } of spots) {
    const cloud = clouds[k];
    if (!cloud || !image) continue;
    const values = Array.from({ length: cloud.rows }, (_, i) => cloud.data[i * cloud.columns + unit]);
    const most = values.reduce((sum, value) => Math.max(sum, Math.abs(value)), 1e-12);
    values.forEach((value, i) => {
      const share = Math.abs(value) / most;
      const end = value < 0 ? NEGATIVE : POSITIVE;
      context.fillStyle = css(theme.background.map((c, j) => c + (end[j] - c) * share) as unknown as Rgb);
      context.fillRect(i % SIDE, Math.floor(i / SIDE), 1, 1);
    });
    image.setAttribute("href", canvas.toDataURL());
  }
}

/** Whether a hidden unit gives the same for every point. */
export function isDead(moment: Moment, k: number, unit: number): boolean {
  if (k < 1 || moment.run.header.maps[k - 1].kind !== "activation" || k === moment.run.length) return false;
  const { rows, columns, data } = moment.sample(k);
  for (let i = 1; i < rows; i++) if (data[i * columns + unit] !== data[unit]) return false;
  return rows > 1;
}
