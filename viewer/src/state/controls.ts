/**
 * Everything that a person can set, in one table: name → what it is at first, how it is read from
 * and written to the address. State, controls and address are all made from it.
 */

import { isHere, parseSpec } from "../datasets/spec";
import { parseRecipe } from "../training/address";
import { lessons } from "../training/lessons";
import { type OptimiserName, optimisers } from "../training/optimisers";
import { SCHEDULES } from "../training/schedule";

export interface Control<T> {
  readonly initial: T;
  /** Undefined when the text means nothing. */
  readonly parse: (text: string) => T | undefined;
  readonly format: (value: T) => string;
}

function number(initial: number, low: number, high: number, digits: number): Control<number> {
  return {
    initial,
    parse: (text) => {
      const value = text.trim() === "" ? NaN : Number(text);
      return Number.isFinite(value) ? Math.min(Math.max(value, low), high) : undefined;
    },
    format: (value) => String(Number(value.toFixed(digits))),
  };
}

function flag(initial: boolean): Control<boolean> {
  return {
    initial,
    parse: (text) => (text === "1" ? true : text === "0" ? false : undefined),
    format: (value) => (value ? "1" : "0"),
  };
}

function choice<T extends string>(initial: T, ...allowed: T[]): Control<T> {
  return {
    initial,
    parse: (text) => allowed.find((value) => value === text),
    format: (value) => value,
  };
}

function words(isRight: (text: string) => unknown, initial = ""): Control<string> {
  return { initial, parse: (text) => (isRight(text) ? text : undefined), format: (value) => value };
}

/** Whole numbers from 0, as runs: "3,7-12"; or, where that is shorter, as bits behind a "~". */
function rows(): Control<readonly number[]> {
  return {
    initial: [],
    parse: (text) => {
      if (text.startsWith("~")) return fromBits(text.slice(1));
      const numbers: number[] = [];
      for (const part of text.split(",").filter(Boolean)) {
        const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part);
        if (!match) return undefined;
        const stop = Number(match[2] ?? match[1]);
        for (let i = Number(match[1]); i <= stop && numbers.length < 1_000_000; i++) numbers.push(i);
      }
      return numbers;
    },
    format: (value) => {
      const parts: string[] = [];
      for (let i = 0; i < value.length; ) {
        let j = i;
        while (value[j + 1] === value[j] + 1) j++;
        parts.push(j > i ? `${value[i]}-${value[j]}` : `${value[i]}`);
        i = j + 1;
      }
      const runs = parts.join(",");
      return runs.length > SHORT ? shorter(runs, `~${asBits(value)}`) : runs;
    },
  };
}

/** Runs of this length are short enough to be read by people. */
const SHORT = 200;
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const shorter = (a: string, b: string): string => (b.length < a.length ? b : a);

/** Six numbers a character, the lowest first. */
function asBits(numbers: readonly number[]): string {
  const sextets = new Uint8Array(Math.floor(numbers.reduce((most, x) => Math.max(most, x), 0) / 6) + 1);
  for (const x of numbers) sextets[Math.floor(x / 6)] |= 1 << (x % 6);
  return Array.from(sextets, (sextet) => DIGITS[sextet]).join("");
}

function fromBits(text: string): number[] | undefined {
  const numbers: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const sextet = DIGITS.indexOf(text[i]);
    if (sextet < 0) return undefined;
    for (let bit = 0; bit < 6; bit++) if (sextet & (1 << bit)) numbers.push(6 * i + bit);
  }
  return numbers;
}

/** An address is not longer than this. */
export const MOST_LETTERS = 8_000;

export const PROJECTIONS = [
  "auto",
  "corners",
  "following",
  "units",
  "pca",
  "lda",
  "neighbours",
  "random",
  "tour",
] as const;

