/** The card of a point: who it is, its values, its label and what the network makes of it. */
import { NAME, TEXT } from "../model/identity";
import { mostProbable } from "../network/forward";
import type { Moment } from "../network/moment";
import type { Run } from "../page_file/page_file";
import { clipped, fit, grouped, percent, plain } from "../words";
import { h } from "./dom";

/** Most features and other columns in the card; fewer features of a point that is known. */
const LINES = 6;
const FEW = 3;
/** Characters of a text in the card. */
const MOST_TEXT = 240;
/** The longer side of an image in the card, in pixels. */
const SIDE = 72;

export function rowCard(moment: Moment, row: number): HTMLElement[] {
  const { run } = moment;
  const { identity } = run;
  const rows = Uint32Array.of(row);
  const list = h("dl");
  const add = (name: string, value: string): void => list.append(h("dt", {}, name), h("dd", { dir: "auto" }, value));
  const columns = identity?.names.filter((name) => name !== NAME && name !== TEXT) ?? [];
  for (const name of columns.slice(0, LINES)) {
    const value = identity!.of(name, row);
    if (value) add(fit(name, 22), clipped(value, 60));
  }
  if (columns.length > LINES) add(`and ${columns.length - LINES} more`, "");
  // The pixels of an image say less than the image.
  const nFeatures = identity?.tile(row) ? 0 : identity ? FEW : LINES;
  const input = moment.rows(0, rows);
  for (let j = 0; j < Math.min(input.columns, nFeatures); j++) add(fit(run.unitName(0, j), 22), plain(input.data[j]));
  if (nFeatures && input.columns > nFeatures) add(`and ${input.columns - nFeatures} more`, "");
  const label = run.labels?.[row];
  if (label !== undefined && run.nClasses) add("class", fit(run.groupNames[label] ?? "?", 22));
  const p = moment.probabilities(rows);
  if (p) {
    const best = mostProbable(p, 0);
    const isWrong = label !== undefined && label < run.nClasses && best !== label;
    add("prediction", `${fit(run.header.class_names[best], 18)}${isWrong ? " ✗" : ""}`);
    add("confidence", percent(p.data[best], p.data[best] > 0.995 ? 2 : 0));
  }
  if (run.heldOut?.[row]) add("held out", "yes");
  const [name, text] = [NAME, TEXT].map((column) => identity?.of(column, row));
  return [
    thumbnail(run, row, SIDE),
    h("b", {}, `Row ${grouped(row + 1)}`),
    name ? h("div", { class: "who", dir: "auto" }, clipped(name, 80)) : null,
    text ? h("p", { dir: "auto" }, clipped(text, MOST_TEXT)) : null,
    list,
  ].filter((part) => part !== null);
}

/** The image of a point; null where it has none. */
export function thumbnail(run: Run, row: number, side: number): HTMLElement | null {
  const tile = run.identity?.tile(row);
  if (!tile) return null;
  const scale = side / Math.max(tile.width, tile.height);
  const [width, height, x, y, across] = [tile.width, tile.height, -tile.x, -tile.y, tile.across].map(
    (pixels) => `${scale * pixels}px`,
  );
  return h("div", {
    class: "thumb",
    role: "img",
    "aria-label": `Image of row ${grouped(row + 1)}`,
    style: `width:${width};height:${height};background:url(${tile.address}) ${x} ${y}/${across} auto;${scale > 1 ? "image-rendering:pixelated" : ""}`,
  });
}

/** Put the card beside a place, inside the picture. */
export function placeCard(card: HTMLElement, x: number, y: number, width: number, height: number): void {
  card.hidden = false;
  const [w, t] = [card.offsetWidth, card.offsetHeight];
  card.style.left = `${Math.max(x + 16 + w > width ? x - w - 16 : x + 16, 4)}px`;
  card.style.top = `${Math.min(Math.max(y - t / 2, 4), Math.max(height - t - 4, 4))}px`;
}
