/** The ground under a 3-D cloud: round numbers as lines, and one upright edge. */
import { niceStep } from "../network/boundary";
import { buffer, type GL } from "./gl";
import { doubled, type LinePainter, type Lines } from "./lines";
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
    const left = leftCorner(sight);
    const key = [...sight.centre, sight.radius, sight.box.low, sight.box.high, ...left].join();
    if (key !== this.key) this.make(sight, left);
    this.key = key;
    if (this.lines) this.painter.draw(this.lines, sight, [...theme.grid, 0.7 * presence], ratio, ratio);
  }

  private make({ centre, radius: r, box }: Sight, left: readonly [number, number]): void {
    const { gl } = this;
    const [x, y] = centre;
    const z = box.low;
    const step = niceStep(2 * r, 8);
    const points: number[] = [];
    const add = (...ends: number[][]): void => ends.forEach((p) => points.push(...p, 0));
    for (let i = Math.ceil((x - r) / step); i * step <= x + r; i++) add([i * step, y - r, z], [i * step, y + r, z]);
    for (let i = Math.ceil((y - r) / step); i * step <= y + r; i++) add([x - r, i * step, z], [x + r, i * step, z]);
    for (const a of [-r, r]) {
      add([x + a, y - r, z], [x + a, y + r, z]);
      add([x - r, y + a, z], [x + r, y + a, z]);
    }
    add([...left, z], [...left, box.high]);
    if (this.lines) this.painter.free(this.lines);
    if (this.places) gl.deleteBuffer(this.places);
    this.places = buffer(gl, gl.ARRAY_BUFFER, doubled(Float32Array.from(points), 4), gl.DYNAMIC_DRAW);
    this.lines = this.painter.lines(this.places, new Array<number>(points.length / 8).fill(2));
  }
}

/** The outermost corner of the ground to the left: nothing stands before it. */
export function leftCorner({ centre, radius: r, axes }: Sight): readonly [number, number] {
  const corners = [[-r, -r], [r, -r], [r, r], [-r, r]] as const;
  const aside = (c: readonly [number, number]): number => c[0] * axes[0] + c[1] * axes[1];
  const [dx, dy] = corners.reduce((best, c) => (aside(c) < aside(best) - 1e-9 * r ? c : best));
  return [centre[0] + dx, centre[1] + dy];
}
