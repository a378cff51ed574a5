/** A training at one moment: rows, weights, the optimiser's memory, and where in the epoch it is. */
import { random, shuffled } from "../math/random";
import { Engine, type NetworkShape, parameterCount, type Rows, type Score } from "./engine";
import { type Learning, optimisers } from "./optimisers";
import { factorAt, type Schedule } from "./schedule";

export interface Settings extends Learning {
  readonly batch: number;
  /** How the rate falls; left out, it is constant. */
  readonly schedule?: Schedule | undefined;
}

/** What a training starts from; it can be sent to a worker. */
export interface Task {
  readonly shape: NetworkShape;
  readonly training: Rows;
  readonly heldOut: Rows | null;
  readonly settings: Settings;
  /** Of the order of the rows. */
  readonly seed: number;
  readonly start: Float32Array;
  /** What brought it where it is, where it goes on from a snapshot. */
  readonly log?: readonly Change[] | undefined;
  /** Nothing but the end is asked for: no snapshot on the way. */
  readonly isQuiet?: boolean;
}

export interface Place {
  readonly step: number;
  /** Epochs that are over, and rows of this one that were seen. */
  readonly epoch: number;
  readonly row: number;
  /** Updates since the optimiser's memory was empty. */
  readonly age: number;
  /** Weights that a hand has changed at this step. */
  readonly edits?: readonly WeightEdit[] | undefined;
}

/** The number of a weight, and what it is now. */
export type WeightEdit = readonly [index: number, value: number];

/** Everything that is needed to go on from here, number for number. */
export interface Snapshot extends Place {
  readonly weights: Float32Array;
  readonly memory: Float32Array;
  readonly optimiser: string;
  readonly training: Score;
  readonly heldOut: Score | null;
}

export interface Divergence {
  readonly step: number;
  readonly rate: number;
  /** Of the training rows; null where a weight is no longer a finite number. */
  readonly loss: number | null;
}

/** Settings from a step on, and weights that a hand has changed there. */
export interface Change {
  readonly step: number;
  readonly settings: Settings;
  readonly weights?: readonly WeightEdit[] | undefined;
}

/** A training is over where the loss has not fallen for so many steps since its lowest, or since it was begun. */
export interface Patience {
  readonly steps: number;
  readonly since: number;
}

export interface Standstill {
  readonly step: number;
  readonly lowest: Lowest;
}

/** The lowest loss of what is held out or, where nothing is, of the training. */
interface Lowest {
  readonly step: number;
  readonly loss: number;
}

export type Start = "glorot" | "spread";

/** Snapshots of the first steps, one each, and then of a doubling of the steps. */
const PER_DOUBLING = 16;
/** All steps after which a snapshot is taken: up to some 250 million. */
export const SNAPSHOT_STEPS: readonly number[] = [
  ...new Set(
    Array.from({ length: 392 }, (_, i) =>
      i < PER_DOUBLING ? i : Math.round(PER_DOUBLING * 2 ** (i / PER_DOUBLING - 1)),
    ),
  ),
];

/** Products that an evaluation of one moment may take, and the rows that it has at least and at most. */
const EVALUATION = 4e6;
const [FEWEST, MOST] = [500, 10_000];
/** A loss so many times that of the start, or of where it went on from, is a divergence. */
const RISE = 10;
/** Steps between two looks at the clock. */
const LOOK = 8;

/**
 * Weights before training. Of each layer the weights row by row, then the biases, are drawn from
 * `random(seed)`: "glorot" (Glorot and Bengio 2010) uniform in ±√(6 / (n_in + n_out)) with biases 0;
 * "spread" uniform in ±√(6 / n_in), the last layer ±√(3 / n_in), with hidden biases in ±1.
 */
export function startWeights(shape: NetworkShape, start: Start, seed: number): Float32Array {
  const draw = random(seed);
  const weights = new Float32Array(parameterCount(shape));
  let at = 0;
  shape.layers.forEach(({ nIn, nOut }, l) => {
    const isLast = l === shape.layers.length - 1;
    const limit = Math.sqrt(start === "glorot" ? 6 / (nIn + nOut) : (isLast ? 3 : 6) / nIn);
    for (let i = 0; i < nIn * nOut; i++) weights[at++] = limit * (2 * draw() - 1);
    for (let j = 0; j < nOut; j++) weights[at++] = start === "spread" && !isLast ? 2 * draw() - 1 : 0;
  });
  return weights;
}

