/** A network from a file: a run of Python's or of this page (.safetensors), or the page's own JSON. */
import type { Run } from "../page_file/page_file";
import { fit, grouped } from "../words";
import { networkOf } from "./editing";
import type { LayerShape, NetworkShape } from "./engine";
import { type FileLayer, FORMAT, type NetworkFile, VERSION } from "./network_file";

/** Bytes of a file that is read at most. */
export const MOST_BYTES = 200e6;
/** Versions of runs that are read. */
const RUN_VERSION = 2;

class FileError extends Error {}

const refuse = (text: string): never => {
  throw new FileError(text);
};

/** The run's points with the network of a file; a sentence where that cannot be. */
export function openNetwork(run: Run, bytes: ArrayBuffer): Run | string {
  try {
    return fitted(run, readNetwork(bytes));
  } catch (error) {
    if (error instanceof FileError) return error.message;
    return "This file is damaged: what it holds cannot be read. Save it again.";
  }
}

/** What a file holds. @throws FileError */
function readNetwork(bytes: ArrayBuffer): NetworkFile {
  if (bytes.byteLength < 2) refuse("This file is empty.");
  const first = new Uint8Array(bytes, 0, Math.min(bytes.byteLength, 64));
  const isText = String.fromCharCode(...first)
    .trimStart()
    .startsWith("{");
  return isText ? fromJson(new TextDecoder().decode(bytes)) : fromSafetensors(bytes);
}

function fromJson(text: string): NetworkFile {
  let held: Partial<NetworkFile> & { readonly format?: unknown; readonly version?: unknown };
  try {
    held = JSON.parse(text);
  } catch {
    return refuse("This JSON is damaged: it ends too early, or was changed by hand. Save it again.");
  }
  if (held.format !== FORMAT) refuse("This JSON is no network of this page: it has another format.");
  checkVersion(held.version, VERSION);
  return held as NetworkFile;
}

function checkVersion(version: unknown, most: number): void {
  if (typeof version === "number" && Number.isInteger(version) && version >= 1 && version <= most) return;
  refuse(
    `This file has version ${fit(String(version), 20)}; this page reads up to ${most}. Make the page with a newer unknot.`,
  );
}

interface Tensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** https://github.com/huggingface/safetensors, "Format". */
function fromSafetensors(bytes: ArrayBuffer): NetworkFile {
  const view = new DataView(bytes);
  const length = bytes.byteLength >= 8 ? Number(view.getBigUint64(0, true)) : Infinity;
  if (length > bytes.byteLength - 8) {
    refuse(
      "This is neither a run that unknot saved (.safetensors) nor a JSON of this page, or it was cut off. A CSV is opened under Data.",
    );
  }
  const listing = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length)));
  const known = listing?.__metadata__?.unknot;
  if (typeof known !== "string") refuse("This file was not written by unknot: it holds no run.");
  const header = JSON.parse(known);
  if (header.kind !== "run") refuse(`This file holds a ${fit(String(header.kind), 20)}; a network is in a run.`);
  checkVersion(header.version, RUN_VERSION);
  if (!header.model)
    refuse("This run was recorded and holds no weights: only unknot's own networks can be trained here.");
  const read = (name: string): Tensor => tensor(bytes, 8 + length, listing[name], name);
  const last = header.checkpoints.length - 1;
  const layers = header.model.layers.map(({ name, activation }: FileLayer, j: number): FileLayer => {
    const weight = read(`checkpoint.${last}.${j}.weight`);
    const [nIn, nOut] = weight.shape;
    const rows = Array.from({ length: nIn }, (_, i) => weight.values.slice(i * nOut, (i + 1) * nOut));
    return { name, activation, formula: null, weight: rows, bias: read(`checkpoint.${last}.${j}.bias`).values };
  });
  const { class_names: classes, feature_names: features, name } = header.data;
  return {
    name,
    step: header.checkpoints[last].step,
    features,
    classes,
    output: header.model.output,
    scaling: header.model.scaling ? scalingOf(read("scaling.weight"), read("scaling.bias")) : null,
    layers,
  };
}

function scalingOf({ shape, values }: Tensor, shift: Tensor): NetworkFile["scaling"] {
  const n = shape[0];
  return { scale: shape.length === 1 ? values : shift.values.map((_, i) => values[i * n + i]), shift: shift.values };
}

const KINDS = { F32: Float32Array, F64: Float64Array } as const;

