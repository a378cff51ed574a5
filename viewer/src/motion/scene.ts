/** Scene: a network at one moment, a projection and a camera, as src/unknot/motion/scene.py has it. */
import type { Matrix } from "../math/matrix";
import type { Moment } from "../network/moment";
import { percent } from "../words";
import { AlongAffine } from "./along_map";
import { type SceneBeat, sceneBeat, UNSEEN } from "./beats";
import { Camera } from "./camera";
import { type Extent, Extents, extentOf, factor, ownScales } from "./extent";
import type { Morph } from "./morph";
import { type Projection, project, type ViewedPlace } from "./projection";
import { evaluate, type Parts } from "./transitions";

export interface SceneOptions {
  readonly nAxes: 2 | 3;
  readonly projection: string;
  /** Implies the projection "units" for layers that have more units than axes. */
  readonly units: readonly number[] | null;
  /** The representations whose units these are; left out: of every one. */
  readonly unitsOf?: readonly number[] | null;
  readonly scale: "animated" | "fixed";
  readonly seed: number;
  readonly tour: number;
}

export class Scene {
  readonly camera: Camera;
  /** Whose clouds are seen: those of the network, or maps of neighbours in their place. */
  readonly seen: Moment;
  private readonly projections = new Map<number, Projection>();
  private readonly extents: Extents;
  private fixed: Extent | undefined;
  private inputScales: readonly number[] | null | undefined;
  private described: readonly SceneBeat[] | undefined;

  constructor(
    readonly moment: Moment,
    readonly options: SceneOptions,
  ) {
    const { projection, units, nAxes } = options;
    const isMapped = projection === "neighbours" && !units && moment.run.header.neighbours?.n_axes === nAxes;
    this.seen = (isMapped && moment.maps) || moment;
    this.camera = new Camera(this);
    this.extents = new Extents(this.length, (t) => this.boxAt(t));
  }

  get nAxes(): 2 | 3 {
    return this.options.nAxes;
  }

  /** The last `t`: the number of maps. */
  get length(): number {
    return this.morph.length;
  }

  get morph(): Morph {
    return this.seen.morph;
  }

  sample(k: number): Matrix {
    return this.seen.sample(k);
  }

  get showsMaps(): boolean {
    return this.seen !== this.moment;
  }

  /** What must be said at `t`, where a map of neighbours is seen; else null. */
  meaning(t: number): string | null {
    const isWide = (k: number): boolean => this.moment.run.nUnits(k) > this.nAxes;
    const isMap = this.showsMaps && (isWide(Math.floor(t)) || isWide(Math.ceil(t)));
    return isMap ? this.moment.run.header.neighbours!.meaning : null;
  }

  projection(k: number): Projection {
    let projection = this.projections.get(k);
    if (!projection) {
      projection = this.makeProjection(k);
      this.projections.set(k, projection);
    }
    return projection;
  }

  /** The cloud at `t` as parts. */
  parts(t: number): Parts {
    return this.morph.at(t, this.camera.frame(t));
  }

  /** The box to show at `t`. */
  extent(t: number): Extent {
    if (this.options.scale === "animated") return this.extents.at(t);
    this.fixed ??= this.extents.common;
    return this.fixed;
  }

  /** Axes along which representation k can have extent: 1 for a logit. */
  nShown(k: number): number {
    return Math.min(this.moment.run.nUnits(k), this.nAxes);
  }

  /** Whether all points lie on the first axis at `t`. */
  isOnALine(t: number): boolean {
    return this.nShown(Math.floor(t)) === 1 && this.nShown(Math.ceil(t)) === 1;
  }

  /** Everything that happens, in order. */
  get beats(): readonly SceneBeat[] {
    this.described ??= this.moment.run.header.maps.flatMap((map, k) => {
      const transition = this.morph.transition(k);
      return transition.beats.map((beat) => sceneBeat(beat, map, transition, this));
    });
    return this.described;
  }

  /** The beat at `t`; at a joint, the one that begins. None in a network without maps. */
  beat(t: number): SceneBeat | undefined {
    return this.beats.find((beat) => t < beat.stop) ?? this.beats.at(-1);
  }

