/** Small textures of colours. */
import { dataTexture, type GL } from "./gl";
import { ramp, type Rgb } from "../theme/colours";

/** One texel a class; alpha says whether the class is shown. */
export function sendPalette(gl: GL, texture: WebGLTexture, colours: readonly Rgb[], hidden: readonly number[]): void {
  const n = Math.max(colours.length, 1);
  const texels = new Uint8Array(4 * n).fill(255);
  colours.forEach((colour, i) => {
    texels.set(colour.map((c) => Math.round(c * 255)), 4 * i);
    texels[4 * i + 3] = hidden.includes(i) ? 0 : 255;
  });
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, n, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
}

export function rampTexture(gl: GL): WebGLTexture {
  const texture = dataTexture(gl);
  const texels = new Uint8Array(256 * 4).fill(255);
  for (let i = 0; i < 256; i++) texels.set(ramp(i / 255).map((c) => Math.round(c * 255)), 4 * i);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
  return texture;
}
