import assert from "node:assert/strict";
import { test } from "node:test";
import { momentAt } from "../src/network/moment";
import { PageFileError } from "../src/page_file/container";
import { decode } from "../src/page_file/page_file";
import { csvOf } from "../src/panels/selected";
import { clipped } from "../src/words";
import { type Piece, smallScene } from "./helpers";

const N = 50;
const encoder = new TextEncoder();

/** A column of the small scene's points, and its buffers. */
function column(name: string, texts: readonly string[]): { header: object; pieces: Piece[] } {
  const parts = texts.map((text) => [...encoder.encode(text)]);
  let end = 0;
  const ends = parts.map((part) => (end += part.length));
  return {
    header: { name, texts: `${name}.texts`, ends: `${name}.ends` },
    pieces: [
      { name: `${name}.texts`, dtype: "uint8", shape: [end], values: parts.flat() },
      { name: `${name}.ends`, dtype: "int32", shape: [N], values: ends },
    ],
  };
}

const names = Array.from({ length: N }, (_, i) => (i % 3 ? `Point ${i}` : ""));
const texts = names.map((_, i) => (i === 1 ? 'a, "b"\nc' : i === 2 ? "=1+1 שלום 😀" : "x"));
const known = [column("name", names), column("text", texts)];

function scene(images: object | null = null, more: readonly Piece[] = [], change = known): Uint8Array {
  const identity = { columns: change.map(({ header }) => header), images };
  return smallScene({ identity }, [...change.flatMap(({ pieces }) => pieces), ...more]);
}

test("who the points are is read, and found by any letters of it", () => {
  const { identity } = decode(scene()).runs[0];
  assert.deepEqual(identity!.names, ["name", "text"]);
  assert.equal(identity!.of("name", 4), "Point 4");
  assert.equal(identity!.of("name", 3), "");
  assert.equal(identity!.of("text", 2), "=1+1 שלום 😀");
  assert.equal(identity!.of("city", 2), "");
  assert.deepEqual(identity!.find("POINT 4", N), [4, 40, 41, 43, 44, 46, 47, 49]);
  assert.deepEqual(identity!.find("שלום", N), [2]);
  assert.deepEqual(identity!.find("nobody", N), []);
  assert.equal(decode(smallScene()).runs[0].identity, null);
});

test("each point has its part of the sheet, or none", () => {
  const tiles = Array.from({ length: N }, (_, i) => (i === 1 ? -1 : i % 7));
  const images = { sheet: "sheet", type: "image/png", width: 8, height: 6, across: 3, tiles: "tiles" };
  const pieces: Piece[] = [
    { name: "sheet", dtype: "uint8", shape: [4], values: [1, 2, 3, 4] },
    { name: "tiles", dtype: "int32", shape: [N], values: tiles },
  ];
  const { identity } = decode(scene(images, pieces)).runs[0];
  assert.equal(identity!.tile(1), null);
  const { address, ...place } = identity!.tile(5)!;
  assert.deepEqual(place, { x: 16, y: 6, width: 8, height: 6, across: 24 });
  assert.equal(identity!.tile(0)!.address, address);
});

test("a CSV holds what is known of the rows, quoted where it must be", () => {
  const { runs } = decode(scene());
  const lines = csvOf(momentAt(runs[0], 1), [1, 2]);
  const [head, first, second] = lines.split("\r\n");
  assert.equal(head, "row,name,text,class,prediction,confidence,x1,x2");
  assert.match(first, /^2,Point 1,"a, ""b""\nc",b,[ab],0\.\d+,-?\d/);
  assert.match(second, /^3,Point 2,=1\+1 שלום 😀,a,/);
});

test("an identity that does not fit is refused in a sentence", () => {
  const refuses = (bytes: Uint8Array, sentence: RegExp): void =>
    assert.throws(
      () => decode(bytes),
      (error) => error instanceof PageFileError && sentence.test(error.message),
    );
  const [short] = [column("name", names.slice(1))];
  short.pieces[1] = { ...short.pieces[1], shape: [N - 1] };
  refuses(scene(null, [], [short]), /name has not one text a point/);
  const [falling] = [column("name", names)];
  falling.pieces[1] = { ...falling.pieces[1], values: [...falling.pieces[1].values].reverse() };
  refuses(scene(null, [], [falling]), /name has not one text a point/);
  refuses(smallScene({ identity: 3 }), /identity is not described|identity is not/);
  refuses(smallScene({ identity: { columns: [{ name: "a", texts: "no", ends: "no" }] } }), /no buffer no/);
  const images = { sheet: "labels", type: "text/html", width: 8, height: 8, across: 1, tiles: null };
  refuses(smallScene({ identity: { columns: [], images } }), /image\/png or image\/webp/);
  refuses(
    smallScene({ identity: { columns: [], images: { ...images, type: "image/png", across: 0 } } }),
    /across is not/,
  );
});

test("prose is cut at its end, and nothing stays nothing", () => {
  assert.equal(clipped(" ", 10), "");
  assert.equal(clipped("a long sentence", 6), "a lon…");
  assert.equal(clipped("short", 6), "short");
});
