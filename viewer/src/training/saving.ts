/** The training as a run of Python's: a safetensors file as src/unknot/traces/run_format.py has it. */
import type { ActivationHeader } from "../page_file/header";
import { dequantise, type Run } from "../page_file/page_file";
import { planOf } from "./editing";
import type { LiveRun } from "./live_run";
import type { Settings } from "./session";

/** Of the format; a reader of an older one would refuse a newer. */
const VERSION = 1;
const UNLABELLED = -1;

type Entry = Float32Array | Int32Array | Uint8Array;
type Tensors = Map<string, { readonly shape: readonly number[]; readonly values: Entry }>;

/** What `uk.load` opens: the page's points (to sixteen bits), and the weights of every snapshot. */
export function runFile(title: string, run: LiveRun, settings: Settings, start: number): Uint8Array<ArrayBuffer> {
  const tensors: Tensors = new Map();
  // Of a step at which weights were changed by hand, as it was then.
  const { checkpoints } = run.header;
  const moments = [...checkpoints.keys()].filter((i) => checkpoints[i].step !== checkpoints[i + 1]?.step);
  const header = {
    kind: "run",
    version: VERSION,
    data: dataOf(title, run, tensors),
    model: modelOf(run, moments, tensors),
    checkpoints: moments.map((i) => ({ step: checkpoints[i].step, epoch: checkpoints[i].epoch })),
    history: { loss: [], accuracy: [], validation_loss: [], validation_accuracy: [] },
    settings: settingsOf(run, moments, settings, start),
    interrupted: false,
  };
  // Bytes come last: floats begin at multiples of four.
  if (run.heldOut) tensors.set("data.held_out", { shape: [run.nPoints], values: Uint8Array.from(run.heldOut) });
  return safetensors(tensors, { unknot: JSON.stringify(header) });
}

function dataOf(title: string, run: Run, tensors: Tensors): object {
  const { header, nPoints, labels, nClasses } = run;
  const { buffer, low, high } = header.inputs!;
  const all = Uint32Array.from({ length: nPoints }, (_, i) => i);
  const values = run.container.buffer(buffer) as Uint16Array;
  const { data } = dequantise(values, run.nUnits(0), low, high, all);
  tensors.set("data.x", { shape: [nPoints, run.nUnits(0)], values: Float32Array.from(data) });
  const targets = header.training!.targets;
  const y = targets
    ? Float32Array.from(run.container.buffer(targets), (value, i) => (labels![i] < 0 ? NaN : value))
    : Int32Array.from(labels!, (label) => (label < nClasses ? label : UNLABELLED));
  tensors.set("data.y", { shape: [nPoints], values: y });
  const held = Int32Array.from(all.filter((i) => run.heldOut?.[i] === 1));
  tensors.set("validation_rows", { shape: [held.length], values: held });
  return {
    class_names: header.class_names,
    feature_names: Array.from({ length: run.nUnits(0) }, (_, j) => run.unitName(0, j)),
    name: title,
    parameters: {},
    bayes_accuracy: header.best_possible ?? null,
  };
}

function modelOf(run: LiveRun, moments: readonly number[], tensors: Tensors): object {
  const { maps, training, checkpoints, weights } = run.header;
  const all = run.container.buffer(weights!) as Float32Array;
  const stride = all.length / checkpoints.length;
  const nInputs = run.nUnits(0);
  const isScaled = training!.n_fixed > 0;
  if (isScaled) {
    tensors.set("scaling.weight", { shape: [nInputs, nInputs], values: all.slice(0, nInputs * nInputs) });
    tensors.set("scaling.bias", { shape: [nInputs], values: all.slice(nInputs * nInputs, (nInputs + 1) * nInputs) });
  }
  const learnt = maps.slice(training!.n_fixed).filter(({ kind }) => kind === "affine");
  moments.forEach((moment, i) => {
    let at = moment * stride + (isScaled ? (nInputs + 1) * nInputs : 0);
    learnt.forEach(({ n_in: nIn, n_out: nOut }, j) => {
      const weight = all.slice(at, (at += nIn * nOut));
      tensors.set(`checkpoint.${i}.${j}.weight`, { shape: [nIn, nOut], values: weight });
      tensors.set(`checkpoint.${i}.${j}.bias`, { shape: [nOut], values: all.slice(at, (at += nOut)) });
    });
  });
  const plan = planOf(run);
  const layers = learnt.map(({ name }, j) => ({ name, activation: textOf(plan[j].activation) }));
  const head = maps.at(-1)!;
  const scaling = isScaled ? { kind: "Affine", name: "scaling" } : null;
  return { layers, output: head.kind === "affine" ? "linear" : head.name, scaling };
}

function textOf(activation: ActivationHeader | null): string {
  return activation ? (activation.text ?? activation.name) : "linear";
}

/** The arguments of Python's `fit` that say the same; the last ones, where they were changed on the way. */
function settingsOf(run: LiveRun, moments: readonly number[], settings: Settings, start: number): object {
  const hidden = planOf(run).slice(0, -1);
  let nHeld = 0;
  for (let i = 0; i < run.nPoints; i++) nHeld += run.heldOut?.[i] ?? 0;
  return {
    hidden: hidden.map(({ width }) => width),
    readout: null,
    activation: hidden.map(({ activation }) => textOf(activation)),
    epochs: Math.max(Math.ceil(run.header.checkpoints.at(-1)!.epoch), 1),
    steps: null,
    batch_size: settings.batch,
    optimizer: settings.optimiser,
    learning_rate: settings.rate,
    weight_decay: settings.optimiser === "adamw" ? settings.decay : null,
    l1: settings.l1,
    l2: settings.l2,
    validation: nHeld / Math.max(run.nPoints, 1),
    standardise: run.header.training!.n_fixed > 0,
    seed: start,
    checkpoints: moments.map((i) => run.header.checkpoints[i].step),
  };
}

/** Length, header, numbers: https://github.com/huggingface/safetensors, "Format". */
export function safetensors(tensors: Tensors, metadata: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const listing: Record<string, object> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, values }] of tensors) {
    const dtype = values instanceof Float32Array ? "F32" : values instanceof Int32Array ? "I32" : "U8";
    listing[name] = { dtype, shape, data_offsets: [end, (end += values.byteLength)] };
  }
  let text = JSON.stringify(listing);
  const encoder = new TextEncoder();
  // Numbers begin at a multiple of eight.
  while (encoder.encode(text).length % 8) text += " ";
  const head = encoder.encode(text);
  const bytes = new Uint8Array(8 + head.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  let at = 8 + head.length;
  for (const { values } of tensors.values()) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}
