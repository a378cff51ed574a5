/** A scene file as runs. */
import { openContainer } from "./container";
import { Run, type RunHeader } from "./run";
import { validateRun } from "./validate";
import { SceneError } from "./errors";

export interface Scene {
  readonly title: string;
  readonly description: string;
  /** How many axes the view has at first. */
  readonly nAxes: 2 | 3;
  readonly runs: readonly Run[];
}

export function decode(bytes: ArrayBuffer | Uint8Array): Scene {
  const container = openContainer(bytes);
  const { header } = container;
  const runs = header["runs"];
  if (!Array.isArray(runs) || runs.length === 0) throw new SceneError("The scene holds no runs.");
  return {
    title: text(header["title"]),
    description: text(header["description"]),
    nAxes: header["n_axes"] === 3 ? 3 : 2,
    runs: runs.map((run: unknown, i) => {
      validateRun(run, container, i);
      return new Run(run as RunHeader, container);
    }),
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
