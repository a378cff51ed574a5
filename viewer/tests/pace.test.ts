/** The pace of a morph: nothing teleports, whatever the scales; tests/motion/test_pace.py beside it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gradedSvd } from "../src/math/decompositions";
import {
  eye,
  type Matrix,
  matrix,
  multiply,
  norm,
  range,
  scaleColumns,
  scaleRows,
  transpose,
  zeros,
} from "../src/math/matrix";
import { random } from "../src/math/random";
import { AlongAffine } from "../src/motion/along_map";
import { Extents, extentOf } from "../src/motion/extent";
import { Morph } from "../src/motion/morph";
import { evaluate } from "../src/motion/transitions";
import { applyMap, type MapAt } from "../src/network/forward";

const N_FRAMES = 48;
/** What a frame may move by the even pace of its beat. */
const ALLOWED = 3;
/** As in the pace: an end whose radius is rounding is a point, and so is what passes through one. */
const [POINT, FLOOR] = [1e-6, 0.05];
const FORMULAS = [
  ["relu", "z"],
  ["tanh", "z"],
  ["sigmoid", "z"],
  ["sin", "z"],
] as const;

class Draw {
  private readonly uniform: () => number;

  constructor(seed: number) {
    this.uniform = random(seed);
  }

  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** From 1e-8 to 1e8. */
  scales(n: number): number[] {
    return range(0, n).map(() => 10 ** (16 * this.uniform() - 8));
  }

  /** Normal by sums of twelve. */
  cloud(rows: number, columns: number): Matrix {
    const one = (): number => range(0, 12).reduce((sum) => sum + this.uniform(), -6);
    return matrix(rows, columns, Array.from({ length: rows * columns }, one));
  }
}

function affine(draw: Draw, x: Matrix): MapAt {
  const spread = columnsOf(x).map((c) => Math.max(deviation(c), 1e-12));
  const kind = draw.below(5);
  if (kind === 0) {
    const weight = scaleColumns(
      eye(x.columns),
      spread.map((s) => 1 / s),
    );
    return { kind: "affine", weight, bias: Float64Array.from(columnsOf(x), (c, i) => -mean(c) / spread[i]) };
  }
  if (kind === 1) {
    const factors = range(0, x.columns).map(() => [-1, 1, -2, 0.5][draw.below(4)]);
    return { kind: "affine", weight: scaleColumns(eye(x.columns), factors), bias: new Float64Array(x.columns) };
  }
  const n = 1 + draw.below(6);
  const rank = kind === 2 ? Math.max(Math.min(n, x.columns) - 1, 1) : Math.min(n, x.columns);
  let weight = multiply(draw.cloud(x.columns, rank), draw.cloud(rank, n));
  if (kind === 3)
    weight = scaleRows(
      weight,
      spread.map((s) => 1 / s),
    );
  const size = largest(multiply(x, weight));
  const bias = draw.cloud(1, n).data.map((b) => b * size);
  return { kind: "affine", weight: { ...weight, data: Float64Array.from(Float32Array.from(weight.data)) }, bias };
}

function randomMap(draw: Draw, x: Matrix): MapAt {
  const kind = draw.below(8);
  if (kind === 0) return { kind: "softmax", name: "softmax" };
  if (kind < 3) return { kind: "activation", name: "f", formula: [...FORMULAS[draw.below(4)]], parameters: [] };
  return affine(draw, x);
}

function randomMorph(seed: number): Morph {
  const draw = new Draw(seed);
  let x = draw.cloud(2 + draw.below(38), 1 + draw.below(6));
  if (draw.below(2)) x = scaleColumns(x, draw.scales(x.columns));
  const clouds = [x];
  const maps: MapAt[] = [];
  for (const _ of range(0, 1 + draw.below(4))) {
    const map = randomMap(draw, clouds.at(-1)!);
    const after = applyMap(map, clouds.at(-1)!);
    if (!(largest(after) < 1e30)) continue;
    maps.push(map);
    clouds.push(after);
  }
  const run = { length: maps.length, nUnits: (k: number) => clouds[k].columns };
  return new Morph({ run, map: (k) => maps[k], sample: (k) => clouds[k] });
}

/** The clouds of a beat, one a frame. */
function frames(morph: Morph, k: number, start: number, stop: number, cloud: (k: number) => Matrix): Matrix[] {
  const { width } = morph.transition(k);
  return range(0, N_FRAMES + 1).map((i) => {
    const s = start + ((stop - start) * i) / N_FRAMES;
    return evaluate(s < 1 ? morph.at(k + s, eye(width)) : morph.at(k + 1, eye(width)), cloud);
  });
}

