/** mount: a page file into an element. What cannot be shown becomes a sentence. */
import { sourcesOf } from "./datasets/table";
import { shelter } from "./page";
import { PageFileError } from "./page_file/container";
import { decode, type PageFile, type Run } from "./page_file/page_file";
import { h } from "./panels/dom";
import type { Name, State } from "./state/controls";
import { withLesson } from "./training/lessons";
import { changeSentence, firstPlace, opened, samePlace } from "./training/opening";
import { NOW } from "./training/studio";
import { type Options, Viewer } from "./viewer";

/** `shown` is told of the viewer, and of another one that takes its place when network or data change. */
export function mount(
  element: HTMLElement,
  bytes: ArrayBuffer | Uint8Array,
  options: Options = {},
  shown: (viewer: Viewer) => void = () => {},
): Viewer {
  try {
    const original = decode(bytes);
    const sources = sourcesOf(original);
    const show = (file: PageFile, state: Partial<State>, more: Partial<Options> = {}): Viewer => {
      const viewer: Viewer = new Viewer(element, file, {
        ...options,
        ...more,
        state,
        original,
        sources,
        replace: (next, changed, put) => void replace(viewer, next, changed, put),
        reopen: (before, next, changed) => {
          const opening = opened(original, sources, next);
          const after = opening.file.runs[0];
          const put = { shelf: viewer.shelf };
          const moved = { ...opening.state, ...carried(before, after, next, changed) };
          const other = replace(viewer, opening.file, moved, put);
          const { told = "" } = sources;
          sources.told = "";
          if (opening.problem || changed.has("data")) {
            other.say(opening.problem ?? `${changeSentence(before, opening)} ${told}`.trim());
          }
        },
      });
      shown(viewer);
      return viewer;
    };
    const replace = (viewer: Viewer, file: PageFile, state: Partial<State>, put: Partial<Options> = {}): Viewer => {
      const root = element.shadowRoot;
      const label = root?.activeElement?.getAttribute("aria-label");
      const side = root?.querySelector(".side")?.scrollTop ?? 0;
      const { scrollTop } = element;
      const { search } = viewer;
      viewer.destroy();
      const other = show(file, state, { ...put, search });
      if (search) other.say("The network is another one: the sheet begins again.");
      // The hand goes on where it was.
      if (label) {
        const same: HTMLElement | null | undefined = root?.querySelector(`[aria-label="${CSS.escape(label)}"]`);
        same?.focus({ preventScroll: true });
      }
      root?.querySelector(".side")?.scrollTo(0, side);
      element.scrollTop = scrollTop;
      return other;
    };
    const { file, state, problem } = opened(original, sources, withLesson(options.state ?? {}));
    const viewer = show(file, state);
    if (problem) viewer.say(problem);
    return viewer;
  } catch (error) {
    fail(element, error);
    throw error;
  }
}

/** What of a view means something of other data or another network; what was asked for stays. */
function carried(before: Run, after: Run, state: State, changed: ReadonlySet<Name>): Partial<State> {
  const usual: Partial<State> = {
    t: changed.has("data") && state.t < 0.5 ? firstPlace(after) : samePlace(before, after, state.t),
    u: state.tab === "train" ? NOW : after.lastMoment,
    colour: state.colour.startsWith("unit:") ? "class" : state.colour,
    units: [],
    selection: [],
    hidden: [],
    // What fills space is seen in space, what is flat from above.
    ...(before.nUnits(0) !== after.nUnits(0) && { view: after.nUnits(0) === 3 ? "3d" : "2d" }),
  };
  return Object.fromEntries(Object.entries(usual).filter(([name]) => !changed.has(name as Name)));
}

/** Say what is wrong where the picture would be. */
export function fail(element: HTMLElement, error: unknown): void {
  const text =
    error instanceof PageFileError
      ? error.message
      : `This page cannot be shown: ${error instanceof Error ? error.message.slice(0, 300) : "something unforeseen happened"}`;
  shelter(element).append(h("p", { class: "failed", role: "alert" }, text));
}
