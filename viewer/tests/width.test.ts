/** The width search: its rule against Python's (tests/width/verdict_golden.json), and its answers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { random } from "../src/math/random";
import type { Rows } from "../src/training/engine";
import { workOn } from "../src/training/jobs";
import { factorAt } from "../src/training/schedule";
import { constantValues, difference, METRICS, type Metric, scoreOf, usualMetric } from "../src/width/judging";
import { balanced, barOf, jobsOf, judge, neighboursRight, type Question, rowValues, USUAL } from "../src/width/search";
import { theory } from "../src/width/theory";
import { answerRange, answerText, fixed, type Trials, verdictOn, type WidthResult } from "../src/width/verdict";

interface Case {
  readonly bar: {
    readonly ceiling: number;
    readonly tolerance: number;
    readonly constant: number;
    readonly constant_loss: number;
    readonly learnable: boolean;
    readonly metric?: Metric;
    readonly forbidden?: readonly number[];
    readonly source?: string;
  };
  readonly widths: readonly {
    readonly losses: readonly number[];
    readonly scores: readonly number[];
    readonly score: number;
    readonly training_score: number;
    readonly shortfall: number;
    readonly error: number;
    readonly n_points: number;
    readonly verdict: string;
    readonly reason: string;
    readonly reached: number;
    readonly interval: readonly [number, number];
    readonly restarts_needed: number | null;
  }[];
  readonly range: readonly [number, number | null] | null;
  readonly text: string;
}

interface Proved {
  readonly statements: readonly (readonly [string, string, string, readonly number[], boolean])[];
  readonly cases: readonly {
    readonly name: string;
    readonly d: number;
    readonly classes: number;
    readonly activation: string;
    readonly depth: number;
    readonly says: readonly number[];
  }[];
}

interface Golden {
  readonly theory: Proved;
  readonly cases: readonly Case[];
  readonly numbers: readonly (readonly [number, number, string])[];
  readonly difference: {
    readonly labels: number[];
    readonly ours: number[];
    readonly theirs: number[];
    readonly is: Readonly<Record<Metric, readonly [number, number]>>;
    readonly scores: Readonly<Record<Metric, number>>;
    readonly constant: Readonly<Record<Metric, readonly number[]>>;
  };
  readonly cosine: { readonly until: number; readonly factors: readonly number[] };
}

const golden = JSON.parse(readFileSync("../tests/width/verdict_golden.json", "utf8")) as Golden;
const near = (got: number, want: number, off = 1e-12): void => assert.ok(Math.abs(got - want) <= off, `${got} ${want}`);

test("verdicts and their words are Python's", () => {
  for (const { bar: b, widths, range, text } of golden.cases) {
    const bar = {
      ceiling: b.ceiling,
      tolerance: b.tolerance,
      constant: b.constant,
      constantLoss: b.constant_loss,
      isLearnable: b.learnable,
      metric: b.metric ?? "accuracy",
      theory: b.forbidden ? [{ text: "", source: b.source!, domain: "", widths: b.forbidden, forbids: true }] : [],
    };
    const narrower: WidthResult[] = [];
    for (const [i, w] of widths.entries()) {
      const judged = { shortfall: w.shortfall, error: w.error, nPoints: w.n_points };
      const trials: Trials = { ...w, trainingScore: w.training_score, judged };
      const got = verdictOn(bar, i + 1, trials, narrower);
      narrower.push(got);
      assert.deepEqual([got.verdict, got.reason], [w.verdict, w.reason]);
      assert.deepEqual([got.nReached, got.restartsNeeded], [w.reached, w.restarts_needed]);
      got.interval.forEach((end, e) => near(end, w.interval[e]));
    }
    assert.deepEqual(answerRange(narrower), range);
    assert.equal(answerText(range), text);
  }
});

test("what is proved of a case is what Python cites, word for word", () => {
  const { statements, cases } = golden.theory;
  for (const { classes: nClasses, says, ...rest } of cases) {
    const got = theory({ ...rest, nClasses, widths: [1, 2, 3, 4] });
    assert.deepEqual(
      got.map(({ text, source, domain, widths, forbids }) => [text, source, domain, widths, forbids]),
      says.map((i) => statements[i]),
      `${rest.name} ${rest.activation} ${rest.depth}`,
    );
  }
  assert.ok(new Set(cases.flatMap(({ says }) => says)).size === statements.length && statements.length > 20);
  assert.ok(golden.cases.some(({ widths }) => widths.some(({ reason }) => reason.includes("It is proved"))));
});

test("numbers are rounded as Python's are", () => {
  for (const [x, digits, text] of golden.numbers) assert.equal(fixed(x, digits), text);
});

test("two models on the same rows differ as Python says, and the cosine is Python's", () => {
  const { labels, ours, theirs, is, scores, constant } = golden.difference;
  for (const metric of METRICS) {
    const { gain, error } = difference(metric, ours, theirs, labels, 2);
    near(gain, is[metric][0]);
    near(error, is[metric][1]);
    near(scoreOf(metric, ours, labels, 2), scores[metric]);
    constantValues(metric, labels, 2).forEach((value, i) => near(value, constant[metric][i]));
  }
  const { until, factors } = golden.cosine;
  factors.forEach((factor, step) => near(factorAt(step, { kind: "cosine", until }), factor, 1e-6));
  assert.deepEqual(
    [0, 49, 50, 74, 75, 200].map((step) => factorAt(step, { kind: "steps", until: 100 })),
    [1, 1, 0.1, 0.1, 0.01, 0.01],
  );
});

function rings(n: number, seed: number): Rows {
  const draw = random(seed);
  const x = new Float32Array(2 * n);
  const y = Float32Array.from({ length: n }, (_, i) => i % 2);
  for (let i = 0; i < n; i++) {
    const [angle, radius] = [2 * Math.PI * draw(), (y[i] ? 0.5 : 1) + 0.2 * (draw() - 0.5)];
    x[i] = radius * Math.cos(angle);
    x[n + i] = radius * Math.sin(angle);
  }
  return { x, y, n };
}

test("three relu units close a ring, as Python's search says: two do not", () => {
  const [training, heldOut] = [rings(1_600, 1), rings(400, 2)];
  const question: Question = {
    layer: ["relu", "z"],
    depth: 1,
    output: "sigmoid",
    nClasses: 2,
    training,
    heldOut,
    bestPossible: 1,
  };
  const ceiling = { accuracy: 1, source: "best possible", values: null };
  const bar = barOf(ceiling, training, heldOut, 2);
  const widths: WidthResult[] = [];
  for (const width of [1, 2, 3]) {
    const dones = jobsOf(question, USUAL, width, USUAL.restarts).map((job) => {
      const work = workOn({ training, heldOut }, job);
      assert.ok(work.go(() => false));
      return work.done();
    });
    widths.push(judge(question, bar, ceiling, heldOut, width, dones, widths));
  }
  assert.deepEqual(
    widths.map(({ verdict }) => verdict),
    ["too small", "too small", "enough"],
  );
  assert.deepEqual(answerRange(widths), [3, 3]);
  assert.ok(neighboursRight(training, heldOut, 2).reduce((sum, right) => sum + right, 0) > 0.97 * heldOut.n);
});

test("a rare class is judged by the balanced accuracy, and the log loss is that of the engine", () => {
  const { x, y, n } = rings(400, 3);
  const kept = Uint32Array.from({ length: n }, (_, i) => i).filter((i) => !y[i] || i < 30);
  const few: Rows = {
    x: Float32Array.from([...kept].map((i) => x[i]).concat([...kept].map((i) => x[n + i]))),
    y: Float32Array.from(kept, (i) => y[i]),
    n: kept.length,
  };
  const share = few.y.reduce((sum, label) => sum + label, 0) / few.n;
  assert.equal(usualMetric([0.96, 0.04]), "balanced_accuracy");
  assert.equal(usualMetric([0.9, 0.1]), "accuracy");
  const fair = balanced(few, 2);
  assert.equal(
    fair.y.reduce((sum, label) => sum + label, 0),
    fair.n / 2,
  );
  assert.ok(share < 0.1 && fair.n === 2 * Math.round(few.n * (1 - share)));
  const question: Question = {
    layer: ["relu", "z"],
    depth: 1,
    output: "sigmoid",
    nClasses: 2,
    training: few,
    heldOut: few,
    bestPossible: null,
    metric: "balanced_accuracy",
  };
  const [job] = jobsOf(question, USUAL, 12, 1);
  const trained = (training: Rows) => {
    const work = workOn({ training, heldOut: few }, job);
    work.go(() => false);
    return work.done().end;
  };
  const end = trained(fair);
  const values = rowValues("balanced_accuracy", job.shape, end.weights, few);
  assert.ok(scoreOf("balanced_accuracy", values, few.y, 2) > 0.95);
  near(scoreOf("log_loss", rowValues("log_loss", job.shape, end.weights, few), few.y, 2), -end.heldOut!.loss, 1e-6);
  const bar = barOf({ accuracy: 0.99, source: "", values }, fair, few, 2, "balanced_accuracy");
  // Always the same answer is right in one of two classes.
  assert.deepEqual([bar.constant, bar.tolerance, bar.isLearnable], [0.5, 0.005, true]);
});
