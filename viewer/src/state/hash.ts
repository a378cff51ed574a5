/** The state as the part of an address after #, so that a link reopens the same moment. */
import { controls, NAMES, type Control, type Name, type State } from "./controls";

/** A longer selection than this is left out: an address must stay one. */
const LONGEST = 4_000;

/** Everything that differs from `initial`. */
export function formatHash(state: State, initial: State): string {
  const parts: string[] = [];
  for (const name of NAMES) {
    const control = controls[name] as Control<unknown>;
    const text = control.format(state[name]);
    if (text === control.format(initial[name]) || text.length > LONGEST) continue;
    parts.push(`${name}=${encodeURIComponent(text).replaceAll("%3A", ":").replaceAll("%2C", ",")}`);
  }
  return parts.join("&");
}

/** What an address says; parts that mean nothing are passed over. */
export function parseHash(hash: string): Partial<State> {
  const found: Record<string, unknown> = {};
  for (const part of hash.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    const name = part.slice(0, at);
    if (at < 1 || !Object.hasOwn(controls, name)) continue;
    try {
      const text = decodeURIComponent(part.slice(at + 1));
      const value = (controls[name as Name] as Control<unknown>).parse(text);
      if (value !== undefined) found[name] = value;
    } catch {
      // A broken escape: as good as absent.
    }
  }
  return found as Partial<State>;
}
