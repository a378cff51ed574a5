/** Colours: the classes' own come with the page file; the rest are those of src/unknot/draw/style.py. */

export type Rgb = readonly [number, number, number];

export interface Theme {
  readonly isDark: boolean;
  readonly background: Rgb;
  readonly ink: Rgb;
  readonly muted: Rgb;
  readonly grid: Rgb;
}

export const LIGHT: Theme = {
  isDark: false,
  background: rgb("#ffffff"),
  ink: rgb("#1a1a1a"),
  muted: rgb("#a8a8a8"),
  grid: rgb("#b4b4b4"),
};
export const DARK: Theme = {
  isDark: true,
  background: rgb("#15171c"),
  ink: rgb("#f1f1f3"),
  muted: rgb("#6a7078"),
  grid: rgb("#565c66"),
};

export function rgb(colour: string): Rgb {
  const part = (i: number): number => parseInt(colour.slice(i, i + 2), 16) / 255;
  return [part(1), part(3), part(5)];
}

export function css([r, g, b]: Rgb): string {
  return `rgb(${Math.round(r * 255)} ${Math.round(g * 255)} ${Math.round(b * 255)})`;
}

/** A class's colour on a background: dark ones are lifted until they are seen on a dark one. */
export function onTheme(colour: Rgb, theme: Theme): Rgb {
  if (!theme.isDark) return colour;
  const [goal, now] = [0.24, luminance(colour)];
  if (now >= goal) return colour;
  let [low, high] = [0, 1];
  for (let i = 0; i < 12; i++) {
    const middle = (low + high) / 2;
    if (luminance(lighter(colour, middle)) < goal) low = middle;
    else high = middle;
  }
  return lighter(colour, high);
}

function lighter(colour: Rgb, amount: number): Rgb {
  return colour.map((c) => c + (1 - c) * amount) as unknown as Rgb;
}

/** Relative luminance (WCAG 2). */
function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Nine colours of viridis (Smith and van der Walt 2015, CC0), evenly spaced. */
const VIRIDIS = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"].map(
  rgb,
);

/** A colour of the scale, 0 to 1. */
export function ramp(share: number): Rgb {
  const place = Math.min(Math.max(share, 0), 1) * (VIRIDIS.length - 1);
  const i = Math.min(Math.floor(place), VIRIDIS.length - 2);
  const s = place - i;
  return VIRIDIS[i].map((c, j) => c + (VIRIDIS[i + 1][j] - c) * s) as unknown as Rgb;
}

export const RAMP_CSS = `linear-gradient(90deg, ${VIRIDIS.map(css).join(", ")})`;
