/** What happens when, in words: the same as src/unknot/motion/beats.py. */
import type { MapHeader } from "../page_file/header";
import { twoDigits } from "../words";
import { AlongAffine } from "./along_map";
import type { Beat, BeatKind, Transition } from "./transitions";

/** What people read, where that is not the kind itself. */
const BEAT_NAMES: Partial<Record<BeatKind, string>> = { look: "view" };

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
    private readonly activation: string | undefined,
  ) {}

  /** Without its layer. */
  get name(): string {
    return BEAT_NAMES[this.kind] ?? this.kind;
  }

  get title(): string {
    return this.kind === "activation" || this.kind === "softmax" ? this.layer : `${this.layer}: ${this.name}`;
  }

  /** What happens, for a reader who sees it for the first time. */
  get sentence(): string {
    if (this.kind === "activation") return this.activation ?? "each unit is bent by itself";
    if (this.kind === "softmax") {
      return "softmax turns scores (logits) into probabilities, drawn straight";
    }
    if (this.transition instanceof AlongAffine) return affineSentence(this.kind, this.transition);
    return "filled in between start and end, not the network's own path";
  }
}

/** A transition's beat in the time of the whole scene. */
export function sceneBeat(beat: Beat, map: MapHeader, transition: Transition, k: number): SceneBeat {
  return new SceneBeat(beat.kind, k + beat.start, k + beat.stop, map.name, transition, map.sentence);
}

function affineSentence(kind: BeatKind, path: AlongAffine): string {
  const { rows: nIn, columns: nOut } = path.weight;
  if (kind === "look") return "only the view turns; the points stand still";
  if (path.isReduced) return reducedSentence(kind);
  if (kind === "stretch") {
    const { sigma } = path.factors;
    if (!sigma.length) return "everything is squashed to one point";
    const largest = `×${twoDigits(sigma[0])}`;
    const factors =
      sigma.length > 1
        ? `×${twoDigits(sigma[sigma.length - 1])} to ${largest} by direction`
        : `${largest} in one direction`;
    const lost = nIn - sigma.length;
    const flat = lost ? `; ${lost} direction${lost > 1 ? "s" : ""} pressed flat` : "";
    return `stretched ${factors}${flat}`;
  }
  if (kind === "turn") {
    if (path.isTurnedOver) return "turned over like a card: the layer mirrors the cloud";
    const into = nOut > nIn ? ` into the space of ${nOut} units` : "";
    return `turned as a whole${into}; no distance changes`;
  }
  return "all points move the same way (the bias)";
}

/** The page carries some directions of the layer only: nothing can be said about all of it. */
function reducedSentence(kind: BeatKind): string {
  if (kind === "stretch") return "stretched, by another factor in each direction";
  if (kind === "turn") return "turned as a whole; no distance changes";
  return "all points move by the bias, and by what this page leaves out of the layer";
}
