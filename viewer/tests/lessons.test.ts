/** The numbers in the lessons' sentences, worked out anew from their presets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSpec } from "../src/datasets/spec";
import { heldOut, sourcesOf, tableOf } from "../src/datasets/table";
import { decode } from "../src/page_file/page_file";
import { lessons, type Move } from "../src/training/lessons";
import { lessonOf, shapeOf } from "../src/training/live_run";
import { parsePlan, runOfTable } from "../src/training/run_of_table";
import { Session, type Snapshot, startWeights } from "../src/training/session";
import { smallScene } from "./helpers";

const ACTIVATIONS = ["relu", "tanh"].map((name) => ({ name, formula: [name, "z"] as const, sentence: "" }));
const [file] = decode(smallScene()).runs;
Object.assign(file.header, {
  training: {
    optimiser: "adam",
    rate: 0.01,
    is_scheduled: false,
    batch: 8,
    decay: 0,
    n_fixed: 0,
    activations: ACTIVATIONS,
  },
});
const page = {
  runs: [file],
  datasets: [],
  teaching: null,
  playground: { is_empty: true },
  title: "",
  description: "",
  nAxes: 2,
} as const;

/** As the page trains it, from its own start or another one. */
function trained(
  { state }: Move,
  start = state.start!,
  isQuiet = true,
): { end: Snapshot; passed: Snapshot[]; best: number; isLost: boolean } {
  const spec = parseSpec(state.data!)!;
  const table = tableOf(spec, file, sourcesOf(page))!;
  const run = runOfTable(file, table, heldOut(spec, table), parsePlan(state.network!, ACTIVATIONS)!);
  const shape = shapeOf(run)!;
  const { training, heldOut: held } = lessonOf(run);
  const { optimiser, rate, batch, decay, l1, l2, draws, until } = state;
  const session = new Session({
    shape,
    training,
    heldOut: held,
    settings: { optimiser: optimiser!, rate: rate!, batch: batch!, decay: decay!, l1: l1!, l2: l2! },
    seed: start,
    start: startWeights(shape, draws as "spread" | "glorot", start),
    isQuiet,
  });
  const passed = session.advance(until!);
  return { end: session.snapshot(1), passed, best: table.best!, isLost: session.divergence !== null };
}

const share = ({ end }: { end: Snapshot }): number => end.heldOut!.accuracy!;
const percent = (value: number, digits = 0): string => `${(100 * value).toFixed(digits)}%`;
const fromStarts = (move: Move): number[] => Array.from({ length: 32 }, (_, i) => share(trained(move, i + 1)));

/** Every number of the sentence, in its order. */
function holds(number: number, ...numbers: readonly string[]): void {
  const { truth } = lessons[number - 1];
  let at = 0;
  for (const each of numbers) {
    const next = truth.indexOf(each, at);
    assert.ok(next >= 0, `lesson ${number}: ${numbers.join(", ")} in “${truth}”`);
    at = next + each.length;
  }
  const told = truth.match(/\d[\d.,]*%/g) ?? [];
  assert.equal(told.length, numbers.filter((each) => each.endsWith("%")).length, truth);
}

test("1: without a bend the cut stays straight", () => {
  const [linear, bent] = lessons[0].moves.map((each) => share(trained(each)));
  holds(1, percent(linear), percent(bent));
});

test("2: three folds close a ring, and two or one do not from any of 32 starts", () => {
  const { moves } = lessons[1];
  const shares = moves.map((each) => share(trained(each)));
  moves.forEach((each, i) => {
    const all = fromStarts(each);
    const most = Math.max(...all);
    assert.ok(shares[i] >= most, `${each.title}: start ${all.indexOf(most) + 1} has ${most}, not ${shares[i]}`);
  });
  holds(2, ...shares.map((each) => percent(each)));
});

test("3: half of the starts close the ring; this one does not", () => {
  const [one] = lessons[2].moves;
  const all = fromStarts(one);
  const got = all.filter((each) => each >= 0.95);
  const rest = Math.max(...all.filter((each) => each < 0.95));
  assert.ok(all[one.state.start! - 1] <= rest);
  holds(3, `${got.length} of 32`, percent(Math.min(...got)), percent(rest));
});

test("4: depth in the plane does not replace a third unit", () => {
  const [deep, wide] = lessons[3].moves.map(fromStarts);
  const got = wide.filter((each) => each >= 0.99).length;
  assert.ok(Math.max(...deep) < 0.985);
  holds(4, percent(Math.max(...deep)), `${got} of 32`, "99%");
});

test("5: a rate may be too small and too large", () => {
  const ends = lessons[4].moves.map((each) => trained(each, 1, false));
  assert.deepEqual(
    ends.map(({ isLost }) => isLost),
    [false, false, true],
  );
  holds(5, percent(share(ends[0])), percent(share(ends[1])));
});

test("6: with few points it memorises, with many it learns", () => {
  const [few, many] = lessons[5].moves.map((each) => trained(each, 1, false));
  const least = (of: typeof few): Snapshot => of.passed.reduce((a, b) => (b.heldOut!.loss < a.heldOut!.loss ? b : a));
  const loss = (of: Snapshot): string => of.heldOut!.loss.toFixed(2);
  assert.ok(few.end.heldOut!.loss > 5 * least(few).heldOut!.loss);
  assert.ok(many.end.heldOut!.loss < 1.2 * least(many).heldOut!.loss);
  holds(
    6,
    loss(least(few)),
    `step ${least(few).step}`,
    loss(few.end),
    percent(few.end.training.accuracy!),
    loss(least(many)),
    loss(many.end),
  );
});

test("7: the notebook's experiment comes near the best possible", () => {
  const [move] = lessons[6].moves;
  const whole = trained(move);
  assert.deepEqual([whole.end.epoch, whole.end.row], [5, 0]);
  assert.ok(share(whole) >= 0.884);
  holds(7, percent(share(whole), 1), percent(whole.best, 1));
  assert.ok(lessons[6].question.includes(percent(whole.best, 1)));
});
