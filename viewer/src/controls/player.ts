/** Player: moves t or u by itself; and the schedule of a play through the layers. */
import type { RunModel } from "../model/run_model";
import type { Store } from "../state/store";

/** Seconds of a whole training at speed 1, and between two checkpoints at most. */
const TRAINING_SECONDS = 8;
const LONGEST_STEP = 0.5;

export class Player {
  playing: "layers" | "training" | null = null;
  private seconds = 0;
  private last = 0;
  private schedule: Schedule | null = null;

  constructor(
    private readonly store: Store,
    private readonly shown: () => RunModel,
    private readonly wake: () => void,
  ) {}

  private get model(): RunModel {
    return this.shown();
  }

  toggle(what: "layers" | "training"): void {
    if (this.playing === what) this.pause();
    else this.play(what);
  }

  play(what: "layers" | "training"): void {
    const { state } = this.store;
    const { run } = this.model;
    if (what === "layers" ? run.length === 0 : run.lastMoment === 0) return;
    this.playing = what;
    this.last = 0;
    if (what === "layers") {
      const scene = this.model.sceneOf(state);
      const beats = scene.beats.map(({ kind, start, stop }) => ({
        kind,
        start,
        stop,
        isVisible: scene.isSeen(start, stop),
      }));
      this.schedule = new Schedule(beats, run.length);
      const t = Math.min(state.t, run.length);
      this.seconds = t >= run.length ? 0 : this.schedule.secondsAt(t);
    } else {
      const share = Math.min(state.u / run.lastMoment, 1);
      this.seconds = share < 1 ? share * Math.min(TRAINING_SECONDS, LONGEST_STEP * run.lastMoment) : 0;
    }
    this.wake();
  }

  pause(): void {
    if (!this.playing) return;
    this.playing = null;
    this.wake();
  }

  /** Called once a frame with milliseconds. */
  tick(now: number): void {
    if (!this.playing) return;
    // A page in the background gets no frames: time stands still there.
    const passed = this.last ? Math.min((now - this.last) / 1000, 0.1) : 0;
    this.last = now;
    const step = passed * this.store.state.speed;
    if (this.playing === "layers") this.stepLayers(step);
    else this.stepTraining(step);
  }

  private stepLayers(step: number): void {
    const schedule = this.schedule!;
    this.seconds += step;
    if (this.seconds >= schedule.seconds) {
      if (!this.store.state.loop) {
        this.store.set({ t: this.model.run.length });
        this.pause();
        return;
      }
      this.seconds %= schedule.seconds;
    }
    this.store.set({ t: schedule.at(this.seconds) });
  }

  private stepTraining(step: number): void {
    const last = this.model.run.lastMoment;
    const seconds = Math.min(TRAINING_SECONDS, LONGEST_STEP * last);
    this.seconds += step;
    // The end is worth a look: a second longer than the rest.
    if (this.seconds > seconds + (this.store.state.loop ? 1 : 0)) {
      if (!this.store.state.loop) {
        this.store.set({ u: last });
        this.pause();
        return;
      }
      this.seconds = 0;
    }
    this.store.set({ u: Math.min(this.seconds / seconds, 1) * last });
  }
}

export interface ScheduledBeat {
  readonly kind: string;
  readonly start: number;
  readonly stop: number;
  readonly isVisible: boolean;
}

interface Segment {
  readonly start: number;
  readonly seconds: number;
  readonly from: number;
  readonly to: number;
}

/** Seconds, as in the films. */
const PAUSE = 0.7;
const END_PAUSE = 1.0;
const BEAT_SECONDS: Readonly<Record<string, number>> = { activation: 1.1, interpolated: 1.6, shift: 0.5, softmax: 1.6 };
const BEAT = 0.7;

/** What happens when: a pause at each representation, visible beats between. */
export class Schedule {
  readonly seconds: number;
  private readonly segments: readonly Segment[];

  constructor(beats: readonly ScheduledBeat[], length: number) {
    const segments: Segment[] = [];
    let start = 0;
    const add = (from: number, to: number, seconds: number): void => {
      segments.push({ start, seconds, from, to });
      start += seconds;
    };
    add(0, 0, END_PAUSE);
    for (let k = 0; k < length; k++) {
      for (const beat of beats) {
        if (beat.start < k || beat.start >= k + 1 || !beat.isVisible) continue;
        add(beat.start, beat.stop, BEAT_SECONDS[beat.kind] ?? BEAT);
      }
      add(k + 1, k + 1, k + 1 === length ? END_PAUSE : PAUSE);
    }
    this.segments = segments;
    this.seconds = start;
  }

  /** t at so many seconds. */
  at(seconds: number): number {
    const segment = this.segments.findLast((s) => s.start <= seconds) ?? this.segments[0];
    const share = segment.seconds ? (seconds - segment.start) / segment.seconds : 1;
    return segment.from + (segment.to - segment.from) * eased(share);
  }

  /** The first moment at which t is reached. */
  secondsAt(t: number): number {
    const segment = this.segments.find((s) => t <= s.to) ?? this.segments[this.segments.length - 1];
    if (segment.to === segment.from || t <= segment.from) return segment.start;
    return segment.start + segment.seconds * uneased((t - segment.from) / (segment.to - segment.from));
  }
}

/** From 0 to 1 with a soft start and a soft end. */
export function eased(share: number): number {
  const s = Math.min(Math.max(share, 0), 1);
  return s * s * (3 - 2 * s);
}

function uneased(value: number): number {
  return 0.5 - Math.sin(Math.asin(1 - 2 * Math.min(Math.max(value, 0), 1)) / 3);
}
