/**
 * The data sets that the page makes itself: name → how. Names, parameters and distributions are
 * those of src/unknot/datasets; single points are not, for they come from the page's own generator.
 *
 * Everything is drawn from one stream of numbers, `random(mixed(seed))`, in a fixed order: the rows
 * (an order or classes: one number a row but the first, Fisher and Yates), then row by row its place,
 * then its noise, by Box and Muller's method two numbers a pair of coordinates.
 */
import { random } from "../math/random";
import { corners, curves, linkedRings, polygon, spheres } from "./best_possible";

/** Points with classes, row by row. */
export interface Points {
  readonly x: Float32Array;
  readonly y: Uint8Array;
  readonly featureNames: readonly string[];
  readonly classNames: readonly string[];
}

/** A number that a data set is made with, beside points and seed. */
export interface Parameter {
  readonly initial: number;
  readonly low: number;
  readonly high: number;
  readonly isWhole?: boolean;
}

type Values = Readonly<Record<string, number>>;
type Place = readonly number[];

export interface Generator {
  readonly title: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** The network that suits it: units of each hidden layer, and their activation. */
  readonly suits: { readonly hidden: readonly number[]; readonly activation: string };
  /** Accuracy of the best possible classifier. */
  readonly best: (values: Values) => number;
  /** Names, and where a row lies without its noise. */
  readonly plan: (n: number, values: Values) => Plan;
}

interface Plan {
  readonly featureNames: readonly string[];
  readonly classNames: readonly string[];
  /** A row's class and place, from its number in a random order and the next numbers drawn. */
  readonly row: (number: number, draw: () => number) => { readonly y: number; readonly place: Place };
}

export const MOST_POINTS = 100_000;
const noise = (initial: number): Parameter => ({ initial, low: 0, high: 1_000 });
const classes = (initial: number, high = 12): Parameter => ({ initial, low: 2, high, isWhole: true });
const numbered = (name: string, n: number): string[] => Array.from({ length: n }, (_, k) => `${name} ${k + 1}`);
const PLANE = ["x1", "x2"];
const TURN = 2 * Math.PI;
const onCircle = (angle: number, radius = 1): Place => [radius * Math.cos(angle), radius * Math.sin(angle)];

export const generators: Readonly<Record<string, Generator>> = {
  circles: {
    title: "Circles",
    parameters: { noise: noise(0.1), factor: { initial: 0.5, low: 0, high: 0.999 } },
    suits: { hidden: [6], activation: "relu" },
    best: (values) => spheres([1, values.factor], values.noise, 2),
    plan: (n, { factor }) => ({
      featureNames: PLANE,
      classNames: ["large", "small"],
      row(number) {
        const nLarge = Math.floor(n / 2);
        const y = number < nLarge ? 0 : 1;
        const share = y ? (number - nLarge) / (n - nLarge) : number / nLarge;
        return { y, place: onCircle(TURN * share, y ? factor : 1) };
      },
    }),
  },
  moons: {
    title: "Moons",
    parameters: { noise: noise(0.1) },
    suits: { hidden: [8], activation: "tanh" },
    best: (values) => curves([(u) => leftMoon(Math.PI * u), (u) => rightMoon(Math.PI * u)], values.noise),
    plan: (n) => ({
      featureNames: PLANE,
      classNames: ["left", "right"],
      row(number) {
        const nLeft = Math.floor(n / 2);
        const y = number < nLeft ? 0 : 1;
        const [k, count] = y ? [number - nLeft, n - nLeft] : [number, nLeft];
        const angle = (Math.PI * k) / Math.max(count - 1, 1);
        return { y, place: y ? rightMoon(angle) : leftMoon(angle) };
      },
    }),
  },
  spirals: {
    title: "Spirals",
    parameters: { noise: noise(0.03), arms: classes(2), turns: { initial: 1.5, low: 0.1, high: 5 } },
    suits: { hidden: [12, 12], activation: "sin" },
    best: ({ arms, turns, noise }) =>
      curves(
        Array.from({ length: arms }, (_, k) => (u: number) => arm(u, turns, k / arms)),
        noise,
        true,
      ),
    plan: (_, { arms, turns }) => ({
      featureNames: PLANE,
      classNames: numbered("arm", arms),
      row: (number, draw) => ({ y: number % arms, place: arm(draw(), turns, (number % arms) / arms) }),
    }),
  },
  xor: {
    title: "Xor",
    parameters: { noise: noise(0.3) },
    suits: { hidden: [8], activation: "relu" },
    best: (values) => corners(values.noise, 2),
    plan: () => ({
      featureNames: ["bit 1", "bit 2"],
      classNames: ["even", "odd"],
      row(number) {
        const [a, b] = [number & 1, (number >> 1) & 1];
        return { y: a ^ b, place: [2 * a - 1, 2 * b - 1] };
      },
    }),
  },
  blobs: {
    title: "Blobs",
    parameters: { noise: noise(0.3), classes: classes(3) },
    suits: { hidden: [6], activation: "relu" },
    best: (values) => polygon(values.classes, values.noise),
    plan: (_, { classes: n }) => ({
      featureNames: PLANE,
      classNames: numbered("blob", n),
      row: (number) => ({ y: number % n, place: onCircle((TURN * (number % n)) / n) }),
    }),
  },
  gaussian_quantiles: {
    title: "Quantiles",
    parameters: { classes: classes(3) },
    suits: { hidden: [12, 12], activation: "silu" },
    // The class is a function of the point.
    best: () => 1,
    plan: (_, { classes: n }) => ({
      featureNames: PLANE,
      classNames: numbered("quantile", n),
      row(number, draw) {
        const y = number % n;
        const distance = Math.sqrt(-2 * Math.log1p(-(y + draw()) / n));
        return { y, place: onCircle(TURN * draw(), distance) };
      },
    }),
  },
  shells: {
    title: "Shells",
    parameters: { noise: noise(0.05), classes: classes(2) },
    suits: { hidden: [12], activation: "relu" },
    best: (values) =>
      spheres(
        Array.from({ length: values.classes }, (_, k) => (k + 1) / values.classes),
        values.noise,
        3,
      ),
    plan: (_, { classes: n }) => ({
      featureNames: [...PLANE, "x3"],
      classNames: numbered("shell", n),
      row(number, draw) {
        const radius = ((number % n) + 1) / n;
        // A sphere has as much surface in every slice of the same height (Archimedes).
        const height = 2 * draw() - 1;
        return {
          y: number % n,
          place: [...onCircle(TURN * draw(), radius * Math.sqrt(1 - height ** 2)), radius * height],
        };
      },
    }),
  },
  linked_rings: {
    title: "Rings",
    parameters: { noise: noise(0.1) },
    suits: { hidden: [16], activation: "relu" },
    best: (values) => linkedRings(values.noise),
    plan: () => ({
      featureNames: [...PLANE, "x3"],
      classNames: numbered("ring", 2),
      row(number, draw) {
        const [a, b] = onCircle(TURN * draw());
        return number % 2 ? { y: 1, place: [a + 1, 0, b] } : { y: 0, place: [a, b, 0] };
      },
    }),
  },
};

