/** Camera: the frame t ↦ C(t) carried by the maps, as src/unknot/motion/camera.py has it. */
import { svd } from "../math/decompositions";
import { copy, type Matrix, multiply, transposeMultiply } from "../math/matrix";
import { AlongAffine, beatProgress, LOOK, STRETCH, TURN } from "./along_map";
import { type Geodesic, geodesic } from "./geodesic";
import { locate, type Morph } from "./morph";
import type { Projection } from "./projection";
import { aligned, pullBack } from "./pull_back";
import { padRows, polar } from "./rotation";

type Path = (s: number) => Matrix;

export interface CameraSource {
  readonly morph: Morph;
  readonly nAxes: number;
  projection(k: number): Projection;
  /** Some rows of a representation. */
  sample(k: number): Matrix;
}

/** Frames and paths are worked out when they are first asked for. */
export class Camera {
  /** Where Procrustes stands in for a map: the part of the cloud it could not carry over. */
  readonly residuals = new Map<number, number>();
  private readonly frames: Matrix[] = [];
  private readonly paths = new Map<number, Path>();

  constructor(private readonly source: CameraSource) {}

  /** The frame at `t`: orthonormal columns, at least as many rows as the cloud has columns. */
  frame(t: number): Matrix {
    const [k, s] = locate(t);
    return s === 0 ? this.stop(k) : this.path(k)(s);
  }

  /** The frame at representation k. */
  stop(k: number): Matrix {
    for (let i = this.frames.length; i <= k; i++) {
      this.frames.push(i === 0 ? this.source.projection(0).frame : this.next(i - 1));
    }
    return this.frames[k];
  }

  /** Whether a turn is seen: only when the axes are units before and after. */
  showsTurn(k: number): boolean {
    return this.source.projection(k).areUnits && this.source.projection(k + 1).areUnits;
  }

  private next(k: number): Matrix {
    const target = this.source.projection(k + 1);
    const before = this.frames[k];
    const transition = this.source.morph.transition(k);
    if (transition.kind === "interpolated") this.procrustes(k, before, target.frame);
    if (target.isFixed) return target.frame;
    if (transition instanceof AlongAffine) {
      const n = Math.max(before.rows, target.frame.rows);
      const frame = aligned(transition, padRows(before, n), padRows(target.frame, n));
      return padRows(frame, target.frame.rows);
    }
    if (transition.kind === "activation") {
      return multiply(target.frame, polar(transposeMultiply(target.frame, before)));
    }
    return multiply(target.frame, this.procrustes(k, before, target.frame));
  }

  /** The turn within the next plane that takes its picture nearest to the one before. */
  private procrustes(k: number, before: Matrix, after: Matrix): Matrix {
    const [first, second] = [before, after].map((frame, i) => {
      const cloud = this.source.sample(k + i);
      return normalised(multiply(cloud, padRows(frame, cloud.columns)));
    });
    const across = transposeMultiply(second, first);
    const overlap = svd(across).sigma.reduce((sum, value) => sum + value, 0);
    this.residuals.set(k, Math.max(1 - overlap ** 2, 0));
    return polar(across);
  }

  private path(k: number): Path {
    let path = this.paths.get(k);
    if (!path) this.paths.set(k, (path = this.makePath(k)));
    return path;
  }

  private makePath(k: number): Path {
    const transition = this.source.morph.transition(k);
    const n = Math.max(transition.width, this.source.nAxes + 1);
    const [before, after] = [padRows(this.stop(k), n), padRows(this.stop(k + 1), n)];
    if (!(transition instanceof AlongAffine)) {
      const way = geodesic(before, after);
      return (s) => way.at(s);
    }
    if (this.showsTurn(k)) {
      const look = geodesic(before, after);
      return (s) => look.at(beatProgress(s, 0, LOOK));
    }
    return carried(transition, before, after);
  }
}

/** Look where the map will read, hold still for the stretch, and be carried by the turn. */
function carried(transition: AlongAffine, before: Matrix, after: Matrix): Path {
  const seenThrough = pullBack(transition, before, after);
  let look: Geodesic | undefined;
  return (s) => {
    if (s <= STRETCH) return (look ??= geodesic(before, seenThrough)).at(beatProgress(s, 0, LOOK));
    if (s >= TURN) return after;
    const size = transition.turn.size;
    const back = transition.turn.power(-beatProgress(s, STRETCH, TURN), padRows(seenThrough, size));
    const turned = copy(seenThrough);
    turned.data.set(back.data);
    return turned;
  };
}

/** Centred, and of length 1 as a whole. */
function normalised(picture: Matrix): Matrix {
  const { rows, columns } = picture;
  const result = copy(picture);
  let sum = 0;
  for (let j = 0; j < columns; j++) {
    let mean = 0;
    for (let i = 0; i < rows; i++) mean += picture.data[i * columns + j] / rows;
    for (let i = 0; i < rows; i++) sum += (result.data[i * columns + j] -= mean) ** 2;
  }
  const factor = 1 / Math.max(Math.sqrt(sum), 1e-30);
  for (let i = 0; i < result.data.length; i++) result.data[i] *= factor;
  return result;
}
