/** Rows spread evenly over the data, the same as Python's. */

/** At most `most` row numbers below n, spread evenly (numpy: unique(round(linspace(…)))). */
export function spreadRows(n: number, most: number): Uint32Array {
  const count = Math.min(n, most);
  if (count === 0) return new Uint32Array(0);
  if (count === 1) return Uint32Array.of(0);
  const step = (n - 1) / (count - 1);
  const rows = Array.from({ length: count }, (_, i) => (i === count - 1 ? n - 1 : roundHalfEven(i * step)));
  return Uint32Array.from(new Set(rows));
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest === 0.5) return floor + (floor % 2);
  return rest < 0.5 ? floor : floor + 1;
}

/** The listed rows of sixteen-bit values as numbers. */
export function dequantise(
  values: Uint16Array, nColumns: number, low: readonly number[], high: readonly number[], rows: ArrayLike<number>,
): { rows: number; columns: number; data: Float64Array } {
  const data = new Float64Array(rows.length * nColumns);
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < nColumns; j++) {
      const q = values[rows[i] * nColumns + j];
      data[i * nColumns + j] = low[j] + ((high[j] - low[j]) * q) / 65535;
    }
  }
  return { rows: rows.length, columns: nColumns, data };
}
