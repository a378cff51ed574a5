/** Which class the network takes for which: a click selects the points of a cell. */
import { confusion, mistakes } from "../model/outcome";
import type { Moment } from "../network/moment";
import { fit, grouped } from "../words";
import { h, write } from "./dom";
import type { Host, Now, Panel } from "./panel";

/** Classes of which a matrix is shown; of more the most frequent mistakes are listed. */
const MOST_CLASSES = 24;
const LISTED = 12;
/** Columns beyond which names stand upright, and cells are too narrow for a count. */
const MANY = 10;
/** Milliseconds without a change before the matrix is worked out. */
const REST = 250;

export function confusionPanel(host: Host): Panel {
  const { store } = host;
  const body = h("div", { class: "confusion" });
  const about = h("div", { class: "note" });
  let moment: Moment | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let cells: { button: HTMLElement; rows: readonly number[] }[] = [];
  let selection: readonly number[] | null = null;
  const only = (rows: readonly number[], what: string): void => {
    if (!rows.length) host.say(`No ${what}.`);
    else store.set({ selection: rows, alone: true });
  };
  const chip = (title: string, press: () => void): HTMLButtonElement =>
    h("button", { type: "button", onclick: press }, title);
  const wrong = chip("Only mistakes", () => moment && only(mistakes(moment), "mistakes"));
  const heldOut = chip("Only held out", () => only(heldOutRows(moment), "points held out"));
  const alone = chip("Hide the others", () => store.set({ alone: !store.state.alone }));
  const element = h(
    "section",
    { class: "panel", "aria-label": "Right and wrong", hidden: true },
    h("h2", {}, "Right and wrong"),
    body,
    about,
    h("div", { class: "chips", style: "margin-top:8px" }, wrong, heldOut, alone),
  );
  const show = (): void => {
    const found = moment && confusion(moment);
    element.hidden = !found;
    if (!found || !moment) return;
    const [drawn, made] = (moment.run.nClasses <= MOST_CLASSES ? matrixOf : listOf)(host, moment, found.cells);
    const isMany = moment.run.nClasses > MANY;
    body.classList.toggle("many", isMany);
    body.replaceChildren(drawn);
    cells = made;
    selection = null;
    mark();
    const total = found.cells.reduce((sum, rows) => sum + rows.length, 0);
    const which = found.part === "all" ? "points" : "points held out";
    write(
      about,
      `${grouped(total)} ${which}. Rows: the class; columns: what the network says${isMany ? "; a cell's count shows under the pointer" : ""}.`,
    );
    heldOut.hidden = found.part === "all";
  };
  /** Cells with selected points stand out. */
  const mark = (): void => {
    const now = store.state.selection;
    if (now === selection) return;
    selection = now;
    const chosen = new Set(now);
    for (const { button, rows } of cells)
      button.classList.toggle("lit", chosen.size > 0 && rows.some((r) => chosen.has(r)));
  };
  return {
    element,
    update({ state, instant }: Now): void {
      alone.setAttribute("aria-pressed", String(state.alone));
      mark();
      const next = instant.scene.moment;
      if (next === moment) return;
      moment = next;
      clearTimeout(timer);
      timer = setTimeout(show, REST);
    },
  };
}

function heldOutRows(moment: Moment | null): number[] {
  const held = moment?.run.heldOut;
  return held ? Array.from({ length: held.length }, (_, row) => row).filter((row) => held[row]) : [];
}

type Made = [HTMLElement, { button: HTMLElement; rows: readonly number[] }[]];

function matrixOf(host: Host, { run }: Moment, cells: readonly (readonly number[])[]): Made {
  const { nClasses: n, header } = run;
  const order = header.corners?.order.length === n ? header.corners.order : [...Array(n).keys()];
  const name = (c: number, most: number): string => fit(header.class_names[c], most);
  const made: Made[1] = [];
  const head = h(
    "tr",
    {},
    h("td"),
    ...order.map((p) => h("th", { scope: "col", title: name(p, 60) }, name(p, n > MANY ? 12 : n > 6 ? 3 : 8))),
  );
  const rows = order.map((c) => {
    const total = order.reduce((sum, p) => sum + cells[c * n + p].length, 0);
    const line = order.map((p) => {
      const own = cells[c * n + p];
      const title = `${name(c, 40)} taken for ${name(p, 40)}: ${grouped(own.length)}`;
      const select = (): void => host.store.set({ selection: own, alone: false });
      const button = h(
        "button",
        { type: "button", title, "aria-label": title, disabled: !own.length, onclick: select },
        own.length && n <= MANY ? grouped(own.length) : "",
      );
      button.classList.add(c === p ? "right" : "wrong");
      button.style.setProperty("--share", String(Math.sqrt(own.length / Math.max(total, 1))));
      made.push({ button, rows: own });
      return h("td", {}, button);
    });
    return h("tr", {}, h("th", { scope: "row", title: name(c, 60) }, name(c, 10)), ...line);
  });
  return [h("table", {}, head, ...rows), made];
}

function listOf(host: Host, { run }: Moment, cells: readonly (readonly number[])[]): Made {
  const n = run.nClasses;
  const name = (c: number): string => fit(run.header.class_names[c], 16);
  const most = cells
    .map((rows, i) => ({ rows, c: Math.floor(i / n), p: i % n }))
    .filter(({ rows, c, p }) => rows.length && c !== p)
    .sort((a, b) => b.rows.length - a.rows.length)
    .slice(0, LISTED);
  const made = most.map(({ rows, c, p }) => {
    const select = (): void => host.store.set({ selection: rows, alone: false });
    const button = h(
      "button",
      { type: "button", class: "row", onclick: select },
      `${name(c)} taken for ${name(p)}: ${grouped(rows.length)}`,
    );
    return { button, rows };
  });
  return [h("div", { class: "list" }, ...made.map(({ button }) => button)), made];
}
