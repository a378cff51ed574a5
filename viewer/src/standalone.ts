/** The page that opens by itself: finds its file in a script tag and keeps its state in the address. */
import { fail, mount } from "./mount";
import { PageFileError, unpack } from "./page_file/container";
import { formatHash, parseHash } from "./state/controls";
import { withLesson } from "./training/lessons";
import { Viewer } from "./viewer";

/** Milliseconds after the last change until the address is written: browsers allow few changes. */
const HASH_DELAY = 300;

declare global {
  interface Window {
    unknot?: Viewer;
  }
}

async function start(): Promise<void> {
  const element = document.getElementById("unknot");
  if (!element) return;
  try {
    const text = document.getElementById("unknot-page")?.textContent;
    if (!text?.trim()) throw new PageFileError("This page holds no data: the file was cut off. Save it again.");
    const bad: string[] = [];
    mount(element, await unpack(text), { state: parseHash(location.hash, bad) }, (viewer) => {
      if (bad.length) viewer.say(`This address is damaged; left out: ${bad.splice(0).join(", ")}.`);
      const isOther = window.unknot instanceof Viewer;
      window.unknot = viewer;
      writeHash(viewer, isOther);
    });
    addEventListener("hashchange", () => {
      const { unknot: viewer } = window;
      if (viewer && location.hash !== written)
        viewer.set({ ...viewer.initial, ...withLesson(parseHash(location.hash)) });
    });
  } catch (error) {
    fail(element, error);
  }
}

let written = location.hash;

function writeHash(viewer: Viewer, isOther: boolean): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (viewer !== window.unknot) return;
      const hash = formatHash(viewer.get(), viewer.initial);
      written = hash ? `#${hash}` : "";
      history.replaceState(null, "", written || location.pathname + location.search);
    }, HASH_DELAY);
  };
  viewer.on("change", soon);
  // Of another viewer before it, whose data were others.
  if (isOther) soon();
}

if (document.readyState === "loading") addEventListener("DOMContentLoaded", () => void start());
else void start();
