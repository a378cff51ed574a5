/** The page's own data sets against Python's: tests/datasets/page_golden.json of the repository. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { errorFunction, scaledBessel } from "../src/datasets/best_possible";
import { generate, generators, MOST_POINTS, parametersOf } from "../src/datasets/generators";

interface Case {
  readonly name: string;
  readonly given: Readonly<Record<string, number>>;
  readonly defaults: Readonly<Record<string, number>>;
  readonly class_names: readonly string[];
  readonly feature_names: readonly string[];
  readonly hidden: readonly number[];
  readonly activation: string;
  readonly best: number;
  /** By class, reading and level. */
  readonly quantiles: readonly (readonly (readonly number[])[])[];
  readonly counts: readonly number[];
}

const golden = JSON.parse(readFileSync("../tests/datasets/page_golden.json", "utf8")) as { cases: readonly Case[] };
/** Of the two-sample test of Kolmogorov and Smirnov, where one in a million fails by chance. */
const CRITICAL = Math.sqrt(Math.log(2 / 1e-6) / 2);
/** More than the rounding of the quantiles. */
const ROUNDING = 1e-3;

/** As page_golden.py has them: every coordinate, two slanted directions, the distance. */
function readings(row: readonly number[]): number[] {
  const slanted = [0.5, 2].map((k) => row.reduce((sum, value, j) => sum + value * Math.cos(j + k), 0));
  return [...row, ...slanted, Math.hypot(...row)];
}

/** How many of sorted values come before the first of which `isPast` is true. */
function countBefore(sorted: Float64Array, isPast: (value: number) => boolean): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isPast(sorted[middle])) to = middle;
    else from = middle + 1;
  }
  return from;
}

const title = ({ name, given }: Case): string => `${name} ${JSON.stringify(given)}`;

test("data sets have Python's names, parameters, classes and network", () => {
  assert.deepEqual(new Set(golden.cases.map(({ name }) => name)), new Set(Object.keys(generators)));
  for (const each of golden.cases) {
    const { name, given, defaults, class_names, feature_names, hidden, activation } = each;
    assert.deepEqual(parametersOf(name), defaults, title(each));
    const points = generate(name, 10, 0, given);
    assert.deepEqual([points.classNames, points.featureNames], [class_names, feature_names], title(each));
    assert.deepEqual(generators[name].suits, { hidden, activation }, title(each));
  }
});

test("every class is distributed as Python's", () => {
  for (const each of golden.cases) {
    const { x, y, featureNames } = generate(each.name, MOST_POINTS, 7, each.given);
    const d = featureNames.length;
    each.quantiles.forEach((byReading, k) => {
      const rows = Array.from(y.keys()).filter((i) => y[i] === k);
      assert.equal(rows.length, each.counts[k], title(each));
      const clouds = rows.map((i) => readings(Array.from(x.subarray(i * d, (i + 1) * d))));
      const most = CRITICAL * Math.sqrt(2 / rows.length);
      byReading.forEach((quantiles, r) => {
        const sorted = Float64Array.from(clouds, (cloud) => cloud[r]).sort();
        quantiles.forEach((quantile, q) => {
          const level = (q + 1) / (quantiles.length + 1);
          const below = countBefore(sorted, (value) => value >= quantile - ROUNDING) / rows.length;
          const within = countBefore(sorted, (value) => value > quantile + ROUNDING) / rows.length;
          const place = `${title(each)}, class ${k}, reading ${r}, level ${level}: ${below} to ${within}`;
          assert.ok(below < level + most && within > level - most, place);
        });
      });
    });
  }
});

test("the best possible accuracy is Python's", () => {
  for (const each of golden.cases) {
    const best = generators[each.name].best(parametersOf(each.name, each.given));
    assert.ok(Math.abs(best - each.best) < 2e-5, `${title(each)}: ${best}, ${each.best}`);
  }
  // DLMF 7.2.1 at 1, and I₀(1) e^−1, I₀(100) e^−100.
  assert.ok(Math.abs(errorFunction(1) - 0.8427007929497149) < 1e-12);
  assert.ok(Math.abs(scaledBessel(1) - 0.46575960759364043) < 1e-14);
  assert.ok(Math.abs(scaledBessel(100) - 0.03994437929909668) < 1e-14);
  assert.ok(Math.abs(scaledBessel(30) - scaledBessel(30 + 1e-9)) < 1e-10);
});

test("the same seed gives the same points, another seed others, noise moves them", () => {
  for (const name of Object.keys(generators)) {
    const [first, again, other] = [3, 3, 4].map((seed) => generate(name, 200, seed));
    assert.deepEqual(first, again, name);
    assert.notDeepEqual(first.x, other.x, name);
    assert.ok(
      first.x.every((value) => Number.isFinite(value)),
      name,
    );
    assert.notDeepEqual(first.y.slice(0, 50), Uint8Array.from(first.y).sort().slice(0, 50), name);
  }
  assert.notDeepEqual(generate("moons", 50, 3, { noise: 0.2 }).x, generate("moons", 50, 3).x);
  // What lies out of bounds is brought within them; what is no number is left out.
  assert.deepEqual(parametersOf("blobs", { noise: -1, classes: 99 }), { noise: 0, classes: 12 });
  assert.deepEqual(parametersOf("blobs", { noise: NaN }), parametersOf("blobs"));
});
