/** Small pictures for buttons, in a square of 24. */
import { svg } from "../panels/dom";

const SHAPES = {
  play: [["path", { d: "M8 5.5v13l10.5-6.5z", class: "solid" }]],
  pause: [["path", { d: "M7 5h3.6v14H7zM13.4 5H17v14h-3.6z", class: "solid" }]],
  loop: [["path", { d: "M17 3l3 3-3 3M4 12v-2a4 4 0 0 1 4-4h12M7 21l-3-3 3-3M20 12v2a4 4 0 0 1-4 4H4" }]],
  help: [["path", { d: "M9 9a3 3 0 1 1 4.2 2.8c-.8.4-1.2 1-1.2 1.9v.5" }], ["circle", { cx: 12, cy: 18, r: 1.1, class: "solid" }]],
  theme: [["circle", { cx: 12, cy: 12, r: 8 }], ["path", { d: "M12 4a8 8 0 0 1 0 16z", class: "solid" }]],
  share: [["path", { d: "M12 15V3m0 0L7.5 7.5M12 3l4.5 4.5M5 12v8h14v-8" }]],
  home: [["path", { d: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5" }]],
  lasso: [["path", { d: "M12 4c5 0 8.5 2.6 8.5 6S17 16 12 16s-8.500-2.600-8.500-6S7 4 12 4zM8 15.500c-2 .5-2 2.500 0 3s2 1.500 1 2.500", "stroke-dasharray": "3.200 2.600" }]],
  box: [["path", { d: "M4 6h16v12H4z", "stroke-dasharray": "3.500 2.800" }]],
  close: [["path", { d: "M6 6l12 12M18 6L6 18" }]],
} as const;

export type IconName = keyof typeof SHAPES;

export function icon(name: IconName): SVGSVGElement {
  const shapes = SHAPES[name].map(([tag, attributes]) => svg(tag, attributes));
  return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, ...shapes);
}
