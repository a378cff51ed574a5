/** Where a function on a raster is zero: marching squares, joined to lines. */

/**
 * Lines on which `height` (rows × columns, row by row) is zero, each a list of x, y, x, y, … in
 * steps of the raster. Where three corners of a cell or more are zero there is a plain and no line.
 */
export function zeroLines(height: ArrayLike<number>, rows: number, columns: number): number[][] {
  const isPlain = plain(height, rows, columns);
  const ends = new Map<number, [number, number]>();
  const next = new Map<number, number[]>();
  const join = (a: number, b: number): void => {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ]) {
      const list = next.get(from);
      if (list) list.push(to);
      else next.set(from, [to]);
    }
  };
  /** The crossing of the edge to the right of (0) or below (1) a node, by number. */
  const crossing = (i: number, j: number, down: number): number => {
    const key = 2 * (i * columns + j) + down;
    if (!ends.has(key)) {
      const a = height[i * columns + j];
      const b = height[(i + down) * columns + j + 1 - down];
      const s = a / (a - b);
      ends.set(key, down ? [j, i + s] : [j + s, i]);
    }
    return key;
  };
  for (let i = 0; i + 1 < rows; i++) {
    for (let j = 0; j + 1 < columns; j++) {
      const at = i * columns + j;
      const below = at + columns;
      if (isPlain[at] || isPlain[at + 1] || isPlain[below] || isPlain[below + 1]) continue;
      const [a, b, c, d] = [height[at], height[at + 1], height[below + 1], height[below]];
      const up = (x: number): boolean => x > 0;
      const cut: number[] = [];
      if (up(a) !== up(b)) cut.push(crossing(i, j, 0));
      if (up(b) !== up(c)) cut.push(crossing(i, j + 1, 1));
      if (up(c) !== up(d)) cut.push(crossing(i + 1, j, 0));
      if (up(d) !== up(a)) cut.push(crossing(i, j, 1));
      if (cut.length === 2) join(cut[0], cut[1]);
      else if (cut.length === 4) {
        // A saddle: the middle decides which corners belong together.
        const middle = up((a + b + c + d) / 4) === up(a);
        join(cut[0], cut[middle ? 1 : 3]);
        join(cut[2], cut[middle ? 3 : 1]);
      }
    }
  }
  return chain(ends, next);
}

/** Which nodes are zero with two neighbours of a cell or more. */
function plain(height: ArrayLike<number>, rows: number, columns: number): Uint8Array {
  const isPlain = new Uint8Array(rows * columns);
  const zero = (at: number): number => +(height[at] === 0);
  for (let i = 0; i + 1 < rows; i++) {
    for (let j = 0; j + 1 < columns; j++) {
      const at = i * columns + j;
      const below = at + columns;
      if (zero(at) + zero(at + 1) + zero(below) + zero(below + 1) < 3) continue;
      for (const corner of [at, at + 1, below, below + 1]) isPlain[corner] ||= zero(corner);
    }
  }
  return isPlain;
}

function chain(ends: Map<number, [number, number]>, next: Map<number, number[]>): number[][] {
  const lines: number[][] = [];
  const left = new Set(next.keys());
  const walk = (start: number): void => {
    const line: number[] = [];
    let at: number | undefined = start;
    while (at !== undefined && left.delete(at)) {
      line.push(...ends.get(at)!);
      at = next.get(at)!.find((to) => left.has(to));
    }
    // A closed line ends where it began.
    if (next.get(start)!.length === 2 && line.length > 4) line.push(...ends.get(start)!);
    if (line.length > 2) lines.push(line);
  };
  for (const [key, to] of next) if (to.length === 1 && left.has(key)) walk(key);
  for (const key of next.keys()) if (left.has(key)) walk(key);
  return lines;
}
