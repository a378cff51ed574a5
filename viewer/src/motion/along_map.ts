/** Along the map: the honest morph, as src/unknot/motion/along_map.py has it. */
import { combine, type Matrix, multiply, scale, scaleRows, transposeMultiply } from "../math/matrix";
import { type Factors, factors } from "../network/factors";
import { twoDigits } from "../words";
import { stretchPace, type Tempo } from "./pace";
import { carryingRotation, padRows, type Rotation } from "./rotation";
import { type Beat, type Parts, Straight, type Transition } from "./transitions";

/** The beats of an affine map share its time equally; during *look* only the view moves. */
export const LOOK = 0.25;
export const STRETCH = 0.5;
export const TURN = 0.75;
export const SHIFT = 1;

/** x ↦ x W + b as a stretch P = U Σ Uᵀ, a turn R = U Vᵀ and a shift b. */
export class AlongAffine implements Transition {
  readonly kind = "affine";
  readonly beats: readonly Beat[] = [
    { kind: "look", start: 0, stop: LOOK },
    { kind: "stretch", start: LOOK, stop: STRETCH },
    { kind: "turn", start: STRETCH, stop: TURN },
    { kind: "shift", start: TURN, stop: SHIFT },
  ];
  private own: Factors | undefined;
  private clock: Tempo | undefined;
  private turned: [Rotation, boolean] | undefined;

  constructor(
    readonly k: number,
    /** (n_in, n_out) */
    readonly weight: Matrix,
    readonly bias: Float64Array,
    /** Some rows of the cloud before the map. */
    private readonly before: () => Matrix,
    /** Whether it leads from or to some directions of a layer: what the others add joins at the end. */
    readonly isReduced = false,
  ) {}

  /** U (n_in, r), Σ (r,) and V (n_out, r), r the rank of the map on this cloud. */
  get factors(): Factors {
    this.own ??= factors(this.weight, this.before());
    return this.own;
  }

  /** Of the stretch: slower where the cloud changes fast. */
  get pace(): Tempo {
    this.clock ??= stretchPace(this.before(), this.factors.u, this.factors.sigma);
    return this.clock;
  }

  /** What a mirror image says of itself; undefined where the map makes none. */
  mirrorNote(name: string): string | undefined {
    if (!this.isTurnedOver) return undefined;
    const n = Math.max(this.weight.rows, this.weight.columns);
    const { rank, determinantSign, isSpanned } = this.factors;
    if (determinantSign === -1) {
      const what = isSpanned ? "the cloud" : "its space";
      return `${name} mirrors ${what} (its determinant is negative): it is turned over through an extra axis, like a card.`;
    }
    const kept = rank === 1 ? "the direction" : `the ${rank} directions`;
    const axis = rank < n ? "a further one" : "an extra axis";
    return `${name} mirrors ${kept} that it keeps: the cloud is turned over through ${axis}, like a card.`;
  }

  /** What becomes of the direction that is stretched least, and whether the map mirrors. */
  get leastStretch(): string {
    const { rows, columns } = this.weight;
    const { sigma, rank, isSingular, nPressed, determinantSign } = this.factors;
    const flat = `${nPressed} of ${rows} directions ${nPressed === 1 ? "is" : "are"} pressed flat`;
    if (isSingular) {
      const lost = rows - rank;
      const empty = `${lost === 1 ? "the direction that is" : `the ${lost} directions that are`} lost held nothing of the cloud`;
      return `${nPressed ? flat : empty} (smallest singular value 0${rows === columns ? ", determinant zero" : ""})`;
    }
    const least = `×${twoDigits(sigma[rank - 1])} (smallest singular value)`;
    if (nPressed) return `${flat}; least stretch of the others ${least}`;
    if (determinantSign === null) return `least stretch ${least}`;
    const mirrored = determinantSign < 0 ? "mirrored (determinant negative)" : "not mirrored (determinant positive)";
    return `least stretch ${least}, ${mirrored}`;
  }

  private get carrying(): [Rotation, boolean] {
    if (!this.turned) {
      const n = Math.max(this.weight.rows, this.weight.columns);
      this.turned = carryingRotation(padRows(this.factors.u, n), padRows(this.factors.v, n));
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

  /** P to the power of `amount`, times a matrix of n_in rows; what P kills goes straight to 0. */
  stretched(amount: number, matrix: Matrix): Matrix {
    const { u, sigma } = this.factors;
    const read = transposeMultiply(u, matrix);
    const grown = scaleRows(
      read,
      sigma.map((value) => value ** amount),
    );
    const kept = multiply(u, grown);
    if (sigma.length === u.rows) return kept;
    // The rest is taken apart, so that no direction is squashed by rounding.
    return combine(1, kept, 1 - amount, combine(1, matrix, -1, multiply(u, read)));
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
    const matrix = this.stretched(this.pace.at(beatProgress(s, LOOK, STRETCH)), padRows(seen, nIn));
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
