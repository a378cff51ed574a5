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
