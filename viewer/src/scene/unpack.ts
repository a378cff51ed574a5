/** From the text in a page to the bytes of a scene: base64, then gzip. */
import { SceneError } from "./errors";

export async function unpack(text: string): Promise<Uint8Array> {
  if (typeof DecompressionStream === "undefined") {
    throw new SceneError("This browser is too old for this page: it cannot unpack the data. Any browser of 2023 or later can.");
  }
  let zipped: Uint8Array<ArrayBuffer>;
  try {
    const binary = atob(text.trim());
    zipped = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) zipped[i] = binary.charCodeAt(i);
  } catch {
    throw new SceneError("The data in this page are damaged: the file was cut off or changed. Save it again.");
  }
  try {
    const stream = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    throw new SceneError("The data in this page are damaged: the file was cut off or changed. Save it again.");
  }
}
