/** The Train tab's own state: a network in training, what was asked of it, and what came of it. */
import type { Run } from "../page_file/page_file";
import type { Name, State } from "../state/controls";
import type { Store } from "../state/store";
import { formatRecipe, parseRecipe } from "./address";
import type { NetworkShape } from "./engine";
import { type Lesson, LiveModel, LiveRun, lessonOf, shapeOf } from "./live_run";
import { optimisers } from "./optimisers";
import type { News } from "./server";
import {
  type Change,
  type Divergence,
  logTo,
  type Settings,
  type Snapshot,
  type Standstill,
  type Start,
  startWeights,
  type WeightEdit,
} from "./session";
import { type Branch, endOf, type Origin, type Pin, Shelf } from "./shelf";
import { Trainer } from "./trainer";

/** What training looks like from outside. */
export interface StudioHost {
  readonly store: Store;
  /** Whether the network, or its data, are not the file's. */
  readonly isEdited: boolean;
  /** Of the viewers before too, whose network was another one. */
  readonly shelf?: Shelf;
  /** Of the data. */
  readonly title: string;
  /** The training that it goes on with. */
  readonly branch?: Branch | undefined;
  /** Something is to be drawn anew. */
  wake(): void;
  /** A change of the camera, on which the picture is led there. */
  turn(change: () => void): void;
}

/** Steps of a frame double after so many milliseconds, where the speed is "doubling". */
const DOUBLING = 600;
/** Milliseconds of a frame that the training may take, at least, and as a share of the frame. */
const LEAST = 12;
const SHARE = 0.35;
const MOST_STEPS = 1e6;
/** Changes of these go to the engine while it trains. */
export const LEARNING: readonly Name[] = ["optimiser", "rate", "batch", "decay", "l1", "l2", "schedule", "until"];

/** The constant rate to begin with: a peak is too high for a whole training. */
export function firstRate(run: Run): number {
  const { rate, is_scheduled } = run.header.training!;
  return is_scheduled ? Number((rate / 5).toPrecision(2)) : rate;
}

/** What the state is at first on a page whose network can be trained. */
export function learningOf(run: Run): Partial<State> {
  const { training } = run.header;
  if (!training || !shapeOf(run)) return {};
  const optimiser = (training.optimiser in optimisers ? training.optimiser : "rmsprop") as State["optimiser"];
  return { optimiser, rate: firstRate(run), batch: training.batch, decay: training.decay };
}

/** The last moment of a run, however many there are. */
export const NOW = 1e6;

export class Studio {
  readonly run: LiveRun;
  readonly model: LiveModel;
  /** Steps of those asked for that are left; Infinity while it trains until it is paused. */
  left = 0;
  divergence: Divergence | null = null;
  /** Why it stopped by itself: at a step that was set, or because the loss no longer fell. */
  stop: { readonly step: number; readonly lowest?: Standstill["lowest"] } | null = null;
  /** Where this training was begun or gone on with. */
  private since = 0;
  /** What it is of, as the address has it. */
  readonly origin: Origin;
  /** Changes by hand: whether one is under way, whether the trainer's answer is awaited, and what it is still to hear. */
  private isEditing = false;
  private isAsked = false;
  private edits: readonly WeightEdit[] | null = null;
  /** Until the class has voted nothing is trained. */
  private hasLock = false;
  /** Rows of which the scores are, of the training and of those held out. */
  scored: readonly [number, number] = [0, 0];
  readonly shelf: Shelf;
  readonly trainer: Trainer;
  readonly nTraining: number;
  readonly nHeldOut: number;
  /** What an address asks for and is still to be done, and the moment that it shows. */
  private script: { changes: Change[]; steps: number; u: number } | null = null;
  private log: readonly Change[] = [];
  /** The seed with which this training began. */
  private begun = 0;
  /** Whether the camera stands still, from the first step to the rest after the last. */
  private isHeld = false;
  private perFrame = 1;
  private doubledAt = 0;
  private lastFrame = 0;
  private frame = 16;
  /** While another training is taken up the settings change, and nothing starts over. */
  private isTaking = false;
  private readonly stopListening: () => void;

  /** Null where the engine cannot run the network, or there is nothing to learn from. */
  static of(run: Run, host: StudioHost): Studio | null {
    const shape = shapeOf(run);
    const lesson = shape && lessonOf(run);
    return shape && lesson && lesson.training.n > 1 ? new Studio(run, shape, lesson, host) : null;
  }

