/** A film of the play through the layers, recorded while it plays. */
import { css, type Theme } from "../theme/colours";

/** The canvas that is filmed: the picture with the names over it and the sentence under it. */
export class FilmPaper {
  readonly canvas = document.createElement("canvas");
  private readonly pen = this.canvas.getContext("2d")!;

  constructor(source: HTMLCanvasElement) {
    this.canvas.width = source.width - (source.width % 2);
    this.canvas.height = source.height - (source.height % 2);
  }

  /** `source` must just have been drawn. */
  draw(source: HTMLCanvasElement, overlay: SVGSVGElement, title: string, sentence: string, theme: Theme): void {
    const { pen, canvas } = this;
    const ratio = source.width / Math.max(source.clientWidth, 1);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.fillStyle = css(theme.background);
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(source, 0, 0);
    pen.scale(ratio, ratio);
    pen.fillStyle = css(theme.ink);
    for (const text of overlay.querySelectorAll("text")) {
      pen.font = `${text.getAttribute("class") ? 12.5 : 11}px system-ui, sans-serif`;
      pen.textAlign =
        ({ middle: "center", end: "right" }[text.getAttribute("text-anchor") ?? ""] as CanvasTextAlign) ?? "left";
      pen.fillText(text.textContent ?? "", Number(text.getAttribute("x")), Number(text.getAttribute("y")));
    }
    pen.textAlign = "left";
    const height = canvas.height / ratio;
    pen.font = "600 17px system-ui, sans-serif";
    pen.fillText(title, 16, height - 52);
    pen.font = "14px system-ui, sans-serif";
    pen.fillText(sentence, 16, height - 32);
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
  return {
    ending: type.includes("mp4") ? "mp4" : "webm",
    stop: () =>
      new Promise((resolve) => {
        recorder.onstop = () => resolve(new Blob(pieces, { type: type.split(";")[0] }));
        recorder.stop();
      }),
  };
}
