/** The way through the network: every representation a stop, every beat named between them. */
import { CUT, chanceOf, probeCurve } from "../model/probes";
import type { SceneBeat } from "../motion/beats";
import { fit, percent } from "../words";
import { h, iconButton, moveWithKeys, onDrag, setIcon, svg, write } from "./dom";
import type { Host, Now, Panel } from "./panel";

/** Milliseconds between two descriptions while it plays. */
const SPOKEN = 500;

export function timeline(host: Host): Panel {
  const { run, store, player } = host;
  const length = Math.max(run.length, 1);
  const names = run.header.representations.map((r) => fit(r.name, 28));
  const slider = h("div", {
    class: "slider layers",
    role: "slider",
    tabindex: 0,
    "aria-label": "Place in the network",
    "aria-valuemin": 0,
    "aria-valuemax": run.length,
  });
  const track = h("div", { class: "track" });
  // What moves on every frame moves as a layer of its own: nothing around it is painted again.
  const rail = h("div", { class: "rail" }, h("div", { class: "thumb" }));
  const done = h("div", { class: "done" });
  const stops = names.map((_, k) => h("div", { class: "stop", style: `left:${(100 * k) / length}%` }));
  const labels = names.map((name) => h("div", { class: "stop-name", dir: "auto" }, name));
  const beats: { beat: SceneBeat; bar: HTMLElement; name: HTMLElement }[] = [];
  slider.append(track, h("div", { class: "track" }, done), ...stops, ...labels, rail);
  const play = iconButton("play", "Play through the layers", () => player.toggle("layers"), "play");
  const loop = iconButton("loop", "Repeat", () => store.set({ loop: !store.state.loop }));
  const speed = h("select", {
    "aria-label": "Speed",
    title: "Speed",
    onchange: () => store.set({ speed: Number(speed.value) }),
  });
  for (const value of [0.25, 0.5, 1, 2, 4]) speed.append(h("option", { value }, `${value}×`.replace("0.", ".")));
  const probe = probePicture(host);
  const card = h("div", { class: "card", hidden: true, "aria-hidden": "true" });
  if (probe) {
    slider.classList.add("probed");
    slider.prepend(probe.element);
    slider.append(card);
    showCard(slider, card, run.length, probe.card, () => store.state.t);
  }
  const element = h("div", { class: "row layers" }, play, slider, h("div", { class: "end" }, speed, loop), probe?.key);

  const go = (t: number): void => {
    player.pause();
    store.set({ t: Math.min(Math.max(t, 0), run.length) });
  };
  onDrag(slider, (share, event) => {
    const t = share * run.length;
    const near = Math.round(t);
    // A stop is easy to hit: it reaches a few pixels to either side.
    const reach = (7 * run.length) / Math.max(slider.clientWidth, 1);
    go(!event.altKey && Math.abs(t - near) < reach ? near : t);
  });
  moveWithKeys(slider, () => store.state.t, run.length, 0.05, go);

  const fill = (all: readonly SceneBeat[]): void => {
    for (const beat of all) {
      const [left, width] = [(100 * beat.start) / length, (100 * (beat.stop - beat.start)) / length];
      const bar = h("div", { class: "beat", style: `left:calc(${left}% + 1px);width:calc(${width}% - 2px)` });
      const name = h("div", { class: "beat-name", style: `left:${left + width / 2}%` }, beatName(beat));
      track.append(bar);
      slider.append(name);
      beats.push({ beat, bar, name });
    }
  };
  let described = 0;
  let seenIn: unknown;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Beats during which the picture stands still are pale; that is worked out at rest. */
  const dim = ({ instant }: Now): void => {
    if (seenIn === instant.scene || player.playing) return;
    seenIn = instant.scene;
    clearTimeout(timer);
    timer = setTimeout(() => {
      for (const { beat, bar, name } of beats) {
        const unseen = !instant.scene.isSeen(beat.start, beat.stop);
        bar.classList.toggle("unseen", unseen);
        name.classList.toggle("unseen", unseen);
        name.title = unseen ? "The picture does not change here." : "";
      }
    }, 400);
  };
  let laidOut = 0;
  let named = -1;
  const layOut = (t: number): void => {
    const width = slider.clientWidth;
    if (!width) return;
    if (width !== laidOut || (Number.isInteger(t) && t !== named)) placeLabels(labels, width, t);
    if (Number.isInteger(t)) named = t;
    if (width === laidOut) return;
    laidOut = width;
    for (const { beat, name } of beats) {
      const room = ((beat.stop - beat.start) / length) * width;
      name.hidden = name.scrollWidth > room - 4 && !name.hidden ? true : name.hidden && room < 44;
    }
  };
  return {
    element,
    update(now: Now): void {
      const { state, instant } = now;
      if (!beats.length && run.length) fill(instant.scene.beats);
      layOut(Math.min(state.t, run.length));
      dim(now);
      if (probe) {
        const isProbed = instant.scene.moment.run.header.measures.linear_probe !== undefined;
        slider.classList.toggle("probed", isProbed);
        probe.element.hidden = probe.key.hidden = !isProbed;
        if (isProbed) probe.update(now);
      }
      const t = Math.min(state.t, run.length);
      rail.style.transform = `translateX(${((100 * t) / length).toFixed(3)}%)`;
      done.style.transform = `translateX(${((100 * t) / length - 100).toFixed(3)}%)`;
      beats.forEach(({ beat, name }) => {
        name.classList.toggle("now", t > beat.start && t < beat.stop);
      });
      stops.forEach((stop, k) => {
        stop.classList.toggle("past", t >= k);
        labels[k].classList.toggle("now", t === k);
      });
      // Nobody listens to every frame of a play.
      const isSpoken = player.playing !== "layers" || performance.now() - described > SPOKEN;
      if (isSpoken) {
        described = performance.now();
        slider.setAttribute("aria-valuenow", t.toFixed(2));
        slider.setAttribute(
          "aria-valuetext",
          describe(
            t,
            names,
            beats.map((b) => b.beat),
          ) + (probe?.describe(t) ?? ""),
        );
      }
      const playing = player.playing === "layers";
      setIcon(play, playing ? "pause" : "play", playing ? "Pause" : "Play through the layers");
      loop.setAttribute("aria-pressed", String(state.loop));
      if (speed.value !== String(state.speed)) speed.value = String(state.speed);
    },
  };
}