/** The order of the rows in an epoch. */
export function epochOrder(nRows: number, seed: number, epoch: number): Uint32Array {
  return shuffled(nRows, (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(epoch + 1, 0x85ebca6b)) >>> 0);
}

/** The changes that led to a snapshot. */
export function logTo(log: readonly Change[], { step, edits }: Place): Change[] {
  return log.filter((change) => change.step < step || (change.step === step && (!change.weights || edits)));
}

export class Session {
  /** Where it went wrong; with numbers that are none the session is at the snapshot before. */
  divergence: Divergence | null = null;
  standstill: Standstill | null = null;
  /** All settings that brought it here, in order: with them a start gives the same numbers again. */
  readonly log: Change[] = [];
  private engine: Engine;
  private place: Place = { step: 0, epoch: 0, row: 0, age: 0 };
  private settings: Settings;
  private memory: Float32Array;
  private order: Uint32Array;
  private last: Snapshot;
  private readonly first: Snapshot;
  private readonly stride: number;
  /** A larger loss is a divergence. */
  private most: number;
  private lowest: Lowest;

  constructor(private readonly task: Task) {
    this.settings = task.settings;
    if (task.log?.length) this.log.push(...task.log);
    else this.note();
    this.engine = new Engine(task.shape, this.batch);
    this.engine.parameters.set(task.start);
    this.memory = this.emptyMemory();
    this.order = epochOrder(task.training.n, task.seed, 0);
    const products = parameterCount(task.shape);
    const rows = Math.min(Math.max(EVALUATION / products, FEWEST), MOST);
    this.stride = Math.max(Math.ceil(task.training.n / rows), 1);
    this.first = this.last = this.snapshot();
    this.most = RISE * this.first.training.loss;
    this.lowest = lowestOf(this.first);
  }

  get step(): number {
    return this.place.step;
  }

  /** Rows of which each score is worked out: of the training, of those held out. */
  scored(stride = this.stride): [number, number] {
    const { training, heldOut } = this.task;
    return [Math.ceil(training.n / stride), Math.ceil((heldOut?.n ?? 0) / stride)];
  }

  /** Live: weights, memory and place stay; another optimiser begins with an empty memory. */
  set(settings: Settings): void {
    const isOther = settings.optimiser !== this.settings.optimiser;
    this.settings = settings;
    this.note();
    if (this.batch > this.engine.room) {
      const { parameters } = this.engine;
      this.engine = new Engine(this.task.shape, this.batch);
      this.engine.parameters.set(parameters);
    }
    if (!isOther) return;
    this.memory = this.emptyMemory();
    this.place = { ...this.place, age: 0 };
  }

  /** Other weights, by hand: all that are changed at this step. */
  edit(edits: readonly WeightEdit[]): void {
    for (const [i, value] of edits) this.engine.parameters[i] = value;
    this.place = { ...this.place, edits };
    const { step } = this.place;
    const before = this.log.at(-1);
    if (before?.weights && before.step === step) this.log.pop();
    this.log.push({ step, settings: this.settings, weights: edits });
    this.goOnFrom(this.snapshot());
  }

  /** Go on from a snapshot. */
  restore(snapshot: Snapshot): void {
    const { step, epoch, row, age, edits } = snapshot;
    if (epoch !== this.place.epoch) this.order = epochOrder(this.task.training.n, this.task.seed, epoch);
    const isSame = snapshot.optimiser === this.settings.optimiser;
    this.place = { step, epoch, row, age: isSame ? age : 0, edits };
    this.engine.parameters.set(snapshot.weights);
    this.memory = isSame ? snapshot.memory.slice() : this.emptyMemory();
    this.log.splice(0, Infinity, ...logTo(this.log, snapshot));
    if (this.log.at(-1)!.settings !== this.settings) this.note();
    this.goOnFrom(snapshot);
  }

