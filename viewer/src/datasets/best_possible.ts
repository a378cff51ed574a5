/**
 * How often the best possible classifier is right, from the densities: ∫ max p_k / n_classes. The
 * page's twin of src/unknot/datasets/bayes.py, whose formulas and sources it shares.
 */

/** A class is spread evenly over positions 0 … 1 of its curve. */
export type Curve = (position: number) => readonly [number, number];

/** Standard deviations beyond which a density is left out. */
const REACH = 10;
const RING_REACH = 6.5;
const RING_STEPS = 10;
/** Side of a square tile in standard deviations, and the points along it. */
const TILE = 8;
const TILE_STEPS = 64;
const SMALLEST_NOISE = 5e-4;
/** A turn that no boundary is likely to share: a sum over a grid errs most along kinks parallel to it. */
const SLANT = [1 / Math.hypot(1, 0.618), 0.618 / Math.hypot(1, 0.618)] as const;
/** Gauss–Legendre nodes and weights of a panel, of four points. */
const NODES = [-0.8611363115940526, -0.3399810435848563, 0.3399810435848563, 0.8611363115940526];
const WEIGHTS = [0.34785484513745385, 0.6521451548625461, 0.6521451548625461, 0.34785484513745385];

/** Parity of the signs of corners ±1 seen through noise. */
export function corners(noise: number, dimension: number): number {
  return noise === 0 ? 1 : (1 + errorFunction(1 / (noise * Math.SQRT2)) ** dimension) / 2;
}

/** Gaussians at the corners of a regular polygon on the unit circle: Craig's integral. */
export function polygon(nClasses: number, noise: number): number {
  if (noise === 0) return 1;
  const exponent = (Math.sin(Math.PI / nClasses) / noise) ** 2 / 2;
  const end = Math.PI - Math.PI / nClasses;
  return 1 - integral(0, end, (angle) => Math.exp(-exponent / Math.sin(angle) ** 2)) / Math.PI;
}

/** Concentric circles (2) or spheres (3), equally likely, with noise on every coordinate. */
export function spheres(radii: readonly number[], noise: number, dimension: 2 | 3): number {
  const ordered = [...radii].sort((a, b) => a - b);
  const centres = ordered.map((radius) => Math.sqrt(radius ** 2 + (dimension - 1) * noise ** 2));
  if (centres.every((centre, k) => !k || centre - centres[k - 1] > 2 * REACH * noise)) return 1;
  const low = Math.max(centres[0] - REACH * noise, 0);
  const high = centres[centres.length - 1] + REACH * noise;
  const n = Math.ceil((100 * (high - low)) / noise);
  const step = (high - low) / n;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const distance = low + (i + 0.5) * step;
    let most = 0;
    for (let k = 0; k < ordered.length; k++) {
      if (Math.abs(distance - centres[k]) > REACH * noise) continue;
      most = Math.max(most, distanceDensity(distance, ordered[k], noise, dimension));
    }
    sum += most;
  }
  return Math.min((sum * step) / ordered.length, 1);
}

/** Density of the length of a vector of length `radius` with noise on every coordinate. */
function distanceDensity(distance: number, radius: number, noise: number, dimension: 2 | 3): number {
  const variance = noise ** 2;
  const near = Math.exp(-((distance - radius) ** 2) / (2 * variance));
  if (dimension === 2) return (distance / variance) * near * scaledBessel((distance * radius) / variance);
  const far = Math.exp(-((distance + radius) ** 2) / (2 * variance));
  return (distance / (radius * noise * Math.sqrt(2 * Math.PI))) * (near - far);
}

/** Classes along curves of the plane; `alike` where a motion of the plane takes the first to any other. */
export function curves(classes: readonly Curve[], noise: number, alike = false): number {
  if (noise === 0) return 1;
  const places = Array.from({ length: 1025 }, (_, i) => i / 1024);
  const outlines = classes.map((curve) => places.map(curve));
  const extent = (axis: 0 | 1): number => {
    const values = outlines.flatMap((line) => line.map((point) => point[axis]));
    return Math.max(...values) - Math.min(...values);
  };
  const width = Math.max(noise, SMALLEST_NOISE * Math.max(extent(0), extent(1)));
  const cells = classes.map((curve, k) => byTile(curve, lengthOf(outlines[k]) / width, width));
  return 1 - (shared(cells, alike) * noise) / width;
}

function lengthOf(line: readonly (readonly [number, number])[]): number {
  return line.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - line[i][0], y - line[i][1]), 0);
}

/** Points in standard deviations, three numbers each: x, y, weight. */
type Tiles = Map<string, number[]>;

const tileName = (i: number, j: number): string => `${i},${j}`;
const around = (name: string): string[] => {
  const [i, j] = name.split(",").map(Number);
  return [-1, 0, 1].flatMap((di) => [-1, 0, 1].map((dj) => tileName(i + di, j + dj)));
};

