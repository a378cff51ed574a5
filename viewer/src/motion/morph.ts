/** Morph: the continuous cloud, t ↦ points, as src/unknot/motion/morph.py has it. */
import type { Matrix } from "../math/matrix";
import type { MapAt } from "../network/forward";
import { honest } from "./kinds";
import { padRows } from "./rotation";
import type { Parts, Transition } from "./transitions";

export interface MorphSource {
  readonly run: { readonly length: number; nUnits(k: number): number };
  map(k: number): MapAt;
  sample(k: number): Matrix;
}

/** The cloud on its way through the network; transitions are worked out when they are first asked for. */
export class Morph {
  private readonly transitions = new Map<number, Transition>();

  constructor(private readonly source: MorphSource) {}

  /** The last `t`: the number of maps. */
  get length(): number {
    return this.source.run.length;
  }

  /** From representation k to the next. */
  transition(k: number): Transition {
    let transition = this.transitions.get(k);
    if (!transition) {
      const { run } = this.source;
      const sample = (i: number): Matrix => this.source.sample(i);
      transition = honest(this.source.map(k), { k, nIn: run.nUnits(k), nOut: run.nUnits(k + 1), sample });
      this.transitions.set(k, transition);
    }
    return transition;
  }

  /** The cloud at `t` as parts, seen in a frame with at least as many rows as it has columns there. */
  at(t: number, frame: Matrix): Parts {
    const [k, s] = locate(t);
    if (s > 0) {
      const transition = this.transition(k);
      return transition.parts(s, padRows(frame, Math.max(frame.rows, transition.width)));
    }
    const matrix = padRows(frame, this.source.run.nUnits(k));
    return { terms: [{ k, matrix }], offset: new Float64Array(frame.columns) };
  }
}

/** The transition in which `t` lies and how far along, 0 ≤ s < 1. */
export function locate(t: number): [k: number, s: number] {
  const k = Math.floor(t);
  return [k, t - k];
}
