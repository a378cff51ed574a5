/** The hand on the picture: drag, pinch, wheel, hover. The wheel alone scrolls until the picture was clicked. */
import { type Sight, see } from "../render/sight";
import type { Store } from "../state/store";

export interface PointerHost {
  readonly store: Store;
  readonly canvas: HTMLCanvasElement;
  /** The sight under a place of the canvas, in CSS pixels. */
  sightAt(x: number, y: number): Sight | null;
  /** Whether a drag draws a selection; then it is told of every place. */
  choosing(event: PointerEvent): boolean;
  choose(points: readonly [number, number][], done: boolean, event: PointerEvent): void;
  /** A second finger came down: nothing is chosen. */
  giveUp(): void;
  hover(x: number, y: number): void;
  leave(): void;
  press(x: number, y: number, event: PointerEvent): void;
  /** The wheel turned over a picture that was not clicked. */
  passWheel(): void;
}

/** Degrees for one pixel of a drag. */
const TURN = 0.4;
/** Stops of the grand tour for one pixel. */
const TOUR = 1 / 400;

export function listenToPointer(host: PointerHost): void {
  const { canvas, store } = host;
  const down = new Map<number, { x: number; y: number }>();
  let path: [number, number][] | null = null;
  let travelled = 0;
  let fingers = 0;

  const place = (event: PointerEvent | WheelEvent): { x: number; y: number } => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    const at = place(event);
    down.set(event.pointerId, at);
    canvas.setPointerCapture(event.pointerId);
    if (down.size === 1) [travelled, fingers] = [0, 1];
    fingers = Math.max(fingers, down.size);
    if (path) host.giveUp();
    path = down.size === 1 && host.choosing(event) ? [[at.x, at.y]] : null;
    canvas.classList.add("dragging");
    host.leave();
  });
  canvas.addEventListener("pointermove", (event) => {
    const at = place(event);
    const before = down.get(event.pointerId);
    if (!before) return host.hover(at.x, at.y);
    const [dx, dy] = [at.x - before.x, at.y - before.y];
    travelled += Math.abs(dx) + Math.abs(dy);
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    down.set(event.pointerId, at);
    if (path) {
      path.push([at.x, at.y]);
      host.choose(path, false, event);
    } else if (other) {
      pinch(host, before, at, other);
      drag(host, at, dx / 2, dy / 2, true);
    } else drag(host, at, dx, dy, event.ctrlKey || event.metaKey || (event.buttons & 4) > 0);
  });
  const end = (event: PointerEvent): void => {
    const at = place(event);
    if (!down.delete(event.pointerId)) return;
    if (!down.size) canvas.classList.remove("dragging");
    if (path && travelled > 4) host.choose(path, true, event);
    else if (travelled <= (event.pointerType === "mouse" ? 4 : 10) && fingers === 1 && event.type === "pointerup") {
      host.press(at.x, at.y, event);
      // A finger does not hover: what it taps is shown.
      if (event.pointerType !== "mouse") host.hover(at.x, at.y);
    }
    path = null;
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  // A finger that is lifted has left too, but what it tapped is still shown.
  canvas.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && host.leave());
  canvas.addEventListener(
    "wheel",
    (event) => {
      // Whoever scrolls past must not be caught: the wheel zooms once the picture was clicked.
      const isFocused = (canvas.getRootNode() as Document | ShadowRoot).activeElement === canvas;
      if (!event.ctrlKey && !event.metaKey && !isFocused) return host.passWheel();
      event.preventDefault();
      const at = place(event);
      const lines = event.deltaMode === 1 ? 16 : 1;
      zoomAt(host, at, Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015)));
    },
    { passive: false },
  );
  canvas.addEventListener("dblclick", () => store.set({ zoom: 1, panX: 0, panY: 0 }));
}

function drag(host: PointerHost, at: { x: number; y: number }, dx: number, dy: number, pan: boolean): void {
  const { state } = host.store;
  const sight = host.sightAt(at.x, at.y);
  if (!sight) return;
  if (state.projection === "tour" && !pan) {
    host.store.set({ tour: Math.max(state.tour + (dx - dy) * TOUR, 0) });
  } else if (state.view === "3d" && !pan) {
    host.store.set({
      azimuth: state.azimuth - dx * TURN,
      elevation: Math.min(Math.max(state.elevation + dy * TURN, -89), 89),
    });
  } else {
    const unit = sight.radius * sight.scale;
    host.store.set({ panX: state.panX + dx / unit, panY: state.panY - dy / unit });
  }
}

function pinch(
  host: PointerHost,
  before: { x: number; y: number },
  at: { x: number; y: number },
  other: { x: number; y: number },
): void {
  const length = (p: { x: number; y: number }): number => Math.max(Math.hypot(p.x - other.x, p.y - other.y), 10);
  zoomAt(host, { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 }, length(at) / length(before));
}

/** What lies under the place stays there. */
export function zoomAt(host: PointerHost, at: { x: number; y: number }, factor: number): void {
  const { state } = host.store;
  const sight = host.sightAt(at.x, at.y);
  if (!sight) return;
  const zoom = Math.min(Math.max(state.zoom * factor, 0.1), 100);
  const applied = zoom / state.zoom;
  const { rectangle, radius, scale } = sight;
  const aside = [at.x - rectangle.x - rectangle.width / 2, at.y - rectangle.y - rectangle.height / 2];
  const unit = radius * scale;
  const moved = (pan: number, away: number): number => {
    const shift = away + (pan * unit - away) * applied;
    return shift / (unit * applied);
  };
  host.store.set({ zoom, panX: moved(state.panX, aside[0]), panY: moved(state.panY, -aside[1]) });
}

export type Outline = readonly (readonly [number, number])[];

/** Rows whose place on the picture lies inside; `places` has four numbers a point. */
export function rowsInside(
  places: Float32Array,
  sight: Sight,
  outline: Outline,
  isShown: (row: number) => boolean,
): number[] {
  const xs = outline.map(([x]) => x);
  const ys = outline.map(([, y]) => y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const rows: number[] = [];
  for (let row = 0; row < places.length / 4; row++) {
    const [x, y] = see(sight, places[4 * row], places[4 * row + 1], places[4 * row + 2]);
    if (x < left || x > right || y < top || y > bottom) continue;
    if (isInside(x, y, outline) && isShown(row)) rows.push(row);
  }
  return rows;
}

/** Whether a ray to the right crosses the closed outline an odd number of times. */
export function isInside(x: number, y: number, outline: Outline): boolean {
  let inside = false;
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const [ax, ay] = outline[i];
    const [bx, by] = outline[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** The four corners of a box from its first and last place. */
export function boxOutline(path: Outline): Outline {
  const [a, b] = [path[0], path[path.length - 1]];
  return [a, [b[0], a[1]], b, [a[0], b[1]]];
}

/** Both, in order, each row once. */
export function union(a: readonly number[], b: readonly number[]): number[] {
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}
