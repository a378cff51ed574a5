/** A network at step 0 on other points: a run like those of the page file, made in the page. */
import type { Table } from "../datasets/table";
import { areUnequal } from "../network/lattice";
import type { ActivationHeader, MapHeader, Quantised, RunHeader } from "../page_file/header";
import { Run } from "../page_file/page_file";
import { describe, type Frame, type LayerPlan, place, UNMEASURED } from "./editing";
import { shapeOf } from "./live_run";
import { startWeights } from "./session";

/** As src/unknot/training/choices.py: scales that differ so much, means so far from 0, deviations from 1. */
const [UNEQUAL, OFFSET, LEAST, MOST] = [4, 3, 0.2, 5];
/** By how much the box of the lattice is wider than the points, as src/unknot/traces/lattice.py. */
const MARGIN = 0.08;

interface Column {
  readonly mean: number;
  readonly deviation: number;
}

/** A layer as an address has it: "6-relu". */
export function formatPlan(plan: readonly LayerPlan[]): string {
  const hidden = plan.slice(0, -1);
  return hidden.length ? hidden.map((l) => `${l.width}-${l.activation?.name ?? "linear"}`).join(",") : "none";
}

/** Null where a text means nothing; the output layer has one unit until it is known. */
export function parsePlan(text: string, choices: readonly ActivationHeader[]): LayerPlan[] | null {
  const output: LayerPlan = { width: 1, activation: null, from: null };
  if (text === "none") return [output];
  const layers = text.split(",").map((part): LayerPlan | null => {
    const [, width, name] = /^(\d{1,2})-([a-z0-9_]+)$/.exec(part) ?? [];
    const activation = choices.find((each) => each.name === name) ?? null;
    const isKnown = activation !== null || name === "linear";
    return isKnown && Number(width) > 0 ? { width: Number(width), activation, from: null } : null;
  });
  return layers.every((layer) => layer !== null) ? [...layers, output] : null;
}

/** Layers of the plan on the points of the table; `held` says which are held out. */
export function runOfTable(file: Run, table: Table, held: Uint8Array | null, plan: readonly LayerPlan[]): Run {
  const { labels, classNames, featureNames } = table;
  const n = labels.length;
  const isNumber = classNames.length === 0;
  const learnt = (row: number): boolean =>
    !held?.[row] && (isNumber ? labels[row] >= 0 : labels[row] < classNames.length);
  const columns = featureNames.map((_, j) => columnOf(table, j, learnt));
  const isScaled = needsScaling(columns);
  const frame = frameOf(file, table, isScaled);
  const buffers: Record<string, { values: Uint8Array | Uint16Array | Float32Array; shape: number[] }> = {};
  const put = (name: string, values: Uint8Array | Uint16Array | Float32Array, ...shape: number[]): string => {
    buffers[name] = { values, shape };
    return name;
  };
  const header: RunHeader = {
    ...file.header,
    ...describe(frame, [...plan.slice(0, -1), { width: outputsOf(classNames), activation: null, from: null }]),
    output: frame.head?.name ?? "identity",
    n_outputs: outputsOf(classNames),
    n_points: n,
    class_names: classNames,
    class_colours: table.colours,
    feature_names: featureNames,
    notes: [],
    labels: put("labels", labels, n),
    checkpoints: [{ step: 0, epoch: 0 }],
    ...UNMEASURED,
    planes: null,
    best_possible: table.best,
    held_out: held && put("held", held, n),
    identity: null,
    inputs: quantised(table, put),
    weights: "weights",
    lattice: featureNames.length === 2 ? boxOf(table) : null,
    target: table.target ? { ...table.target, values: table.targets ? "targets" : null, unit: 0 } : null,
    fresh: [],
    training: {
      ...file.header.training!,
      n_fixed: isScaled ? 1 : 0,
      targets: table.targets ? put("targets", table.targets, n) : null,
    },
  };
  const run = new Run(header, {
    header: file.container.header,
    buffer: (name) => buffers[name].values,
    shape: (name) => buffers[name].shape,
  });
  const start = startWeights(shapeOf(run)!, "glorot", 1);
  const fixed = isScaled ? scalingOf(columns) : new Float32Array(0);
  const weights = new Float32Array(fixed.length + start.length);
  weights.set(fixed);
  weights.set(start, fixed.length);
  put("weights", weights, 1, weights.length);
  return run;
}

