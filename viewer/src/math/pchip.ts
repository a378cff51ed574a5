/** Monotone cubic interpolation at equal distances of 1 (Fritsch and Butland 1984, as in SciPy). */

/**
 * The value at `s` (0 to 1) between values[i] and values[i + 1].
 *
 * `values` may be the neighbourhood of a longer series: slopes need one value to either side, or
 * two at an end, and `atStart` and `atEnd` say whether an end is one of the whole series.
 */
export function pchip(
  values: readonly number[], i: number, s: number, atStart: boolean, atEnd: boolean,
): number {
  const left = slope(values, i, atStart, atEnd);
  const right = slope(values, i + 1, atStart, atEnd);
  const [a, b] = [values[i], values[i + 1]];
  const [s2, s3] = [s * s, s * s * s];
  return (2 * s3 - 3 * s2 + 1) * a + (s3 - 2 * s2 + s) * left + (3 * s2 - 2 * s3) * b + (s3 - s2) * right;
}

function slope(values: readonly number[], i: number, atStart: boolean, atEnd: boolean): number {
  const last = values.length - 1;
  if (last === 1) return values[1] - values[0];
  if (i === 0) return atStart ? edge(values[1] - values[0], values[2] - values[1]) : 0;
  if (i === last) {
    return atEnd ? edge(values[last] - values[last - 1], values[last - 1] - values[last - 2]) : 0;
  }
  const [before, after] = [values[i] - values[i - 1], values[i + 1] - values[i]];
  return before * after <= 0 ? 0 : 2 / (1 / before + 1 / after);
}

/** One-sided, three points, kept from overshooting. */
function edge(near: number, far: number): number {
  const guess = (3 * near - far) / 2;
  if (guess * near <= 0) return 0;
  return near * far <= 0 && Math.abs(guess) > 3 * Math.abs(near) ? 3 * near : guess;
}
