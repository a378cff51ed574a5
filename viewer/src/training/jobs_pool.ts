/** Jobs in several workers at once or, where a browser refuses them, in slices of the page's own time. */
import { type Bench, type Done, type Job, type Work, workOn } from "./jobs";

/** The worker's script as text: build.mjs puts it here for notebooks. */
declare const WORKER_SCRIPT: string;

let script = WORKER_SCRIPT;

/** A page's own script is its worker's too. */
export function shareScript(text: string): void {
  script = text;
}

/** Milliseconds of a slice where there is no worker: the rest of a frame is the picture's. */
const SLICE = 8;
const MOST_WORKERS = 8;

export function scriptAddress(): string {
  return URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
}

export interface Pool {
  readonly hasWorkers: boolean;
  /** Nothing more is heard. */
  cancel(): void;
}

/** Do all jobs; `hear` is told of each as it is done, in any order. */
export function startJobs(bench: Bench, jobs: readonly Job[], hear: (done: Done) => void): Pool {
  let isOver = false;
  const left = [...jobs];
  const open = new Map<number, Job>();
  const workers: Worker[] = [];
  let address = "";
  const stop = (): void => {
    for (const worker of workers.splice(0)) worker.terminate();
    URL.revokeObjectURL(address);
  };
  const told = (done: Done): void => {
    if (isOver) return;
    open.delete(done.number);
    if (!left.length && !open.size) stop();
    hear(done);
  };
  let isAlone = false;
  const alone = (): void => {
    if (isAlone) return;
    isAlone = true;
    stop();
    left.unshift(...open.values());
    open.clear();
    inSlices(bench, left, told, () => isOver);
  };
  const give = (worker: Worker): void => {
    const job = left.shift();
    if (!job) return;
    open.set(job.number, job);
    worker.postMessage({ kind: "job", job });
  };
  try {
    address = scriptAddress();
    const wanted = Math.min(navigator.hardwareConcurrency || 2, MOST_WORKERS, jobs.length);
    for (let i = 0; i < wanted; i++) {
      const worker = new Worker(address);
      workers.push(worker);
      worker.onmessage = ({ data }: MessageEvent<Done>) => {
        told(data);
        give(worker);
      };
      // One may be refused late, or fall: what it had is done again.
      worker.onerror = (event) => {
        event.preventDefault();
        alone();
      };
      worker.postMessage({ kind: "bench", bench });
    }
    workers.forEach(give);
  } catch {
    alone();
  }
  return {
    get hasWorkers() {
      return !isAlone;
    },
    cancel() {
      isOver = true;
      stop();
    },
  };
}

function inSlices(bench: Bench, left: Job[], told: (done: Done) => void, isOver: () => boolean): void {
  let work: Work | null = null;
  const slice = (): void => {
    if (isOver()) return;
    const end = performance.now() + SLICE;
    while (performance.now() < end) {
      if (!work) {
        const job = left.shift();
        if (!job) return;
        work = workOn(bench, job);
      }
      if (!work.go(() => performance.now() > end)) break;
      const done: Done = work.done();
      work = null;
      told(done);
    }
    setTimeout(slice);
  };
  setTimeout(slice);
}
