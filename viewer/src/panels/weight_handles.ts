/** In the diagram of the network in training: a weight is dragged up and down, moved by arrow keys or typed. */
import type { Moment } from "../network/moment";
import { fit, plain } from "../words";
import { h, write } from "./dom";
import type { Host } from "./panel";

/** A weight, or where `from` is null the bias of unit `to`. */
interface Grip {
  readonly map: number;
  readonly from: number | null;
  readonly to: number;
}

export interface WeightLine {
  readonly element: SVGLineElement;
  readonly map: number;
  readonly from: number;
  readonly to: number;
}

export interface UnitCircle {
  readonly element: SVGCircleElement;
  /** The map that leads to it. */
  readonly map: number;
  readonly unit: number;
}

/** What the diagram has now. */
export interface Diagram {
  readonly picture: SVGSVGElement;
  /** Where the lines are. */
  readonly weights: SVGElement;
  lines(): readonly WeightLine[];
  circles(): readonly UnitCircle[];
  nearest(place: { readonly clientX: number; readonly clientY: number }): WeightLine | null;
}

/** Pixels of a drag for the largest weight of a layer, and before a press on a unit is one. */
const [REACH, STILL] = [80, 4];
/** A step of the arrow keys, as a share of the largest weight. */
const STEP = 0.05;
/** Milliseconds after the last key until the camera is aimed anew. */
const PAUSE = 700;
/** No weight is worth more. */
const MOST = 1e6;

export interface Handles {
  readonly element: HTMLElement;
  update(moment: Moment): void;
}