/** What was measured at the stop under the pointer; at the stop that is shown while the keys are here. */
function showCard(
  slider: HTMLElement,
  card: HTMLElement,
  length: number,
  lines: (t: number) => string[],
  now: () => number,
): void {
  const show = (k: number): void => {
    const words = lines(k);
    card.hidden = !words.length;
    card.replaceChildren(...words.map((line) => h("div", {}, line)));
    const middle = (slider.clientWidth * k) / Math.max(length, 1);
    const most = slider.clientWidth - card.offsetWidth;
    card.style.left = `${Math.max(Math.min(middle - card.offsetWidth / 2, most), 0)}px`;
  };
  const hide = (): void => void (card.hidden = true);
  slider.addEventListener("pointermove", (event) => {
    const box = slider.getBoundingClientRect();
    show(Math.round(((event.clientX - box.left) / Math.max(box.width, 1)) * length));
  });
  slider.addEventListener("pointerleave", hide);
  slider.addEventListener("blur", hide);
  for (const event of ["focus", "keyup"]) {
    slider.addEventListener(event, () => {
      if (slider.matches(":focus-visible") && Number.isInteger(now())) show(now());
      else hide();
    });
  }
}

function beatName(beat: SceneBeat): string {
  return beat.kind === "activation" ? fit(beat.layer, 14) : beat.name;
}

function describe(t: number, names: readonly string[], beats: readonly SceneBeat[]): string {
  if (Number.isInteger(t)) return names[t];
  const beat = beats.find((b) => t < b.stop);
  return beat ? `${beat.title}, ${Math.round((100 * (t - beat.start)) / (beat.stop - beat.start))}%` : "";
}

/**
 * The stop that is shown first, then the ends, then short names before long ones; a name that would
 * touch another is left out.
 */
