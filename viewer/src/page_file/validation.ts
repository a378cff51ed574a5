/** Whether a run is what docs/page_file.md says; what is not is said in a sentence. */
import { isFormula } from "../network/activations";
import { type Container, type Numbers, PageFileError } from "./container";
import {
  type MapHeader,
  numbersOf,
  type Quantised,
  type RunHeader,
  type TableHeader,
  type ValuesHeader,
} from "./header";
import type { PageFile } from "./page_file";
import { run as described, playground, table, teaching } from "./schema";

export function validateRun(value: unknown, container: Container, i: number): void {
  const problem = findProblem(value, container);
  if (problem) throw new PageFileError(`Run ${i + 1} of the page file cannot be shown: ${problem}.`);
}

/** What a page has to train on beside its run; older files have none. */
export function validateDatasets(
  header: Readonly<Record<string, unknown>>,
  container: Container,
): Pick<PageFile, "playground" | "datasets" | "teaching"> {
  const { datasets = [] } = header;
  if (!Array.isArray(datasets)) throw new PageFileError("The data sets of the page file are not a list.");
  const wrong = playground(header.playground, "playground") ?? teaching(header.teaching, "teaching");
  if (wrong) throw new PageFileError(`The page file cannot be shown: ${wrong}.`);
  for (const [i, value] of datasets.entries()) {
    const problem = table(value, "") ?? tableProblem(value as TableHeader, container);
    if (problem) throw new PageFileError(`Data set ${i + 1} of the page file cannot be shown: ${problem}.`);
  }
  const { playground: play = null, teaching: taught = null } = header;
  return { playground: play as PageFile["playground"], teaching: taught as PageFile["teaching"], datasets };
}

function tableProblem(header: TableHeader, container: Container): string | null {
  const { inputs, n_points: n, feature_names: names, targets } = header;
  return (
    pointsProblem({ ...header, lattice: null, metrics: null }, container) ??
    quantisedProblem(inputs, n, names.length, container) ??
    (targets ? floatsProblem(targets, n, container, "target a point") : null)
  );
}

function findProblem(value: unknown, container: Container): string | null {
  if (typeof value !== "object" || value === null) return "it is not described";
  const wrong = described(value, "");
  if (wrong) return wrong;
  const run = value as RunHeader;
  return (
    networkProblem(run) ??
    pointsProblem(run, container) ??
    identityProblem(run, container) ??
    (areCurves(run) ? null : "its linear probe has not one number a representation") ??
    (run.carrier === "weights" ? weightsProblem(run, container) : valuesProblem(run, container)) ??
    planesProblem(run, container) ??
    statisticsProblem(run, container) ??
    mapsProblem(run, container)
  );
}

/** Older files have none. */
function planesProblem({ planes, representations }: RunHeader, container: Container): string | null {
  if (!planes) return null;
  const wrong = "its planes are not one a representation";
  if (planes.length !== representations.length) return wrong;
  for (const [k, plane] of planes.entries()) {
    for (const n of [2, 3] as const) {
      const buffer = plane?.[`axes_${n}`];
      if (buffer && floatsProblem(buffer, Math.max(representations[k].n_units, n) * n, container, "")) return wrong;
      if ((plane?.[`labels_${n}`]?.length ?? n) !== n) return wrong;
    }
  }
  return null;
}

function networkProblem(run: RunHeader): string | null {
  const { representations, maps, checkpoints, corners, class_names } = run;
  if (corners && !isOrder(corners.order, class_names.length)) return "its corners are not one a class";
  if (representations.length !== maps.length + 1) {
    return `${representations.length} representations are not joined by ${maps.length} maps`;
  }
  if (!checkpoints.length) return "it has no checkpoint";
  if ((run.colour_unit ?? 0) >= run.n_outputs) return "the output that colours is not one of its outputs";
  for (const [k, { n_units: n, shown_units: shown, unit_names: names }] of representations.entries()) {
    if (shown !== n) return `of representation ${k + 1} not as many units are shown as it has`;
    if (names && names.length !== n) return `representation ${k + 1} has not one name a unit`;
  }
  for (const [k, map] of maps.entries()) {
    if (map.n_in !== representations[k].n_units || map.n_out !== representations[k + 1].n_units) {
      return `map ${k + 1} does not lead from one representation to the next`;
    }
    if (map.kind === "activation" && !isFormula(map.formula, map.parameters ?? [])) {
      return `the formula of its activation ${map.name.slice(0, 40)} is not understood`;
    }
    if ((map.kind === "activation" || map.kind === "softmax") && map.n_in !== map.n_out) {
      return `map ${k + 1} keeps the units, but ${map.n_in} become ${map.n_out}`;
    }
  }
  return null;
}

