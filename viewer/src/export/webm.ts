/** A film of the play through the layers, recorded while it plays. */

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
