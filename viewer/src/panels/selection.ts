/** The selected points: how many, of which classes, their trails; and finding rows by number or text. */

import { fit, grouped } from "../words";
import { h, write } from "./dom";
import { rowCard } from "./hover";
import type { Host, Now, Panel } from "./panel";

export function selectionPanel(host: Host, openTable: () => void): Panel & { focusSearch(): void } {
  const { run, store } = host;
  const { identity } = run;
  const isKnown = !!identity?.names.length;
  const upTo = run.nPoints > 1 ? `1 – ${grouped(run.nPoints)}` : run.nPoints ? "1" : "no rows";
  const search = h("input", {
    type: "search",
    inputmode: isKnown ? "text" : "numeric",
    disabled: run.nPoints === 0,
    placeholder: isKnown && run.nPoints ? `${upTo}, or text` : upTo,
    "aria-label": isKnown ? "Find rows by number or text" : "Find a row by its number",
    onkeydown: (event: KeyboardEvent) => event.key === "Enter" && find(),
  });
  const find = (): void => {
    const whole = search.value.trim();
    // People count rows from 1.
    const rows = whole
      .split(/[\s,;]+/)
      .filter(Boolean)
      .map((number) => Number(number) - 1);
    const valid = rows.length > 0 && rows.every((row) => Number.isInteger(row) && row >= 0 && row < run.nPoints);
    if (valid) store.set({ selection: [...new Set(rows)].sort((a, b) => a - b) });
    else if (isKnown && whole) findText(whole.replace(/^"(.+)"$/, "$1"));
    else host.say(run.nPoints ? `Rows are numbered 1 to ${grouped(run.nPoints)}.` : "There are no rows.");
  };
  const findText = (words: string): void => {
    const rows = identity!.find(words, run.nPoints);
    if (rows.length) store.set({ selection: rows });
    host.say(
      `${rows.length ? grouped(rows.length) : "No"} ${rows.length === 1 ? "row has" : "rows have"} “${fit(words, 40)}”.`,
    );
  };
  const who = h("div", { class: "tip", hidden: true });
  let known: readonly unknown[] = [];
  const count = h("div", { class: "note", "aria-live": "polite" });
  const trails = h("button", { type: "button", onclick: () => store.set({ trails: !store.state.trails }) }, "Trails");
  const pairs = h(
    "button",
    { type: "button", onclick: () => store.set({ pairs: !store.state.pairs }) },
    "All pairs of units",
  );
  const table = h("button", { type: "button", onclick: openTable }, "Table");
  const clear = h("button", { type: "button", onclick: () => store.set({ selection: [] }) }, "Clear");
  const element = h(
    "section",
    { class: "panel", "aria-label": "Selection" },
    h("label", { class: "field" }, h("span", {}, isKnown ? "Find" : "Find row"), search),
    count,
    who,
    h("div", { class: "chips", style: "margin-top:8px" }, table, trails, pairs, clear),
  );
  return {
    element,
    focusSearch: () => search.focus(),
    update({ state, instant }: Now): void {
      write(count, describe(host, state.selection));
      clear.disabled = table.disabled = state.selection.length === 0;
      const { moment } = instant.scene;
      const [row, ...others] = state.selection;
      who.hidden = !identity || row === undefined || row >= run.nPoints || others.length > 0;
      if (!who.hidden && (known[0] !== row || known[1] !== moment)) {
        known = [row, moment];
        who.replaceChildren(...rowCard(moment, row));
      }
      trails.setAttribute("aria-pressed", String(state.trails));
      pairs.setAttribute("aria-pressed", String(state.pairs));
    },
  };
}

let last: { rows: readonly number[]; text: string } | undefined;

function describe({ run }: Host, rows: readonly number[]): string {
  if (!rows.length) {
    return matchMedia("(hover: none)").matches
      ? "Nothing selected: draw around points with the lasso."
      : "Nothing selected: Shift + drag around points.";
  }
  if (last?.rows === rows) return last.text;
  const counts = new Map<number, number>();
  if (run.labels && run.nClasses)
    for (const row of rows) counts.set(run.labels[row], (counts.get(run.labels[row]) ?? 0) + 1);
  const parts = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([c, n]) => `${grouped(n)} ${fit(run.groupNames[c] ?? "?", 16)}`);
  const text = `${grouped(rows.length)} selected${parts.length ? `: ${parts.join(", ")}${counts.size > 3 ? ", …" : ""}` : ""}`;
  last = { rows, text };
  return text;
}
