import assert from "node:assert/strict";
import { test } from "node:test";
import { spreadRows } from "../src/motion/projection";
import { PageFileError } from "../src/page_file/container";
import { decode } from "../src/page_file/page_file";
import { container, smallScene } from "./helpers";

function refuses(bytes: Uint8Array, sentence: RegExp): void {
  assert.throws(
    () => decode(bytes),
    (error) => error instanceof PageFileError && sentence.test(error.message),
  );
}

/** The maps of the small scene with another formula for its relu. */
function withFormula(formula: unknown): object[] {
  const { maps } = decode(smallScene()).runs[0].header;
  return maps.map((map) => (map.name === "relu" ? { ...map, formula } : map));
}

test("a scene is read", () => {
  const scene = decode(smallScene());
  assert.equal(scene.title, "small");
  assert.equal(scene.runs[0].length, 4);
  assert.equal(scene.runs[0].lastMoment, 1);
  assert.equal(scene.runs[0].unitName(0, 1), "x2");
  assert.equal(scene.runs[0].epoch(0.5), 0.5);
});

test("a scene at an odd place in memory is read", () => {
  const bytes = smallScene();
  const moved = new Uint8Array(bytes.length + 3);
  moved.set(bytes, 3);
  assert.equal(decode(moved.subarray(3)).runs[0].nPoints, 50);
});

test("a newer version is named in a sentence", () => {
  refuses(container({ runs: [] }, [], 3), /newer unknot \(format 3\).*reads format 2/);
});

test("a file that is cut off anywhere is refused in a sentence", () => {
  const bytes = smallScene();
  for (const length of [0, 3, 11, 40, bytes.length - 200, bytes.length - 1]) {
    refuses(bytes.slice(0, length), /cut off|damaged/);
  }
});

test("what is no scene is refused", () => {
  refuses(new TextEncoder().encode("<!doctype html><html>"), /not an unknot page file/);
  refuses(container({ runs: "none" }, []), /holds no runs/);
});

test("a run that does not fit together is refused, and the sentence says why", () => {
  refuses(smallScene({ n_points: 49 }), /one label a point/);
  refuses(smallScene({ carrier: "pigeon" }), /neither weights nor values/);
  refuses(smallScene({ class_colours: ["red", "url(x)"] }), /#rrggbb/);
  refuses(smallScene({ maps: [] }), /not joined/);
  for (const formula of [undefined, "y", Number.NaN, ["eval", "z"], ["+", "z"], ["relu", ["constructor", "z"]]]) {
    refuses(smallScene({ maps: withFormula(formula) }), /formula of its activation relu is not understood/);
  }
  refuses(smallScene({ checkpoints: [] }), /no checkpoint/);
  refuses(smallScene({ target: { low: 0 } }), /target\.high is not a finite number/);
  refuses(smallScene({ measures: { linear_probe: [null], chance: 0.5 } }), /linear probe/);
  refuses(smallScene({ measures: { linear_probe: [null, [1, 2]], chance: 0.5 } }), /linear probe/);
  refuses(
    smallScene({ measures: { linear_probe: [null, [1, 1, 1, 1, "1"]], chance: 0.5 } }),
    /linear_probe\[1\]\[4\] is not/,
  );
  refuses(smallScene({ measures: { linear_probe: [null, null] } }), /linear probe/);
  refuses(smallScene({ weights: "labels" }), /one weight a connection/);
  refuses(smallScene({ weights: "__proto__" }), /no buffer/);
});

test("rows are spread as NumPy spreads them", () => {
  assert.deepEqual([...spreadRows(5, 10)], [0, 1, 2, 3, 4]);
  assert.deepEqual([...spreadRows(10, 4)], [0, 3, 6, 9]);
  // np.linspace(0, 3, 3).round() is 0, 2, 3: halves go to the even number.
  assert.deepEqual([...spreadRows(4, 3)], [0, 2, 3]);
  assert.deepEqual([...spreadRows(0, 4)], []);
});
