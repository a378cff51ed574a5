/** Another network on the same points: layers and units added and taken away, what survives kept. */
import { random } from "../math/random";
import type { ActivationHeader, MapHeader, RepresentationHeader, RunHeader } from "../page_file/header";
import { Run } from "../page_file/page_file";
import type { NetworkShape } from "./engine";

/** What a file says of the weights in it, and of no others. */
export const UNMEASURED = {
  history: null,
  metrics: null,
  statistics: null,
  measures: {},
  readouts: null,
  neighbours: null,
};

/** A layer that is learnt; the last one gives the output. */
export interface LayerPlan {
  readonly width: number;
  /** Null where it is linear. */
  readonly activation: ActivationHeader | null;
  /** The layer of the network before whose weights it keeps; null where it is new. */
  readonly from: number | null;
}

/** Multiplications a point that the page can do for every picture, and the most layers and units. */
export const MOST_PRODUCTS = 20_000;
export const MOST_LAYERS = 20;
export const MOST_UNITS = 64;

/** The layers of a run as a plan that changes nothing. */
export function planOf(run: Run): LayerPlan[] {
  const { maps, training } = run.header;
  const layers: LayerPlan[] = [];
  for (const map of maps.slice(training!.n_fixed)) {
    if (map.kind === "affine") layers.push({ width: map.n_out, activation: null, from: layers.length });
    else if (map.kind === "activation" && map !== headOf(run)) {
      const { name, formula, sentence = "", text = name } = map;
      layers.push({ ...layers.pop()!, activation: { name, formula: formula!, sentence, text } });
    }
  }
  return layers;
}

/** The function behind the last layer; a regression has none. */
function headOf(run: Run): MapHeader | null {
  const last = run.header.maps.at(-1)!;
  return last.kind === "affine" ? null : last;
}

/** What is wrong with a plan, as a sentence; null where the page can run it. */
export function problemOf(run: Run, plan: readonly LayerPlan[]): string | null {
  return planProblem(run.nUnits(run.header.training!.n_fixed), plan);
}

/** The same of a network with so many inputs. */
export function planProblem(nInputs: number, plan: readonly LayerPlan[]): string | null {
  const hidden = plan.slice(0, -1);
  if (hidden.length > MOST_LAYERS) return `The page trains up to ${MOST_LAYERS} hidden layers.`;
  if (hidden.some(({ width }) => width < 1)) return "A layer has at least one unit.";
  if (hidden.some(({ width }) => width > MOST_UNITS)) return `Here a layer has up to ${MOST_UNITS} units.`;
  const inputs = [nInputs, ...plan.map(({ width }) => width)];
  const products = plan.reduce((sum, { width }, l) => sum + inputs[l] * width, 0);
  return products > MOST_PRODUCTS ? "This network is too large to be run for every picture." : null;
}

/**
 * A run of the planned network at step 0, on the points of the run. Weights between units whose
 * numbers both networks have stay; others are drawn from the seed (Glorot), new biases are 0.
 *
 * `at` is the checkpoint from which the weights are.
 */
export function edited(run: Run, at: number, plan: readonly LayerPlan[], seed: number): Run {
  const { header } = run;
  const nFixed = header.training!.n_fixed;
  const before = planOf(run);
  const nInputs = run.nUnits(nFixed);
  const all = run.container.buffer(header.weights!) as Float32Array;
  const stride = all.length / header.checkpoints.length;
  const [starts, nLearnt] = offsets(nInputs, before);
  const weights = all.slice((at + 1) * stride - nLearnt, (at + 1) * stride);
  const parts = [all.slice(at * stride, (at + 1) * stride - nLearnt)];
  const fresh: number[][] = Array.from({ length: nFixed + 1 }, () => []);
  const draw = random(seed);
  plan.forEach(({ width, activation, from }, l) => {
    const nIn = l ? plan[l - 1].width : nInputs;
    const old = from === null ? 0 : before[from].width;
    const oldIn = from === null ? 0 : from ? before[from - 1].width : nInputs;
    const start = from === null ? 0 : starts[from];
    const limit = Math.sqrt(6 / (nIn + width));
    const made = new Float32Array((nIn + 1) * width);
    for (let i = 0; i < nIn; i++) {
      for (let j = 0; j < width; j++) {
        const drawn = limit * (2 * draw() - 1);
        made[i * width + j] = i < oldIn && j < old ? weights[start + i * old + j] : drawn;
      }
    }
    for (let j = 0; j < Math.min(width, old); j++) made[nIn * width + j] = weights[start + oldIn * old + j];
    parts.push(made);
    const added = Array.from({ length: Math.max(width - old, 0) }, (_, j) => old + j);
    fresh.push(added);
    if (activation) fresh.push(added);
  });
  return withNetwork(run, plan, joined(parts), fresh);
}