function tensor(
  bytes: ArrayBuffer,
  base: number,
  entry: { readonly dtype: keyof typeof KINDS; readonly shape: number[]; readonly data_offsets: number[] } | undefined,
  name: string,
): Tensor {
  if (!entry) return refuse(`This run is damaged: it lacks ${fit(name, 40)}.`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const kind = KINDS[dtype];
  if (!kind) return refuse(`This run is damaged: ${fit(name, 40)} has numbers of another kind.`);
  const count = shape.reduce((product, n) => product * n, 1);
  const isWhole = (offsets[1] - offsets[0]) / kind.BYTES_PER_ELEMENT === count && base + offsets[1] <= bytes.byteLength;
  if (!isWhole) return refuse("This run was cut off: it lacks numbers. Save it again.");
  return { shape, values: Array.from(new kind(bytes.slice(base + offsets[0], base + offsets[1]))) };
}

/** The network with the run's own scaling in place of the file's. */
function fitted(run: Run, { layers, classes, features, output, scaling }: NetworkFile): Run | string {
  const nInputs = run.nUnits(0);
  if (features.length !== nInputs) {
    return `This network takes ${grouped(features.length)} feature${features.length === 1 ? "" : "s"}; these points have ${grouped(nInputs)}.`;
  }
  if (classes.length !== run.nClasses) {
    const told = (n: number): string => (n ? `${grouped(n)} classes` : "no classes");
    return `This network tells ${told(classes.length)}; these points have ${told(run.nClasses)}.`;
  }
  const last = run.header.maps.at(-1)!;
  const own = last.kind === "affine" ? "linear" : last.kind === "softmax" ? "softmax" : "sigmoid";
  if (output !== own) return `This network ends in ${fit(output, 20)}; the page's ends in ${own}.`;
  const shape = shapeOf(run, layers, output);
  const rows = layers.map(({ weight }) => weight.map((row) => [...row]));
  const bias = [...layers[0].bias];
  rescale(run, scaling, rows[0], bias);
  const numbers = rows.flatMap((weight, l) => [...weight.flat(), ...(l ? layers[l].bias : bias)]);
  if (!numbers.every(Number.isFinite)) return "This file is damaged: a weight is no finite number.";
  return networkOf(run, shape, Float32Array.from(numbers));
}

function shapeOf(run: Run, layers: readonly FileLayer[], output: NetworkShape["output"]): NetworkShape {
  const { training, maps } = run.header;
  const choices = [...(training!.activations ?? []), ...maps.filter(({ formula }) => formula)];
  let nIn = run.nUnits(0);
  const shapes = layers.map(({ activation, weight, bias }, l): LayerShape => {
    const isWhole = weight.length === nIn && weight.every((row) => row.length === bias.length) && bias.length > 0;
    if (!isWhole) refuse(`This file is damaged: layer ${l + 1} does not fit the one before it.`);
    // As 32-bit numbers, which is what the page computes with.
    if (![...weight.flat(), ...bias].every((w) => typeof w === "number" && Number.isFinite(Math.fround(w)))) {
      refuse(`This file is damaged: a weight of layer ${l + 1} is no finite number.`);
    }
    const known = choices.find(({ name, text }) => activation === text || activation === name);
    if (!known && activation !== "linear" && l < layers.length - 1) {
      refuse(`This page does not know the activation ${fit(activation, 40)}.`);
    }
    nIn = bias.length;
    const isBent = l < layers.length - 1 && activation !== "linear";
    return { nIn: weight.length, nOut: bias.length, formula: isBent ? known!.formula! : null };
  });
  const want = output === "softmax" ? run.nClasses : 1;
  if (nIn !== want) refuse(`This file is damaged: the last layer has ${grouped(nIn)} units in place of ${want}.`);
  return { layers: shapes, output };
}

/** The first layer for features that are scaled as the page's are, and no longer as the file's. */
function rescale(run: Run, scaling: NetworkFile["scaling"], weight: number[][], bias: number[]): void {
  const n = run.nUnits(0);
  const numbers = run.container.buffer(run.header.weights!);
  const isScaled = run.header.training!.n_fixed > 0;
  for (let i = 0; i < n; i++) {
    const own = isScaled ? numbers[i * n + i] : 1;
    const ownShift = isScaled ? numbers[n * n + i] : 0;
    const share = (scaling?.scale[i] ?? 1) / own;
    const moved = (scaling?.shift[i] ?? 0) - ownShift * share;
    for (let j = 0; j < bias.length; j++) {
      bias[j] += moved * weight[i][j];
      weight[i][j] *= share;
    }
  }
}