  private constructor(
    run: Run,
    readonly shape: NetworkShape,
    readonly lesson: Lesson,
    private readonly host: StudioHost,
  ) {
    this.nTraining = lesson.training.n;
    this.nHeldOut = lesson.heldOut?.n ?? 0;
    this.shelf = host.shelf ?? new Shelf();
    const { data, network, weights } = host.store.state;
    this.origin = { data, network, weights, title: host.title };
    this.run = new LiveRun(run, shape, this.nTraining, lesson.target);
    this.model = new LiveModel(this.run);
    this.trainer = new Trainer((news) => this.hear(news));
    this.stopListening = host.store.listen((changed, state) => {
      if (LEARNING.some((name) => changed.has(name))) this.trainer.set(this.settings);
      if (this.isTaking) return;
      if (changed.has("start")) this.restart();
      if (changed.has("trained") && state.trained !== this.recipe) this.replay(state.u);
      // A hand on the slider: the training waits.
      if (changed.has("u") && state.u < this.run.lastMoment) this.pause();
      if (changed.has("tab") && state.tab !== "train") this.pause();
    });
    const { u } = host.store.state;
    if (host.branch) this.take(host.branch);
    else if (host.store.state.trained) this.replay(u);
    else this.restart();
  }

  /** The training as the address has it; from weights that it has no room for, nothing. */
  private get recipe(): string {
    const { start, weights } = this.host.store.state;
    return this.host.isEdited && !start && !weights ? "" : formatRecipe(this.log, this.run.snapshots.at(-1)!.step);
  }

  /** Train once more as an address says. */
  private replay(u: number): void {
    const recipe = parseRecipe(this.host.store.state.trained);
    if (recipe) this.host.store.set(stateOf(recipe.changes[0].settings));
    this.restart();
    if (!recipe) return;
    const { changes, steps } = recipe;
    this.script = { changes: changes.slice(1), steps, u };
    this.follow(0);
    if (steps) this.train(steps, true);
    else this.script = null;
  }

  /** Settings that are due at a step of the script. */
  private follow(step: number): void {
    const { script } = this;
    while (script && script.changes[0]?.step === step) {
      const { settings, weights } = script.changes.shift()!;
      if (!weights) this.host.store.set(stateOf(settings));
      else {
        this.run.rewrite(weights);
        this.trainer.edit(weights);
      }
    }
  }

  get isLocked(): boolean {
    return this.hasLock;
  }

  set isLocked(isLocked: boolean) {
    if (isLocked !== this.hasLock) this.host.wake();
    this.hasLock = isLocked;
  }

  get isTraining(): boolean {
    return this.left > 0;
  }

  /** The snapshot that is shown. */
  get shown(): Snapshot {
    return this.run.snapshots[Math.round(Math.min(this.host.store.state.u, this.run.lastMoment))];
  }

  /** How new starts are drawn. */
  get startKind(): Start {
    const { draws } = this.host.store.state;
    if (draws !== "usual") return draws;
    return this.run.source.header.training!.is_scheduled ? "spread" : "glorot";
  }

  /** The file's start, or one that is drawn from its seed. */
  restart(): void {
    const { start } = this.host.store.state;
    const weights = start ? startWeights(this.shape, this.startKind, start) : this.run.filed(0);
    this.leave(0);
    this.run.begin(unscored(weights));
    this.begun = start;
    this.clear(weights);
    this.trainer.score();
    this.host.store.set({ u: NOW });
    this.host.wake();
  }

  /** A trainer at these weights, and nothing of what was before. */
  private clear(start: Float32Array, log?: readonly Change[]): void {
    this.model.holdStill(null);
    this.model.forget();
    this.isHeld = false;
    this.left = 0;
    this.script = null;
    this.log = [];
    this.forgetStop();
    const { shape, settings } = this;
    const { training, heldOut } = this.lesson;
    this.trainer.begin({ shape, training, heldOut, settings, seed: this.begun, start, log });
  }

  toggle(): void {
    if (this.isTraining) this.pause();
    else this.train(Infinity);
  }

