/** Names that come from users, made fit for a line. They only ever become text, never markup. */

/** One line without invisible characters, cut in the middle to `most` characters. */
export function fit(text: string, most = 40): string {
  const raw = text.length > 20 * most ? text.slice(0, 10 * most) + text.slice(-10 * most) : text;
  const line = [...raw.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu, " ").replace(/\s+/g, " ").trim()];
  if (line.length > most) {
    const head = Math.floor(most / 2);
    return `${line.slice(0, head).join("").trimEnd()}…${line.slice(line.length - (most - 1 - head)).join("").trimStart()}`;
  }
  return line.join("") || "(no name)";
}
