/** The picture as a PNG: what is on the canvas, and the names and numbers over it. */
import { css, type Theme } from "../theme/colours";
import { overlayText } from "./svg";

/** `canvas` must just have been drawn: its pixels do not outlive the frame. */
export async function pngOf(canvas: HTMLCanvasElement, overlay: SVGSVGElement, theme: Theme, legend: readonly SVGElement[]): Promise<Blob> {
  const paper = document.createElement("canvas");
  paper.width = canvas.width;
  paper.height = canvas.height;
  const pen = paper.getContext("2d")!;
  pen.fillStyle = css(theme.background);
  pen.fillRect(0, 0, paper.width, paper.height);
  pen.drawImage(canvas, 0, 0);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const words = `<svg xmlns="http://www.w3.org/2000/svg" width="${paper.width}" height="${paper.height}" viewBox="0 0 ${width} ${height}">${overlayText(overlay, theme, legend)}</svg>`;
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(words)}`;
  await picture.decode();
  pen.drawImage(picture, 0, 0);
  return new Promise((resolve, reject) => {
    paper.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The browser made no PNG."))), "image/png");
  });
}
