/** The picture as a file: a PNG of the canvas or an SVG of the points, with names, numbers and a legend. */
import { colourer, colouringOf, paintOf, unitOf } from "../model/colouring";
import type { Instant } from "../model/run_model";
import { spreadRows } from "../motion/projection";
import { svg } from "../panels/dom";
import { dotStyle } from "../render/points";
import type { Stroke } from "../render/run_painter";
import { type Sight, see } from "../render/sight";
import type { Scenery } from "../render/stage";
import type { State } from "../state/controls";
import { css, onTheme, ramp, rgb, type Theme } from "../theme/colours";
import { fit, percent, plain } from "../words";

/** What is on the canvas, and the names and numbers over it. `canvas` must just have been drawn: its pixels do not outlive the frame. */
export async function pngOf(
  canvas: HTMLCanvasElement,
  overlay: SVGSVGElement,
  theme: Theme,
  legend: readonly SVGElement[],
): Promise<Blob> {
  const paper = document.createElement("canvas");
  paper.width = canvas.width;
  paper.height = canvas.height;
  const pen = paper.getContext("2d")!;
  pen.fillStyle = css(theme.background);
  pen.fillRect(0, 0, paper.width, paper.height);
  pen.drawImage(canvas, 0, 0);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const words = `<svg xmlns="http://www.w3.org/2000/svg" width="${paper.width}" height="${paper.height}" viewBox="0 0 ${width} ${height}">${overlayText(overlay, theme, legend)}</svg>`;
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(words)}`;
  await picture.decode();
  pen.drawImage(picture, 0, 0);
  return new Promise((resolve, reject) => {
    paper.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The browser made no PNG."))), "image/png");
  });
}

/** Most points of one run; of more, as many are spread evenly over the rows. */
const MOST = 20_000;

/** What an SVG shows of one run. */
export interface Picture {
  readonly scenery: Scenery;
  /** Four numbers a point. */
  readonly places: Float32Array;
  readonly strokes: readonly Stroke[];
  /** Confidence, of all runs together, as a picture's address; null where there is none. */
  readonly tint: string | null;
}

/** Text of a whole SVG file. */
export function svgText(pictures: readonly Picture[], overlay: SVGSVGElement, state: State, theme: Theme): string {
  const sceneries = pictures.map(({ scenery }) => scenery);
  const width = Math.max(...sceneries.map(({ sight: { rectangle: r } }) => r.x + r.width));
  const height = Math.max(...sceneries.map(({ sight: { rectangle: r } }) => r.y + r.height));
  const drawn = pictures.map(({ scenery, places, strokes, tint }, i) => {
    const { x, y, width: w, height: h } = scenery.sight.rectangle;
    const image = tint && `<image href="${tint}" width="${width}" height="${height}" preserveAspectRatio="none"/>`;
    const lines = (over: boolean): string =>
      strokes
        .filter((stroke) => stroke.isOver === over)
        .map((stroke) => pathOf(stroke, scenery.sight))
        .join("");
    // Nothing of one pane reaches into the next.
    const clip = `<clipPath id="pane${i}"><rect x="${x}" y="${y}" width="${w}" height="${h}"/></clipPath>`;
    const inside = `${lines(false)}${dotsOf(scenery, places, state, theme)}${lines(true)}`;
    return `${image ?? ""}${clip}<g clip-path="url(#pane${i})">${inside}</g>`;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<rect width="100%" height="100%" fill="${css(theme.background)}"/>${drawn.join("")}${overlayText(overlay, theme, legendOf(sceneries, state, theme, width))}</svg>`
  );
}

