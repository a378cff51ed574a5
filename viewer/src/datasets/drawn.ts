/** Points drawn by hand, on a grid of 4,096 by 4,096, as a text of five characters a point. */
import type { Points } from "./generators";

export interface DrawnPoint {
  /** From −1 to 1. */
  readonly x: number;
  readonly y: number;
  readonly group: number;
}

export const MOST_GROUPS = 8;
export const MOST_DRAWN = 5_000;
const STEPS = 4_095;
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The class, then across and up, six bits a character. */
export function formatDrawn(points: readonly DrawnPoint[]): string {
  const place = (value: number): string => {
    const step = Math.round((Math.min(Math.max(value, -1), 1) + 1) * (STEPS / 2));
    return DIGITS[step >> 6] + DIGITS[step & 63];
  };
  return points.map(({ x, y, group }) => DIGITS[group % MOST_GROUPS] + place(x) + place(y)).join("");
}

export function parseDrawn(text: string): DrawnPoint[] {
  const digit = (i: number): number => Math.max(DIGITS.indexOf(text[i] ?? "A"), 0);
  const place = (i: number): number => (digit(i) * 64 + digit(i + 1)) / (STEPS / 2) - 1;
  const n = Math.min(Math.floor(text.length / 5), MOST_DRAWN);
  return Array.from({ length: n }, (_, i) => ({
    x: place(5 * i + 1),
    y: place(5 * i + 3),
    group: digit(5 * i) % MOST_GROUPS,
  }));
}

/** The classes that were used, in order. */
export function decodeDrawn(text: string): Points {
  const points = parseDrawn(text);
  const groups = [...new Set(points.map(({ group }) => group))].sort((a, b) => a - b);
  return {
    x: Float32Array.from(points.flatMap(({ x, y }) => [x, y])),
    y: Uint8Array.from(points, ({ group }) => groups.indexOf(group)),
    featureNames: ["x1", "x2"],
    classNames: groups.map((group) => `class ${group + 1}`),
  };
}

/** What is missing before a network can learn from drawn points, as a sentence; null where nothing is. */
export function drawnProblem(points: readonly DrawnPoint[]): string | null {
  const counts = new Map<number, number>();
  for (const { group } of points) counts.set(group, (counts.get(group) ?? 0) + 1);
  if (!points.length) return "No points were drawn: draw some of two classes.";
  if (counts.size < 2) return "All points are of one class: choose another class and draw some of it.";
  const few = [...counts].find(([, count]) => count < 2);
  return few ? `Class ${few[0] + 1} has one point: draw another of it.` : null;
}
