/** Who the points are: texts by column, and images on one sheet. */
import type { Container } from "../page_file/container";
import type { IdentityHeader, RunHeader } from "../page_file/header";

/** Columns that are not listed under their names: what a point is called, and what it says. */
export const NAME = "name";
export const TEXT = "text";

/** A part of the sheet. */
export interface Tile {
  readonly address: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Of the whole sheet. */
  readonly across: number;
}

const decoder = new TextDecoder();
const sheets = new WeakMap<Container, Map<string, string>>();

export class Identity {
  readonly names: readonly string[];

  constructor(
    private readonly header: IdentityHeader,
    private readonly container: Container,
  ) {
    this.names = header.columns.map(({ name }) => name);
  }

  static of(header: RunHeader, container: Container): Identity | null {
    return header.identity ? new Identity(header.identity, container) : null;
  }

  /** The text of a point in a column; empty where there is none. */
  cell(column: number, row: number): string {
    const { texts, ends } = this.header.columns[column] ?? {};
    if (!texts || !ends) return "";
    const [bytes, stops] = [this.container.buffer(texts) as Uint8Array, this.container.buffer(ends)];
    return decoder.decode(bytes.subarray(row ? stops[row - 1] : 0, stops[row]));
  }

  /** What a point has in a column of that name. */
  of(name: string, row: number): string {
    return this.cell(this.names.indexOf(name), row);
  }

  get hasImages(): boolean {
    return !!this.header.images;
  }

  tile(row: number): Tile | null {
    const { images } = this.header;
    if (!images) return null;
    const tile = images.tiles ? this.container.buffer(images.tiles)[row] : row;
    if (tile < 0) return null;
    const { width, height, across } = images;
    const [x, y] = [(tile % across) * width, Math.floor(tile / across) * height];
    return { address: this.sheet(images.sheet, images.type), x, y, width, height, across: across * width };
  }

  /** Rows that have these letters in one of their columns, whatever the case. */
  find(words: string, nPoints: number): number[] {
    const wanted = words.toLowerCase();
    const rows: number[] = [];
    for (let row = 0; row < nPoints; row++) {
      if (this.names.some((_, i) => this.cell(i, row).toLowerCase().includes(wanted))) rows.push(row);
    }
    return rows;
  }

  private sheet(name: string, type: string): string {
    const known = sheets.get(this.container) ?? new Map<string, string>();
    sheets.set(this.container, known);
    if (!known.has(name)) {
      const bytes = this.container.buffer(name) as Uint8Array<ArrayBuffer>;
      known.set(name, URL.createObjectURL(new Blob([bytes], { type })));
    }
    return known.get(name)!;
  }
}
