/** The menu of everything that can be taken away. */
import { iconButton } from "../panels/button";
import { h } from "../panels/dom";

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
    ["Save points (SVG)", exports.svg],
    ["Save film of the play (WebM)", exports.webm],
    ["Copy link to this moment", exports.link],
    ["Copy embed snippet", exports.embed],
  ];
  const close = (): void => {
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
  };
  for (const [title, act] of items) {
    list.append(h("button", { type: "button", role: "menuitem", onclick: () => (close(), act()) }, title));
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
