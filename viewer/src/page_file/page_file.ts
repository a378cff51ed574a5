/** A page file as runs: what was stored, ready to be read. */
import { type Matrix, matrix } from "../math/matrix";
import type { Statistics } from "../math/statistics";
import { Identity } from "../model/identity";
import { type StoredPlane, spreadRows } from "../motion/projection";
import { type Container, type Numbers, openContainer, PageFileError } from "./container";
import type { RunHeader, TableHeader } from "./header";
import { validateDatasets, validateRun } from "./validation";

export interface PageFile {
  readonly title: string;
  readonly description: string;
  /** How many axes the view has at first. */
  readonly nAxes: 2 | 3;
  readonly runs: readonly Run[];
  /** Of a page that begins with a training: whether its run has no points of its own. */
  readonly playground: { readonly is_empty: boolean } | null;
  /** How it is shown to a class: parts that are left out, and whether it votes first. */
  readonly teaching: { readonly hide: readonly string[]; readonly predict_first: boolean } | null;
  /** Data beside those of the run, for the tab "Train". */
  readonly datasets: readonly TableHeader[];
}

/**
 * The runs of a page file, each checked whole.
 *
 * @throws PageFileError whatever is wrong with it.
 */
export function decode(bytes: ArrayBuffer | Uint8Array): PageFile {
  try {
    return runsOf(openContainer(bytes));
  } catch (error) {
    if (error instanceof PageFileError) throw error;
    // A header nests so deep that reading it overflows the stack, for one.
    throw new PageFileError("The page file's header cannot be read: the file is damaged.");
  }
}

