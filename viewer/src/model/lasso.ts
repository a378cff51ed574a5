/** Which points lie inside a line drawn by hand. */
import { see, type Sight } from "../render/sight";

export type Outline = readonly (readonly [number, number])[];

/** Rows whose place on the picture lies inside; `places` has four numbers a point. */
export function rowsInside(places: Float32Array, sight: Sight, outline: Outline, isShown: (row: number) => boolean): number[] {
  const xs = outline.map(([x]) => x);
  const ys = outline.map(([, y]) => y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const rows: number[] = [];
  for (let row = 0; row < places.length / 4; row++) {
    const [x, y] = see(sight, places[4 * row], places[4 * row + 1], places[4 * row + 2]);
    if (x < left || x > right || y < top || y > bottom) continue;
    if (isInside(x, y, outline) && isShown(row)) rows.push(row);
  }
  return rows;
}

/** Whether a ray to the right crosses the closed outline an odd number of times. */
export function isInside(x: number, y: number, outline: Outline): boolean {
  let inside = false;
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const [ax, ay] = outline[i];
    const [bx, by] = outline[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** The four corners of a box from its first and last place. */
export function boxOutline(path: Outline): Outline {
  const [a, b] = [path[0], path[path.length - 1]];
  return [a, [b[0], a[1]], b, [a[0], b[1]]];
}

/** Both, in order, each row once. */
export function union(a: readonly number[], b: readonly number[]): number[] {
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}
