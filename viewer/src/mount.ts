/** mount: a page file into an element. What cannot be shown becomes a sentence. */
import { shelter } from "./page";
import { PageFileError } from "./page_file/container";
import { decode, type PageFile } from "./page_file/page_file";
import { h } from "./panels/dom";
import type { State } from "./state/controls";
import { type Options, Viewer } from "./viewer";

/** `shown` is told of the viewer, and of another one that takes its place when the network is edited. */
export function mount(
  element: HTMLElement,
  bytes: ArrayBuffer | Uint8Array,
  options: Options = {},
  shown: (viewer: Viewer) => void = () => {},
): Viewer {
  try {
    const original = decode(bytes);
    const show = (file: PageFile, state: Partial<State>, more: Partial<Options> = {}): Viewer => {
      const viewer = new Viewer(element, file, {
        ...options,
        ...more,
        state,
        original,
        replace: (next, changed, put) => {
          const label = element.shadowRoot?.activeElement?.getAttribute("aria-label");
          viewer.destroy();
          show(next, changed, put);
          // The hand goes on where it was.
          if (label) (element.shadowRoot?.querySelector(`[aria-label="${CSS.escape(label)}"]`) as HTMLElement)?.focus();
        },
      });
      shown(viewer);
      return viewer;
    };
    return show(original, options.state ?? {});
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
