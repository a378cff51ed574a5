import { h } from "./dom";
import { icon, type IconName } from "../theme/icons";

/** A button with a picture and a name for those who do not see it. */
export function iconButton(name: IconName, label: string, press: () => void, extra = ""): HTMLButtonElement {
  return h("button", { class: `icon ${extra}`, type: "button", "aria-label": label, title: label, onclick: press }, icon(name));
}

/** Change the picture and the name. */
export function setIcon(button: HTMLButtonElement, name: IconName, label: string): void {
  if (button.getAttribute("aria-label") === label) return;
  button.replaceChildren(icon(name));
  button.setAttribute("aria-label", label);
  button.title = label;
}
