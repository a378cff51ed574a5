/** The network in training as a run of the viewer: its snapshots are checkpoints of the weights carrier. */
import { RunModel } from "../model/run_model";
import type { Camera } from "../motion/camera";
import { type Extent, extentOf } from "../motion/extent";
import { spreadRows } from "../motion/projection";
import { Scene, type SceneOptions } from "../motion/scene";
import { applyMap } from "../network/forward";
import { type Moment, WeightsMoment } from "../network/moment";
import type { Checkpoint, RunHeader } from "../page_file/header";
import { dequantise, Run } from "../page_file/page_file";
import type { State } from "../state/controls";
import { percent } from "../words";
import { UNMEASURED } from "./editing";
import { type LayerShape, type NetworkShape, parameterCount, type Rows } from "./engine";
import type { Snapshot, WeightEdit } from "./session";

/** Products that directions of the cloud may take at rest, and the rows that they need at least. */
const [STATISTICS, FEWEST_ROWS] = [4e7, 2_000];

/** The network of a run as the engine trains it; null where it cannot. */
export function shapeOf(run: Run): NetworkShape | null {
  const { training, maps, carrier } = run.header;
  if (!training || carrier !== "weights" || !run.labels) return null;
  const learnt = maps.slice(training.n_fixed);
  const output = outputOf(run);
  if (!output || training.n_fixed > 1 || (training.n_fixed && maps[0].kind !== "affine")) return null;
  const inner = output === "linear" ? learnt : learnt.slice(0, -1);
  const layers: LayerShape[] = [];
  for (const [k, map] of inner.entries()) {
    const before = inner[k - 1];
    if (map.kind === "affine") layers.push({ nIn: map.n_in, nOut: map.n_out, formula: null });
    else if (map.kind !== "activation" || before?.kind !== "affine" || map.parameters?.length) return null;
    else layers.push({ ...layers.pop()!, formula: map.formula! });
  }
  return inner.at(-1)?.kind === "affine" ? { layers, output } : null;
}

/** What the last layer's values are; null where the engine has no loss for it. */
function outputOf(run: Run): NetworkShape["output"] | null {
  const { nClasses, header } = run;
  const last = header.maps.at(-1);
  if (!last) return null;
  if (nClasses === 0) return header.training!.targets && last.kind === "affine" && last.n_out === 1 ? "linear" : null;
  if (last.kind === "softmax") return last.n_out === nClasses ? "softmax" : null;
  const isSigmoid = last.kind === "activation" && last.name === "sigmoid" && last.n_out === 1;
  return isSigmoid && nClasses === 2 ? "sigmoid" : null;
}

/** Of a number to be predicted: what is learnt has mean 0 and deviation 1. */
export interface Target {
  readonly mean: number;
  readonly deviation: number;
}

/** What a network in training learns from. */
export interface Lesson {
  readonly training: Rows;
  readonly heldOut: Rows | null;
  readonly target: Target;
}

/** Rows that are learnt from, and those held out; rows without a label are in neither. */
export function lessonOf(run: Run): Lesson {
  const { inputs, training } = run.header;
  const { n_fixed: nFixed, targets } = training!;
  const isHeld = (i: number): boolean => run.heldOut?.[i] === 1;
  const all = run.labelled(Uint32Array.from({ length: run.nPoints }, (_, i) => i));
  const values = run.container.buffer(inputs!.buffer) as Uint16Array;
  const held = all.filter(isHeld);
  const learnt = all.filter((i) => !isHeld(i));
  const y = targets ? run.container.buffer(targets) : run.labels!;
  const target = targets ? targetOf(learnt, y) : { mean: 0, deviation: 1 };
  const take = (rows: Uint32Array): Rows => {
    let cloud: { rows: number; columns: number; data: Float64Array } = dequantise(
      values,
      run.nUnits(0),
      inputs!.low,
      inputs!.high,
      rows,
    );
    if (nFixed) cloud = applyMap(new WeightsMoment(run, 0).map(0), cloud);
    const { rows: n, columns, data } = cloud;
    const x = new Float32Array(n * columns);
    for (let i = 0; i < n; i++) for (let j = 0; j < columns; j++) x[j * n + i] = data[i * columns + j];
    return { x, y: Float32Array.from(rows, (row) => (y[row] - target.mean) / target.deviation), n };
  };
  return { training: take(learnt), heldOut: held.length ? take(held) : null, target };
}

function targetOf(rows: Uint32Array, y: ArrayLike<number>): Target {
  const mean = rows.reduce((sum, row) => sum + y[row], 0) / rows.length;
  const variance = rows.reduce((sum, row) => sum + (y[row] - mean) ** 2, 0) / rows.length;
  return { mean, deviation: Math.sqrt(variance) || 1 };
}

/** The name of the buffer in which the snapshots' weights lie. */
const LIVE = "live";

