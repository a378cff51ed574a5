/** The header of a page file: what docs/page_file.md describes. */
import type { Formula } from "../network/activations";

export interface BufferEntry {
  readonly offset: number;
  readonly dtype: "float32" | "float64" | "uint16" | "uint8" | "int32";
  readonly shape: readonly number[];
}

export interface RepresentationHeader {
  readonly name: string;
  readonly n_units: number;
  readonly unit_names: readonly string[] | null;
  /** How many columns are stored. */
  readonly shown_units: number;
  /** Units that the layer has; more than are stored where it is reduced. Older files lack it. */
  readonly whole_units?: number;
  /** What is stored in place of the units, as a phrase. */
  readonly reduced: string | null;
}

/** An end of an interval: a number, one a unit, or null for infinity. */
export type IntervalEnd = number | readonly number[] | null;

export interface ClauseHeader {
  readonly text: string;
  /** Open intervals of a unit's values. */
  readonly where: readonly (readonly [IntervalEnd, IntervalEnd])[];
  /** Whether one unit must have values in each of them; otherwise any value in any. */
  readonly both: boolean;
}

export interface MapHeader {
  readonly kind: "affine" | "activation" | "softmax" | "opaque";
  readonly name: string;
  readonly n_in: number;
  readonly n_out: number;
  /** Whether directions are stored of one of its ends, and not all units. */
  readonly is_reduced?: boolean;
  /** Of an activation. */
  readonly formula?: Formula;
  /** Its parameters that differ between units or checkpoints: they are carried beside the weights. */
  readonly parameters?: readonly string[];
  /** What it does, for people. */
  readonly sentence?: string;
  /** As Python writes it, with its parameters: "leaky_relu(slope=0.2)". Older files have none. */
  readonly text?: string;
  /** The parts of the sentence, each with where it holds; older files have none. */
  readonly clauses?: readonly ClauseHeader[];
  /** What is said where it changes something and no clause holds. */
  readonly otherwise?: string;
}

/** How many numbers of a map are carried. */
export function numbersOf({ kind, n_in, n_out, parameters = [] }: MapHeader): number {
  return kind === "affine" ? (n_in + 1) * n_out : parameters.length * n_out;
}

/** Sixteen-bit values: value = low + (high − low) · q / 65535, column by column. */
export interface Quantised {
  readonly buffer: string;
  readonly low: readonly number[];
  readonly high: readonly number[];
}

export interface History {
  readonly loss: readonly (number | null)[];
  readonly accuracy: readonly (number | null)[];
  readonly validation_loss: readonly (number | null)[];
  readonly validation_accuracy: readonly (number | null)[];
}

export interface Checkpoint {
  readonly step: number;
  readonly epoch: number;
}

export interface Readout {
  readonly variance: number | null;
  readonly probe_full: number | null;
  readonly probe_shown: number | null;
  readonly trustworthiness: number | null;
  readonly continuity: number | null;
}

export interface LatticeHeader {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly rows: number;
  readonly columns: number;
  /** Of a network carried as values: where its lines end, how many are the grid's, and their places. */
  readonly offsets?: string;
  readonly n_grid_lines?: number;
  readonly values?: readonly Quantised[];
}

/** By checkpoint (null: not measured) and representation (null: no meaning there). */
export interface Measures {
  readonly linear_probe?: readonly (readonly (number | null)[] | null)[];
  /** The share of the largest class. */
  readonly chance?: number;
}

/** What the page needs to train the network itself. */
export interface TrainingHeader {
  readonly optimiser: string;
  /** Constant, or where `is_scheduled` the peak of one that rises and falls. */
  readonly rate: number;
  readonly is_scheduled: boolean;
  readonly batch: number;
  readonly decay: number;
  /** Maps at the beginning that are not learnt: the scaling of the features. */
  readonly n_fixed: number;
  /** The numbers to be predicted, one a point; null for classes. */
  readonly targets?: string | null;
  /** Those that a layer can be given. */
  readonly activations?: readonly ActivationHeader[] | null;
  /** Of the classes of other data, one after the other. */
  readonly colours?: readonly string[] | null;
}

export interface ActivationHeader {
  readonly name: string;
  readonly formula: Formula;
  readonly sentence: string;
  readonly text?: string;
}

