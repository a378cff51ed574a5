/** Page files made in the tests. */
export interface Piece {
  readonly name: string;
  readonly dtype: "float32" | "float64" | "uint16" | "uint8" | "int32";
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
  int32: Int32Array,
};

export function container(header: object, pieces: readonly Piece[], version = 2): Uint8Array {
  const buffers: Record<string, object> = {};
  const blobs: Uint8Array[] = [];
  let offset = 0;
  for (const { name, dtype, shape, values } of pieces) {
    const bytes = new Uint8Array(ARRAYS[dtype].from(values).buffer);
    buffers[name] = { offset, dtype, shape };
    const padded = new Uint8Array(Math.ceil(bytes.length / 8) * 8);
    padded.set(bytes);
    blobs.push(padded);
    offset += padded.length;
  }
  let text = JSON.stringify({ ...header, buffers });
  while ((12 + new TextEncoder().encode(text).length) % 8) text += " ";
  const head = new TextEncoder().encode(text);
  const result = new Uint8Array(12 + head.length + offset);
  result.set(new TextEncoder().encode("UKSC"));
  const view = new DataView(result.buffer);
  view.setUint32(4, version, true);
  view.setUint32(8, head.length, true);
  result.set(head, 12);
  let at = 12 + head.length;
  for (const blob of blobs) {
    result.set(blob, at);
    at += blob.length;
  }
  return result;
}

/** A 2-3-1 network with relu and a sigmoid, at two checkpoints. */
export function smallScene(change: object = {}, more: readonly Piece[] = []): Uint8Array {
  const first = [1, 0, -1, 0, 2, 1, 0.1, -0.2, 0, 1, -1, 0.5, 0.3];
  const second = first.map((w, i) => w + 0.1 * i);
  const n = 50;
  const inputs = Array.from({ length: 2 * n }, (_, i) => (i * 7919) % 65536);
  const representations = [
    ["input", 2],
    ["hidden 1 pre-activation", 3],
    ["hidden 1", 3],
    ["logit", 1],
    ["probability", 1],
  ] as const;
  const maps = [
    ["affine", "hidden 1"],
    ["activation", "relu"],
    ["affine", "output"],
    ["activation", "sigmoid"],
  ] as const;
  const run = {
    name: "2 → 3 relu → 1 sigmoid",
    carrier: "weights",
    n_points: n,
    class_names: ["a", "b"],
    feature_names: ["x1", "x2"],
    class_colours: ["#e8781a", "#00568f"],
    labels: "labels",
    representations: representations.map(([name, units]) => ({
      name,
      n_units: units,
      unit_names: null,
      shown_units: units,
      reduced: null,
    })),
    maps: maps.map(([kind, name], k) => ({
      kind,
      name,
      n_in: representations[k][1],
      n_out: representations[k + 1][1],
      ...(kind === "activation" ? { formula: [name, "z"], sentence: `what ${name} does` } : {}),
    })),
    output: "sigmoid",
    n_outputs: 1,
    checkpoints: [
      { step: 0, epoch: 0 },
      { step: 10, epoch: 1 },
    ],
    history: null,
    validation_rows: null,
    inputs: { buffer: "inputs", low: [-1, -2], high: [1, 2] },
    weights: "weights",
    statistics: null,
    lattice: { low: [-1, -2], high: [1, 2], rows: 5, columns: 5 },
    measures: {},
    readouts: null,
    ...change,
  };
  return container({ format: "unknot-page", title: "small", description: "", n_axes: 2, runs: [run] }, [
    { name: "labels", dtype: "uint8", shape: [n], values: Array.from({ length: n }, (_, i) => i % 2) },
    { name: "inputs", dtype: "uint16", shape: [n, 2], values: inputs },
    { name: "weights", dtype: "float32", shape: [2, 13], values: [...first, ...second] },
    ...more,
  ]);
}

/**
 * Stored values: 2 directions of 100 units → 3 → something unknown with 3 → 1 → sigmoid.
 *
 * `change` is laid over the run's header.
 */
export function valuesScene(change: object = {}): Uint8Array {
  const n = 40;
  const shapes = [
    ["wide", 2, 100],
    ["hidden", 3, 3],
    ["mixed", 3, 3],
    ["logit", 1, 1],
    ["probability", 1, 1],
  ] as const;
  const maps = [
    ["affine", "dense", true],
    ["opaque", "mystery", false],
    ["affine", "output", false],
    ["activation", "sigmoid", false],
  ] as const;
  const quantised = (buffer: string, units: number): object => ({
    buffer,
    low: Array<number>(units).fill(-1),
    high: Array<number>(units).fill(1),
  });
  const cloud = (rows: number, units: number, seed: number): number[] =>
    Array.from({ length: rows * units }, (_, i) => ((i + seed) * 7919) % 65536);
  const run = {
    name: "100 → 3 → 3 → 1 sigmoid",
    carrier: "values",
    n_points: n,
    class_names: ["a", "b"],
    feature_names: [],
    class_colours: ["#e8781a", "#00568f"],
    labels: "labels",
    notes: ["The model branches; without side.", "mixed takes more than one input."],
    representations: shapes.map(([name, units, whole]) => ({
      name,
      n_units: units,
      unit_names: null,
      shown_units: units,
      whole_units: whole,
      reduced: units < whole ? "2 directions stand for 100 units" : null,
    })),
    maps: maps.map(([kind, name, isReduced], k) => ({
      kind,
      name,
      n_in: shapes[k][1],
      n_out: shapes[k + 1][1],
      is_reduced: isReduced,
      ...(kind === "activation" ? { formula: [name, "z"] } : {}),
    })),
    output: "sigmoid",
    n_outputs: 1,
    checkpoints: [{ step: 0, epoch: 0 }],
    history: null,
    values: [shapes.map(([, units], k) => quantised(`values${k}`, units))],
    affine: [[{ weight: "w0", bias: "b0" }, null, { weight: "w2", bias: "b2" }, null]],
    statistics: null,
    measures: {},
    readouts: null,
    lattice: {
      low: [-1, -1],
      high: [1, 1],
      rows: 0,
      columns: 0,
      offsets: "offsets",
      n_grid_lines: 1,
      values: shapes.map(([, units], k) => quantised(`lattice${k}`, units)),
    },
    ...change,
  };
  const float = (name: string, ...values: number[]): Piece => ({
    name,
    dtype: "float32",
    shape: [values.length],
    values,
  });
  return container({ format: "unknot-page", title: "stored", description: "", n_axes: 2, runs: [run] }, [
    { name: "labels", dtype: "uint8", shape: [n], values: Array.from({ length: n }, (_, i) => i % 2) },
    ...shapes.map(
      ([, units], k): Piece => ({ name: `values${k}`, dtype: "uint16", shape: [n, units], values: cloud(n, units, k) }),
    ),
    ...shapes.map(
      ([, units], k): Piece => ({
        name: `lattice${k}`,
        dtype: "uint16",
        shape: [5, units],
        values: cloud(5, units, k),
      }),
    ),
    { name: "offsets", dtype: "int32", shape: [3], values: [0, 3, 5] },
    float("w0", 1, 0.5, -1, 0, 2, 1),
    float("b0", 0.1, -0.2, 0),
    float("w2", 2, -1, 0.5),
    float("b2", 0.5),
  ]);
}

export function randomMatrix(
  rows: number,
  columns: number,
  draw: () => number,
): { rows: number; columns: number; data: Float64Array } {
  return { rows, columns, data: Float64Array.from({ length: rows * columns }, () => 2 * draw() - 1) };
}

export function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
}
