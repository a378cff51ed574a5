import assert from "node:assert/strict";
import { test } from "node:test";
import { zeroLines } from "../src/math/contour";
import { determinant, orthonormal, svd, symmetricEigen } from "../src/math/decompositions";
import { discriminants } from "../src/math/discriminants";
import {
  beside,
  columns,
  eye,
  multiply,
  scaleColumns,
  subtract,
  transpose,
  transposeMultiply,
} from "../src/math/matrix";
import { random, shuffled } from "../src/math/random";
import { carryingRotation, complement, padRows, polar } from "../src/motion/rotation";
import { largest, randomMatrix } from "./helpers";

const SHAPES = [
  [1, 1],
  [2, 2],
  [6, 2],
  [2, 6],
  [5, 5],
  [40, 7],
  [7, 40],
  [30, 30],
] as const;

test("a singular value decomposition gives the matrix back, for every shape", () => {
  const draw = random(1);
  for (const [m, n] of SHAPES) {
    const a = randomMatrix(m, n, draw);
    const { u, sigma, v } = svd(a);
    assert.ok(largest(subtract(multiply(scaleColumns(u, sigma), transpose(v)), a).data) < 1e-12);
    assert.ok(largest(subtract(transposeMultiply(u, u), eye(Math.min(m, n))).data) < 1e-12);
    assert.ok(largest(subtract(transposeMultiply(v, v), eye(Math.min(m, n))).data) < 1e-12);
    assert.ok(sigma.every((value, i) => i === 0 || value <= sigma[i - 1]));
  }
});

test("where singular values are zero, the columns are orthonormal all the same", () => {
  const a = multiply(randomMatrix(5, 2, random(2)), randomMatrix(2, 4, random(3)));
  for (const matrix of [a, transpose(a), scaleColumns(a, [0, 0, 0, 0])]) {
    const { u, sigma, v } = svd(matrix);
    assert.ok(largest(subtract(transposeMultiply(u, u), eye(4)).data) < 1e-9);
    assert.ok(largest(subtract(transposeMultiply(v, v), eye(4)).data) < 1e-9);
    assert.ok(sigma[2] < 1e-14);
  }
});

test("symmetric matrices are made diagonal", () => {
  for (const n of [1, 2, 5, 24]) {
    const a = randomMatrix(n, n, random(n));
    const s = multiply(a, transpose(a));
    const { values, vectors } = symmetricEigen(s);
    assert.ok(largest(subtract(multiply(s, vectors), scaleColumns(vectors, values)).data) < 1e-11);
    assert.ok(values.every((value, i) => i === 0 || value >= values[i - 1]));
  }
});

test("a basis is orthonormal and spans the columns; its complement is all the rest", () => {
  const a = randomMatrix(6, 3, random(4));
  const q = orthonormal(a);
  assert.ok(largest(subtract(multiply(q, transposeMultiply(q, a)), a).data) < 1e-13);
  const all = beside(q, complement(q));
  assert.ok(largest(subtract(transposeMultiply(all, all), eye(6)).data) < 1e-13);
  assert.deepEqual(complement(q, 1).data, columns(complement(q), 0, 1).data);
  assert.deepEqual(complement({ rows: 3, columns: 0, data: new Float64Array() }), eye(3));
});

test("what follows from numbers that are missing is missing, and comes at once", () => {
  const a = randomMatrix(4, 4, random(6));
  a.data[5] = NaN;
  const { values, vectors } = symmetricEigen(a);
  for (const data of [svd(a).u.data, svd(a).sigma, values, vectors.data, orthonormal(a).data])
    assert.ok(data.every(Number.isNaN));
  a.data[5] = Infinity;
  assert.ok(svd(a).sigma.every(Number.isNaN));
});

test("a determinant is the product of the eigenvalues, and its sign follows a shift of the rows", () => {
  const draw = random(8);
  for (const n of [1, 2, 3, 7, 20]) {
    const a = randomMatrix(n, n, draw);
    const s = multiply(a, transpose(a));
    const product = symmetricEigen(s).values.reduce((all, value) => all * value, 1);
    assert.ok(Math.abs(determinant(s) / product - 1) < 1e-9);
    assert.ok(Math.abs(determinant(a) ** 2 / product - 1) < 1e-9);
    const shifted = { ...a, data: Float64Array.from([...a.data.slice(n), ...a.data.slice(0, n)]) };
    const sign = n % 2 ? 1 : -1;
    assert.ok(Math.abs(determinant(shifted) / determinant(a) - sign) < 1e-9);
  }
  assert.equal(determinant({ rows: 0, columns: 0, data: new Float64Array() }), 1);
  assert.ok(determinant({ rows: 2, columns: 2, data: Float64Array.of(1, 2, 2, 4) }) === 0);
});