/** The largest step of a point by the cloud's radius at the time, over the mean of all steps. */
function unevenness(clouds: readonly Matrix[]): number {
  const radii = clouds.map(radius);
  const ends = [0, clouds.length - 1];
  const real = ends.filter((i) => radii[i] > POINT * (norm(clouds[i].data) / Math.sqrt(clouds[i].rows)));
  if (!real.length) return 0;
  const least = FLOOR * Math.min(...real.map((i) => radii[i]));
  const steps = clouds.slice(1).map((after, i) => longestStep(clouds[i], after) / Math.max(radii[i], least));
  const all = steps.reduce((sum, step) => sum + step, 0);
  return all > 1e-2 && all < 1e5 ? (Math.max(...steps) / all) * steps.length : 0;
}

function longestStep(a: Matrix, b: Matrix): number {
  const rows = range(0, a.rows).map((i) =>
    norm(range(0, a.columns).map((j) => b.data[i * a.columns + j] - a.data[i * a.columns + j])),
  );
  return Math.max(...rows);
}

function radius(x: Matrix): number {
  return Math.sqrt(columnsOf(x).reduce((sum, column) => sum + deviation(column) ** 2, 0));
}

function columnsOf(x: Matrix): Float64Array[] {
  const { data } = transpose(x);
  return range(0, x.columns).map((j) => data.subarray(j * x.rows, (j + 1) * x.rows));
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: Float64Array): number {
  const middle = mean(values);
  return norm(values.map((value) => value - middle)) / Math.sqrt(values.length);
}

function largest({ data }: Matrix): number {
  return data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

test("no frame moves more than three times what an even pace asks for", () => {
  let seen = 0;
  for (const seed of range(1, 150)) {
    const morph = randomMorph(seed);
    const cloud = (k: number): Matrix => sources(morph)(k);
    for (const k of range(0, morph.length)) {
      for (const { kind, start, stop } of morph.transition(k).beats) {
        const uneven = unevenness(frames(morph, k, start, stop, cloud));
        assert.ok(uneven <= ALLOWED, `seed ${seed}, map ${k}, ${kind}: ${uneven}`);
        if (uneven) seen++;
      }
    }
  }
  assert.ok(seen > 300, `${seen} beats moved`);
});

/** The clouds that a morph was made of. */
function sources(morph: Morph): (k: number) => Matrix {
  return (k) => (morph as unknown as { source: { sample(k: number): Matrix } }).source.sample(k);
}

test("a feature that is scaled keeps its spread on the way", () => {
  for (const sizes of [
    [3e6, 1, 1],
    [1e-8, 1e8, 1],
    [1, 1, 1e-6],
  ]) {
    const x = scaleColumns(new Draw(1).cloud(300, 3), sizes);
    const factors = columnsOf(x).map((column) => 1 / deviation(column));
    const path = new AlongAffine(0, scaleColumns(eye(3), factors), new Float64Array(3), () => x);
    for (const s of range(0, 97).map((i) => i / 97)) {
      const seen = columnsOf(evaluate(path.parts(s, eye(3)), () => x));
      seen.forEach((column, i) => assert.ok(deviation(column) > 0.8 * Math.min(sizes[i], 1), `${sizes} ${s}`));
    }
    assert.ok(!path.leastStretch.includes("flat"));
    assert.ok(path.leastStretch.endsWith("not mirrored (determinant positive)"));
  }
});

test("the box of a cloud on its way follows it, and not into a point", () => {
  const cloud = new Draw(2).cloud(100, 2);
  const boxes = new Extents(2, (t) =>
    extentOf(scaleColumns(cloud, t <= 1 ? [10 ** (-6 * t), 1e-9] : [1e-6 * (2 - t), 0])),
  );
  for (const t of [0, 0.3, 0.9, 1, 1.4]) {
    const size = largest(scaleColumns(cloud, [t <= 1 ? 10 ** (-6 * t) : 1e-6 * (2 - t), 0]));
    assert.ok(boxes.at(t).radius > size && boxes.at(t).radius < 1.5 * size, `${t}`);
  }
  assert.equal(boxes.at(1.999).radius, 0.05 * boxes.at(1).radius);
  assert.deepEqual([boxes.at(2).radius, boxes.at(2).isPoint], [1, true]);
});

test("each row of a graded decomposition is exact", () => {
  for (const seed of range(1, 60)) {
    const draw = new Draw(seed);
    const a = scaleRows(draw.cloud(1 + draw.below(9), 1 + draw.below(9)), draw.scales(9));
    const { u, sigma, v } = gradedSvd(a);
    const again = multiply(scaleColumns(u, sigma), transpose(v));
    for (const i of range(0, a.rows)) {
      const [row, own] = [again, a].map(({ data }) => data.subarray(i * a.columns, (i + 1) * a.columns));
      assert.ok(norm(row.map((value, j) => value - own[j])) < 1e-12 * norm(own), `seed ${seed}, row ${i}`);
    }
  }
  assert.deepEqual(gradedSvd(zeros(2, 3)).sigma, new Float64Array(2));
});
