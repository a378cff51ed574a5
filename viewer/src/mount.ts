/** mount: a page file into an element. What cannot be shown becomes a sentence. */
import { shelter } from "./page";
import { PageFileError } from "./page_file/container";
import { decode } from "./page_file/page_file";
import { h } from "./panels/dom";
import { type Options, Viewer } from "./viewer";

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
    error instanceof PageFileError
      ? error.message
      : `This page cannot be shown: ${error instanceof Error ? error.message.slice(0, 300) : "something unforeseen happened"}`;
  shelter(element).append(h("p", { class: "failed", role: "alert" }, text));
}
