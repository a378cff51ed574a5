/** A choice among texts, and a line with the name of a control. */
import { h } from "./dom";

export function choice(
  title: string,
  entries: readonly (readonly [string, string])[],
  choose: (value: string) => void,
): HTMLSelectElement {
  const select = h("select", { "aria-label": title, onchange: () => choose(select.value) });
  for (const [value, text] of entries) select.append(h("option", { value }, text));
  return select;
}

/** Choose a value, which may be one that is not listed. */
export function set(select: HTMLSelectElement, value: string, text = value): void {
  if (select.value === value) return;
  if (![...select.options].some((option) => option.value === value)) select.append(h("option", { value }, text));
  select.value = value;
}

export function field(title: string, control: HTMLElement): HTMLElement {
  return h("label", { class: "field" }, h("span", {}, title), control);
}
