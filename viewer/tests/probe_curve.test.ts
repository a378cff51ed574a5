import assert from "node:assert/strict";
import { test } from "node:test";
import { chanceOf, probeCurve, splitOf } from "../src/model/probes";
import { decode } from "../src/page_file/page_file";
import { smallScene } from "./helpers";

const row = (value: number | null): (number | null)[] => [0.5, 0.5, value, 0.9, 0.9];

function runOf(curves: unknown[] | undefined): ReturnType<typeof decode>["runs"][number] {
  const measures = curves ? { linear_probe: curves, chance: 0.5 } : {};
  const checkpoints = [0, 1, 2, 3].map((step) => ({ step, epoch: step }));
  // Weights of four checkpoints: the file has those of two, so values stand in for them here.
  const scene = decode(smallScene());
  const header = { ...scene.runs[0].header, measures, checkpoints };
  return Object.assign(Object.create(scene.runs[0]), { header });
}

test("the probe is what was measured at a checkpoint, and lies between two of them", () => {
  const run = runOf([row(0.6), null, row(0.8), row(null)]);
  assert.deepEqual(probeCurve(run, 0), { values: row(0.6), isInterpolated: false });
  assert.deepEqual(probeCurve(run, 2), { values: row(0.8), isInterpolated: false });
  const between = probeCurve(run, 0.5)!;
  assert.ok(between.isInterpolated);
  assert.ok(Math.abs(between.values[2]! - 0.65) < 1e-12);
  assert.ok(probeCurve(run, 1)!.isInterpolated);
  assert.deepEqual(probeCurve(run, 2.5)!.values, row(null));
});

test("before the first measured checkpoint, and without measures, there is no curve", () => {
  assert.equal(probeCurve(runOf([null, null, null, row(0.7)]), 1), null);
  assert.equal(probeCurve(runOf(undefined), 0), null);
  assert.equal(chanceOf(runOf(undefined)), null);
  assert.equal(chanceOf(runOf([null, null, null, row(0.7)])), 0.5);
});

test("rows that the network was not trained on judge a probe; where nobody knows, a half does", () => {
  const rows = Uint32Array.from({ length: 10 }, (_, i) => 3 * i);
  const heldOut = Uint8Array.from({ length: 30 }, (_, row) => Number(row % 9 === 0));
  const { order, nTraining } = splitOf(rows, heldOut);
  assert.deepEqual(
    Array.from(order).sort((a, b) => a - b),
    Array.from(rows.keys()),
  );
  assert.equal(nTraining, 6);
  order.forEach((i, place) => assert.equal(heldOut[rows[i]], Number(place >= nTraining)));
  for (const unknown of [null, heldOut.fill(0), heldOut.slice().fill(1)]) {
    assert.equal(splitOf(rows, unknown).nTraining, 5);
  }
});
