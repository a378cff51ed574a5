import assert from "node:assert/strict";
import { test } from "node:test";
import type { Matrix } from "../src/math/matrix";
import { asProbabilities, givesProbabilities } from "../src/network/forward";
import { decisionBoundary } from "../src/network/lattice";
import type { WeightsMoment } from "../src/network/moment";
import type { Run } from "../src/page_file/page_file";

/** A network of two classes whose second has this probability at x. */
function momentOf(probability: (x: number) => number): WeightsMoment {
  const classify = ({ rows, data }: Matrix): Matrix => {
    const second = Array.from({ length: rows }, (_, i) => probability(data[2 * i]));
    return { rows, columns: 2, data: Float64Array.from(second.flatMap((p) => [1 - p, p])) };
  };
  return { run: { nClasses: 2 }, classify } as unknown as WeightsMoment;
}

const box = { low: [-3, -2000], high: [3, 2000], rows: 0, columns: 0 };

function abscissas(probability: (x: number) => number): Float64Array {
  const { points, lengths } = decisionBoundary(momentOf(probability), box, 33);
  assert.deepEqual(lengths, [33]);
  return points.filter((_, i) => i % 2 === 0);
}

test("vertices lie where the probability is one half, however steep it is", () => {
  for (const slope of [3, 1e3, 1e5]) {
    const rising = (x: number): number => 1 / (1 + Math.exp(-slope * (x - 0.3)));
    for (const x of abscissas(rising)) assert.ok(Math.abs(rising(x) - 0.5) <= 0.01, `${slope}: ${x}`);
  }
});

test("where the probability jumps the boundary lies at the jump", () => {
  for (const x of abscissas((x) => (x > 0.3 ? 0.9 : 0))) assert.ok(Math.abs(x - 0.3) < 1e-6, `${x}`);
});

test("of labels with a sigmoid each the one that colours tells the classes", () => {
  const run = (n: number, unit: number | null): Run =>
    ({
      nClasses: 2,
      header: { maps: [{ kind: "activation", name: "sigmoid", n_out: n }], colour_unit: unit },
    }) as unknown as Run;
  const output = { rows: 2, columns: 3, data: Float64Array.of(0.1, 0.25, 0.3, 0.4, 0.75, 0.6) };
  assert.deepEqual([...asProbabilities(output, run(3, 1))!.data], [0.75, 0.25, 0.25, 0.75]);
  assert.equal(asProbabilities(output, run(3, null)), null);
  assert.ok(!givesProbabilities(run(3, null)) && givesProbabilities(run(1, null)) && givesProbabilities(run(3, 2)));
});
