/** The way through the training: a slider over the curves of loss and accuracy. */
import type { Run } from "../page_file/page_file";
import { percent, plain, twoDigits } from "../words";
import { h, iconButton, moveWithKeys, onDrag, setIcon, svg, write } from "./dom";
import type { Host, Now, Panel } from "./panel";

type Series = readonly (number | null)[];

export function training(host: Host): Panel | null {
  const { run, store, player } = host;
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
  const needle = h("div", { class: "needle" });
  slider.append(h("div", { class: "base" }), curves(run), needle);
  const play = iconButton("play", "Play the training", () => player.toggle("training"), "play small");
  const epoch = h("div", { class: "end", "aria-hidden": "true" });
  const element = h("div", { class: "moments" }, h("div", { class: "row" }, play, slider, epoch), key(run));
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
    update({ state }: Now): void {
      const u = Math.min(state.u, last);
      needle.style.left = `${(100 * u) / last}%`;
      const text = u === 0 ? "before training" : `epoch ${twoDigits4(run.epoch(u))}`;
      write(epoch, text);
      slider.setAttribute("aria-valuenow", u.toFixed(2));
      slider.setAttribute("aria-valuetext", text + metrics(run, u));
      const playing = player.playing === "training";
      setIcon(play, playing ? "pause" : "play", playing ? "Pause" : "Play the training");
    },
  };
}

function twoDigits4(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : twoDigits(value);
}

function metrics(run: Run, u: number): string {
  const at = Math.round(run.epoch(u)) - 1;
  const [loss, accuracy] = [run.header.history?.loss[at], run.header.history?.accuracy[at]];
  const parts = [loss != null && `loss ${plain(loss)}`, accuracy != null && `accuracy ${percent(accuracy, 1)}`];
  return parts
    .filter(Boolean)
    .map((part) => `, ${part}`)
    .join("");
}

/** Moments at equal distances, as the slider has them; metrics at the ends of their epochs. */
function curves(run: Run): SVGSVGElement {
  const { history } = run.header;
  const picture = svg("svg", { viewBox: "0 0 1000 100", preserveAspectRatio: "none", "aria-hidden": "true" });
  if (!history) return picture;
  const losses = [...history.loss, ...history.validation_loss].filter((x): x is number => x !== null);
  const most = Math.max(...losses, 1e-12);
  const accuracies = [...history.accuracy, ...history.validation_accuracy].filter((x): x is number => x !== null);
  const least = Math.min(...accuracies, 1);
  const add = (series: Series, height: (x: number) => number, name: string): void => {
    const d = pathOf(run, series, height);
    if (d) picture.append(svg("path", { d, class: name }));
  };
  const falls = (x: number): number => 92 - (80 * x) / most;
  const rises = (x: number): number => 92 - (80 * (x - least)) / Math.max(1 - least, 1e-9);
  add(history.loss, falls, "loss");
  add(history.validation_loss, falls, "loss held");
  add(history.accuracy, rises, "accuracy");
  add(history.validation_accuracy, rises, "accuracy held");
  return picture;
}

function pathOf(run: Run, series: Series, height: (x: number) => number): string {
  let pen = "M";
  let d = "";
  series.forEach((value, i) => {
    if (value === null || !Number.isFinite(value)) {
      pen = "M";
      return;
    }
    const x = (1000 * momentOf(run, i + 1)) / run.lastMoment;
    d += `${pen}${x.toFixed(1)} ${Math.min(Math.max(height(value), 0), 100).toFixed(1)}`;
    pen = "L";
  });
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

function key(run: Run): HTMLElement | null {
  const { history } = run.header;
  if (!history) return null;
  const held = history.validation_loss.length > 0;
  return h(
    "div",
    { class: "key", "aria-hidden": "true" },
    history.loss.length > 0 && h("span", {}, h("i"), "loss"),
    history.accuracy.length > 0 && h("span", { class: "accuracy" }, h("i"), "accuracy"),
    held && h("span", {}, "dashed: held out"),
  );
}
