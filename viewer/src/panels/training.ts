/** The way through the training: a slider over the curves of loss and accuracy. */
import { r2Text } from "../model/goodness";
import type { History } from "../page_file/header";
import type { Run } from "../page_file/page_file";
import { fit, percent, plain, twoDigits } from "../words";
import { h, iconButton, moveWithKeys, onDrag, setIcon, svg, write } from "./dom";
import type { Host, Now, Panel } from "./panel";

type Series = readonly (number | null)[];

export function training(host: Host): Panel | null {
  const { run, store, player } = host;
  const { runs } = host.file;
  const last = run.lastMoment;
  if (last < 1) return null;
  const slider = h("div", {
    class: "slider training",
    role: "slider",
    tabindex: 0,
    "aria-label": "Moment of training",
    "aria-valuemin": 0,
    "aria-valuemax": last,
  });
  const rail = h("div", { class: "rail" }, h("div", { class: "needle" }));
  const several = runs.length > 1;
  slider.append(h("div", { class: "base" }), several ? comparedCurves(runs) : curves(run), rail);
  const play = iconButton("play", "Play the training", () => player.toggle("training"), "play small");
  const epoch = h("div", { class: "end", "aria-hidden": "true" });
  const key = several ? comparedKey(runs) : ownKey(run);
  const element = h("div", { class: "moments" }, h("div", { class: "row" }, play, slider, epoch), key?.element);
  const go = (u: number): void => {
    player.pause();
    store.set({ u: Math.min(Math.max(u, 0), last) });
  };
  onDrag(slider, (share, event) => {
    const u = share * last;
    const reach = (5 * last) / Math.max(slider.clientWidth, 1);
    go(!event.altKey && Math.abs(u - Math.round(u)) < reach ? Math.round(u) : u);
  });
  moveWithKeys(slider, () => Math.min(store.state.u, last), last, 0.25, go);
  return {
    element,
    update({ state, instants }: Now): void {
      const u = Math.min(state.u, last);
      rail.style.transform = `translateX(${((100 * u) / last).toFixed(3)}%)`;
      const text = u === 0 ? "before training" : `${run.header.clock ?? "epoch"} ${twoDigits4(run.epoch(u))}`;
      write(epoch, text);
      const moments = instants.map(({ scene }) => scene.moment.u);
      key?.update(moments);
      slider.setAttribute("aria-valuenow", u.toFixed(2));
      slider.setAttribute(
        "aria-valuetext",
        [text, ...runs.map((each, i) => spoken(each, moments[i], several))].join(""),
      );
      const playing = player.playing === "training";
      setIcon(play, playing ? "pause" : "play", playing ? "Pause" : "Play the training");
    },
  };
}

function twoDigits4(value: number): string {
  return value < 10 ? twoDigits(value) : `${+value.toFixed(value < 100 ? 1 : 0)}`;
}

/** Loss and accuracy at a moment; between two checkpoints on the straight line that is drawn. */
interface Metrics {
  readonly loss: number | null;
  readonly accuracy: number | null;
  readonly heldOutLoss: number | null;
  readonly heldOutAccuracy: number | null;
}

export function metricsAt(run: Run, u: number): Metrics {
  const curves = curvesOf(run);
  const at = (name: keyof History): number | null => {
    const series = curves?.[name];
    if (!series?.length) return null;
    const next = series.findIndex(({ moment }) => moment >= u - 1e-9);
    if (next < 0) return series[series.length - 1].value;
    const [a, b] = [series[Math.max(next - 1, 0)], series[next]];
    if (b.moment - u < 1e-9) return b.value;
    if (next === 0 || a.value === null || b.value === null) return null;
    return a.value + ((b.value - a.value) * (u - a.moment)) / (b.moment - a.moment);
  };
  return {
    loss: at("loss"),
    accuracy: at("accuracy"),
    heldOutLoss: at("validation_loss"),
    heldOutAccuracy: at("validation_accuracy"),
  };
}

interface Sample {
  readonly moment: number;
  readonly value: number | null;
}

