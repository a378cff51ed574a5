/** The network and its settings from 32 starts: their boundaries side by side, the best first. */

import { css, onTheme, type Rgb, ramp, rgb } from "../theme/colours";
import { formatRecipe } from "../training/address";
import { Engine, type NetworkShape, type Rows, type Score } from "../training/engine";
import type { Done, Job } from "../training/jobs";
import { type Pool, startJobs } from "../training/jobs_pool";
import { startWeights } from "../training/session";
import { LEARNING, type Studio } from "../training/studio";
import { someRows, toleranceOf } from "../width/search";
import { fit, grouped, percent, plain } from "../words";
import type { Board } from "./board";
import { settingsText } from "./compare";
import { h, write } from "./dom";
import type { Host } from "./panel";

export const STARTS = 32;
const STEPS = [500, 1_000, 2_000, 5_000, 10_000];
/** Nodes along each side of a small picture's plane, and points in it. */
const NODES = 36;
const POINTS = 160;
/** Pixels of a small picture's canvas. */
const SIDE = 108;

export function openStarts(host: Host, board: Board, studio: Studio): void {
  const { step } = studio.shown;
  const { until } = host.store.state;
  const steps = until || (STEPS.find((each) => each >= Math.max(step, 2_000)) ?? STEPS.at(-1)!);
  // A rate that falls has fallen by “Stop at”.
  const choices = until && studio.settings.schedule ? [until] : [...new Set([...STEPS, steps])].sort((a, b) => a - b);
  const says = h("p", { class: "note", "aria-live": "polite" });
  const list = h("div", { class: "tiles" });
  const choose = h("select", { "aria-label": "Steps of each training", onchange: () => begin() });
  for (const each of choices) {
    choose.append(
      h("option", { value: each }, `${grouped(each)} steps each${each === until ? ", as “Stop at” says" : ""}`),
    );
  }
  choose.value = String(steps);
  let pool: Pool | null = null;
  const stale = h(
    "p",
    { class: "trouble", role: "status", hidden: true },
    "The settings are others now. ",
    h("button", { type: "button", onclick: () => openStarts(host, board, studio) }, "Train them again"),
  );
  const stopListening = host.store.listen((changed) => {
    if (LEARNING.some((name) => changed.has(name)) || changed.has("patience")) stale.hidden = false;
  });
  const begin = (): void => {
    pool?.cancel();
    pool = run(host, board, studio, Number(choose.value), says, list);
  };
  studio.pause();
  board.open({
    title: `${STARTS} starts of ${fit(studio.run.header.name, 60)}`,
    body: h("div", {}, h("div", { class: "row-of" }, choose, says), stale, list),
    close: () => {
      stopListening();
      pool?.cancel();
    },
  });
  begin();
}

/** Jobs of the same network and settings; a start each, with the seeds that "New start" counts. */
export function startJobsOf(studio: Studio, steps: number, patience = 0): Job[] {
  const { shape, settings, startKind } = studio;
  return Array.from({ length: STARTS }, (_, i) => ({
    number: i,
    shape,
    settings,
    seed: i + 1,
    start: startWeights(shape, startKind, i + 1),
    steps,
    patience,
  }));
}

function run(host: Host, board: Board, studio: Studio, steps: number, says: HTMLElement, list: HTMLElement): Pool {
  const { lesson, shape, settings } = studio;
  const dones: Done[] = [];
  list.replaceChildren();
  const tiles = new Map<Done, HTMLElement>();
  write(says, `0 of ${STARTS} are trained.`);
  return startJobs(lesson, startJobsOf(studio, steps, host.store.state.patience), (done) => {
    dones.push(done);
    dones.sort((a, b) => rank(a) - rank(b));
    const take = (): void => {
      board.close();
      const trained = formatRecipe([{ step: 0, settings }], done.end.step);
      host.store.set({ start: done.number + 1, trained });
    };
    tiles.set(done, tile(host, shape, lesson.training, done, take));
    list.replaceChildren(...dones.map((each) => tiles.get(each)!));
    write(says, summary(studio, dones));
  });
}

/** The loss that counts: held out, where something is. */
function rank({ end, divergence }: Done): number {
  const { loss } = scoreOf(end);
  return divergence || !Number.isFinite(loss) ? Infinity : loss;
}

function scoreOf({ heldOut, training }: Done["end"]): Score {
  return heldOut ?? training;
}

