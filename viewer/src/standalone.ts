/**
 * The page that opens by itself: finds its file in a script tag and keeps its state in the address.
 *
 * The same script is what the page's workers run.
 */

import { lossOf } from "./export/menu";
import { fail, mount } from "./mount";
import { PageFileError, unpack } from "./page_file/container";
import { formatHash, losesData, parseHash, type State } from "./state/controls";
import { shareScript } from "./training/jobs_pool";
import { withLesson } from "./training/lessons";
import { listen } from "./training/worker";
import { Viewer } from "./viewer";

/** Milliseconds after the last change until the address is written: browsers allow few changes. */
const HASH_DELAY = 300;
/** Milliseconds that it waits at most for the first paint. */
const LONGEST = 1_500;

declare global {
  interface Window {
    unknot?: Viewer;
  }
}

/** Once the browser has painted what stands in the file: WebGL would keep it waiting. Out of sight nothing is. */
function painted(): Promise<unknown> {
  return new Promise<unknown>((done) => {
    new PerformanceObserver(done).observe({ type: "paint", buffered: true });
    setTimeout(done, document.hidden ? 0 : LONGEST);
  });
}

async function start(): Promise<void> {
  const element = document.getElementById("unknot");
  if (!element) return;
  try {
    const text = document.getElementById("unknot-page")?.textContent;
    if (!text?.trim()) throw new PageFileError("This page holds no data: the file was cut off. Save it again.");
    const bad: string[] = [];
    const tell = (viewer: Viewer): void => {
      if (bad.length) viewer.say(`This address is damaged; left out: ${bad.splice(0).join(", ")}.`);
    };
    let isGoing = false;
    const [bytes] = await Promise.all([unpack(text), painted()]);
    mount(element, bytes, { state: parseHash(location.hash, bad) }, (viewer) => {
      tell(viewer);
      const isNew = window.unknot instanceof Viewer && !isGoing;
      window.unknot = viewer;
      // Other data or another network: the way back leads to those before.
      if (isNew) {
        flush();
        history.pushState(history.state, "");
      }
      writeHash(viewer, isNew);
    });
    // The browser is elsewhere already: what waits to be written is of the place before.
    addEventListener("popstate", () => {
      clearTimeout(pending?.timer);
      pending = null;
    });
    addEventListener("hashchange", () => {
      const { unknot: viewer } = window;
      if (!viewer || location.hash === written) return;
      written = location.hash;
      const asked = withLesson(parseHash(location.hash, bad));
      const own = history.state as Partial<State> | null;
      isGoing = true;
      // By Back and Forward: pins stay, and a file that was dropped is still here.
      viewer.set({ ...viewer.initial, ...asked, ...(own && { shelf: viewer.get().shelf, data: own.data }) });
      isGoing = false;
      tell(window.unknot ?? viewer);
    });
  } catch (error) {
    fail(element, error);
  }
}

let written = location.hash;
/** The last of a viewer that is not written yet. */
let pending: { readonly viewer: Viewer; readonly state: State; readonly timer: ReturnType<typeof setTimeout> } | null =
  null;
let told = "";

/** Write the address; of a viewer whose data are others by now, as it was before. */
function flush(): void {
  if (!pending) return;
  const { viewer, state, timer } = pending;
  clearTimeout(timer);
  pending = null;
  const hash = formatHash(state, viewer.initial);
  written = hash ? `#${hash}` : "";
  history.replaceState({ data: state.data }, "", written || location.href.split("#")[0]);
  const isShown = viewer === window.unknot && !losesData(state);
  const loss = isShown ? (lossOf(viewer) ?? "") : told;
  if (loss && loss !== told) viewer.say(`The address is ${loss}`);
  told = loss;
}

function writeHash(viewer: Viewer, isNow: boolean): void {
  const soon = (): void => {
    if (viewer !== window.unknot) return;
    if (pending) clearTimeout(pending.timer);
    pending = { viewer, state: viewer.get(), timer: setTimeout(flush, HASH_DELAY) };
  };
  viewer.on("change", soon);
  soon();
  if (isNow) flush();
}

if (typeof document === "undefined") listen();
else {
  shareScript(document.currentScript?.textContent ?? "");
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", () => void start());
  else void start();
}