  /** Whether the picture changes during a beat. */
  isSeen(start: number, stop: number): boolean {
    const pictures = [0, 1, 2, 3, 4].map((i) => this.sampleSeen(start + ((stop - start) * i) / 4));
    const first = pictures[0].data;
    const extent = this.extent(start);
    const least = UNSEEN * extent.radius;
    const moves = (x: number, i: number): boolean => Math.abs(x - first[i]) * factor(extent, i % this.nAxes) > least;
    return pictures.slice(1).some((picture) => picture.data.some(moves));
  }

  /** The sampled rows at `t`, (n, n_axes). */
  sampleSeen(t: number): Matrix {
    return evaluate(this.parts(t), (k) => this.sample(k));
  }

  /** What must be said about the way from representation k to the next. */
  transitionNotes(k: number): string[] {
    const meaning = this.meaning(k + 0.5);
    if (meaning) return [meaning];
    const path = this.morph.transition(k);
    if (path instanceof AlongAffine && !path.isReduced) {
      const mirror = path.mirrorNote(this.moment.run.header.maps[k].name);
      return mirror ? [mirror, path.leastStretch] : [path.leastStretch];
    }
    if (path.kind !== "interpolated") return this.reductions(k, k + 1);
    this.camera.stop(k + 1);
    const residual = this.camera.residuals.get(k);
    const turn =
      residual === undefined
        ? []
        : [
            `turning and resizing explain ${percent(1 - residual)} of the change (Procrustes residual ${residual.toFixed(2)})`,
          ];
    return ["interpolated: not the path the network takes", ...turn, ...this.reductions(k, k + 1)];
  }

  /** What is kept of representations, where that is not all. */
  reductions(...places: number[]): string[] {
    return places.flatMap((k) => {
      const { name, reduced } = this.moment.run.header.representations[k];
      return reduced ? [`${name}: ${reduced}`] : [];
    });
  }

  /** An input of two unequal features has a scale an axis, which become one on the way to the next. */
  private boxAt(t: number): Extent {
    const seen = this.sampleSeen(t);
    if (t >= 1) return extentOf(seen);
    if (this.inputScales === undefined) this.inputScales = this.scales();
    return extentOf(seen, this.inputScales, 1 - t ** 2 * (3 - 2 * t));
  }

  private scales(): readonly number[] | null {
    if (this.nAxes !== 2 || this.nShown(0) !== 2 || this.options.scale === "fixed") return null;
    const frame = this.camera.stop(0);
    const isStraight = frame.rows === 2 && [1, 0, 0, 1].every((x, i) => Math.abs(frame.data[i] - x) < 1e-8);
    return isStraight ? ownScales(this.sampleSeen(0)) : null;
  }

  private makeProjection(k: number): Projection {
    const { run } = this.seen;
    const { nAxes, unitsOf, projection, seed, tour } = this.options;
    const units = unitsOf && !unitsOf.includes(k) ? null : this.options.units;
    const nUnits = run.nUnits(k);
    const next = k < this.length && run.nUnits(k + 1) === nUnits;
    const needsStatistics = nUnits > nAxes && projection !== "units" && !units;
    const statistics = needsStatistics ? this.moment.statistics(k) : null;
    const after = needsStatistics && next ? this.moment.statistics(k + 1) : null;
    const wantsClasses = ["auto", "corners", "lda"].includes(projection);
    const order = run.classOrder(k);
    const plane = run.plane(k, nAxes);
    const classes =
      needsStatistics && wantsClasses && !order.length && !(plane && projection === "auto") ? this.classes(k) : null;
    const unitNames = Array.from({ length: Math.min(nUnits, 4_096) }, (_, i) => run.unitName(k, i));
    const covariance = statistics?.covariance ?? { rows: 0, columns: 0, data: new Float64Array() };
    const place = { k, nUnits, nAxes, units, seed, tour, unitNames, covariance, after, classes, order, plane };
    return project(place, units ? "units" : projection);
  }

  private classes(k: number): ViewedPlace["classes"] {
    const { run } = this.moment;
    const { labels, nClasses } = run;
    if (!labels || nClasses < 2) return null;
    const rows = run.discriminantRows;
    return { cloud: this.moment.rows(k, rows), groups: Int32Array.from(rows, (row) => labels[row]) };
  }
}
