/** One run of a scene: what was stored, ready to be read. */
import type { Matrix } from "../math/matrix";
import type { Container, Numbers } from "./container";
import { spreadRows } from "./rows";
import type { History, MapHeader, Quantised, RepresentationHeader } from "./header";

export interface Checkpoint {
  readonly step: number;
  readonly epoch: number;
}

/** Mean and covariance of a cloud, and what else projections need. */
export interface Statistics {
  readonly mean: Float64Array;
  readonly covariance: Matrix;
  /** Largest minus smallest entry of the whole cloud. */
  readonly range: number;
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

export interface RunHeader {
  readonly name: string;
  readonly carrier: "weights" | "values";
  readonly n_points: number;
  readonly class_names: readonly string[];
  readonly feature_names: readonly string[];
  /** What a reader must know of the whole, a sentence each. Older scenes have none. */
  readonly notes?: readonly string[];
  readonly class_colours: readonly string[];
  readonly labels: string | null;
  readonly representations: readonly RepresentationHeader[];
  readonly maps: readonly MapHeader[];
  readonly output: string;
  readonly n_outputs: number;
  readonly checkpoints: readonly Checkpoint[];
  readonly history: History | null;
  readonly inputs?: Quantised;
  readonly weights?: string;
  readonly lattice: LatticeHeader | null;
  /** Regression: where the colours of the target begin and end. Older scenes have none. */
  readonly target?: { readonly low: number; readonly high: number } | null;
  readonly measures: Measures;
  readonly readouts: readonly (Readout | null)[] | null;
  readonly [more: string]: unknown;
}

/** Points from which boxes and the visibility of beats are worked out. */
const SAMPLE = 2_000;
/** Rows from which directions are computed when none are stored. */
const STATISTICS_ROWS = 50_000;
/** Rows that are counted into columns where a cloud lies on a line. */
const COLUMN_ROWS = 20_000;

export class Run {
  readonly labels: Numbers | null;
  readonly sampleRows: Uint32Array;
  readonly statisticsRows: Uint32Array;
  readonly columnRows: Uint32Array;

  constructor(
    readonly header: RunHeader,
    readonly container: Container,
  ) {
    this.labels = header.labels === null ? null : container.buffer(header.labels);
    this.sampleRows = spreadRows(header.n_points, SAMPLE);
    this.statisticsRows = spreadRows(header.n_points, STATISTICS_ROWS);
    this.columnRows = spreadRows(header.n_points, COLUMN_ROWS);
  }

  get nPoints(): number {
    return this.header.n_points;
  }

  /** The last t: the number of maps. */
  get length(): number {
    return this.header.maps.length;
  }

  /** The last u. */
  get lastMoment(): number {
    return this.header.checkpoints.length - 1;
  }

  get nClasses(): number {
    return this.header.class_names.length;
  }

  nUnits(k: number): number {
    return this.header.representations[k].n_units;
  }

  /** Units of the layer itself, where fewer numbers are stored. */
  wholeUnits(k: number): number {
    return this.header.representations[k].whole_units ?? this.nUnits(k);
  }

  unitName(k: number, unit: number): string {
    const names = this.header.representations[k].unit_names ?? (k === 0 ? this.header.feature_names : null);
    return names?.[unit] ?? `unit ${unit}`;
  }

  /** Epochs at moment u. */
  epoch(u: number): number {
    const { checkpoints } = this.header;
    const i = Math.min(Math.floor(u), checkpoints.length - 1);
    const next = Math.min(i + 1, checkpoints.length - 1);
    return checkpoints[i].epoch + (checkpoints[next].epoch - checkpoints[i].epoch) * (u - i);
  }
}
