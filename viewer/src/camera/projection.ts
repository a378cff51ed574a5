/** The plane (or 3-space) in which a representation is shown, as src/unknot/projection.py has it. */
import { symmetricEigen } from "../math/eigen";
import {
  beside, column, columns, eye, matrix, multiply, norm, pick, range, setColumn, subtract,
  transpose, transposeMultiply, zeros, type Matrix,
} from "../math/matrix";
import { complement, thinQ } from "../math/qr";
import { random } from "../math/random";
import { geodesic } from "./geodesic";

export interface Projection {
  /** (max(n_units, n_axes), n_axes), orthonormal columns. */
  readonly frame: Matrix;
  readonly labels: readonly string[];
  /** True when the axes mean something by themselves. */
  readonly isFixed: boolean;
  readonly areUnits: boolean;
}

/** What a projection may look at. */
export interface Place {
  readonly k: number;
  readonly nUnits: number;
  readonly nAxes: number;
  readonly unitNames: readonly string[];
  /** (n_units, n_units) */
  readonly covariance: Matrix;
  /** After the next map when it keeps the number of units: covariance and largest range. */
  readonly after: { covariance: Matrix; range: number } | null;
  /** Linear discriminants; null where there are none or nobody asks for them. */
  readonly lda: { frame: Matrix; labels: readonly string[] } | null;
  readonly units: readonly number[] | null;
  readonly seed: number;
  /** How far along the grand tour. */
  readonly tour: number;
}

type Project = (place: Place) => Projection;

export const projections: Record<string, { title: string; project: Project }> = {
  following: { title: "Following the map", project: following },
  units: { title: "Units", project: units },
  pca: { title: "Principal components", project: pca },
  lda: { title: "Discriminants (LDA)", project: lda },
  random: { title: "Random", project: randomPlane },
  tour: { title: "Grand tour", project: grandTour },
};

/** A representation with no more units than axes is shown in its units, whatever the name. */
export function project(place: Place, name: string): Projection {
  return place.nUnits <= place.nAxes ? units(place) : projections[name].project(place);
}

function following(place: Place): Projection {
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
  const labels = [..."abc"].slice(0, place.nAxes).map((c) => `principal plane, ${c}`);
  return { frame, labels, isFixed: false, areUnits: false };
}

function units(place: Place): Projection {
  const { nUnits, nAxes } = place;
  const wanted = place.units?.filter((unit) => unit < nUnits);
  const usable = nUnits > nAxes && wanted?.length === nAxes && new Set(wanted).size === nAxes;
  const chosen = usable ? wanted : range(0, Math.min(nAxes, nUnits));
  const extra = range(nUnits, nAxes);
  return {
    frame: pick(eye(Math.max(nUnits, nAxes)), [...chosen, ...extra]),
    labels: [...chosen.map((unit) => place.unitNames[unit] ?? `unit ${unit}`), ...extra.map(() => "")],
    isFixed: true,
    areUnits: true,
  };
}

function pca(place: Place): Projection {
  const { vectors, variances } = principalDirections(place.covariance);
  const total = Math.max(variances.reduce((sum, v) => sum + v, 0), 1e-30);
  const labels = range(0, place.nAxes).map(
    (i) => `PC ${i + 1} (${Math.round((100 * variances[i]) / total)}% of variance)`,
  );
  return { frame: columns(vectors, 0, place.nAxes), labels, isFixed: true, areUnits: false };
}

function lda(place: Place): Projection {
  if (!place.lda) return pca(place);
  return { ...place.lda, isFixed: true, areUnits: false };
}

function randomPlane(place: Place): Projection {
  return free(randomFrame(place, place.seed), "random axis");
}

function grandTour(place: Place): Projection {
  const from = Math.floor(place.tour);
  const path = geodesic(tourStop(place, from), tourStop(place, from + 1));
  return free(path.at(place.tour - from), "tour axis");
}

/** The tour begins at the principal plane. */
function tourStop(place: Place, i: number): Matrix {
  return i === 0 ? following(place).frame : randomFrame(place, 1_000 + i);
}

function free(frame: Matrix, name: string): Projection {
  const labels = range(0, frame.columns).map((i) => `${name} ${i + 1}`);
  return { frame, labels, isFixed: false, areUnits: false };
}

function randomFrame(place: Place, seed: number): Matrix {
  const draw = random(seed * 7919 + place.k);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  const values = Float64Array.from({ length: place.nUnits * place.nAxes }, normal);
  return thinQ(matrix(place.nUnits, place.nAxes, values));
}

/** Eigenvectors and variances of a covariance, largest first; the largest entry is positive. */
export function principalDirections(covariance: Matrix): { vectors: Matrix; variances: number[] } {
  const { values, vectors } = symmetricEigen(covariance);
  const n = values.length;
  const sorted = zeros(n, n);
  const variances: number[] = [];
  for (let i = 0; i < n; i++) {
    const direction = column(vectors, n - 1 - i);
    let largest = 0;
    direction.forEach((x, j) => {
      if (Math.abs(x) > Math.abs(direction[largest])) largest = j;
    });
    const sign = direction[largest] < 0 ? -1 : 1;
    setColumn(sorted, i, direction.map((x) => sign * x));
    variances.push(Math.max(values[n - 1 - i], 0));
  }
  return { vectors: sorted, variances };
}

/** Share of the variance that lies in a frame's axes, 0 to 1. */
export function varianceShown(covariance: Matrix, frame: Matrix): number {
  const n = covariance.rows;
  const inside = pick(frame, range(0, frame.columns));
  const cut = { rows: n, columns: frame.columns, data: inside.data.slice(0, n * frame.columns) };
  const shown = transposeMultiply(cut, multiply(covariance, cut));
  const trace = (a: Matrix): number =>
    range(0, a.rows).reduce((sum, i) => sum + a.data[i * a.columns + i], 0);
  const total = trace(covariance);
  return total > 0 && norm(cut.data) > 0 ? Math.min(trace(shown) / total, 1) : 1;
}
