/** Trainings of which only the end is asked for: one job each, on rows that all of them share. */
import type { NetworkShape, Rows } from "./engine";
import { type Change, type Divergence, Session, type Settings, type Snapshot, type Standstill } from "./session";

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
  /** What happens on the way; with it every moment is kept. */
  readonly changes?: readonly Change[];
}

export interface Done {
  readonly number: number;
  /** Scored on all rows. */
  readonly end: Snapshot;
  readonly divergence: Divergence | null;
  readonly standstill: Standstill | null;
  /** Where changes were given: the moments up to the end, and all that led there. */
  readonly passed?: readonly Snapshot[];
  readonly log?: readonly Change[];
}

export interface Work {
  /** Whether it is done; it stops earlier where `isOver` says so. */
  go(isOver: () => boolean): boolean;
  done(): Done;
}

export function workOn({ training, heldOut }: Bench, job: Job): Work {
  const { number, shape, settings, seed, start, steps, patience, changes } = job;
  const session = new Session({ shape, training, heldOut, settings, seed, start, isQuiet: !changes });
  const script = (changes ?? []).slice(1);
  const passed = changes ? [session.snapshot()] : [];
  const keep = (): void => {
    const here = session.snapshot();
    if (here.edits || here.step > passed[passed.length - 1].step) passed.push(here);
  };
  const follow = (): void => {
    while (script[0]?.step === session.step) {
      const { settings: next, weights } = script.shift()!;
      if (!weights) session.set(next);
      else {
        keep();
        session.edit(weights);
        keep();
      }
    }
  };
  follow();
  const watched = patience ? { steps: patience, since: 0 } : null;
  return {
    go(isOver) {
      const isDone = (): boolean => session.step >= steps || !!session.divergence || !!session.standstill;
      while (!isDone()) {
        const goal = script[0]?.step ?? steps;
        const more = session.advance(goal - session.step, isOver, watched);
        if (changes) passed.push(...more);
        follow();
        if (session.step < goal) break;
      }
      return isDone();
    },
    done() {
      const { divergence, standstill } = session;
      const end = { number, end: session.snapshot(1), divergence, standstill };
      if (!changes) return end;
      keep();
      return { ...end, passed, log: session.log };
    },
  };
}
