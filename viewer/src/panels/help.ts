/** The sheet of keys and gestures. */
import { KEYS } from "../controls/keys";
import { h, iconButton } from "./dom";

const GESTURES: readonly [string, string][] = [
  ["Drag", "move a flat picture, turn a 3-D view, steer the grand tour"],
  ["Ctrl + drag, two fingers", "move the picture"],
  ["Ctrl + wheel, pinch", "zoom; after a click on the picture the wheel alone does"],
  ["Shift + drag", "lasso points (Ctrl adds to the selection)"],
  ["Click, tap a point", "select it and see its row; beside it: clear the selection"],
  ["Click a class", "switch it off or on"],
  ["Click units of the network", "make them the axes"],
];

export function helpSheet(close: () => void): HTMLElement {
  const keys = h("dl");
  for (const { shown, title } of KEYS) {
    keys.append(h("div", {}, h("dt", {}, ...shown.split(" ").map((key) => h("kbd", {}, key))), h("dd", {}, title)));
  }
  const gestures = h("dl");
  for (const [what, does] of GESTURES) gestures.append(h("div", {}, h("dt", {}, what), h("dd", {}, does)));
  const button = iconButton("close", "Close", close);
  const head = h("header", {}, h("h2", {}, "With the hand"), button);
  const sheet = h("div", {}, head, gestures, h("h2", {}, "Keys"), keys);
  const element = h(
    "div",
    {
      class: "help",
      role: "dialog",
      "aria-modal": "true",
      "aria-label": "Keys and gestures",
      hidden: true,
      onclick: (event: MouseEvent) => event.target === element && close(),
      // The focus stays in the sheet while it is open; there is one thing to press.
      onkeydown: (event: KeyboardEvent) => event.key === "Tab" && event.preventDefault(),
    },
    sheet,
  );
  return element;
}
