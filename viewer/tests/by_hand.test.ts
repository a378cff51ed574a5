/** Weights that a hand changes, and trainings that stop by themselves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../src/math/random";
import { formatRecipe, parseRecipe } from "../src/training/address";
import type { NetworkShape, Rows } from "../src/training/engine";
import { workOn } from "../src/training/jobs";
import { logTo, Session, startWeights, type Task } from "../src/training/session";

const SHAPE: NetworkShape = {
  layers: [
    { nIn: 2, nOut: 4, formula: ["tanh", "z"] },
    { nIn: 4, nOut: 1, formula: null },
  ],
  output: "sigmoid",
};
const SETTINGS = { optimiser: "adam", rate: 0.02, batch: 8, decay: 0, l1: 0, l2: 0 } as const;

function rows(n: number, seed: number): Rows {
  const draw = random(seed);
  const x = Float32Array.from({ length: 2 * n }, () => 2 * draw() - 1);
  return { x, y: Float32Array.from({ length: n }, (_, i) => Number(x[i] * x[n + i] > 0)), n };
}

function task(heldOut: Rows | null = rows(40, 2)): Task {
  return {
    shape: SHAPE,
    training: rows(60, 1),
    heldOut,
    settings: SETTINGS,
    seed: 3,
    start: startWeights(SHAPE, "glorot", 3),
  };
}

test("a training goes on from weights that a hand has set, and its recipe gives the same numbers again", () => {
  const session = new Session(task());
  session.advance(30);
  const before = session.snapshot();
  session.edit([[4, 1]]);
  // The hand moves on: all that it changed at this step counts once.
  session.edit([
    [4, Math.fround(1.37)],
    [16, -2],
  ]);
  const after = session.snapshot();
  assert.deepEqual(after.edits, [
    [4, Math.fround(1.37)],
    [16, -2],
  ]);
  assert.equal(after.weights[4], Math.fround(1.37));
  assert.deepEqual([...after.memory], [...before.memory]);
  assert.notEqual(after.training.loss, before.training.loss);
  session.advance(20);
  session.set({ ...SETTINGS, rate: 0.1 });
  session.advance(10);
  const text = formatRecipe(session.log, 60);
  assert.equal(text, "0:adam,0.02,8,0,0,0;30:w,4,1.37,16,-2;50:adam,0.1,8,0,0,0;60");
  const recipe = parseRecipe(text)!;
  const again = new Session(task());
  for (const { step, settings, weights } of recipe.changes) {
    again.advance(step - again.step);
    if (weights) again.edit(weights);
    else again.set(settings);
  }
  again.advance(recipe.steps - again.step);
  assert.deepEqual(again.snapshot().weights, session.snapshot().weights);
  // Before the change the log does not know of it, after it it does.
  assert.deepEqual(logTo(session.log, before).length, 1);
  assert.deepEqual(logTo(session.log, after).length, 2);
  session.restore(before);
  // The rate that is set now holds from here on.
  assert.equal(formatRecipe(session.log, 30), "0:adam,0.02,8,0,0,0;30:adam,0.1,8,0,0,0;30");
  assert.equal(session.snapshot().edits, undefined);
});

test("an address holds weights that were set before any step, and what is none means nothing", () => {
  const text = "0:adam,0.02,8,0,0,0;0:w,2,-0.5;0";
  assert.equal(formatRecipe(parseRecipe(text)!.changes, 0), text);
  for (const bad of ["0:w,2,1;0", text.replace("-0.5", "1e99"), text.replace("2,", "2.5,"), text.replace("2,", "")])
    assert.equal(parseRecipe(bad), null, bad);
});

test("it stops where the held-out loss has not fallen for so many steps, the same in slices", () => {
  const patience = { steps: 100, since: 0 };
  const whole = new Session(task());
  whole.advance(20_000, () => false, patience);
  const { step, lowest } = whole.standstill!;
  assert.ok(step < 20_000 && step - lowest.step >= 100);
  const free = new Session(task());
  const losses = free.advance(step).map((each) => [each.step, each.heldOut!.loss]);
  const least = Math.min(...losses.map(([, loss]) => loss));
  assert.deepEqual(
    [lowest.step, lowest.loss],
    losses.find(([, loss]) => loss === least),
  );
  const sliced = new Session(task());
  while (!sliced.standstill) sliced.advance(20_000, () => true, patience);
  assert.deepEqual(sliced.snapshot(), whole.snapshot());
  // Pressed again it goes on for as long; a job does the same in silence.
  whole.advance(20_000, () => false, { ...patience, since: step });
  assert.ok(whole.step >= step + 100);
  const { settings, seed, start, shape } = task();
  const work = workOn(task(), { number: 0, shape, settings, seed, start, steps: 20_000, patience: 100 });
  assert.ok(work.go(() => false));
  assert.equal(work.done().end.step, step);
});
