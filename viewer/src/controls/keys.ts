/** Every key, in one table: it feeds the listener and the help sheet alike. */
import { colourChoices } from "../model/colouring";
import { type Drawable, reasonAgainst } from "../model/drawable";
import { usableProjections } from "../motion/projection";
import type { State } from "../state/controls";
import type { Viewer } from "../viewer";

export interface Key {
  /** As KeyboardEvent.key has it; several do the same. */
  readonly keys: readonly string[];
  /** How the help sheet writes them. */
  readonly shown: string;
  readonly title: string;
  readonly press: (viewer: Viewer, event: KeyboardEvent) => void;
}

/** What cannot be drawn is not switched: it is said why. */
const flip =
  (name: Drawable) =>
  (viewer: Viewer): void => {
    const reason = reasonAgainst(name, viewer.file.runs);
    if (reason) viewer.say(reason);
    else viewer.store.set({ [name]: !viewer.get()[name] });
  };

export const KEYS: readonly Key[] = [
  { keys: [" "], shown: "Space", title: "Play or pause the layers", press: (v) => v.player.toggle("layers") },
  {
    keys: ["e", "E"],
    shown: "E",
    title: "Play or pause the training; on the tab Train, train or pause",
    press: train,
  },
  {
    keys: ["ArrowRight"],
    shown: "→",
    title: "Next step; with Shift the next layer",
    press: (v, event) => step(v, 1, event.shiftKey),
  },
  {
    keys: ["ArrowLeft"],
    shown: "←",
    title: "Step before; with Shift the layer before",
    press: (v, event) => step(v, -1, event.shiftKey),
  },
  { keys: ["ArrowUp"], shown: "↑", title: "Later in the training", press: (v) => moment(v, 1) },
  { keys: ["ArrowDown"], shown: "↓", title: "Earlier in the training", press: (v) => moment(v, -1) },
  { keys: ["Home"], shown: "Home", title: "To the input", press: (v) => go(v, { t: 0 }) },
  { keys: ["End"], shown: "End", title: "To the output", press: (v) => go(v, { t: v.file.runs[0].length }) },
  { keys: ["2"], shown: "2", title: "Two axes", press: (v) => v.change({ view: "2d", units: [], unitsOf: -1 }) },
  { keys: ["3"], shown: "3", title: "Three axes", press: (v) => v.change({ view: "3d", units: [], unitsOf: -1 }) },
  {
    keys: ["p", "P"],
    shown: "P",
    title: "Next projection",
    press: nextProjection,
  },
  { keys: ["c", "C"], shown: "C", title: "Next colours", press: (v) => v.store.set({ colour: nextColour(v) }) },
  { keys: ["l", "L"], shown: "L", title: "Grid of the input", press: flip("lattice") },
  { keys: ["b", "B"], shown: "B", title: "Decision boundary", press: flip("boundary") },
  { keys: ["k", "K"], shown: "K", title: "Confidence shading", press: flip("shading") },
  { keys: ["a", "A"], shown: "A", title: "Axes", press: flip("axes") },
  { keys: ["o", "O"], shown: "O", title: "Held-out points as rings", press: flip("heldOut") },
  { keys: ["t", "T"], shown: "T", title: "Trails of the selected points", press: trails },
  { keys: ["g", "G"], shown: "G", title: "Grid of all pairs of units", press: pairs },
  { keys: ["s", "S"], shown: "S", title: "Lasso; again for the box, again to move", press: (v) => v.nextTool() },
  { keys: ["/"], shown: "/", title: "Find rows by number or text", press: (v) => v.find() },
  { keys: ["i", "I"], shown: "I", title: "Table of the selected points", press: (v) => v.openTable() },
  { keys: ["+", "="], shown: "+", title: "Nearer", press: (v) => zoom(v, 1.25) },
  { keys: ["-"], shown: "−", title: "Farther", press: (v) => zoom(v, 0.8) },
  {
    keys: ["h", "j", "u", "n"],
    shown: "H J U N",
    title: "Turn or move the picture",
    press: (v, event) => turn(v, event.key),
  },
  { keys: ["0"], shown: "0", title: "Reset the view", press: (v) => v.resetView() },
  { keys: ["d", "D"], shown: "D", title: "Light or dark", press: (v) => v.flipTheme() },
  {
    keys: ["f", "F"],
    shown: "F",
    title: "Presenter mode: large type; Page down and Page up step through the layers",
    press: (v) => v.store.set({ present: !v.get().present }),
  },
  {
    keys: ["Escape"],
    shown: "Esc",
    title: "Close, clear the selection, or leave the presenter mode",
    press: (v) => v.escape(),
  },
  { keys: ["?"], shown: "?", title: "This sheet", press: (v) => v.toggleHelp() },
];