function runsOf(container: Container): PageFile {
  const { header } = container;
  const runs = header.runs;
  if (!Array.isArray(runs) || runs.length === 0) throw new PageFileError("The page file holds no runs.");
  return {
    title: text(header.title),
    description: text(header.description),
    nAxes: header.n_axes === 3 ? 3 : 2,
    runs: runs.map((run: unknown, i) => {
      validateRun(run, container, i);
      return new Run(run as RunHeader, container, i);
    }),
    ...validateDatasets(header, container),
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Points from which boxes and the visibility of beats are worked out. */
const SAMPLE = 2_000;
/** Rows from which directions are computed when none are stored. */
const STATISTICS_ROWS = 50_000;
/** Rows from which discriminants are worked out. */
const LDA_ROWS = 2_000;
/** Rows that are counted into columns where a cloud lies on a line. */
const COLUMN_ROWS = 20_000;

export class Run {
  readonly labels: Numbers | null;
  /** 1 for a point that was not trained on; null where nothing was held out, or nobody knows. */
  readonly heldOut: Numbers | null;
  readonly sampleRows: Uint32Array;
  readonly statisticsRows: Uint32Array;
  readonly columnRows: Uint32Array;
  private someRows: Uint32Array | null = null;
  /** Who the points are, where that is known. */
  readonly identity: Identity | null;
  private mapped: Run | null = null;

  constructor(
    readonly header: RunHeader,
    readonly container: Container,
    /** Of the runs of its page. */
    readonly index = 0,
  ) {
    this.labels = header.labels === null ? null : container.buffer(header.labels);
    this.heldOut = header.held_out ? container.buffer(header.held_out) : null;
    this.identity = Identity.of(header, container);
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

  /** What points are coloured by: the classes, and behind them the points without a label. */
  get groupNames(): readonly string[] {
    const { class_names: names, class_colours: colours } = this.header;
    return names.length && colours.length > names.length ? [...names, "unlabelled"] : names;
  }

  /** Those of some rows whose points have a label. */
  labelled(rows: Uint32Array): Uint32Array {
    const { labels, nClasses } = this;
    return labels ? rows.filter((row) => (nClasses ? labels[row] < nClasses : labels[row] >= 0)) : rows;
  }

  /** Labelled rows from which discriminants are worked out. */
  get discriminantRows(): Uint32Array {
    if (!this.someRows) {
      const labelled = this.labelled(this.statisticsRows);
      this.someRows = spreadRows(labelled.length, LDA_ROWS).map((i) => labelled[i]);
    }
    return this.someRows;
  }

  /** The classes around the polygon of their corners; empty where the units are no classes. */
  classOrder(k: number): readonly number[] {
    const { corners } = this.header;
    if (!corners || k <= this.length - corners.n_scores) return [];
    // Other points in the page may have other classes.
    const isOne = this.nUnits(k) === this.nClasses && corners.order.length === this.nClasses;
    return isOne ? corners.order : [];
  }

  /** The frame that Python found for representation k, and its names; null where there is none. */
  plane(k: number, nAxes: 2 | 3): StoredPlane | null {
    const plane = this.header.planes?.[k];
    const buffer = plane?.[`axes_${nAxes}`];
    if (!buffer) return null;
    const frame = matrix(Math.max(this.nUnits(k), nAxes), nAxes, this.container.buffer(buffer));
    return { frame, name: plane.name, labels: plane[`labels_${nAxes}`] ?? null };
  }

  /** Maps of neighbours in the place of layers, as a run of stored values; null where there are none. */
  get maps(): Run | null {
    const { neighbours: own, representations, maps } = this.header;
    if (!own) return null;
    const units = (k: number): number => Math.min(this.nUnits(k), own.n_axes);
    this.mapped ??= new Run(
      {
        ...this.header,
        carrier: "values",
        values: own.values,
        affine: null,
        neighbours: null,
        identity: null,
        statistics: null,
        lattice: null,
        corners: null,
        planes: null,
        representations: representations.map((r, k) => ({
          ...r,
          n_units: units(k),
          shown_units: units(k),
          unit_names: r.n_units > own.n_axes ? Array<string>(units(k)).fill("") : r.unit_names,
        })),
        maps: maps.map(({ name }, k) => ({ kind: "opaque", name, n_in: units(k), n_out: units(k + 1) })),
      },
      this.container,
      this.index,
    );
    return this.mapped;
  }

  nUnits(k: number): number {
    return this.header.representations[k].n_units;
  }

  /** Units of the layer itself, where fewer numbers are stored. */
  wholeUnits(k: number): number {
    return this.header.representations[k].whole_units ?? this.nUnits(k);
  }

  /** The representations that have the units of representation k: before and after its activation. */
  layerOf(k: number): number[] {
    const { maps } = this.header;
    const keeps = (map: number): boolean => maps[map]?.kind === "activation" || maps[map]?.kind === "softmax";
    if (k > maps.length) return [];
    let [first, last] = [k, k];
    while (first > 0 && keeps(first - 1)) first--;
    while (last < maps.length && keeps(last)) last++;
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  }

  unitName(k: number, unit: number): string {
    const names = this.header.representations[k].unit_names ?? (k === 0 ? this.header.feature_names : null);
    return names?.[unit] ?? `unit ${unit + 1}`;
  }

  /** What is known of the network's answers at moment u, as a sentence; null where it is to be worked out. */
  outcome(_u: number): string | null {
    return null;
  }

  /** Epochs at moment u. */
  epoch(u: number): number {
    const { checkpoints } = this.header;
    const i = Math.min(Math.floor(u), checkpoints.length - 1);
    const next = Math.min(i + 1, checkpoints.length - 1);
    return checkpoints[i].epoch + (checkpoints[next].epoch - checkpoints[i].epoch) * (u - i);
  }
}

interface Entry {
  readonly mean: string;
  readonly covariance: string;
  readonly range?: number;
}

export function storedStatistics(run: Run, checkpoint: number, k: number): Statistics | null {
  const all = run.header.statistics as readonly (readonly (Entry | null)[])[] | null | undefined;
  const entry = all?.[checkpoint]?.[k];
  if (!entry) return null;
  const read = (name: string): Matrix => {
    const [rows, columns] = run.container.shape(name);
    return { rows, columns, data: Float64Array.from(run.container.buffer(name)) };
  };
  const covariance = read(entry.covariance);
  const spread = Math.sqrt(Math.max(...covariance.data, 0));
  return {
    mean: Float64Array.from(run.container.buffer(entry.mean)),
    covariance,
    range: entry.range ?? 8 * spread,
  };
}

/** The listed rows of sixteen-bit values as numbers. */
export function dequantise(
  values: Uint16Array,
  nColumns: number,
  low: readonly number[],
  high: readonly number[],
  rows: ArrayLike<number>,
): { rows: number; columns: number; data: Float64Array } {
  const data = new Float64Array(rows.length * nColumns);
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < nColumns; j++) {
      const q = values[rows[i] * nColumns + j];
      data[i * nColumns + j] = low[j] + ((high[j] - low[j]) * q) / 65535;
    }
  }
  return { rows: rows.length, columns: nColumns, data };
}
