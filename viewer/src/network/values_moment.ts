/** A network carried as stored values: between two checkpoints the values are interpolated. */
import { combine, matrix, type Matrix } from "../math/matrix";
import type { Quantised } from "../scene/header";
import type { Statistics } from "../scene/run";
import { dequantise } from "../scene/rows";
import { storedStatistics } from "../scene/statistics";
import type { MapAt } from "./forward";
import { Moment } from "./moment";

/** What the header says of the values carrier. */
export interface ValuesHeader {
  readonly values: readonly (readonly Quantised[])[];
  readonly affine?: readonly (readonly ({ weight: string; bias: string } | null)[])[] | null;
}

export class ValuesMoment extends Moment {
  private readonly kept = new WeakMap<Uint32Array, Map<number, Matrix>>();

  private get header(): ValuesHeader {
    return this.run.header as unknown as ValuesHeader;
  }

  override rows(k: number, rows: Uint32Array): Matrix {
    let clouds = this.kept.get(rows);
    if (!clouds) this.kept.set(rows, (clouds = new Map()));
    let cloud = clouds.get(k);
    if (!cloud) clouds.set(k, (cloud = this.mixed((i) => this.storedRows(i, k, rows))));
    return cloud;
  }

  override map(k: number): MapAt {
    const { kind, name, n_in: nIn, n_out: nOut, is_reduced: isReduced = false } = this.run.header.maps[k];
    if (kind === "activation") return { kind, name, isReduced };
    const stored = this.header.affine?.[0]?.[k];
    if (kind === "opaque" || !stored) return { kind: "opaque", name };
    const part = (which: "weight" | "bias", rows: number): Matrix =>
      this.mixed((i) => {
        const names = this.header.affine![i][k]!;
        return matrix(rows, nOut, this.run.container.buffer(names[which]));
      });
    return { kind: "affine", weight: part("weight", nIn), bias: part("bias", 1).data, isReduced };
  }

  protected override stored(checkpoint: number, k: number): Statistics | null {
    return storedStatistics(this.run, checkpoint, k);
  }

  /** Between the two nearest checkpoints. */
  private mixed(at: (checkpoint: number) => Matrix): Matrix {
    const i = Math.min(Math.floor(this.u), this.run.lastMoment);
    const s = this.u - i;
    return s === 0 ? at(i) : combine(1 - s, at(i), s, at(i + 1));
  }

  private storedRows(checkpoint: number, k: number, rows: Uint32Array): Matrix {
    const { buffer, low, high } = this.header.values[checkpoint][k];
    const values = this.run.container.buffer(buffer) as Uint16Array;
    return dequantise(values, this.run.nUnits(k), low, high, rows);
  }
}