type Labelled = Pick<
  RunHeader,
  "n_points" | "class_names" | "class_colours" | "labels" | "held_out" | "lattice" | "target"
> &
  Partial<Pick<RunHeader, "metrics" | "checkpoints">>;

function pointsProblem(run: Labelled, container: Container): string | null {
  const { class_names: names, class_colours: colours, lattice } = run;
  if (colours.length < names.length) return "a class has no colour";
  if (colours.some((c) => !/^#[0-9a-f]{6}$/i.test(c))) return "a colour is not written #rrggbb";
  const { values } = run.target ?? {};
  if (values && floatsProblem(values, run.n_points, container, "")) {
    return "its targets are not one a point";
  }
  if (run.labels !== null) {
    const labels = container.buffer(run.labels);
    if (labels.length !== run.n_points) return "it has not one label a point";
    const isTarget = labels instanceof Float32Array;
    if (isTarget !== !names.length && labels.length) return "its labels are not those of its classes";
    // Points without a label have the number after the last class, and a colour of their own.
    const nGroups = Math.min(run.class_colours.length, names.length + 1);
    if (!isTarget && labels.some((c) => c < 0 || c >= nGroups)) return "a label is of no class";
    if (!labels.every(Number.isFinite)) return "a label is not a finite number";
  }
  if (run.held_out && container.buffer(run.held_out).length !== run.n_points) {
    return "it does not say of each point whether it was held out";
  }
  if (run.metrics) {
    const { loss, accuracy, validation_loss, validation_accuracy } = run.metrics;
    const isAll = ({ length: n }: readonly unknown[]): boolean => n === 0 || n === run.checkpoints?.length;
    if (![loss, accuracy, validation_loss, validation_accuracy].every(isAll)) {
      return "its losses and accuracies are not one number a checkpoint";
    }
  }
  if (lattice && (lattice.low.length !== 2 || lattice.high.length !== 2)) return "its lattice is not of two features";
  return null;
}

/** Texts end where they say; older files have none. */
function identityProblem({ identity, n_points: n }: RunHeader, container: Container): string | null {
  for (const { name, texts, ends } of identity?.columns ?? []) {
    const [bytes, stops] = [container.buffer(texts), container.buffer(ends)];
    const rises = stops.every((stop, i) => stop >= (i ? stops[i - 1] : 0));
    const isWhole = stops.length === n && rises && (n ? stops[n - 1] : 0) === bytes.length;
    if (!isWhole || !(bytes instanceof Uint8Array)) return `${name.slice(0, 40)} has not one text a point`;
  }
  const images = identity?.images;
  if (!images) return null;
  if (!(container.buffer(images.sheet) instanceof Uint8Array)) return "its images are no file";
  return images.tiles && container.buffer(images.tiles).length !== n ? "it has not one image a point" : null;
}

/** Each number below n once. */
function isOrder(order: readonly number[], n: number): boolean {
  return order.length === n && new Set(order).size === n && order.every((c) => c < n);
}

/** Older files have none. */
function areCurves({ measures, checkpoints, representations }: RunHeader): boolean {
  const curves = measures.linear_probe;
  if (!curves) return true;
  return (
    Number.isFinite(measures.chance) &&
    curves.length === checkpoints.length &&
    curves.every((curve) => curve === null || curve.length === representations.length)
  );
}

function weightsProblem(run: RunHeader, container: Container): string | null {
  if (!run.inputs || !run.weights) return "its inputs or weights are missing";
  const unknown = run.maps.findIndex((map) => map.kind === "opaque");
  if (unknown >= 0) return `map ${unknown + 1} is not known, though it carries weights`;
  const wrong = quantisedProblem(run.inputs, run.n_points, run.representations[0].n_units, container);
  if (wrong) return wrong;
  if (run.training) {
    const { targets } = run.training;
    const bad = targets ? floatsProblem(targets, run.n_points, container, "target a point") : null;
    if (bad) return bad;
    for (const { name, formula } of run.training.activations ?? []) {
      if (!isFormula(formula, [])) return `the formula of its activation ${name.slice(0, 40)} is not understood`;
    }
  }
  const wanted = run.maps.reduce((sum, map) => sum + numbersOf(map), 0);
  return floatsProblem(run.weights, wanted * run.checkpoints.length, container, "weight a connection");
}

function valuesProblem(run: RunHeader, container: Container): string | null {
  if (run.carrier !== "values") return "it carries neither weights nor values";
  if (!hasLines(run, container)) return "its lattice has not one place a point and representation";
  const { values, affine } = run as unknown as Partial<ValuesHeader>;
  if (values?.length !== run.checkpoints.length) return "it has not one set of values a checkpoint";
  for (const set of values) {
    for (const [k, { n_units: n }] of run.representations.entries()) {
      const bad = quantisedProblem(set[k], run.n_points, n, container);
      if (bad) return bad;
    }
  }
  if (!affine) return null;
  if (affine.length !== values.length) return "it has not one set of weights a checkpoint";
  for (const set of affine) {
    for (const [k, map] of run.maps.entries()) {
      const bad = mapProblem(map, set[k] ?? null, affine[0][k] ?? null, container);
      if (bad) return bad;
    }
  }
  return null;
}

type Stored = { weight?: string; bias?: string; parameters?: string } | null;

/** A map is known at every checkpoint where it is at the first. */
function mapProblem(map: MapHeader, stored: Stored, first: Stored, container: Container): string | null {
  if (map.kind === "affine" && first) {
    if (!stored?.weight || !stored.bias) return `the weights of ${map.name.slice(0, 40)} are missing`;
    return (
      floatsProblem(stored.weight, map.n_in * map.n_out, container, "weight a connection") ??
      floatsProblem(stored.bias, map.n_out, container, "bias a unit")
    );
  }
  const n = (map.parameters?.length ?? 0) * map.n_out;
  if (map.kind !== "activation" || !n || map.is_reduced) return null;
  if (!stored?.parameters) return `the parameters of ${map.name.slice(0, 40)} are missing`;
  return floatsProblem(stored.parameters, n, container, "parameter a unit");
}

/** Stored lines of a lattice; older files have none. */
function hasLines({ lattice, representations }: RunHeader, container: Container): boolean {
  if (!lattice) return true;
  const { offsets: name, n_grid_lines: nGrid, values } = lattice;
  if (!name || typeof nGrid !== "number" || values?.length !== representations.length) return false;
  const offsets = container.buffer(name);
  const rises = offsets.every((end, i) => (i ? end > offsets[i - 1] : end === 0));
  const last = offsets[offsets.length - 1];
  return (
    offsets instanceof Int32Array &&
    rises &&
    nGrid < offsets.length &&
    values.every((v, k) => quantisedProblem(v, last, representations[k].n_units, container) === null)
  );
}

/** Maps of neighbours: a place a point, and whether its neighbours are real, of each layer at each checkpoint. */
function mapsProblem({ neighbours: own, ...run }: RunHeader, container: Container): string | null {
  if (!own) return null;
  if (own.n_axes !== 2 && own.n_axes !== 3) return "its maps have neither 2 nor 3 axes";
  const n = run.checkpoints.length;
  const isAll = (sets: readonly (readonly unknown[])[]): boolean =>
    sets.length === n && sets.every((set) => set.length === run.representations.length);
  if (!isAll(own.values) || !isAll(own.trustworthiness)) return "it has not one map a layer and checkpoint";
  for (const set of own.values) {
    for (const [k, { n_units: units }] of run.representations.entries()) {
      const bad = quantisedProblem(set[k], run.n_points, Math.min(units, own.n_axes), container);
      if (bad) return bad;
    }
  }
  return null;
}

/** What Python measured; what is not stored the page works out itself. */
function statisticsProblem(run: RunHeader, container: Container): string | null {
  const all = run.statistics as readonly (readonly ({ mean: string; covariance: string } | null)[] | null)[] | null;
  for (const set of all ?? []) {
    for (const [k, entry] of (set ?? []).entries()) {
      const n = run.representations[k]?.n_units;
      if (!entry) continue;
      if (!n) return "it has statistics of what is no representation";
      const shape = container.shape(entry.covariance);
      const isSquare = shape.length === 2 && shape[0] === n && shape[1] === n;
      const bad =
        floatsProblem(entry.mean, n, container, "mean a unit") ??
        (isSquare
          ? floatsProblem(entry.covariance, n * n, container, "covariance a pair of units")
          : "a shape is wrong");
      if (bad) return bad;
    }
  }
  return null;
}

function quantisedProblem(
  stored: Quantised | undefined,
  nPoints: number,
  nUnits: number,
  container: Container,
): string | null {
  if (!stored || stored.low.length !== nUnits || stored.high.length !== nUnits) {
    return "values have not one range a unit";
  }
  const values = container.buffer(stored.buffer);
  if (!(values instanceof Uint16Array)) return "values are not sixteen-bit numbers";
  return values.length === nPoints * nUnits ? null : "values are missing";
}

function floatsProblem(name: string, length: number, container: Container, what: string): string | null {
  const values: Numbers = container.buffer(name);
  if (values.length !== length) return `it has not one ${what}`;
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return `a ${what} is no fraction`;
  return values.every(Number.isFinite) ? null : `a ${what.split(" ")[0]} is not a finite number`;
}