/** Lines of a run as one path. */
function pathOf({ points, lengths, colour, width }: Stroke, sight: Sight): string {
  const [r, g, b, a] = colour;
  let d = "";
  let row = 0;
  for (const length of lengths) {
    for (let i = 0; i < length; i++, row++) {
      const [x, y] = see(sight, points[4 * row], points[4 * row + 1], points[4 * row + 2]);
      d += `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    }
  }
  const look = `fill="none" stroke="${css([r, g, b])}" stroke-opacity="${a.toFixed(2)}" stroke-width="${width}"`;
  return d ? `<path d="${d}" ${look} stroke-linejoin="round"/>` : "";
}

/** The line of a ring of a held-out point; its radius to the middle of that line. */
const RING = 1.4;
const ringRadius = (size: number): number => Math.max(0.7 * size, 3) - RING / 2;

function dotsOf({ sight, instant }: Scenery, places: Float32Array, state: State, theme: Theme): string {
  const { run } = instant.scene.moment;
  const colouring = colouringOf(state.colour, instant.scene.moment);
  const colourOf = colourer(run, paintOf(colouring, run), theme);
  // Where only a sample is known, the rest is no number.
  const known =
    run.sampleRows.length < run.nPoints && Number.isNaN(places[4]) ? run.sampleRows : spreadRows(run.nPoints, MOST);
  const { size, opacity } = dotStyle(known.length, Math.min(sight.rectangle.width, sight.rectangle.height));
  const groups = new Map<string, string[]>();
  const selected = new Set(state.selection);
  // As on the canvas: what is not selected stands back, and the selected points lie on top.
  const rows = selected.size ? [...known.filter((row) => !selected.has(row)), ...state.selection] : known;
  for (const row of rows) {
    if (row >= run.nPoints) continue;
    const label = run.nClasses && run.labels ? run.labels[row] : 0;
    if (state.hidden.includes(label)) continue;
    const [x, y] = see(sight, places[4 * row], places[4 * row + 1], places[4 * row + 2]);
    const value = places[4 * row + 3];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    const isLit = selected.has(row);
    const isRing = state.heldOut && run.heldOut?.[row] ? 1 : 0;
    const key = `${css(colourOf(value, row))}|${selected.size ? (isLit ? 0.95 : 0.18 * opacity) : opacity}|${isRing}`;
    const radius = isRing
      ? ringRadius(size * state.size * (isLit ? 1.7 : 1))
      : ((size * state.size) / 2) * (isLit ? 1.7 : 1);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key)!.push(`<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius.toFixed(2)}"/>`);
  }
  return [...groups]
    .map(([key, circles]) => {
      const [colour, share, isRing] = key.split("|");
      const alpha = Number(share).toFixed(2);
      const look =
        isRing === "1"
          ? `fill="none" stroke="${colour}" stroke-width="${RING}" stroke-opacity="${alpha}"`
          : `fill="${colour}" fill-opacity="${alpha}"`;
      return `<g ${look}>${circles.join("")}</g>`;
    })
    .join("");
}

/** The overlay and a legend, with their styles written out; the serialiser escapes every name. */
export function overlayText(overlay: SVGSVGElement, theme: Theme, legend: readonly SVGElement[]): string {
  const marks = [...overlay.querySelectorAll(".mark")].map((mark) => getComputedStyle(mark).stroke);
  const copy = overlay.cloneNode(true) as SVGSVGElement;
  copy.append(...legend);
  const [ink, muted] = [css(theme.ink), theme.isDark ? "#a2a8b2" : "#62656a"];
  copy.querySelectorAll(".mark").forEach((mark, i) => mark.setAttribute("style", `stroke:${marks[i]};stroke-width:2`));
  for (const shape of copy.querySelectorAll<SVGElement>("*")) {
    if (shape.tagName === "text") {
      const kind = shape.getAttribute("class") ?? "";
      const title = /title|run|legend/.test(kind);
      if (kind === "run") shape.setAttribute("font-weight", "600");
      // A halo, so that points behind it leave it legible.
      shape.setAttribute(
        "style",
        `paint-order:stroke;stroke:${css(theme.background)};stroke-opacity:.86;stroke-width:3px;stroke-linejoin:round`,
      );
      shape.setAttribute("fill", title ? ink : muted);
      shape.setAttribute("font-family", "system-ui, sans-serif");
      shape.setAttribute("font-size", title ? "12.5" : "11");
    } else if (shape.getAttribute("class") === "tick") shape.setAttribute("stroke", muted);
    const inline = shape.getAttribute("style");
    if (inline) shape.setAttribute("style", inline.replaceAll("var(--ink)", ink));
  }
  return new XMLSerializer()
    .serializeToString(copy)
    .replace(/^<svg[^>]*>/, "<g>")
    .replace(/<\/svg>$/, "</g>");
}

