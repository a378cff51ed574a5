/** Which columns the picture of a network has, and what joins them. */
import type { Run } from "../scene/run";

/** Units drawn of one layer, and layers drawn of one network; of larger ones some are left out. */
const MOST_UNITS = 14;
const MOST_COLUMNS = 8;

/** One layer, with the activations that follow it. */
export interface Column {
  /** The representation that the layer hands on. */
  readonly k: number;
  /** The map that leads here; −1 for the input. */
  readonly map: number;
  /** Those drawn; empty where the page does not carry units, or for layers that are left out. */
  readonly units: readonly number[];
  /** So many layers are left out here; 0 for a layer itself. */
  readonly elided: number;
  /** What joins it to the column before: each weight, or only that something does. */
  readonly join: "weights" | "arrow";
}

export function columnsOf(run: Run): Column[] {
  const { maps } = run.header;
  const columns: Column[] = [column(run, 0, -1)];
  maps.forEach(({ kind, name }, k) => {
    const last = columns.length - 1;
    if (kind === "activation" || name === "softmax") columns[last] = column(run, k + 1, columns[last].map);
    else columns.push(column(run, k + 1, k));
  });
  return elide(columns);
}

function column(run: Run, k: number, map: number): Column {
  const { representations, maps } = run.header;
  const isWhole = (at: number): boolean => !representations[at].reduced;
  const isKnown = map >= 0 && maps[map].kind === "affine" && isWhole(map) && isWhole(map + 1);
  return { k, map, units: isWhole(k) ? spread(run.nUnits(k)) : [], elided: 0, join: isKnown ? "weights" : "arrow" };
}

/** The first and last layers, with a place for those between. */
function elide(columns: readonly Column[]): Column[] {
  if (columns.length <= MOST_COLUMNS) return [...columns];
  const head = Math.floor(MOST_COLUMNS / 2);
  const tail = columns.length - (MOST_COLUMNS - head - 1);
  const gap = { ...columns[head], k: columns[tail - 1].k, units: [], elided: tail - head, join: "arrow" } as const;
  return [...columns.slice(0, head), gap, { ...columns[tail], join: "arrow" }, ...columns.slice(tail + 1)];
}

function spread(n: number): number[] {
  if (n <= MOST_UNITS) return Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: MOST_UNITS - 1 }, (_, i) => Math.round((i * (n - 1)) / (MOST_UNITS - 2)));
}
