/** The header of a scene file: what docs/scene.md describes. */

export interface BufferEntry {
  readonly offset: number;
  readonly dtype: "float32" | "float64" | "uint16" | "uint8" | "int32";
  readonly shape: readonly number[];
}

export interface RepresentationHeader {
  readonly name: string;
  readonly n_units: number;
  readonly unit_names: readonly string[] | null;
  /** How many columns are stored. */
  readonly shown_units: number;
  /** Units that the layer has; more than are stored where it is reduced. Older scenes lack it. */
  readonly whole_units?: number;
  /** What is stored in place of the units, as a phrase. */
  readonly reduced: string | null;
}

export interface MapHeader {
  readonly kind: "affine" | "activation" | "opaque";
  readonly name: string;
  readonly n_in: number;
  readonly n_out: number;
  /** Whether directions are stored of one of its ends, and not all units. */
  readonly is_reduced?: boolean;
}

/** Sixteen-bit values: value = low + (high − low) · q / 65535, column by column. */
export interface Quantised {
  readonly buffer: string;
  readonly low: readonly number[];
  readonly high: readonly number[];
}

export interface History {
  readonly loss: readonly (number | null)[];
  readonly accuracy: readonly (number | null)[];
  readonly validation_loss: readonly (number | null)[];
  readonly validation_accuracy: readonly (number | null)[];
}