  /** So many steps from the snapshot that is shown; not beyond where it is to stop, unless all are wanted. */
  train(steps: number, wantsAll = false): void {
    if (this.isLocked && !wantsAll) return;
    const { store } = this.host;
    const at = Math.round(Math.min(store.state.u, this.run.lastMoment));
    // After a divergence too: from what is shown, if that is what is asked for.
    if (at < this.run.lastMoment || this.divergence) this.goBack(at);
    this.forgetStop();
    this.since = this.step;
    this.hold();
    const { until } = store.state;
    this.left = !wantsAll && until > this.step ? Math.min(steps, until - this.step) : steps;
    this.perFrame = 1;
    this.doubledAt = this.lastFrame = 0;
    store.set({ u: NOW });
    this.host.wake();
    // The first step need not wait for a picture.
    this.tick(performance.now());
  }

  /** The camera stands as it does now. */
  private hold(): void {
    if (!this.isHeld) this.model.holdStill(this.host.store.state);
    this.isHeld = true;
  }

  private forgetStop(): void {
    this.divergence = this.stop = null;
    this.isEditing = this.isAsked = false;
    this.edits = null;
  }

  /**
   * Set a weight of map `k` by hand (`from` null: a bias) at the moment that is shown; the training
   * goes on from there. The camera holds still until `endEdit`.
   */
  edit(k: number, from: number | null, to: number, shown: number): void {
    const { run, host } = this;
    const index = run.indexOf(k, from, to);
    if (index < 0) return;
    const at = Math.round(Math.min(host.store.state.u, run.lastMoment));
    if (at < run.lastMoment || this.isTraining || this.divergence) {
      this.left = 0;
      this.goBack(at);
    }
    this.hold();
    this.stop = null;
    this.isEditing = true;
    const before = run.snapshots.at(-1)!.edits ?? [];
    this.edits = [...before.filter(([i]) => i !== index), [index, run.learntOf(index, shown)]];
    run.rewrite(this.edits);
    this.model.forget();
    host.store.set({ u: NOW });
    host.wake();
    if (!this.isAsked) this.askEdit();
  }

  /** Of several changes while the trainer is busy it hears the last. */
  private askEdit(): void {
    this.trainer.edit(this.edits!);
    this.isAsked = true;
    this.edits = null;
  }

  endEdit(): void {
    if (!this.isEditing) return;
    this.isEditing = false;
    if (!this.isAsked) this.rest();
  }

  /** The last moment with weights changed by hand; −1 where none were. */
  get lastEdit(): number {
    return this.run.snapshots.findLastIndex(({ edits }) => edits);
  }

  /** To the end of the epoch. */
  trainEpoch(): void {
    const batch = Math.min(this.settings.batch, this.nTraining);
    this.train(Math.ceil((this.nTraining - this.shown.row) / batch));
  }

  pause(): void {
    if (!this.isTraining) return;
    this.left = 0;
    // The answer that is under way is the last one.
    if (!this.trainer.isBusy) this.rest();
  }

  /** What came after snapshot `at` is left, and stays to be seen as a pale curve. */
  goBack(at: number): void {
    if (at < this.run.lastMoment) this.leave(at);
    this.forgetStop();
    const snapshot = this.run.cut(at);
    this.trainer.restore(snapshot);
    this.log = logTo(this.log, snapshot);
    this.model.forget();
    this.host.store.set({ u: NOW, trained: this.recipe });
    this.host.wake();
  }

  /** Trainings of these points that were left. */
  get branches(): readonly Branch[] {
    return this.shelf.branches.filter(({ origin }) => origin.data === this.origin.data);
  }

  /** What is in training, to be told from what is pinned beside it. */
  get own(): Pick<Branch, "live" | "settings" | "start" | "origin"> {
    const { run, settings, origin } = this;
    return { live: run, settings, start: this.begun, origin };
  }

  /** The training up to a snapshot; what is not that of another one begins at `from`. */
  private branch(from: number, to = this.run.lastMoment): Branch {
    const { run, settings, origin } = this;
    const snapshots = run.snapshots.slice(0, to + 1);
    const log = logTo(this.log, snapshots[to]);
    const last = log.at(-1)?.settings ?? settings;
    return { live: run, snapshots, from, log, settings: last, start: this.begun, origin };
  }

  /** What came after snapshot `from` stays to be seen, and can be taken up again. */
  leave(from: number): void {
    if (this.run.header.checkpoints.length > 1) this.shelf.leave(this.branch(from));
  }

  /** The network that is shown, at this moment, stays beside the one in training; null where there is no room. */
  pin(): Pin | null {
    const at = Math.round(Math.min(this.host.store.state.u, this.run.lastMoment));
    return this.shelf.pin(this.branch(0, at));
  }