export const controls = {
  /** Along the network, 0 to the number of maps. */
  t: number(0, 0, 1e6, 4),
  /** Along the training, 0 to the last checkpoint; 1e6 is the last one. */
  u: number(1e6, 0, 1e6, 4),
  view: choice("2d", "2d", "3d"),
  projection: choice("auto", ...PROJECTIONS),
  /** The units that are the axes of wide layers; empty for the projection's own choice. */
  units: rows(),
  /** The representation whose layer these are of; −1: of every layer that has them. */
  unitsOf: number(-1, -1, 1e6, 0),
  /** The run whose layer that is. */
  unitsRun: number(0, 0, 3, 0),
  /** class, predicted, error, confidence, or unit:K:J for unit J of representation K; unit:K:J:R of run R alone. */
  colour: words((text) => /^(class|predicted|error|confidence|unit:\d{1,5}:\d{1,5}(:[0-3])?)$/.test(text), "class"),
  lattice: flag(true),
  boundary: flag(true),
  shading: flag(true),
  axes: flag(true),
  /** Points that were held out are rings. */
  heldOut: flag(false),
  /** Classes that are switched off. */
  hidden: rows(),
  selection: rows(),
  /** Points that are not selected are not drawn. */
  alone: flag(false),
  trails: flag(false),
  pairs: flag(false),
  scale: choice("animated", "animated", "fixed"),
  /** Of several networks side by side. */
  sameAxes: flag(true),
  zoom: number(1, 0.05, 200, 3),
  panX: number(0, -1e3, 1e3, 3),
  panY: number(0, -1e3, 1e3, 3),
  azimuth: number(-60, -1e6, 1e6, 1),
  elevation: number(22, -90, 90, 1),
  /** How far along the grand tour. */
  tour: number(0, 0, 1e6, 3),
  seed: number(0, 0, 1e6, 0),
  speed: number(1, 0.1, 8, 2),
  loop: flag(true),
  size: number(1, 0.2, 5, 2),
  theme: choice("auto", "auto", "light", "dark"),
  tab: choice("watch", "watch", "train"),
  /** Of the training in the page; a file says with what it begins. */
  optimiser: choice("rmsprop", ...(Object.keys(optimisers) as OptimiserName[])),
  rate: number(0.001, 1e-6, 1e6, 8),
  batch: number(32, 1, 1e6, 0),
  decay: number(0, 0, 1, 6),
  l1: number(0, 0, 1, 6),
  l2: number(0, 0, 1, 6),
  /** How the rate falls, and the step at which a training stops and its rate has fallen; 0 is never. */
  schedule: choice("constant", ...SCHEDULES),
  until: number(0, 0, 1e7, 0),
  /** Steps without a lower loss of what is held out after which a training stops; 0 is never. */
  patience: number(0, 0, 1e6, 0),
  /** The seed of the start; 0 is the file's own start. */
  start: number(0, 0, 1e6, 0),
  /** How new starts are drawn; "usual" is as the file's network was. */
  draws: choice("usual", "usual", "glorot", "spread"),
  /** The lesson that is open, from 1; 0 is none. */
  lesson: {
    ...number(0, 0, 99, 0),
    parse: (text) => [...lessons.keys(), lessons.length].find((each) => `${each}` === text),
  } satisfies Control<number> as Control<number>,
  /** Whether the class votes before the training is unlocked. */
  predict: flag(false),
  /** Large type and nothing but the picture, for a hall. */
  present: flag(false),
  /** Parts of the page that are not shown, by name, with commas. */
  hide: words((text) => /^[a-z,]{0,300}$/.test(text)),
  /** How the training went: with it an address trains to the same numbers again. */
  trained: words((text) => text === "" || parseRecipe(text)),
  /** The data that are learnt from; empty: the file's own. */
  data: words((text) => parseSpec(text)),
  /** Layers of a network made in the page, as "6-relu,2-linear"; empty: the file's own. */
  network: words((text) => /^(none|[a-z0-9_,-]{1,500})$/.test(text)),
  /** The learnt weights that a network made in the page begins with, where no start draws them. */
  weights: words((text) => /^[\w-]{0,8000}$/.test(text)),
  /** Pins, and trainings that were left: each with its data, its network and how it went. */
  shelf: words((text) => text.length <= MOST_LETTERS),
  pace: choice("doubling", "doubling", "1", "10", "100", "free"),
} as const;

export type Controls = typeof controls;
export type Name = keyof Controls;
export type State = { readonly [K in Name]: Controls[K] extends Control<infer T> ? T : never };

export const NAMES = Object.keys(controls) as Name[];

export function initialState(): State {
  return Object.fromEntries(NAMES.map((name) => [name, controls[name].initial])) as unknown as State;
}

/** A longer selection than this is left out: an address must stay one. */
const LONGEST = 4_000;
const LONG: readonly Name[] = ["weights", "shelf"];

/** What means nothing without the data. */
const OF_DATA: readonly Name[] = ["data", "trained", "selection", "hidden", "u"];
const OF_WEIGHTS: readonly Name[] = ["weights", "trained", "u"];

/** Everything that differs from `initial`. */
export function formatHash(state: State, initial: State): string {
  return formatParts(state, initial, [...lostParts(state, initial)]);
}

function formatParts(state: State, initial: State, lost: readonly Name[]): string {
  return changed(state, initial)
    .filter(([name, text]) => (text.length <= LONGEST || LONG.includes(name)) && !lost.includes(name))
    .map(([name, text]) => `${name}=${encodeURIComponent(text).replaceAll("%3A", ":").replaceAll("%2C", ",")}`)
    .join("&");
}

/** What an address cannot hold, or has no room for: the pins go first, and then the weights. */
export function lostParts(state: State, initial: State): ReadonlySet<Name> {
  // A start that is drawn has no weights of its own.
  const lost: Name[] = [...(losesData(state) ? OF_DATA : []), ...(state.start ? ["weights" as const] : [])];
  for (const more of [["shelf"], OF_WEIGHTS] as const) {
    if (formatParts(state, initial, lost).length > MOST_LETTERS) lost.push(...more);
  }
  return new Set(lost);
}

/** Whether an address cannot hold the data that are learnt from: a file's, or very many drawn points. */
export function losesData({ data }: State): boolean {
  return isHere(data) || data.length > LONGEST;
}

/** Whether the selection is too long for an address. */
export function losesSelection(state: State, initial: State): boolean {
  return changed(state, initial).some(([name, text]) => name === "selection" && text.length > LONGEST);
}

function changed(state: State, initial: State): [Name, string][] {
  const format = (name: Name, of: State): string => (controls[name] as Control<unknown>).format(of[name]);
  return NAMES.map((name): [Name, string] => [name, format(name, state)]).filter(
    ([name, text]) => text !== format(name, initial),
  );
}

/** What an address says; names of parts that mean nothing go to `bad`, others' are passed over. */
export function parseHash(hash: string, bad: string[] = []): Partial<State> {
  const state: Record<string, unknown> = {};
  for (const part of hash.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    const name = part.slice(0, at);
    if (at < 1 || !Object.hasOwn(controls, name)) continue;
    try {
      const text = decodeURIComponent(part.slice(at + 1));
      const value = (controls[name as Name] as Control<unknown>).parse(text);
      if (value !== undefined) state[name] = value;
      else bad.push(name);
    } catch {
      bad.push(name); // a broken escape
    }
  }
  return state as Partial<State>;
}