export class LiveRun extends Run {
  override readonly statisticsRows: Uint32Array;
  private readonly checkpoints: Checkpoint[];
  private readonly kept: Snapshot[] = [];
  private now: Snapshot | null = null;
  /** Numbers of the maps that are not learnt, before those of each snapshot. */
  private readonly fixed: Float32Array;
  private readonly stride: number;
  private weights = new Float32Array(0);

  constructor(
    readonly source: Run,
    readonly shape: NetworkShape,
    private readonly nTraining: number,
    readonly target: Target,
  ) {
    const checkpoints: Checkpoint[] = [];
    const { planes: filed, training } = source.header;
    // Of other weights the planes are others; the input is what it was.
    const planes = filed?.map((plane, k) => (k > training!.n_fixed ? null : plane));
    super({ ...source.header, ...UNMEASURED, planes, checkpoints, weights: LIVE } as RunHeader, {
      header: source.container.header,
      buffer: (name) => (name === LIVE ? this.shown : source.container.buffer(name)),
      shape: (name) => source.container.shape(name),
    });
    this.checkpoints = checkpoints;
    const nLearnt = parameterCount(shape);
    const all = source.container.buffer(source.header.weights!) as Float32Array;
    this.stride = all.length / source.header.checkpoints.length;
    this.fixed = all.slice(0, this.stride - nLearnt);
    const rows = Math.max(Math.round(STATISTICS / nLearnt), FEWEST_ROWS);
    this.statisticsRows = spreadRows(this.nPoints, Math.min(rows, source.statisticsRows.length));
  }

  /** The weights that the engine learns, of checkpoint i of the file. */
  filed(i: number): Float32Array {
    const all = this.source.container.buffer(this.source.header.weights!) as Float32Array;
    const weights = all.slice(i * this.stride + this.fixed.length, (i + 1) * this.stride);
    const { mean, deviation } = this.target;
    return this.rescaled(weights, 1 / deviation, -mean / deviation);
  }

  /** The last layer's outputs times a factor, and shifted; everything else as it is. */
  private rescaled(weights: Float32Array, factor: number, shift: number): Float32Array {
    if (this.shape.output !== "linear") return weights;
    const first = weights.length - this.shape.layers.at(-1)!.nIn - 1;
    return weights.map((w, i) => (i < first ? w : w * factor + (i === weights.length - 1 ? shift : 0)));
  }

  /** All that can be shown; the last is where the training is now. */
  get snapshots(): readonly Snapshot[] {
    const { kept, now } = this;
    return now && now.step > kept[kept.length - 1].step ? [...kept, now] : kept;
  }

  /** A training from here. */
  begin(start: Snapshot): void {
    this.kept.splice(0, Infinity, start);
    this.now = null;
    this.note(0);
  }

  /** A training that was left: all of its snapshots again. */
  resume(snapshots: readonly Snapshot[]): void {
    this.kept.splice(0, Infinity, ...snapshots);
    this.now = null;
    this.note(0);
  }

  /** Snapshots that were passed, and where the training is now. */
  add(passed: readonly Snapshot[], now: Snapshot): void {
    const { kept } = this;
    const first = kept.length - 1;
    kept.push(...passed);
    // At a snapshot's own step it is the same network, scored on more rows where it rests.
    if (now.step === kept[kept.length - 1].step) kept[kept.length - 1] = now;
    this.now = now;
    this.note(first);
  }

  /** Go back to snapshot i: what came after it is forgotten. */
  cut(i: number): Snapshot {
    const snapshot = this.snapshots[i];
    this.kept.splice(0, Infinity, ...this.snapshots.slice(0, i + 1));
    this.now = null;
    this.note(i);
    return snapshot;
  }

  /** The last moment with weights changed by hand; as it was before them it is kept, to go back to. */
  rewrite(edits: readonly WeightEdit[]): void {
    const { kept, snapshots } = this;
    const last = snapshots[snapshots.length - 1];
    const weights = last.weights.slice();
    for (const [i, value] of edits) weights[i] = value;
    this.now = null;
    kept.splice(0, Infinity, ...(last.edits ? snapshots.slice(0, -1) : snapshots), { ...last, weights, edits });
    this.note(Math.max(kept.length - 2, 0));
  }

  /** The number of a weight from unit `from` of map k to unit `to`, of its bias where `from` is null; −1: not learnt. */
  indexOf(k: number, from: number | null, to: number): number {
    const { maps, training } = this.header;
    if (k < training!.n_fixed || maps[k]?.kind !== "affine") return -1;
    const before = maps.slice(training!.n_fixed, k).filter(({ kind }) => kind === "affine");
    const { n_in: nIn, n_out: nOut } = maps[k];
    return before.reduce((sum, map) => sum + (map.n_in + 1) * map.n_out, (from ?? nIn) * nOut + to);
  }

