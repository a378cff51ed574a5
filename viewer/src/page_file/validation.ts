/** Whether a run is what docs/page_file.md says; what is not is said in a sentence. */
import { isFormula } from "../network/activations";
import { type Container, PageFileError } from "./container";
import { numbersOf, type Quantised, type RunHeader } from "./header";

export function validateRun(value: unknown, container: Container, i: number): void {
  const problem = findProblem(value, container);
  if (problem) throw new PageFileError(`Run ${i + 1} of the page file cannot be shown: ${problem}.`);
}

function findProblem(value: unknown, container: Container): string | null {
  if (typeof value !== "object" || value === null) return "it is not described";
  const run = value as RunHeader;
  const lists = [run.class_names, run.feature_names, run.class_colours, run.representations, run.maps, run.checkpoints];
  if (!lists.every(Array.isArray)) return "a list is missing in its header";
  if (!Number.isInteger(run.n_points) || run.n_points < 0) return "its number of points is not a number";
  const { representations, maps, checkpoints } = run;
  if (representations.length !== maps.length + 1) {
    return `${representations.length} representations are not joined by ${maps.length} maps`;
  }
  if (!checkpoints.length) return "it has no checkpoint";
  if (run.class_colours.length < run.class_names.length) return "a class has no colour";
  if (run.class_colours.some((c) => !/^#[0-9a-f]{6}$/i.test(c))) return "a colour is not written #rrggbb";
  for (const [k, map] of maps.entries()) {
    if (map.n_in !== representations[k].n_units || map.n_out !== representations[k + 1].n_units) {
      return `map ${k + 1} does not lead from one representation to the next`;
    }
    if (map.kind === "activation" && !isFormula(map.formula, map.parameters ?? [])) {
      return `the formula of its activation ${String(map.name).slice(0, 40)} is not understood`;
    }
  }
  if (run.labels !== null && container.buffer(run.labels).length !== run.n_points) {
    return "it has not one label a point";
  }
  if (!isRange(run.target ?? null)) return "the ends of its target are not two numbers";
  if (!areCurves(run)) return "its linear probe has not one number a representation";
  return run.carrier === "weights" ? weightsProblem(run, container) : valuesProblem(run, container);
}

function isRange(target: RunHeader["target"]): boolean {
  return target == null || (Number.isFinite(target.low) && Number.isFinite(target.high));
}

/** Older files have none. */
function areCurves({ measures, checkpoints, representations }: RunHeader): boolean {
  const curves: unknown = measures?.linear_probe;
  if (curves === undefined) return true;
  const isCurve = (curve: unknown): boolean =>
    curve === null ||
    (Array.isArray(curve) &&
      curve.length === representations.length &&
      curve.every((x) => x === null || Number.isFinite(x)));
  return (
    Number.isFinite(measures.chance) &&
    Array.isArray(curves) &&
    curves.length === checkpoints.length &&
    curves.every(isCurve)
  );
}

function weightsProblem(run: RunHeader, container: Container): string | null {
  if (!run.inputs || !run.weights) return "its inputs or weights are missing";
  const bad = quantisedProblem(run.inputs, run.n_points, run.representations[0].n_units, container);
  if (bad) return bad;
  const wanted = run.maps.reduce((sum, map) => sum + numbersOf(map), 0);
  const weights = container.buffer(run.weights);
  if (weights.length !== wanted * run.checkpoints.length) return "it has not one weight a connection";
  return null;
}

function valuesProblem(run: RunHeader, container: Container): string | null {
  if (run.carrier !== "values") return "it carries neither weights nor values";
  if (!hasLines(run, container)) return "its lattice has not one place a point and representation";
  const values = run.values as readonly (readonly Quantised[])[] | undefined;
  if (values?.length !== run.checkpoints.length) return "it has not one set of values a checkpoint";
  for (const set of values) {
    for (const [k, { shown_units: shown }] of run.representations.entries()) {
      const bad = quantisedProblem(set[k], run.n_points, shown, container);
      if (bad) return bad;
    }
  }
  return null;
}

/** Stored lines of a lattice; older files have none. */
function hasLines({ lattice, representations }: RunHeader, container: Container): boolean {
  if (!lattice) return true;
  const { offsets: name, n_grid_lines: nGrid, values } = lattice;
  if (!name || !Number.isInteger(nGrid) || values?.length !== representations.length) return false;
  const offsets = Array.from(container.buffer(name));
  const rises = offsets.every((end, i) => (i ? end > offsets[i - 1] : end === 0));
  return (
    rises &&
    nGrid! >= 0 &&
    nGrid! < offsets.length &&
    values.every(
      (v, k) => quantisedProblem(v, offsets[offsets.length - 1], representations[k].shown_units, container) === null,
    )
  );
}

function quantisedProblem(
  stored: Quantised | undefined,
  nPoints: number,
  nUnits: number,
  container: Container,
): string | null {
  if (!stored || stored.low?.length !== nUnits || stored.high?.length !== nUnits) {
    return "values have not one range a unit";
  }
  return container.buffer(stored.buffer).length === nPoints * nUnits ? null : "values are missing";
}
