/** The container of a page file: magic, version, JSON header, buffers; in a page as base64 of gzip. */
import type { BufferEntry } from "./header";

/** A file that cannot be shown; the message is a sentence for the reader of the page. */
export class PageFileError extends Error {}

/** The newest version that this viewer reads. */
export const VERSION = 2;
const MAGIC = "UKSC";

export type Numbers = Float32Array | Float64Array | Uint16Array | Uint8Array | Int32Array;

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
  int32: Int32Array,
} as const;

export interface Container {
  readonly header: Record<string, unknown>;
  buffer(name: string): Numbers;
  shape(name: string): readonly number[];
}

/** Split a page file into its header and its buffers. */
export function openContainer(input: ArrayBuffer | Uint8Array): Container {
  const bytes = aligned(input);
  if (bytes.length < 12) throw new PageFileError(truncated(bytes.length, 12));
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  if (magic !== MAGIC) throw new PageFileError("This is not an unknot page file: its first bytes are wrong.");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(4, true);
  if (version > VERSION) {
    throw new PageFileError(
      `This page file was made by a newer unknot (format ${version}); this page reads format ${VERSION}. ` +
        "Make the page again with the newer version.",
    );
  }
  const start = 12 + view.getUint32(8, true);
  if (start > bytes.length) throw new PageFileError(truncated(bytes.length, start));
  const header = readHeader(bytes.subarray(12, start));
  const entries = header.buffers as Record<string, BufferEntry>;
  if (typeof entries !== "object" || entries === null) throw new PageFileError("The page file lists no buffers.");
  for (const [name, entry] of Object.entries(entries)) check(name, entry, start, bytes.length);
  const entryOf = (name: string): BufferEntry => {
    const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
    if (!entry) throw new PageFileError(`The page file has no buffer ${name.slice(0, 80)}.`);
    return entry;
  };
  return {
    header,
    buffer: (name) => {
      const { dtype, offset, shape } = entryOf(name);
      return new ARRAYS[dtype](bytes.buffer, bytes.byteOffset + start + offset, size(shape));
    },
    shape: (name) => entryOf(name).shape,
  };
}

function readHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof header === "object" && header !== null) return header as Record<string, unknown>;
  } catch {
    // Falls through: the reader needs a sentence, not a parser's message.
  }
  throw new PageFileError("The page file's header cannot be read: the file is damaged.");
}

function check(name: string, entry: BufferEntry, start: number, length: number): void {
  const shown = name.slice(0, 80);
  const known = entry && typeof entry.dtype === "string" && Object.hasOwn(ARRAYS, entry.dtype);
  const isWhole = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;
  if (!known || !Array.isArray(entry.shape) || ![entry.offset, ...entry.shape].every(isWhole))
    throw new PageFileError(`The page file's buffer ${shown} is not described.`);
  const width = ARRAYS[entry.dtype].BYTES_PER_ELEMENT;
  if ((start + entry.offset) % width) throw new PageFileError(`The page file's buffer ${shown} is not aligned.`);
  const stop = start + entry.offset + size(entry.shape) * width;
  if (!(stop <= length)) throw new PageFileError(truncated(length, stop));
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

function truncated(got: number, wanted: number): string {
  return `The file is cut off: it has ${got} bytes where ${wanted} are needed. Save it again.`;
}

/** Typed arrays need offsets that are multiples of eight. */
function aligned(input: ArrayBuffer | Uint8Array): Uint8Array<ArrayBuffer> {
  if (!(input instanceof Uint8Array)) return new Uint8Array(input);
  if (input.byteOffset % 8 === 0 && input.buffer instanceof ArrayBuffer) {
    return input as Uint8Array<ArrayBuffer>;
  }
  return new Uint8Array(input);
}

/** From the text in a page to the bytes of its file. */
export async function unpack(text: string): Promise<Uint8Array> {
  if (typeof DecompressionStream === "undefined") {
    throw new PageFileError(
      "This browser is too old for this page: it cannot unpack the data. Any browser of 2023 or later can.",
    );
  }
  let zipped: Uint8Array<ArrayBuffer>;
  try {
    const binary = atob(text.trim());
    zipped = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) zipped[i] = binary.charCodeAt(i);
  } catch {
    throw new PageFileError("The data in this page are damaged: the file was cut off or changed. Save it again.");
  }
  try {
    const stream = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    throw new PageFileError("The data in this page are damaged: the file was cut off or changed. Save it again.");
  }
}
