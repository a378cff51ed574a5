/** A run as the page shows it: the moment, the scene, and the instant that is drawn. */
import { beside, column, dot, type Matrix, matrix, norm, range } from "../math/matrix";
import { type Extent, factor } from "../motion/extent";
import { geodesic } from "../motion/geodesic";
import { complement, padRows } from "../motion/rotation";
import { Scene } from "../motion/scene";
import type { Parts } from "../motion/transitions";
import { type Moment, momentAt } from "../network/moment";
import type { Run } from "../page_file/page_file";
import type { State } from "../state/controls";

/** What is on the screen: a rigid view of the cloud at one instant. */
export interface Instant {
  readonly t: number;
  readonly scene: Scene;
  readonly parts: Parts;
  readonly extent: Extent;
  readonly nAxes: 2 | 3;
  /** 1 when a 3-D view is seen from straight above, as a flat picture is. */
  readonly flatness: number;
}

/** On the way from one view to another. */
export interface Passage {
  readonly from: Scene;
  /** 0 to 1. */
  readonly share: number;
}

export class RunModel {
  private moment: Moment | undefined;
  private scene: Scene | undefined;
  private sceneKey = "";

  constructor(
    readonly run: Run,
    /** The first run, whose t and u the state holds. */
    readonly leader: Run,
  ) {}

  /** This run's t: the same share of the way as the leader's. */
  t(state: State): number {
    const t = Math.min(state.t, this.leader.length);
    return this.run.length === this.leader.length ? t : (t / Math.max(this.leader.length, 1)) * this.run.length;
  }

  /** This run's u. */
  u(state: State): number {
    const u = Math.min(state.u, this.leader.lastMoment);
    if (this.run.lastMoment === this.leader.lastMoment) return u;
    return (u / Math.max(this.leader.lastMoment, 1)) * this.run.lastMoment;
  }

  momentOf(state: State): Moment {
    const u = this.u(state);
    if (this.moment?.u !== u) this.moment = momentAt(this.run, u);
    return this.moment;
  }

  sceneOf(state: State): Scene {
    const moment = this.momentOf(state);
    const { view, projection, units, unitsOf, unitsRun, scale, seed, tour } = state;
    const key = [moment.u, view, projection, units, unitsOf, unitsRun, scale, seed, tour].join("|");
    if (!this.scene || this.sceneKey !== key) {
      this.sceneKey = key;
      this.scene = new Scene(moment, {
        nAxes: view === "3d" ? 3 : 2,
        projection,
        units: units.length ? units : null,
        unitsOf: unitsOf < 0 ? null : unitsRun === this.run.index ? this.run.layerOf(unitsOf) : [],
        scale,
        seed,
        tour,
      });
    }
    return this.scene;
  }

  instant(state: State, passage: Passage | null): Instant {
    const scene = this.sceneOf(state);
    const t = this.t(state);
    // From a layer to a map of it there is no turn.
    if (!passage || passage.share >= 1 || passage.from.showsMaps !== scene.showsMaps) {
      return { t, scene, parts: scene.parts(t), extent: scene.extent(t), nAxes: scene.nAxes, flatness: 0 };
    }
    const before = this.at(passage.from, scene.moment);
    return between(before, scene, t, passage.share);
  }

  /** The same options at another moment. */
  private at(scene: Scene, moment: Moment): Scene {
    return scene.moment === moment ? scene : new Scene(moment, scene.options);
  }
}

/** Panes side by side on the same axes: one box that holds the boxes of all. */
export function onSameAxes(instants: readonly Instant[]): Instant[] {
  const { nAxes } = instants[0];
  // One alone may have an own scale for each axis.
  if (instants.length < 2 || instants.some((instant) => instant.nAxes !== nAxes)) return [...instants];
  const boxes = instants.map(({ extent }) => extent);
  const low = range(0, nAxes).map((a) => Math.min(...boxes.map(({ centre, radius }) => centre[a] - radius)));
  const high = range(0, nAxes).map((a) => Math.max(...boxes.map(({ centre, radius }) => centre[a] + radius)));
  const centre = low.map((from, a) => (from + high[a]) / 2);
  const radius = Math.max(...low.map((from, a) => (high[a] - from) / 2));
  return instants.map((instant) => ({ ...instant, extent: { centre, radius } }));
}

function between(from: Scene, to: Scene, t: number, share: number): Instant {
  const nAxes = from.nAxes === 3 || to.nAxes === 3 ? 3 : 2;
  const frames = [from.camera.frame(t), to.camera.frame(t)];
  const n = Math.max(frames[0].rows, frames[1].rows, nAxes + 1);
  let [first, last] = frames.map((frame) => padRows(frame, n));
  if (first.columns < nAxes) first = extended(first, last);
  if (last.columns < nAxes) last = extended(last, first);
  const [a, b] = [from.extent(t), to.extent(t)];
  const centre = range(0, nAxes).map((i) => {
    const [x, y] = [a.centre[i] ?? b.centre[i], b.centre[i] ?? a.centre[i]];
    return x + (y - x) * share;
  });
  const radius = a.radius ** (1 - share) * b.radius ** share;
  const isStretched = a.stretch || b.stretch;
  const stretch = isStretched
    ? range(0, nAxes).map((i) => factor(a, i) ** (1 - share) * factor(b, i) ** share)
    : undefined;
  const rises = to.nAxes - from.nAxes;
  return {
    t,
    scene: to,
    parts: to.morph.at(t, geodesic(first, last).at(share)),
    extent: { centre, radius, stretch },
    nAxes,
    flatness: rises > 0 ? 1 - share : rises < 0 ? share : 0,
  };
}

/** One more axis for a frame: as near as can be to what the other frame sees besides. */
function extended(frame: Matrix, other: Matrix): Matrix {
  const candidates = [
    ...range(0, other.columns)
      .reverse()
      .map((j) => column(other, j)),
    column(complement(frame, 1), 0),
  ];
  let best = candidates[candidates.length - 1];
  let longest = 0;
  for (const candidate of candidates) {
    let rest = candidate;
    for (const j of range(0, frame.columns)) {
      const axis = column(frame, j);
      const along = dot(rest, axis);
      rest = rest.map((x, i) => x - along * axis[i]);
    }
    const length = norm(rest);
    if (length > longest + 1e-9) [best, longest] = [rest.map((x) => x / length), length];
  }
  return beside(frame, matrix(frame.rows, 1, best));
}
