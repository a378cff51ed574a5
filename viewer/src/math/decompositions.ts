/** Decompositions of ml-matrix, for matrices stored row by row. */
import { determinant as determinantOf, EVD, QR, Matrix as Rows, SVD } from "ml-matrix";
import type { Matrix } from "./matrix";

export interface Svd {
  /** (m, k) with orthonormal columns, k the smaller side. */
  readonly u: Matrix;
  /** (k,) in descending order. */
  readonly sigma: Float64Array;
  /** (n, k) with orthonormal columns. */
  readonly v: Matrix;
}

export interface Eigen {
  /** In ascending order. */
  readonly values: Float64Array;
  /** Columns, orthonormal. */
  readonly vectors: Matrix;
}

/** A = U Σ Vᵀ. */
export function svd(a: Matrix): Svd {
  const k = Math.min(a.rows, a.columns);
  if (!isUsable(a)) return { u: unknown(a.rows, k), sigma: new Float64Array(k).fill(NaN), v: unknown(a.columns, k) };
  const result = new SVD(toRows(a), { autoTranspose: true });
  return {
    u: fromRows(result.leftSingularVectors),
    sigma: Float64Array.from(result.diagonal),
    v: fromRows(result.rightSingularVectors),
  };
}

/** Eigenvalues and eigenvectors of a symmetric matrix. */
export function symmetricEigen(a: Matrix): Eigen {
  const n = a.rows;
  if (!isUsable(a)) return { values: new Float64Array(n).fill(NaN), vectors: unknown(n, n) };
  const result = new EVD(toRows(a), { assumeSymmetric: true });
  return { values: Float64Array.from(result.realEigenvalues), vectors: fromRows(result.eigenvectorMatrix) };
}

/** An orthonormal basis of the columns of a matrix (n, r) with n ≥ r. */
export function orthonormal(a: Matrix): Matrix {
  return isUsable(a) ? fromRows(new QR(toRows(a)).orthogonalMatrix) : unknown(a.rows, a.columns);
}

/** Of a square matrix. */
export function determinant(a: Matrix): number {
  return a.rows ? determinantOf(toRows(a)) : 1;
}

/** ml-matrix takes no empty matrix, and never ends or throws where a number is missing. */
function isUsable({ data }: Matrix): boolean {
  return data.length > 0 && data.every(Number.isFinite);
}

/** What follows from numbers that are missing is missing too. */
function unknown(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float64Array(rows * columns).fill(NaN) };
}

function toRows({ rows, columns, data }: Matrix): Rows {
  return new Rows(
    Array.from({ length: rows }, (_, i) => data.slice(i * columns, (i + 1) * columns)) as unknown as number[][],
  );
}

function fromRows(a: Rows): Matrix {
  const data = new Float64Array(a.rows * a.columns);
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.columns; j++) data[i * a.columns + j] = a.get(i, j);
  return { rows: a.rows, columns: a.columns, data };
}
