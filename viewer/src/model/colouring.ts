/** What the colours mean: from the state's `colour` to what the GPU and the legend need. */
import { quantile } from "../math/statistics";
import { givesProbabilities, mostProbable } from "../network/forward";
import type { Moment } from "../network/moment";
import type { Run } from "../page_file/page_file";
import { BY_LABEL, type Colouring } from "../render/flow";
import { onTheme, type Rgb, ramp, rgb, type Theme } from "../theme/colours";

export interface ColourChoice {
  readonly value: string;
  readonly title: string;
}

/** A unit by its representation, its number and its run (null: of every run); null for other colours. */
export function unitOf(colour: string): { k: number; unit: number; run: number | null } | null {
  const match = /^unit:(\d+):(\d+)(?::(\d))?$/.exec(colour);
  if (!match) return null;
  return { k: Number(match[1]), unit: Number(match[2]), run: match[3] ? Number(match[3]) : null };
}

/** The unit that colours the points of a run; null where none of its own does. */
export function unitIn(colour: string, run: Run): { k: number; unit: number } | null {
  const unit = unitOf(colour);
  if (!unit || (unit.run ?? run.index) !== run.index) return null;
  return unit.k <= run.length && unit.unit < run.nUnits(unit.k) ? unit : null;
}

/** The colours to choose from; single units of hidden layers are chosen in the network's picture. */
export function colourChoices(run: Run): ColourChoice[] {
  const target = run.header.target?.name;
  const own = [target ? `Target: ${target}` : "Target", "One colour"][run.nClasses] ?? "Class";
  const choices: ColourChoice[] = [{ value: "class", title: own }];
  if (givesProbabilities(run)) {
    choices.push(
      { value: "predicted", title: "Predicted class" },
      { value: "error", title: "Errors" },
      { value: "confidence", title: "Confidence" },
    );
  }
  const nFeatures = Math.min(run.nUnits(0), 64);
  for (let j = 0; j < nFeatures; j++) {
    choices.push({ value: `unit:0:${j}`, title: `Feature: ${run.unitName(0, j)}` });
  }
  return choices;
}

/** How the vertex shader works out the colour value. */
export function colouringOf(colour: string, moment: Moment): Colouring {
  const { run } = moment;
  const unit = unitIn(colour, run);
  if (unit) {
    const [low, high] = unitRange(moment, unit.k, unit.unit);
    return { mode: 4, k: unit.k, unit: unit.unit, low, high };
  }
  const mode = { predicted: 1, error: 2, confidence: 3 }[colour] ?? 0;
  return mode && givesProbabilities(run) ? { ...BY_LABEL, mode } : BY_LABEL;
}

/** The colour values of some rows, as the vertex shader works them out. */
export function colourValues(
  moment: Moment,
  { mode, k, unit, low, high }: Colouring,
  rows: Uint32Array,
): Float32Array<ArrayBuffer> {
  const { labels, nClasses } = moment.run;
  const result = new Float32Array(Math.max(rows.length, 1));
  if (mode === 0) return labels ? result.map((_, i) => labels[rows[i]] ?? 0) : result;
  if (mode === 4) {
    const cloud = moment.rows(k, rows);
    return result.map((_, i) => (cloud.data[i * cloud.columns + unit] - low) / (high - low));
  }
  const p = moment.probabilities(rows);
  if (!p) return result;
  rows.forEach((row, i) => {
    const best = mostProbable(p, i);
    const isWrong = labels && labels[row] < nClasses && labels[row] !== best;
    const sure = (p.data[i * p.columns + best] - 1 / p.columns) / (1 - 1 / p.columns);
    result[i] = mode === 1 ? best : mode === 2 ? Number(isWrong) : sure;
  });
  return result;
}

/** From colour values to colours. */
export function colourer(run: Run, paint: number, theme: Theme): (value: number, row: number) => Rgb {
  const colours = run.header.class_colours.map((c) => onTheme(rgb(c), theme));
  // −1: no target.
  if (paint === 1) return (value) => (value === -1 ? theme.muted : ramp(value));
  if (paint === 2)
    return (value, row) => (value > 0.5 ? (colours[run.labels?.[row] ?? 0] ?? theme.muted) : theme.muted);
  return (value) => colours[Math.round(value)] ?? theme.muted;
}

/** 0: a colour a class, 1: a scale, 2: errors. */
export function paintOf(colouring: Colouring, run: Run): number {
  if (colouring.mode === 2) return 2;
  return colouring.mode >= 3 || !run.nClasses ? 1 : 0;
}

/** Where the colour scale begins and ends: a few extreme values shall not take all of it. */
export function unitRange(moment: Moment, k: number, unit: number): [number, number] {
  const sample = moment.sample(k);
  const values = Float64Array.from({ length: sample.rows }, (_, i) => sample.data[i * sample.columns + unit]).sort();
  if (!values.length) return [0, 1];
  const [low, high] = [quantile(values, 0.005), quantile(values, 0.995)];
  return high > low ? [low, high] : [low - 0.5, low + 0.5];
}
