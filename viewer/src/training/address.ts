/** How a training went, as a text for the address: settings from their steps on, and the last step. */

import { short } from "./network_file";
import { type OptimiserName, optimisers } from "./optimisers";
import { SCHEDULES } from "./schedule";
import type { Change } from "./session";

/** More than this is not trained again for an address. */
const MOST_STEPS = 2_000_000;
/** Changes that a text may hold: an address must stay one. */
const MOST_CHANGES = 60;

export interface Recipe {
  readonly changes: readonly Change[];
  readonly steps: number;
}

/**
 * "0:rmsprop,0.001,32,0,0,0;300:w,4,1.25;1200", where weight 4 was set to 1.25 by hand; empty where
 * nothing was trained, or too much.
 */
export function formatRecipe(changes: readonly Change[], steps: number): string {
  const isSame = !steps && !changes.some(({ weights }) => weights);
  if (isSame || steps > MOST_STEPS || changes.length > MOST_CHANGES) return "";
  const parts = changes.map(({ step, weights, settings: { optimiser, rate, batch, decay, l1, l2, schedule } }) =>
    weights
      ? `${step}:w,${weights.map(([i, value]) => `${i},${short(value)}`).join(",")}`
      : `${step}:${[optimiser, rate, batch, decay, l1, l2, ...(schedule ? [schedule.kind, schedule.until] : [])].join(",")}`,
  );
  return [...parts, steps].join(";");
}

/** Null where a text means nothing. */
export function parseRecipe(text: string): Recipe | null {
  const parts = text.split(";");
  const steps = Number(parts.pop());
  const known: Change[] = [];
  for (const part of parts) {
    const change = parseEdit(part, known.at(-1)) ?? parseChange(part);
    if (change) known.push(change);
  }
  const isWhole = known.length === parts.length && known.length > 0 && known.length <= MOST_CHANGES;
  const rises = known.every(({ step }, i) => (i ? step >= known[i - 1].step : step === 0) && step <= steps);
  return isWhole &&
    rises &&
    Number.isInteger(steps) &&
    (steps > 0 || known.some(({ weights }) => weights)) &&
    steps <= MOST_STEPS
    ? { changes: known, steps }
    : null;
}

/** Weights as they are stored, four bytes each. */
export function formatWeights(weights: Float32Array): string {
  const bytes = new Uint8Array(weights.slice().buffer);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** Null where a text is none. */
export function parseWeights(text: string): Float32Array | null {
  // Four letters are three bytes: one letter alone is none.
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) return null;
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  return bytes.length % 4 ? null : new Float32Array(bytes.buffer);
}

/** Weights that were set by hand, with the settings as they were before. */
function parseEdit(text: string, before: Change | undefined): Change | null {
  const [, step, list] = /^(\d{1,9}):w,([-+e\d.,]+)$/.exec(text) ?? [];
  const numbers = (list ?? "").split(",").map((each) => (each ? Number(each) : NaN));
  if (!before || numbers.length % 2 || !numbers.every(Number.isFinite)) return null;
  const weights = numbers.flatMap((index, i) => (i % 2 ? [] : [[index, Math.fround(numbers[i + 1])] as const]));
  const areRight = weights.every(([index, value]) => Number.isInteger(index) && index >= 0 && Number.isFinite(value));
  return areRight ? { step: Number(step), settings: before.settings, weights } : null;
}

function parseChange(text: string): Change | null {
  const [step, ...rest] = text.split(/[:,]/);
  const [name, ...numbers] = rest.slice(0, 6);
  const [rate, batch, decay, l1, l2] = numbers.map(Number);
  const [kind, until] = [SCHEDULES.find((each) => each === rest[6]), Number(rest[7])];
  const hasSchedule = rest.length > 6;
  const isSchedule = rest.length === 8 && kind && Number.isInteger(until) && until >= 1 && until <= 1e7;
  const isKnown = Object.hasOwn(optimisers, name ?? "") && numbers.length === 5 && (!hasSchedule || isSchedule);
  const areRight =
    /^\d{1,9}$/.test(step) &&
    rate >= 1e-6 &&
    rate <= 1e6 &&
    Number.isInteger(batch) &&
    batch >= 1 &&
    batch <= 1e6 &&
    [decay, l1, l2].every((share) => share >= 0 && share <= 1);
  if (!isKnown || !areRight) return null;
  const settings = { optimiser: name as OptimiserName, rate, batch, decay, l1, l2 };
  return { step: Number(step), settings: kind ? { ...settings, schedule: { kind, until } } : settings };
}
