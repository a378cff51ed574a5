/** The flow that suits a run's carrier. */
import type { Run } from "../scene/run";
import type { Flow } from "./flow";
import type { GL } from "./gl";
import { ValuesFlow } from "./values_flow";
import { WeightsFlow } from "./weights_flow";

export function makeFlow(gl: GL, run: Run, palette: () => WebGLTexture): Flow {
  return run.header.carrier === "weights" ? new WeightsFlow(gl, run, palette) : new ValuesFlow(gl, run);
}
