/** The points shown, as an SVG: small enough to be opened by any drawing program. */
import { see } from "../render/sight";
import type { Scenery } from "../render/stage";
import { paintOf, colouringOf } from "../model/colouring";
import { legendOf } from "./legend";
import type { State } from "../state/controls";
import { css, onTheme, ramp, rgb, type Rgb, type Theme } from "../theme/colours";
import { spreadRows } from "../scene/rows";
import { dotStyle } from "../render/points";

/** Most points of one run; of more, as many are spread evenly over the rows. */
export const MOST = 20_000;

/** Text of a whole SVG file; `places` has four numbers a point, one array a run. */
export function svgText(
  sceneries: readonly Scenery[], places: readonly Float32Array[], overlay: SVGSVGElement, state: State, theme: Theme,
): string {
  const width = Math.max(...sceneries.map(({ sight: { rectangle: r } }) => r.x + r.width));
  const height = Math.max(...sceneries.map(({ sight: { rectangle: r } }) => r.y + r.height));
  const dots = sceneries.map((scenery, i) => dotsOf(scenery, places[i], state, theme)).join("");
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<rect width="100%" height="100%" fill="${css(theme.background)}"/>${dots}${overlayText(overlay, theme, legendOf(sceneries[0], state, theme, width))}</svg>`
  );
}

function dotsOf({ sight, instant }: Scenery, places: Float32Array, state: State, theme: Theme): string {
  const { run } = instant.view.moment;
  const colouring = colouringOf(state.colour, instant.view.moment);
  const paint = paintOf(colouring, run);
  const colours = run.header.class_colours.map((c) => onTheme(rgb(c), theme));
  // Where only a sample is known, the rest is no number.
  const known = run.sampleRows.length < run.nPoints && Number.isNaN(places[4]) ? run.sampleRows : spreadRows(run.nPoints, MOST);
  const { size, opacity } = dotStyle(known.length, Math.min(sight.rectangle.width, sight.rectangle.height));
  const groups = new Map<string, string[]>();
  for (const row of known) {
    const label = run.nClasses && run.labels ? run.labels[row] : 0;
    if (state.hidden.includes(label)) continue;
    const [x, y] = see(sight, places[4 * row], places[4 * row + 1], places[4 * row + 2]);
    const value = places[4 * row + 3];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    const colour: Rgb = paint === 1 ? ramp(Math.round(value * 32) / 32) : paint === 2 ? (value > 0.5 ? colours[label] : theme.muted) : colours[Math.round(value)] ?? theme.muted;
    const key = css(colour);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key)!.push(`<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${((size * state.size) / 2).toFixed(2)}"/>`);
  }
  return [...groups].map(([fill, circles]) => `<g fill="${fill}" fill-opacity="${opacity.toFixed(2)}">${circles.join("")}</g>`).join("");
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
      shape.setAttribute("style", `paint-order:stroke;stroke:${css(theme.background)};stroke-opacity:.86;stroke-width:3px;stroke-linejoin:round`);
      shape.setAttribute("fill", title ? ink : muted);
      shape.setAttribute("font-family", "system-ui, sans-serif");
      shape.setAttribute("font-size", title ? "12.5" : "11");
    } else if (shape.getAttribute("class") === "tick") shape.setAttribute("stroke", muted);
    const inline = shape.getAttribute("style");
    if (inline) shape.setAttribute("style", inline.replaceAll("var(--ink)", ink));
  }
  return new XMLSerializer().serializeToString(copy).replace(/^<svg[^>]*>/, "<g>").replace(/<\/svg>$/, "</g>");
}
