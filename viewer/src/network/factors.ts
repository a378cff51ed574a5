/** Which directions an affine map reads, and how much it stretches each, as src/unknot/network/factors.py has it. */
import { determinant, gradedSvd, orthonormal, type Svd, svd } from "../math/decompositions";
import { beside, columns, dot, eye, type Matrix, multiply, pick, range, transpose, zeros } from "../math/matrix";

const FLOAT32_EPSILON = 2 ** -23;

/** A cloud lies flat in a direction along which it spreads less than this share of what its units are there. */
export const FLAT = 1e-6;
/** Coordinates of unit vectors below this are rounding. */
const NONE = 1e-14;

/** weight = U Σ Vᵀ, as far as a cloud meets it. */
export class Factors implements Svd {
  constructor(
    /** U (n_in, rank): the directions that the map reads, strongest first. */
    readonly u: Matrix,
    /** Σ (rank,): how much it stretches each. */
    readonly sigma: Float64Array,
    /** V (n_out, rank): where it sends them. */
    readonly v: Matrix,
    /** The cloud before, or some rows of it. */
    readonly cloud: Matrix,
  ) {}

  get rank(): number {
    return this.sigma.length;
  }

  /** Whether a direction is lost that a map of its shape could keep. */
  get isSingular(): boolean {
    return this.rank < Math.min(this.u.rows, this.v.rows);
  }

  /** −1, 0 or 1 for a square weight (0 when a direction is lost), otherwise null. */
  get determinantSign(): number | null {
    if (this.u.rows !== this.v.rows) return null;
    return this.isSingular ? 0 : Math.sign(determinant(this.u) * determinant(this.v));
  }

  /** Along which of the directions the cloud spreads. */
  get filled(): boolean[] {
    return spreads(this.cloud, this.u);
  }

  /** How many directions that are lost hold some of the cloud: those are pressed flat. */
  get nPressed(): number {
    const nIn = this.u.rows;
    if (this.rank === nIn) return 0;
    const lost = this.rank ? columns(orthonormal(beside(this.u, zeros(nIn, nIn - this.rank))), this.rank) : eye(nIn);
    return dimensions(this.cloud, lost);
  }

  /** Whether the cloud has extent in every direction of the space that arrives. */
  get isSpanned(): boolean {
    return dimensions(this.cloud, this.u) === this.rank;
  }
}

/** In how many directions a cloud spreads, of the space of some orthonormal columns. */
function dimensions(cloud: Matrix, basis: Matrix): number {
  if (!cloud.rows || !basis.columns) return 0;
  const seen = multiply(centred(cloud), basis);
  const isWide = seen.rows < seen.columns;
  const turned = svd(isWide ? transpose(seen) : seen);
  return spreads(cloud, multiply(basis, isWide ? turned.u : turned.v)).filter((is) => is).length;
}

/** What of a weight's factors counts for a cloud (n_points, n_in) before the map. */
export function factors(weight: Matrix, cloud: Matrix): Factors {
  const { u, sigma, v } = gradedSvd(weight);
  const precision = FLOAT32_EPSILON * Math.max(weight.rows, weight.columns);
  let keep = range(0, sigma.length).filter((i) => sigma[i] > precision * sigma[0]);
  if (keep.length < sigma.length && cloud.rows) {
    const sizes = meanSquares(multiply(cloud, u)).map(Math.sqrt);
    const felt = sigma.map((value, i) => value * sizes[i]);
    const least = precision * felt.reduce((most, value) => Math.max(most, value), 0);
    keep = range(0, sigma.length).filter((i) => keep.includes(i) || felt[i] > least);
  }
  return new Factors(
    pick(u, keep),
    Float64Array.from(keep, (i) => sigma[i]),
    pick(v, keep),
    cloud,
  );
}

/** Along which orthonormal columns a cloud spreads by more than the rounding of its units. */
function spreads(cloud: Matrix, basis: Matrix): boolean[] {
  // What a direction has of others by rounding tells nothing, least of all where it is all.
  const directions = { ...basis, data: basis.data.map((x) => (Math.abs(x) > NONE ? x : 0)) };
  const spread = meanSquares(multiply(centred(cloud), directions));
  const size = meanSquares(cloud);
  return range(0, directions.columns).map((j) => {
    const own = range(0, directions.rows).map((i) => directions.data[i * directions.columns + j] ** 2);
    return spread[j] > FLAT ** 2 * dot(size, own);
  });
}

/** Of each column. */
export function meanSquares({ rows, columns: n, data }: Matrix): Float64Array {
  const result = new Float64Array(n);
  data.forEach((value, i) => (result[i % n] += (value * value) / rows));
  return result;
}

/** Less the mean of each column. */
export function centred({ rows, columns: n, data }: Matrix): Matrix {
  const mean = new Float64Array(n);
  data.forEach((value, i) => (mean[i % n] += value / rows));
  return { rows, columns: n, data: data.map((value, i) => value - mean[i % n]) };
}
