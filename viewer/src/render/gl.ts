/** The few WebGL2 calls that everything here is made of. */

export type GL = WebGL2RenderingContext;

export interface Program {
  readonly handle: WebGLProgram;
  /** Location of a uniform; null when the compiler left it out. */
  at(name: string): WebGLUniformLocation | null;
}

/** Link a program. `outputs` are varyings that transform feedback writes, side by side. */
export function program(gl: GL, vertex: string, fragment: string, outputs: readonly string[] = []): Program {
  const handle = gl.createProgram();
  const shaders = [compile(gl, gl.VERTEX_SHADER, vertex), compile(gl, gl.FRAGMENT_SHADER, fragment)];
  for (const shader of shaders) gl.attachShader(handle, shader);
  if (outputs.length) gl.transformFeedbackVaryings(handle, [...outputs], gl.INTERLEAVED_ATTRIBS);
  gl.linkProgram(handle);
  if (!gl.getProgramParameter(handle, gl.LINK_STATUS) && !gl.isContextLost()) {
    const logs = [gl.getProgramInfoLog(handle), ...shaders.map((s) => gl.getShaderInfoLog(s))];
    throw new Error(`A shader does not link: ${logs.filter(Boolean).join("\n")}`);
  }
  for (const shader of shaders) gl.deleteShader(shader);
  const locations = new Map<string, WebGLUniformLocation | null>();
  return {
    handle,
    at(name) {
      if (!locations.has(name)) locations.set(name, gl.getUniformLocation(handle, name));
      return locations.get(name)!;
    },
  };
}

function compile(gl: GL, kind: number, source: string): WebGLShader {
  const shader = gl.createShader(kind)!;
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  return shader;
}

export function buffer(gl: GL, target: number, data: AllowSharedBufferSource | number, usage: number): WebGLBuffer {
  const handle = gl.createBuffer();
  gl.bindBuffer(target, handle);
  if (typeof data === "number") gl.bufferData(target, data, usage);
  else gl.bufferData(target, data, usage);
  return handle;
}

/** A fragment shader for programs of which only the vertices count. */
export const NOTHING = `#version 300 es
precision lowp float; out vec4 colour; void main() { colour = vec4(0.); }`;

/** A texture that is read texel by texel. */
export function dataTexture(gl: GL): WebGLTexture {
  const handle = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, handle);
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
    gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
  }
  for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
    gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
  }
  return handle;
}

/** Use texture `unit` for a sampler of the program in use. */
export function useTexture(gl: GL, p: Program, name: string, unit: number, texture: WebGLTexture): void {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.uniform1i(p.at(name), unit);
}
