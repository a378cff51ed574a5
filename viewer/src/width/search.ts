/**
 * The search for the least width, in the page: every width is trained from several starts and held to
 * the ceiling, by the rule of src/unknot/width, on points that are held out.
 */
import { random, shuffled } from "../math/random";
import { Engine, type LayerShape, type NetworkShape, type Rows } from "../training/engine";
import type { Done, Job } from "../training/jobs";
import { type Pool, startJobs } from "../training/jobs_pool";
import { type Settings, startWeights } from "../training/session";
import {
  classShares,
  constantLoss,
  constantValues,
  difference,
  LEAST,
  type Metric,
  scoreOf,
  usualMetric,
} from "./judging";
import type { Statement } from "./theory";
import { type Bar, type Judged, standardError, verdictOn, type WidthResult } from "./verdict";

/** Hidden layers of one width, and what they do. */
export interface Question {
  readonly layer: LayerShape["formula"];
  readonly depth: number;
  readonly output: NetworkShape["output"];
  readonly nClasses: number;
  readonly training: Rows;
  readonly heldOut: Rows | null;
  /** The accuracy that no classifier can beat, where it is known. */
  readonly bestPossible: number | null;
  readonly theory?: readonly Statement[];
  /** What is judged by; left out, accuracy, or balanced accuracy where a class is rare. */
  readonly metric?: Metric | undefined;
}

export interface Budget {
  readonly restarts: number;
  readonly steps: number;
  readonly batch: number;
  readonly maxWidth: number;
}

export const USUAL: Budget = { restarts: 16, steps: 1_500, batch: 128, maxWidth: 8 };

/** The accuracy that may be missing to the ceiling, at least. */
const TOLERANCE = 0.005;
/** Standard errors that a tolerance is at least: two make a difference clear. */
const ERRORS = 2.5;
/** Units of each hidden layer of the wide networks that a ceiling is looked for with, and how many. */
const [WIDE, N_WIDE] = [32, 3];
/** Rows of the training that are compared with at most, for the nearest neighbours. */
const MOST_NEIGHBOURS = 4_000;

/** What networks are held to. */
export interface Ceiling {
  readonly accuracy: number;
  readonly source: string;
  /** What each judging row adds to its score; null where it is the best possible accuracy. */
  readonly values: Float32Array | null;
}

export interface Found {
  readonly widths: readonly WidthResult[];
  /** Of the chosen network of each width, its weights. */
  readonly weights: ReadonlyMap<number, Float32Array>;
  readonly bar: Bar;
  readonly ceiling: Ceiling;
  readonly nJudging: number;
  readonly metric: Metric;
  readonly isOver: boolean;
}

/** The usual tolerance, or the least that so many points can tell. */
export function toleranceOf(ceiling: number, nJudging: number): number {
  let tolerance = TOLERANCE;
  // The error is that of an accuracy at the threshold, which the tolerance moves.
  for (let turn = 0; turn < 20; turn++) {
    const error = standardError(Math.min(Math.max(ceiling - tolerance, 0), 1), nJudging);
    tolerance = Math.max(tolerance, Math.ceil(1_000 * ERRORS * error) / 1_000);
  }
  return Math.min(tolerance, 0.5);
}

export function shapeOfWidth({ training, layer, depth, output, nClasses }: Question, width: number): NetworkShape {
  const nInputs = training.x.length / training.n;
  const widths = [nInputs, ...Array<number>(depth).fill(width), output === "softmax" ? nClasses : 1];
  const layers = widths.slice(1).map((nOut, l) => ({ nIn: widths[l], nOut, formula: l < depth ? layer : null }));
  return { layers, output };
}

/** Adam, from a peak along a cosine, as Python's search. */
export function settingsOf({ depth }: Question, { steps, batch }: Budget): Settings {
  const rate = 0.1 / Math.sqrt(depth);
  return { optimiser: "adam", rate, batch, decay: 0, l1: 0, l2: 0, schedule: { kind: "cosine", until: steps } };
}

