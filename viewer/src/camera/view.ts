/** View: a network at one moment, a projection and a camera; what Python calls a Scene. */
import { padRows, multiply, type Matrix } from "../math/matrix";
import type { Transition } from "../morph/along_map";
import { evaluate, type Parts } from "../morph/parts";
import type { Moment } from "../network/moment";
import { Camera } from "./camera";
import { ExtentPath, extentOf, type Extent } from "./extent";
import { discriminants, type Discriminants } from "./discriminants";
import { project, type Projection } from "./projection";

export interface ViewOptions {
  readonly nAxes: 2 | 3;
  readonly projection: string;
  /** Implies the projection "units" for layers that have more units than axes. */
  readonly units: readonly number[] | null;
  readonly scale: "animated" | "fixed";
  readonly seed: number;
  readonly tour: number;
}

/** A beat whose picture moves by less than this share of its radius is not seen. */
const UNSEEN = 2e-3;

export class View {
  readonly camera: Camera;
  private readonly projections = new Map<number, Projection>();
  private readonly extents: ExtentPath;
  private fixed: Extent | undefined;

  constructor(
    readonly moment: Moment,
    readonly options: ViewOptions,
  ) {
    this.camera = new Camera(this);
    this.extents = new ExtentPath(this.length, (t) => extentOf(this.sampleSeen(t)));
  }

  get nAxes(): 2 | 3 {
    return this.options.nAxes;
  }

  get length(): number {
    return this.moment.run.length;
  }

  transition(k: number): Transition {
    return this.moment.transition(k);
  }

  sample(k: number): Matrix {
    return this.moment.sample(k);
  }

  projection(k: number): Projection {
    let found = this.projections.get(k);
    if (!found) this.projections.set(k, (found = this.makeProjection(k)));
    return found;
  }

  /** The cloud at `t` as parts. */
  parts(t: number): Parts {
    return this.partsIn(t, this.camera.frame(t));
  }

  /** The cloud at `t` as parts, in another frame with at least as many rows. */
  partsIn(t: number, frame: Matrix): Parts {
    const k = Math.floor(t);
    if (t !== k) {
      const transition = this.transition(k);
      return transition.parts(t - k, padRows(frame, Math.max(frame.rows, transition.width)));
    }
    const matrix = padRows(frame, this.moment.run.nUnits(k));
    return { terms: [{ k, matrix }], offset: new Float64Array(frame.columns) };
  }

  /** The box to show at `t`. */
  extent(t: number): Extent {
    if (this.options.scale === "fixed") return (this.fixed ??= this.extents.common);
    return this.extents.at(t);
  }

  /** Axes along which representation k can have extent: 1 for a logit. */
  nShown(k: number): number {
    return Math.min(this.moment.run.nUnits(k), this.nAxes);
  }

  /** Whether all points lie on the first axis at `t`. */
  isOnALine(t: number): boolean {
    return this.nShown(Math.floor(t)) === 1 && this.nShown(Math.ceil(t)) === 1;
  }

  /** Whether the picture changes during a beat. */
  isSeen(start: number, stop: number): boolean {
    const pictures = [0, 1, 2, 3, 4].map((i) => this.sampleSeen(start + ((stop - start) * i) / 4));
    const first = pictures[0].data;
    const least = UNSEEN * this.extent(start).radius;
    return pictures.slice(1).some((picture) => picture.data.some((x, i) => Math.abs(x - first[i]) > least));
  }

  /** The sampled rows at `t`, (n, n_axes). */
  sampleSeen(t: number): Matrix {
    return evaluate(this.parts(t), (k) => this.sample(k));
  }

  /** Any cloud of representation k as it is shown there. */
  seenAt(k: number, cloud: Matrix): Matrix {
    return multiply(cloud, padRows(this.camera.stop(k), cloud.columns));
  }

  private makeProjection(k: number): Projection {
    const { run } = this.moment;
    const { nAxes, units, projection, seed, tour } = this.options;
    const nUnits = run.nUnits(k);
    const next = k < this.length && run.nUnits(k + 1) === nUnits;
    const needsStatistics = nUnits > nAxes && projection !== "units" && !units;
    const statistics = needsStatistics ? this.moment.statistics(k) : null;
    const after = needsStatistics && next ? this.moment.statistics(k + 1) : null;
    const lda = needsStatistics && projection === "lda" ? this.discriminantsOf(k) : null;
    return project(
      {
        k, nUnits, nAxes, units, seed, tour,
        unitNames: Array.from({ length: Math.min(nUnits, 4_096) }, (_, i) => run.unitName(k, i)),
        covariance: statistics?.covariance ?? { rows: 0, columns: 0, data: new Float64Array() },
        after,
        lda,
      },
      units ? "units" : projection,
    );
  }

  private discriminantsOf(k: number): Discriminants | null {
    const { run } = this.moment;
    const { labels, statisticsRows: rows } = run;
    if (!labels || run.nClasses < 2) return null;
    return discriminants(this.moment.rows(k, rows), Int32Array.from(rows, (row) => labels[row]), this.nAxes);
  }
}