  private goOnFrom(snapshot: Snapshot): void {
    this.last = snapshot;
    this.most = RISE * Math.max(this.first.training.loss, snapshot.training.loss);
    this.lowest = lowestOf(snapshot);
    this.divergence = this.standstill = null;
  }

  /** Take so many steps, fewer where `isOver` or patience says so; the snapshots that were due on the way. */
  advance(steps: number, isOver: () => boolean = () => false, patience: Patience | null = null): Snapshot[] {
    const passed: Snapshot[] = [];
    const goal = this.place.step + steps;
    let due = this.task.isQuiet && !patience ? Infinity : nextSnapshot(this.place.step);
    this.standstill = null;
    while (this.place.step < goal && !this.divergence && !this.standstill) {
      this.takeStep();
      if (!this.engine.isFinite) this.fall();
      else if (this.place.step === due) {
        due = nextSnapshot(due);
        const here = this.snapshot();
        const { loss } = here.training;
        if (!Number.isFinite(loss)) this.fall();
        else {
          passed.push((this.last = here));
          if (loss > this.most) this.divergence = { ...this.wrong, loss };
          this.watch(here, patience);
        }
      }
      if (this.place.step % LOOK === 0 && isOver()) break;
    }
    return passed;
  }

  /** At the steps of snapshots, so that it stops at the same one however fast it goes. */
  private watch(here: Snapshot, patience: Patience | null): void {
    const now = lowestOf(here);
    if (now.loss < this.lowest.loss) this.lowest = now;
    const { lowest } = this;
    if (patience && here.step - Math.max(lowest.step, patience.since) >= patience.steps) {
      this.standstill = { step: here.step, lowest };
    }
  }

  /** This moment; the scores of every `stride`-th row. */
  snapshot(stride = this.stride): Snapshot {
    const { engine, task } = this;
    return {
      ...this.place,
      weights: engine.parameters.slice(),
      memory: this.memory.slice(),
      optimiser: this.settings.optimiser,
      training: engine.score(task.training, stride),
      heldOut: task.heldOut && engine.score(task.heldOut, stride),
    };
  }

  /** Another optimiser empties the memory, so each stays in the log. */
  private note(): void {
    const { log, settings } = this;
    const { step } = this.place;
    const before = log.at(-1);
    if (before?.step === step && !before.weights && before.settings.optimiser === settings.optimiser) log.pop();
    log.push({ step, settings });
  }

  private takeStep(): void {
    const { training, seed } = this.task;
    let { step, epoch, row, age } = this.place;
    const n = Math.min(this.batch, training.n - row);
    this.engine.step(training, this.order, row, n, this.memory, age + 1, this.learning);
    row += n;
    if (row >= training.n) {
      epoch++;
      row = 0;
      this.order = epochOrder(training.n, seed, epoch);
    }
    this.place = { step: step + 1, epoch, row, age: age + 1 };
  }

  /** Back to the last numbers that are some. */
  private fall(): void {
    const divergence = { ...this.wrong, loss: null };
    this.restore(this.last);
    this.divergence = divergence;
  }

  private get wrong(): { step: number; rate: number } {
    return { step: this.place.step, rate: this.settings.rate };
  }

  /** The settings with the rate of this step. */
  private get learning(): Learning {
    const { settings, place } = this;
    const { schedule } = settings;
    return schedule ? { ...settings, rate: settings.rate * factorAt(place.step, schedule) } : settings;
  }

  private get batch(): number {
    return Math.max(Math.min(this.settings.batch, this.task.training.n), 1);
  }

  private emptyMemory(): Float32Array {
    return new Float32Array(optimisers[this.settings.optimiser].slots * this.task.start.length);
  }
}

function lowestOf({ step, training, heldOut }: Snapshot): Lowest {
  return { step, loss: (heldOut ?? training).loss };
}

/** The first step after this one with a snapshot. */
export function nextSnapshot(step: number): number {
  return SNAPSHOT_STEPS.find((due) => due > step) ?? Infinity;
}
