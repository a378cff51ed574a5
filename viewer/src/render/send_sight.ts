import type { GL, Program } from "./gl";
import type { Sight } from "./sight";

/** Uniforms of SEE for the program in use; the viewport is the sight's rectangle. */
export function sendSight(gl: GL, p: Program, sight: Sight): void {
  const { width, height } = sight.rectangle;
  gl.uniformMatrix3fv(p.at("u_axes"), false, sight.axes);
  gl.uniform3f(p.at("u_centre"), ...sight.centre);
  gl.uniform1f(p.at("u_away"), sight.away);
  gl.uniform1f(p.at("u_depth"), 1 / (4 * sight.radius));
  gl.uniform4f(
    p.at("u_window"), (2 * sight.scale) / width, (2 * sight.scale) / height,
    (2 * sight.middle[0]) / width - 1, 1 - (2 * sight.middle[1]) / height,
  );
}
