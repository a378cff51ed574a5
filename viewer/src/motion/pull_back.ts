/** Seen through a map, as src/unknot/motion/pull_back.py has it. */
import { symmetricEigen } from "../math/decompositions";
import {
  combine,
  type Matrix,
  multiply,
  pick,
  range,
  scaleColumns,
  subtract,
  transpose,
  transposeMultiply,
} from "../math/matrix";
import type { AlongAffine } from "./along_map";
import { complement, padRows, polar } from "./rotation";

/** The frame U D + E′ that the stretch takes to the same picture as `after`. */
export function pullBack(path: AlongAffine, before: Matrix, after: Matrix): Matrix {
  const n = before.rows;
  const [u, v] = [padRows(path.factors.u, n), padRows(path.factors.v, n)];
  const reached = transposeMultiply(v, after);
  const missing = subtract(after, multiply(v, reached));
  const { values, vectors } = symmetricEigen(transposeMultiply(missing, missing));
  // Only what is more than rounding: the Gram matrix of a frame has eigenvalues up to 1.
  const keep = range(0, values.length).filter((i) => values[i] > 1e-12);
  const root = scaleColumns(
    pick(vectors, keep),
    keep.map((i) => Math.sqrt(values[i])),
  );
  let frame = multiply(u, reached);
  if (keep.length) {
    const free = complement(u);
    const nearest = polar(transposeMultiply(free, multiply(before, root)));
    frame = combine(1, frame, 1, multiply(free, multiply(nearest, transpose(root))));
  }
  return polar(frame);
}

/** `after`, turned within its plane so that its pull-back lies nearest to `before`. */
export function aligned(path: AlongAffine, before: Matrix, after: Matrix): Matrix {
  const n = before.rows;
  const [u, v] = [padRows(path.factors.u, n), padRows(path.factors.v, n)];
  const across = multiply(transposeMultiply(after, v), transposeMultiply(u, before));
  return multiply(after, polar(across));
}
