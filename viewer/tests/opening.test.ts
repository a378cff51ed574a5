/** Other data and other networks made in the page: their address, their points, the network on them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeDrawn, drawnProblem, formatDrawn, parseDrawn } from "../src/datasets/drawn";
import { generators } from "../src/datasets/generators";
import { formatSpec, parseSpec } from "../src/datasets/spec";
import { heldOut, sourcesOf, type Table, tableOf } from "../src/datasets/table";
import { random } from "../src/math/random";
import { WeightsMoment } from "../src/network/moment";
import { decode, type PageFile } from "../src/page_file/page_file";
import { formatHash, initialState, losesData, parseHash } from "../src/state/controls";
import { planOf } from "../src/training/editing";
import { lessonOf, shapeOf } from "../src/training/live_run";
import { changeSentence, firstPlace, opened } from "../src/training/opening";
import { formatPlan, needsScaling, parsePlan, runOfTable } from "../src/training/run_of_table";
import { smallScene } from "./helpers";

const RELU = { name: "relu", formula: ["relu", "z"], sentence: "folds" } as const;
const SIN = { name: "sin", formula: ["sin", "z"], sentence: "waves" } as const;

function file(): PageFile {
  const training = { optimiser: "adam", rate: 0.01, is_scheduled: false, batch: 8, decay: 0, n_fixed: 0 };
  const made = decode(smallScene());
  Object.assign(made.runs[0].header, { training: { ...training, activations: [RELU, SIN] } });
  return made;
}

test("an address says which data, and what means nothing is refused", () => {
  for (const text of ["", "own,held:0.3", "own,index:2,seed:4", "moons", "circles,n:500,noise:0.25,held:0", "drawn"]) {
    assert.equal(formatSpec(parseSpec(text)!), text);
  }
  // What is usual is left out; what is out of bounds is brought within them.
  assert.equal(formatSpec(parseSpec("moons,n:2000,noise:0.1,held:0.2,seed:1")!), "moons");
  assert.deepEqual(parseSpec("blobs,n:1e9,classes:2.6")!.values, { n: 100_000, classes: 3 });
  for (const text of [
    "toString",
    "moons,arms:3",
    "moons,n:",
    "moons,n:x",
    "x".repeat(99),
    "drawn,points:<b>",
    "own,n:5",
  ]) {
    assert.equal(parseSpec(text), null, text);
  }
  assert.equal(parseHash("data=moons,arms:3&network=<b>").data, undefined);
  const state = { ...initialState(), data: "dropped", trained: "0:sgd,0.1,32,0,0,0;5", rate: 0.1 };
  assert.equal(formatHash(state, initialState()), "rate=0.1");
  assert.ok(losesData(state));
});

test("drawn points come back from their text, and too few are a sentence", () => {
  const points = [
    { x: -1, y: 1, group: 2 },
    { x: 0.25, y: -0.5, group: 0 },
    { x: 0.1, y: 0.2, group: 2 },
  ];
  const text = formatDrawn(points);
  assert.match(text, /^[\w-]{15}$/);
  for (const [i, { x, y, group }] of parseDrawn(text).entries()) {
    assert.equal(group, points[i].group);
    // Half a step of the grid.
    assert.ok(Math.abs(x - points[i].x) <= 1 / 4095 && Math.abs(y - points[i].y) <= 1 / 4095);
  }
  assert.equal(formatDrawn(parseDrawn(text)), text);
  const { y, classNames } = decodeDrawn(text);
  assert.deepEqual(
    [[...y], classNames],
    [
      [1, 0, 1],
      ["class 1", "class 3"],
    ],
  );
  assert.match(drawnProblem([])!, /^No points were drawn/);
  assert.match(drawnProblem([points[0], points[2]])!, /one class/);
  assert.match(drawnProblem(points)!, /Class 1 has one point/);
  assert.equal(drawnProblem([...points, points[1]]), null);
});

test("every data set of the page opens with the network that is there, and can be trained on", () => {
  const page = file();
  const sources = sourcesOf(page);
  for (const name of Object.keys(generators)) {
    const opening = opened(page, sources, { data: `${name},n:60`, network: "4-sin,2-linear" });
    assert.equal(opening.problem, null);
    const [run] = opening.file.runs;
    const nClasses = run.nClasses;
    const last = nClasses > 2 ? `${nClasses} softmax` : "1 sigmoid";
    assert.equal(run.header.name, `${run.nUnits(0)} → 4 sin → 2 linear → ${last}`);
    assert.equal(opening.file.title, generators[name].title);
    assert.equal(opening.state.start, 1);
    const { layers } = shapeOf(run)!;
    assert.deepEqual(
      layers.map(({ nOut }) => nOut),
      [4, 2, nClasses > 2 ? nClasses : 1],
    );
    const { training, heldOut: held } = lessonOf(run);
    assert.deepEqual([training.n, held!.n], [48, 12]);
    assert.equal(run.header.lattice === null, run.nUnits(0) !== 2);
    assert.match(changeSentence(page.runs[0], opening), /60 points\. The network .*begins at step 0\.$/);
    assert.equal(formatPlan(planOf(run)), "4-sin,2-linear");
  }
});

test("what the page does not have is said, and it begins with its own data", () => {
  const page = file();
  const sources = sourcesOf(page);
  assert.equal(opened(page, sources, {}).file, page);
  const asked = [
    { data: "own,index:3" },
    { data: "dropped" },
    { data: "drawn" },
    { data: "drawn,points:zzzz" },
    { data: `drawn,points:${formatDrawn([0, 0, 1].map((group, x) => ({ x, y: 0, group })))}` },
    { network: "3-unheard" },
    { network: "64-relu,64-relu,64-relu,64-relu,64-relu,64-relu" },
  ];
  for (const state of asked) {
    const opening = opened(page, sources, state);
    assert.equal(opening.file, page);
    assert.match(opening.problem!, /does not (have|know)|too large/);
  }
  const [run] = opened(page, sources, { network: "5-relu" }).file.runs;
  assert.equal(run.header.name, "2 → 5 relu → 1 sigmoid");
  assert.deepEqual(run.labels, page.runs[0].labels);
  assert.equal(parsePlan("none", [])!.length, 1);
});

test("whatever points an address says are drawn, there is something to learn from or it is said", () => {
  const page = file();
  const sources = sourcesOf(page);
  const draw = random(5);
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  let [learnt, said] = [0, 0];
  for (let i = 0; i < 300; i++) {
    const length = Math.floor(draw() * 160);
    const points = Array.from({ length }, () => letters[Math.floor(draw() * 64)]).join("");
    const { file: made, problem } = opened(page, sources, { data: `drawn,points:${points}` });
    if (problem) said += 1;
    else learnt += Number(lessonOf(made.runs[0]).training.n > 1);
  }
  assert.equal(learnt + said, 300);
  assert.ok(Math.min(learnt, said) > 10, `${learnt} ${said}`);
});

test("features that are too unequal for one scale are seen from the scaled input on", () => {
  const place = (d: number, far: number): number => {
    const x = Float32Array.from({ length: 40 * d }, (_, i) => Math.sin(i * i) * (i % d ? 1 : far) + (i % d ? 0 : far));
    const labels = Uint8Array.from({ length: 40 }, (_, i) => i % 2);
    const featureNames = Array.from({ length: d }, (_, j) => `x${j}`);
    const table: Table = {
      title: "far",
      x,
      labels,
      featureNames,
      classNames: ["a", "b"],
      colours: ["#000", "#fff"],
      best: null,
    };
    const [first] = file().runs;
    return firstPlace(runOfTable(first, table, null, parsePlan("4-relu", [RELU])!));
  };
  assert.deepEqual([place(3, 1e12), place(10, 1e12)], [1, 1]);
  // A plane has a scale an axis, and what is scaled for another reason is seen as it came.
  assert.deepEqual([place(2, 1e12), place(3, 8), place(3, 1)], [0, 0, 0]);
});

test("rows that are held out, scales and numbers to predict", () => {
  const [run] = file().runs;
  const n = 40;
  const x = Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 ? 1000 + 50 * Math.sin(i) : Math.cos(3 * i)));
  const targets = Float32Array.from({ length: n }, (_, i) => 5 * i);
  const table: Table = {
    title: "numbers",
    x,
    labels: targets.map((value) => value / 200),
    featureNames: ["a", "b"],
    classNames: [],
    colours: [],
    best: null,
    targets,
    target: { low: 0, high: 200 },
  };
  const spec = parseSpec("dropped,held:0.25,seed:3")!;
  const held = heldOut(spec, table)!;
  assert.equal(
    held.reduce((sum, one) => sum + one, 0),
    10,
  );
  assert.deepEqual(heldOut(spec, table), held);
  assert.notDeepEqual(heldOut(parseSpec("dropped,held:0.25,seed:4")!, table), held);
  assert.equal(heldOut(parseSpec("dropped,held:0")!, table), null);
  const made = runOfTable(run, table, held, planOf(run));
  assert.equal(made.header.name, "2 scaled → 3 relu → 1 linear");
  const { training, target } = lessonOf(made);
  for (const j of [0, 1]) {
    const column = training.x.slice(j * training.n, (j + 1) * training.n);
    const mean = column.reduce((sum, value) => sum + value, 0) / training.n;
    const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / training.n;
    // Sixteen bits of the range, and single precision beside a mean of 1,000.
    assert.ok(Math.abs(mean) < 1e-3 && Math.abs(variance - 1) < 2e-3);
  }
  assert.ok(
    Math.abs(target.mean - targets.filter((_, i) => !held[i]).reduce((sum, value) => sum + value, 0) / 30) < 1e-3,
  );
  assert.equal(new WeightsMoment(made, 0).map(0).kind, "affine");
  const columns = (...pairs: [number, number][]) => pairs.map(([mean, deviation]) => ({ mean, deviation }));
  // The cases of tests/training/test_choices.py.
  assert.ok(!needsScaling(columns([0, 1], [0.3, 3.5])));
  assert.ok(needsScaling(columns([0, 1], [0, 4.1])) && needsScaling(columns([3.1, 1], [0, 1])));
  assert.ok(needsScaling(columns([0, 0.19])) && needsScaling(columns([0, 5.1])) && !needsScaling(columns([7, 0])));
  assert.equal(tableOf(parseSpec("dropped")!, run, { own: [], dropped: [table] }), table);
});