function columnOf({ x, featureNames, labels }: Table, j: number, learnt: (row: number) => boolean): Column {
  const [d, n] = [featureNames.length, labels.length];
  let [count, sum, squares] = [0, 0, 0];
  for (let i = 0; i < n; i++) if (learnt(i)) [count, sum] = [count + 1, sum + x[i * d + j]];
  const mean = sum / Math.max(count, 1);
  for (let i = 0; i < n; i++) if (learnt(i)) squares += (x[i * d + j] - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / Math.max(count, 1)) };
}

const varies = ({ mean, deviation }: Column): boolean => deviation > 1.2e-7 * Math.abs(mean);

/** Whether features are of unequal scale, far from zero, or far from the size of 1. */
export function needsScaling(columns: readonly Column[]): boolean {
  const varying = columns.filter(varies);
  if (!varying.length) return false;
  const deviations = varying.map(({ deviation }) => deviation);
  const [least, most] = [Math.min(...deviations), Math.max(...deviations)];
  return (
    most > UNEQUAL * least ||
    varying.some(({ mean, deviation }) => Math.abs(mean) > OFFSET * deviation) ||
    most < LEAST ||
    most > MOST
  );
}

/** Weight, row by row, and bias of the map that gives each column mean 0 and deviation 1. */
function scalingOf(columns: readonly Column[]): Float32Array {
  const d = columns.length;
  const numbers = new Float32Array((d + 1) * d);
  columns.forEach((column, j) => {
    const scale = 1 / (varies(column) ? column.deviation : 1);
    numbers[j * d + j] = scale;
    numbers[d * d + j] = -column.mean * scale;
  });
  return numbers;
}

type Put = (name: string, values: Uint16Array, ...shape: number[]) => string;

/** As src/unknot/views/page/values.py. */
function quantised({ x, featureNames, labels }: Table, put: Put): Quantised {
  const [d, n] = [featureNames.length, labels.length];
  const low = new Array<number>(d).fill(Infinity);
  const high = new Array<number>(d).fill(-Infinity);
  for (let i = 0; i < n * d; i++) {
    low[i % d] = Math.min(low[i % d], x[i]);
    high[i % d] = Math.max(high[i % d], x[i]);
  }
  const steps = Uint16Array.from(x, (value, i) => {
    const span = high[i % d] - low[i % d] || 1;
    return Math.round((65_535 * (value - low[i % d])) / span);
  });
  return { buffer: put("inputs", steps, n, d), low, high };
}

function boxOf({ x }: Table): NonNullable<RunHeader["lattice"]> {
  const axis = (k: 0 | 1): readonly [number, number] => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = k; i < x.length; i += 2) [low, high] = [Math.min(low, x[i]), Math.max(high, x[i])];
    return [low, high];
  };
  const ends = [axis(0), axis(1)];
  const sides = ends.map(([low, high]) => high - low);
  const longer = Math.max(...sides, 1e-6);
  const margins = sides.map((side) => MARGIN * (areUnequal(sides) ? side : longer));
  return {
    low: ends.map(([low], k) => low - margins[k]),
    high: ends.map(([, high], k) => high + margins[k]),
    rows: 0,
    columns: 0,
  };
}

/** What a classifier of so many classes, or a regression, begins and ends with. */
function frameOf(file: Run, { featureNames, classNames }: Table, isScaled: boolean): Frame {
  const [d, nClasses] = [featureNames.length, classNames.length];
  const nOut = outputsOf(classNames);
  const chances = (nClasses > 2 ? classNames : classNames.slice(1)).map((name) => `P(${name})`);
  const head: MapHeader | null =
    nClasses > 2
      ? { kind: "softmax", name: "softmax", n_in: nOut, n_out: nOut }
      : nClasses
        ? { kind: "activation", ...sigmoidOf(file), parameters: [], n_in: 1, n_out: 1 }
        : null;
  const scaledNames = featureNames.map((name) => `${name}, scaled`);
  return {
    representations: [place("input", d, featureNames), ...(isScaled ? [place("scaled input", d, scaledNames)] : [])],
    maps: isScaled ? [{ kind: "affine", name: "scaling", n_in: d, n_out: d }] : [],
    head,
    ends: head ? [place("logit", nOut), place("probability", nOut, chances)] : [place("output", 1)],
  };
}

/** Units of the output layer. */
export function outputsOf(classNames: readonly string[]): number {
  return classNames.length > 2 ? classNames.length : 1;
}

function sigmoidOf(file: Run): ActivationHeader {
  const known = file.header.training!.activations?.find(({ name }) => name === "sigmoid");
  return known ?? { name: "sigmoid", formula: ["sigmoid", "z"], sentence: "" };
}
