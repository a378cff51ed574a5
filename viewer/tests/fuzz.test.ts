/** Damaged page files, addresses, tables and networks: a sentence of ours, or what can be worked out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { likelyLabel, readDelimited, tableOfColumns } from "../src/datasets/delimited";
import { coloursOf, sourcesOf } from "../src/datasets/table";
import { probeCurve, probes } from "../src/model/probes";
import { Scene, type SceneOptions } from "../src/motion/scene";
import { momentAt } from "../src/network/moment";
import { PageFileError } from "../src/page_file/container";
import { decode, type PageFile, type Run } from "../src/page_file/page_file";
import { formatHash, initialState, parseHash, type State } from "../src/state/controls";
import { lessons, withLesson } from "../src/training/lessons";
import { LiveRun, lessonOf, shapeOf } from "../src/training/live_run";
import { asJson, networkFile } from "../src/training/network_file";
import { opened } from "../src/training/opening";
import { openNetwork } from "../src/training/reading";
import { runFile } from "../src/training/saving";
import { corpus, type Draw, guided, pick } from "./fuzzing";
import { smallScene, valuesScene } from "./helpers";

const ODD: readonly unknown[] = [
  ...[null, true, 0, -1, 1, 2, 0.5, 2 ** 31, 2 ** 53, 1e308, "", "labels", "weights", "opaque", "softmax"],
  ...["affine", "values", "__proto__", "<b>", [], {}, [[]], [0], ["x"], { x: 0 }, [null, null]],
];

/** Every (container, key) of a JSON value. */
function places(value: object, found: [object, string][] = []): [object, string][] {
  for (const [key, inner] of Object.entries(value)) {
    found.push([value, key]);
    if (typeof inner === "object" && inner !== null) places(inner, found);
  }
  return found;
}

/** Change one place of a JSON value; what is put there may come from another. */
function injure(tree: object, draw: Draw, other: object): void {
  const [container, key] = pick(draw, places(tree));
  const own = container as Record<string, unknown>;
  const injury = draw();
  if (injury < 0.15) delete own[key];
  else if (injury < 0.35) {
    const theirs = places(other);
    const same = theirs.filter(([, name]) => name === key);
    const [source, place] = pick(draw, draw() < 0.7 && same.length ? same : theirs);
    own[key] = structuredClone((source as Record<string, unknown>)[place]);
  } else if (injury < 0.38) {
    let deep: unknown = "z";
    for (let i = 0; i < 3_000; i++) deep = ["relu", deep];
    own[key] = deep;
  } else if (injury < 0.55 && typeof own[key] === "number") {
    const value = own[key];
    own[key] = pick(draw, [value + 1, value - 1, -value, 2 * value, value / 2]);
  } else if (injury < 0.6 && Array.isArray(own[key])) {
    own[key] = [...own[key], ...own[key].slice(0, 1)];
  } else own[key] = pick(draw, ODD);
}

const headerEnd = (bytes: Uint8Array): number => 12 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
const headerOf = (bytes: Uint8Array): object =>
  JSON.parse(new TextDecoder().decode(bytes.subarray(12, headerEnd(bytes)))) as object;