export interface PlaneHeader {
  readonly axes_2?: string | null;
  readonly axes_3?: string | null;
  /** Names of the axes that are held as they are; left out where the camera may turn them. */
  readonly labels_2?: readonly string[] | null;
  readonly labels_3?: readonly string[] | null;
  /** As the names of its axes begin. */
  readonly name: string;
}

/** Maps of neighbours, which may stand for layers of more units than axes. */
export interface NeighboursHeader {
  readonly n_axes: 2 | 3;
  /** What every picture of them says. */
  readonly meaning: string;
  /** By checkpoint and representation. */
  readonly values: readonly (readonly Quantised[])[];
  readonly trustworthiness: readonly (readonly (number | null)[])[];
}

export interface RunHeader {
  readonly name: string;
  readonly carrier: "weights" | "values";
  /** What `epoch` of a checkpoint counts where it is not epochs. */
  readonly clock?: "epoch" | "step" | null;
  readonly n_points: number;
  readonly class_names: readonly string[];
  readonly feature_names: readonly string[];
  /** What a reader must know of the whole, a sentence each. Older files have none. */
  readonly notes?: readonly string[];
  readonly class_colours: readonly string[];
  readonly labels: string | null;
  readonly representations: readonly RepresentationHeader[];
  readonly maps: readonly MapHeader[];
  /** The classes around the polygon of their corners, and how many of the last representations have them as units. */
  readonly corners?: { readonly order: readonly number[]; readonly n_scores: number } | null;
  /** Buffers (max(n_units, n), n): planes that Python found, by representation. Older files have none. */
  readonly planes?: readonly (PlaneHeader | null)[] | null;
  readonly output: string;
  readonly n_outputs: number;
  /** Of outputs with a sigmoid each: the one that colours the points. Older files have none. */
  readonly colour_unit?: number | null;
  readonly checkpoints: readonly Checkpoint[];
  readonly history: History | null;
  /** By checkpoint; lists are empty where there is nothing to tell. Older files have none. */
  readonly metrics?: History | null;
  /** The accuracy that no classifier can beat. */
  readonly best_possible?: number | null;
  /** Buffer: 1 for a point that was not trained on. */
  readonly held_out?: string | null;
  /** Who the points are; older files have none. */
  readonly identity?: IdentityHeader | null;
  /** Of a run whose weights are carried; others and older files have none. */
  readonly training?: TrainingHeader | null;
  readonly inputs?: Quantised;
  readonly weights?: string;
  readonly lattice: LatticeHeader | null;
  /** Regression: where the colours of the target begin and end. Older files have none. */
  readonly target?: {
    readonly low: number;
    readonly high: number;
    readonly name?: string;
    /** Buffer: the targets, 0 where there is none. */
    readonly values?: string | null;
    /** The unit of the output that is to be it. */
    readonly unit?: number | null;
  } | null;
  readonly measures: Measures;
  readonly neighbours?: NeighboursHeader | null;
  readonly readouts: readonly (Readout | null)[] | null;
  /** Units that were added in the page, by representation: their weights are drawn. */
  readonly fresh?: readonly (readonly number[])[];
  readonly [more: string]: unknown;
}

/** Texts in UTF-8, one behind the other, and where each ends; images on one sheet, tile by tile. */
export interface IdentityHeader {
  readonly columns: readonly { readonly name: string; readonly texts: string; readonly ends: string }[];
  readonly images?: {
    readonly sheet: string;
    readonly type: string;
    readonly width: number;
    readonly height: number;
    readonly across: number;
    /** The tile of each point, −1 for none; null where each has its own in order. */
    readonly tiles?: string | null;
  } | null;
}

/** Of a data set in the page file. */
export interface TableHeader
  extends Pick<
    RunHeader,
    "n_points" | "class_names" | "class_colours" | "feature_names" | "labels" | "held_out" | "best_possible" | "target"
  > {
  readonly title: string;
  readonly inputs: Quantised;
  readonly targets?: string | null;
}

/** What the header says of the values carrier. */
export interface ValuesHeader {
  readonly values: readonly (readonly Quantised[])[];
  readonly affine?: readonly (readonly ({ weight?: string; bias?: string; parameters?: string } | null)[])[] | null;
}
