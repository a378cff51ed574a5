/** Dense matrices of float64, row by row. Points are rows; frames have orthonormal columns. */

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

export function zeros(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float64Array(rows * columns) };
}

export function matrix(rows: number, columns: number, values: ArrayLike<number>): Matrix {
  return { rows, columns, data: Float64Array.from(values) };
}

/** Ones on the diagonal of a matrix of any shape. */
export function eye(rows: number, columns: number = rows): Matrix {
  const result = zeros(rows, columns);
  for (let i = 0; i < Math.min(rows, columns); i++) result.data[i * columns + i] = 1;
  return result;
}

/** A B */
export function multiply(a: Matrix, b: Matrix): Matrix {
  const result = zeros(a.rows, b.columns);
  const n = b.columns;
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < a.columns; k++) {
      const factor = a.data[i * a.columns + k];
      if (factor === 0) continue;
      for (let j = 0; j < n; j++) result.data[i * n + j] += factor * b.data[k * n + j];
    }
  }
  return result;
}

/** Aᵀ B */
export function transposeMultiply(a: Matrix, b: Matrix): Matrix {
  const result = zeros(a.columns, b.columns);
  const n = b.columns;
  for (let k = 0; k < a.rows; k++) {
    for (let i = 0; i < a.columns; i++) {
      const factor = a.data[k * a.columns + i];
      if (factor === 0) continue;
      for (let j = 0; j < n; j++) result.data[i * n + j] += factor * b.data[k * n + j];
    }
  }
  return result;
}

export function transpose(a: Matrix): Matrix {
  const result = zeros(a.columns, a.rows);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.columns; j++) result.data[j * a.rows + i] = a.data[i * a.columns + j];
  }
  return result;
}

/** a A + b B */
export function combine(a: number, first: Matrix, b: number, second: Matrix): Matrix {
  const data = first.data.map((value, i) => a * value + b * second.data[i]);
  return { rows: first.rows, columns: first.columns, data };
}

export function scale(factor: number, a: Matrix): Matrix {
  return { rows: a.rows, columns: a.columns, data: a.data.map((value) => factor * value) };
}

export function subtract(a: Matrix, b: Matrix): Matrix {
  return combine(1, a, -1, b);
}

/** Column j times factors[j]. */
export function scaleColumns(a: Matrix, factors: ArrayLike<number>): Matrix {
  const data = a.data.map((value, i) => value * factors[i % a.columns]);
  return { rows: a.rows, columns: a.columns, data };
}

/** Row i times factors[i]. */
export function scaleRows(a: Matrix, factors: ArrayLike<number>): Matrix {
  const data = a.data.map((value, i) => value * factors[Math.floor(i / a.columns)]);
  return { rows: a.rows, columns: a.columns, data };
}

/** Columns `start` up to `stop`. */
export function columns(a: Matrix, start: number, stop: number = a.columns): Matrix {
  return pick(a, range(start, stop));
}

/** The listed columns, in that order. */
export function pick(a: Matrix, which: readonly number[]): Matrix {
  const result = zeros(a.rows, which.length);
  for (let i = 0; i < a.rows; i++) {
    which.forEach((j, at) => (result.data[i * which.length + at] = a.data[i * a.columns + j]));
  }
  return result;
}

export function column(a: Matrix, j: number): Float64Array {
  return Float64Array.from({ length: a.rows }, (_, i) => a.data[i * a.columns + j]);
}

export function setColumn(a: Matrix, j: number, values: ArrayLike<number>): void {
  for (let i = 0; i < a.rows; i++) a.data[i * a.columns + j] = values[i];
}

/** Columns of both, side by side. */
export function beside(a: Matrix, b: Matrix): Matrix {
  const result = zeros(a.rows, a.columns + b.columns);
  for (let i = 0; i < a.rows; i++) {
    const at = i * result.columns;
    result.data.set(a.data.subarray(i * a.columns, (i + 1) * a.columns), at);
    result.data.set(b.data.subarray(i * b.columns, (i + 1) * b.columns), at + a.columns);
  }
  return result;
}

export function copy(a: Matrix): Matrix {
  return { rows: a.rows, columns: a.columns, data: a.data.slice() };
}

export function norm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return Math.sqrt(sum);
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

export function range(start: number, stop: number): number[] {
  return Array.from({ length: Math.max(stop - start, 0) }, (_, i) => start + i);
}
