/** "How wide?": the search for the least width, row by row, in the words of Python's search. */
import { parseSpec } from "../datasets/spec";
import { networkOf } from "../training/editing";
import type { Studio } from "../training/studio";
import { METRICS, type Metric, SHOWN } from "../width/judging";
import { type Found, type Question, shapeOfWidth, USUAL, WidthSearch } from "../width/search";
import { type Statement, theory } from "../width/theory";
import { answerRange, answerText, objection, type WidthResult } from "../width/verdict";
import { grouped, percent, plain } from "../words";
import type { Board } from "./board";
import { choice } from "./choices";
import { h, write } from "./dom";
import type { Host } from "./panel";

/** The question that a network asks; a sentence where there is none. */
export function questionOf(studio: Studio): Question | string {
  const { shape, lesson, run } = studio;
  if (shape.output === "linear") return "The least width is looked for where there are classes.";
  const bent = shape.layers.filter(({ formula }) => formula !== null);
  if (!bent.length) return "This network has no layer that bends: give a layer an activation, then ask again.";
  return {
    layer: bent[0].formula,
    depth: bent.length,
    output: shape.output,
    nClasses: run.nClasses,
    training: lesson.training,
    heldOut: lesson.heldOut,
    bestPossible: run.header.best_possible ?? null,
    theory: theory({
      name: parseSpec(studio.origin.data)?.name ?? "",
      d: run.nUnits(0),
      nClasses: run.nClasses,
      activation: nameOf(studio),
      depth: bent.length,
      widths: Array.from({ length: USUAL.maxWidth }, (_, i) => i + 1),
    }),
  };
}

export function openWidths(host: Host, board: Board, studio: Studio, metric?: Metric): void {
  const question = questionOf(studio);
  if (typeof question === "string") {
    host.say(question);
    return;
  }
  studio.pause();
  const says = h("p", { class: "answer", "aria-live": "polite" });
  const note = h("p", { class: "note" });
  const judge = choice(
    "Judge by",
    METRICS.map((name) => [name, `Judged by ${SHOWN[name].replace("minus ", "")}`]),
    (value) => openWidths(host, board, studio, value as Metric),
  );
  const scoreName = h("th", {}, "Right");
  const rows = h("tbody");
  const table = h(
    "table",
    {},
    h(
      "thead",
      {},
      h("tr", {}, h("th", {}, "Units"), scoreName, ...["Get there", "Verdict", ""].map((name) => h("th", {}, name))),
    ),
    rows,
  );
  const depth = question.depth === 1 ? "one hidden layer" : `${question.depth} hidden layers`;
  let known = 0;
  const began = performance.now();
  const search = new WidthSearch({ ...question, metric }, USUAL, (found, done, all) => {
    if (found) {
      judge.value = found.metric;
      write(scoreName, found.metric === "log_loss" ? "Log loss" : found.metric === "accuracy" ? "Right" : "Balanced");
    }
    if (!found) {
      write(says, "Looking for what can be reached at all …");
      return;
    }
    write(says, found.isOver ? `${capital(answer(found))}.` : `Training: ${done} of ${all} …`);
    write(note, noteText(found, performance.now() - began));
    for (const result of found.widths.slice(known)) rows.append(row(host, board, studio, question, result, found));
    known = found.widths.length;
  });
  board.open({
    title: `How wide? ${nameOf(studio)}, ${depth}`,
    body: h("div", { class: "widths" }, judge, says, table, note, ...proved(question.theory)),
    close: () => search.cancel(),
  });
}

function nameOf({ run }: Studio): string {
  return run.header.maps.find(({ kind }) => kind === "activation")?.name ?? "";
}

/** As Python's search lists them. */
function proved(statements: readonly Statement[] = []): HTMLElement[] {
  const line = ({ text, source, domain }: Statement): HTMLElement =>
    h("li", {}, text, h("span", { class: "note" }, ` ${source}${domain && ` (${domain})`}.`));
  return statements.length ? [h("h3", {}, "What is proved"), h("ul", {}, ...statements.map(line))] : [];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function answer({ widths, bar }: Found): string {
  const range = answerRange(widths);
  // Python says the same in place of an answer.
  return objection(bar).replace(/\.$/, "") || answerText(range) + (range ? "" : `, up to ${USUAL.maxWidth}`);
}

/** A share that is right, or a loss. */
function scoreText(score: number, metric: Metric): string {
  return metric === "log_loss" ? plain(Number((-score).toPrecision(3))) : percent(score, 1);
}

function noteText({ ceiling, bar, nJudging, metric, isOver }: Found, milliseconds: number): string {
  const seconds = isOver ? ` It took ${(milliseconds / 1_000).toFixed(1)} s.` : "";
  return (
    `What can be reached: ${scoreText(ceiling.accuracy, metric)} (${ceiling.source}). Enough is what comes within ` +
    `${metric === "log_loss" ? bar.tolerance : `${(100 * bar.tolerance).toFixed(1)} points`} of it, by ${grouped(nJudging)} points that are held out; of each width ` +
    `${USUAL.restarts} starts learn ${grouped(USUAL.steps)} steps with Adam. Python's search has more starts and steps.${seconds}`
  );
}

function row(
  host: Host,
  board: Board,
  studio: Studio,
  question: Question,
  { width, score, scores, nReached, verdict, reason }: WidthResult,
  found: Found,
): HTMLElement {
  const weights = found.weights.get(width)!;
  const take = (): void => {
    board.close();
    const run = networkOf(studio.run, shapeOfWidth(question, width), weights);
    if (typeof run === "string") host.say(run);
    else host.edit(run);
  };
  return h(
    "tr",
    {},
    h("th", {}, String(width)),
    h("td", {}, scoreText(score, found.metric)),
    h("td", {}, `${nReached} of ${scores.length}`),
    h("td", {}, h("b", { class: verdict.replaceAll(" ", "-") }, verdict), h("div", { class: "note" }, reason)),
    h(
      "td",
      {},
      h("button", { type: "button", "aria-label": `Take the network of width ${width}`, onclick: take }, "Take"),
    ),
  );
}
