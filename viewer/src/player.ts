/** Player: moves t or u by itself. */
import { beatsOf } from "./camera/beats";
import type { RunModel } from "./model/run_model";
import { Schedule } from "./state/schedule";
import type { Store } from "./state/store";

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
    private readonly model: RunModel,
    private readonly wake: () => void,
  ) {}

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
      const view = this.model.viewOf(state);
      const beats = beatsOf(view).map((beat) => ({ ...beat, isVisible: view.isSeen(beat.start, beat.stop) }));
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
