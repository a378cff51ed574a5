/** Points to learn from, wherever they are from, and which of them are held out. */
import { shuffled } from "../math/random";
import type { RunHeader, TableHeader } from "../page_file/header";
import { dequantise, type PageFile, type Run } from "../page_file/page_file";
import { decodeDrawn, drawnProblem, parseDrawn } from "./drawn";
import { generate, generators, mixed } from "./generators";
import { type DataSpec, numberOf } from "./spec";

export interface Table {
  readonly title: string;
  /** Row by row. */
  readonly x: Float32Array;
  /** Class numbers, the number after the last class without a label; of a regression places from 0 to 1. */
  readonly labels: Uint8Array | Uint16Array | Float32Array;
  readonly featureNames: readonly string[];
  readonly classNames: readonly string[];
  /** One a class, one more where points have no label. */
  readonly colours: readonly string[];
  readonly best: number | null;
  /** Of a regression: the numbers to be predicted, and where their colours begin and end. */
  readonly targets?: Float32Array | null;
  readonly target?: NonNullable<RunHeader["target"]> | null;
  /** 1 for a row that is held out, where this is settled. */
  readonly held?: Uint8Array | null;
}

/** What a page has of its own, and what came into it. */
export interface Sources {
  /** The first of them is that of the page's run, where it has data. */
  readonly own: readonly Table[];
  readonly dropped: Table[];
  /** What a reader must know of the last of them, until it is said. */
  told?: string;
}

/** One a class, in the order of src/unknot/draw/style.py, which the page file takes along. */
export function coloursOf(run: Run, n: number): string[] {
  const known = run.header.training?.colours ?? run.header.class_colours;
  return Array.from({ length: n }, (_, i) => known[i % known.length] ?? "#62707c");
}

/** The points that a text asks for; null where the page does not have them. */
export function tableOf(spec: DataSpec, run: Run, { own, dropped }: Sources): Table | null {
  const value = (key: string): number => numberOf(spec, key);
  if (spec.name === "own") return own[value("index")] ?? null;
  if (spec.name === "dropped") return dropped[value("index")] ?? null;
  if (spec.name === "drawn") {
    if (drawnProblem(parseDrawn(spec.points))) return null;
    const points = decodeDrawn(spec.points);
    const colours = coloursOf(run, points.classNames.length);
    return { ...points, title: "Drawn points", labels: points.y, colours, best: null };
  }
  const { title, best, parameters } = generators[spec.name];
  const values = Object.fromEntries(Object.keys(parameters).map((key) => [key, value(key)]));
  const { y, ...points } = generate(spec.name, value("n"), value("seed"), values);
  const colours = coloursOf(run, points.classNames.length);
  return { ...points, title, labels: y, colours, best: best(values) };
}

/** The data that a page file carries: those of its run, and others beside them. */
export function sourcesOf(file: PageFile): Sources {
  const [run] = file.runs;
  const own = run.header.training && !file.playground?.is_empty ? [tableOfRun(run, file.title)] : [];
  return { own: [...own, ...file.datasets.map((header) => tableOfHeader(header, run))], dropped: [] };
}

/** The data of a run as they came with it. */
function tableOfRun(run: Run, title: string): Table {
  const { header } = run;
  const names = Array.from({ length: run.nUnits(0) }, (_, j) => run.unitName(0, j));
  const { targets = null } = header.training!;
  return tableOfHeader({ ...header, title, inputs: header.inputs!, feature_names: names, targets }, run);
}

function tableOfHeader(header: TableHeader, { container }: Run): Table {
  const { buffer, low, high } = header.inputs;
  const values = container.buffer(buffer) as Uint16Array;
  const { data } = dequantise(values, low.length, low, high, rowNumbers(header.n_points));
  return {
    title: header.title,
    x: Float32Array.from(data),
    labels: container.buffer(header.labels!) as Table["labels"],
    featureNames: header.feature_names,
    classNames: header.class_names,
    colours: header.class_colours,
    best: header.best_possible ?? null,
    targets: header.targets ? (container.buffer(header.targets) as Float32Array) : null,
    target: header.target ?? null,
    // Of data beside the run nothing is settled.
    ...(header.held_out !== undefined && {
      held: header.held_out ? Uint8Array.from(container.buffer(header.held_out)) : null,
    }),
  };
}

function rowNumbers(n: number): Uint32Array {
  return Uint32Array.from({ length: n }, (_, i) => i);
}

/** 1 for a row that is held out: the given share of them, drawn by the seed, rounded. */
export function heldOut(spec: DataSpec, table: Table): Uint8Array | null {
  const n = table.labels.length;
  if (spec.values.held === undefined && table.held !== undefined) return table.held;
  const share = numberOf({ ...spec, name: spec.name === "own" ? "dropped" : spec.name }, "held");
  const count = Math.min(Math.round(share * n), n - 2);
  if (count < 1) return null;
  const held = new Uint8Array(n);
  for (const row of shuffled(n, mixed(numberOf(spec, "seed") ^ 0x5f375a86)).subarray(0, count)) held[row] = 1;
  return held;
}
