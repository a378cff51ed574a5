/** Pins and trainings that were left, as a text for the address, and trained once more from it. */
import { isHere } from "../datasets/spec";
import type { Sources } from "../datasets/table";
import type { PageFile } from "../page_file/page_file";
import { formatRecipe, parseRecipe } from "./address";
import { startJobs } from "./jobs_pool";
import { LiveRun, lessonOf, shapeOf } from "./live_run";
import { opened } from "./opening";
import { type Start, startWeights } from "./session";
import { type Branch, endOf, type Shelf } from "./shelf";
import type { Studio } from "./studio";

/** Between the fields of a training, and between trainings. */
const [FIELD, ENTRY] = ["!", "|"];
const STARTS: Readonly<Record<string, Start>> = { g: "glorot", s: "spread" };

/** Whether an address can hold it: its start can be drawn or read again, and its data made. */
function isTold(branch: Branch): boolean {
  const { start, origin, live, log } = branch;
  const isKnown = start > 0 || origin.weights !== "" || live.header.fresh === undefined;
  return isKnown && !isHere(origin.data) && formatRecipe(log, endOf(branch).step) !== "";
}

function formatBranch(kind: string, branch: Branch): string {
  const { from, start, snapshots, live, log, origin } = branch;
  const draws = Object.keys(STARTS).find((key) =>
    startWeights(live.shape, STARTS[key], start).every((weight, i) => weight === snapshots[0].weights[i]),
  );
  const recipe = formatRecipe(log, endOf(branch).step);
  const weights = start ? "" : origin.weights;
  return [kind, from, `${start}${draws ?? ""}`, origin.data, origin.network, weights, recipe].join(FIELD);
}

/** Empty where there is nothing; what an address cannot hold is left out. */
export function formatShelf({ pins, branches }: Shelf): string {
  const left = branches.filter(isTold).map((branch) => formatBranch("b", branch));
  return [...left, ...pins.filter(({ branch }) => isTold(branch)).map(({ branch }) => formatBranch("p", branch))].join(
    ENTRY,
  );
}

/** Whether something of it is left out of the text. */
export function losesSome({ pins, branches }: Shelf): boolean {
  return !branches.every(isTold) || !pins.every(({ branch }) => isTold(branch));
}

/**
 * Train what a text says, one after the other; `done` is told when all of it is on the shelf, and how
 * many trainings are not, because they mean nothing.
 */
export function fillShelf(
  text: string,
  place: { readonly file: PageFile; readonly sources: Sources; readonly studio: Studio; readonly shelf: Shelf },
  done: (nLost: number) => void,
  nLost = 0,
): void {
  if (!text) {
    done(nLost);
    return;
  }
  const [entry, ...rest] = text.split(ENTRY);
  const { file, sources, studio, shelf } = place;
  const next = (lost = 0): void => fillShelf(rest.join(ENTRY), place, done, nLost + lost);
  const [kind, from, begun, data = "", network = "", weights = "", trained = ""] = entry.split(FIELD);
  const [, seed, draws] = /^(\d{1,7})([gs]?)$/.exec(begun ?? "") ?? [];
  const recipe = parseRecipe(trained);
  const start = Number(seed);
  const opening =
    /^[pb]$/.test(kind) && seed && recipe ? opened(file, sources, { data, network, weights, start }) : null;
  const asked = opening && !opening.problem ? opening.file : null;
  const { origin } = studio;
  const isOurs = origin.data === data && origin.network === network && (start > 0 || origin.weights === weights);
  const shape = asked && (isOurs ? studio.shape : shapeOf(asked.runs[0]));
  if (!shape) {
    next(1);
    return;
  }
  const lesson = isOurs ? studio.lesson : lessonOf(asked.runs[0]);
  const live = isOurs ? studio.run : new LiveRun(asked.runs[0], shape, lesson.training.n, lesson.target);
  const { changes, steps } = recipe!;
  const { settings } = changes[0];
  const first = draws ? startWeights(shape, STARTS[draws], start) : live.filed(0);
  startJobs(lesson, [{ number: 0, shape, settings, seed: start, start: first, steps, changes }], ({ passed, log }) => {
    const snapshots = passed!;
    const { settings: last } = log!.at(-1)!;
    const { title } = asked;
    const at = Math.min(Number(from) || 0, snapshots.length - 1);
    const branch = {
      live,
      snapshots,
      from: at,
      log: log!,
      settings: last,
      start,
      origin: { data, network, weights, title },
    };
    if (kind === "p") shelf.pin(branch);
    else shelf.leave(branch);
    next();
  });
}