/** Jobs of one width, a start each. */
export function jobsOf(question: Question, budget: Budget, width: number, starts: number, first = 0): Job[] {
  const shape = shapeOfWidth(question, width);
  return Array.from({ length: starts }, (_, i) => ({
    number: first + i,
    shape,
    settings: settingsOf(question, budget),
    seed: i + 1,
    start: startWeights(shape, "spread", 1_000 * width + i + 1),
    steps: budget.steps,
  }));
}

/** The score on the training rows, in which all classes weigh the same where the balanced accuracy asks for it. */
function trainingScore({ end }: Done, metric: Metric): number {
  return metric === "log_loss" ? -end.training.loss : end.training.accuracy!;
}

/** The network that is best on the training points: the highest score, then the lowest loss. */
export function winnerOf(dones: readonly Done[], metric: Metric): Done {
  const sound = (x: number): number => (Number.isFinite(x) ? x : -Infinity);
  return dones.reduce((best, each) => {
    const [a, b] = [each.end.training, best.end.training];
    const gain = sound(trainingScore(each, metric)) - sound(trainingScore(best, metric));
    return gain > 0 || (gain === 0 && sound(-a.loss) > sound(-b.loss)) ? each : best;
  });
}

/** What each row adds to the score of a network: 1 where it is right, or its log probability. */
export function rowValues(metric: Metric, shape: NetworkShape, weights: Float32Array, rows: Rows): Float32Array {
  const engine = new Engine(shape, 1);
  engine.parameters.set(weights);
  if (metric === "log_loss") {
    return rows.y.map((_, i) => {
      const { loss } = engine.score(take(rows, Uint32Array.of(i)));
      return Number.isFinite(loss) ? Math.max(-loss, LEAST) : LEAST;
    });
  }
  const answers = engine.answers(rows);
  return answers.map((answer, i) => Number(answer === rows.y[i]));
}

/** What a width is, from its trainings. */
export function judge(
  question: Question,
  bar: Bar,
  ceiling: Ceiling,
  judging: Rows,
  width: number,
  dones: readonly Done[],
  narrower: readonly WidthResult[],
): WidthResult {
  const { metric = "accuracy", nClasses } = question;
  const winner = winnerOf(dones, metric);
  const shape = shapeOfWidth(question, width);
  const scores = dones.map(({ end: { heldOut, weights } }) => {
    if (metric === "log_loss") return Math.max(-heldOut!.loss, LEAST);
    if (metric === "accuracy") return heldOut!.accuracy!;
    return scoreOf(metric, rowValues(metric, shape, weights, judging), judging.y, nClasses);
  });
  const score = scores[dones.indexOf(winner)];
  let judged: Judged;
  if (ceiling.values) {
    const own = rowValues(metric, shape, winner.end.weights, judging);
    const { gain, error } = difference(metric, own, ceiling.values, judging.y, nClasses);
    judged = { shortfall: gain, error, nPoints: judging.n };
  } else {
    const level = Math.min(Math.max(bar.ceiling - bar.tolerance, 0), 1);
    judged = { shortfall: bar.ceiling - score, error: standardError(level, judging.n), nPoints: judging.n };
  }
  const losses = dones.map(({ end }) => end.training.loss);
  const trials = { losses, scores, score, trainingScore: trainingScore(winner, metric), judged };
  return verdictOn(bar, width, trials, narrower);
}

/** Rows that train and rows that judge: what is held out or, where nothing is, a fifth. */
export function splitOf({ training, heldOut }: Pick<Question, "training" | "heldOut">): [Rows, Rows] {
  if (heldOut?.n) return [training, heldOut];
  const order = shuffled(training.n, 1);
  const nJudging = Math.ceil(training.n / 5);
  return [take(training, order.subarray(nJudging)), take(training, order.subarray(0, nJudging))];
}