/** Returns whether the key meant something. */
export function pressKey(viewer: Viewer, event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const target = event.composedPath()[0];
  const typing = target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
  if (typing && event.key !== "Escape") return false;
  if (target instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter")) return false;
  // What a clicker sends; elsewhere they scroll.
  const turned = viewer.get().present ? { PageDown: "ArrowRight", PageUp: "ArrowLeft" }[event.key] : undefined;
  const key = KEYS.find((k) => k.keys.includes(turned ?? event.key));
  if (!key) return false;
  key.press(viewer, event);
  return true;
}

function go(viewer: Viewer, change: Partial<State>): void {
  viewer.player.pause();
  viewer.store.set(change);
}

function trails(viewer: Viewer): void {
  const { trails: shown, selection } = viewer.get();
  if (!shown && !selection.length) viewer.say("No trails yet: select points, and their trails are drawn.");
  viewer.store.set({ trails: !shown });
}

function pairs(viewer: Viewer): void {
  const { pairs: shown, t } = viewer.get();
  const { run } = viewer.models[0];
  if (shown || run.nUnits(Math.min(Math.round(t), run.length)) > 1) viewer.store.set({ pairs: !shown });
  else viewer.say("No pairs: this layer has one unit.");
}

function playTraining(viewer: Viewer): void {
  if (viewer.models[0].run.lastMoment > 0) viewer.player.toggle("training");
  else viewer.say("No training to play: the page holds one moment of this network.");
}

function nextProjection(viewer: Viewer): void {
  const { projection, view } = viewer.get();
  const nAxes = view === "3d" ? 3 : 2;
  const isWide = viewer.file.runs.some((run) => run.header.representations.some(({ n_units: n }) => n > nAxes));
  const { run } = viewer.models[0];
  const usable = usableProjections(run.nClasses, run.header) as State["projection"][];
  const next = cycle(usable, projection);
  const hasMaps = run.header.neighbours?.n_axes === nAxes;
  const chosen = next === "neighbours" && !hasMaps ? cycle(usable, next) : next;
  if (isWide) viewer.change({ projection: chosen, units: [], unitsOf: -1, tour: 0 });
  else viewer.say(`One projection: no layer has more than ${nAxes} units.`);
}

/** To the next joint of two beats; a whole layer with `far`. */
function step(viewer: Viewer, direction: 1 | -1, far: boolean): void {
  const { t } = viewer.get();
  const scene = viewer.models[0].sceneOf(viewer.get());
  const length = viewer.file.runs[0].length;
  const joints = far ? Array.from({ length: length + 1 }, (_, k) => k) : [0, ...scene.beats.map((beat) => beat.stop)];
  const ahead = direction > 0 ? joints.find((x) => x > t + 1e-6) : joints.findLast((x) => x < t - 1e-6);
  go(viewer, { t: ahead ?? (direction > 0 ? length : 0) });
}

function moment(viewer: Viewer, direction: 1 | -1): void {
  const last = viewer.leader.lastMoment;
  const u = Math.min(viewer.get().u, last);
  const next = direction > 0 ? Math.floor(u + 1 + 1e-6) : Math.ceil(u - 1 - 1e-6);
  go(viewer, { u: Math.min(Math.max(next, 0), last) });
}

function train(viewer: Viewer): void {
  if (viewer.get().tab === "train") viewer.studio?.toggle();
  else playTraining(viewer);
}

function cycle<T>(all: readonly T[], now: T): T {
  return all[(all.indexOf(now) + 1) % all.length];
}

function nextColour(viewer: Viewer): string {
  const values = colourChoices(viewer.file.runs[0]).map((choice) => choice.value);
  return cycle(values, viewer.get().colour);
}

function zoom(viewer: Viewer, factor: number): void {
  const { zoom: now, panX, panY } = viewer.get();
  viewer.store.set({ zoom: Math.min(Math.max(now * factor, 0.1), 100), panX, panY });
}

function turn(viewer: Viewer, key: string): void {
  const { view, azimuth, elevation, panX, panY } = viewer.get();
  const x = key === "h" ? -1 : key === "j" ? 1 : 0;
  const y = key === "u" ? 1 : key === "n" ? -1 : 0;
  if (view === "3d") {
    viewer.store.set({ azimuth: azimuth + 6 * x, elevation: Math.min(Math.max(elevation + 6 * y, -89), 89) });
  } else viewer.store.set({ panX: panX + 0.1 * x, panY: panY + 0.1 * y });
}
