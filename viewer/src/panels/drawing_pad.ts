/** A sheet over the picture on which points are drawn, moved and erased, with a pen, a mouse, a finger or keys. */
import { type DrawnPoint, drawnProblem, MOST_DRAWN, MOST_GROUPS } from "../datasets/drawn";
import { css, onTheme, rgb, type Theme } from "../theme/colours";
import { grouped } from "../words";
import { h, write } from "./dom";

type Tool = "draw" | "move" | "erase";
const TOOLS: readonly (readonly [Tool, string])[] = [
  ["draw", "Draw"],
  ["move", "Move"],
  ["erase", "Erase"],
];
/** In pixels of the page: between two points of a stroke, and as far as a hand reaches. */
const [APART, REACH] = [11, 16];
/** Of a pixel: how far arrow keys go, of the half side. */
const STRIDE = 0.04;

export interface PadOptions {
  readonly points: readonly DrawnPoint[];
  readonly colours: readonly string[];
  readonly theme: Theme;
  done(points: readonly DrawnPoint[]): void;
  close(): void;
}

export function drawingPad({ points: given, colours, theme, done, close }: PadOptions): HTMLElement {
  let points = [...given];
  let tool: Tool = "draw";
  let group = 0;
  let nGroups = Math.max(2, ...points.map((point) => point.group + 1));
  let held: number | null = null;
  let last: { x: number; y: number } | null = null;
  let cursor: { x: number; y: number } | null = null;
  const canvas = h("canvas", {
    tabindex: 0,
    role: "application",
    "aria-label": "Sheet to draw points on: arrow keys move, Enter draws, moves or erases",
  });
  const problem = h("p", { class: "trouble", role: "alert", hidden: true });
  const status = h("span", { class: "note", "aria-live": "polite" });
  const tools = TOOLS.map(([name, title]) =>
    h("button", { type: "button", onclick: () => choose({ tool: name }) }, title),
  );
  const chips = h("div", { class: "chips", role: "group", "aria-label": "Class of what is drawn" });
  const choose = (change: { tool?: Tool; group?: number }): void => {
    tool = change.tool ?? tool;
    if (change.group !== undefined) [group, tool] = [change.group, "draw"];
    show();
  };
  const changed = (next: DrawnPoint[]): void => {
    points = next;
    problem.hidden = true;
    show();
  };
  const nearest = (x: number, y: number, reach: number): number => {
    let [best, least] = [-1, reach];
    points.forEach((point, i) => {
      const distance = Math.hypot(point.x - x, point.y - y);
      if (distance <= least) [best, least] = [i, distance];
    });
    return best;
  };
  const add = (x: number, y: number): void => {
    if (points.length < MOST_DRAWN) changed([...points, { x, y, group }]);
    else tell(`The sheet holds ${grouped(MOST_DRAWN)} points.`);
    last = { x, y };
  };
  const tell = (text: string): void => {
    write(problem, text);
    problem.hidden = false;
  };
  /** A hand at a place; `isFirst` where it comes down. */
  const act = (x: number, y: number, pixel: number, isFirst: boolean): void => {
    if (tool === "draw") {
      if (isFirst || !last || Math.hypot(x - last.x, y - last.y) >= APART * pixel) add(x, y);
    } else if (tool === "erase") {
      const kept = points.filter((point) => Math.hypot(point.x - x, point.y - y) > REACH * pixel);
      if (kept.length < points.length) changed(kept);
    } else {
      if (isFirst) held = nearest(x, y, 1.5 * REACH * pixel);
      if (held !== null && held >= 0) changed(points.map((point, i) => (i === held ? { ...point, x, y } : point)));
    }
  };
  const placeOf = (event: PointerEvent): { x: number; y: number; pixel: number } => {
    const box = canvas.getBoundingClientRect();
    const within = (value: number): number => Math.min(Math.max(value, -1), 1);
    const x = within((2 * (event.clientX - box.left)) / box.width - 1);
    const y = within(1 - (2 * (event.clientY - box.top)) / box.height);
    return { x, y, pixel: 2 / box.width };
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    cursor = null;
    const { x, y, pixel } = placeOf(event);
    act(x, y, pixel, true);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) {
      const { x, y, pixel } = placeOf(each);
      act(x, y, pixel, false);
    }
  });
  canvas.addEventListener("lostpointercapture", () => {
    [held, last] = [null, null];
  });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    const pixel = 2 / Math.max(canvas.clientWidth, 1);
    const at = cursor ?? { x: 0, y: 0 };
    if (step) {
      const within = (value: number): number => Math.min(Math.max(value, -1), 1);
      cursor = { x: within(at.x + STRIDE * step[0]), y: within(at.y + STRIDE * step[1]) };
      if (held !== null && held >= 0) act(cursor.x, cursor.y, pixel, false);
    } else if (event.key === "Enter" || event.key === " ") {
      cursor = at;
      if (tool === "move" && held !== null) held = null;
      else act(at.x, at.y, pixel, true);
    } else return;
    event.preventDefault();
    event.stopPropagation();
    show();
  });
  const use = (): void => {
    const wrong = drawnProblem(points);
    if (wrong) tell(wrong);
    else done(points);
  };
  const moreClasses = (): void => {
    nGroups = Math.min(nGroups + 1, MOST_GROUPS);
    choose({ group: nGroups - 1 });
  };
  const clear = h("button", { type: "button", onclick: () => changed([]) }, "Clear");
  const element = h(
    "div",
    { class: "pad", role: "dialog", "aria-label": "Draw points" },
    h("header", {}, h("div", { class: "segments", role: "group", "aria-label": "Tool" }, ...tools), chips),
    h("div", { class: "sheet" }, canvas),
    problem,
    h(
      "footer",
      {},
      status,
      clear,
      h("button", { type: "button", onclick: close }, "Cancel"),
      h("button", { type: "button", class: "primary", onclick: use }, "Train on these"),
    ),
  );
  element.addEventListener("keydown", (event) => {
    // Keys of the page mean nothing under the sheet.
    event.stopPropagation();
    if (event.key === "Escape") close();
  });
  const show = (): void => {
    tools.forEach((button, i) => button.setAttribute("aria-pressed", String(TOOLS[i][0] === tool)));
    const classes = Array.from({ length: nGroups }, (_, c) => {
      const swatch = h("span", { class: "swatch", style: `background:${css(onTheme(rgb(colours[c]), theme))}` });
      const isNow = c === group && tool === "draw";
      return h(
        "button",
        {
          type: "button",
          "aria-pressed": String(isNow),
          "aria-label": `Class ${c + 1}`,
          onclick: () => choose({ group: c }),
        },
        swatch,
        `${c + 1}`,
      );
    });
    const more = h("button", { type: "button", "aria-label": "Another class", onclick: moreClasses }, "+");
    const focused = (element.getRootNode() as ShadowRoot).activeElement?.getAttribute("aria-label");
    chips.replaceChildren(...classes, ...(nGroups < MOST_GROUPS ? [more] : []));
    if (focused) (chips.querySelector(`[aria-label="${focused}"]`) as HTMLElement | null)?.focus();
    const used = new Set(points.map((point) => point.group)).size;
    const text = points.length
      ? `${grouped(points.length)} point${points.length > 1 ? "s" : ""} of ${used} class${used > 1 ? "es" : ""}`
      : "Draw points of two classes or more";
    write(status, text);
    clear.disabled = !points.length;
    paint();
  };
  const paint = (): void => {
    const side = canvas.clientWidth;
    const context = canvas.getContext("2d");
    if (!context || !side) return;
    const ratio = Math.min(devicePixelRatio || 1, 2);
    canvas.width = canvas.height = Math.round(side * ratio);
    const half = canvas.width / 2;
    context.strokeStyle = css(theme.grid);
    context.globalAlpha = 0.6;
    for (let i = 0; i <= 8; i++) {
      const at = Math.round((i / 8) * canvas.width);
      context.strokeRect(at, 0, 0, canvas.height);
      context.strokeRect(0, at, canvas.width, 0);
    }
    context.globalAlpha = 1;
    for (const { x, y, group: c } of points) {
      context.fillStyle = css(onTheme(rgb(colours[c]), theme));
      context.beginPath();
      context.arc(half * (1 + x), half * (1 - y), 3.6 * ratio, 0, 7);
      context.fill();
    }
    if (!cursor) return;
    context.strokeStyle = css(theme.ink);
    context.strokeRect(half * (1 + cursor.x) - 6 * ratio, half * (1 - cursor.y) - 6 * ratio, 12 * ratio, 12 * ratio);
  };
  const watch = new ResizeObserver(() => {
    if (element.isConnected) show();
    else watch.disconnect();
  });
  watch.observe(canvas);
  return element;
}
