/** The training engine against JAX: tests/training/training_golden.json of the repository. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { random } from "../src/math/random";
import type { Formula } from "../src/network/activations";
import { Engine, type NetworkShape, type Rows } from "../src/training/engine";
import { type Learning, type OptimiserName, optimisers } from "../src/training/optimisers";
import { epochOrder, Session, type Settings, SNAPSHOT_STEPS, startWeights, type Task } from "../src/training/session";
import { largest } from "./helpers";

interface Golden {
  readonly sizes: readonly number[];
  readonly batch: number;
  readonly steps: number;
  readonly x: readonly number[];
  readonly y: Readonly<Record<string, readonly number[]>>;
  readonly start: Readonly<Record<string, readonly number[]>>;
  readonly n_outputs: Readonly<Record<string, number>>;
  readonly formulas: Readonly<Record<string, Formula>>;
  readonly rates: Readonly<Record<string, number>>;
  readonly first: Readonly<Record<string, readonly [number, readonly number[]]>>;
  readonly updated: Readonly<Record<string, readonly number[]>>;
  readonly trained: Readonly<Record<string, readonly number[]>>;
  readonly weighed: { readonly l1: number; readonly l2: number; readonly gradient: readonly number[] };
  readonly random: Readonly<Record<string, readonly number[]>>;
}

const golden = JSON.parse(readFileSync("../tests/training/training_golden.json", "utf8")) as Golden;
const N = golden.y.sigmoid.length;
const inOrder = Uint32Array.from({ length: N }, (_, i) => i);

function shapeOf(activation: string, output: string): NetworkShape {
  const widths = [...golden.sizes, golden.n_outputs[output]];
  const layers = widths.slice(1).map((nOut, l) => ({
    nIn: widths[l],
    nOut,
    formula: l === widths.length - 2 || activation === "linear" ? null : golden.formulas[activation],
  }));
  return { layers, output: output as NetworkShape["output"] };
}

function rowsFor(output: string): Rows {
  const nFeatures = golden.sizes[0];
  const x = Float32Array.from({ length: N * nFeatures }, (_, i) => golden.x[(i % N) * nFeatures + Math.floor(i / N)]);
  return { x, y: Float32Array.from(golden.y[output]), n: N };
}

function engineFor(activation: string, output: string): Engine {
  const engine = new Engine(shapeOf(activation, output), golden.batch);
  engine.parameters.set(golden.start[output]);
  return engine;
}

/** The largest difference as a share of the largest entry. */
function apart(got: ArrayLike<number>, want: readonly number[]): number {
  assert.equal(got.length, want.length);
  return largest(want.map((value, i) => got[i] - value)) / largest(want);
}

function usual(optimiser: OptimiserName): Learning {
  return { optimiser, rate: golden.rates[optimiser], decay: 0.01, l1: 0, l2: 0 };
}

test("loss and gradient of every activation and loss", () => {
  for (const [name, [loss, gradient]] of Object.entries(golden.first)) {
    const [activation, output] = name.split(" ");
    const engine = engineFor(activation, output);
    const got = engine.differentiate(rowsFor(output), inOrder, 0, golden.batch);
    assert.ok(Math.abs(got - loss) < 1e-5 * loss, `${name}: loss ${got} for ${loss}`);
    const off = apart(engine.gradient, gradient);
    assert.ok(off < 1e-5, `${name}: gradient off by ${off}`);
  }
});

test("weights after 1 and after 100 steps of every activation, loss and optimiser", () => {
  for (const [name, after] of Object.entries(golden.trained)) {
    const [activation, output, optimiser] = name.split(" ") as [string, string, OptimiserName];
    const engine = engineFor(activation, output);
    const rows = rowsFor(output);
    const memory = new Float32Array(optimisers[optimiser].slots * engine.parameters.length);
    let at = 0;
    for (let t = 1; t <= golden.steps; t++) {
      const n = Math.min(golden.batch, N - at);
      engine.step(rows, inOrder, at, n, memory, t, usual(optimiser));
      at = at + n < N ? at + n : 0;
      if (t > 1) continue;
      const off = apart(engine.parameters, golden.updated[name]);
      assert.ok(off < 1e-5, `${name}: off by ${off} after one step`);
    }
    const off = apart(engine.parameters, after);
    assert.ok(off < 1e-3, `${name}: off by ${off} after ${golden.steps} steps`);
  }
});

test("the optimisers are Python's, with their usual rates", () => {
  const rates = Object.fromEntries(Object.entries(optimisers).map(([name, { rate }]) => [name, rate]));
  assert.deepEqual(rates, golden.rates);
});

test("what weights weigh is in the gradient; biases weigh nothing", () => {
  const { l1, l2, gradient } = golden.weighed;
  const engine = engineFor("tanh", "sigmoid");
  engine.step(rowsFor("sigmoid"), inOrder, 0, golden.batch, new Float32Array(engine.parameters.length), 1, {
    ...usual("sgd"),
    l1,
    l2,
  });
  assert.ok(apart(engine.gradient, gradient) < 1e-5);
});

test("the generator is the one that Python writes down", () => {
  for (const [seed, values] of Object.entries(golden.random)) {
    const draw = random(Number(seed));
    for (const value of values) assert.equal(draw(), value);
  }
  const order = epochOrder(1_000, 3, 7);
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    Array.from({ length: 1_000 }, (_, i) => i),
  );
  assert.notDeepEqual(order, epochOrder(1_000, 3, 8));
});

