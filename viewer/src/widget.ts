/** The widget in a notebook (anywidget): the page file comes from Python, selections go back to it. */
import { fail, mount } from "./mount";
import type { State } from "./state/controls";
import { runFile } from "./training/saving";
import type { Viewer } from "./viewer";

interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
  send?(content: unknown, callbacks?: unknown, buffers?: readonly ArrayBuffer[]): void;
}

/** Names of the widget's traits that are parts of the state. */
const SHARED = ["t", "u", "colour", "tab"] as const;

/** Milliseconds between two messages to Python while something moves. */
const PACE = 150;
/** And between two looks at whether a training rests. */
const LOOK = 400;

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const frame = document.createElement("div");
  frame.style.height = `${Number(model.get("height")) || 620}px`;
  frame.style.overflow = "auto";
  el.append(frame);
  // Notebooks have keys of their own; those pressed here are meant for the picture.
  frame.dataset.lmSuppressShortcuts = "true";
  for (const name of ["keydown", "keyup", "keypress"]) frame.addEventListener(name, (event) => event.stopPropagation());
  let viewer: Viewer | undefined;
  const sent = new Map<string, unknown>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const send = (): void => {
    timer = undefined;
    if (!viewer) return;
    const state = viewer.get();
    for (const name of SHARED) {
      // Moments of a training in the page are none of Python's.
      if (name === "u" && state.tab === "train") continue;
      if (model.get(name) !== state[name] && (model.get(name) !== null || state[name] !== viewer.initial[name])) {
        sent.set(name, state[name]);
        model.set(name, state[name]);
      }
    }
    model.save_changes();
  };
  const show = (): void => {
    viewer?.destroy();
    const hear = (next: Viewer): void => {
      viewer = next;
      next.on("selection", (rows) => {
        sent.set("selected", JSON.stringify(rows));
        model.set("selected", [...rows]);
        model.save_changes();
      });
      next.on("change", () => (timer ??= setTimeout(send, PACE)));
    };
    const state = { theme: themeOf(), ...stateOf(model), selection: rowsOf(model.get("selected")) };
    try {
      mount(frame, bytesOf(model.get("page_file")), { state }, hear);
    } catch (error) {
      fail(frame, error);
    }
  };
  /** What was trained goes to Python when it rests. */
  let told: unknown;
  const listening = setInterval(() => {
    const studio = viewer?.studio;
    if (!viewer || !studio || studio.isTraining || studio.trainer.isBusy) return;
    const last = studio.run.snapshots.at(-1)!;
    if (told === last || !last.step) return;
    told = last;
    const bytes = runFile(viewer.file.title, studio.run, studio.settings, viewer.get().start);
    model.send?.({ kind: "run", steps: last.step }, undefined, [bytes.buffer]);
  }, LOOK);
  // A kernel may send back, late, what came from here: that is no wish of Python's.
  const receive = (name: (typeof SHARED)[number]) => (): void => {
    const value = model.get(name);
    if (value !== null && value !== undefined && sent.get(name) !== value) viewer?.set({ [name]: value });
  };
  const select = (): void => {
    const rows = rowsOf(model.get("selected"));
    if (sent.get("selected") !== JSON.stringify(rows)) viewer?.set({ selection: rows });
    sent.delete("selected");
  };
  show();
  const ears: [string, () => void][] = [
    ["change:page_file", show],
    ["change:selected", select],
    ...SHARED.map((name): [string, () => void] => [`change:${name}`, receive(name)]),
  ];
  for (const [event, listener] of ears) model.on(event, listener);
  return () => {
    clearTimeout(timer);
    clearInterval(listening);
    for (const [event, listener] of ears) model.off(event, listener);
    viewer?.destroy();
  };
}

/** Notebooks have a theme of their own, whatever the system's is. */
function themeOf(): State["theme"] {
  const { body, documentElement } = document;
  const jupyter = body.dataset.jpThemeLight;
  if (jupyter) return jupyter === "false" ? "dark" : "light";
  if (body.classList.contains("vscode-dark")) return "dark";
  if (body.classList.contains("vscode-light")) return "light";
  if (documentElement.classList.contains("dark") || body.classList.contains("dark")) return "dark";
  return "auto";
}

/** Traits that are None leave the viewer's own. */
function stateOf(model: Model): Partial<State> {
  const entries = SHARED.map((name) => [name, model.get(name)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== null && value !== undefined));
}

function rowsOf(value: unknown): number[] {
  return Array.isArray(value) ? value.map(Number).filter((row) => Number.isInteger(row) && row >= 0) : [];
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof DataView) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof Uint8Array) return value;
  return new Uint8Array(value instanceof ArrayBuffer ? value : new ArrayBuffer(0));
}

export default { render };
export { mount };
