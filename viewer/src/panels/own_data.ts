/** Data of one's own: points drawn by hand, a file that is chosen or dropped. They never leave the page. */
import { MOST_BYTES, readDelimited } from "../datasets/delimited";
import { formatDrawn, MOST_GROUPS, parseDrawn } from "../datasets/drawn";
import { formatSpec, parseSpec } from "../datasets/spec";
import { coloursOf } from "../datasets/table";
import { fit, grouped } from "../words";
import { columnSheet } from "./column_sheet";
import { h } from "./dom";
import { drawingPad } from "./drawing_pad";
import type { Host } from "./panel";

export interface OwnData {
  /** Two buttons. */
  readonly element: HTMLElement;
  /** Files may be dropped on the page from now on. */
  attach(): void;
}

export function ownData(host: Host): OwnData {
  const { store, sources, run } = host;
  let sheet: HTMLElement | null = null;
  const close = (): void => {
    sheet?.remove();
    sheet = null;
    draw.focus();
  };
  const open = (next: HTMLElement): void => {
    host.studio()?.pause();
    sheet?.remove();
    sheet = next;
    const root = element.getRootNode() as ShadowRoot;
    root.querySelector(".viewer")?.append(next);
    next.scrollIntoView({ block: "start" });
    (next.querySelector("canvas, select") as HTMLElement | null)?.focus({ preventScroll: true });
  };
  const go = (data: string): void => {
    sheet?.remove();
    sheet = null;
    store.set({ data, trained: "", start: Math.max(store.state.start, 1) });
  };
  const draw = h("button", { type: "button", "aria-label": "Draw points", onclick: () => openPad() }, "Draw points…");
  const openPad = (): void => {
    const spec = parseSpec(store.state.data);
    open(
      drawingPad({
        points: spec?.name === "drawn" ? parseDrawn(spec.points) : [],
        colours: coloursOf(run, MOST_GROUPS),
        theme: host.theme(),
        done: (points) => go(formatSpec({ name: "drawn", values: {}, points: formatDrawn(points) })),
        close,
      }),
    );
  };
  const input = h("input", {
    type: "file",
    accept: ".csv,.tsv,.txt,text/csv,text/plain",
    hidden: true,
    onchange: () => {
      const [file] = input.files ?? [];
      input.value = "";
      if (file) void read(file);
    },
  });
  const read = async (file: File): Promise<void> => {
    if (file.size > MOST_BYTES) {
      const megabytes = (bytes: number): string => grouped(Math.round(bytes / 1e6));
      host.say(
        `${fit(file.name, 40)} has ${megabytes(file.size)} MB; the page reads up to ${megabytes(MOST_BYTES)} MB. Give fewer rows, or use Python.`,
      );
      return;
    }
    const text = await textOf(file).catch(() => null);
    const table = text === null ? "The browser cannot read this file." : readDelimited(text);
    if (typeof table === "string") return host.say(table);
    open(
      columnSheet({
        title: file.name,
        text: table,
        colours: (n) => coloursOf(run, n),
        done: ({ table: made, note }) => {
          const index = sources.dropped.push(made) - 1;
          sources.told = note;
          go(formatSpec({ name: "dropped", values: { index }, points: "" }));
        },
        close,
      }),
    );
  };
  const choose = h(
    "button",
    {
      type: "button",
      "aria-label": "Open a file",
      title: "A CSV or TSV file; it stays in this page",
      onclick: () => input.click(),
    },
    "Open a CSV…",
  );
  const element = h("div", { class: "steps own" }, draw, choose, input);
  return {
    element,
    attach(): void {
      const viewer = element.closest(".viewer");
      viewer?.addEventListener("dragover", (event) => {
        if (host.studio()) event.preventDefault();
      });
      viewer?.addEventListener("drop", (event) => {
        const [file] = (event as DragEvent).dataTransfer?.files ?? [];
        if (!file || !host.studio()) return;
        event.preventDefault();
        void read(file);
      });
    },
  };
}

/** UTF-8 or, by its mark, UTF-16; what is neither is of an older office program on Windows. */
async function textOf(file: File): Promise<string> {
  const bytes = await file.arrayBuffer();
  const [first, second] = new Uint8Array(bytes);
  const isWide = first + second === 0xff + 0xfe;
  try {
    const name = !isWide ? "utf-8" : first === 0xff ? "utf-16le" : "utf-16be";
    return new TextDecoder(name, { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
