/** The card of the point under the pointer: its values, its label and what the network makes of it. */
import { mostProbable } from "../network/forward";
import type { Moment } from "../network/moment";
import { fit, grouped, percent, plain } from "../words";
import { h } from "./dom";

/** Most features in the card. */
const FEATURES = 6;

export function rowCard(moment: Moment, row: number): HTMLElement[] {
  const { run } = moment;
  const rows = Uint32Array.of(row);
  const input = moment.rows(0, rows);
  const list = h("dl");
  const add = (name: string, value: string): void => list.append(h("dt", {}, name), h("dd", {}, value));
  for (let j = 0; j < Math.min(input.columns, FEATURES); j++) add(fit(run.unitName(0, j), 22), plain(input.data[j]));
  if (input.columns > FEATURES) add(`and ${input.columns - FEATURES} more`, "");
  const label = run.labels?.[row];
  if (label !== undefined && run.nClasses) add("class", fit(run.groupNames[label] ?? "?", 22));
  const p = moment.probabilities(rows);
  if (p) {
    const best = mostProbable(p, 0);
    const isWrong = label !== undefined && label < run.nClasses && best !== label;
    add("prediction", `${fit(run.header.class_names[best], 18)}${isWrong ? " ✗" : ""}`);
    add("confidence", percent(p.data[best], p.data[best] > 0.995 ? 2 : 0));
  }
  return [h("b", {}, `Row ${grouped(row + 1)}`), list];
}

/** Put the card beside a place, inside the picture. */
export function placeCard(card: HTMLElement, x: number, y: number, width: number, height: number): void {
  card.hidden = false;
  const [w, t] = [card.offsetWidth, card.offsetHeight];
  card.style.left = `${Math.max(x + 16 + w > width ? x - w - 16 : x + 16, 4)}px`;
  card.style.top = `${Math.min(Math.max(y - t / 2, 4), Math.max(height - t - 4, 4))}px`;
}
