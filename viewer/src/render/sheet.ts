/** The plane of a 2-feature input as a sheet, tinted by what the network makes of each place. */
import { SHEET_FLOATS, type PointSet } from "./flow";
import { buffer, program, type GL, type Program } from "./gl";
import { sendSight } from "./send_sight";
import { SEE, type Sight } from "./sight";

const VERTEX = `#version 300 es
precision highp float;
layout(location = 0) in vec4 a_flow;
layout(location = 1) in vec4 a_shade;
out vec4 v_shade;
${SEE}
void main() { gl_Position = see(a_flow.xyz); v_shade = a_shade; }`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec4 v_shade;
uniform float u_strength;
out vec4 colour;
void main() { float a = u_strength * v_shade.a; colour = vec4(v_shade.rgb * a, a); }`;

export interface Sheet {
  readonly set: PointSet;
  readonly count: number;
  readonly vertexArray: WebGLVertexArrayObject;
}

export class SheetPainter {
  private readonly program: Program;

  constructor(private readonly gl: GL) {
    this.program = program(gl, VERTEX, FRAGMENT);
  }

  sheet(set: PointSet, rows: number, columns: number): Sheet {
    const { gl } = this;
    const corners = new Uint32Array((rows - 1) * (columns - 1) * 6);
    let at = 0;
    for (let i = 0; i + 1 < rows; i++) {
      for (let j = 0; j + 1 < columns; j++) {
        const a = i * columns + j;
        corners.set([a, a + 1, a + columns, a + 1, a + columns + 1, a + columns], at);
        at += 6;
      }
    }
    const vertexArray = gl.createVertexArray();
    gl.bindVertexArray(vertexArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, set.places);
    for (const location of [0, 1]) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, 4, gl.FLOAT, false, SHEET_FLOATS * 4, 16 * location);
    }
    buffer(gl, gl.ELEMENT_ARRAY_BUFFER, corners, gl.STATIC_DRAW);
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, null);
    return { set, count: corners.length, vertexArray };
  }

  draw(sheet: Sheet, sight: Sight, strength: number): void {
    const { gl, program: p } = this;
    gl.useProgram(p.handle);
    sendSight(gl, p, sight);
    gl.uniform1f(p.at("u_strength"), strength);
    gl.bindVertexArray(sheet.vertexArray);
    gl.drawElements(gl.TRIANGLES, sheet.count, gl.UNSIGNED_INT, 0);
    gl.bindVertexArray(null);
  }
}
