/** The ground under a 3-D cloud: round numbers as lines, and one upright edge. */
import { niceStep } from "../network/boundary";
import { buffer, type GL } from "./gl";
import type { LinePainter, Lines } from "./lines";
import type { Sight } from "./sight";
import type { Theme } from "../theme/colours";

export class Ground {
  private places: WebGLBuffer | null = null;
  private lines: Lines | null = null;
  private key = "";

  constructor(
    private readonly gl: GL,
    private readonly painter: LinePainter,
  ) {}

  draw(sight: Sight, theme: Theme, ratio: number, presence: number): void {
    const key = [...sight.centre, sight.radius].join();
    if (key !== this.key) this.make(sight);
    this.key = key;
    if (this.lines) this.painter.draw(this.lines, sight, [...theme.grid, 0.7 * presence], ratio, ratio);
  }

  private make({ centre, radius: r }: Sight): void {
    const { gl } = this;
    const [x, y, z] = centre;
    const step = niceStep(2 * r, 8);
    const points: number[] = [];
    const add = (...ends: number[][]): void => ends.forEach((p) => points.push(...p, 0));
    for (let i = Math.ceil((x - r) / step); i * step <= x + r; i++) add([i * step, y - r, z - r], [i * step, y + r, z - r]);
    for (let i = Math.ceil((y - r) / step); i * step <= y + r; i++) add([x - r, i * step, z - r], [x + r, i * step, z - r]);
    for (const a of [-r, r]) {
      add([x + a, y - r, z - r], [x + a, y + r, z - r]);
      add([x - r, y + a, z - r], [x + r, y + a, z - r]);
    }
    add([x - r, y - r, z - r], [x - r, y - r, z + r]);
    if (this.lines) this.painter.free(this.lines);
    if (this.places) gl.deleteBuffer(this.places);
    this.places = buffer(gl, gl.ARRAY_BUFFER, Float32Array.from(points), gl.DYNAMIC_DRAW);
    this.lines = this.painter.lines(this.places, new Array<number>(points.length / 8).fill(2));
  }
}
