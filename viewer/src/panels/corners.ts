/** Over the picture: where the axes of the classes lead, and their names at the corners. */
import type { Matrix } from "../math/matrix";
import { range } from "../math/matrix";
import { decides } from "../motion/corners";
import { see } from "../render/sight";
import type { Scenery } from "../render/stage";
import type { State } from "../state/controls";
import { fit } from "../words";
import { svg } from "./dom";
import type { Mark } from "./overlay";

/** Corners that are named, and those to which a line leads; of more the ring alone is drawn. */
const MOST_NAMES = 40;
const MOST_LINES = 60;
/** Of the way to the edge of the picture that lines go; beyond a corner its name stands. */
const REACH = 0.95;
const BEYOND = 1.09;
/** Pixels from the edge of the picture to names. */
const EDGE = 16;
/** How high the row of the numbers below is, and how far beside its corner a name stands over it. */
const NUMBERS = 32;
const BESIDE = 10;
const LETTER = 7.6;
const LETTERS = 14;
/** Height and width of the column of buttons in the corner; in a low picture it is a row. */
const TALL = 124;
const WIDE = 48;
const LOW = 360;

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Whether the shown representation stands and its axes are the classes' own. */
export function showsCorners({ instant }: Scenery): boolean {
  const { t, scene, nAxes, flatness } = instant;
  return Number.isInteger(t) && flatness === 0 && nAxes === scene.nAxes && !!scene.projection(t).areCorners;
}

export function cornerMarks(scenery: Scenery, state: State): Mark[] {
  if (!showsCorners(scenery)) return [];
  const { t, scene } = scenery.instant;
  const frame = scene.camera.stop(t);
  const { header } = scene.moment.run;
  const isProbability = t === scene.length && header.maps.at(-1)?.kind === "softmax";
  const n = frame.rows;
  const place = (c: number, size: number): Place => placeOf(scenery, frame, c, size);
  const ways = range(0, n).map((c) => reach(scenery, frame, c, isProbability));
  const marks: Mark[] = [];
  const isRing = isProbability && scene.nAxes === 2;
  if (state.axes && isRing) marks.push(strokes("ring", [closed(ringOf(frame).map((c) => place(c, 1)))], "corner"));
  if (state.axes && !isRing && n <= MOST_LINES) {
    const spokes = ways.flatMap((way, c) => (way > 0 ? [[place(c, 0), place(c, REACH * way)]] : []));
    marks.push(strokes("spokes", spokes, "corner"));
  }
  if (state.boundary && decides(n, 2) && scene.nAxes === 2) {
    // Two classes are as large on the way from 0 away from the corner of the third.
    const far = isProbability ? 0.5 : (2 * Math.max(...ways.map(Math.abs), 1) * n) / 2;
    const edges = range(0, n).map((c) => [place(c, 0), place(c, -far)]);
    marks.push(strokes("decision", edges, "decision"));
  }
  return state.axes && n <= MOST_NAMES ? [...marks, ...names(scenery, frame, ways)] : marks;
}

/** The names that have room. */
function names(scenery: Scenery, frame: Matrix, ways: readonly number[]): Mark[] {
  const { rectangle } = scenery.sight;
  const middle = placeOf(scenery, frame, 0, 0);
  const taken: [number, number, number][] = [];
  return scenery.instant.scene.moment.run.header.class_names.flatMap((name, c): Mark[] => {
    if (!(ways[c] > 0)) return [];
    const place = placeOf(scenery, frame, c, ways[c]);
    // In the row of the numbers a name would be read as one of them: it stands beside its corner.
    const y = Math.min(place.y, rectangle.y + rectangle.height - NUMBERS);
    const x = place.x + (y < place.y ? BESIDE : 0);
    const words = fit(name, LETTERS);
    const width = words.length * LETTER;
    const aside = (x - middle.x) / Math.max(rectangle.width, 1);
    const shift = aside > 0.05 || y < place.y ? 0 : aside < -0.05 ? width : width / 2;
    const deep = rectangle.height < LOW ? WIDE : TALL;
    const least = rectangle.x + 6;
    const most = rectangle.x + rectangle.width - width - (y < rectangle.y + deep ? TALL + WIDE - deep : 6);
    const left = Math.max(Math.min(x - shift, most), least);
    if (taken.some(([from, to, at]) => left < to && left + width > from && Math.abs(at - y) < 14)) return [];
    taken.push([left, left + width, y]);
    const text = (): Element[] => [svg("text", { x: 0, y: 4, class: "corner", "text-anchor": "start" }, words)];
    return [{ key: `corner ${c} ${words}`, x: left, y, draw: text }];
  });
}

function placeOf({ sight }: Scenery, frame: Matrix, c: number, size: number): Place {
  const [x, y, z] = [0, 1, 2].map((a) => (a < frame.columns ? frame.data[c * frame.columns + a] * size : 0));
  const flat = frame.columns === 2 ? sight.centre[2] : z;
  const [left, top] = see(sight, x, y, flat);
  return { x: left, y: top };
}

/** How many times its axis the way to a corner is long inside the picture; 0 where it does not cross it. */
function reach(scenery: Scenery, frame: Matrix, c: number, atCorner: boolean): number {
  const { sight, instant } = scenery;
  const { rectangle, scale, centre, middle } = sight;
  const ends =
    frame.columns === 2
      ? [
          [EDGE - middle[0], rectangle.width - EDGE - middle[0]],
          [middle[1] - rectangle.height + EDGE, middle[1] - EDGE],
        ].map((pair, a) => pair.map((x) => centre[a] + x / scale))
      : [0, 1, 2].map((a) => [-1, 1].map((side) => instant.extent.centre[a] + side * instant.extent.radius));
  let [enter, leave] = [-Infinity, Infinity];
  ends.forEach(([low, high], a) => {
    const x = frame.data[c * frame.columns + a];
    if (Math.abs(x) < 1e-12) {
      if (low > 0 || high < 0) enter = Infinity;
      return;
    }
    enter = Math.max(enter, Math.min(low / x, high / x));
    leave = Math.min(leave, Math.max(low / x, high / x));
  });
  const far = atCorner ? Math.min(leave, BEYOND) : leave;
  return leave > 0 && enter < far && Number.isFinite(far) ? far : 0;
}

function ringOf(frame: Matrix): number[] {
  const angle = (c: number): number => Math.atan2(frame.data[2 * c + 1], frame.data[2 * c]);
  return range(0, frame.rows).sort((a, b) => angle(a) - angle(b));
}

const closed = (places: readonly Place[]): Place[] => [...places, places[0]];

function strokes(key: string, lines: readonly (readonly Place[])[], kind: string): Mark {
  const d = lines.map((line) => `M${line.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`).join("");
  return { key: `${key} ${d}`, x: 0, y: 0, draw: () => [svg("path", { d, class: kind })] };
}
