/** The kinds of morph, as src/unknot/motion/kinds.py has them; the page knows the honest one. */
import type { MapAt } from "../network/forward";
import { AlongActivation, AlongAffine } from "./along_map";
import { Straight, type Transition } from "./transitions";

/** Along the maps: stretch, turn, shift; bend unit by unit; straight where a map is opaque. */
export function honest(map: MapAt, k: number, nIn: number, nOut: number): Transition {
  if (map.kind === "affine") return new AlongAffine(k, map.weight, map.bias, map.isReduced);
  return map.kind === "activation" ? new AlongActivation(k, nIn, nOut) : new Straight(k, nIn, nOut);
}
