/** What an address says of a training. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatRecipe, parseRecipe } from "../src/training/address";
import type { Change } from "../src/training/session";

const SETTINGS = { optimiser: "adam", rate: 0.01, batch: 32, decay: 0, l1: 0, l2: 0.003 } as const;
const CHANGES: Change[] = [
  { step: 0, settings: SETTINGS },
  { step: 40, settings: { ...SETTINGS, optimiser: "sgd", rate: 1e-6, decay: 0.3 } },
  { step: 40, settings: SETTINGS },
];

test("a training is read back as it was written", () => {
  const text = formatRecipe(CHANGES, 1_200);
  assert.deepEqual(parseRecipe(text), { changes: CHANGES, steps: 1_200 });
  assert.equal(formatRecipe(CHANGES, 0), "");
  assert.equal(formatRecipe(CHANGES, 1e9), "");
});

test("what means nothing is passed over", () => {
  const good = "0:adam,0.01,32,0,0,0;100";
  assert.ok(parseRecipe(good));
  for (const bad of [
    "",
    "100",
    "0:adam,0.01,32,0,0,0",
    "0:adam,0.01,32,0,0,0;0",
    "0:adam,0.01,32,0,0,0;1e99",
    "1:adam,0.01,32,0,0,0;100",
    "0:constructor,0.01,32,0,0,0;100",
    "0:adam,1e9,32,0,0,0;100",
    "0:adam,0.01,0.5,0,0,0;100",
    "0:adam,0.01,32,0,0,2;100",
    "0:adam,0.01,32,0,0;100",
    "0:adam,0.01,32,0,0,0;200:adam,0.01,32,0,0,0;100",
    "0:adam,x,32,0,0,0;100",
  ])
    assert.equal(parseRecipe(bad), null, bad);
});

test("a rate that falls stands in the address", () => {
  const settings = { optimiser: "adam", rate: 0.1, batch: 32, decay: 0, l1: 0, l2: 0 } as const;
  const changes = [
    { step: 0, settings: { ...settings, schedule: { kind: "cosine", until: 2_000 } as const } },
    { step: 70, settings },
  ];
  const text = formatRecipe(changes, 90);
  assert.equal(text, "0:adam,0.1,32,0,0,0,cosine,2000;70:adam,0.1,32,0,0,0;90");
  assert.deepEqual(parseRecipe(text), { changes, steps: 90 });
  for (const wrong of [text.replace("cosine", "sine"), text.replace(",2000", ""), text.replace("2000", "0")]) {
    assert.equal(parseRecipe(wrong), null);
  }
});
