/** Linear probes: what Python measured along the network, and how much overlap is only in the picture. */
import { symmetricEigen } from "../math/decompositions";
import {
  columns,
  type Matrix,
  matrix,
  multiply,
  pick,
  scaleRows,
  transpose,
  transposeMultiply,
  zeros,
} from "../math/matrix";
import { shuffled } from "../math/random";
import { padRows } from "../motion/rotation";
import type { Scene } from "../motion/scene";
import type { Run } from "../page_file/page_file";
import { determination } from "./goodness";

export interface ProbeCurve {
  /** Accuracy on held-out points, one a representation; null where it has no meaning. */
  readonly values: readonly (number | null)[];
  /** Between two checkpoints that were measured. */
  readonly isInterpolated: boolean;
}

type Row = readonly (number | null)[];

/** Accuracy of naming the largest class; null where nothing was measured. */
export function chanceOf(run: Run): number | null {
  const { linear_probe: measured, chance } = run.header.measures;
  return measured && run.nPoints >= FEWEST ? (chance ?? null) : null;
}

/** Null where nothing was measured, and before the first measured checkpoint. */
export function probeCurve(run: Run, u: number): ProbeCurve | null {
  const measured = run.header.measures.linear_probe;
  if (!measured || run.nPoints < FEWEST) return null;
  const before = measured.findLastIndex((row, i) => row !== null && i <= u + 1e-9);
  const after = measured.findIndex((row, i) => row !== null && i >= u - 1e-9);
  if (before < 0 || after < 0) return null;
  const [a, b] = [measured[before] as Row, measured[after] as Row];
  const share = after > before ? (u - before) / (after - before) : 0;
  const values = a.map((value, k) => {
    const next = b[k];
    return value === null || next === null ? null : value + (next - value) * share;
  });
  return { values, isInterpolated: after > before };
}

export interface Probes {
  /** Held-out accuracies; of a number to predict R². */
  readonly full: number;
  readonly shown: number;
  /** Points that both were judged by. */
  readonly nJudged: number;
}

/** Of fewer points half are too few to tell a cut from chance. */
export const FEWEST = 40;

/** What a straight cut is, for whoever points at it. */
export const CUT = "Linear probe: share of held-out points that a straight cut puts into the right class";
const STEPS = 60;
/** As in src/unknot/measures/regression.py. */
const RIDGE = 0.01;
const known = new WeakMap<Scene, Map<number, Probes | null>>();

/** Null without classes, or where a class is missing in the sample. */
export function probes(scene: Scene, k: number): Probes | null {
  let byStop = known.get(scene);
  if (!byStop) known.set(scene, (byStop = new Map()));
  if (!byStop.has(k)) byStop.set(k, work(scene, k));
  return byStop.get(k)!;
}

function work(scene: Scene, k: number): Probes | null {
  const { run } = scene.moment;
  const rows = run.labelled(run.sampleRows);
  const cloud = rows.length < run.sampleRows.length ? scene.moment.rows(k, rows) : scene.moment.sample(k);
  const { values } = run.header.target ?? {};
  if (!run.labels || (run.nClasses < 2 && !values) || run.nClasses > 100 || cloud.rows < FEWEST || cloud.columns > 512)
    return null;
  const labels = Int32Array.from(rows, (row) => run.labels![row]);
  const picture = scene.showsMaps ? scene.seen.rows(k, rows) : cloud;
  const frame = padRows(scene.camera.stop(k), picture.columns);
  const split = splitOf(rows, run.heldOut);
  const y = values ? run.container.buffer(values) : [];
  const target = Float64Array.from(rows, (row) => y[row]);
  const score = (of: Matrix): number => (values ? linearR2(of, target, split) : probe(of, labels, run.nClasses, split));
  const [full, shown] = [score(cloud), score(multiply(picture, columns(frame, 0)))];
  return { full, shown, nJudged: split.order.length - split.nTraining };
}

/** Rows of a sample: the first `nTraining` of the order train a probe, the others judge it. */
export interface Split {
  readonly order: Uint32Array;
  readonly nTraining: number;
}

