import assert from "node:assert/strict";
import { test } from "node:test";
import { Schedule } from "../src/controls/player";
import { isInside } from "../src/controls/pointer";
import { embedSnippet } from "../src/export/sharing";
import { formatHash, initialState, losesSelection, parseHash, type State } from "../src/state/controls";
import { Store } from "../src/state/store";
import { fit, significant, tickLabel, twoDigits } from "../src/words";

test("a state survives the address", () => {
  const state: State = {
    ...initialState(),
    t: 1.6,
    u: 3.25,
    view: "3d",
    projection: "pca",
    units: [4, 1, 9],
    colour: "unit:2:3",
    lattice: false,
    hidden: [1],
    selection: [3, 7, 8, 9, 10, 500],
    zoom: 2.5,
    azimuth: -12.5,
    theme: "dark",
  };
  const hash = formatHash(state, initialState());
  assert.match(hash, /selection=3,7-10,500/);
  assert.deepEqual({ ...initialState(), ...parseHash(`#${hash}`) }, state);
});

test("an address that means nothing changes nothing", () => {
  for (const hash of [
    "",
    "#",
    "#t",
    "#t=&u=NaN&view=4d",
    "#__proto__=1",
    "#t=%E0%A4%A",
    "#selection=1-x",
    "#colour=<b>",
    "#t=1e999",
  ]) {
    assert.deepEqual(parseHash(hash), {});
  }
  assert.deepEqual(parseHash("#t=-5"), { t: 0 });
});

test("a long selection is left out of the address", () => {
  const selection = Array.from({ length: 5_000 }, (_, i) => 20 * i);
  assert.equal(formatHash({ ...initialState(), selection }, initialState()), "");
});

test("listeners hear of changes only", () => {
  const store = new Store(initialState());
  const heard: string[] = [];
  const end = store.listen((changed) => heard.push([...changed].join()));
  store.set({ t: 0, units: [] });
  store.set({ t: 1, units: [1, 2] });
  store.set({ units: [1, 2] });
  end();
  store.set({ t: 2 });
  assert.deepEqual(heard, ["t,units"]);
});

test("a play goes forward through every visible beat and pauses at every stop", () => {
  const beats = [
    { kind: "look", start: 0, stop: 0.25, isVisible: false },
    { kind: "stretch", start: 0.25, stop: 0.5, isVisible: true },
    { kind: "shift", start: 0.75, stop: 1, isVisible: true },
    { kind: "activation", start: 1, stop: 2, isVisible: true },
  ];
  const schedule = new Schedule(beats, 2);
  assert.ok(Math.abs(schedule.seconds - (1 + 0.7 + 0.5 + 0.7 + 1.1 + 1)) < 1e-12);
  let before = 0;
  for (let s = 0; s <= schedule.seconds; s += 0.01) {
    const t = schedule.at(s);
    assert.ok(t >= before);
    assert.ok(!(t > 0 && t < 0.25) && !(t > 0.5 && t < 0.75));
    before = t;
  }
  for (const t of [0.3, 0.4, 0.9, 1.5]) assert.ok(Math.abs(schedule.at(schedule.secondsAt(t)) - t) < 1e-9);
  assert.equal(schedule.at(0), 0);
});

test("numbers are written as Python writes them", () => {
  const cases: [number, string][] = [
    [0.53, "0.53"],
    [2.04, "2"],
    [14.6, "15"],
    [123, "1.2e+02"],
    [0.000034, "3.4e−05"],
    [-0.5, "−0.5"],
    [0.1, "0.1"],
  ];
  for (const [value, text] of cases) assert.equal(twoDigits(value), text);
  assert.equal(significant(NaN, 2), "–");
  assert.equal(tickLabel(-0.5, 0.5), "−0.5");
  assert.equal(tickLabel(2, 1), "2");
  assert.equal(tickLabel(-1_250_000, 50_000), "−1.25e+06");
  assert.equal(tickLabel(200_000, 100_000), "2e+05");
  assert.equal(tickLabel(500_001, 1), "500001");
  assert.equal(tickLabel(0.00123, 2e-5), "0.00123");
});

test("an address holds a large selection, or says that it does not", () => {
  const initial = initialState();
  const some = Array.from({ length: 9_000 }, (_, i) => i * 2 + (i % 3 ? 0 : 1)).filter((row) => row % 7);
  const state = { ...initial, selection: some };
  assert.ok(formatHash(state, initial).length < 3_200);
  assert.deepEqual(parseHash(formatHash(state, initial)), { selection: some });
  assert.ok(!losesSelection(state, initial));
  const far = { ...initial, selection: some.map((row) => row * 17) };
  assert.ok(losesSelection(far, initial));
  assert.equal(formatHash(far, initial), "");
  assert.deepEqual(parseHash("selection=~B!"), {});
});

test("a name from right to left keeps to itself", () => {
  assert.equal(fit("ירח"), "\u2068ירח\u2069");
  assert.equal(fit("moon"), "moon");
});

test("names become one short line", () => {
  assert.equal(fit("a\nb\u202ec\u0000"), "a b c");
  assert.equal(fit(""), "(no name)");
  assert.equal(fit("x".repeat(10_000), 11), "xxxxx…xxxxx");
  assert.equal(fit("</script>"), "</script>");
});

test("an embed snippet cannot be broken out of", () => {
  assert.doesNotMatch(embedSnippet('a"><script>', '"<'), /"><script>/);
});

test("a point is inside an outline or not", () => {
  const square = [
    [0, 0],
    [4, 0],
    [4, 4],
    [0, 4],
  ] as const;
  assert.ok(isInside(2, 2, square));
  assert.ok(!isInside(5, 2, square) && !isInside(-1, 2, square));
});