/** The same with rows of rare classes repeated, until all classes weigh the same. */
export function balanced({ x, y, n }: Rows, nClasses: number): Rows {
  const groups: number[][] = Array.from({ length: nClasses }, () => []);
  for (let i = 0; i < n; i++) groups[y[i]].push(i);
  const size = Math.max(...groups.map((group) => group.length));
  const rows = groups.flatMap((group) =>
    Array.from({ length: group.length && size }, (_, i) => group[i % group.length]),
  );
  const order = shuffled(rows.length, 3);
  return take(
    { x, y, n },
    Uint32Array.from(order, (i) => rows[i]),
  );
}

function take({ x, y, n }: Rows, rows: Uint32Array): Rows {
  const nFeatures = x.length / n;
  const own = new Float32Array(rows.length * nFeatures);
  for (let j = 0; j < nFeatures; j++)
    for (let i = 0; i < rows.length; i++) own[j * rows.length + i] = x[j * n + rows[i]];
  return { x: own, y: Float32Array.from(rows, (row) => y[row]), n: rows.length };
}

/** The class of the nearest k ≈ √n training rows, as Python's baseline: 1 where it is right. */
export function neighboursRight(training: Rows, judging: Rows, nClasses: number): Float32Array {
  const n = Math.min(training.n, MOST_NEIGHBOURS);
  const k = Math.min(Math.max(1, Math.round(Math.sqrt(n) / 2)) * 2 - 1, n);
  const nFeatures = training.x.length / training.n;
  const near = new Float64Array(n);
  return Float32Array.from({ length: judging.n }, (_, i) => {
    near.fill(0);
    for (let j = 0; j < nFeatures; j++) {
      const own = judging.x[j * judging.n + i];
      for (let r = 0; r < n; r++) near[r] += (training.x[j * training.n + r] - own) ** 2;
    }
    const limit = Float64Array.from(near).sort()[k - 1];
    const votes = new Float64Array(nClasses);
    for (let r = 0; r < n; r++) if (near[r] <= limit) votes[training.y[r]]++;
    return Number(votes.indexOf(Math.max(...votes)) === judging.y[i]);
  });
}

export class WidthSearch {
  private pool: Pool | null = null;
  private isOver = false;
  private readonly training: Rows;
  private readonly judging: Rows;

  private readonly question: Question;
  private readonly metric: Metric;

  constructor(
    question: Question,
    private readonly budget: Budget,
    private readonly hear: (found: Found | null, done: number, all: number) => void,
  ) {
    const [training, judging] = splitOf(question);
    this.metric = question.metric ?? usualMetric(classShares(training.y, question.nClasses));
    this.question = { ...question, metric: this.metric };
    this.training = training;
    this.judging = judging;
    hear(null, 0, 1);
    if (question.bestPossible !== null && this.metric === "accuracy") {
      this.search({ accuracy: question.bestPossible, source: "best possible", values: null });
    } else this.findCeiling();
  }

  cancel(): void {
    this.isOver = true;
    this.pool?.cancel();
  }

  /** Wide networks or the nearest neighbours: whichever is better on rows set apart from the training. */
  private findCeiling(): void {
    const { training, judging, question, metric } = this;
    const { nClasses } = question;
    const [rest, apart] = splitOf({ training, heldOut: null });
    const score = (values: Float32Array, { y }: Rows): number => scoreOf(metric, values, y, nClasses);
    const ofNetworks = ({ end }: Done, rows: Rows): Float32Array =>
      rowValues(metric, shapeOfWidth(question, WIDE), end.weights, rows);
    const neighbours = (rows: Rows, judges: Rows): Float32Array => neighboursRight(this.fair(rows), judges, nClasses);
    const settle = (values: Float32Array, source: string): void =>
      this.search({ accuracy: score(values, judging), source, values });
    this.wide(rest, apart, (first) => {
      // Their votes are no probabilities.
      const isOther =
        metric !== "log_loss" && score(neighbours(rest, apart), apart) > score(ofNetworks(first, apart), apart);
      if (isOther) settle(neighbours(training, judging), "nearest neighbours");
      else this.wide(training, judging, (done) => settle(ofNetworks(done, judging), `networks of width ${WIDE}`));
    });
  }

