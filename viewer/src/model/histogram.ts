/** A cloud on a line has no second direction: its classes stand as columns above it. */

/** Cells along the diameter of the extent. */
export const CELLS = 100;
/** Height of the tallest column, in radii of the extent: on a flat picture and in a 3-D view. */
export const HEIGHT = 1.3;
export const HEIGHT_3D = 0.75;

/** How many points of each class lie in each cell: (n_classes, CELLS). */
export function histogram(
  xs: (row: number) => number, n: number, label: (row: number) => number, nClasses: number, low: number, high: number,
): Float64Array[] {
  const counts = Array.from({ length: Math.max(nClasses, 1) }, () => new Float64Array(CELLS));
  const scale = CELLS / Math.max(high - low, 1e-30);
  for (let row = 0; row < n; row++) {
    const cell = Math.floor((xs(row) - low) * scale);
    if (cell >= 0 && cell < CELLS) counts[label(row)][cell]++;
  }
  return counts;
}

/** The outline of one class's columns from the left to the right end: x and height in turn. */
export function outline(counts: Float64Array, most: number, low: number, high: number, height: number): [number, number][] {
  const step = (high - low) / counts.length;
  const points: [number, number][] = [[low, 0]];
  counts.forEach((count, i) => {
    const top = (height * count) / Math.max(most, 1);
    points.push([low + i * step, top], [low + (i + 1) * step, top]);
  });
  points.push([high, 0]);
  return points;
}
