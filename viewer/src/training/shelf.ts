/** What is put aside while a network trains: branches that were left, and networks that are pinned beside it. */
import type { RunHeader } from "../page_file/header";
import { Run } from "../page_file/page_file";
import { fit, grouped, plain } from "../words";
import { type LiveRun, outcomeOf } from "./live_run";
import type { Change, Settings, Snapshot } from "./session";

/** Networks beside the one in training: four panes in all. */
export const MOST_PINS = 3;
/** Branches that are kept, and numbers in all of their snapshots. */
const MOST_BRANCHES = 6;
const MOST_NUMBERS = 4e7;

/** A training from its start up to where it was left: all that is needed to go on. */
export interface Branch {
  readonly live: LiveRun;
  readonly snapshots: readonly Snapshot[];
  /** The snapshot from which on it is not that of another one. */
  readonly from: number;
  readonly log: readonly Change[];
  readonly settings: Settings;
  /** The seed of its start; 0 is the file's own. */
  readonly start: number;
  readonly origin: Origin;
}

/** The points and the network that a training is of, as an address has them. */
export interface Origin {
  readonly data: string;
  readonly network: string;
  readonly weights: string;
  /** Of the data. */
  readonly title: string;
}

/** A network at one moment of its training, as a run of one checkpoint. */
export interface Pin {
  readonly number: number;
  readonly branch: Branch;
  readonly run: Run;
}

/** It outlives the viewer, which is made anew for another network. */
export class Shelf {
  pins: readonly Pin[] = [];
  branches: readonly Branch[] = [];
  private made = 0;
  /** Told of every change. */
  told: () => void = () => {};

  /** The oldest branches are forgotten where there are too many, or too large ones. */
  leave(branch: Branch): void {
    if (branch.snapshots.length - branch.from < 2) return;
    const branches = [...this.branches, branch].slice(-MOST_BRANCHES);
    while (branches.length > 1 && branches.reduce((sum, each) => sum + sizeOf(each), 0) > MOST_NUMBERS)
      branches.shift();
    this.branches = branches;
    this.told();
  }

  forget(branch: Branch): void {
    this.branches = this.branches.filter((each) => each !== branch);
    this.told();
  }

  clear(): void {
    [this.pins, this.branches, this.made] = [[], [], 0];
  }

  /** Null where there is no room. */
  pin(branch: Branch): Pin | null {
    if (this.pins.length >= MOST_PINS) return null;
    const pin = { number: ++this.made, branch, run: new PinnedRun(branch) };
    this.pins = [...this.pins, pin];
    this.told();
    return pin;
  }

  unpin(pin: Pin): void {
    this.pins = this.pins.filter((each) => each !== pin);
    if (!this.pins.length) this.made = 0;
    this.told();
  }
}

function sizeOf({ snapshots }: Branch): number {
  return snapshots.reduce((sum, { weights, memory }) => sum + weights.length + memory.length, 0);
}

/** Where a branch ends. */
export function endOf({ snapshots }: Branch): Snapshot {
  return snapshots[snapshots.length - 1];
}

/** As "Pin 2: step 1,200"; of other data than `data` with their title. */
export function pinName({ number, branch }: Pin, data = branch.origin.data): string {
  return `Pin ${number}: step ${grouped(endOf(branch).step)}${elsewhere(branch, data)}`;
}

/** ", Moons" of a training that is of other data. */
export function elsewhere({ origin }: Branch, data: string): string {
  return origin.data === data ? "" : `, ${fit(origin.title, 24)}`;
}

/** What tells trainings apart that stand side by side, a text each: data, network, optimiser, rate, start. */
export function differences(trainings: readonly Pick<Branch, "live" | "settings" | "start" | "origin">[]): string[] {
  const facts = trainings.map(({ live, settings: { optimiser, rate }, start, origin }) => [
    fit(origin.title, 24),
    live.header.name,
    optimiser,
    `rate ${plain(rate)}`,
    start ? `start ${start}` : "own start",
  ]);
  return facts.map((own) => own.filter((fact, j) => facts.some((each) => each[j] !== fact)).join(", "));
}

/** The name of the buffer with the pinned weights. */
const PINNED = "pinned";

class PinnedRun extends Run {
  private readonly end: Snapshot;

  constructor(branch: Branch) {
    const { live } = branch;
    const end = endOf(branch);
    const numbers = live.displayed(end);
    const { step, epoch } = end;
    // What is drawn of one network serves another of its name: only where the points are the same.
    const name = `${live.header.name}, ${branch.origin.data}`;
    super({ ...live.header, name, checkpoints: [{ step, epoch }], weights: PINNED } as RunHeader, {
      header: live.container.header,
      buffer: (name) => (name === PINNED ? numbers : live.container.buffer(name)),
      shape: (name) => live.container.shape(name),
    });
    this.end = end;
  }

  override outcome(): string | null {
    return outcomeOf(this.end);
  }
}
