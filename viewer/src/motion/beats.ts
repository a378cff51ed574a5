/** What happens when, in words: the same as src/unknot/motion/beats.py. */
import type { MapHeader } from "../page_file/header";
import { twoDigits } from "../words";
import { AlongAffine } from "./along_map";
import type { Beat, BeatKind, Transition } from "./transitions";

/** A stretch of time during which one thing happens. */
export class SceneBeat {
  constructor(
    readonly kind: BeatKind,
    /** In t. */
    readonly start: number,
    readonly stop: number,
    /** The layer or function at work. */
    readonly layer: string,
    private readonly transition: Transition,
    /** What an activation does. */
    private readonly told: string | undefined,
  ) {}

  get title(): string {
    return this.kind === "activation" || this.kind === "softmax" ? this.layer : `${this.layer}: ${this.kind}`;
  }

  /** What happens, for a reader who sees it for the first time. */
  get sentence(): string {
    if (this.kind === "activation") return this.told ?? "each unit is bent by itself";
    if (this.kind === "softmax") {
      return "softmax mixes the units: shown straight from the logits to the probabilities";
    }
    if (this.transition instanceof AlongAffine) return affineSentence(this.kind, this.transition);
    return "drawn between the ends, not the path the network takes";
  }
}

/** A transition's beat in the time of the whole scene. */
export function sceneBeat(beat: Beat, map: MapHeader, transition: Transition, k: number): SceneBeat {
  return new SceneBeat(beat.kind, k + beat.start, k + beat.stop, map.name, transition, map.sentence);
}

function affineSentence(kind: BeatKind, path: AlongAffine): string {
  const { rows: nIn, columns: nOut } = path.weight;
  if (kind === "look") return "nothing moves but the view: it turns to what the layer reads";
  if (path.isReduced) return reducedSentence(kind);
  if (kind === "stretch") {
    const { sigma } = path.svd;
    if (!sigma.length) return "everything is squashed to one point";
    let factors = `×${twoDigits(sigma[0])}`;
    if (sigma.length > 1) factors = `×${twoDigits(sigma[sigma.length - 1])} to ${factors}`;
    const lost = nIn - sigma.length;
    const killed = lost ? `; ${lost} direction${lost > 1 ? "s" : ""} lost` : "";
    return `stretched ${factors} along its own directions${killed}`;
  }
  if (kind === "turn") {
    if (path.isTurnedOver) return "turned over through an extra axis: the map mirrors";
    return `turned, nothing is deformed${nOut > nIn ? `, into ${nOut} units` : ""}`;
  }
  return "the bias moves the cloud as a whole";
}

/** Of some directions nothing can be said about the whole map. */
function reducedSentence(kind: BeatKind): string {
  if (kind === "stretch") return "stretched along the layer's own directions, as far as they are kept";
  if (kind === "turn") return "turned, nothing is deformed";
  return "the bias moves the cloud as a whole, and what is not kept of the layer joins in";
}
