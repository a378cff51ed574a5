/** What the colours mean, for a picture that leaves the page: in its upper right corner. */
import { colouringOf, paintOf, unitOf } from "../model/colouring";
import { svg } from "../panels/dom";
import { percent, plain } from "../panels/numbers";
import { fit } from "../panels/text";
import type { Scenery } from "../render/stage";
import type { State } from "../state/controls";
import { css, onTheme, ramp, rgb, type Theme } from "../theme/colours";

/** Classes that are named; of more the rest is counted. */
const MOST = 12;
const LINE = 18;
const TOP = 22;
const RAMP = 120;

/** Elements for an SVG; empty with one class or none that is shown. */
export function legendOf({ instant }: Scenery, state: State, theme: Theme, width: number): SVGElement[] {
  const { moment } = instant.view;
  const { run } = moment;
  const colouring = colouringOf(state.colour, moment);
  const right = width - 14;
  const words = (x: number, y: number, text: string, anchor = "end"): SVGElement => svg("text", { x, y, "text-anchor": anchor, class: "legend" }, text);
  if (paintOf(colouring, run) === 1) {
    const { target } = run.header;
    const isTarget = colouring.mode === 0;
    const title = isTarget ? "target" : colouring.mode === 3 ? "confidence" : named(state.colour, run.unitName.bind(run));
    const share = (value: number): string => (colouring.mode === 3 ? percent(value) : plain(value));
    const [low, high] = isTarget ? [target?.low, target?.high] : colouring.mode === 3 ? [1 / Math.max(run.nClasses, 1), 1] : [colouring.low, colouring.high];
    const steps = Array.from({ length: 30 }, (_, i) =>
      svg("rect", { x: right - RAMP + (i * RAMP) / 30, y: TOP + 6, width: RAMP / 30 + 0.3, height: 8, fill: css(ramp((i + 0.5) / 30)) }),
    );
    return [
      words(right, TOP, fit(title, 24)), ...steps,
      words(right - RAMP, TOP + 28, low === undefined ? "low" : share(low), "start"), words(right, TOP + 28, high === undefined ? "high" : share(high)),
    ];
  }
  const shown = run.header.class_names.map((name, c) => ({ name, c })).filter(({ c }) => !state.hidden.includes(c));
  const listed = shown.slice(0, MOST).flatMap(({ name, c }, i) => {
    const y = TOP + i * LINE;
    const colour = css(onTheme(rgb(run.header.class_colours[c]), theme));
    return [svg("circle", { cx: right - 4, cy: y - 4, r: 4.5, fill: colour }), words(right - 14, y, fit(name, 24))];
  });
  return shown.length > MOST ? [...listed, words(right, TOP + MOST * LINE, `and ${shown.length - MOST} more`)] : listed;
}

function named(colour: string, unitName: (k: number, unit: number) => string): string {
  const unit = unitOf(colour);
  return unit ? unitName(unit.k, unit.unit) : colour;
}