  /** What the engine has for a weight that is shown as a number. */
  learntOf(index: number, shown: number): number {
    const { mean, deviation } = this.target;
    const n = this.stride - this.fixed.length;
    if (this.shape.output !== "linear" || index < n - this.shape.layers.at(-1)!.nIn - 1) return Math.fround(shown);
    return Math.fround((shown - (index === n - 1 ? mean : 0)) / deviation);
  }

  override outcome(u: number): string | null {
    return outcomeOf(this.snapshots[Math.min(Math.round(u), this.lastMoment)]);
  }

  /** What is shown of a snapshot: the maps that are not learnt, and outputs in units of the target. */
  displayed({ weights }: Snapshot): Float32Array {
    const { deviation, mean } = this.target;
    const numbers = new Float32Array(this.stride);
    numbers.set(this.fixed);
    numbers.set(this.rescaled(weights, deviation, mean), this.fixed.length);
    return numbers;
  }

  /** Put the snapshots from number `first` on where the viewer reads them. */
  private note(first: number): void {
    const { snapshots, stride, checkpoints } = this;
    const wanted = snapshots.length * stride;
    if (this.weights.length < wanted) {
      const longer = new Float32Array(2 * wanted);
      longer.set(this.weights);
      this.weights = longer;
    }
    checkpoints.length = first;
    for (let i = first; i < snapshots.length; i++) {
      const { step, epoch, row } = snapshots[i];
      checkpoints.push({ step, epoch: epoch + row / this.nTraining });
      this.weights.set(this.displayed(snapshots[i]), i * stride);
    }
  }

  private get shown(): Float32Array {
    return this.weights.subarray(0, this.snapshots.length * this.stride);
  }
}

/** The shares that are right, as a sentence; null where they are not known. */
export function outcomeOf({ training, heldOut }: Snapshot): string | null {
  if (training.accuracy === null || !Number.isFinite(training.loss)) return null;
  const share = percent(training.accuracy, 1);
  return heldOut
    ? `Right: held out ${percent(heldOut.accuracy!, 1)} (training ${share}).`
    : `Right: training ${share}.`;
}

/** By how much a box is wider than its cloud, as in src/motion/extent.ts. */
const MARGIN = 1.12;

/** A scene whose camera holds still, and how far its boxes had to grow for what came after it. */
class Hold {
  readonly radii = new Map<number, number>();

  constructor(readonly scene: Scene) {}
}

/** A later moment, seen as the held one was; the box only grows, where the cloud leaves it. */
class HeldScene extends Scene {
  override readonly camera: Camera;
  private readonly sized = new Set<number>();

  constructor(
    moment: Moment,
    private readonly hold: Hold,
  ) {
    super(moment, hold.scene.options);
    this.camera = hold.scene.camera;
  }

  override projection(k: number): ReturnType<Scene["projection"]> {
    return this.hold.scene.projection(k);
  }

  override extent(t: number): Extent {
    const { scene, radii } = this.hold;
    const { centre, radius, stretch } = scene.extent(t);
    if (!this.sized.has(t)) {
      const seen = extentOf(this.sampleSeen(t));
      const reach = seen.centre.map((x, axis) => Math.abs(x - centre[axis]) + seen.radius / MARGIN);
      radii.set(t, Math.max(radii.get(t) ?? radius, ...reach));
      this.sized.add(t);
    }
    return { centre, radius: radii.get(t)!, stretch };
  }
}

export class LiveModel extends RunModel {
  private hold: Hold | null = null;
  private known: { moment: Moment; scene: Scene | null; key: string } | null = null;

  constructor(run: LiveRun) {
    super(run, run);
  }

  /** Let the camera stand as it does now, or let each moment have its own again. */
  holdStill(state: State | null): void {
    this.hold = state && new Hold(this.sceneOf(state));
    if (this.known) this.known.scene = null;
  }

  /** The weights of the last snapshot are others now. */
  forget(): void {
    this.known = null;
  }

  override momentOf(state: State): Moment {
    const u = this.u(state);
    if (this.known?.moment.u !== u) this.known = { moment: new WeightsMoment(this.run, u), scene: null, key: "" };
    return this.known!.moment;
  }

  override sceneOf(state: State): Scene {
    const moment = this.momentOf(state);
    const known = this.known!;
    const options: SceneOptions = {
      nAxes: state.view === "3d" ? 3 : 2,
      projection: state.projection,
      units: state.units.length ? state.units : null,
      scale: state.scale,
      seed: state.seed,
      tour: state.tour,
    };
    const key = JSON.stringify(options);
    if (known.scene && known.key === key) return known.scene;
    // Another view was asked for: the camera goes there, and holds still again.
    if (this.hold && JSON.stringify(this.hold.scene.options) !== key) this.hold = new Hold(new Scene(moment, options));
    known.scene = this.hold ? new HeldScene(moment, this.hold) : new Scene(moment, options);
    known.key = key;
    return known.scene;
  }
}