/** Where each number belongs: at its checkpoint, or in older files at the end of its epoch. */
function curvesOf(run: Run): Record<keyof History, readonly Sample[]> | null {
  const { metrics, history } = run.header;
  const place = metrics ? (i: number) => i : (i: number) => momentOf(run, i + 1);
  const source = metrics ?? history;
  if (!source) return null;
  const placed = (series: Series): Sample[] => series.map((value, i) => ({ moment: place(i), value }));
  return {
    loss: placed(source.loss),
    accuracy: placed(source.accuracy),
    validation_loss: placed(source.validation_loss),
    validation_accuracy: placed(source.validation_accuracy),
  };
}

/** Of a number to predict R² stands for accuracy. */
const scoreName = (run: Run): string => (run.nClasses ? "accuracy" : "R²");
const scored = (run: Run, value: number): string => (run.nClasses ? percent(value, 1) : r2Text(value));
/** From the least, of R² from 0 at the least, to 1. */
const upToOne = (values: readonly number[]): ((x: number) => number) => scaleOf(Math.max(Math.min(...values, 1), 0), 1);

/** For screen readers. */
function spoken(run: Run, u: number, isNamed: boolean): string {
  const { loss, accuracy, heldOutLoss, heldOutAccuracy } = metricsAt(run, u);
  const parts = [
    isNamed && fit(run.header.name, 60),
    loss !== null && `loss ${plain(loss)}`,
    heldOutLoss !== null && `held out ${plain(heldOutLoss)}`,
    accuracy !== null && `${scoreName(run)} ${scored(run, accuracy)}`,
    heldOutAccuracy !== null && `held out ${scored(run, heldOutAccuracy)}`,
  ];
  return parts
    .filter(Boolean)
    .map((part) => `, ${part}`)
    .join("");
}

function paper(): SVGSVGElement {
  return svg("svg", { viewBox: "0 0 1000 100", preserveAspectRatio: "none", "aria-hidden": "true" });
}

const numbersOf = (...series: readonly (readonly Sample[])[]): number[] =>
  series.flatMap((each) => each.flatMap(({ value }) => value ?? []));

/** From the least to the most, with a little room. */
function scaleOf(least: number, most: number): (x: number) => number {
  return (x) => 92 - (80 * (x - least)) / Math.max(most - least, 1e-9);
}

/** Moments at equal distances, as the slider has them. */
function curves(run: Run): SVGSVGElement {
  const picture = paper();
  const known = curvesOf(run);
  if (!known) return picture;
  const loss = scaleOf(0, Math.max(...numbersOf(known.loss, known.validation_loss), 1e-12));
  const best = run.header.best_possible;
  const accuracies = numbersOf(known.accuracy, known.validation_accuracy);
  const accuracy = upToOne(accuracies);
  if (best != null && accuracies.length) picture.append(svg("path", { d: across(accuracy(best)), class: "best" }));
  for (const [series, height, name] of [
    [known.loss, loss, "loss"],
    [known.validation_loss, loss, "loss held"],
    [known.accuracy, accuracy, "accuracy"],
    [known.validation_accuracy, accuracy, "accuracy held"],
  ] as const) {
    const d = pathOf(run, series, height);
    if (d) picture.append(svg("path", { d, class: name }));
  }
  return picture;
}

const across = (y: number): string => `M0 ${y.toFixed(1)}H1000`;

/** What is compared: the accuracy of points that were held out, where there are any. */
function compared(run: Run): { readonly name: string; readonly series: readonly Sample[] } {
  const known = curvesOf(run);
  const isKnown = (name: keyof History): boolean => !!known && known[name].length > 0;
  const name = (["validation_accuracy", "accuracy", "validation_loss", "loss"] as const).find(isKnown);
  if (!known || !name) return { name: "", series: [] };
  const what = name.endsWith("loss") ? "loss" : scoreName(run);
  return { name: name.startsWith("validation") ? `held-out ${what}` : what, series: known[name] };
}

