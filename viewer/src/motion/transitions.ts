/** From one representation to the next: what a transition is, as src/unknot/motion/transitions.py has it. */
import { type Matrix, scale } from "../math/matrix";
import type { Tempo } from "./pace";
import { padRows } from "./rotation";

export interface Term {
  /** The representation. */
  readonly k: number;
  /** (n_units, n_axes) */
  readonly matrix: Matrix;
}

/** An instant as parts: Σ clouds[k] · matrix + offset, already seen in a frame. */
export interface Parts {
  readonly terms: readonly Term[];
  /** (n_axes,) */
  readonly offset: Float64Array;
}

/** Any clouds, (n_points, n_units) each by representation, at that instant: (n_points, n_axes). */
export function evaluate(parts: Parts, cloud: (k: number) => Matrix): Matrix {
  const nAxes = parts.offset.length;
  const nPoints = cloud(parts.terms[0].k).rows;
  const data = new Float64Array(nPoints * nAxes);
  for (let i = 0; i < nPoints; i++) data.set(parts.offset, i * nAxes);
  for (const { k, matrix } of parts.terms) {
    const values = cloud(k);
    const n = values.columns;
    for (let i = 0; i < nPoints; i++) {
      for (let u = 0; u < n; u++) {
        const value = values.data[i * n + u];
        for (let a = 0; a < nAxes; a++) data[i * nAxes + a] += value * matrix.data[u * nAxes + a];
      }
    }
  }
  return { rows: nPoints, columns: nAxes, data };
}

export type BeatKind = "look" | "stretch" | "turn" | "shift" | "activation" | "softmax" | "interpolated";

/** A stretch of a transition during which one thing happens. */
export interface Beat {
  readonly kind: BeatKind;
  /** Within the transition, 0 to 1. */
  readonly start: number;
  readonly stop: number;
}

/** From one representation to the next, `s` from 0 to 1. */
export interface Transition {
  readonly kind: "affine" | "activation" | "softmax" | "interpolated";
  readonly k: number;
  readonly width: number;
  readonly beats: readonly Beat[];
  /** The instant `s` seen in a frame of at least `width` rows. */
  parts(s: number, frame: Matrix): Parts;
}

/** (1 − s) x + s y, row by row, s by the pace. */
export class Straight implements Transition {
  readonly kind: "activation" | "softmax" | "interpolated" = "interpolated";
  readonly width: number;
  private clock: Tempo | undefined;

  constructor(
    readonly k: number,
    readonly nIn: number,
    readonly nOut: number,
    private readonly findPace: () => Tempo,
  ) {
    this.width = Math.max(nIn, nOut);
  }

  get beats(): readonly Beat[] {
    return [{ kind: this.kind, start: 0, stop: 1 }];
  }

  parts(share: number, frame: Matrix): Parts {
    this.clock ??= this.findPace();
    const s = this.clock.at(share);
    return {
      terms: [
        { k: this.k, matrix: scale(1 - s, padRows(frame, this.nIn)) },
        { k: this.k + 1, matrix: scale(s, padRows(frame, this.nOut)) },
      ],
      offset: new Float64Array(frame.columns),
    };
  }
}
