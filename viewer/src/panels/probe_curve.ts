/** Over the timeline: how well a straight cut separates the classes at each representation. */
import { chanceOf, probeCurve } from "../model/probe_curve";
import { h, svg, write } from "./dom";
import { percent } from "./numbers";
import type { Host, Now } from "./panel";
import { fit } from "./text";

/** In pixels: the whole height, and what of it is left above and below the curve. */
const HEIGHT = 42;
const ABOVE = 15;
const BELOW = 4;
/** Room that a number needs. */
const NUMBER = 34;

interface Place {
  readonly x: number;
  readonly y: number;
  readonly value: number;
  readonly k: number;
}

export interface ProbePicture {
  /** Belongs into the slider, as wide as it. */
  readonly element: HTMLElement;
  readonly key: HTMLElement;
  update(now: Now): void;
  /** For screen readers: what the probe says at a place of the timeline. */
  describe(t: number): string;
  /** What the card says near a place of the timeline. */
  card(t: number): string[];
}

/** Null where no run has a probe. */
export function probePicture(host: Host): ProbePicture | null {
  const { runs } = host.scene;
  const chances = runs.map(chanceOf);
  const known = chances.filter((chance) => chance !== null);
  if (!known.length || !host.run.length) return null;
  const chance = Math.min(...known);
  const all = runs.flatMap((run) => run.header.measures.linear_probe?.flatMap((row) => row ?? []) ?? []);
  const least = Math.min(chance, ...all.filter((value) => value !== null));
  const height = (value: number): number => HEIGHT - BELOW - ((HEIGHT - BELOW - ABOVE) * (value - least)) / Math.max(1 - least, 1e-6);
  const picture = svg("svg", { "aria-hidden": "true" });
  const element = h("div", { class: "probe" }, picture);
  const key = h(
    "div", { class: "key", "aria-hidden": "true" },
    h("span", { class: "probe-key", title: "Accuracy of a linear classifier on held-out points, from all units of each layer" }, ...runs.map((_, i) => h("i", { class: `run${i}` })), "linear probe"),
    h("span", { class: "chance-key" }, h("i"), `chance ${percent(chance)}`),
  );
  let drawn: unknown[] = [];
  let last: Now | undefined;
  const places = (i: number, { instants }: Now, width: number): Place[] => {
    const run = runs[i];
    const values = probeCurve(run, instants[i].view.moment.u)?.values ?? [];
    return values.flatMap((value, k) => (value === null ? [] : [{ x: (width * k) / Math.max(run.length, 1), y: height(value), value, k }]));
  };
  const draw = (now: Now, width: number): void => {
    const shapes: Element[] = [svg("line", { x1: 0, x2: width, y1: height(chance), y2: height(chance), class: "chance" })];
    for (let i = runs.length - 1; i >= 0; i--) {
      const at = places(i, now, width);
      const own = `run${i}`;
      shapes.push(svg("polyline", { points: at.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" "), class: own }));
      for (const { x, y, k } of at) shapes.push(svg("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: now.instants[i].t === k ? 4 : 2.6, class: own }));
    }
    if (runs.length === 1) shapes.push(...numbers(places(0, now, width), now.state.t, width));
    picture.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    picture.replaceChildren(...shapes);
  };
  const told = (i: number, t: number): string | null => {
    if (!last) return null;
    const run = runs[i];
    const k = Math.round((t / Math.max(host.run.length, 1)) * run.length);
    const curve = probeCurve(run, last.instants[i].view.moment.u);
    const value = curve?.values[k];
    if (value == null) return null;
    const between = curve?.isInterpolated ? ", interpolated between checkpoints" : "";
    return `${fit(run.header.representations[k].name, 40)}: linear probe ${percent(value, 1)}${between}`;
  };
  return {
    element, key,
    update(now) {
      last = now;
      const width = element.clientWidth;
      const next = [width, now.state.t, ...now.instants.map(({ view }) => view.moment)];
      if (!width || next.every((x, i) => x === drawn[i])) return;
      drawn = next;
      draw(now, width);
    },
    describe: (t) => (Number.isInteger(t) ? told(0, t)?.replace(/^.*: /, ", ") ?? "" : ""),
    card: (t) => runs.flatMap((_, i) => told(i, t) ?? []),
  };
}

/** The stop that is shown comes first, then the ends; a number that would touch another is left out. */
function numbers(places: readonly Place[], t: number, width: number): Element[] {
  const taken: number[] = [];
  const rank = (i: number): number => (places[i].k === t ? 0 : i === 0 || i === places.length - 1 ? 1 : 2);
  const order = places.map((_, i) => i).sort((a, b) => rank(a) - rank(b));
  return order.flatMap((i) => {
    const { x, y, value, k } = places[i];
    const middle = Math.min(Math.max(x, NUMBER / 2 - 4), width - NUMBER / 2 + 4);
    if (taken.some((other) => Math.abs(other - middle) < NUMBER)) return [];
    taken.push(middle);
    const text = svg("text", { x: middle.toFixed(1), y: (y - 6).toFixed(1), "text-anchor": "middle", class: k === t ? "now" : "" });
    write(text, percent(value));
    return [text];
  });
}
