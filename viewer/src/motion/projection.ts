/** The plane (or 3-space) in which a representation is shown, as src/unknot/motion/projection.py has it. */
import { orthonormal, symmetricEigen } from "../math/decompositions";
import { discriminants } from "../math/discriminants";
import {
  beside,
  column,
  columns,
  eye,
  type Matrix,
  matrix,
  multiply,
  norm,
  pick,
  range,
  scaleColumns,
  subtract,
  transpose,
  transposeMultiply,
  zeros,
} from "../math/matrix";
import { random } from "../math/random";
import { measure } from "../math/statistics";
import type { RunHeader } from "../page_file/header";
import { cornerFrame } from "./corners";
import { geodesic } from "./geodesic";
import { complement } from "./rotation";

export interface Projection {
  /** (max(n_units, n_axes), n_axes), orthonormal columns. */
  readonly frame: Matrix;
  readonly labels: readonly string[];
  /** True when the axes mean something by themselves. */
  readonly isFixed: boolean;
  readonly areUnits: boolean;
  /** True when the units are the classes and row c of the frame is the corner of class c. */
  readonly areCorners?: boolean;
}

/** The plane that Python found. */
export interface StoredPlane {
  readonly frame: Matrix;
  /** As the names of its axes begin. */
  readonly name: string;
  /** Names of axes that the camera holds; null where it may turn them. */
  readonly labels: readonly string[] | null;
}

/** What a projection may look at. */
export interface ViewedPlace {
  readonly k: number;
  readonly nUnits: number;
  readonly nAxes: number;
  readonly unitNames: readonly string[];
  /** (n_units, n_units) */
  readonly covariance: Matrix;
  /** After the next map when it keeps the number of units: covariance and largest range. */
  readonly after: { covariance: Matrix; range: number } | null;
  /** The cloud and the class of each row; null where there are no classes or nobody asks for them. */
  readonly classes: { cloud: Matrix; groups: ArrayLike<number> } | null;
  readonly units: readonly number[] | null;
  readonly seed: number;
  /** How far along the grand tour. */
  readonly tour: number;
  /** The classes around the polygon of their corners; empty where the units are no classes. */
  readonly order: readonly number[];
  /** The plane that Python found; null where that is none. */
  readonly plane: StoredPlane | null;
}

/** Rows a unit and a class from which `auto` trusts discriminants: of fewer they find classes in noise. */
const ROWS_EACH = 4;

type Project = (place: ViewedPlace) => Projection;

export const projections: Record<string, { title: string; project: Project }> = {
  auto: { title: "Automatic", project: auto },
  corners: { title: "Corners of the classes", project: corners },
  following: { title: "Follow the layers", project: following },
  units: { title: "Units", project: units },
  pca: { title: "Widest view (PCA)", project: pca },
  lda: { title: "Classes apart (LDA)", project: lda },
  neighbours: { title: "Map of neighbours", project: auto },
  random: { title: "Random", project: randomPlane },
  tour: { title: "Grand tour", project: grandTour },
};

/** Those that differ: of two classes "auto" follows the layers, and no class has a corner. */
export function usableProjections(nClasses: number, { corners, neighbours, planes }: RunHeader): string[] {
  const unusable = [
    nClasses < 2 && "lda",
    nClasses < 3 && !planes && "following",
    !corners && "corners",
    !neighbours && "neighbours",
  ];
  return Object.keys(projections).filter((name) => !unusable.includes(name));
}

/** A representation with no more units than axes is shown in its units, whatever the name. */
export function project(place: ViewedPlace, name: string): Projection {
  const { plane } = place;
  if (plane && (name === "auto" || (name === "corners" && !place.order.length))) {
    const { frame, labels } = plane;
    const seen = free(frame, (i) => labels?.[i] ?? `${plane.name}, ${"abc"[i]}`);
    return { ...seen, isFixed: !!labels };
  }
  return place.nUnits <= place.nAxes ? units(place) : projections[name].project(place);
}

function auto(place: ViewedPlace): Projection {
  if (place.order.length) return corners(place);
  return hasDiscriminants(place) ? lda(place) : following(place);
}

function hasDiscriminants({ classes, nAxes, nUnits, covariance }: ViewedPlace): boolean {
  const nClasses = classes ? new Set(Array.from(classes.groups)).size : 0;
  if (!classes || nClasses <= nAxes + 1 || classes.cloud.rows < ROWS_EACH * Math.max(nUnits, nClasses)) return false;
  const { variances } = principalDirections(covariance);
  return variances[nAxes] > 1e-9 * Math.max(variances[0], 1e-30);
}

function corners(place: ViewedPlace): Projection {
  const { order, nAxes } = place;
  if (!order.length) return auto(place);
  const labels = [..."abc"].slice(0, nAxes).map((c) => `corners, ${c}`);
  return { frame: cornerFrame(order, nAxes), labels, isFixed: true, areUnits: false, areCorners: true };
}

function following(place: ViewedPlace): Projection {
  const { vectors, variances } = principalDirections(place.covariance);
  const rank = variances.filter((v) => v > 1e-9 * Math.max(variances[0], 1e-30)).length;
  let frame = columns(vectors, 0, Math.min(rank, place.nAxes));
  if (frame.columns < place.nAxes && place.after) {
    const outside = subtract(eye(place.nUnits), multiply(frame, transpose(frame)));
    const lifted = multiply(outside, multiply(place.after.covariance, outside));
    const directions = principalDirections(lifted);
    const least = 1e-9 * Math.max(place.after.range ** 2, 1e-30);
    const usable = range(0, place.nUnits).filter((i) => directions.variances[i] > least);
    const extra = usable.slice(0, place.nAxes - frame.columns);
    frame = beside(frame, pick(directions.vectors, extra));
  }
  if (frame.columns < place.nAxes) {
    frame = beside(frame, complement(frame, place.nAxes - frame.columns));
  }
  return free(frame, (i) => `widest view, ${"abc"[i]}`);
}