/** Two rings, and a network that can tell them apart. */
function task(change: Partial<Settings> = {}): Task {
  const n = 200;
  const draw = random(1);
  const x = new Float32Array(2 * n);
  const y = Float32Array.from({ length: n }, (_, i) => i % 2);
  for (let i = 0; i < n; i++) {
    const [angle, radius] = [2 * Math.PI * draw(), (y[i] ? 0.5 : 1) + 0.1 * draw()];
    x[i] = radius * Math.cos(angle);
    x[n + i] = radius * Math.sin(angle);
  }
  const shape: NetworkShape = {
    layers: [
      { nIn: 2, nOut: 6, formula: ["relu", "z"] },
      { nIn: 6, nOut: 2, formula: null },
      { nIn: 2, nOut: 1, formula: null },
    ],
    output: "sigmoid",
  };
  const rows = { x, y, n };
  const settings: Settings = { optimiser: "adam", rate: 0.02, decay: 0, l1: 0, l2: 0, batch: 32, ...change };
  return { shape, training: rows, heldOut: rows, settings, seed: 1, start: startWeights(shape, "glorot", 1) };
}

test("a training learns, and gives the same bytes whatever it is cut into", () => {
  const whole = new Session(task());
  const passed = whole.advance(900);
  const cut = new Session(task());
  const pieces = [1, 7, 300, 592].flatMap((steps) => cut.advance(steps));
  assert.deepEqual(pieces, passed);
  assert.deepEqual(cut.snapshot(), whole.snapshot());
  assert.ok(whole.snapshot().heldOut!.accuracy! > 0.97);
  assert.deepEqual(
    passed.map(({ step }) => step),
    SNAPSHOT_STEPS.filter((step) => step > 0 && step <= 900),
  );
});

test("from a snapshot it goes on as it did the first time", () => {
  const session = new Session(task());
  const passed = session.advance(700);
  const before = session.snapshot();
  const early = passed.find(({ step }) => step > 90)!;
  session.restore(early);
  session.advance(700 - early.step);
  assert.deepEqual(session.snapshot(), before);
});

test("a training that was left goes on as it would have, with its settings' history", () => {
  const session = new Session(task());
  session.advance(60);
  session.set({ ...task().settings, rate: 0.1 });
  session.advance(40);
  const [left, log] = [session.snapshot(), session.log.slice()];
  session.advance(30);
  const again = new Session({ ...task(), settings: log.at(-1)!.settings, log });
  again.restore(left);
  again.advance(30);
  assert.deepEqual(again.snapshot(), session.snapshot());
  assert.deepEqual(again.log, session.log);
});

test("settings change while it trains and nothing else does", () => {
  const session = new Session(task());
  session.advance(50);
  const before = session.snapshot();
  session.set({ ...task().settings, rate: 0.5, batch: 200, optimiser: "sgd" });
  assert.deepEqual(session.snapshot().weights, before.weights);
  assert.equal(session.snapshot().step, 50);
  session.advance(3);
  assert.equal(session.snapshot().step, 53);
});

test("numbers that are none end it at the snapshot before, with step and rate", () => {
  const session = new Session(task({ optimiser: "sgd", rate: 1e45 }));
  session.advance(1_000);
  const { step, rate, loss } = session.divergence!;
  assert.deepEqual([rate, loss], [1e45, null]);
  assert.ok(step > 0 && step < 1_000);
  const before = session.snapshot();
  assert.ok(before.step < step);
  assert.ok(before.weights.every(Number.isFinite));
  assert.deepEqual(session.advance(5), []);
});

test("a loss of ten times that before training ends it; from there one may go on", () => {
  const session = new Session(task({ optimiser: "adam", rate: 30 }));
  const first = session.snapshot();
  const last = session.advance(1_000).at(-1)!;
  const { step, rate, loss } = session.divergence!;
  assert.deepEqual([step, rate, loss], [last.step, 30, last.training.loss]);
  assert.ok(loss! > 10 * first.training.loss);
  session.set({ ...task().settings, rate: 0.1 });
  session.restore(last);
  session.advance(500);
  assert.equal(session.divergence, null);
  assert.ok(session.snapshot().training.loss < loss!);
});

test("the notebook's experiment: 12,500 steps on 80,000 points hold out 88.4% and more", () => {
  const draw = random(7);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  const circles = (n: number): Rows => {
    const x = new Float32Array(2 * n);
    const y = Float32Array.from({ length: n }, (_, i) => i % 2);
    for (let i = 0; i < n; i++) {
      const [angle, radius] = [2 * Math.PI * draw(), y[i] ? 0.5 : 1];
      x[i] = radius * Math.cos(angle) + 0.2 * normal();
      x[n + i] = radius * Math.sin(angle) + 0.2 * normal();
    }
    return { x, y, n };
  };
  const settings: Settings = { optimiser: "rmsprop", rate: 0.001, decay: 0, l1: 0, l2: 0, batch: 32 };
  const { shape, start } = task();
  const session = new Session({ shape, training: circles(80_000), heldOut: circles(20_000), settings, seed: 1, start });
  session.advance(12_500);
  const { epoch, row, heldOut } = session.snapshot(1);
  assert.deepEqual([epoch, row], [5, 0]);
  assert.ok(heldOut!.accuracy! >= 0.884, `held out ${heldOut!.accuracy}`);
});
