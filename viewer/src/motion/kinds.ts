/** The kinds of morph, as src/unknot/motion/kinds.py has them; the page knows the honest one. */
import type { MapAt } from "../network/forward";
import { AlongActivation, AlongAffine, AlongSoftmax } from "./along_map";
import { Straight, type Transition } from "./transitions";

/** Along the maps: stretch, turn, shift; bend unit by unit; else straight. */
export function honest(map: MapAt, k: number, nIn: number, nOut: number): Transition {
  if (map.kind === "affine") return new AlongAffine(k, map.weight, map.bias, map.isReduced);
  if (map.kind === "softmax") return new AlongSoftmax(k, nIn, nOut);
  return map.kind === "activation" ? new AlongActivation(k, nIn, nOut) : new Straight(k, nIn, nOut);
}