/** How many got there, and where that is. */
export function summary(studio: Studio, dones: readonly Done[]): string {
  const { run, nHeldOut, nTraining, settings } = studio;
  const done = dones.length < STARTS ? `${dones.length} of ${STARTS} are trained. ` : "";
  const where = nHeldOut ? "held out" : "of the training";
  const order = "Sorted by loss; press one to take it.";
  if (scoreOf(dones[0].end).accuracy === null) {
    const least = rank(dones[0]);
    const n = dones.filter((each) => rank(each) <= 1.1 * least).length;
    return `${done}${n} of ${dones.length} got to the lowest loss ${where} or within a tenth of it. ${order}`;
  }
  const accuracies = dones.map(({ end }) => scoreOf(end).accuracy!);
  const best = run.header.best_possible ?? null;
  const top = best ?? Math.max(...accuracies);
  const bar = top - toleranceOf(top, nHeldOut || nTraining);
  const n = accuracies.filter((accuracy) => accuracy >= bar).length;
  const reason = best === null ? "the best of them" : `the best possible, ${percent(best, 1)},`;
  return (
    `${done}${n} of ${dones.length} got there: ${percent(bar, 1)} right ${where} or more, which is as near to ${reason} ` +
    `as ${grouped(nHeldOut || nTraining)} points can tell. ${settingsText(settings)}. ${order}`
  );
}

function tile(host: Host, shape: NetworkShape, rows: Rows, done: Done, take: () => void): HTMLElement {
  const { accuracy, loss } = scoreOf(done.end);
  const name = `Start ${done.number + 1}`;
  const text = done.divergence
    ? `diverged at step ${grouped(done.divergence.step)}`
    : accuracy === null
      ? `loss ${plain(Number(loss.toPrecision(3)))}`
      : percent(accuracy, 1);
  const canvas = rows.x.length === 2 * rows.n && !done.divergence ? plane(host, shape, done.end.weights, rows) : null;
  return h(
    "button",
    {
      type: "button",
      class: "tile",
      "aria-label": `${name}: ${text}`,
      title: `${name} after ${grouped(done.end.step)} steps: loss ${plain(loss)}`,
      onclick: take,
    },
    canvas,
    h("b", {}, text),
    h("span", {}, `#${done.number + 1}`),
  );
}

/** The plane of two features: what the network answers there, and some of the points. */
export function plane(host: Host, shape: NetworkShape, weights: Float32Array, rows: Rows): HTMLCanvasElement {
  const canvas = h("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
  const { x, y, n } = rows;
  const ends = [0, 1].map((j) => {
    const values = x.subarray(j * n, (j + 1) * n);
    const [low, high] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
    return [low - 0.05 * (high - low), high + 0.05 * (high - low)];
  });
  const grid = new Float32Array(2 * NODES * NODES);
  for (let r = 0; r < NODES; r++) {
    for (let c = 0; c < NODES; c++) {
      grid[r * NODES + c] = ends[0][0] + ((ends[0][1] - ends[0][0]) * (c + 0.5)) / NODES;
      grid[NODES * NODES + r * NODES + c] = ends[1][1] - ((ends[1][1] - ends[1][0]) * (r + 0.5)) / NODES;
    }
  }
  const engine = new Engine(shape, 1);
  engine.parameters.set(weights);
  const answers = engine.answers({ x: grid, y: new Float32Array(NODES * NODES), n: NODES * NODES });
  const colours = host.run.header.class_colours.map((colour) => onTheme(rgb(colour), host.theme()));
  const colourOf = (value: number): Rgb =>
    shape.output === "linear" ? ramp((value + 2) / 4) : (colours[value] ?? host.theme().muted);
  const paper = canvas.getContext("2d")!;
  const cell = SIDE / NODES;
  paper.globalAlpha = 0.32;
  answers.forEach((answer, i) => {
    paper.fillStyle = css(colourOf(answer));
    paper.fillRect((i % NODES) * cell, Math.floor(i / NODES) * cell, cell, cell);
  });
  paper.globalAlpha = 0.9;
  for (const row of someRows(n, POINTS)) {
    paper.fillStyle = css(colourOf(y[row]));
    const across = (SIDE * (x[row] - ends[0][0])) / (ends[0][1] - ends[0][0]);
    const down = (SIDE * (ends[1][1] - x[n + row])) / (ends[1][1] - ends[1][0]);
    paper.fillRect(across - 1, down - 1, 2, 2);
  }
  return canvas;
}