/** One curve a network, all on one scale. */
function comparedCurves(runs: readonly Run[]): SVGSVGElement {
  const picture = paper();
  const all = runs.map(compared);
  const isLoss = all.every(({ name }) => name.endsWith("loss"));
  const values = numbersOf(...all.map(({ series }) => series));
  const height = isLoss ? scaleOf(0, Math.max(...values, 1e-12)) : upToOne(values);
  const best = runs[0].header.best_possible;
  if (best != null && !isLoss) picture.append(svg("path", { d: across(height(best)), class: "best" }));
  runs.forEach((run, i) => {
    const d = isLoss || !all[i].name.endsWith("loss") ? pathOf(run, all[i].series, height) : "";
    if (d) picture.append(svg("path", { d, class: `run run${i}` }));
  });
  return picture;
}

function pathOf(run: Run, series: readonly Sample[], height: (x: number) => number): string {
  let pen = "M";
  let d = "";
  for (const { moment, value } of series) {
    if (value === null || !Number.isFinite(value)) {
      pen = "M";
      continue;
    }
    const x = (1000 * moment) / Math.max(run.lastMoment, 1);
    d += `${pen}${x.toFixed(1)} ${Math.min(Math.max(height(value), 0), 100).toFixed(1)}`;
    pen = "L";
  }
  return d;
}

/** The moment at which so many epochs have passed. */
export function momentOf(run: Run, epoch: number): number {
  const { checkpoints } = run.header;
  const next = checkpoints.findIndex((c) => c.epoch >= epoch);
  if (next < 0) return checkpoints.length - 1;
  if (next === 0) return 0;
  const [a, b] = [checkpoints[next - 1].epoch, checkpoints[next].epoch];
  return next - 1 + (epoch - a) / Math.max(b - a, 1e-12);
}

interface Key {
  readonly element: HTMLElement;
  /** The numbers at the needle: one moment a run. */
  update(moments: readonly number[]): void;
}

/** A loss, or what stands for accuracy, after a word; empty where it is not known. */
function told(run: Run, name: string, value: number | null, word: string): string {
  if (value === null) return "";
  return word + (name.endsWith("loss") ? plain(Number(value.toPrecision(3))) : scored(run, value));
}

function ownKey(run: Run): Key | null {
  const known = curvesOf(run);
  if (!known || !(known.loss.length + known.accuracy.length)) return null;
  const loss = h("span");
  const accuracy = h("span");
  const held = known.validation_loss.length + known.validation_accuracy.length > 0;
  const best = run.header.best_possible;
  const element = h(
    "div",
    { class: "key", "aria-hidden": "true" },
    known.accuracy.length > 0 && h("span", { class: "accuracy" }, h("i"), accuracy),
    known.loss.length > 0 && h("span", {}, h("i"), loss),
    held && h("span", {}, "dashed: held out"),
    best != null &&
      known.accuracy.length > 0 &&
      h("span", { class: "best-key" }, h("i"), `best possible ${percent(best, 1)}`),
  );
  const pair = (name: string, own: number | null, other: number | null): string =>
    name + told(run, name, own, " ") + told(run, name, other, ", held out ");
  return {
    element,
    update([u]): void {
      const at = metricsAt(run, u);
      write(loss, pair("loss", at.loss, at.heldOutLoss));
      write(accuracy, pair(scoreName(run), at.accuracy, at.heldOutAccuracy));
    },
  };
}

function comparedKey(runs: readonly Run[]): Key {
  const words = runs.map(() => h("span"));
  const best = runs[0].header.best_possible;
  const element = h(
    "div",
    { class: "key", "aria-hidden": "true" },
    ...words.map((word, i) => h("span", { class: `run-key run${i}` }, h("i"), word)),
    best != null && h("span", { class: "best-key" }, h("i"), `best possible ${percent(best, 1)}`),
  );
  const names = runs.map((run) => compared(run).name);
  return {
    element,
    update(moments): void {
      runs.forEach((run, i) => {
        const at = metricsAt(run, moments[i]);
        const value = names[i].endsWith("loss") ? (at.heldOutLoss ?? at.loss) : (at.heldOutAccuracy ?? at.accuracy);
        write(words[i], names[i] ? names[i] + told(run, names[i], value, " ") : "no losses recorded");
      });
    },
  };
}
