/** The menu of everything that can be taken away, and what it does for a viewer. */

import { h, iconButton } from "../panels/dom";
import { formatHash, losesData, losesSelection, lostParts, MOST_LETTERS } from "../state/controls";
import { losesSome } from "../training/shelf_text";
import type { Viewer } from "../viewer";
import { grouped } from "../words";
import { FilmPaper, record } from "./film";
import { legendOf, pngOf, svgText } from "./picture";
import { copyText, download, embedAddress, embedSnippet, fileName } from "./sharing";

export interface Exports {
  png(): void;
  svg(): void;
  webm(): void;
  link(): void;
  embed(): void;
}

export function exportMenu(exports: Exports): HTMLElement {
  const list = h("div", { role: "menu", hidden: true });
  const items: [string, () => void][] = [
    ["Save picture (PNG)", exports.png],
    ["Save picture (SVG)", exports.svg],
    ["Save film of the play (WebM)", exports.webm],
    ["Copy link to this moment", exports.link],
    ["Copy embed snippet", exports.embed],
  ];
  const close = (): void => {
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
  };
  const choose = (act: () => void): void => {
    close();
    act();
  };
  for (const [title, act] of items) {
    list.append(h("button", { type: "button", role: "menuitem", onclick: () => choose(act) }, title));
  }
  const button = iconButton("share", "Save and share", () => {
    list.hidden = !list.hidden;
    button.setAttribute("aria-expanded", String(!list.hidden));
    if (!list.hidden) (list.firstElementChild as HTMLElement).focus();
  });
  button.setAttribute("aria-haspopup", "menu");
  const element = h("div", { class: "menu" }, button, list);
  element.addEventListener("keydown", (event) => {
    const buttons = [...list.children] as HTMLElement[];
    const at = buttons.indexOf((event.composedPath()[0] as HTMLElement) ?? null);
    if (event.key === "Escape" && !list.hidden) {
      close();
      button.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      buttons[(at + (event.key === "ArrowDown" ? 1 : buttons.length - 1)) % buttons.length].focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  element.addEventListener("focusout", (event) => {
    if (!element.contains(event.relatedTarget as Node | null)) close();
  });
  return element;
}

/** Pixels of a saved picture for one of the page, at least. */
const SHARP = 2;

/** Whether the network begins with weights that no start draws, and the page's file does not hold. */
function losesWeights(viewer: Viewer): boolean {
  const { tab, start, weights } = viewer.get();
  const isKept = weights !== "" && !lostParts(viewer.get(), viewer.initial).has("weights");
  return tab === "train" && !start && !isKept && viewer.file.runs[0].header.fresh !== undefined;
}

/** What the address has no room for, or cannot hold, as a sentence without its beginning; null where it holds all. */
export function lossOf(viewer: Viewer): string | null {
  const state = viewer.get();
  const lost = lostParts(state, viewer.initial);
  const tooLong = `an address has up to ${grouped(MOST_LETTERS)} characters. Save run keeps them`;
  if (losesData(state)) return "without the data: it cannot hold points from a file or very many drawn ones.";
  if (losesWeights(viewer)) return `without the weights: ${tooLong}.`;
  if (lost.has("shelf")) return `without the pins and what was left: ${tooLong}.`;
  if (losesSome(viewer.shelf))
    return "without some of the pins and what was left, which cannot be trained again from it.";
  return null;
}

export function exportsOf(viewer: Viewer): Exports {
  const { title } = viewer.file;
  const hash = (): string => formatHash(viewer.get(), viewer.initial);
  const copy = async (text: string, what: string): Promise<void> => {
    const isCut = losesSelection(viewer.get(), viewer.initial);
    const n = grouped(viewer.get().selection.length);
    const cut = isCut ? `without the selection: ${n} points are too many for an address.` : null;
    const loss = lossOf(viewer) ?? cut;
    const done = `${what} copied${loss ? `, ${loss}` : "."}`;
    if (await copyText(text)) return viewer.say(done);
    viewer.say("The browser forbids copying here: copy it from the box.");
    prompt("Copy:", text);
  };
  return {
    png: () => {
      const canvas = viewer.drawnCanvas(SHARP);
      const legend = legendOf(viewer.sceneries, viewer.get(), viewer.theme, canvas.clientWidth);
      void pngOf(canvas, viewer.overlay, viewer.theme, legend).then((blob) => download(blob, fileName(title, "png")));
    },
    svg: () => {
      const text = svgText(viewer.pictures(), viewer.overlay, viewer.get(), viewer.theme);
      download(new Blob([text], { type: "image/svg+xml" }), fileName(title, "svg"));
    },
    webm: () => void film(viewer),
    link: () => void copy(`${location.href.split("#")[0]}${hash() ? `#${hash()}` : ""}`, "Link"),
    embed: () => void copy(embedSnippet(embedAddress(location, hash()), title), "Snippet"),
  };
}

/** Plays once from the input to the output and keeps what is seen. */
async function film(viewer: Viewer): Promise<void> {
  const paper = new FilmPaper(viewer.drawnCanvas());
  let legendOfState = "";
  /** Colours may change while it plays. */
  const setLegend = async (): Promise<void> => {
    const { colour, hidden } = viewer.get();
    const key = [colour, hidden, viewer.theme.isDark].join("|");
    if (key === legendOfState) return;
    legendOfState = key;
    const legend = legendOf(viewer.sceneries, viewer.get(), viewer.theme, viewer.canvas.clientWidth);
    await paper.setLegend(viewer.canvas, legend, viewer.theme);
  };
  await setLegend();
  const recording = record(paper.canvas);
  if (!recording) return viewer.say("This browser cannot record films.");
  const { loop, t } = viewer.get();
  viewer.player.pause();
  viewer.store.set({ t: 0, loop: false });
  viewer.say("Recording: the film is saved when the play ends.");
  const paint = (): void => {
    void setLegend();
    paper.draw(viewer.canvas, viewer.overlay, viewer.words(), viewer.theme);
  };
  viewer.afterDraw = paint;
  viewer.player.play("layers");
  await new Promise<void>((resolve) => {
    const wait = setInterval(() => {
      if (viewer.player.playing) return;
      clearInterval(wait);
      resolve();
    }, 100);
  });
  viewer.afterDraw = null;
  const blob = await recording.stop();
  viewer.store.set({ loop, t });
  download(blob, fileName(viewer.file.title, recording.ending));
  viewer.say("The film is saved.");
}
