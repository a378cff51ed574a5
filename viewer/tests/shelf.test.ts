/** Pins and left trainings in the address, and weights that no start draws. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, type PageFile } from "../src/page_file/page_file";
import { formatHash, initialState, lostParts, MOST_LETTERS, parseHash } from "../src/state/controls";
import { formatWeights, parseRecipe, parseWeights } from "../src/training/address";
import { planOf } from "../src/training/editing";
import type { Rows } from "../src/training/engine";
import { workOn } from "../src/training/jobs";
import type { LiveRun } from "../src/training/live_run";
import { opened } from "../src/training/opening";
import { Session, startWeights } from "../src/training/session";
import { differences, Shelf } from "../src/training/shelf";
import { fillShelf } from "../src/training/shelf_text";
import type { Studio } from "../src/training/studio";
import { smallScene } from "./helpers";

const RELU = { name: "relu", formula: ["relu", "z"], sentence: "folds" } as const;

function file(): PageFile {
  const training = { optimiser: "adam", rate: 0.01, is_scheduled: false, batch: 8, decay: 0, n_fixed: 0 };
  const made = decode(smallScene());
  Object.assign(made.runs[0].header, { training: { ...training, activations: [RELU] } });
  return made;
}

test("weights come back from their text, number for number", () => {
  const weights = Float32Array.of(0.1, -2.5e-7, 3e8, 0, -1 / 3);
  const text = formatWeights(weights);
  assert.match(text, /^[\w-]{27}$/);
  assert.deepEqual(parseWeights(text), weights);
  for (const bad of ["", "a b", "AAA", "AAAAA", "<b>"]) assert.equal(parseWeights(bad), null, bad);
});

test("a network opens with the weights of its address, and other ones are refused in a sentence", () => {
  const weights = Float32Array.from({ length: 2 * 4 + 4 + 5 }, (_, i) => i / 7);
  const state = { data: "moons", network: "4-relu", weights: formatWeights(weights) };
  const sources = { own: [], dropped: [] };
  const { file: made, state: given, problem } = opened(file(), sources, state);
  assert.equal(problem, null);
  assert.equal(given.start, 0);
  const [run] = made.runs;
  assert.deepEqual((run.container.buffer(run.header.weights!) as Float32Array).slice(-17), weights);
  assert.equal(planOf(run)[0].activation?.name, "relu");
  // A start that is drawn needs none.
  assert.equal(opened(file(), sources, { ...state, start: 3 }).state.start, 3);
  for (const wrong of [weights.slice(1), weights.map(() => NaN)]) {
    const { problem: said } = opened(file(), sources, { ...state, weights: formatWeights(wrong) });
    assert.equal(said, "The address holds weights of another network: it begins with its own.");
  }
});

test("an address that would be too long leaves the pins out first, then the weights, and it is known", () => {
  const initial = initialState();
  const pins = "p!0!1g!moons!4-relu!!0:adam,0.01,32,0,0,0;100";
  const state = {
    ...initial,
    network: "4-relu",
    weights: "A".repeat(5_000),
    shelf: pins,
    trained: "0:sgd,0.1,32,0,0,0;5",
  };
  const hash = formatHash(state, initial);
  assert.deepEqual(lostParts(state, initial), new Set());
  const read = parseHash(hash);
  assert.deepEqual([read.weights, read.shelf, read.trained], [state.weights, pins, state.trained]);
  const long = { ...state, shelf: pins.repeat(80) };
  assert.deepEqual(lostParts(long, initial), new Set(["shelf"]));
  assert.deepEqual(parseHash(formatHash(long, initial)).weights, state.weights);
  // Without its weights a training means nothing.
  const longer = { ...long, weights: "A".repeat(MOST_LETTERS) };
  assert.deepEqual(lostParts(longer, initial), new Set(["shelf", "weights", "trained", "u"]));
  assert.equal(formatHash(longer, initial), "network=4-relu");
  // Of a drawn start the weights are not needed.
  assert.equal(parseHash(formatHash({ ...state, start: 2 }, initial)).weights, undefined);
});

test("trainings side by side are told apart by what differs, and by nothing else", () => {
  const training = (title: string, name: string, rate: number, start: number) => ({
    live: { header: { name } } as LiveRun,
    settings: { optimiser: "sgd", rate, batch: 32, decay: 0, l1: 0, l2: 0 } as const,
    start,
    origin: { data: title, network: "", weights: "", title },
  });
  const rates = [0.001, 0.1, 10].map((rate) => training("Circles", "2 → 6 relu", rate, 1));
  assert.deepEqual(differences(rates), ["rate 0.001", "rate 0.1", "rate 10"]);
  assert.deepEqual(differences([rates[0], training("Circles", "2 → 6 relu", 1e6, 1)])[1], "rate 1,000,000");
  assert.deepEqual(differences([rates[0], rates[0]]), ["", ""]);
  const others = [training("Circles", "2 → 6 relu", 0.1, 1), training("Moons", "2 → 8 tanh", 0.1, 3)];
  assert.deepEqual(differences(others), ["Circles, 2 → 6 relu, start 1", "Moons, 2 → 8 tanh, start 3"]);
});

test("a training is done once more as its recipe says, with every moment", () => {
  const shape = { layers: [{ nIn: 1, nOut: 1, formula: null }], output: "sigmoid" } as const;
  const n = 30;
  const training: Rows = {
    n,
    x: Float32Array.from({ length: n }, (_, i) => i / n - 0.5),
    y: Float32Array.from({ length: n }, (_, i) => Number(i > 12)),
  };
  const { changes, steps } = parseRecipe("0:sgd,0.1,8,0,0,0;20:w,1,0.5;20:adam,0.01,8,0,0,0;45")!;
  const { settings } = changes[0];
  const start = startWeights(shape, "glorot", 4);
  const session = new Session({ shape, training, heldOut: null, settings, seed: 4, start });
  session.advance(20);
  session.edit([[1, 0.5]]);
  session.set(changes[2].settings);
  session.advance(25);
  for (const isOver of [() => false, () => true]) {
    const work = workOn({ training, heldOut: null }, { number: 0, shape, settings, seed: 4, start, steps, changes });
    while (!work.go(isOver)) assert.ok(isOver());
    const { end, passed, log } = work.done();
    assert.deepEqual(end.weights, session.snapshot().weights);
    assert.deepEqual(log, session.log);
    const moments = passed!.map(({ step }) => step);
    assert.deepEqual([moments[0], moments.at(-1), moments.filter((step) => step === 20).length], [0, 45, 2]);
  }
});

test("of a damaged shelf it is told how many trainings mean nothing", () => {
  const studio = { origin: { data: "", network: "", weights: "", title: "" } } as unknown as Studio;
  const recipe = "0:adam,0.01,32,0,0,0;5";
  for (const [text, nLost] of [
    ["", 0],
    ["p", 1],
    [`x!0!1g!moons!4-relu!!${recipe}`, 1],
    [`p!0!1g!moon!4-relu!!${recipe}|b!0!1q!moons!4-relu!!${recipe}`, 2],
    [`p!0!1g!moons!4-relu!!0:adam;5||p!0!1g!moons!0-relu!!${recipe}`, 3],
  ] as const) {
    const told: number[] = [];
    fillShelf(text, { file: file(), sources: { own: [], dropped: [] }, studio, shelf: new Shelf() }, (n) =>
      told.push(n),
    );
    assert.deepEqual(told, [nLost], text);
  }
});

test("a lesson that there is not is no part of a state, and is told", () => {
  const bad: string[] = [];
  assert.equal(parseHash("#lesson=7", bad).lesson, 7);
  for (const text of ["99", "8", "-1", "1.5", "x", "0x1"])
    assert.equal(parseHash(`#lesson=${text}`, bad).lesson, undefined);
  assert.deepEqual(bad, Array<string>(6).fill("lesson"));
});