function withHeader(bytes: Uint8Array, draw: Draw, other: Uint8Array): Uint8Array {
  const end = headerEnd(bytes);
  const header = headerOf(bytes);
  injure(header, draw, draw() < 0.5 ? headerOf(other) : header);
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

/** Everything of a run that is worked out before anything is drawn. */
function workOut(run: Run, draw: Draw): void {
  const u = pick(draw, [0, run.lastMoment, run.lastMoment / 2]);
  const options: SceneOptions = {
    nAxes: pick(draw, [2, 3] as const),
    projection: pick(draw, ["auto", "corners", "following", "pca", "units", "neighbours", "random", "tour", "lda"]),
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

function sentence(text: string): void {
  assert.ok(text.length < 400 && /[.?]$/.test(text), text);
}

test("a damaged page file ends in a sentence", () => {
  const cases = 700;
  const sound = [smallScene(), valuesScene(), ...corpus(".ukpage")];
  const counts = guided(
    sound,
    cases,
    (bytes, draw, other) => (draw() < 0.8 ? withHeader(bytes, draw, other) : withBytes(bytes, draw)),
    (bytes, draw) => {
      let file: PageFile;
      try {
        file = decode(bytes);
      } catch (error) {
        if (!(error instanceof PageFileError)) throw error;
        sentence(error.message);
        return "refused";
      }
      for (const run of file.runs) workOut(run, draw);
      for (const { labels } of sourcesOf(file).own) assert.ok(labels.length >= 0);
      if (file.runs.length === 1) opened(file, sourcesOf(file), {});
      return "shown";
    },
  );
  assert.ok(counts.refused > cases / 10 && counts.shown > cases / 10, JSON.stringify(counts));
});

/** The small scene, which can be trained in the page. */
function trainable(): PageFile {
  const activations = [
    { name: "relu", formula: ["relu", "z"], sentence: "folds" },
    { name: "sin", formula: ["sin", "z"], sentence: "waves" },
  ] as const;
  const training = { optimiser: "adam", rate: 0.01, is_scheduled: false, batch: 8, decay: 0, n_fixed: 0, activations };
  const file = decode(smallScene());
  Object.assign(file.runs[0].header, { training });
  return file;
}

const ODD_TEXTS = [
  ...["", "0", "-1", "1e308", "NaN", "0x10", "%", "%zz", "%00", "~", "~A", "3-1", "1-999999999", "unit:0:0:3"],
  ...["drawn,points:AAAAABBBBB", "own,index:7", "moons,n:20", "none", "64-relu", "1-sin,1-sin", "p!0!1g!!!!", "|"],
  ...["0:adam,0.1,32,0,0,0;9", "AAAA", "a".repeat(9_000), "__proto__", "\u202e", "\ud800", "1", "99"],
];

function withParts(text: string, draw: Draw, other: string): string {
  const parts = text.replace(/^#/, "").split("&");
  const at = Math.floor(draw() * parts.length);
  const [name, value = ""] = parts[at].split(/=(.*)/s);
  const injury = draw();
  if (injury < 0.1) parts.splice(at, 1);
  else if (injury < 0.3) parts.push(pick(draw, other.split("&")));
  else if (injury < 0.45) parts[at] = `${pick(draw, Object.keys(initialState()))}=${value}`;
  else if (injury < 0.65) parts[at] = `${name}=${pick(draw, ODD_TEXTS)}`;
  else if (injury < 0.8) parts[at] = `${name}=${value.replace(/\d+/, () => pick(draw, ["0", "1", "-1", "9e9", "65"]))}`;
  else {
    const place = Math.floor(draw() * (value.length + 1));
    const letter = pick(draw, [..."0123456789,:;-|!~=&%.eE", "", value.slice(0, place)]);
    parts[at] = `${name}=${value.slice(0, place)}${letter}${value.slice(place + pick(draw, [0, 1]))}`;
  }
  return `#${parts.join("&")}`;
}

test("a damaged address opens a page, or a sentence says what it asks for in vain", () => {
  const first = initialState();
  const moves = lessons.flatMap(({ moves: own }, i) => own.map(({ state }) => ({ lesson: i + 1, ...state })));
  const more: Partial<State>[] = [
    { selection: Array.from({ length: 300 }, (_, i) => 3 * i), hidden: [1], units: [0, 1], colour: "unit:2:1", t: 1.5 },
    { data: "drawn,points:AAAAAABBBBIAAAAIBBBB", network: "3-sin,2-relu", start: 4, trained: "0:sgd,0.1,32,0,0,0;5" },
    { weights: "AACAPwAAAEA", hide: "learning,layers", shelf: "p!0!1g!moons,n:20!2-relu!!0:adam,0.01,32,0,0,0;5" },
  ];
  guided(
    [...moves, ...more].map((state) => `#${formatHash({ ...first, ...state }, first)}`),
    60,
    withParts,
    (hash, draw) => {
      const bad: string[] = [];
      const asked = parseHash(hash, bad);
      const state = { ...first, ...asked };
      // What was understood is written as it was read.
      const again = parseHash(formatHash(state, first));
      assert.equal(formatHash({ ...first, ...again }, first), formatHash(state, first));
      const file = trainable();
      const { problem, file: made, state: own } = opened(file, sourcesOf(file), withLesson(asked));
      if (problem) sentence(problem);
      if (draw() < 0.1) workOut(made.runs[0], draw);
      assert.ok(typeof own === "object");
      return problem ? "told" : bad.length ? "left out" : "whole";
    },
  );
});

const ODD_CELLS = [
  ...["", "nan", "NA", "inf", "-1e999", "0x10", "1_000", '"', '"a""b"', '"a\nb"', "\0", "\u202e", " 1 ", "\r", "label"],
  ...["a".repeat(5_000), "1,5", "1;5", "01", "1.0", "true", "2020-01-01", "\ud800", "=1+1", "'", "<b>"],
];

function withCells(text: string, draw: Draw, other: string): string {
  const lines = text.split("\n").map((line) => line.split(","));
  const row = Math.floor(draw() * (draw() < 0.3 ? Math.min(2, lines.length) : lines.length));
  const column = Math.floor(draw() * lines[row].length);
  const injury = draw();
  if (injury < 0.5) lines[row][column] = pick(draw, ODD_CELLS);
  else if (injury < 0.65) for (const line of lines) line[column] = lines[row][column];
  else if (injury < 0.75) lines.splice(row, 0, pick(draw, other.split("\n")).split(","));
  else if (injury < 0.85) lines.splice(row + 1);
  else if (injury < 0.95) return text.replaceAll(",", pick(draw, [";", "\t", "|", " ", ",,"]));
  else lines[row].splice(column, 0, pick(draw, lines[0]));
  return lines.map((line) => line.join(",")).join("\n");
}

test("a damaged table is read, or a sentence says what is wrong with it", () => {
  const number = Array.from({ length: 40 }, (_, i) => `${i},${i * i},${0.5 * i},${i % 7}`);
  guided(
    [
      "a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n",
      '\uFEFF"a ""b""","c, d",label\r\n1,2,"x\ny"\r\n\r\n3,4,z\n5,6,z\n4,3,"x\ny"',
      "1,5;2,25;a\n2,5;-3;b\n1;1;a\n4;4;b",
      `a,b,price,day\n${number.join("\n")}`,
      ...corpus(".csv").map((bytes) => new TextDecoder().decode(bytes)),
    ],
    200,
    withCells,
    (text, draw) => {
      const table = readDelimited(text);
      if (typeof table === "string") {
        sentence(table);
        return "refused";
      }
      const label = draw() < 0.5 ? likelyLabel(table) : Math.floor(draw() * table.columns.length);
      const features = [...table.columns.keys()].filter((column) => column !== label && draw() < 0.8);
      const [run] = trainable().runs;
      const reading = tableOfColumns(table, label, features, "file", (n) => coloursOf(run, n));
      if (typeof reading === "string") {
        sentence(reading);
        return "told";
      }
      const file = trainable();
      const sources = { ...sourcesOf(file), dropped: [reading.table] };
      const { problem, file: made } = opened(file, sources, { data: "dropped" });
      if (problem) sentence(problem);
      else workOut(made.runs[0], draw);
      return problem ? "told" : "read";
    },
  );
});

/** A safetensors file, or JSON, with another value in its header. */
function withNetwork(bytes: Uint8Array, draw: Draw, other: Uint8Array): Uint8Array {
  const isJson = bytes[0] === 123;
  if (draw() < 0.2) return withBytes(bytes, draw);
  const open = (from: Uint8Array): object => {
    const end = from[0] === 123 ? from.length : 8 + new DataView(from.buffer, from.byteOffset).getUint32(0, true);
    const outer = JSON.parse(new TextDecoder().decode(from.subarray(from[0] === 123 ? 0 : 8, end)));
    return outer.__metadata__ ? { ...outer, own: JSON.parse(outer.__metadata__.unknot) } : outer;
  };
  const tree = open(bytes) as Record<string, unknown>;
  injure(tree, draw, draw() < 0.5 ? open(other) : tree);
  if (isJson) return new TextEncoder().encode(JSON.stringify(tree));
  const { own, ...outer } = tree;
  const header = { ...outer, __metadata__: { unknot: JSON.stringify(own) } };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const end = 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const result = new Uint8Array(8 + text.length + bytes.length - end);
  new DataView(result.buffer).setUint32(0, text.length, true);
  result.set(text, 8);
  result.set(bytes.subarray(end), 8 + text.length);
  return result;
}

test("a damaged network is a sentence, or a network that runs", () => {
  const [run] = trainable().runs;
  const live = new LiveRun(run, shapeOf(run)!, lessonOf(run).training.n, lessonOf(run).target);
  const settings = { optimiser: "adam", rate: 0.01, batch: 32, decay: 0, l1: 0, l2: 0 } as const;
  const place = { step: 0, epoch: 0, row: 0, age: 0, optimiser: "adam", memory: new Float32Array(0) };
  live.begin({ ...place, weights: live.filed(1), training: { loss: 1, accuracy: 0.5 }, heldOut: null });
  const json = new TextEncoder().encode(asJson(networkFile(live, live.snapshots[0]), settings, 1, ""));
  guided([json, runFile("small", live, settings, 1), ...corpus("run.safetensors")], 100, withNetwork, (bytes, draw) => {
    const made = openNetwork(run, bytes.slice().buffer);
    if (typeof made === "string") {
      sentence(made);
      return "refused";
    }
    workOut(made, draw);
    return "run";
  });
});
