/** Textures: colours, and sixteen-bit values, up to four columns a texel, row after row. */

import { type Rgb, ramp } from "../theme/colours";
import { dataTexture, type GL } from "./gl";

/** Alpha of a class that stands back while another one is lit. */
const DIM = 128;

/** One texel a class; alpha says whether the class is shown, or dim because only `lit` is bright. */
export function sendPalette(
  gl: GL,
  texture: WebGLTexture,
  colours: readonly Rgb[],
  hidden: readonly number[],
  lit: number | null,
): void {
  const n = Math.max(colours.length, 1);
  const texels = new Uint8Array(4 * n).fill(255);
  colours.forEach((colour, i) => {
    texels.set(
      colour.map((c) => Math.round(c * 255)),
      4 * i,
    );
    texels[4 * i + 3] = hidden.includes(i) ? 0 : lit !== null && lit !== i ? DIM : 255;
  });
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, n, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
}

export function rampTexture(gl: GL): WebGLTexture {
  const texture = dataTexture(gl);
  const texels = new Uint8Array(256 * 4).fill(255);
  for (let i = 0; i < 256; i++)
    texels.set(
      ramp(i / 255).map((c) => Math.round(c * 255)),
      4 * i,
    );
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
  return texture;
}

/** Texels side by side. */
const WIDTH = 2048;

export interface QuantisedTexture {
  readonly texture: WebGLTexture;
  readonly nColumns: number;
  /** Columns in one texel: 1, 2 or 4. */
  readonly channels: number;
}

export function quantisedTexture(gl: GL, values: Uint16Array, nColumns: number): QuantisedTexture {
  const channels = nColumns === 1 ? 1 : nColumns === 2 ? 2 : 4;
  const perRow = Math.ceil(nColumns / channels);
  const nRows = nColumns ? values.length / nColumns : 0;
  const height = Math.max(Math.ceil((nRows * perRow) / WIDTH), 1);
  const most = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
  if (height > most) throw new Error("The data are too large for this graphics card.");
  const texels = new Uint16Array(WIDTH * height * channels);
  if (perRow * channels === nColumns) {
    texels.set(values);
  } else {
    for (let i = 0; i < nRows; i++) {
      texels.set(values.subarray(i * nColumns, (i + 1) * nColumns), i * perRow * channels);
    }
  }
  const texture = dataTexture(gl);
  const [internal, format] = {
    1: [gl.R16UI, gl.RED_INTEGER],
    2: [gl.RG16UI, gl.RG_INTEGER],
    4: [gl.RGBA16UI, gl.RGBA_INTEGER],
  }[channels]!;
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texImage2D(gl.TEXTURE_2D, 0, internal, WIDTH, height, 0, format, gl.UNSIGNED_SHORT, texels);
  return { texture, nColumns, channels };
}

/** GLSL: column `j` of row `id` of a texture with so many columns, as an integer 0 to 65535. */
export function fetchColumn(sampler: string, nColumns: number | string, channels: number, j: number | string): string {
  const perRow = typeof nColumns === "number" ? Math.ceil(nColumns / channels) : `((${nColumns} + 3) / 4)`;
  const texel = typeof j === "number" ? Math.floor(j / channels) : `((${j}) / ${channels})`;
  const channel = typeof j === "number" ? j % channels : `((${j}) % ${channels})`;
  return `float(texel_(${sampler}, row_ * ${perRow} + ${texel})[${channel}])`;
}

export const FETCH_HELPER = `
uvec4 texel_(usampler2D s, int i) { return texelFetch(s, ivec2(i & ${WIDTH - 1}, i >> ${Math.log2(WIDTH)}), 0); }
`;
