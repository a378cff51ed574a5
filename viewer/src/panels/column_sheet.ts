/** A sheet over the picture on which the columns of a file are chosen: what to predict, and from what. */
import {
  isClasses,
  isNumeric,
  likelyLabel,
  MOST_FEATURES,
  type Reading,
  type TextTable,
  tableOfColumns,
} from "../datasets/delimited";
import { fit, grouped } from "../words";
import { choice, field } from "./choices";
import { h, write } from "./dom";

export interface SheetOptions {
  readonly title: string;
  readonly text: TextTable;
  readonly colours: (n: number) => readonly string[];
  done(reading: Reading): void;
  close(): void;
}

/** Names that a sentence has room for. */
const LISTED = 8;

function listed(names: readonly string[]): string {
  const more = names.length - LISTED;
  return (
    names
      .slice(0, LISTED)
      .map((name) => fit(name, 24))
      .join(", ") + (more > 0 ? ` and ${more} more` : "")
  );
}

export function columnSheet({ title, text, colours, done, close }: SheetOptions): HTMLElement {
  const { columns, nAll } = text;
  let label = likelyLabel(text);
  const boxes = columns.map((column, j) => {
    const box = h("input", { type: "checkbox", onchange: () => show() });
    box.disabled = !isNumeric(column);
    box.checked = isNumeric(column) && j !== label;
    return box;
  });
  // So many are a picture of nothing, and slow.
  boxes
    .filter((box) => box.checked)
    .forEach((box, i) => {
      if (i >= MOST_FEATURES) box.checked = false;
    });
  const names = columns.map(({ name }, j): [string, string] => [String(j), fit(name || `column ${j + 1}`, 40)]);
  const predict = choice("Column to predict", names, (value) => {
    if (isNumeric(columns[label])) boxes[label].checked = true;
    label = Number(value);
    boxes[label].checked = false;
    show();
  });
  predict.value = String(label);
  const kind = h("p", { class: "note" });
  const problem = h("p", { class: "trouble", role: "alert", hidden: true });
  const lines = columns.map((column, j) => {
    const what = isNumeric(column) ? "" : " (text)";
    return h("label", { class: "column" }, boxes[j], h("span", { dir: "auto" }, `${names[j][1]}${what}`));
  });
  const read = (): Reading | string => {
    const features = boxes.flatMap((box, j) => (box.checked && j !== label ? [j] : []));
    return tableOfColumns(text, label, features, title, colours);
  };
  const show = (): void => {
    boxes.forEach((box, j) => {
      box.disabled = !isNumeric(columns[j]) || j === label;
    });
    const column = columns[label];
    write(
      kind,
      isClasses(column)
        ? `${column.distinct.length} class${column.distinct.length === 1 ? "" : "es"}: ${listed(column.distinct)}.`
        : isNumeric(column)
          ? "A number to predict."
          : "More different texts than the page has colours for.",
    );
    problem.hidden = true;
  };
  const use = (): void => {
    const reading = read();
    if (typeof reading === "string") {
      write(problem, reading);
      problem.hidden = false;
    } else done(reading);
  };
  show();
  const element = h(
    "div",
    { class: "pad columns", role: "dialog", "aria-label": "Columns of the file" },
    h("h2", { dir: "auto" }, `${fit(title, 60)}: ${grouped(nAll)} rows, ${columns.length} columns`),
    field("Predict", predict),
    kind,
    h("h3", {}, "From"),
    h("div", { class: "list" }, ...lines),
    problem,
    h(
      "footer",
      {},
      h("span", { class: "note" }, "The file stays in this page."),
      h("button", { type: "button", onclick: close }, "Cancel"),
      h("button", { type: "button", class: "primary", onclick: use }, "Train on these"),
    ),
  );
  element.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") close();
  });
  return element;
}
