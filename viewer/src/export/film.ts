/** A film of the play through the layers, recorded while it plays. */
import { css, type Theme } from "../theme/colours";
import { overlayText } from "./picture";

/** CSS pixels under the picture: for the title, the sentence and nothing else. */
const FOOT = 64;

/** The canvas that is filmed: the picture with the names and the legend over it, the sentence under it. */
export class FilmPaper {
  readonly canvas = document.createElement("canvas");
  private readonly pen = this.canvas.getContext("2d")!;
  private readonly ratio: number;
  private legend: HTMLImageElement | null = null;

  constructor(source: HTMLCanvasElement) {
    this.ratio = source.width / Math.max(source.clientWidth, 1);
    this.canvas.width = source.width - (source.width % 2);
    const height = source.height + Math.round(FOOT * this.ratio);
    this.canvas.height = height - (height % 2);
  }

  /** Elements of an SVG as large as the picture: they stay the same throughout. */
  async setLegend(source: HTMLCanvasElement, elements: readonly SVGElement[], theme: Theme): Promise<void> {
    const [width, height] = [source.clientWidth, source.clientHeight];
    const empty = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const words = `<svg xmlns="http://www.w3.org/2000/svg" width="${source.width}" height="${source.height}" viewBox="0 0 ${width} ${height}">${overlayText(empty, theme, elements)}</svg>`;
    const picture = new Image();
    picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(words)}`;
    await picture.decode();
    this.legend = picture;
  }

  /** `source` must just have been drawn. */
  draw(
    source: HTMLCanvasElement,
    overlay: SVGSVGElement,
    lines: readonly { readonly what: string; readonly why: string }[],
    theme: Theme,
  ): void {
    const { pen, canvas, ratio } = this;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.fillStyle = css(theme.background);
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(source, 0, 0);
    if (this.legend) pen.drawImage(this.legend, 0, 0);
    drawMarks(pen, overlay, ratio, theme);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.textAlign = "left";
    pen.direction = "ltr";
    const width = canvas.width / ratio - 32;
    const top = source.height / ratio;
    pen.fillStyle = css(theme.ink);
    lines.slice(0, 2).forEach(({ what, why }, i) => {
      const several = lines.length > 1;
      pen.font = "600 16px system-ui, sans-serif";
      const y = several ? top + 25 + 24 * i : top + 25;
      pen.fillText(what, 16, y, width);
      const at = several ? Math.min(pen.measureText(what).width + 34, width / 2) : 16;
      pen.font = "14px system-ui, sans-serif";
      pen.fillText(why, at, several ? y : y + 23, width - at + 16);
    });
  }
}

/** The overlay's texts, lines and columns, each where it has been moved to. */
function drawMarks(pen: CanvasRenderingContext2D, overlay: SVGSVGElement, ratio: number, theme: Theme): void {
  for (const mark of overlay.querySelectorAll<SVGGraphicsElement>("path, line, text")) {
    const place = mark.getCTM();
    pen.setTransform(ratio, 0, 0, ratio, (place?.e ?? 0) * ratio, (place?.f ?? 0) * ratio);
    const number = (name: string): number => Number(mark.getAttribute(name));
    const style = getComputedStyle(mark);
    pen.lineWidth = parseFloat(style.strokeWidth) || 1;
    pen.strokeStyle = style.stroke === "none" ? "transparent" : style.stroke;
    pen.fillStyle = style.fill === "none" ? "transparent" : style.fill;
    if (mark.tagName === "line") {
      pen.beginPath();
      pen.moveTo(number("x1"), number("y1"));
      pen.lineTo(number("x2"), number("y2"));
      pen.stroke();
    } else if (mark.tagName === "path") {
      const shape = new Path2D(mark.getAttribute("d") ?? "");
      pen.globalAlpha = Number(style.fillOpacity) || 1;
      if (!mark.classList.contains("threshold")) pen.fill(shape);
      pen.globalAlpha = 1;
      pen.stroke(shape);
    } else {
      pen.font = `${style.fontWeight} ${style.fontSize} system-ui, sans-serif`;
      const anchor = mark.getAttribute("text-anchor") ?? "";
      pen.textAlign = ({ middle: "center", end: "right" }[anchor] as CanvasTextAlign) ?? "left";
      pen.direction = "ltr";
      pen.lineJoin = "round";
      pen.strokeStyle = css(theme.background);
      pen.lineWidth = 3;
      pen.strokeText(mark.textContent ?? "", number("x"), number("y"));
      pen.fillText(mark.textContent ?? "", number("x"), number("y"));
    }
  }
}

const FORMATS = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm", "video/mp4"];

export interface Recording {
  readonly ending: string;
  /** Ends it; the film. */
  stop(): Promise<Blob>;
}

/** Null where the browser cannot record. */
export function record(canvas: HTMLCanvasElement): Recording | null {
  if (typeof MediaRecorder === "undefined" || !canvas.captureStream) return null;
  const type = FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
  if (!type) return null;
  const recorder = new MediaRecorder(canvas.captureStream(60), { mimeType: type, videoBitsPerSecond: 12_000_000 });
  const pieces: Blob[] = [];
  recorder.ondataavailable = (event) => pieces.push(event.data);
  recorder.start(500);
  const start = performance.now();
  return {
    ending: type.includes("mp4") ? "mp4" : "webm",
    stop: () =>
      new Promise((resolve, reject) => {
        recorder.onstop = async () => {
          const passed = performance.now() - start;
          const kind = type.split(";")[0];
          const film = new Blob(pieces, { type: kind });
          const bytes = new Uint8Array(await film.arrayBuffer().catch(reject as () => ArrayBuffer));
          resolve(kind.endsWith("webm") ? new Blob([withDuration(bytes, passed)], { type: kind }) : film);
        };
        recorder.stop();
      }),
  };
}

const SEGMENT = [0x18, 0x53, 0x80, 0x67];
const INFO = [0x15, 0x49, 0xa9, 0x66];

/**
 * A WebM file that tells how long it is: a recorder writes its head before it knows.
 *
 * The duration goes into the segment's information (Matroska's element 4489, in milliseconds); a
 * file of another make is left as it is.
 */
export function withDuration(film: Uint8Array<ArrayBuffer>, milliseconds: number): Uint8Array<ArrayBuffer> {
  const segment = find(film, SEGMENT, 0);
  const info = segment < 0 ? -1 : find(film, INFO, segment);
  // Only in a segment of unknown size may something be added.
  if (info < 0 || film[segment + 4] !== 0x01 || film[segment + 5] !== 0xff) return film;
  const head = info + 4;
  const width = Math.clz32(film[head]) - 23;
  if (width < 1 || width > 4) return film;
  let size = film[head] & (0xff >> width);
  for (let i = 1; i < width; i++) size = size * 256 + film[head + i];
  const body = film.subarray(head + width, head + width + size);
  if (find(body, [0x44, 0x89, 0x88], 0) >= 0) return film;
  const duration = new Uint8Array(11);
  duration.set([0x44, 0x89, 0x88]);
  new DataView(duration.buffer).setFloat64(3, milliseconds);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(4, size + duration.length);
  length[0] = 0x01;
  const parts = [film.subarray(0, head), length, duration, body, film.subarray(head + width + size)];
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** Where a sequence begins, within the first kilobyte behind a place; −1 where it does not. */
function find(bytes: Uint8Array, wanted: readonly number[], from: number): number {
  const last = Math.min(from + 1_024, bytes.length - wanted.length);
  for (let i = from; i <= last; i++) if (wanted.every((byte, j) => bytes[i + j] === byte)) return i;
  return -1;
}
