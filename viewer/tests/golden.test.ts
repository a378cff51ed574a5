/** The viewer works out what Python does: tests/motion/golden.json, made by golden.py beside it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { eye, type Matrix, matrix, range } from "../src/math/matrix";
import type { Statistics } from "../src/math/statistics";
import { factor } from "../src/motion/extent";
import { spreadRows, varianceShown } from "../src/motion/projection";
import { complement, padRows, polar } from "../src/motion/rotation";
import { Scene, type SceneOptions } from "../src/motion/scene";
import { compile, type Formula, isFormula } from "../src/network/activations";
import { applyMap, type MapAt } from "../src/network/forward";
import { gridLines, niceStep } from "../src/network/lattice";
import { Moment, momentAt } from "../src/network/moment";
import type { Container } from "../src/page_file/container";
import type { MapHeader, RunHeader } from "../src/page_file/header";
import { decode, Run } from "../src/page_file/page_file";
import { twoDigits } from "../src/words";

interface Options {
  readonly n_axes: 2 | 3;
  readonly projection?: string;
  readonly units?: readonly number[];
  readonly scale?: "animated" | "fixed";
}

interface GoldenScene {
  readonly options: Options;
  readonly instants: readonly { t: number; points: number[]; centre: number[]; radius: number; factors: number[] }[];
  readonly frames: readonly number[][];
  readonly notes: readonly string[][];
  readonly labels: readonly string[][];
  readonly beats: readonly [string, number, number, string, boolean][];
  readonly variance: readonly (number | null)[];
}

interface GoldenTrace {
  readonly labels: readonly number[];
  readonly class_names: readonly string[];
  readonly corners: { order: number[]; n_scores: number } | null;
  readonly representations: readonly {
    name: string;
    n_units: number;
    unit_names: string[] | null;
    values: number[] | null;
  }[];
  readonly last: readonly number[];
  readonly maps: readonly (MapHeader & { weight: number[]; bias: number[]; values?: number[] })[];
  readonly scenes: readonly GoldenScene[];
}

// The tests are bundled into viewer/dist/tests and run from viewer.
const golden = JSON.parse(readFileSync("../tests/motion/golden.json", "utf8"));
const traces = golden.traces as Record<string, GoldenTrace>;

/** A network given by its maps and by the values that no map gives. */
class GivenMoment extends Moment {
  private readonly clouds: Matrix[] = [];

  constructor(
    private readonly trace: GoldenTrace,
    run: Run,
  ) {
    super(run, 0);
  }

  override map(k: number): MapAt {
    const { kind, name, weight, bias, formula, parameters = [], values: own } = this.trace.maps[k];
    if (kind === "activation") {
      const values = own && matrix(parameters.length, this.run.nUnits(k), own);
      return { kind, name, formula: formula!, parameters, values };
    }
    if (kind !== "affine") return { kind, name };
    return { kind, weight: matrix(this.run.nUnits(k), bias.length, weight), bias: Float64Array.from(bias) };
  }

  override rows(k: number, rows: Uint32Array): Matrix {
    for (let i = this.clouds.length; i <= k; i++) {
      const { values, n_units: n } = this.trace.representations[i];
      this.clouds.push(values ? matrix(this.run.nPoints, n, values) : applyMap(this.map(i - 1), this.clouds[i - 1]));
    }
    return taken(this.clouds[k], rows);
  }

  protected override stored(): Statistics | null {
    return null;
  }
}

function taken({ columns, data }: Matrix, rows: Iterable<number>): Matrix {
  const values = [...rows].flatMap((row) => [...data.subarray(row * columns, (row + 1) * columns)]);
  return matrix(values.length / columns, columns, values);
}

function momentOf(trace: GoldenTrace): Moment {
  const { labels, class_names, corners, representations, maps } = trace;
  const header = {
    n_points: labels.length,
    labels: "labels",
    class_names,
    corners,
    feature_names: [],
    checkpoints: [{ step: 0, epoch: 0 }],
    representations: representations.map(({ name, n_units, unit_names }) => ({
      name,
      n_units,
      unit_names,
      reduced: null,
    })),
    maps: maps.map(({ kind, name, sentence, clauses, otherwise }) => ({ kind, name, sentence, clauses, otherwise })),
  } as unknown as RunHeader;
  const container = { buffer: () => Int32Array.from(labels) } as unknown as Container;
  return new GivenMoment(trace, new Run(header, container));
}

function sceneOf(moment: Moment, { n_axes, projection, units, scale }: Options): Scene {
  const options: SceneOptions = {
    nAxes: n_axes,
    projection: projection ?? "following",
    units: units ?? null,
    scale: scale ?? "animated",
    seed: 0,
    tour: 0,
  };
  return new Scene(moment, options);
}

