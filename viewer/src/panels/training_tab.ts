/** The tab "Train": its button, the curves of its training as a slider, and the numbers where the needle stands. */
import type { Score } from "../training/engine";
import { SNAPSHOT_STEPS, type Snapshot } from "../training/session";
import { NOW, type Studio } from "../training/studio";
import { grouped, percent, plain, twoDigits } from "../words";
import { pinButton } from "./compare";
import { h, onDrag, svg, write } from "./dom";
import type { Host, Now, Panel } from "./panel";
import { takingButtons } from "./taking";

/** Milliseconds between two sentences for those who listen. */
const QUIET = 2_000;
/** Of the picture of the curves; it is stretched to the slider. */
const [WIDTH, HEIGHT] = [1_000, 100];
const [TOP, BOTTOM] = [8, 94];

export interface TrainingTab extends Panel {
  readonly tabs: HTMLElement;
}

export function trainingTab(host: Host, more: readonly HTMLElement[] = []): TrainingTab {
  const { store } = host;
  const studio = (act: (studio: Studio) => void) => (): void => {
    const here = host.studio();
    if (here) act(here);
  };
  const show = (tab: "watch" | "train"): void => {
    // Nothing was recorded of an edited network: what is watched is the file's own.
    if (tab === "watch" && host.isEdited) host.edit(null, "watch");
    else store.set({ tab });
  };
  const tabs = (["watch", "train"] as const).map((tab) =>
    h("button", { type: "button", role: "tab", onclick: () => show(tab) }, tab === "watch" ? "Watch" : "Train"),
  );
  const tablist = h("div", { class: "segments tabs", role: "tablist", "aria-label": "What the page does" }, ...tabs);
  tablist.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    event.stopPropagation();
    show(store.state.tab === "watch" ? "train" : "watch");
    tabs[store.state.tab === "watch" ? 0 : 1].focus();
  });
  const train = h("button", {
    type: "button",
    class: "primary",
    title: "Train or pause (E)",
    onclick: studio((s) => s.toggle()),
  });
  const step = h("button", { type: "button", onclick: studio((s) => s.train(1)) }, "1 step");
  const epoch = h("button", { type: "button", onclick: studio((s) => s.trainEpoch()) }, "1 epoch");
  const same = h("button", { type: "button", onclick: studio((s) => s.restart()) }, "Same start");
  const other = h(
    "button",
    { type: "button", onclick: () => store.set({ start: store.state.start + 1 }) },
    "New start",
  );
  const seed = h("span", { class: "note" });
  const slider = curveSlider(host);
  const numbers = h("div", { class: "numbers" });
  const trouble = h("div", { class: "trouble", role: "alert", hidden: true });
  const notice = h("div", { class: "notice", role: "status", hidden: true });
  const hush = h("div", { class: "hush", "aria-live": "polite" });
  const element = h(
    "section",
    { class: "train", "aria-label": "Training in this page" },
    h("div", { class: "row" }, train, slider.element, slider.end),
    numbers,
    trouble,
    notice,
    h(
      "div",
      { class: "steps" },
      step,
      epoch,
      h("span", { class: "starting" }, same, other),
      pinButton(host),
      h("span", { class: "searching" }, ...more),
      h("span", { class: "saving" }, ...takingButtons(host)),
      seed,
    ),
    hush,
  );
  let saidAt = 0;
  let wasTraining = false;
  let shownTrouble: unknown = null;
  let shownNotice = "";
  return {
    element,
    tabs: tablist,
    update(now: Now): void {
      const { state } = now;
      tabs.forEach((tab, i) => {
        const isHere = state.tab === ["watch", "train"][i];
        tab.setAttribute("aria-selected", String(isHere));
        tab.tabIndex = isHere ? 0 : -1;
      });
      const here = host.studio();
      element.hidden = !here;
      if (!here) return;
      const isPast = state.u < here.run.lastMoment - 0.5;
      write(train, here.isTraining ? "Pause" : isPast ? "Train from here" : "Train");
      train.disabled = here.isLocked;
      step.disabled = epoch.disabled = here.isTraining || here.isLocked;
      const first = host.isEdited ? "start as edited" : "start of the file";
      write(seed, state.start ? `start with seed ${state.start}` : first);
      slider.update(here, state.u);
      write(numbers, numbersText(here));
      if (shownTrouble !== here.divergence) {
        shownTrouble = here.divergence;
        showTrouble(trouble, here);
      }
      const news = noticeOf(here);
      const key = news ? news.text + news.at : "";
      if (key !== shownNotice) {
        shownNotice = key;
        notice.hidden = !news;
        notice.replaceChildren(...(news ? [h("span", {}, news.text), backButton(here, news.at)] : []));
      }
      const time = performance.now();
      const hasStopped = wasTraining && !here.isTraining;
      wasTraining = here.isTraining;
      if (!hasStopped && (time - saidAt < QUIET || !wasTraining)) return;
      saidAt = time;
      write(hush, spoken(here));
    },
  };
}