function placeLabels(labels: readonly HTMLElement[], width: number, now: number): void {
  for (const label of labels) label.hidden = false;
  const sizes = labels.map((label) => label.offsetWidth);
  const last = labels.length - 1;
  const order = labels
    .map((_, k) => k)
    .sort((a, b) => {
      const rank = (k: number): number => (k === now ? 2 : k === 0 || k === last ? 1 : 0);
      return rank(b) - rank(a) || sizes[a] - sizes[b];
    });
  const taken: [number, number][] = [];
  for (const k of order) {
    const left = Math.min(Math.max((width * k) / Math.max(last, 1) - sizes[k] / 2, 0), width - sizes[k]);
    const free = taken.every(([from, to]) => left > to + 8 || left + sizes[k] < from - 8);
    labels[k].hidden = !free;
    if (free) taken.push([left, left + sizes[k]]);
    labels[k].style.left = `${left}px`;
  }
}

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
  const { runs } = host.file;
  const chances = runs.map(chanceOf);
  const known = chances.filter((chance) => chance !== null);
  if (!known.length || !host.run.length) return null;
  const chance = Math.min(...known);
  const all = runs.flatMap((run) => run.header.measures.linear_probe?.flatMap((row) => row ?? []) ?? []);
  const least = Math.min(chance, ...all.filter((value) => value !== null));
  const height = (value: number): number =>
    HEIGHT - BELOW - ((HEIGHT - BELOW - ABOVE) * (value - least)) / Math.max(1 - least, 1e-6);
  const picture = svg("svg", { "aria-hidden": "true" });
  const element = h("div", { class: "probe" }, picture);
  const key = h(
    "div",
    { class: "key", "aria-hidden": "true" },
    h("span", { class: "probe-key", title: CUT }, ...runs.map((_, i) => h("i", { class: `run${i}` })), "straight cut"),
    h("span", { class: "chance-key" }, h("i"), `chance ${percent(chance)}`),
  );
  let drawn: unknown[] = [];
  let last: Now | undefined;
  const places = (i: number, { instants }: Now, width: number): Place[] => {
    // Not the file's: a network in training is a run of its own, without probes.
    const { run, u } = instants[i].scene.moment;
    const values = probeCurve(run, u)?.values ?? [];
    return values.flatMap((value, k) =>
      value === null ? [] : [{ x: (width * k) / Math.max(run.length, 1), y: height(value), value, k }],
    );
  };
  const draw = (now: Now, width: number): void => {
    const shapes: Element[] = [
      svg("line", { x1: 0, x2: width, y1: height(chance), y2: height(chance), class: "chance" }),
    ];
    for (let i = runs.length - 1; i >= 0; i--) {
      const at = places(i, now, width);
      const own = `run${i}`;
      shapes.push(
        svg("polyline", { points: at.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" "), class: own }),
      );
      for (const { x, y, k } of at)
        shapes.push(
          svg("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: now.instants[i].t === k ? 4 : 2.6, class: own }),
        );
    }
    if (runs.length === 1) shapes.push(...numbers(places(0, now, width), now.state.t, width));
    picture.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    picture.replaceChildren(...shapes);
  };
  const measured = (i: number, t: number): string | null => {
    if (!last) return null;
    const { run, u } = last.instants[i].scene.moment;
    const k = Math.round((t / Math.max(host.run.length, 1)) * run.length);
    const curve = probeCurve(run, u);
    const value = curve?.values[k];
    if (value == null) return null;
    const between = curve?.isInterpolated ? ", interpolated between checkpoints" : "";
    return `${fit(run.header.representations[k].name, 40)}: straight cut ${percent(value, 1)} right (linear probe)${between}`;
  };
  return {
    element,
    key,
    update(now) {
      last = now;
      const width = element.clientWidth;
      const { t } = now.state;
      const next = [width, Number.isInteger(t) ? t : null, ...now.instants.map(({ scene }) => scene.moment)];
      if (!width || next.every((x, i) => x === drawn[i])) return;
      drawn = next;
      draw(now, width);
    },
    describe: (t) => (Number.isInteger(t) ? (measured(0, t)?.replace(/^.*: /, ", ") ?? "") : ""),
    card: (t) => runs.flatMap((_, i) => measured(i, t) ?? []),
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
    const text = svg("text", {
      x: middle.toFixed(1),
      y: (y - 6).toFixed(1),
      "text-anchor": "middle",
      class: k === t ? "now" : "",
    });
    write(text, percent(value));
    return [text];
  });
}