/** The run's points with another network at step 0. */
function withNetwork(run: Run, plan: readonly LayerPlan[], numbers: Float32Array, fresh: readonly number[][]): Run {
  const name = "edited";
  const next: RunHeader = {
    ...run.header,
    ...describe(frameOf(run), plan),
    notes: [],
    ...UNMEASURED,
    planes: null,
    checkpoints: [{ step: 0, epoch: 0 }],
    weights: name,
    fresh,
  };
  return new Run(next, {
    header: run.container.header,
    buffer: (wanted) => (wanted === name ? numbers : run.container.buffer(wanted)),
    shape: (wanted) => run.container.shape(wanted),
  });
}

/**
 * A run of a network whose weights are known, as the engine has them, at step 0 and on the run's
 * points; a sentence where it does not fit them.
 */
export function networkOf(run: Run, { layers }: NetworkShape, weights: Float32Array): Run | string {
  const { header } = run;
  const choices = header.training!.activations ?? [];
  const plan = layers.map(({ nOut, formula }, l): LayerPlan => {
    const known = choices.find((each) => JSON.stringify(each.formula) === JSON.stringify(formula));
    const own = planOf(run).find(({ activation }) => JSON.stringify(activation?.formula) === JSON.stringify(formula));
    const activation = formula ? (known ?? own?.activation ?? null) : null;
    return { width: nOut, activation, from: l };
  });
  const problem = problemOf(run, plan);
  if (problem) return problem;
  const nFixed = header.training!.n_fixed;
  const all = run.container.buffer(header.weights!) as Float32Array;
  const nLearnt = offsets(run.nUnits(nFixed), planOf(run))[1];
  const stride = all.length / header.checkpoints.length;
  return withNetwork(run, plan, joined([all.slice(0, stride - nLearnt), weights]), []);
}

/** Where each layer's numbers begin, and how many there are in all. */
function offsets(nInputs: number, plan: readonly LayerPlan[]): [number[], number] {
  let [at, nIn] = [0, nInputs];
  const starts = plan.map(({ width }) => {
    const start = at;
    at += (nIn + 1) * width;
    nIn = width;
    return start;
  });
  return [starts, at];
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** What stands before and behind the layers that are learnt. */
export interface Frame {
  /** The input, and what it is after the maps that are not learnt. */
  readonly representations: readonly RepresentationHeader[];
  readonly maps: readonly MapHeader[];
  /** The function behind the last layer; a regression has none. */
  readonly head: MapHeader | null;
  /** What the last layer gives, and what the head makes of it. */
  readonly ends: readonly RepresentationHeader[];
}

function frameOf(run: Run): Frame {
  const { representations, maps, training } = run.header;
  const nFixed = training!.n_fixed;
  const head = headOf(run);
  return {
    representations: representations.slice(0, nFixed + 1),
    maps: maps.slice(0, nFixed),
    head,
    ends: representations.slice(head ? -2 : -1),
  };
}

/** The planned network, with the names that Python gives to what is in it. */
export function describe(
  { representations: before, maps: fixed, head, ends }: Frame,
  plan: readonly LayerPlan[],
): Pick<RunHeader, "name" | "representations" | "maps"> {
  const representations = [...before];
  const maps = [...fixed];
  const words = [`${before[0].n_units}${fixed.length ? " scaled" : ""}`];
  let nIn = before[before.length - 1].n_units;
  let number = 0;
  plan.forEach(({ width, activation }, l) => {
    const isLast = l === plan.length - 1;
    const name = isLast
      ? "output"
      : activation
        ? `hidden ${++number}`
        : l === plan.length - 2
          ? "readout"
          : `linear ${l + 1}`;
    maps.push({ kind: "affine", name, n_in: nIn, n_out: width });
    if (isLast) representations.push(ends[0]);
    else representations.push(place(activation ? `${name} pre-activation` : name, width));
    if (activation && !isLast) {
      maps.push({ kind: "activation", ...activation, parameters: [], n_in: width, n_out: width });
      representations.push(place(name, width));
    }
    words.push(`${width} ${isLast ? (head?.name ?? "linear") : (activation?.name ?? "linear")}`);
    nIn = width;
  });
  if (head) {
    maps.push(head);
    representations.push(ends[1]);
  }
  // As "2 → 6 relu → 2 linear → 1 sigmoid".
  const name = (words.length > 8 ? [...words.slice(0, 4), "…", ...words.slice(-3)] : words).join(" → ");
  return { name, representations, maps };
}

export function place(name: string, units: number, names: readonly string[] | null = null): RepresentationHeader {
  return { name, n_units: units, unit_names: names, shown_units: units, whole_units: units, reduced: null };
}
