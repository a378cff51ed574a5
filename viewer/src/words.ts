/** Numbers as people write them, and names that come from users made fit for a line. */

/** Two significant digits, as Python's format ".2g", with a true minus sign. */
export function twoDigits(value: number): string {
  return significant(value, 2);
}

export function significant(value: number, digits: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const exponent = Number(value.toExponential(digits - 1).split("e")[1]);
  let text: string;
  if (exponent < -4 || exponent >= digits) {
    const [mantissa, power] = value.toExponential(digits - 1).split("e");
    const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
    const size = String(Math.abs(Number(power))).padStart(2, "0");
    text = `${short}e${power.startsWith("-") ? "-" : "+"}${size}`;
  } else {
    text = value.toFixed(Math.max(digits - 1 - exponent, 0));
    if (text.includes(".")) text = text.replace(/\.?0+$/, "");
  }
  return text.replaceAll("-", "−");
}

/** Up to four significant digits and no exponent where that is short: 1,000,000. */
export function plain(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-4)) return significant(value, 3);
  const short = Number(value.toPrecision(4));
  return (size < 1e5 ? String(short) : grouped(short)).replace("-", "−");
}

/** A number with just the digits that its step needs. */
export function tickLabel(value: number, step: number): string {
  if (value === 0 || Math.abs(value) < step * 1e-6) return "0";
  const [size, own] = [step, Math.abs(value)].map((x) => Math.floor(Math.log10(x) + 1e-9));
  const digits = Math.max(own - size + 1, 2);
  // Far from 0 for its step an exponent would write all marks alike.
  if ((own > 4 && digits < 4) || (own < 5 && step < 1e-4)) return significant(value, Math.min(digits, 4));
  return value.toFixed(Math.max(0, -size)).replace("-", "−");
}

export function percent(share: number, digits = 0): string {
  return `${(100 * share).toFixed(digits)}%`;
}

/** 100000 as 100,000. */
export function grouped(n: number): string {
  return n.toLocaleString("en-US");
}

/** One line without invisible characters, cut in the middle to `most` characters. */
export function fit(text: string, most = 40): string {
  const raw = text.length > 20 * most ? text.slice(0, 10 * most) + text.slice(-10 * most) : text;
  const line = [
    ...raw
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu, " ")
      .replace(/\s+/g, " ")
      .trim(),
  ];
  if (line.length > most) {
    const head = Math.floor(most / 2);
    const [first, last] = [line.slice(0, head), line.slice(line.length - (most - 1 - head))];
    return isolated(`${first.join("").trimEnd()}…${last.join("").trimStart()}`);
  }
  return isolated(line.join("")) || "(no name)";
}

/** As `fit`, but cut at the end, as prose is; nothing stays nothing. */
export function clipped(text: string, most: number): string {
  if (!text.trim()) return "";
  return fit(text.length > most ? `${text.slice(0, most - 1)}…` : text, most);
}

/** Hebrew, Arabic and their kin. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|[\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** A name that is written from the right keeps to itself: the sentence around it keeps its order. */
function isolated(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
}
