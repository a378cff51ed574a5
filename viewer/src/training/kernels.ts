/**
 * The sums of a layer. Values lie unit by unit, the batch innermost: value i of unit j is at
 * `j * n + i`. Every sum is taken in one order, whatever the machine: the same numbers everywhere.
 */

/** Where the weights of a map lie: from unit a to unit b at `at + a * from + b * to`. */
export interface Weights {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** `into[b] = bias[b] + Σ_a weight[a, b] · of[a]`; without biases where `bias` is negative. */
export function combine(
  p: Float32Array,
  { at, from, to }: Weights,
  bias: number,
  nFrom: number,
  nTo: number,
  of: Float64Array,
  into: Float64Array,
  n: number,
): void {
  let b = 0;
  for (; b + 1 < nTo; b += 2) {
    const first = at + b * to;
    combineTwo(
      p,
      first,
      first + to,
      from,
      nFrom,
      of,
      into,
      b * n,
      n,
      bias < 0 ? 0 : p[bias + b],
      bias < 0 ? 0 : p[bias + b + 1],
    );
  }
  if (b < nTo) combineOne(p, at + b * to, from, nFrom, of, into, b * n, n, bias < 0 ? 0 : p[bias + b]);
}

function combineOne(
  p: Float32Array,
  w: number,
  step: number,
  nFrom: number,
  of: Float64Array,
  into: Float64Array,
  start: number,
  n: number,
  bias: number,
): void {
  let a = 0;
  if (nFrom & 1) {
    const w0 = p[w];
    for (let i = 0; i < n; i++) into[start + i] = bias + w0 * of[i];
    a = 1;
  } else {
    const [w0, w1] = [p[w], p[w + step]];
    for (let i = 0; i < n; i++) into[start + i] = bias + w0 * of[i] + w1 * of[n + i];
    a = 2;
  }
  for (; a < nFrom; a += 2) {
    const [w0, w1] = [p[w + a * step], p[w + (a + 1) * step]];
    const h = a * n;
    for (let i = 0; i < n; i++) into[start + i] = into[start + i] + w0 * of[h + i] + w1 * of[h + n + i];
  }
}

/** Two units of the next layer at once: each number of this one is read once for both. */
function combineTwo(
  p: Float32Array,
  w: number,
  v: number,
  step: number,
  nFrom: number,
  of: Float64Array,
  into: Float64Array,
  start: number,
  n: number,
  biasW: number,
  biasV: number,
): void {
  const second = start + n;
  let a = 0;
  if (nFrom & 1) {
    const [w0, v0] = [p[w], p[v]];
    for (let i = 0; i < n; i++) {
      const x = of[i];
      into[start + i] = biasW + w0 * x;
      into[second + i] = biasV + v0 * x;
    }
    a = 1;
  } else {
    const [w0, w1, v0, v1] = [p[w], p[w + step], p[v], p[v + step]];
    for (let i = 0; i < n; i++) {
      const x = of[i];
      const y = of[n + i];
      into[start + i] = biasW + w0 * x + w1 * y;
      into[second + i] = biasV + v0 * x + v1 * y;
    }
    a = 2;
  }
  for (; a < nFrom; a += 2) {
    const [w0, w1] = [p[w + a * step], p[w + (a + 1) * step]];
    const [v0, v1] = [p[v + a * step], p[v + (a + 1) * step]];
    const h = a * n;
    for (let i = 0; i < n; i++) {
      const x = of[h + i];
      const y = of[h + n + i];
      into[start + i] = into[start + i] + w0 * x + w1 * y;
      into[second + i] = into[second + i] + v0 * x + v1 * y;
    }
  }
}

/** The gradient of a layer: `g[a, b] = Σ_i of[a, i] · error[b, i]` and `g[bias + b] = Σ_i error[b, i]`. */
export function correlate(
  g: Float64Array,
  at: number,
  nFrom: number,
  nTo: number,
  of: Float64Array,
  error: Float64Array,
  n: number,
): void {
  const bias = at + nFrom * nTo;
  for (let b = 0; b < nTo; b++) {
    let sum = 0;
    for (let i = b * n; i < (b + 1) * n; i++) sum += error[i];
    g[bias + b] = sum;
  }
  let b = 0;
  for (; b + 1 < nTo; b += 2) {
    let a = 0;
    for (; a + 1 < nFrom; a += 2) fourSums(g, at + a * nTo + b, nTo, of, a * n, error, b * n, n);
    if (a < nFrom) {
      g[at + a * nTo + b] = product(of, a * n, error, b * n, n);
      g[at + a * nTo + b + 1] = product(of, a * n, error, (b + 1) * n, n);
    }
  }
  if (b < nTo) for (let a = 0; a < nFrom; a++) g[at + a * nTo + b] = product(of, a * n, error, b * n, n);
}

/** Two units of each side at once: each number is read once for two sums. */
function fourSums(
  g: Float64Array,
  at: number,
  nTo: number,
  of: Float64Array,
  h: number,
  error: Float64Array,
  e: number,
  n: number,
): void {
  let s00 = 0;
  let s01 = 0;
  let s10 = 0;
  let s11 = 0;
  for (let i = 0; i < n; i++) {
    const x = of[h + i];
    const y = of[h + n + i];
    const u = error[e + i];
    const v = error[e + n + i];
    s00 += x * u;
    s01 += x * v;
    s10 += y * u;
    s11 += y * v;
  }
  g[at] = s00;
  g[at + 1] = s01;
  g[at + nTo] = s10;
  g[at + nTo + 1] = s11;
}

function product(of: Float64Array, h: number, error: Float64Array, e: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += of[h + i] * error[e + i];
  return sum;
}
