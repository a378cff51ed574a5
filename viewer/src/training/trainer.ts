/** Runs a training beside the page in a worker or, where a browser refuses one, in slices of its own time. */
import { scriptAddress } from "./jobs_pool";
import { type News, type Request, Server } from "./server";
import type { Patience, Settings, Snapshot, Task, WeightEdit } from "./session";

/** Milliseconds of a slice where there is no worker: the rest of a frame is the picture's. */
const SLICE = 8;

export class Trainer {
  /** Whether an answer is awaited. */
  isBusy = false;
  private branch = 0;
  private worker: Worker | null = null;
  private server: Server | null = null;
  private address = "";
  /** What the training is made of, for a worker that is refused late. */
  private known: { task: Task; snapshot: Snapshot | null; pending: Request | null } | null = null;

  constructor(private readonly tell: (news: News) => void) {
    try {
      this.address = scriptAddress();
      this.worker = new Worker(this.address);
      this.worker.onmessage = ({ data }: MessageEvent<News>) => this.hear(data);
      this.worker.onerror = (event) => {
        event.preventDefault();
        this.doWithout();
      };
    } catch {
      this.worker = null;
    }
    if (!this.worker) this.doWithout();
  }

  /** A training from its start; answers that are under way no longer count. */
  begin(task: Task): void {
    this.branch++;
    this.isBusy = false;
    this.known = { task, snapshot: null, pending: null };
    this.send({ kind: "begin", task });
  }

  get hasWorker(): boolean {
    return this.worker !== null;
  }

  set(settings: Settings): void {
    if (!this.known) return;
    this.known.task = { ...this.known.task, settings };
    this.send({ kind: "set", settings });
  }

  /** Go on from a snapshot; answers that are under way no longer count. */
  restore(snapshot: Snapshot): void {
    this.branch++;
    this.isBusy = false;
    this.known!.snapshot = snapshot;
    this.send({ kind: "restore", snapshot });
  }

  advance(steps: number, milliseconds: number, patience: Patience | null): void {
    this.ask({ kind: "advance", branch: this.branch, steps, milliseconds, patience });
  }

  /** Other weights where it is now; answers that are under way no longer count. */
  edit(edits: readonly WeightEdit[]): void {
    this.branch++;
    this.ask({ kind: "edit", branch: this.branch, edits });
  }

  /** The scores of where it is now, from as many rows as can be. */
  score(): void {
    this.ask({ kind: "score", branch: this.branch });
  }

  end(): void {
    this.branch = -1;
    this.worker?.terminate();
    this.worker = null;
    this.server = null;
    URL.revokeObjectURL(this.address);
  }

  private ask(request: Request): void {
    this.isBusy = true;
    this.known!.pending = request;
    this.send(request);
  }

  private hear(news: News): void {
    if (news.branch !== this.branch) return;
    this.isBusy = false;
    // With the settings that led there, for a worker that falls.
    this.known = { task: { ...this.known!.task, log: news.log }, snapshot: news.now, pending: null };
    this.tell(news);
  }

  private send(request: Request): void {
    const { worker, server } = this;
    if (worker) worker.postMessage(request);
    else if (!("branch" in request)) server?.answer(request);
    else {
      const slice =
        request.kind === "advance" ? { ...request, milliseconds: Math.min(request.milliseconds, SLICE) } : request;
      setTimeout(() => {
        const news = this.server === server && server?.answer(slice);
        if (news) this.hear(news);
      });
    }
  }

  /** From the last that was heard of the worker, which may have been refused or have fallen. */
  private doWithout(): void {
    const isLate = this.worker !== null;
    this.worker?.terminate();
    this.worker = null;
    this.server = new Server();
    if (!isLate || !this.known) return;
    const { task, snapshot, pending } = this.known;
    this.send({ kind: "begin", task });
    if (snapshot) this.send({ kind: "restore", snapshot });
    if (pending) this.send(pending);
  }
}
