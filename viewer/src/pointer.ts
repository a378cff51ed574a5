/** The hand on the picture: drag, pinch, wheel, hover. */
import type { Store } from "./state/store";
import type { Sight } from "./render/sight";

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
      // A finger does not hover: what it taps is told.
      if (event.pointerType !== "mouse") host.hover(at.x, at.y);
    }
    path = null;
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  // A finger that is lifted has left too, but what it tapped is still told.
  canvas.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && host.leave());
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const at = place(event);
    const lines = event.deltaMode === 1 ? 16 : 1;
    zoomAt(host, at, Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015)));
  }, { passive: false });
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

function pinch(host: PointerHost, before: { x: number; y: number }, at: { x: number; y: number }, other: { x: number; y: number }): void {
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