  /** Training rows as the metric asks for them. */
  private fair(rows: Rows): Rows {
    return this.metric === "balanced_accuracy" ? balanced(rows, this.question.nClasses) : rows;
  }

  private wide(training: Rows, heldOut: Rows, then: (winner: Done) => void): void {
    const dones: Done[] = [];
    this.pool = startJobs(
      { training: this.fair(training), heldOut },
      jobsOf(this.question, this.budget, WIDE, N_WIDE),
      (done) => {
        dones.push(done);
        if (dones.length === N_WIDE && !this.isOver) then(winnerOf(inOrder(dones), this.metric));
      },
    );
  }

  private search(ceiling: Ceiling): void {
    const { question, budget, judging, metric } = this;
    const training = this.fair(this.training);
    const { maxWidth, restarts } = budget;
    const jobs = Array.from({ length: maxWidth }, (_, i) =>
      jobsOf(question, budget, i + 1, restarts, i * restarts),
    ).flat();
    const all: (Done | undefined)[] = Array(jobs.length);
    const bar = { ...barOf(ceiling, training, judging, question.nClasses, metric), theory: question.theory ?? [] };
    const widths: WidthResult[] = [];
    const weights = new Map<number, Float32Array>();
    let known = bar;
    let n = 0;
    const tell = (isOver: boolean): void =>
      this.hear(
        { widths: [...widths], weights, bar: known, ceiling, nJudging: judging.n, metric, isOver },
        n,
        jobs.length,
      );
    tell(false);
    this.pool = startJobs({ training, heldOut: judging }, jobs, (done) => {
      if (this.isOver) return;
      all[done.number] = done;
      n++;
      for (let width = widths.length + 1; width <= maxWidth; width++) {
        const own = all.slice((width - 1) * restarts, width * restarts).filter((each) => each !== undefined);
        if (own.length < restarts) break;
        known = { ...known, isLearnable: known.isLearnable || beatsConstant(question, judging, width, own) };
        widths.push(judge(question, known, ceiling, judging, width, own, widths));
        weights.set(width, winnerOf(own, metric).end.weights);
      }
      // A width contains all narrower ones: what is wider need not be tried.
      const isFound = widths.some(({ verdict }) => verdict === "enough");
      const isOver = isFound || widths.length === maxWidth;
      if (isOver) this.cancel();
      tell(isOver);
    });
  }
}

function inOrder(dones: readonly Done[]): Done[] {
  return [...dones].sort((a, b) => a.number - b.number);
}

function beatsConstant(question: Question, judging: Rows, width: number, dones: readonly Done[]): boolean {
  const { metric = "accuracy", nClasses } = question;
  const own = rowValues(metric, shapeOfWidth(question, width), winnerOf(dones, metric).end.weights, judging);
  const { gain, error } = difference(metric, constantValues(metric, judging.y, nClasses), own, judging.y, nClasses);
  return gain > 2 * error;
}

export function barOf(
  ceiling: Ceiling,
  training: Rows,
  judging: Rows,
  nClasses: number,
  metric: Metric = "accuracy",
): Bar {
  const ours = constantValues(metric, judging.y, nClasses);
  const constant = scoreOf(metric, ours, judging.y, nClasses);
  let isLearnable: boolean;
  if (ceiling.values) {
    const { gain, error } = difference(metric, ours, ceiling.values, judging.y, nClasses);
    isLearnable = gain > 2 * error;
  } else isLearnable = ceiling.accuracy > constant + 2 * standardError(constant, judging.n);
  return {
    ceiling: ceiling.accuracy,
    tolerance: metric === "accuracy" ? toleranceOf(ceiling.accuracy, judging.n) : TOLERANCE,
    metric,
    constant,
    constantLoss: constantLoss(classShares(training.y, nClasses)),
    isLearnable,
  };
}

/** A few rows at random, for small pictures. */
export function someRows(n: number, most: number): Uint32Array {
  const draw = random(1);
  return n <= most
    ? Uint32Array.from({ length: n }, (_, i) => i)
    : Uint32Array.from({ length: most }, () => Math.floor(n * draw()));
}