/** Classes that are named; of more the rest is counted. */
const MOST_NAMED = 12;
const LINE = 18;
const TOP = 22;
const RAMP = 120;

/** Elements for an SVG; empty with one class or none that is shown. */
export function legendOf(sceneries: readonly Scenery[], state: State, theme: Theme, width: number): SVGElement[] {
  const { moment } = (sceneries[unitOf(state.colour)?.run ?? 0] ?? sceneries[0]).instant.scene;
  const { run } = moment;
  const colouring = colouringOf(state.colour, moment);
  const right = width - 14;
  const words = (x: number, y: number, text: string, anchor = "end"): SVGElement =>
    svg("text", { x, y, "text-anchor": anchor, class: "legend" }, text);
  if (paintOf(colouring, run) === 1) {
    const { target } = run.header;
    const isTarget = colouring.mode === 0;
    const title = isTarget
      ? target?.name || "target"
      : colouring.mode === 3
        ? "confidence"
        : named(state.colour, run.unitName.bind(run));
    const share = (value: number): string => (colouring.mode === 3 ? percent(value) : plain(value));
    const [low, high] = isTarget
      ? [target?.low, target?.high]
      : colouring.mode === 3
        ? [1 / Math.max(run.nClasses, 1), 1]
        : [colouring.low, colouring.high];
    const steps = Array.from({ length: 30 }, (_, i) =>
      svg("rect", {
        x: right - RAMP + (i * RAMP) / 30,
        y: TOP + 6,
        width: RAMP / 30 + 0.3,
        height: 8,
        fill: css(ramp((i + 0.5) / 30)),
      }),
    );
    return [
      words(right, TOP, fit(title, 24)),
      ...steps,
      words(right - RAMP, TOP + 28, low === undefined ? "low" : share(low), "start"),
      words(right, TOP + 28, high === undefined ? "high" : share(high)),
    ];
  }
  const shown = run.groupNames.map((name, c) => ({ name, c })).filter(({ c }) => !state.hidden.includes(c));
  const below = TOP + Math.min(shown.length, MOST_NAMED + 1) * LINE;
  const ring = svg("circle", {
    cx: right - 4,
    cy: below - 4,
    r: 4,
    fill: "none",
    stroke: css(theme.ink),
    "stroke-width": RING,
  });
  const rings = state.heldOut && run.heldOut ? [ring, words(right - 14, below, "held out")] : [];
  const listed = shown.slice(0, MOST_NAMED).flatMap(({ name, c }, i) => {
    const y = TOP + i * LINE;
    const colour = css(onTheme(rgb(run.header.class_colours[c]), theme));
    return [svg("circle", { cx: right - 4, cy: y - 4, r: 4.5, fill: colour }), words(right - 14, y, fit(name, 24))];
  });
  return shown.length > MOST_NAMED
    ? [...listed, words(right, TOP + MOST_NAMED * LINE, `and ${shown.length - MOST_NAMED} more`), ...rings]
    : [...listed, ...rings];
}

function named(colour: string, unitName: (k: number, unit: number) => string): string {
  const unit = unitOf(colour);
  return unit ? unitName(unit.k, unit.unit) : colour;
}

/** Places of the sampled rows, as the GPU would give them; NaN elsewhere. */
export function sampledPlaces({ scene, t }: Instant): Float32Array {
  const { run } = scene.moment;
  const seen = scene.sampleSeen(t);
  const places = new Float32Array(4 * run.nPoints).fill(NaN);
  run.sampleRows.forEach((row, i) => {
    for (let a = 0; a < 3; a++) places[4 * row + a] = a < seen.columns ? seen.data[i * seen.columns + a] : 0;
    places[4 * row + 3] = run.labels?.[row] ?? 0;
  });
  return places;
}
