/** What happens when, in words: the same as src/unknot/motion/beats.py. */
import { type Matrix, multiply, norm, range, scaleColumns, subtract, transpose } from "../math/matrix";
import { centred, meanSquares } from "../network/factors";
import type { ClauseHeader, MapHeader } from "../page_file/header";
import { twoDigits } from "../words";
import { AlongAffine } from "./along_map";
import { padRows } from "./rotation";
import type { Beat, BeatKind, Transition } from "./transitions";

/** What people read, where that is not the kind itself. */
const BEAT_NAMES: Partial<Record<BeatKind, string>> = { look: "view" };
/**
 * A beat whose picture moves by less than this share of its radius is not seen, and a cloud that
 * moves by less has not changed.
 */
export const UNSEEN = 2e-3;
/** Products of a decomposition in double precision are exact to this share of what is far out. */
const EXACT = 1e-9;

const NOTHING = "nothing changes";
const LITTLE = "no point moves by more than 0.2% of the cloud's radius";

/** What a sentence is held to before it is said. */
export interface Evidence {
  /** Some rows of a representation. */
  sample(k: number): Matrix;
  /** Whether the picture changes between two moments. */
  isSeen(start: number, stop: number): boolean;
}

/** A stretch of time during which one thing happens. */
export class SceneBeat {
  private words: string | undefined;

  constructor(
    readonly kind: BeatKind,
    /** In t. */
    readonly start: number,
    readonly stop: number,
    private readonly map: MapHeader,
    private readonly transition: Transition,
    private readonly evidence: Evidence,
  ) {}

  /** The layer or function at work. */
  get layer(): string {
    return this.map.name;
  }

  /** Without its layer. */
  get name(): string {
    return BEAT_NAMES[this.kind] ?? this.kind;
  }

  get title(): string {
    return this.kind === "activation" || this.kind === "softmax" ? this.layer : `${this.layer}: ${this.name}`;
  }

  /** What happens, for a reader who sees it for the first time. */
  get sentence(): string {
    this.words ??= this.findSentence();
    return this.words;
  }

  private findSentence(): string {
    const { k } = this.transition;
    if (this.kind === "look") {
      const isSeen = this.evidence.isSeen(this.start, this.stop);
      return `${isSeen ? "only the view turns" : "the view stays as it is"}; the points stand still`;
    }
    const after = this.evidence.sample(k + 1);
    if (this.transition instanceof AlongAffine) return affineSentence(this.kind, this.transition, after);
    if (this.kind === "softmax") return "softmax turns scores (logits) into probabilities, drawn straight";
    if (this.kind !== "activation") return "filled in between start and end, not the network's own path";
    const before = this.evidence.sample(k);
    const size = Math.max(radius(before), radius(after));
    return still(subtract(after, before), size, NOTHING) ?? sentenceFor(this.map, before);
  }
}

/** A transition's beat in the time of the whole scene. */
export function sceneBeat(beat: Beat, map: MapHeader, transition: Transition, evidence: Evidence): SceneBeat {
  const { k } = transition;
  return new SceneBeat(beat.kind, k + beat.start, k + beat.stop, map, transition, evidence);
}

/** What of an activation happens to a cloud before it that it changes. */
function sentenceFor({ clauses, sentence, otherwise }: MapHeader, z: Matrix): string {
  const bent = otherwise ?? "each unit is bent by itself";
  if (!clauses) return sentence ?? bent;
  const said = clauses.filter((clause) => holds(clause, z)).map(({ text }) => text);
  return said.length ? said.join(", ") : bent;
}

/** Whether a value lies inside one of the intervals; or one unit's values inside each of them. */
function holds({ where, both }: ClauseHeader, { columns: n, data }: Matrix): boolean {
  const end = (value: number | readonly number[] | null, unit: number, open: number): number =>
    value === null ? open : typeof value === "number" ? value : value[unit];
  const inside = where.map(([low, high]) => {
    const units = new Set<number>();
    data.forEach((z, i) => {
      if (z > end(low, i % n, -Infinity) && z < end(high, i % n, Infinity)) units.add(i % n);
    });
    return units;
  });
  if (!inside.length) return false;
  if (!both) return inside.some((units) => units.size > 0);
  return [...inside[0]].some((unit) => inside.every((units) => units.has(unit)));
}

function affineSentence(kind: BeatKind, path: AlongAffine, after: Matrix): string {
  if (path.isReduced) return reducedSentence(kind);
  if (kind === "stretch") return stretchSentence(path);
  if (kind === "turn") return turnSentence(path);
  const bias = { rows: 1, columns: path.bias.length, data: path.bias };
  return still(bias, radius(after), "no shift: the bias is 0") ?? "all points move the same way (the bias)";
}

function stretchSentence({ factors: own }: AlongAffine): string {
  const { filled, nPressed } = own;
  const scales = own.sigma.filter((_, i) => filled[i]);
  if (!scales.length) return nPressed ? "everything is squashed to one point" : "all points are one already";
  const [low, high] = [scales[scales.length - 1], scales[0]].map(twoDigits);
  const flat = nPressed ? `; ${nPressed} direction${nPressed > 1 ? "s" : ""} pressed flat` : "";
  return stretched() + flat;

  function stretched(): string {
    if (scales.every((value) => Math.abs(value - 1) <= UNSEEN)) return "no direction is stretched";
    if (scales.length === 1) return `stretched ×${high} in one direction`;
    if (low !== high) return `stretched ×${low} to ×${high} by direction`;
    return `stretched ×${high} ${nPressed ? "in the others" : "in every direction"}`;
  }
}

function turnSentence(path: AlongAffine): string {
  const { rows: nIn, columns: nOut } = path.weight;
  const { cloud, u, sigma, v, isSpanned } = path.factors;
  const n = Math.max(nIn, nOut);
  const stretched = scaleColumns(multiply(cloud, u), sigma);
  const moved = multiply(stretched, transpose(subtract(padRows(v, n), padRows(u, n))));
  const rounding = EXACT * longest(stretched);
  const resting = still(moved, radius(stretched), "no turn: every direction stays", rounding);
  if (resting) return resting;
  if (path.isTurnedOver && isSpanned) return "turned over like a card: the layer mirrors the cloud";
  const into = nOut > nIn ? ` into the space of ${nOut} units` : "";
  return `turned as a whole${into}; no distance changes`;
}

/** The page carries some directions of the layer only: nothing can be said about all of it. */
function reducedSentence(kind: BeatKind): string {
  if (kind === "stretch") return "stretched, by another factor in each direction";
  if (kind === "turn") return "turned as a whole; no distance changes";
  return "all points move by the bias, and by what this page leaves out of the layer";
}

/** What is said where no point moves by more than is seen; undefined where one does. */
function still(moved: Matrix, size: number, unmoved: string, rounding = 0): string | undefined {
  const farthest = longest(moved);
  if (farthest <= rounding) return unmoved;
  return farthest <= UNSEEN * size ? LITTLE : undefined;
}

/** The longest row. */
function longest({ rows, columns, data }: Matrix): number {
  const lengths = range(0, rows).map((i) => norm(data.subarray(i * columns, (i + 1) * columns)));
  return lengths.reduce((most, length) => Math.max(most, length), 0);
}

/** Root of the mean squared distance from the centre. */
function radius(cloud: Matrix): number {
  return Math.sqrt(meanSquares(centred(cloud)).reduce((sum, square) => sum + square, 0));
}
