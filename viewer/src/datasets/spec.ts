/** Which data the tab "Train" learns from, as a text for the address: "moons,n:500,noise:0.2,seed:3". */
import { generators, MOST_POINTS } from "./generators";

/** Beside the generators: the page's own data sets, points drawn by hand, a file that was dropped. */
export const OTHERS = ["own", "drawn", "dropped"] as const;

export interface DataSpec {
  /** A generator or one of `OTHERS`. */
  readonly name: string;
  /** n, seed, held and what a generator has besides; of "own" and "dropped" which of them, as `index`. */
  readonly values: Readonly<Record<string, number>>;
  /** Of "drawn": the points as `formatDrawn` writes them. */
  readonly points: string;
}

/** What is left out of a text. */
export const DEFAULTS = { n: 2_000, seed: 1, held: 0.2 } as const;

/** The file's own data, as they are, are an empty text. */
export function formatSpec({ name, values, points }: DataSpec): string {
  const entries = Object.entries(values).filter(([key, value]) => value !== initialOf(name, key));
  const numbers = entries.map(([key, value]) => `,${key}:${Number(value.toPrecision(6))}`).join("");
  const text = name + numbers + (points ? `,points:${points}` : "");
  return text === "own" ? "" : text;
}

/** Null where a text means nothing. */
export function parseSpec(text: string): DataSpec | null {
  const [name, ...parts] = (text || "own").split(",");
  const isMade = Object.hasOwn(generators, name);
  if (!isMade && !(OTHERS as readonly string[]).includes(name)) return null;
  const values: Record<string, number> = {};
  let points = "";
  for (const part of parts) {
    const [key, value] = part.split(":", 2);
    if (key === "points") {
      if (name !== "drawn" || !/^[\w-]*$/.test(value ?? "")) return null;
      points = value;
      continue;
    }
    const limits = limitsOf(name, key);
    const number = Number(value);
    if (!limits || value === "" || !Number.isFinite(number)) return null;
    const within = Math.min(Math.max(number, limits.low), limits.high);
    values[key] = limits.isWhole ? Math.round(within) : within;
  }
  return { name, values, points };
}

/** The value of a parameter, or what it is where the text does not say it. */
export function numberOf({ name, values }: DataSpec, key: string): number {
  return values[key] ?? initialOf(name, key) ?? NaN;
}

function initialOf(name: string, key: string): number | undefined {
  // The page's own data keep the rows that Python held out, until someone asks for others.
  if (name === "own" && key === "held") return undefined;
  if (key === "index") return 0;
  return (DEFAULTS as Record<string, number>)[key] ?? generators[name]?.parameters[key]?.initial;
}

interface Limits {
  readonly low: number;
  readonly high: number;
  readonly isWhole?: boolean;
}

export const MOST_HELD = 0.9;

function limitsOf(name: string, key: string): Limits | null {
  if (key === "held") return { low: 0, high: MOST_HELD };
  if (key === "seed") return { low: 0, high: 1e6, isWhole: true };
  if (key === "index") return name === "own" || name === "dropped" ? { low: 0, high: 99, isWhole: true } : null;
  if (!Object.hasOwn(generators, name)) return null;
  if (key === "n") return { low: 20, high: MOST_POINTS, isWhole: true };
  return Object.hasOwn(generators[name].parameters, key) ? generators[name].parameters[key] : null;
}

/** Whether an address cannot hold the data: a file that was dropped is in this page alone. */
export function isHere(text: string): boolean {
  return parseSpec(text)?.name === "dropped";
}
