/** Trails: where the selected points have been. */
import { evaluate } from "../morph/parts";
import type { Instant } from "../model/run_model";
import { buffer, type GL } from "./gl";
import { doubled, type LinePainter, type Lines, type Rgba } from "./lines";
import type { Sight } from "./sight";

/** Most points with a trail, how far back it goes in t, and in how many steps. */
const MOST = 300;
const BACK = 1;
const STEPS = 28;

export class Trails {
  private drawn: { lines: Lines; places: WebGLBuffer; label: number }[] = [];

  constructor(
    private readonly gl: GL,
    private readonly painter: LinePainter,
  ) {}

  /** Work them out for an instant; none without a selection. */
  move({ view, t }: Instant, selection: readonly number[]): void {
    this.clear();
    const { run } = view.moment;
    const rows = selection.filter((row) => row < run.nPoints).slice(0, MOST);
    if (!rows.length) return;
    const times = Array.from({ length: STEPS + 1 }, (_, i) => Math.max(t - BACK + (BACK * i) / STEPS, 0)).filter((x, i, all) => i === 0 || x > all[i - 1]);
    const wanted = Uint32Array.from(rows);
    const clouds = new Map<number, ReturnType<typeof view.sample>>();
    const cloud = (k: number): ReturnType<typeof view.sample> => {
      if (!clouds.has(k)) clouds.set(k, view.moment.rows(k, wanted));
      return clouds.get(k)!;
    };
    const seen = times.map((time) => evaluate(view.parts(time), cloud));
    const byLabel = new Map<number, number[]>();
    rows.forEach((row, i) => {
      const label = run.nClasses && run.labels ? run.labels[row] : 0;
      byLabel.set(label, [...(byLabel.get(label) ?? []), i]);
    });
    for (const [label, members] of byLabel) this.add(label, members, seen);
  }

  draw(sight: Sight, colour: (label: number) => Rgba, ratio: number): void {
    for (const { lines, label } of this.drawn) this.painter.draw(lines, sight, colour(label), 1.3 * ratio, ratio);
  }

  private add(label: number, members: readonly number[], seen: readonly { columns: number; data: Float64Array }[]): void {
    const data = new Float32Array(members.length * seen.length * 4);
    members.forEach((i, at) => {
      seen.forEach(({ columns, data: values }, step) => {
        for (let a = 0; a < columns; a++) data[(at * seen.length + step) * 4 + a] = values[i * columns + a];
      });
    });
    const places = buffer(this.gl, this.gl.ARRAY_BUFFER, doubled(data, 4), this.gl.STREAM_DRAW);
    const lines = this.painter.lines(places, members.map(() => seen.length));
    this.drawn.push({ lines, places, label });
  }

  private clear(): void {
    for (const { lines, places } of this.drawn) {
      this.painter.free(lines);
      this.gl.deleteBuffer(places);
    }
    this.drawn = [];
  }
}
