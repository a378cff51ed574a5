/** What every entry of a run's header must be; src/unknot/traces/schema.py does the same for its files. */

/** Says what is wrong with a value, as "maps[2].name is not text"; null where it fits. */
export type Rule = (value: unknown, place: string) => string | null;

const is =
  (words: string, holds: (value: unknown) => boolean): Rule =>
  (value, place) =>
    holds(value) ? null : `${place} is not ${words}`;

const text = is("text", (value) => typeof value === "string");
const number = is("a finite number", (value) => Number.isFinite(value));
const count = is("a whole number of 0 or more", (value) => Number.isSafeInteger(value) && (value as number) >= 0);
const flag = is("true or false", (value) => typeof value === "boolean");
const some = is("a whole number of 1 or more", (value) => Number.isSafeInteger(value) && (value as number) >= 1);

export const oneOf = (...allowed: readonly string[]): Rule =>
  is(allowed.join(" or "), (value) => typeof value === "string" && allowed.includes(value));

const list =
  (rule: Rule): Rule =>
  (value, place) => {
    if (!Array.isArray(value)) return `${place} is not a list`;
    for (let i = 0; i < value.length; i++) {
      const problem = rule(value[i], `${place}[${i}]`);
      if (problem) return problem;
    }
    return null;
  };

const orNull =
  (rule: Rule): Rule =>
  (value, place) =>
    value === null ? null : rule(value, place);

/** Older files may lack it. */
const maybe =
  (rule: Rule): Rule =>
  (value, place) =>
    value === undefined || value === null ? null : rule(value, place);

const named =
  (rules: Readonly<Record<string, Rule>>): Rule =>
  (value, place) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return `${place} is not described`;
    for (const [name, rule] of Object.entries(rules)) {
      const own = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
      const problem = rule(own, place ? `${place}.${name}` : name);
      if (problem) return problem;
    }
    return null;
  };

const isBoolean = (value: unknown): boolean => typeof value === "boolean";
const isEnd = (value: unknown): boolean =>
  value === null || Number.isFinite(value) || (Array.isArray(value) && value.every(Number.isFinite));
const interval = is("two ends", (value) => Array.isArray(value) && value.length === 2 && value.every(isEnd));
const quantised = named({ buffer: text, low: list(number), high: list(number) });
const metric = list(orNull(number));
const known = maybe(number);
const metrics = named({ loss: metric, accuracy: metric, validation_loss: metric, validation_accuracy: metric });

/** A data set beside those of the runs. */
export const table = named({
  title: text,
  n_points: some,
  class_names: list(text),
  class_colours: list(text),
  feature_names: list(text),
  labels: text,
  inputs: quantised,
  held_out: maybe(text),
  targets: maybe(text),
  target: maybe(named({ low: number, high: number, name: maybe(text), values: maybe(text), unit: maybe(number) })),
  best_possible: known,
});

/** How a page is shown to a class. */
export const teaching = maybe(named({ hide: list(text), predict_first: flag }));

export const playground = maybe(named({ is_empty: flag }));

export const run = named({
  name: text,
  carrier: text,
  clock: maybe(oneOf("epoch", "step")),
  n_points: count,
  class_names: list(text),
  feature_names: list(text),
  notes: maybe(list(text)),
  class_colours: list(text),
  labels: orNull(text),
  representations: list(
    named({
      name: text,
      n_units: some,
      unit_names: maybe(list(text)),
      shown_units: some,
      whole_units: maybe(some),
      reduced: maybe(text),
    }),
  ),
  maps: list(
    named({
      kind: oneOf("affine", "activation", "softmax", "opaque"),
      name: text,
      n_in: some,
      n_out: some,
      parameters: maybe(list(text)),
      sentence: maybe(text),
      text: maybe(text),
      clauses: maybe(list(named({ text, where: list(interval), both: is("true or false", isBoolean) }))),
      otherwise: maybe(text),
    }),
  ),
  corners: maybe(named({ order: list(count), n_scores: count })),
  planes: maybe(
    list(
      maybe(
        named({
          axes_2: maybe(text),
          axes_3: maybe(text),
          labels_2: maybe(list(text)),
          labels_3: maybe(list(text)),
          name: text,
        }),
      ),
    ),
  ),
  output: text,
  n_outputs: some,
  colour_unit: maybe(count),
  checkpoints: list(named({ step: number, epoch: number })),
  history: maybe(metrics),
  metrics: maybe(metrics),
  best_possible: known,
  held_out: maybe(text),
  identity: maybe(
    named({
      columns: list(named({ name: text, texts: text, ends: text })),
      images: maybe(
        named({
          sheet: text,
          type: oneOf("image/png", "image/webp"),
          width: some,
          height: some,
          across: some,
          tiles: maybe(text),
        }),
      ),
    }),
  ),
  training: maybe(
    named({
      optimiser: text,
      rate: number,
      is_scheduled: flag,
      batch: some,
      decay: number,
      n_fixed: count,
      targets: maybe(text),
      activations: maybe(list(named({ name: text, sentence: text }))),
      colours: maybe(list(text)),
    }),
  ),
  inputs: maybe(quantised),
  weights: maybe(text),
  lattice: maybe(
    named({
      low: list(number),
      high: list(number),
      rows: count,
      columns: count,
      offsets: maybe(text),
      n_grid_lines: maybe(count),
      values: maybe(list(quantised)),
    }),
  ),
  target: maybe(named({ low: number, high: number, name: maybe(text), values: maybe(text), unit: maybe(number) })),
  measures: named({ linear_probe: maybe(list(orNull(metric))), chance: known }),
  readouts: maybe(
    list(
      orNull(
        named({ variance: known, probe_full: known, probe_shown: known, trustworthiness: known, continuity: known }),
      ),
    ),
  ),
  neighbours: maybe(
    named({ n_axes: some, meaning: text, values: list(list(quantised)), trustworthiness: list(metric) }),
  ),
  statistics: maybe(list(orNull(list(orNull(named({ mean: text, covariance: text, range: known })))))),
  values: maybe(list(list(quantised))),
  affine: maybe(list(list(orNull(named({ weight: maybe(text), bias: maybe(text), parameters: maybe(text) }))))),
});
