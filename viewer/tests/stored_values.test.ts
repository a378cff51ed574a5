import assert from "node:assert/strict";
import { test } from "node:test";
import { subtract } from "../src/math/matrix";
import { Scene, type SceneOptions } from "../src/motion/scene";
import { momentAt } from "../src/network/moment";
import { decode } from "../src/page_file/page_file";
import { columnsOf, elide } from "../src/panels/network";
import { notesAbout } from "../src/panels/readout";
import { largest, smallScene, valuesScene } from "./helpers";

const OPTIONS: SceneOptions = { nAxes: 2, projection: "following", units: null, scale: "animated", seed: 0, tour: 0 };
const run = decode(valuesScene()).runs[0];
const scene = new Scene(momentAt(run, 0), OPTIONS);

test("a map from some directions of a layer is followed and ends where the points are", () => {
  assert.equal(scene.morph.transition(0).kind, "affine");
  const step = 1e-6;
  for (const t of [0.25, 0.5, 0.75, 1]) {
    const [before, after] = [scene.sampleSeen(t - step), scene.sampleSeen(t)];
    assert.ok(largest(subtract(before, after).data) < 1e-4, `${t}`);
  }
});

test("what is kept is said beside the map, and nothing else that is only true of the whole", () => {
  assert.deepEqual(scene.transitionNotes(0), ["wide: 2 directions stand for 100 units"]);
  assert.deepEqual(scene.reductions(1), []);
  const beats = scene.beats.filter((beat) => beat.layer === "dense");
  assert.deepEqual(
    beats.map((beat) => beat.title),
    ["dense: view", "dense: stretch", "dense: turn", "dense: shift"],
  );
  assert.ok(beats.every((beat) => !/lost|×|interpolated/.test(beat.sentence)));
});

test("the rest of the network decides where all that follows is known", () => {
  const xs = { rows: 2, columns: 1, data: Float64Array.of(-1, 1) };
  const p = scene.moment.classify(xs, 3)!;
  assert.deepEqual([p.data[1] < 0.5, p.data[3] > 0.5], [true, true]);
  const before = { rows: 1, columns: 3, data: new Float64Array(3) };
  assert.ok(scene.moment.classify(before, 2));
  assert.equal(scene.moment.classify(before, 1), null);
});

test("a map from some directions never decides", () => {
  const relu = { kind: "activation", name: "relu", formula: ["relu", "z"] };
  const maps = run.header.maps.map((map, k) => (k === 1 ? { ...map, ...relu } : map));
  const known = decode(valuesScene({ maps })).runs[0];
  const { moment } = new Scene(momentAt(known, 0), OPTIONS);
  assert.ok(moment.classify({ rows: 1, columns: 3, data: new Float64Array(3) }, 1));
  assert.equal(moment.classify({ rows: 1, columns: 2, data: new Float64Array(2) }, 0), null);
});

test("notes stand where they belong", () => {
  assert.deepEqual(notesAbout(run, 2), ["mixed takes more than one input."]);
  assert.deepEqual(notesAbout(run, 0, 1), []);
});

test("the picture of a network joins by weights only what weights join", () => {
  const columns = columnsOf(run);
  assert.deepEqual(
    columns.map((c) => c.k),
    [0, 1, 2, 4],
  );
  assert.deepEqual(
    columns.map((c) => c.join),
    ["arrow", "arrow", "arrow", "weights"],
  );
  assert.deepEqual(
    columns.map((c) => c.units.length),
    [0, 3, 3, 1],
  );
  const small = columnsOf(decode(smallScene()).runs[0]);
  assert.deepEqual(
    small.map((c) => [c.k, c.join]),
    [
      [0, "arrow"],
      [2, "weights"],
      [4, "weights"],
    ],
  );
});

test("of a deep network the ends are drawn, the input always, with a place for the rest", () => {
  const n = 20;
  const header = {
    ...run.header,
    representations: Array.from({ length: n + 1 }, (_, k) => ({
      name: `layer ${k}`,
      n_units: 3,
      unit_names: null,
      shown_units: 3,
      reduced: null,
    })),
    maps: Array.from({ length: n }, () => ({ kind: "opaque", name: "mystery", n_in: 3, n_out: 3 })),
  };
  const deep = Object.create(run, { header: { value: header } }) as typeof run;
  const all = columnsOf(deep);
  assert.equal(all.length, n + 1);
  // Whichever layer is shown is drawn, and nothing is counted twice.
  for (let around = 0; around <= n; around++) {
    const columns = elide(all, around);
    assert.equal(columns.length, 8);
    assert.deepEqual([columns[0].k, columns.at(-1)!.k], [0, n]);
    assert.ok(columns.some((c) => c.k === around && !c.elided));
    const gaps = columns.filter((c) => c.elided);
    assert.equal(
      gaps.reduce((sum, c) => sum + c.elided - 1, columns.length),
      n + 1,
    );
  }
  assert.equal(elide(all.slice(0, 8), 3).length, 8);
});

test("a damaged lattice is told", () => {
  const places = /its lattice has not one place/;
  for (const [change, text] of [
    [{ n_grid_lines: -1 }, /lattice\.n_grid_lines is not a whole number of 0 or more/],
    [{ values: [] }, places],
    [{ offsets: "labels" }, places],
  ] as const) {
    const lattice = { ...run.header.lattice, ...change };
    assert.throws(() => decode(valuesScene({ lattice })), text);
  }
});

/** Maps in the place of the two layers of three units. */
const withMaps = (change: object = {}): Uint8Array => {
  const map = (buffer: string, n: number): object => ({ buffer, low: Array(n).fill(-1), high: Array(n).fill(1) });
  const values = [[...[0, 1, 2].map(() => map("values0", 2)), map("values3", 1), map("values4", 1)]];
  const trustworthiness = [[null, 0.9, 0.8, null, null]];
  return valuesScene({ neighbours: { n_axes: 2, meaning: "a map", values, trustworthiness, ...change } });
};

test("maps of neighbours stand for layers of more units than axes, and say so", () => {
  const moment = momentAt(decode(withMaps()).runs[0], 0);
  const of = (change: Partial<SceneOptions>): Scene =>
    new Scene(moment, { ...OPTIONS, projection: "neighbours", ...change });
  const maps = of({});
  assert.deepEqual(maps.sampleSeen(1).data, moment.sample(0).data);
  assert.deepEqual(
    [0, 0.5, 1, 2, 2.5, 3, 3.5].map((t) => maps.meaning(t)),
    [null, "a map", "a map", "a map", "a map", null, null],
  );
  assert.deepEqual(maps.transitionNotes(1), ["a map"]);
  assert.equal(maps.morph.transition(2).kind, "interpolated");
  for (const other of [of({ nAxes: 3 }), of({ projection: "pca" }), of({ units: [0, 2] }), scene]) {
    assert.equal(other.showsMaps, false);
    assert.equal(other.meaning(1), null);
  }
});

test("maps that do not fit their run are refused", () => {
  const wrong: [object, RegExp][] = [
    [{ n_axes: 4 }, /neither 2 nor 3 axes/],
    [{ values: [] }, /not one map a layer and checkpoint/],
    [{ trustworthiness: [[1]] }, /not one map a layer and checkpoint/],
    [{ n_axes: 3 }, /one range a unit/],
    [{ meaning: 3 }, /neighbours\.meaning is not text/],
  ];
  for (const [change, sentence] of wrong) assert.throws(() => decode(withMaps(change)), sentence);
});
