/** mount: a scene file into an element. What cannot be shown becomes a sentence. */
import { decode } from "./scene/decode";
import { SceneError } from "./scene/errors";
import { shelter } from "./page";
import { h } from "./panels/dom";
import { Viewer, type Options } from "./viewer";

export function mount(element: HTMLElement, bytes: ArrayBuffer | Uint8Array, options: Options = {}): Viewer {
  try {
    return new Viewer(element, decode(bytes), options);
  } catch (error) {
    fail(element, error);
    throw error;
  }
}

/** Say what is wrong where the picture would be. */
export function fail(element: HTMLElement, error: unknown): void {
  const text =
    error instanceof SceneError ? error.message
    : `This page cannot be shown: ${error instanceof Error ? error.message.slice(0, 300) : "something unforeseen happened"}`;
  shelter(element).append(h("p", { class: "failed", role: "alert" }, text));
}