/** Divergence as a sentence, and the way back. */
function showTrouble(trouble: HTMLElement, studio: Studio): void {
  const { divergence } = studio;
  trouble.hidden = !divergence;
  trouble.replaceChildren();
  if (!divergence) return;
  trouble.replaceChildren(
    h(
      "span",
      {},
      `Training diverged at step ${grouped(divergence.step)} with rate ${plain(divergence.rate)}: ${
        divergence.loss === null
          ? "a weight is no longer a finite number"
          : `the loss is ${plain(divergence.loss * studio.run.target.deviation ** 2)}, more than ten times what it was`
      }. Lower the rate.`,
    ),
    backButton(studio, studio.best),
  );
}

function backButton(studio: Studio, at: number): HTMLElement {
  const snapshot = studio.run.snapshots[at];
  const isUndo = studio.run.snapshots[at + 1]?.edits !== undefined;
  const text = isUndo ? "Go back to before that" : `Go back to step ${grouped(snapshot?.step ?? 0)}`;
  return snapshot ? h("button", { type: "button", onclick: () => studio.goBack(at) }, text) : h("span");
}

/** What happened by itself or by hand, and the snapshot to go back to. */
function noticeOf({ stop, run, lastEdit, nHeldOut }: Studio): { text: string; at: number } | null {
  const { snapshots } = run;
  if (stop?.lowest) {
    const { step, loss } = stop.lowest;
    const what = nHeldOut ? "held-out loss" : "loss";
    const text =
      `Stopped at step ${grouped(stop.step)}: the ${what} has not fallen for ${grouped(stop.step - step)} steps; ` +
      `it was lowest, ${digits(loss * run.target.deviation ** 2)}, at step ${grouped(step)}.`;
    return { text, at: snapshots.findIndex((each) => each.step === step) };
  }
  if (stop) return { text: `Stopped at step ${grouped(stop.step)}, as “Stop at” says.`, at: -1 };
  if (lastEdit < 1) return null;
  const { edits, step } = snapshots[lastEdit];
  const n = edits!.length === 1 ? "A weight was" : `${edits!.length} weights were`;
  return { text: `${n} changed by hand at step ${grouped(step)}.`, at: lastEdit - 1 };
}

function numbersText(studio: Studio): string {
  const { shown, scored, nTraining, nHeldOut, run } = studio;
  const { step, training, heldOut } = shown;
  if (!Number.isFinite(training.loss)) return "Before training";
  const best = run.header.best_possible;
  const some = scored[0] < nTraining || scored[1] < nHeldOut;
  // A squared error is in the units of the number that is learnt.
  const unit = run.target.deviation ** 2;
  const loss = (of: Score): string => digits(of.loss * unit);
  const share = (of: Score): string => percent(of.accuracy!, 1);
  const parts = [
    step ? `Step ${grouped(step)}` : "Before training",
    heldOut
      ? `loss held out ${loss(heldOut)} (training ${loss(training)})`
      : `loss ${loss(training)}, nothing held out`,
    training.accuracy === null
      ? ""
      : heldOut
        ? `accuracy held out ${share(heldOut)} (training ${share(training)})`
        : `accuracy ${share(training)}`,
    best && `best possible ${percent(best, 1)}`,
    some && `of ${grouped(scored[0])} and ${grouped(scored[1])} points`,
  ];
  return parts.filter(Boolean).join(" · ");
}

function digits(loss: number): string {
  return loss >= 0.001 && loss < 1_000 ? loss.toFixed(3) : twoDigits(loss);
}

function spoken({ shown, run }: Studio): string {
  const { step, training, heldOut } = shown;
  const { loss, accuracy } = heldOut ?? training;
  const number = accuracy === null ? `loss ${digits(loss * run.target.deviation ** 2)}` : accuracy.toFixed(2);
  return `step ${grouped(step)}, ${heldOut ? "held out" : "training"} ${number}`;
}

/** How far along the axis a step lies: as far as the number of its snapshot. */
export function along(step: number): number {
  const i = SNAPSHOT_STEPS.findLastIndex((due) => due <= step);
  const [from, to] = [SNAPSHOT_STEPS[i], SNAPSHOT_STEPS[i + 1] ?? 2 * SNAPSHOT_STEPS[i]];
  return i + (step - from) / (to - from);
}

interface Curves {
  readonly element: HTMLElement;
  readonly end: HTMLElement;
  update(studio: Studio, u: number): void;
}

