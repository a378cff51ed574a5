/** What a state asks for: the file as it is, or another network, or other data, made in the page. */
import { parseSpec } from "../datasets/spec";
import { heldOut, type Sources, tableOf } from "../datasets/table";
import { areUnequal } from "../network/lattice";
import { type PageFile, Run } from "../page_file/page_file";
import type { State } from "../state/controls";
import { grouped } from "../words";
import { parseWeights } from "./address";
import { edited, type LayerPlan, networkOf, planOf, planProblem } from "./editing";
import { parameterCount } from "./engine";
import { shapeOf } from "./live_run";
import { parsePlan, runOfTable } from "./run_of_table";
import { NOW } from "./studio";

export interface Opening {
  readonly file: PageFile;
  readonly state: Partial<State>;
  /** What could not be had. */
  readonly problem: string | null;
}

/** The data that a page begins with. */
function firstData(file: PageFile): string {
  return file.playground?.is_empty ? "circles" : "";
}

/** What a page that is made for training begins with. */
export function firstState(file: PageFile): Partial<State> {
  if (!file.playground) return {};
  const start = firstData(file) ? 1 : 0;
  return { tab: "train", t: firstPlace(file.runs[0]), u: NOW, data: firstData(file), start };
}

/** Where a picture begins: many features that are too unequal for one scale are seen once they are scaled. */
export function firstPlace(run: Run): number {
  const { inputs, training } = run.header;
  if (!training?.n_fixed || !inputs || run.nUnits(0) < 3) return 0;
  return areUnequal(inputs.high.map((high, j) => high - inputs.low[j])) ? training.n_fixed : 0;
}

/** Whether the page can train its network. */
export function trains(file: PageFile): boolean {
  return file.runs.length === 1 && shapeOf(file.runs[0]) !== null;
}

export function opened(file: PageFile, sources: Sources, state: Partial<State>): Opening {
  const [run] = file.runs;
  const { data = firstData(file), network = "", weights = "" } = state;
  if (!trains(file) || (!data && !network)) return { file, state, problem: null };
  const spec = parseSpec(data);
  const table = spec && tableOf(spec, run, sources);
  const without = (problem: string): Opening => {
    const first = opened(file, sources, { ...state, data: firstData(file), network: "", weights: "", trained: "" });
    return { ...first, problem };
  };
  if (!spec || !table)
    return without("The address asks for data that this page does not have: it begins with its own.");
  const wanted = network ? parsePlan(network, run.header.training!.activations ?? []) : planOf(run);
  if (!wanted) return without("The address asks for a network that this page does not know: it begins with its own.");
  const wrong = planProblem(table.featureNames.length, wanted);
  if (wrong) return without(wrong);
  // A start of its own is drawn, so that an address gives the same numbers again.
  const kept = state.start ? null : parseWeights(weights);
  const drawn = { ...state, data, network, start: kept ? 0 : Math.max(state.start ?? 0, 1) };
  const planned = data ? runOfTable(run, table, heldOut(spec, table), wanted) : replanned(run, wanted);
  const shape = shapeOf(planned)!;
  const isWhole = !kept || (kept.length === parameterCount(shape) && kept.every(Number.isFinite));
  const made = kept && isWhole ? networkOf(planned, shape, kept) : planned;
  if (!isWhole || typeof made === "string")
    return without("The address holds weights of another network: it begins with its own.");
  return { file: { ...file, title: table.title, runs: [made] }, state: drawn, problem: null };
}

/** The file's points with other layers, all of them new. */
function replanned(run: Run, plan: readonly LayerPlan[]): Run {
  const layers = [...plan.slice(0, -1), planOf(run).at(-1)!].map((layer) => ({ ...layer, from: null }));
  const { header, container } = edited(run, 0, layers, 1);
  return new Run({ ...header, fresh: [] }, container);
}

/** What a change of the data has changed, for people. */
export function changeSentence(before: Run, { file }: Opening): string {
  const [run] = file.runs;
  const [was, is] = [before, run].map((each) => ({
    nIn: each.nUnits(0),
    nOut: each.header.n_outputs,
    isNumber: !each.nClasses,
    fixed: each.header.training!.n_fixed,
  }));
  const parts = [
    was.nIn !== is.nIn && `its input now has ${is.nIn} feature${is.nIn > 1 ? "s" : ""}`,
    was.isNumber !== is.isNumber
      ? `its output is now ${is.isNumber ? "a number" : is.nOut > 1 ? `${is.nOut} probabilities` : "a probability"}`
      : was.nOut !== is.nOut && `its output now has ${is.nOut} unit${is.nOut > 1 ? "s" : ""}`,
    was.fixed < is.fixed && "the features are scaled first",
  ].filter(Boolean);
  const network = parts.length ? `The network keeps its hidden layers; ${parts.join(", ")}` : "The network stays";
  return `${file.title}, ${grouped(run.nPoints)} points. ${network}; training begins at step 0.`;
}

/** The place that was shown in a network, in another one: the same layer, where it has it. */
export function samePlace(before: Run, after: Run, t: number): number {
  const { representations } = before.header;
  const names = after.header.representations.map(({ name }) => name);
  const at = names.indexOf(representations[Math.min(Math.round(t), representations.length - 1)].name);
  return at < 0 ? Math.min(Math.round(t), names.length - 1) : at;
}