test("a carrying rotation takes source to target, is a rotation, and its powers add up", () => {
  const draw = random(5);
  for (const [n, r] of [
    [2, 2],
    [3, 3],
    [6, 2],
    [5, 4],
    [4, 4],
    [8, 1],
  ] as const) {
    for (let i = 0; i < 6; i++) {
      const source = polar(randomMatrix(n, r, draw));
      const target = polar(randomMatrix(n, r, draw));
      const [turn, over] = carryingRotation(source, target);
      const N = turn.size;
      assert.equal(N, over && n === r ? n + 1 : n);
      assert.ok(
        largest(subtract(turn.power(-1, padRows(source, N)), padRows(target, N)).data) < 1e-9 ||
          largest(subtract(turn.power(1, padRows(target, N)), padRows(source, N)).data) < 1e-9,
      );
      const half = turn.power(0.5, eye(N));
      assert.ok(largest(subtract(multiply(half, half), turn.power(1, eye(N))).data) < 1e-9);
      assert.ok(Math.abs(determinant(half) - 1) < 1e-9);
    }
  }
});

test("a half turn has a real square root", () => {
  const [turn] = carryingRotation(eye(2), { rows: 2, columns: 2, data: Float64Array.of(-1, 0, 0, -1) });
  const half = turn.power(0.5, eye(2));
  assert.ok(Math.abs(half.data[0]) < 1e-12);
  assert.ok(Math.abs(Math.abs(half.data[1]) - 1) < 1e-12);
});

test("a circle's zero line is one closed line of the right radius", () => {
  const n = 81;
  const at = (i: number): number => (i / (n - 1)) * 4 - 2;
  const height = Float64Array.from({ length: n * n }, (_, p) => Math.hypot(at(p % n), at(Math.floor(p / n))) - 1.2);
  const lines = zeroLines(height, n, n);
  assert.equal(lines.length, 1);
  const [line] = lines;
  assert.deepEqual(line.slice(0, 2), line.slice(-2));
  for (let i = 0; i < line.length; i += 2) assert.ok(Math.abs(Math.hypot(at(line[i]), at(line[i + 1])) - 1.2) < 1e-3);
});

test("the edge of a plain of zeros is no line, and a line through nodes is one", () => {
  const n = 21;
  const at = (p: number): readonly [number, number] => [(p % n) - 10, Math.floor(p / n) - 10];
  const of = (f: (x: number, y: number) => number): number[][] =>
    zeroLines(
      Float64Array.from({ length: n * n }, (_, p) => f(...at(p))),
      n,
      n,
    );
  assert.deepEqual(
    of((x, y) => Math.max(x + y, 0)),
    [],
  );
  assert.equal(of((x) => x).length, 1);
  const [line] = of((x, y) => (y < 0 ? x - 0.3 : Math.max(x - 2.5, 0)));
  assert.equal(line.length / 2, 10);
});

test("discriminants do not depend on where the cloud lies, also where a class has no spread", () => {
  const draw = random(7);
  const cloud = randomMatrix(60, 8, draw);
  const groups = Array.from({ length: 60 }, (_, i) => i % 3);
  // Columns in which some classes stand still, as pixels that are never set.
  for (let i = 0; i < 60; i++) for (let j = 0; j < 4; j++) if (groups[i] !== j) cloud.data[i * 8 + j] = 0;
  const moved = { ...cloud, data: cloud.data.map((x) => x + 0.1) };
  const [here, there] = [cloud, moved].map((each) => orthonormal(discriminants(each, groups, 2)!));
  assert.ok(largest(subtract(multiply(here, transpose(here)), multiply(there, transpose(there))).data) < 1e-9);
});

test("shuffled rows are all rows", () => {
  assert.deepEqual(
    [...shuffled(100, 3)].sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
  );
});
