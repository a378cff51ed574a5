/** Parts of the page that can be left out, by the names that `hide=` takes; src/unknot/views/page/parts.py has the same. */
import type { State } from "../state/controls";

/** Where each is found. */
export const PARTS: Readonly<Record<string, string>> = {
  colours: '[aria-label="Colours"]',
  compare: ".compare",
  data: ".data",
  layers: ".editor",
  learning: ".learning",
  lessons: ".lesson",
  network: '[aria-label="Network"], [aria-label="Networks"]',
  readout: '[aria-label="What the picture shows"]',
  saving: ".saving",
  searching: ".searching",
  selection: '[aria-label="Selection"]',
  sharing: ".tools .menu",
  starts: ".starting",
  tabs: ".tabs",
  view: '[aria-label="View"]',
};

/** Take away what the state says, and bring back the rest. */
export function hideParts(root: HTMLElement, { hide }: State): void {
  const hidden = hide.split(",");
  for (const [name, selector] of Object.entries(PARTS)) {
    for (const part of root.querySelectorAll(selector)) part.classList.toggle("gone", hidden.includes(name));
  }
}
