/** What is asked of a training and what it answers, in a worker or where the page itself runs. */
import {
  type Change,
  type Divergence,
  type Patience,
  Session,
  type Settings,
  type Snapshot,
  type Standstill,
  type Task,
  type WeightEdit,
} from "./session";

export type Request =
  | { readonly kind: "begin"; readonly task: Task }
  | { readonly kind: "set"; readonly settings: Settings }
  | { readonly kind: "restore"; readonly snapshot: Snapshot }
  /** At most so many steps, in at most so many milliseconds. */
  | {
      readonly kind: "advance";
      readonly branch: number;
      readonly steps: number;
      readonly milliseconds: number;
      readonly patience: Patience | null;
    }
  | { readonly kind: "edit"; readonly branch: number; readonly edits: readonly WeightEdit[] }
  /** Nothing but the scores, of as many rows as one can wait for. */
  | { readonly kind: "score"; readonly branch: number };

export interface News {
  /** Of the request: news of a branch that was left are late. */
  readonly branch: number;
  readonly passed: readonly Snapshot[];
  readonly now: Snapshot;
  readonly divergence: Divergence | null;
  readonly standstill: Standstill | null;
  /** All settings that led here. */
  readonly log: readonly Change[];
  /** Rows of which the scores are, of the training and of those held out. */
  readonly scored: readonly [number, number];
}

/** Products that one may wait for, about a tenth of a second. */
const PATIENCE = 1e8;

export class Server {
  private session: Session | null = null;
  private task: Task | null = null;

  answer(request: Request): News | null {
    if (request.kind === "begin") {
      this.task = request.task;
      this.session = new Session(request.task);
      return null;
    }
    const session = this.session!;
    if (request.kind === "set") session.set(request.settings);
    else if (request.kind === "restore") session.restore(request.snapshot);
    else if (request.kind === "edit") {
      session.edit(request.edits);
      return this.news(session, request.branch, [], session.snapshot(), session.scored());
    } else if (request.kind === "advance") {
      const end = performance.now() + request.milliseconds;
      const passed = session.advance(request.steps, () => performance.now() > end, request.patience);
      const last = passed.at(-1);
      const now = last?.step === session.step ? last : session.snapshot();
      return this.news(session, request.branch, passed, now, session.scored());
    } else {
      const { training, heldOut, start } = this.task!;
      const stride = Math.ceil(((training.n + (heldOut?.n ?? 0)) * start.length) / PATIENCE);
      return this.news(session, request.branch, [], session.snapshot(stride), session.scored(stride));
    }
    return null;
  }

  private news(
    { divergence, standstill, log }: Session,
    branch: number,
    passed: readonly Snapshot[],
    now: Snapshot,
    scored: readonly [number, number],
  ): News {
    return { branch, passed, now, divergence, standstill, log: log.slice(), scored };
  }
}
