/** Another network on the same points: what survives an edit, and what does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, type Run } from "../src/page_file/page_file";
import { edited, type LayerPlan, planOf, problemOf } from "../src/training/editing";
import { shapeOf } from "../src/training/live_run";
import { smallScene } from "./helpers";

const RELU = { name: "relu", formula: ["relu", "z"], sentence: "folds" } as const;
const TANH = { name: "tanh", formula: ["tanh", "z"], sentence: "squeezes" } as const;

/** The 2-3-1 network of the helpers, which can be trained; its last weights. */
function start(): { run: Run; plan: LayerPlan[]; weights: Float32Array } {
  const training = {
    optimiser: "adam",
    rate: 0.01,
    is_scheduled: false,
    batch: 8,
    decay: 0,
    n_fixed: 0,
    activations: [RELU, TANH],
  };
  const [plain] = decode(smallScene()).runs;
  Object.assign(plain.header, { training });
  const all = plain.container.buffer("weights") as Float32Array;
  return { run: plain, plan: planOf(plain), weights: all.slice(13) };
}

function weightsOf(run: Run): Float32Array {
  return run.container.buffer(run.header.weights!) as Float32Array;
}

test("a plan that changes nothing keeps every number and every name", () => {
  const { run, plan, weights } = start();
  const same = edited(run, 1, plan, 1);
  assert.deepEqual(weightsOf(same), weights);
  assert.deepEqual(
    same.header.representations.map(({ name, n_units }) => [name, n_units]),
    run.header.representations.map(({ name, n_units }) => [name, n_units]),
  );
  assert.deepEqual(
    same.header.maps.map(({ kind, name, n_in, n_out }) => [kind, name, n_in, n_out]),
    run.header.maps.map(({ kind, name, n_in, n_out }) => [kind, name, n_in, n_out]),
  );
  assert.equal(same.header.name, "2 → 3 relu → 1 sigmoid");
});

test("a unit more: the others keep their weights, and it is marked", () => {
  const { run, plan, weights } = start();
  const wider = edited(run, 1, [{ ...plan[0], width: 4 }, plan[1]], 1);
  const got = weightsOf(wider);
  assert.equal(got.length, 3 * 4 + 5);
  for (const [i, j] of [
    [0, 0],
    [0, 2],
    [1, 1],
  ])
    assert.equal(got[i * 4 + j], weights[i * 3 + j]);
  assert.deepEqual([...got.slice(8, 11)], [...weights.slice(6, 9)]);
  assert.equal(got[11], 0);
  assert.notEqual(got[3], 0);
  assert.deepEqual([...got.slice(12, 15)], [...weights.slice(9, 12)]);
  assert.equal(got[16], weights[12]);
  assert.deepEqual(wider.header.fresh, [[], [3], [3], []]);
  assert.deepEqual(edited(run, 1, [{ ...plan[0], width: 4 }, plan[1]], 1).header.fresh, wider.header.fresh);
});

test("fewer units, another activation, layers added and taken away can all be trained", () => {
  const { run, plan } = start();
  const plans: LayerPlan[][] = [
    [{ ...plan[0], width: 1 }, plan[1]],
    [{ ...plan[0], activation: TANH }, plan[1]],
    [{ ...plan[0], activation: null }, plan[1]],
    [plan[0], { width: 5, activation: RELU, from: null }, plan[1]],
    [plan[1]],
  ];
  for (const next of plans) {
    const made = edited(run, 0, next, 2);
    const shape = shapeOf(made)!;
    assert.deepEqual(
      shape.layers.map(({ nOut }) => nOut),
      next.map(({ width }) => width),
    );
    assert.equal(
      weightsOf(made).length,
      shape.layers.reduce((sum, { nIn, nOut }) => sum + (nIn + 1) * nOut, 0),
    );
    assert.ok(weightsOf(made).every(Number.isFinite));
    assert.deepEqual(
      planOf(made).map(({ width, activation }) => [width, activation?.name]),
      next.map(({ width, activation }) => [width, activation?.name]),
    );
  }
});

test("what the page cannot run is a sentence", () => {
  const { run, plan } = start();
  const wide = Array.from({ length: 8 }, () => ({ width: 64, activation: RELU, from: null }));
  assert.equal(problemOf(run, plan), null);
  assert.match(problemOf(run, [{ ...plan[0], width: 0 }, plan[1]])!, /at least one unit/);
  assert.match(problemOf(run, [{ ...plan[0], width: 65 }, plan[1]])!, /up to 64/);
  assert.match(problemOf(run, [...wide, plan[1]])!, /too large/);
  assert.match(problemOf(run, [...Array.from({ length: 21 }, () => plan[0]), plan[1]])!, /up to 20/);
});
