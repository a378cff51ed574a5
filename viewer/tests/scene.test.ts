import assert from "node:assert/strict";
import { test } from "node:test";
import { eye, multiply, subtract, transposeMultiply } from "../src/math/matrix";
import { random } from "../src/math/random";
import { determination, r2Text } from "../src/model/goodness";
import { linearR2, probe, splitOf } from "../src/model/probes";
import { type Instant, onSameAxes } from "../src/model/run_model";
import { geodesic } from "../src/motion/geodesic";
import { padRows, polar } from "../src/motion/rotation";
import { Scene, type SceneOptions } from "../src/motion/scene";
import { evaluate } from "../src/motion/transitions";
import { momentAt } from "../src/network/moment";
import { decode, Run } from "../src/page_file/page_file";
import { largest, randomMatrix, smallScene } from "./helpers";

const OPTIONS: SceneOptions = { nAxes: 2, projection: "following", units: null, scale: "animated", seed: 0, tour: 0 };
const run = decode(smallScene()).runs[0];

test("a geodesic is a path of frames from the first to the last", () => {
  const draw = random(1);
  for (const [n, d] of [
    [3, 2],
    [5, 2],
    [4, 3],
    [9, 3],
  ] as const) {
    for (let i = 0; i < 8; i++) {
      const [first, last] = [polar(randomMatrix(n, d, draw)), polar(randomMatrix(n, d, draw))];
      const way = geodesic(first, last);
      assert.ok(largest(subtract(way.at(0), first).data) < 1e-9);
      assert.ok(largest(subtract(way.at(1), last).data) < 1e-9);
      for (const s of [0.2, 0.7]) {
        const frame = way.at(s);
        assert.ok(largest(subtract(transposeMultiply(frame, frame), eye(d)).data) < 1e-9);
      }
    }
  }
});

test("at a whole t the picture is the representation in its frame", () => {
  for (const nAxes of [2, 3] as const) {
    for (const projection of ["following", "units", "pca", "random", "tour"]) {
      const scene = new Scene(momentAt(run, 1), { ...OPTIONS, nAxes, projection, tour: 0.4 });
      for (let k = 0; k <= run.length; k++) {
        const seen = scene.sampleSeen(k);
        const cloud = scene.sample(k);
        const own = multiply(cloud, padRows(scene.camera.stop(k), cloud.columns));
        assert.ok(largest(subtract(seen, own).data) < 1e-12);
      }
    }
  }
});

test("nothing jumps: neither at stops nor between beats nor between checkpoints", () => {
  const step = 1e-5;
  for (const nAxes of [2, 3] as const) {
    for (const projection of ["following", "pca", "units"]) {
      const scene = new Scene(momentAt(run, 0.5), { ...OPTIONS, nAxes, projection });
      for (const t of [0.25, 0.5, 0.75, 1, 1.5, 2, 2.25, 2.5, 2.75, 3]) {
        const [before, after] = [scene.sampleSeen(t - step), scene.sampleSeen(t + step)];
        assert.ok(largest(subtract(before, after).data) < 40 * step, `${projection} ${nAxes} ${t}`);
      }
      const near = new Scene(momentAt(run, 0.5 + 1e-6), { ...OPTIONS, nAxes, projection });
      assert.ok(largest(subtract(near.sampleSeen(1.3), scene.sampleSeen(1.3)).data) < 1e-3);
    }
  }
});

test("the picture is rigid: points keep the distances of the morphed cloud while only the view turns", () => {
  const scene = new Scene(momentAt(run, 0), { ...OPTIONS, nAxes: 3 });
  const frame = scene.camera.frame(0.1);
  assert.ok(largest(subtract(transposeMultiply(frame, frame), eye(3)).data) < 1e-9);
  const parts = scene.parts(2.6);
  assert.equal(evaluate(parts, (k) => scene.sample(k)).rows, 50);
});

test("every beat has a sentence", () => {
  const scene = new Scene(momentAt(run, 0), OPTIONS);
  const beats = scene.beats;
  assert.deepEqual(
    beats.map((b) => b.kind),
    ["look", "stretch", "turn", "shift", "activation", "look", "stretch", "turn", "shift", "activation"],
  );
  assert.equal(beats[4].sentence, "what relu does");
  assert.match(beats[1].sentence, /^stretched ×[\d.]+ to ×[\d.]+ by direction$/);
  assert.match(beats[6].sentence, /2 directions pressed flat$/);
});

test("a probe finds classes that a plane separates, and no others", () => {
  const draw = random(9);
  const cloud = randomMatrix(600, 3, draw);
  const labels = Int32Array.from({ length: 600 }, (_, i) => (cloud.data[3 * i] + cloud.data[3 * i + 2] > 0 ? 1 : 0));
  assert.ok(probe(cloud, labels, 2) > 0.95);
  assert.ok(
    probe(
      cloud,
      labels.map((_, i) => (i * 7) % 2),
      2,
    ) < 0.65,
  );
});

test("a linear probe tells what a linear function can, and no more", () => {
  const draw = random(11);
  const cloud = randomMatrix(600, 4, draw);
  const split = splitOf({ length: 600 }, null);
  const of = (at: (i: number) => number): number =>
    linearR2(
      cloud,
      Float64Array.from({ length: 600 }, (_, i) => at(i)),
      split,
    );
  const value = (i: number, j: number): number => cloud.data[4 * i + j];
  assert.ok(of((i) => 1e9 * (3 * value(i, 0) - value(i, 3)) + 7) > 1 - 1e-8);
  assert.ok(of((i) => value(i, 0) ** 2) < 0.1);
  assert.ok(Number.isNaN(of(() => 5)));
  assert.equal(determination([1, 2, 3], [1, 2, 3]), 1);
  assert.equal(determination([1, 2, 3], [2, 2, 2]), 0);
  assert.deepEqual(
    [0.4, -0.2, NaN].map((r2) => r2Text(r2, 2)),
    ["0.40", "below 0", "undefined"],
  );
});

test("a picture alone keeps an own scale for each axis; several share one box", () => {
  const extent = { centre: [0, 0], radius: 1e12, stretch: [1, 1e12] };
  const instant = { nAxes: 2, extent } as unknown as Instant;
  assert.deepEqual(onSameAxes([instant])[0].extent, extent);
  const other = { ...instant, extent: { centre: [0, 0], radius: 3e12 } };
  assert.deepEqual(onSameAxes([instant, other])[0].extent, { centre: [0, 0], radius: 3e12 });
});

test("a plane that Python fitted is the one of auto, and of no other projection", () => {
  const k = run.length - 1;
  const frame = polar(randomMatrix(run.nUnits(k), 2, random(3)));
  const planes = run.header.representations.map((_, i) => (i === k ? { axes_2: "plane", name: "logistic" } : null));
  const container = {
    ...run.container,
    buffer: (name: string) => (name === "plane" ? frame.data : run.container.buffer(name)),
  };
  const fitted = new Run({ ...run.header, planes }, container as never);
  const seen = (projection: string, nAxes: 2 | 3) =>
    new Scene(momentAt(fitted, 0.5), { ...OPTIONS, nAxes, projection }).projection(k);
  assert.deepEqual(seen("auto", 2).labels, ["logistic, a", "logistic, b"]);
  assert.deepEqual(seen("auto", 2).frame.data, frame.data);
  for (const other of [seen("following", 2), seen("auto", 3)]) assert.ok(!other.labels[0].startsWith("logistic"));
});
