/** Damaged page files: a sentence of ours from `decode`, or a page that can be worked out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../src/math/random";
import { probeCurve, probes } from "../src/model/probes";
import { Scene, type SceneOptions } from "../src/motion/scene";
import { momentAt } from "../src/network/moment";
import { PageFileError } from "../src/page_file/container";
import { decode } from "../src/page_file/page_file";
import { smallScene, valuesScene } from "./helpers";

const CASES = Number(process.env.UNKNOT_FUZZ_CASES ?? 4_000);
const ODD: readonly unknown[] = [
  ...[null, true, 0, -1, 1, 2, 0.5, 2 ** 31, 2 ** 53, 1e308, "", "labels", "weights", "opaque", "softmax"],
  ...["affine", "values", "__proto__", "<b>", [], {}, [[]], [0], ["x"], { x: 0 }, [null, null]],
];

type Draw = () => number;
const pick = <T>(draw: Draw, from: readonly T[]): T => from[Math.floor(draw() * from.length)];

/** Every (container, key) of a JSON value. */
function places(value: object, found: [object, string][] = []): [object, string][] {
  for (const [key, inner] of Object.entries(value)) {
    found.push([value, key]);
    if (typeof inner === "object" && inner !== null) places(inner, found);
  }
  return found;
}

function withHeader(bytes: Uint8Array, draw: Draw): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const end = 12 + view.getUint32(8, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(12, end))) as object;
  const [container, key] = pick(draw, places(header));
  const own = container as Record<string, unknown>;
  const injury = draw();
  if (injury < 0.15) delete own[key];
  else if (injury < 0.3) {
    const [other, place] = pick(draw, places(header));
    own[key] = structuredClone((other as Record<string, unknown>)[place]);
  } else if (injury < 0.33) {
    let deep: unknown = "z";
    for (let i = 0; i < 3_000; i++) deep = ["relu", deep];
    own[key] = deep;
  } else own[key] = pick(draw, ODD);
  let text = JSON.stringify(header);
  while ((12 + new TextEncoder().encode(text).length) % 8) text += " ";
  const head = new TextEncoder().encode(text);
  const result = new Uint8Array(12 + head.length + bytes.length - end);
  result.set(bytes.subarray(0, 12));
  new DataView(result.buffer).setUint32(8, head.length, true);
  result.set(head, 12);
  result.set(bytes.subarray(end), 12 + head.length);
  return result;
}

function withBytes(bytes: Uint8Array, draw: Draw): Uint8Array {
  const result = bytes.slice(0, draw() < 0.1 ? Math.floor(draw() * bytes.length) : bytes.length);
  for (let i = 0; i < pick(draw, [1, 1, 2, 8]); i++) {
    result[Math.floor(draw() * result.length)] = Math.floor(draw() * 256);
  }
  return result;
}

/** Everything that is worked out before anything is drawn. */
function use(bytes: Uint8Array, draw: Draw): void {
  for (const run of decode(bytes).runs) {
    const u = pick(draw, [0, run.lastMoment, run.lastMoment / 2]);
    const options: SceneOptions = {
      nAxes: pick(draw, [2, 3] as const),
      projection: pick(draw, ["following", "pca", "units", "random", "tour", "lda"]),
      units: null,
      scale: pick(draw, ["animated", "fixed"] as const),
      seed: 0,
      tour: 0.3,
    };
    const scene = new Scene(momentAt(run, u), options);
    const t = pick(draw, [0, run.length, draw() * run.length]);
    scene.parts(t);
    scene.extent(t);
    if (!Number.isInteger(t)) scene.beat(t);
    probes(scene, Math.round(t));
    probeCurve(run, u);
    scene.moment.probabilities(run.sampleRows);
    run.unitName(Math.round(t), 0);
    run.epoch(u);
  }
}

test("whatever is damaged ends in a sentence", () => {
  const originals = [smallScene(), valuesScene()];
  const counts = { refused: 0, shown: 0 };
  for (let i = 0; i < CASES; i++) {
    const draw = random(i);
    let bytes = pick(draw, originals);
    for (let n = pick(draw, [1, 1, 2]); n > 0; n--) {
      try {
        bytes = (draw() < 0.7 ? withHeader : withBytes)(bytes, draw);
      } catch {
        // What an injury before left is no page file.
      }
    }
    try {
      use(bytes, draw);
      counts.shown++;
    } catch (error) {
      assert.ok(error instanceof PageFileError, `case ${i}: ${(error as Error).stack}`);
      assert.ok(error.message.length < 400 && error.message.endsWith("."), error.message);
      counts.refused++;
    }
  }
  assert.ok(counts.refused > CASES / 10 && counts.shown > CASES / 10, JSON.stringify(counts));
});