  /** Go on with a training of this network that was left. */
  take(branch: Branch): void {
    const { store } = this.host;
    const { start, snapshots, log } = branch;
    if (this.run.header.checkpoints.length > 1) this.leave(0);
    this.shelf.forget(branch);
    this.isTaking = true;
    store.set({ start, ...stateOf(branch.settings) });
    this.isTaking = false;
    this.begun = start;
    this.run.resume(snapshots);
    this.clear(snapshots[0].weights, log);
    this.trainer.restore(endOf(branch));
    this.log = log;
    store.set({ u: NOW, trained: this.recipe });
    this.host.wake();
  }

  /** The snapshot with the smallest loss: where to go back to from a training that went wrong. */
  get best(): number {
    const losses = this.run.snapshots.map(({ training, heldOut }) => (heldOut ?? training).loss);
    return losses.reduce((best, loss, i) => (loss < losses[best] || Number.isNaN(losses[best]) ? i : best), 0);
  }

  /** Called once a frame, before it is drawn. */
  tick(now: number): void {
    if (!this.isTraining) return;
    if (this.lastFrame) this.frame += 0.2 * (Math.min(now - this.lastFrame, 500) - this.frame);
    this.lastFrame = now;
    if (this.trainer.isBusy) return;
    this.doubledAt ||= now;
    const { pace } = this.host.store.state;
    if (pace === "doubling" && now - this.doubledAt >= DOUBLING) {
      this.perFrame = Math.min(2 * this.perFrame, MOST_STEPS);
      this.doubledAt = now;
    }
    const own = pace === "doubling" ? this.perFrame : pace === "free" ? MOST_STEPS : Number(pace);
    // What an address asks for is no show.
    const steps = this.script ? (this.script.changes[0]?.step ?? this.script.steps) - this.step : own;
    const { patience } = this.host.store.state;
    const watched = patience && !this.script ? { steps: patience, since: this.since } : null;
    this.trainer.advance(Math.min(steps, this.left), Math.max(LEAST, SHARE * this.frame), watched);
  }

  /** Where the training is. */
  private get step(): number {
    return this.run.snapshots.at(-1)!.step;
  }

  end(): void {
    this.left = 0;
    this.stopListening();
    this.trainer.end();
  }

  get settings(): Settings {
    const { optimiser, rate, batch, decay, l1, l2, schedule, until } = this.host.store.state;
    const own = { optimiser, rate, batch, decay, l1, l2 };
    return schedule === "constant" || !until ? own : { ...own, schedule: { kind: schedule, until } };
  }

  private hear({ passed, now, divergence, standstill, scored, log }: News): void {
    const before = this.step;
    this.run.add(passed, now);
    this.isAsked = false;
    // The hand has moved on.
    if (this.edits) {
      this.run.rewrite(this.edits);
      this.askEdit();
    }
    this.model.forget();
    this.scored = scored;
    this.log = log;
    this.follow(now.step);
    if (divergence) {
      this.divergence = divergence;
      this.left = 0;
    }
    if (this.left > 0) {
      this.left = standstill ? 0 : Math.max(this.left - (now.step - before), 0);
      const isDue = !this.left && !this.script && now.step === this.host.store.state.until;
      if (standstill || isDue) this.stop = standstill ?? { step: now.step };
    }
    if (!this.isTraining && this.isHeld && !this.isEditing && !this.isAsked) this.rest();
    if (!this.isTraining) this.host.store.set({ trained: this.recipe });
    this.host.wake();
  }

  /** The camera is aimed anew, and the network scored on all rows. */
  private rest(): void {
    this.left = 0;
    this.isHeld = false;
    this.host.turn(() => this.model.holdStill(null));
    this.trainer.score();
    if (this.script) this.host.store.set({ u: this.script.u });
    this.script = null;
  }
}

/** Settings as the page's state has them. */
function stateOf({ schedule, ...rest }: Settings): Partial<State> {
  return schedule ? { ...rest, schedule: schedule.kind, until: schedule.until } : { ...rest, schedule: "constant" };
}

/** A snapshot before anything is known of it. */
function unscored(weights: Float32Array): Snapshot {
  const nothing = { loss: NaN, accuracy: null };
  const memory = new Float32Array(0);
  return { step: 0, epoch: 0, row: 0, age: 0, weights, memory, optimiser: "", training: nothing, heldOut: null };
}
