/** The widget in a notebook (anywidget): the scene comes from Python, selections go back to it. */
import { fail, mount } from "./mount";
import type { State } from "./state/controls";
import type { Viewer } from "./viewer";

interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}

/** Names of the widget's traits that are parts of the state. */
const SHARED = ["t", "u", "colour"] as const;

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const frame = document.createElement("div");
  frame.style.height = `${Number(model.get("height")) || 620}px`;
  el.append(frame);
  // Notebooks have keys of their own; those pressed here are meant for the picture.
  frame.dataset["lmSuppressShortcuts"] = "true";
  for (const name of ["keydown", "keyup", "keypress"]) frame.addEventListener(name, (event) => event.stopPropagation());
  let viewer: Viewer | undefined;
  const show = (): void => {
    viewer?.destroy();
    const scene = model.get("scene");
    try {
      viewer = mount(frame, bytesOf(scene), { state: stateOf(model) });
    } catch (error) {
      fail(frame, error);
      return;
    }
    viewer.on("selection", (rows) => {
      model.set("selected", [...rows]);
      model.save_changes();
    });
  };
  const receive = (): void => viewer?.set(stateOf(model));
  const select = (): void => viewer?.set({ selection: rowsOf(model.get("selected")) });
  show();
  model.on("change:scene", show);
  model.on("change:selected", select);
  for (const name of SHARED) model.on(`change:${name}`, receive);
  return () => {
    model.off("change:scene", show);
    model.off("change:selected", select);
    for (const name of SHARED) model.off(`change:${name}`, receive);
    viewer?.destroy();
  };
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