function units(place: ViewedPlace): Projection {
  const { nUnits, nAxes } = place;
  const wanted = place.units?.filter((unit) => unit < nUnits);
  const usable = nUnits > nAxes && wanted?.length === nAxes && new Set(wanted).size === nAxes;
  const chosen = usable ? wanted : range(0, Math.min(nAxes, nUnits));
  const extra = range(nUnits, nAxes);
  return {
    frame: pick(eye(Math.max(nUnits, nAxes)), [...chosen, ...extra]),
    labels: [...chosen.map((unit) => place.unitNames[unit] ?? `unit ${unit + 1}`), ...extra.map(() => "")],
    isFixed: true,
    areUnits: true,
  };
}

function pca(place: ViewedPlace): Projection {
  const { vectors, variances } = principalDirections(place.covariance);
  const total = Math.max(
    variances.reduce((sum, v) => sum + v, 0),
    1e-30,
  );
  const labels = range(0, place.nAxes).map(
    (i) => `PC ${i + 1} (${Math.round((100 * variances[i]) / total)}% of variance)`,
  );
  return { frame: columns(vectors, 0, place.nAxes), labels, isFixed: true, areUnits: false };
}

/** The frame spans the discriminants' plane; what is left of it are principal components of the rest. */
function lda(place: ViewedPlace): Projection {
  const { classes, nAxes } = place;
  const scalings = classes && discriminants(classes.cloud, classes.groups, nAxes);
  if (!scalings) return pca(place);
  const n = scalings.columns;
  const frame = orthonormal(scalings);
  const rest = subtract(classes.cloud, multiply(multiply(classes.cloud, frame), transpose(frame)));
  const filler =
    n < nAxes ? columns(principalDirections(measure(rest).covariance).vectors, 0, nAxes - n) : zeros(frame.rows, 0);
  return {
    frame: signed(orthonormal(beside(frame, filler))),
    labels: range(0, nAxes).map((i) => (i < n ? `discriminant ${i + 1}` : `PC ${i - n + 1} of the rest`)),
    isFixed: true,
    areUnits: false,
  };
}

function randomPlane(place: ViewedPlace): Projection {
  return free(randomFrame(place, place.seed), (i) => `random axis ${i + 1}`);
}

function grandTour(place: ViewedPlace): Projection {
  const from = Math.floor(place.tour);
  const path = geodesic(tourStop(place, from), tourStop(place, from + 1));
  return free(path.at(place.tour - from), (i) => `tour axis ${i + 1}`);
}

/** The tour begins at the principal plane. */
function tourStop(place: ViewedPlace, i: number): Matrix {
  return i === 0 ? following(place).frame : randomFrame(place, 1_000 + i);
}

function free(frame: Matrix, name: (i: number) => string): Projection {
  return { frame, labels: range(0, frame.columns).map(name), isFixed: false, areUnits: false };
}

function randomFrame(place: ViewedPlace, seed: number): Matrix {
  const draw = random(seed * 7919 + place.k);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  const values = Float64Array.from({ length: place.nUnits * place.nAxes }, normal);
  return orthonormal(matrix(place.nUnits, place.nAxes, values));
}

/** Eigenvectors and variances of a covariance, largest first; the largest entry is positive. */
export function principalDirections(covariance: Matrix): { vectors: Matrix; variances: number[] } {
  const { values, vectors } = symmetricEigen(covariance);
  return {
    vectors: signed(pick(vectors, range(0, values.length).reverse())),
    variances: Array.from(values.toReversed(), (value) => Math.max(value, 0)),
  };
}

/** Directions have no sign of their own: the largest entry of each column is made positive. */
function signed(directions: Matrix): Matrix {
  const signs = range(0, directions.columns).map((j) => {
    const largest = column(directions, j).reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most), 0);
    return largest < 0 ? -1 : 1;
  });
  return scaleColumns(directions, signs);
}

/** Share of the variance that lies in a frame's axes, 0 to 1. */
export function varianceShown(covariance: Matrix, frame: Matrix): number {
  const n = covariance.rows;
  const inside = pick(frame, range(0, frame.columns));
  const cut = { rows: n, columns: frame.columns, data: inside.data.slice(0, n * frame.columns) };
  const shown = transposeMultiply(cut, multiply(covariance, cut));
  const trace = (a: Matrix): number => range(0, a.rows).reduce((sum, i) => sum + a.data[i * a.columns + i], 0);
  const total = trace(covariance);
  return total > 0 && norm(cut.data) > 0 ? Math.min(trace(shown) / total, 1) : 1;
}

/** At most `most` row numbers below n, spread evenly (numpy: unique(round(linspace(…)))). */
export function spreadRows(n: number, most: number): Uint32Array {
  const count = Math.min(n, most);
  if (count === 0) return new Uint32Array(0);
  if (count === 1) return Uint32Array.of(0);
  const step = (n - 1) / (count - 1);
  const rows = Array.from({ length: count }, (_, i) => (i === count - 1 ? n - 1 : roundHalfEven(i * step)));
  return Uint32Array.from(new Set(rows));
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest === 0.5) return floor + (floor % 2);
  return rest < 0.5 ? floor : floor + 1;
}
