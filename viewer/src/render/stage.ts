/** Stage: the canvas, what is drawn on it, and when. */
import type { Instant } from "../model/run_model";
import type { Run } from "../page_file/page_file";
import type { State } from "../state/controls";
import type { Theme } from "../theme/colours";
import { dataTexture, type GL } from "./gl";
import { LinePainter } from "./lines";
import { PointPainter } from "./points";
import { type Painters, RunPainter } from "./run_painter";
import { SheetPainter } from "./shading";
import type { Sight } from "./sight";
import { rampTexture } from "./textures";

/** Pixels around the pointer in which a point is looked for. */
const REACH = 9;

export interface Scenery {
  readonly instant: Instant;
  readonly sight: Sight;
}

export class Stage {
  painters: readonly RunPainter[] = [];
  /** Painters that are not needed now, by their network: each may paint any run of it. */
  private readonly spare = new Map<string, RunPainter[]>();
  private readonly shared: Painters;
  ratio = 1;
  private readonly pickTexture: WebGLTexture;
  private readonly pickFrame: WebGLFramebuffer;

  constructor(
    readonly gl: GL,
    runs: readonly Run[],
  ) {
    this.shared = {
      points: new PointPainter(gl),
      lines: new LinePainter(gl),
      sheets: new SheetPainter(gl),
      ramp: rampTexture(gl),
    };
    this.show(runs);
    this.pickTexture = dataTexture(gl);
    const side = 2 * REACH + 1;
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, side, side, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
    this.pickFrame = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.pickFrame);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.pickTexture, 0);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  }

  /** One painter a run, in their order. */
  show(runs: readonly Run[]): void {
    const keep = this.painters.filter(({ run }) => runs.includes(run));
    for (const painter of this.painters) {
      if (keep.includes(painter)) continue;
      const { name } = painter.run.header;
      this.spare.set(name, [...(this.spare.get(name) ?? []), painter]);
    }
    this.painters = runs.map(
      (run) =>
        keep.find((painter) => painter.run === run) ??
        this.spare.get(run.header.name)?.pop() ??
        new RunPainter(this.gl, run, this.shared),
    );
  }

  resize(width: number, height: number, ratio: number): void {
    const canvas = this.gl.canvas as HTMLCanvasElement;
    this.ratio = ratio;
    const [w, h] = [Math.max(Math.round(width * ratio), 1), Math.max(Math.round(height * ratio), 1)];
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  }

  draw(sceneries: readonly Scenery[], state: State, theme: Theme, rough = false): void {
    const { gl, ratio } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.disable(gl.SCISSOR_TEST);
    gl.clearColor(...theme.background, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.enable(gl.SCISSOR_TEST);
    sceneries.forEach(({ instant, sight }, i) => {
      const { x, y, width, height } = sight.rectangle;
      const left = Math.round(x * ratio);
      const bottom = gl.drawingBufferHeight - Math.round((y + height) * ratio);
      const size = [Math.round(width * ratio), Math.round(height * ratio)] as const;
      gl.viewport(left, bottom, ...size);
      gl.scissor(left, bottom, ...size);
      this.painters[i].draw(instant, state, sight, theme, ratio, [left, bottom], rough);
    });
    gl.disable(gl.SCISSOR_TEST);
  }

  /** The tint alone, as a picture's address. */
  tint(sceneries: readonly Scenery[], state: State, theme: Theme): string {
    const bare = { ...state, lattice: false, boundary: false, axes: false, trails: false };
    for (const painter of this.painters) painter.isBare = true;
    this.draw(sceneries, bare, theme);
    for (const painter of this.painters) painter.isBare = false;
    return (this.gl.canvas as HTMLCanvasElement).toDataURL("image/png");
  }

  /** The row under a CSS pixel of the canvas, or −1. */
  pick(i: number, { sight }: Scenery, x: number, y: number, state: State, theme: Theme): number {
    const { gl } = this;
    const { rectangle } = sight;
    const side = 2 * REACH + 1;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.pickFrame);
    const left = Math.round(REACH - (x - rectangle.x));
    const bottom = Math.round(REACH - (rectangle.y + rectangle.height - y));
    gl.viewport(left, bottom, Math.round(rectangle.width), Math.round(rectangle.height));
    gl.disable(gl.BLEND);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    const dot = this.painters[i].dotSize(Math.min(rectangle.width, rectangle.height), state);
    this.painters[i].drawIds(sight, theme, Math.max(dot, 2), state.alone);
    const texels = new Uint8Array(4 * side * side);
    gl.readPixels(0, 0, side, side, gl.RGBA, gl.UNSIGNED_BYTE, texels);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.enable(gl.BLEND);
    return nearest(texels, side);
  }
}

/** The id nearest to the middle, less one. */
function nearest(texels: Uint8Array, side: number): number {
  let [found, distance] = [-1, Infinity];
  const middle = (side - 1) / 2;
  for (let i = 0; i < side * side; i++) {
    const id = texels[4 * i] + 256 * texels[4 * i + 1] + 65_536 * texels[4 * i + 2] + 16_777_216 * texels[4 * i + 3];
    const far = ((i % side) - middle) ** 2 + (Math.floor(i / side) - middle) ** 2;
    if (id && far < distance) [found, distance] = [id - 1, far];
  }
  return found;
}