/** All parameters: those that are given, within their bounds, and the initial ones. */
export function parametersOf(name: string, given: Values = {}): Record<string, number> {
  const entries = Object.entries(generators[name].parameters).map(([key, { initial, low, high, isWhole }]) => {
    const value = Number.isFinite(given[key]) ? Math.min(Math.max(given[key], low), high) : initial;
    return [key, isWhole ? Math.round(value) : value];
  });
  return Object.fromEntries(entries);
}

/** The points of a data set; the same arguments give the same points in the same browser. */
export function generate(name: string, n: number, seed: number, given: Values = {}): Points {
  const values = parametersOf(name, given);
  const { featureNames, classNames, row } = generators[name].plan(n, values);
  const draw = random(mixed(seed));
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  const nFeatures = featureNames.length;
  const x = new Float32Array(n * nFeatures);
  const y = new Uint8Array(n);
  const deviation = values.noise ?? 0;
  for (let i = 0; i < n; i++) {
    const { y: label, place } = row(order[i], draw);
    y[i] = label;
    for (let j = 0; j < nFeatures; j += 2) {
      const length = deviation * Math.sqrt(-2 * Math.log1p(-draw()));
      const [a, b] = onCircle(TURN * draw(), length);
      x[i * nFeatures + j] = place[j] + a;
      if (j + 1 < nFeatures) x[i * nFeatures + j + 1] = place[j + 1] + b;
    }
  }
  return { x, y, featureNames, classNames };
}

/** The stream of the points is another than that of the weights with the same seed. */
export function mixed(seed: number): number {
  return (Math.imul(seed + 1, 0x85ebca6b) ^ 0x64617461) >>> 0;
}

function leftMoon(angle: number): [number, number] {
  return [Math.cos(angle), Math.sin(angle)];
}

function rightMoon(angle: number): [number, number] {
  return [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
}

/** Where an Archimedean spiral from radius 0.1 to 1 has the share `position` of its length. */
function arm(position: number, turns: number, rotation: number): [number, number] {
  const full = TURN * turns;
  // Of radius = angle, from the centre.
  const length = (angle: number): number => (angle * Math.sqrt(1 + angle ** 2) + Math.asinh(angle)) / 2;
  const start = length(0.1 * full);
  const wanted = start + position * (length(full) - start);
  let angle = full;
  // Newton's method: the length is convex, so it comes from above.
  for (let i = 0; i < 60; i++) {
    const next = angle - (length(angle) - wanted) / Math.sqrt(1 + angle ** 2);
    if (!(next < angle - 1e-12)) break;
    angle = next;
  }
  const turned = angle + TURN * rotation;
  return [(Math.cos(turned) * angle) / full, (Math.sin(turned) * angle) / full];
}
