/** Files of one's own: what is read of them, and the sentence about what is not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isClasses,
  isNumeric,
  likelyLabel,
  MOST_ROWS,
  type Reading,
  readDelimited,
  sortNames,
  type TextTable,
  tableOfColumns,
} from "../src/datasets/delimited";

const colours = (n: number): string[] => Array<string>(n).fill("#000000");

function read(text: string): TextTable {
  const table = readDelimited(text);
  assert.ok(typeof table !== "string", String(table));
  return table;
}

function points(text: TextTable, label: number, ...features: number[]): Reading {
  const reading = tableOfColumns(text, label, features, "file", colours);
  assert.ok(typeof reading !== "string", String(reading));
  return reading;
}

test("commas, semicolons, tabs, quotes, marks of order and decimal commas", () => {
  const plain = read("a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n");
  assert.deepEqual([plain.columns.map(({ name }) => name), plain.nRows], [["a", "b", "kind"], 4]);
  assert.equal(likelyLabel(plain), 2);
  const { table, note } = points(plain, 2, 0, 1);
  assert.deepEqual(
    [[...table.x], [...table.labels], table.classNames],
    [
      [1, 2, 3, 4, 5, 6, 7, 8],
      [0, 1, 0, 1],
      ["x", "y"],
    ],
  );
  assert.equal(note, "");
  const quoted = read('\uFEFF"a ""b""","c, d",label\r\n1,2,"x\ny"\r\n\r\n3,4,z');
  assert.deepEqual(
    quoted.columns.map(({ name }) => name),
    ['a "b"', "c, d", "label"],
  );
  assert.deepEqual(quoted.columns[2].cells, ["x\ny", "z"]);
  const german = read("1,5;2,25;a\n2,5;-3;b\n1;1;a\n4;4;b");
  assert.deepEqual([...german.columns[1].numbers], [2.25, -3, 1, 4]);
  assert.deepEqual(
    german.columns.map(({ name }) => name),
    ["column 1", "column 2", "column 3"],
  );
  assert.equal(read("a\tb\n1\t2\n").columns.length, 2);
});

test("rows with gaps and texts are left out, and it is said", () => {
  const text = read("a,b,y\n1,2,0\nNaN,4,1\n5,,0\n7,8,1\n9,1e2,0\nword,3,1\n4,5,\n6,7,10\n6,7,9\n");
  assert.ok(isNumeric(text.columns[0]) && isClasses(text.columns[2]));
  const { table, note } = points(text, 2, 0, 1);
  assert.deepEqual([...table.labels], [0, 1, 0, 3, 2]);
  assert.deepEqual(table.classNames, ["0", "1", "9", "10"]);
  assert.equal(note, "4 rows with a gap or a text among numbers are left out.");
});

test("many different numbers are predicted as numbers", () => {
  const rows = Array.from({ length: 60 }, (_, i) => `${i},${i * i},${0.5 * i}`);
  const text = read(`a,b,price\n${rows.join("\n")}`);
  const { table } = points(text, 2, 0, 1);
  assert.deepEqual(table.classNames, []);
  assert.equal(table.targets![10], 5);
  assert.equal(table.target!.name, "price");
  assert.ok(table.labels.every((place) => place >= 0 && place <= 1));
});

test("of very many rows some are taken at random", () => {
  const text = read(`a,b,y\n${"1,2,0\n3,4,1\n5,6,0\n".repeat(100_000)}`);
  assert.equal(text.nAll, 300_000);
  assert.equal(text.nRows, MOST_ROWS);
  const { table, note } = points(text, 0, 1, 2);
  assert.deepEqual(table.classNames, ["1", "3", "5"]);
  assert.equal(table.labels.length, text.nRows);
  assert.equal(note, "100,000 of 300,000 rows are taken, at random.");
});

test("classes stand in the order of their numbers, as Python's do", () => {
  assert.deepEqual(sortNames(["class 10", "class 2", "class 1", "class 02"]), [
    "class 1",
    "class 02",
    "class 2",
    "class 10",
  ]);
  assert.deepEqual(sortNames(["x", "B", "a", "a1", "a b", "9a", "10"]), ["9a", "10", "B", "a", "a1", "a b", "x"]);
  assert.deepEqual(sortNames(["10", "9", "-1", "2.5"]), ["-1", "2.5", "9", "10"]);
});

test("what is no table is a sentence", () => {
  const sentences: [string, RegExp][] = [
    ["", /no rows of numbers/],
    ["a,b\n", /no rows of numbers/],
    ["a\n1\n2\n", /one column/],
    ["PK\0\0,1\n2,3", /no text file/],
    ["a,b,c\n1,2,3\n1,2\n", /Line 3 has 2 cells where the first line has 3/],
  ];
  for (const [text, wanted] of sentences) assert.match(readDelimited(text) as string, wanted);
  const one = read("a,b\n1,x\n2,x\n3,x\n4,x\n5,x\n");
  const texts = read(`a,b\n${Array.from({ length: 30 }, (_, i) => `${i},t${i}`).join("\n")}`);
  const few = read("a,b\n1,x\n2,y\n");
  const infinite = read("a,b\n1e300,x\n2,y\n3,x\n4,y\n");
  const problems: [TextTable, number, number[], RegExp][] = [
    [one, 1, [0], /b has one class only, x/],
    [one, 1, [], /at least one column/],
    [texts, 1, [0], /more than 20 different texts/],
    [few, 1, [0], /2 rows have a number/],
    [infinite, 1, [0], /too large/],
  ];
  for (const [text, label, features, wanted] of problems) {
    assert.match(tableOfColumns(text, label, features, "file", colours) as string, wanted);
  }
});

test("a class or a column with a long name is cut in a sentence", () => {
  const text = read(`a,b,${"c".repeat(900)}\n${`1,2,${"x".repeat(900)}\n`.repeat(5)}`);
  const reading = tableOfColumns(text, 2, [0, 1], "file", colours);
  assert.match(String(reading), /^c+…c+ has one class only, x+…x+: choose another column\.$/);
  assert.ok(String(reading).length < 140);
});
