/** A network as it leaves the page and comes back: its layers, and what turns features into them. */
import type { Formula } from "../network/activations";
import type { LiveRun } from "./live_run";
import type { Settings, Snapshot } from "./session";

/** Of the JSON; a reader of an older one refuses a newer. */
export const FORMAT = "unknot-network";
export const VERSION = 1;

export interface FileLayer {
  readonly name: string;
  /** As Python writes it; "linear" where there is none. */
  readonly activation: string;
  readonly formula: Formula | null;
  /** (n_in, n_out), row by row. */
  readonly weight: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

export interface NetworkFile {
  readonly name: string;
  readonly step: number;
  readonly features: readonly string[];
  readonly classes: readonly string[];
  readonly output: "sigmoid" | "softmax" | "linear";
  /** What every feature is multiplied by and what is added then; null where nothing is. */
  readonly scaling: { readonly scale: readonly number[]; readonly shift: readonly number[] } | null;
  readonly layers: readonly FileLayer[];
}

/** The network of a snapshot, its outputs in units of the target. */
export function networkFile(run: LiveRun, snapshot: Snapshot): NetworkFile {
  const { maps, training, name, class_names: classes } = run.header;
  const nFixed = training!.n_fixed;
  const numbers = Array.from(run.displayed(snapshot), short);
  let at = 0;
  const rows = (n: number, width: number): number[][] =>
    Array.from({ length: n }, () => numbers.slice(at, (at += width)));
  const nInputs = run.nUnits(0);
  let scaling: NetworkFile["scaling"] = null;
  if (nFixed) {
    const weight = rows(nInputs, nInputs);
    scaling = { scale: weight.map((row, i) => row[i]), shift: rows(1, nInputs)[0] };
  }
  const layers: FileLayer[] = [];
  const inner = maps.slice(nFixed);
  inner.forEach((map, k) => {
    const isHead = k === inner.length - 1 && map.kind !== "affine";
    if (map.kind === "affine") {
      const weight = rows(map.n_in, map.n_out);
      layers.push({ name: map.name, activation: "linear", formula: null, weight, bias: rows(1, map.n_out)[0] });
    } else if (!isHead) {
      layers.push({ ...layers.pop()!, activation: map.text ?? map.name, formula: map.formula! });
    }
  });
  const last = maps[maps.length - 1];
  const output = last.kind === "affine" ? "linear" : last.kind === "softmax" ? "softmax" : "sigmoid";
  const features = Array.from({ length: nInputs }, (_, j) => run.unitName(0, j));
  return { name, step: snapshot.step, features, classes, output, scaling, layers };
}

/** The shortest decimal that is the same float32. */
export function short(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return Number(value.toPrecision(9));
}

/** JSON that the page opens again. */
export function asJson(file: NetworkFile, settings: Settings, start: number, trained: string): string {
  const head = { format: FORMAT, version: VERSION, ...file, settings, start, trained };
  return `${JSON.stringify(head)}\n`;
}
