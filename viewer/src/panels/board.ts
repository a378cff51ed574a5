/** A board over the picture: what many trainings came to. One is open at a time. */
import { h, iconButton, write } from "./dom";

export interface Sheet {
  readonly title: string;
  readonly body: HTMLElement;
  /** Called when it is closed, by hand or by another one. */
  readonly close: () => void;
}

export interface Board {
  readonly element: HTMLElement;
  readonly isOpen: boolean;
  open(sheet: Sheet): void;
  close(): void;
}

export function makeBoard(label: string): Board {
  const title = h("h2");
  const place = h("div", { class: "sheet" });
  let shown: Sheet | null = null;
  let back: HTMLElement | null = null;
  const close = (): void => {
    if (!shown) return;
    shown.close();
    shown = null;
    element.hidden = true;
    back?.focus();
  };
  const cross = iconButton("close", "Close the board", close);
  const element = h(
    "div",
    { class: "board", hidden: true, role: "dialog", "aria-label": label },
    h("header", {}, title, cross),
    place,
  );
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  return {
    element,
    get isOpen() {
      return shown !== null;
    },
    open(sheet) {
      shown?.close();
      if (!shown) back = (element.getRootNode() as ShadowRoot).activeElement as HTMLElement | null;
      shown = sheet;
      write(title, sheet.title);
      place.replaceChildren(sheet.body);
      place.scrollTop = 0;
      element.hidden = false;
      element.scrollIntoView({ block: "start" });
      cross.focus();
    },
    close,
  };
}
