/** The kinds of morph, as src/unknot/motion/kinds.py has them; the page knows the honest one. */
import type { Matrix } from "../math/matrix";
import type { MapAt } from "../network/forward";
import { AlongActivation, AlongAffine, AlongSoftmax } from "./along_map";
import { straightPace } from "./pace";
import { Straight, type Transition } from "./transitions";

export interface Ends {
  readonly k: number;
  readonly nIn: number;
  readonly nOut: number;
  /** Some rows of a representation. */
  sample(k: number): Matrix;
}

/** Along the maps: stretch, turn, shift; bend unit by unit; else straight, at an even pace. */
export function honest(map: MapAt, { k, nIn, nOut, sample }: Ends): Transition {
  if (map.kind === "affine") return new AlongAffine(k, map.weight, map.bias, () => sample(k), map.isReduced);
  const pace = () => straightPace(sample(k), sample(k + 1));
  if (map.kind === "softmax") return new AlongSoftmax(k, nIn, nOut, pace);
  return map.kind === "activation" ? new AlongActivation(k, nIn, nOut, pace) : new Straight(k, nIn, nOut, pace);
}