/** Rows that the network was not trained on judge; where nobody knows, or all or none are, a half does. */
export function splitOf(rows: ArrayLike<number>, heldOut: ArrayLike<number> | null): Split {
  const order = shuffled(rows.length, 7);
  const judges = order.filter((i) => heldOut?.[rows[i]] === 1);
  if (!judges.length || judges.length === order.length) return { order, nTraining: order.length >> 1 };
  const training = order.filter((i) => heldOut?.[rows[i]] !== 1);
  return { order: Uint32Array.from([...training, ...judges]), nTraining: training.length };
}

/**
 * Accuracy of logistic regression on standardised columns, on the rows that did not train it.
 * Plain gradient descent with momentum is enough for a readout.
 */
export function probe(
  cloud: Matrix,
  labels: Int32Array,
  nClasses: number,
  split: Split = splitOf({ length: cloud.rows }, null),
): number {
  const x = standardised(cloud);
  const n = x.columns;
  const { order, nTraining: half } = split;
  const weight = new Float64Array(nClasses * n);
  const speed = new Float64Array(nClasses * n);
  const gradient = new Float64Array(nClasses * n);
  const p = new Float64Array(nClasses);
  const scores = (row: number): void => {
    for (let c = 0; c < nClasses; c++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += weight[c * n + j] * x.data[row * n + j];
      p[c] = sum;
    }
  };
  const rate = 4 / Math.sqrt(n);
  for (let step = 0; step < STEPS; step++) {
    gradient.fill(0);
    for (let i = 0; i < half; i++) {
      const row = order[i];
      scores(row);
      const largest = Math.max(...p);
      let total = 0;
      for (let c = 0; c < nClasses; c++) total += p[c] = Math.exp(p[c] - largest);
      for (let c = 0; c < nClasses; c++) {
        const error = p[c] / total - (labels[row] === c ? 1 : 0);
        for (let j = 0; j < n; j++) gradient[c * n + j] += error * x.data[row * n + j];
      }
    }
    for (let i = 0; i < weight.length; i++) {
      speed[i] = 0.85 * speed[i] - (rate / half) * gradient[i];
      weight[i] += speed[i];
    }
  }
  let hits = 0;
  for (let i = half; i < x.rows; i++) {
    scores(order[i]);
    if (p.indexOf(Math.max(...p)) === labels[order[i]]) hits++;
  }
  return hits / Math.max(x.rows - half, 1);
}

/** R² of ridge regression on standardised columns, on the rows that did not train it. */
export function linearR2(cloud: Matrix, target: Float64Array, { order, nTraining }: Split): number {
  const x = transpose(standardised(cloud));
  const [training, judging] = [order.subarray(0, nTraining), order.subarray(nTraining)].map((rows) => ({
    z: pick(x, Array.from(rows)),
    y: Float64Array.from(rows, (row) => target[row]),
  }));
  const { z, y } = training;
  const { values, vectors } = symmetricEigen(multiply(z, transpose(z)));
  const along = transposeMultiply(vectors, multiply(z, matrix(y.length, 1, y)));
  const weight = multiply(
    vectors,
    scaleRows(
      along,
      values.map((value) => 1 / (value + RIDGE)),
    ),
  );
  return determination(judging.y, transposeMultiply(judging.z, weight).data);
}

/** Mean 0 and variance 1 in each column, and a column of ones. */
function standardised({ rows, columns: n, data }: Matrix): Matrix {
  const result = zeros(rows, n + 1);
  for (let j = 0; j < n; j++) {
    let [mean, variance] = [0, 0];
    for (let i = 0; i < rows; i++) mean += data[i * n + j] / rows;
    for (let i = 0; i < rows; i++) variance += (data[i * n + j] - mean) ** 2 / rows;
    const scale = variance > 0 ? 1 / Math.sqrt(variance) : 0;
    for (let i = 0; i < rows; i++) result.data[i * (n + 1) + j] = (data[i * n + j] - mean) * scale;
  }
  for (let i = 0; i < rows; i++) result.data[i * (n + 1) + n] = 1;
  return result;
}