function curveSlider(host: Host): Curves {
  const { store } = host;
  const picture = svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  const needle = h("div", { class: "needle" });
  const ticks = h("div", { class: "ticks", "aria-hidden": "true" });
  const key = h(
    "div",
    { class: "key", "aria-hidden": "true" },
    h("span", {}, h("i"), "loss"),
    host.run.nClasses > 0 && h("span", { class: "accuracy" }, h("i"), "accuracy"),
    h("span", {}, "dashed: held out"),
  );
  const element = h(
    "div",
    { class: "slider training", role: "slider", tabindex: 0, "aria-label": "Step of the training", "aria-valuemin": 0 },
    h("div", { class: "base" }),
    picture,
    ticks,
    needle,
  );
  let drawn: unknown[] = [];
  let places: number[] = [0];
  const go = (u: number): void => {
    const last = places.length - 1;
    store.set({ u: u >= last ? NOW : Math.max(u, 0) });
  };
  onDrag(element, (share) => {
    const after = places.findIndex((place) => place > share);
    if (after < 0) return go(NOW);
    const [from, to] = [places[Math.max(after - 1, 0)], places[after]];
    go(after - 1 + (share - from) / Math.max(to - from, 1e-9));
  });
  element.addEventListener("keydown", (event) => {
    const now = Math.min(store.state.u, places.length - 1);
    const to = {
      ArrowRight: Math.floor(now + 1),
      ArrowUp: Math.floor(now + 1),
      ArrowLeft: Math.ceil(now - 1),
      ArrowDown: Math.ceil(now - 1),
      PageUp: Math.floor(now + 10),
      PageDown: Math.ceil(now - 10),
      Home: 0,
      End: NOW,
    }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    go(to);
  });
  return {
    element,
    end: h("div", { class: "end" }, key),
    update(studio, u): void {
      const { run, shelf, branches } = studio;
      const { snapshots, lastMoment: last } = run;
      const next = [snapshots.length, snapshots.at(-1), shelf.branches];
      if (next.some((value, i) => value !== drawn[i])) {
        drawn = next;
        const end = Math.max(...[run, ...branches].map((each) => each.snapshots.at(-1)!.step), 1);
        places = snapshots.map(({ step }) => along(step) / along(end));
        drawCurves(picture, studio, along(end));
        drawTicks(ticks, end);
      }
      const at = Math.min(u, last);
      const i = Math.min(Math.floor(at), last);
      const place = places[i] + ((places[i + 1] ?? places[i]) - places[i]) * (at - i);
      needle.style.left = `${(100 * place).toFixed(2)}%`;
      element.setAttribute("aria-valuemax", String(snapshots[last].step));
      element.setAttribute("aria-valuenow", String(studio.shown.step));
      element.setAttribute("aria-valuetext", spoken(studio));
    },
  };
}

function drawTicks(ticks: HTMLElement, end: number): void {
  const steps = [1, 10, 100, 1_000, 10_000, 100_000, 1e6, 1e7, 1e8].filter((step) => step <= end);
  ticks.replaceChildren(
    ...steps.map((step) => {
      const place = along(step) / along(end);
      const text = step >= 1e6 ? `${step / 1e6}M` : step >= 1_000 ? `${step / 1_000}k` : String(step);
      return h("span", { class: place > 0.97 ? "last" : "", style: `left:${(100 * place).toFixed(2)}%` }, text);
    }),
  );
}

function drawCurves(picture: SVGSVGElement, { run, branches }: Studio, end: number): void {
  const left = branches.map(({ snapshots, from }) => snapshots.slice(from));
  const own = run.snapshots;
  const all = [...left, own].flat();
  const losses = all.flatMap(({ training, heldOut }) => [training.loss, heldOut?.loss ?? 0]).filter(Number.isFinite);
  const shares = all.flatMap(({ training, heldOut }) => [training.accuracy, heldOut?.accuracy ?? null]);
  const known = shares.filter((share) => share !== null);
  const most = Math.max(...losses, 1e-12);
  const least = Math.min(...known, 1);
  const falls = (loss: number): number => BOTTOM - ((BOTTOM - TOP) * loss) / most;
  const rises = (share: number): number => BOTTOM - ((BOTTOM - TOP) * (share - least)) / Math.max(1 - least, 1e-9);
  const line = (
    snapshots: readonly Snapshot[],
    value: (s: Snapshot) => number | null | undefined,
    name: string,
  ): SVGPathElement => {
    let d = "";
    for (const snapshot of snapshots) {
      const height = value(snapshot);
      if (height === null || height === undefined || !Number.isFinite(height)) continue;
      d += `${d ? "L" : "M"}${((WIDTH * along(snapshot.step)) / end).toFixed(1)} ${height.toFixed(1)}`;
    }
    return svg("path", { d, class: name });
  };
  const map = (share: number | null | undefined): number | null =>
    share === null || share === undefined ? null : rises(share);
  const shapes = [...left, own].flatMap((snapshots) => {
    const pale = snapshots === own ? "" : " left";
    return [
      line(snapshots, ({ training }) => falls(training.loss), `loss${pale}`),
      line(snapshots, ({ heldOut }) => heldOut && falls(heldOut.loss), `loss held${pale}`),
      line(snapshots, ({ training }) => map(training.accuracy), `accuracy${pale}`),
      line(snapshots, ({ heldOut }) => map(heldOut?.accuracy), `accuracy held${pale}`),
    ];
  });
  const best = run.header.best_possible;
  if (best && best > least) shapes.unshift(svg("path", { d: `M0 ${rises(best)}H${WIDTH}`, class: "best" }));
  picture.replaceChildren(...shapes);
}
