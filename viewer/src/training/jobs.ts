/** Trainings of which only the end is asked for: one job each, on rows that all of them share. */
import type { NetworkShape, Rows } from "./engine";
import { type Divergence, Session, type Settings, type Snapshot, type Standstill } from "./session";

/** What every job is done on. */
export interface Bench {
  readonly training: Rows;
  readonly heldOut: Rows | null;
}

export interface Job {
  /** Which of the jobs it is. */
  readonly number: number;
  readonly shape: NetworkShape;
  readonly settings: Settings;
  /** Of the order of the rows. */
  readonly seed: number;
  readonly start: Float32Array;
  readonly steps: number;
  /** Steps without a lower loss after which it stops; 0 is never. */
  readonly patience?: number;
}

export interface Done {
  readonly number: number;
  /** Scored on all rows. */
  readonly end: Snapshot;
  readonly divergence: Divergence | null;
  readonly standstill: Standstill | null;
}

export interface Work {
  /** Whether it is done; it stops earlier where `isOver` says so. */
  go(isOver: () => boolean): boolean;
  done(): Done;
}

export function workOn({ training, heldOut }: Bench, job: Job): Work {
  const { number, shape, settings, seed, start, steps, patience } = job;
  const session = new Session({ shape, training, heldOut, settings, seed, start, isQuiet: true });
  const watched = patience ? { steps: patience, since: 0 } : null;
  return {
    go(isOver) {
      session.advance(steps - session.step, isOver, watched);
      return session.step >= steps || session.divergence !== null || session.standstill !== null;
    },
    done() {
      const { divergence, standstill } = session;
      return { number, end: session.snapshot(1), divergence, standstill };
    },
  };
}
