/** Along the map: the honest morph, as src/unknot/motion/along_map.py has it. */
import { type Svd, svd } from "../math/decompositions";
import { columns, combine, type Matrix, multiply, scale, transposeMultiply, zeros } from "../math/matrix";
import { twoDigits } from "../words";
import { carryingRotation, padRows, type Rotation } from "./rotation";
import { type Beat, type Parts, Straight, type Transition } from "./transitions";

/** The beats of an affine map share its time equally; during *look* only the view moves. */
export const LOOK = 0.25;
export const STRETCH = 0.5;
export const TURN = 0.75;
export const SHIFT = 1;

const FLOAT32_EPSILON = 2 ** -23;

/** x ↦ x W + b as a stretch P = U Σ Uᵀ, a turn R = U Vᵀ and a shift b. */
export class AlongAffine implements Transition {
  readonly kind = "affine";
  readonly beats: readonly Beat[] = [
    { kind: "look", start: 0, stop: LOOK },
    { kind: "stretch", start: LOOK, stop: STRETCH },
    { kind: "turn", start: STRETCH, stop: TURN },
    { kind: "shift", start: TURN, stop: SHIFT },
  ];
  private reduced: Svd | undefined;
  private turned: [Rotation, boolean] | undefined;

  constructor(
    readonly k: number,
    /** (n_in, n_out) */
    readonly weight: Matrix,
    readonly bias: Float64Array,
    /** Whether it leads from or to some directions of a layer: what the others add joins at the end. */
    readonly isReduced = false,
  ) {}

  /** U (n_in, r), Σ (r,) and V (n_out, r), r the numerical rank. */
  get svd(): Svd {
    if (!this.reduced) {
      const { u, sigma, v } = svd(this.weight);
      const precision = FLOAT32_EPSILON * Math.max(this.weight.rows, this.weight.columns);
      const r = sigma.filter((value) => value > precision * sigma[0]).length;
      this.reduced = { u: columns(u, 0, r), sigma: sigma.slice(0, r), v: columns(v, 0, r) };
    }
    return this.reduced;
  }

  /** What becomes of the direction that is stretched least, and whether the map mirrors. */
  get leastStretch(): string {
    const { rows, columns } = this.weight;
    const { sigma } = this.svd;
    const lost = rows - sigma.length;
    const flat = `${lost} of ${rows} directions ${lost === 1 ? "is" : "are"} pressed flat`;
    if (sigma.length < Math.min(rows, columns)) {
      return `${flat} (smallest singular value 0${rows === columns ? ", determinant zero" : ""})`;
    }
    const least = `×${twoDigits(sigma[sigma.length - 1])} (smallest singular value)`;
    if (lost) return `${flat}; least stretch of the others ${least}`;
    const mirrored = this.isTurnedOver ? "mirrored (determinant negative)" : "not mirrored (determinant positive)";
    return `least stretch ${least}${rows === columns ? `, ${mirrored}` : ""}`;
  }

  private get carrying(): [Rotation, boolean] {
    if (!this.turned) {
      const n = Math.max(this.weight.rows, this.weight.columns);
      this.turned = carryingRotation(padRows(this.svd.u, n), padRows(this.svd.v, n));
    }
    return this.turned;
  }

  get turn(): Rotation {
    return this.carrying[0];
  }

  /** True when the map mirrors, so that the cloud is turned over through an extra axis. */
  get isTurnedOver(): boolean {
    return this.carrying[1];
  }

  get width(): number {
    return this.turn.size;
  }

  /** ((1 − amount) I + amount P) times a matrix of n_in rows. */
  stretched(amount: number, matrix: Matrix): Matrix {
    const { u, sigma } = this.svd;
    const read = transposeMultiply(u, matrix);
    const along = sigma.map((value) => amount * value);
    const resting = combine(1 - amount, matrix, 0, matrix);
    const grown = zeros(read.rows, read.columns);
    for (let i = 0; i < read.rows; i++) {
      for (let j = 0; j < read.columns; j++) {
        grown.data[i * read.columns + j] = along[i] * read.data[i * read.columns + j];
      }
    }
    return combine(1, resting, 1, multiply(u, grown));
  }

  parts(s: number, frame: Matrix): Parts {
    const { rows: nIn, columns: nOut } = this.weight;
    if (s >= TURN) {
      const after = padRows(frame, nOut);
      const amount = beatProgress(s, TURN, SHIFT);
      if (this.isReduced) return this.joined(amount, after);
      const offset = new Float64Array(frame.columns);
      this.bias.forEach((b, i) => {
        for (let a = 0; a < offset.length; a++) offset[a] += amount * b * after.data[i * offset.length + a];
      });
      return { terms: [{ k: this.k, matrix: multiply(this.weight, after) }], offset };
    }
    let seen = padRows(frame, s > STRETCH ? this.width : nIn);
    if (s > STRETCH) seen = this.turn.power(beatProgress(s, STRETCH, TURN), seen);
    const matrix = this.stretched(beatProgress(s, LOOK, STRETCH), padRows(seen, nIn));
    return { terms: [{ k: this.k, matrix }], offset: new Float64Array(frame.columns) };
  }

  /** From where the directions lead to where the points are: bias and all that was left out. */
  private joined(amount: number, after: Matrix): Parts {
    return {
      terms: [
        { k: this.k, matrix: scale(1 - amount, multiply(this.weight, after)) },
        { k: this.k + 1, matrix: scale(amount, after) },
      ],
      offset: new Float64Array(after.columns),
    };
  }
}

/** (1 − s) z + s σ(z), unit by unit. */
export class AlongActivation extends Straight {
  override readonly kind = "activation";
}

/** (1 − s) z + s softmax(z): straight, since softmax mixes the units. */
export class AlongSoftmax extends Straight {
  override readonly kind = "softmax";
}

/** How much of a beat is done at `s`, 0 to 1. */
export function beatProgress(s: number, start: number, stop: number): number {
  return Math.min(Math.max((s - start) / (stop - start), 0), 1);
}