export function weightHandles(host: Host, diagram: Diagram): Handles {
  const { picture } = diagram;
  const name = h("span");
  const input = h("input", {
    type: "text",
    inputmode: "decimal",
    "aria-label": "Weight as a number",
    onchange: () => {
      const wanted = Number(input.value.trim().replace("−", "-").replace(",", ".") || NaN);
      if (Math.abs(wanted) <= MOST) put(wanted);
      else host.say("A weight is a number from −1,000,000 to 1,000,000.");
      end();
    },
  });
  const element = h("label", { class: "field weight", hidden: true }, name, input);
  let shown: Moment | null = null;
  let chosen: Grip | null = null;
  let drag: { readonly y: number; readonly value: number; readonly largest: number; isMoving: boolean } | null = null;
  /** A click follows a drag. */
  let hasMoved = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const numbers = ({ map }: Grip): { weight: ArrayLike<number>; bias: ArrayLike<number>; columns: number } | null => {
    const at = shown?.map(map);
    return at?.kind === "affine" ? { weight: at.weight.data, bias: at.bias, columns: at.weight.columns } : null;
  };
  const numberOf = (grip: Grip): number => {
    const at = numbers(grip)!;
    return grip.from === null ? at.bias[grip.to] : at.weight[grip.from * at.columns + grip.to];
  };
  const largestOf = (grip: Grip): number =>
    Array.from(numbers(grip)!.weight).reduce((most, w) => Math.max(most, Math.abs(w)), 0.5);
  const isLearnt = ({ map, from, to }: Grip): boolean => (host.studio()?.run.indexOf(map, from, to) ?? -1) >= 0;
  const put = (value: number): void => {
    if (!chosen) return;
    const { map, from, to } = chosen;
    host.studio()?.edit(map, from, to, Math.min(Math.max(value, -MOST), MOST));
  };
  const end = (): void => host.studio()?.endEdit();
  const choose = (grip: Grip | null): boolean => {
    if (!grip || !shown || !isLearnt(grip)) return false;
    chosen = grip;
    show();
    return true;
  };
  const gripOf = (target: EventTarget | null): Grip | null => {
    const circle = diagram.circles().find((each) => each.element === target);
    if (circle) return circle.map < 0 ? null : { map: circle.map, from: null, to: circle.unit };
    return diagram.lines().find((each) => each.element === target) ?? null;
  };
  const nameOf = ({ map, from, to }: Grip): string => {
    const { run } = shown!;
    const unit = fit(run.unitName(map + 1, to), 16);
    return from === null ? `Bias of ${unit}` : `${fit(run.unitName(map, from), 16)} → ${unit}`;
  };
  /** The one line that the tab key comes to. */
  const show = (): void => {
    const isOpen = chosen !== null && isLearnt(chosen);
    element.hidden = !isOpen;
    if (!isOpen || !chosen) return;
    write(name, nameOf(chosen));
    const root = element.getRootNode() as ShadowRoot;
    if (root.activeElement !== input) input.value = plain(numberOf(chosen));
  };
  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !host.studio()) return;
    hasMoved = false;
    const isTouch = event.pointerType === "touch";
    const grip = gripOf(event.target) ?? diagram.nearest(event);
    // A finger chooses first: it scrolls the page too.
    if (isTouch && !(chosen && grip && same(grip, chosen))) return;
    if (!choose(grip)) return;
    const isUnit = grip!.from === null;
    drag = { y: event.clientY, value: numberOf(grip!), largest: largestOf(grip!), isMoving: false };
    if (!isUnit) picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointermove", (event) => {
    if (!drag || (!drag.isMoving && Math.abs(event.clientY - drag.y) < STILL)) return;
    if (!drag.isMoving) picture.setPointerCapture(event.pointerId);
    drag.isMoving = true;
    put(drag.value + ((drag.y - event.clientY) * drag.largest) / REACH);
  });
  const release = (): void => {
    if (drag?.isMoving) end();
    hasMoved = drag?.isMoving ?? hasMoved;
    drag = null;
  };
  picture.addEventListener("pointerup", release);
  picture.addEventListener("pointercancel", release);
  picture.addEventListener("lostpointercapture", release);
  picture.addEventListener("click", (event) => {
    if (host.studio() && !hasMoved) choose(gripOf(event.target) ?? diagram.nearest(event));
  });
  picture.addEventListener(
    "touchstart",
    (event) => {
      const line = chosen?.from != null && diagram.nearest(event.touches[0]);
      if (line && same(line, chosen!)) event.preventDefault();
    },
    { passive: false },
  );
  picture.addEventListener("keydown", (event) => {
    const grip = gripOf(event.target);
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!host.studio() || !grip || (!up && !along) || event.altKey || event.ctrlKey || event.metaKey) return;
    if (up && choose(grip)) {
      put(numberOf(grip) + up * STEP * largestOf(grip) * (event.shiftKey ? 0.1 : 1));
      clearTimeout(timer);
      timer = setTimeout(end, PAUSE);
    } else if (along && grip.from !== null) {
      const lines = diagram.lines().filter((line) => isLearnt(line) && !line.element.hasAttribute("hidden"));
      const at = lines.findIndex((line) => same(line, grip)) + along;
      const next = lines[(at + lines.length) % lines.length];
      choose(next);
      label(next, true);
      next.element.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const label = ({ element: line, ...grip }: WeightLine, isStop: boolean): void => {
    const value = plain(numberOf(grip));
    const attributes = {
      tabindex: isStop ? 0 : -1,
      role: "slider",
      "aria-orientation": "vertical",
      "aria-label": `Weight ${nameOf(grip)}`,
      "aria-valuenow": numberOf(grip),
      "aria-valuetext": value,
    };
    for (const [key, each] of Object.entries(attributes)) line.setAttribute(key, String(each));
  };
  return {
    element,
    update(moment): void {
      shown = moment;
      const studio = host.studio();
      const edits = new Set(studio?.shown.edits?.map(([index]) => index));
      diagram.weights.setAttribute("aria-hidden", String(!studio));
      let hasStop = false;
      for (const line of diagram.lines()) {
        const isMine = studio !== null && isLearnt(line);
        const isChosen = chosen !== null && same(line, chosen);
        line.element.classList.toggle("chosen", isMine && isChosen);
        line.element.classList.toggle("edited", isMine && edits.has(studio.run.indexOf(line.map, line.from, line.to)));
        const isStop: boolean = isMine && (chosen?.from != null ? isChosen : !hasStop);
        hasStop ||= isStop;
        if (isStop) label(line, true);
        else if (line.element.hasAttribute("tabindex")) line.element.setAttribute("tabindex", "-1");
      }
      for (const { element: circle, map, unit } of diagram.circles()) {
        circle.classList.toggle("edited", studio !== null && edits.has(studio.run.indexOf(map, null, unit)));
      }
      show();
    },
  };
}

const same = (a: Grip, b: Grip): boolean => a.map === b.map && a.from === b.from && a.to === b.to;
