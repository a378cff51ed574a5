/** Damage that is guided by what it reaches: what runs a function of src/ in a new way is damaged further. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { Session } from "node:inspector";
import { fileURLToPath } from "node:url";
import { random } from "../src/math/random";

export type Draw = () => number;
export const pick = <T>(draw: Draw, from: readonly T[]): T => from[Math.floor(draw() * from.length)];

/** Cases of each test, and processor seconds that one may take. */
const SHARE = Number(process.env.UNKNOT_FUZZ_CASES ?? 0);
const SECONDS = 10;
const SEED = Number(process.env.UNKNOT_FUZZ_SEED ?? 0);
const MOST_KEPT = 400;

/** Files that Python wrote for this, by their suffix; none in the usual tests. */
export function corpus(suffix: string): Uint8Array[] {
  const folder = process.env.UNKNOT_FUZZ_CORPUS;
  if (!folder) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(suffix));
  return names.map((name) => new Uint8Array(readFileSync(`${folder}/${name}`)));
}

/** The ways in which functions of src/ were run: each with those of its blocks that were not. */
class Ways {
  private readonly seen = new Set<string>();
  private readonly session = new Session();
  private readonly own: (start: number) => boolean;

  constructor(url: string) {
    // The bundle names the file of each part in a comment before it.
    const text = readFileSync(fileURLToPath(url), "utf8");
    const parts = [...text.matchAll(/^\/\/ (\S+\.[jt]s)$/gm)].map(({ index, 1: name }) => [index, name] as const);
    this.own = (start) => parts.findLast(([index]) => index <= start)?.[1].startsWith("src/") ?? false;
    this.session.connect();
    this.session.post("Profiler.enable");
    this.session.post("Profiler.startPreciseCoverage", { callCount: false, detailed: true });
    this.url = url;
    this.areNew();
  }

  private readonly url: string;

  get count(): number {
    return this.seen.size;
  }

  /** Whether something ran, since this was last asked, as it never did before. */
  areNew(): boolean {
    let isNew = false;
    this.session.post("Profiler.takePreciseCoverage", (_, taken) => {
      for (const { url, functions } of taken.result) {
        if (url !== this.url) continue;
        for (const { ranges } of functions) {
          const way = ranges.map(({ startOffset, endOffset, count }) => `${startOffset}-${endOffset}:${count}`).join();
          if (this.seen.has(way) || !this.own(ranges[0].startOffset)) continue;
          this.seen.add(way);
          isNew = true;
        }
      }
    });
    return isNew;
  }

  stop(): void {
    this.session.disconnect();
  }
}

/**
 * Damage what is sound, so many times, and use it: `use` says what came of it, and throws at a fault.
 *
 * `damage` may throw where what an injury before left is of another kind.
 */
export function guided<T>(
  sound: readonly T[],
  cases: number,
  damage: (value: T, draw: Draw, other: T) => T,
  use: (value: T, draw: Draw) => string,
): Record<string, number> {
  const ways = new Ways(import.meta.url);
  const kept: Record<string, T[]> = {};
  const counts: Record<string, number> = {};
  let [longest, nKept] = [0, 0];
  const most = SHARE || cases;
  for (const [i, value] of sound.entries()) assert.notEqual(use(value, random(i)), "refused", `sound ${i}`);
  ways.areNew();
  const first = ways.count;
  for (let i = 0; i < most; i++) {
    const draw = random(i + SEED);
    const { refused = [], ...loaded } = kept;
    const whole = Object.values(loaded).flat();
    const pools = [sound, whole, whole, whole.slice(-20), refused.slice(-60)].filter(({ length }) => length);
    let value = pick(draw, pick(draw, pools));
    const other = pick(draw, pick(draw, pools));
    for (let n = pick(draw, [1, 1, 1, 2, 4]); n > 0; n--) {
      try {
        value = damage(value, draw, other);
      } catch {
        // What an injury before left is of no such kind.
      }
    }
    const began = process.cpuUsage();
    let what: string;
    try {
      what = use(value, draw);
    } catch (error) {
      const shown = typeof value === "string" ? JSON.stringify(value) : "";
      throw new Error(`case ${i + SEED}: ${(error as Error).stack} ${shown}`, { cause: error });
    }
    const { user, system } = process.cpuUsage(began);
    longest = Math.max(longest, (user + system) / 1e6);
    assert.ok(longest < SECONDS, `case ${i + SEED} took ${longest} s`);
    counts[what] = (counts[what] ?? 0) + 1;
    if (!ways.areNew()) continue;
    nKept++;
    kept[what] = [...(kept[what] ?? []), value].slice(-MOST_KEPT);
  }
  ways.stop();
  if (SHARE) console.log(`${most} cases`, counts, { kept: nKept, first, ways: ways.count, longest });
  return counts;
}
