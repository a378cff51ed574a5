/** Pace: how far along a path the cloud is at each moment of a beat, as src/unknot/motion/pace.py has it. */
import { type Matrix, multiply, subtract, transpose } from "../math/matrix";
import { centred, FLAT, meanSquares } from "../network/factors";
import { spreadRows } from "./projection";

/** The fastest moment of a beat by its even pace. */
const MOST = 1.9;
/** A cloud on its way through a point has a radius of at least this share of its smaller end's. */
const FLOOR = 0.05;
/** Points by which pace is set. */
const N_ROWS = 512;

/** A path's parameter at each moment: straight between nodes. */
export class Tempo {
  constructor(
    private readonly clock: Float64Array,
    private readonly nodes: Float64Array,
  ) {}

  /** The parameter when `s` of the time is over, 0 to 1. */
  at(s: number): number {
    let [low, high] = [0, this.clock.length - 1];
    if (s >= this.clock[high]) return this.nodes[high];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.clock[middle] <= s) low = middle;
      else high = middle;
    }
    const share = (s - this.clock[low]) / (this.clock[high] - this.clock[low]);
    return this.nodes[low] + share * (this.nodes[high] - this.nodes[low]);
  }
}

export const EVEN = new Tempo(Float64Array.of(0, 1), Float64Array.of(0, 1));

/** The clock that slows down where much changes: `change[i]` between a node and the next. */
export function slowed(nodes: Float64Array, change: Float64Array): Tempo {
  const total = sum(change);
  if (!(total > 0 && total < Infinity)) return EVEN;
  const width = differences(nodes);
  const least = change.map((value) => value / (MOST * total));
  if (least.every((value, i) => value <= width[i])) return EVEN;
  let [low, high] = [0, 1];
  const times = (level: number): Float64Array => least.map((value, i) => Math.max(value, level * width[i]));
  for (let i = 0; i < 60; i++) {
    const level = (low + high) / 2;
    if (sum(times(level)) > 1) high = level;
    else low = level;
  }
  const spent = times(low);
  const all = sum(spent);
  const clock = new Float64Array(nodes.length);
  spent.forEach((value, i) => (clock[i + 1] = clock[i] + value / all));
  clock[clock.length - 1] = 1;
  return new Tempo(clock, nodes);
}

/** Nodes of a stretch, whose scales change by equal factors in equal times … */
const STRETCH_NODES = Float64Array.from({ length: 129 }, (_, i) => i / 128);
/** … and towards the end, where what is killed goes to 0 and may be all that is seen. */
const LAST_NODES = Float64Array.from({ length: 183 }, (_, i) => 1 - 2 ** -(7.25 + i / 4));

/** Of a stretch by σˢ along the directions U and by 1 − s along all else. */
export function stretchPace(cloud: Matrix, u: Matrix, sigma: Float64Array): Tempo {
  if (!cloud.rows) return EVEN;
  const x = fewRows(cloud);
  const along = multiply(x, u);
  const isWhole = sigma.length === x.columns;
  const rest = isWhole
    ? { rows: x.rows, columns: 1, data: new Float64Array(x.rows) }
    : subtract(x, multiply(along, transpose(u)));
  const nodes = isWhole ? STRETCH_NODES : Float64Array.of(...STRETCH_NODES.subarray(0, 128), ...LAST_NODES, 1);
  const r = sigma.length;
  const logs = sigma.map(Math.log);
  const lost = squareLengths(rest);
  const squares = along.data.map((value) => value * value);
  const spread = meanSquares(centred(along));
  const restSpread = sum(meanSquares(centred(rest)));
  const radius = (s: number): number => {
    let square = (1 - s) ** 2 * restSpread;
    for (let j = 0; j < r; j++) square += spread[j] * sigma[j] ** (2 * s);
    return Math.sqrt(square);
  };
  const speed = (s: number): number => {
    const rates = sigma.map((value, j) => (value ** s * logs[j]) ** 2);
    let most = 0;
    for (let i = 0; i < x.rows; i++) {
      let square = lost[i];
      for (let j = 0; j < r; j++) square += squares[i * r + j] * rates[j];
      most = Math.max(most, square);
    }
    return Math.sqrt(most);
  };
  const ended = along.data.map((value, i) => value * sigma[i % r]);
  const sizes = [size(x), size({ ...along, data: ended })];
  const seen = floored(radius, sizes);
  const change = differences(nodes).map((width, i) => {
    const s = (nodes[i] + nodes[i + 1]) / 2;
    return (width * speed(s)) / seen(s);
  });
  return slowed(nodes, change);
}

/** Nodes of a straight path: as close together as it takes where a cloud shrinks to nothing. */
const STRAIGHT_NODES = Float64Array.from({ length: 1025 }, (_, i) => {
  if (i === 0 || i === 1024) return i / 1024;
  return 1 / (1 + Math.exp(36 - ((i - 1) * 72) / 1022));
});

/** Of (1 − s) x + s y, the narrower padded with zeros: all points keep their speed. */
export function straightPace(before: Matrix, after: Matrix): Tempo {
  if (!before.rows) return EVEN;
  const [x, y] = [fewRows(before), fewRows(after)];
  const sizes = [size(x), size(y)];
  const [a, b] = [centred(x), centred(y)];
  const [first, last] = [a, b].map((each) => sum(squareLengths(each)) / x.rows);
  let both = 0;
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < Math.min(a.columns, b.columns); j++) {
      both += (a.data[i * a.columns + j] * b.data[i * b.columns + j]) / x.rows;
    }
  }
  const radius = (s: number): number =>
    Math.sqrt(Math.max((1 - s) ** 2 * first + 2 * s * (1 - s) * both + s ** 2 * last, 0));
  const seen = floored(radius, sizes);
  const nodes = STRAIGHT_NODES;
  return slowed(
    nodes,
    differences(nodes).map((width, i) => width / seen((nodes[i] + nodes[i + 1]) / 2)),
  );
}

/** A radius along a path that leads through a point or ends in one, kept from being 0. */
function floored(radius: (s: number) => number, sizes: readonly number[]): (s: number) => number {
  const real = [radius(0), radius(1)].filter((end, i) => end > FLAT * sizes[i]);
  const least = real.length ? FLOOR * Math.min(...real) : 1;
  return (s) => Math.max(radius(s), least);
}

/** The rows by which pace is set. */
function fewRows(cloud: Matrix): Matrix {
  if (cloud.rows <= N_ROWS) return cloud;
  const rows = spreadRows(cloud.rows, N_ROWS);
  const data = new Float64Array(rows.length * cloud.columns);
  rows.forEach((row, i) =>
    data.set(cloud.data.subarray(row * cloud.columns, (row + 1) * cloud.columns), i * cloud.columns),
  );
  return { rows: rows.length, columns: cloud.columns, data };
}

/** How far out a cloud lies. */
function size(x: Matrix): number {
  return Math.sqrt(sum(squareLengths(x)) / x.rows);
}

/** Of each row. */
function squareLengths({ rows, columns, data }: Matrix): Float64Array {
  const result = new Float64Array(rows);
  data.forEach((value, i) => (result[Math.floor(i / columns)] += value * value));
  return result;
}

function differences(values: Float64Array): Float64Array {
  return Float64Array.from({ length: values.length - 1 }, (_, i) => values[i + 1] - values[i]);
}

function sum(values: Float64Array): number {
  return values.reduce((all, value) => all + value, 0);
}