function byTile(curve: Curve, length: number, width: number): Tiles {
  const tiles: Tiles = new Map();
  const nPanels = Math.max(2, Math.ceil(length));
  for (let panel = 0; panel < nPanels; panel++) {
    NODES.forEach((node, q) => {
      const [a, b] = curve((panel + (node + 1) / 2) / nPanels);
      const x = (a * SLANT[0] - b * SLANT[1]) / width;
      const y = (a * SLANT[1] + b * SLANT[0]) / width;
      const name = tileName(Math.floor(x / TILE), Math.floor(y / TILE));
      const list = tiles.get(name) ?? [];
      list.push(x, y, WEIGHTS[q] / (2 * nPanels));
      tiles.set(name, list);
    });
  }
  return tiles;
}

/** ∫ (Σ p_k − max p_k) / n_classes, where two classes can be met. */
function shared(cells: readonly Tiles[], alike: boolean): number {
  const reached = cells.map((tiles) => new Set([...tiles.keys()].flatMap(around)));
  const names = alike ? reached[0] : new Set(reached.flatMap((set) => [...set]));
  let lost = 0;
  for (const name of names) {
    const here = cells.flatMap((tiles, k) => (reached[k].has(name) ? [densityOn(tiles, name)] : []));
    if (here.length < 2) continue;
    for (let g = 0; g < TILE_STEPS ** 2; g++) {
      let [total, most] = [0, 0];
      for (const density of here) {
        total += density[g];
        if (density[g] > most) most = density[g];
      }
      // By symmetry every class has the same part of the integral, its posterior's.
      if (total > 0) lost += (total - most) * (alike ? here[0][g] / total : 1 / cells.length);
    }
  }
  return (lost * (TILE / TILE_STEPS) ** 2) / (2 * Math.PI);
}

/** On the grid of a tile, from the points in it and in the eight around it. */
function densityOn(tiles: Tiles, name: string): Float64Array {
  const [i, j] = name.split(",").map(Number);
  const density = new Float64Array(TILE_STEPS ** 2);
  const along = (tile: number, at: number): Float64Array =>
    Float64Array.from({ length: TILE_STEPS }, (_, g) =>
      Math.exp(-((tile * TILE + ((g + 0.5) * TILE) / TILE_STEPS - at) ** 2) / 2),
    );
  for (const near of around(name)) {
    const points = tiles.get(near) ?? [];
    for (let p = 0; p < points.length; p += 3) {
      const [across, down] = [along(i, points[p]), along(j, points[p + 1])];
      for (let a = 0; a < TILE_STEPS; a++) {
        const share = across[a] * points[p + 2];
        if (share > 1e-18) for (let b = 0; b < TILE_STEPS; b++) density[a * TILE_STEPS + b] += share * down[b];
      }
    }
  }
  return density;
}

/** Two unit circles in space, each through the other's centre and upright to it. */
export function linkedRings(noise: number): number {
  if (noise * 2 * RING_REACH <= 1) return 1;
  const [reach, variance] = [RING_REACH * noise, 2 * noise ** 2];
  const nAside = Math.round((reach / noise) * RING_STEPS);
  const nAlong = Math.round(((1 + 2 * reach) / noise) * RING_STEPS);
  const aside = Float64Array.from({ length: nAside }, (_, i) => ((i + 0.5) * noise) / RING_STEPS);
  const off = aside.map((z) => Math.exp(-(z ** 2) / variance));
  const ring = (x: number): Float64Array =>
    aside.map((y) => {
      const across = Math.hypot(x, y);
      return Math.exp(-((across - 1) ** 2) / variance) * scaledBessel(across / noise ** 2);
    });
  const length = (1 + 2 * reach) / nAlong;
  let sum = 0;
  for (let i = 0; i < nAlong; i++) {
    const x = -reach + (i + 0.5) * length;
    const [flat, upright] = [ring(x), ring(x - 1)];
    for (let a = 0; a < nAside; a++)
      for (let b = 0; b < nAside; b++) sum += Math.min(flat[a] * off[b], off[a] * upright[b]);
  }
  const volume = (noise / RING_STEPS) ** 2 * length;
  return 1 - (2 * sum * volume) / ((2 * Math.PI) ** 1.5 * noise ** 3);
}

/** e^−x I₀(x), x ≥ 0: its power series, and for large x its asymptotic one (DLMF 10.25.2, 10.40.1). */
export function scaledBessel(x: number): number {
  let [term, sum] = [1, 1];
  if (x <= 30) {
    for (let k = 1; term > 1e-17 * sum; k++) sum += term *= (x / 2 / k) ** 2;
    return sum * Math.exp(-x);
  }
  for (let k = 1; k < 20; k++) sum += term *= (2 * k - 1) ** 2 / (8 * k * x);
  return sum / Math.sqrt(2 * Math.PI * x);
}

export function errorFunction(x: number): number {
  return (2 / Math.sqrt(Math.PI)) * integral(0, Math.min(x, 6), (t) => Math.exp(-(t ** 2)));
}

/** Simpson's rule. */
function integral(low: number, high: number, f: (x: number) => number, n = 2_000): number {
  const step = (high - low) / n;
  let sum = f(low) + f(high);
  for (let i = 1; i < n; i++) sum += (i % 2 ? 4 : 2) * f(low + i * step);
  return (sum * step) / 3;
}