/** To 1e-5 of a number's size, where that is more than 1. */
function near(got: ArrayLike<number>, want: ArrayLike<number>, place: string, allowed = 1e-5): void {
  assert.equal(got.length, want.length, place);
  for (let i = 0; i < want.length; i++) {
    const apart = Math.abs(got[i] - want[i]) / Math.max(1, Math.abs(want[i]));
    assert.ok(apart <= allowed, `${place}[${i}]: ${got[i]} for ${want[i]}`);
  }
}

for (const [name, trace] of Object.entries(traces)) {
  const moment = momentOf(trace);

  test(`${name}: the forward pass`, () => {
    const last = trace.representations.length - 1;
    near(
      moment.rows(last, Uint32Array.from(range(0, trace.last.length / moment.run.nUnits(last)))).data,
      trace.last,
      name,
    );
  });

  for (const { options, ...wanted } of trace.scenes) {
    const scene = sceneOf(moment, options);
    const title = `${name}, ${options.projection ?? "following"} in ${options.n_axes} axes`;

    test(`${title}: points, boxes and frames`, () => {
      for (const { t, points, centre, radius, factors } of wanted.instants) {
        near(scene.sampleSeen(t).data.subarray(0, points.length), points, `points at ${t}`);
        const box = scene.extent(t);
        near([...box.centre, box.radius], [...centre, radius], `box at ${t}`);
        near(
          factors.map((_, axis) => factor(box, axis)),
          factors,
          `scales at ${t}`,
        );
      }
      wanted.frames.forEach((frame, k) => near(scene.camera.frame(k + 0.6).data, frame, `frame in map ${k}`));
    });

    test(`${title}: words`, () => {
      const beats = scene.beats.map((b) => [b.title, b.start, b.stop, b.sentence, scene.isSeen(b.start, b.stop)]);
      assert.deepEqual(beats, wanted.beats);
      wanted.notes.forEach((notes, k) => assert.deepEqual(scene.transitionNotes(k).sort(), [...notes].sort()));
      wanted.labels.forEach((labels, k) => assert.deepEqual(scene.projection(k).labels, labels));
      wanted.variance.forEach((variance, k) => {
        if (variance === null) return;
        const frame = padRows(scene.camera.stop(k), moment.run.nUnits(k));
        near([varianceShown(moment.statistics(k).covariance, frame)], [variance], `variance of ${k}`);
      });
    });
  }
}

test("a page file, at moments of the training", () => {
  const [run] = decode(new Uint8Array(Buffer.from(golden.page.file, "base64"))).runs;
  for (const { u, t, options, points, probabilities, sentence } of golden.page.moments) {
    const moment = momentAt(run, u);
    const scene = sceneOf(moment, options);
    near(scene.sampleSeen(t).data.subarray(0, points.length), points, `u ${u}, t ${t}`);
    assert.equal(scene.beat(1.5)!.sentence, sentence);
    const rows = Uint32Array.from(range(0, probabilities.length / run.nClasses));
    near(moment.probabilities(rows)!.data, probabilities, `probabilities at u ${u}`);
  }
});

type Each = Record<string, { formula: Formula; parameters: string[]; own: number[][]; values: number[] }>;

test("every activation", () => {
  for (const [name, { formula, parameters, own, values }] of Object.entries(golden.activations.each as Each)) {
    assert.ok(isFormula(formula, parameters), name);
    const apply = compile(formula, parameters);
    const got = (golden.activations.z as number[]).flatMap((z) => [0, 1, 2].map((j) => apply(z, (p) => own[p][j])));
    near(got, values, name, 1e-6);
  }
});

test("complements and orthogonal factors, where they are not unique too", () => {
  for (const { shape, columns, complement: wanted } of golden.complements) {
    near(complement(matrix(shape[0], shape[1], columns)).data, wanted, `complement of ${shape}`);
  }
  for (const { shape, matrix: values, polar: wanted } of golden.polars) {
    near(polar(matrix(shape[0], shape[1], values)).data, wanted, `polar of ${shape}`);
  }
  assert.deepEqual(polar(matrix(2, 2, new Float64Array(4))), eye(2));
});

test("spread rows, round steps, grid lines and digits", () => {
  for (const [n, most, rows] of golden.rows) assert.deepEqual([...spreadRows(n, most)], rows);
  for (const [length, cells, step] of golden.steps) near([niceStep(length, cells)], [step], `${length}`);
  for (const { low, high, lengths, ends } of golden.grids) {
    const lines = gridLines({ low, high, rows: 0, columns: 0 });
    assert.deepEqual(lines.lengths, lengths);
    ends.forEach((end: number[], i: number) => {
      const points = { rows: lines.points.length / 2, columns: 2, data: lines.points };
      near(
        taken(
          points,
          [0, 1, lengths[i] - 1].map((j) => i * lengths[i] + j),
        ).data,
        end,
        `line ${i}`,
      );
    });
  }
  for (const [value, text] of golden.digits) assert.equal(twoDigits(value), text);
});
