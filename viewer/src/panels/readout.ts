/** What the picture hides: how much of the layer it shows, and a warning where it misleads. */
import { transitionNotes } from "../camera/beats";
import { varianceShown } from "../camera/projection";
import { padRows } from "../math/matrix";
import { h } from "./dom";
import { percent } from "./numbers";
import type { Host, Now, Panel } from "./panel";
import { probeCurve } from "../model/probe_curve";
import { probes } from "../model/probes";

/** A gap between the probes wider than this misleads, as in src/unknot/measures. */
const GAP = 0.02;

export function readout(host: Host): Panel {
  const list = h("div", { class: "readout" });
  const element = h("section", { class: "panel", "aria-label": "What the picture shows" }, h("h2", {}, "What the picture shows"), list);
  let key: unknown[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    element,
    update(now: Now): void {
      const { view, t } = now.instant;
      const next = [view, Math.round(t * 4), host.player.playing !== null];
      if (next.every((x, i) => x === key[i])) return;
      key = next;
      clearTimeout(timer);
      // Numbers that take time are worked out when the hand rests.
      const show = (full: boolean): void => list.replaceChildren(...lines(now, full));
      show(false);
      if (Number.isInteger(t)) timer = setTimeout(() => show(true), host.player.playing ? 350 : 120);
    },
  };
}

function lines({ instant }: Now, full: boolean): HTMLElement[] {
  const { view, t } = instant;
  const k = Math.floor(t);
  if (t !== k) {
    const notes = transitionNotes(view, k).map((note) =>
      h("div", { class: note.startsWith("interpolated") ? "warn" : "note" }, capital(note)),
    );
    return notes.length ? notes : [h("div", { class: "note" }, "The picture follows the map itself.")];
  }
  const { run } = view.moment;
  const n = run.nUnits(k);
  if (n <= view.nAxes) return [h("div", { class: "note" }, n === 1 ? "One unit: all of it is shown." : `All ${n} units are shown.`)];
  const frame = padRows(view.camera.stop(k), n);
  const variance = varianceShown(view.moment.statistics(k).covariance, frame);
  const found = [bar("Variance shown", variance)];
  const probe = full ? probes(view, k) : null;
  if (probe) found.push(bar("Linear probe, shown axes", probe.shown), bar(`Linear probe, all ${n} units`, measured(view, k) ?? probe.full));
  if (probe ? probe.full - probe.shown > GAP : variance < 0.5 && !run.nClasses) {
    found.push(h("div", { class: "warn" }, "This picture misleads: the classes overlap less in the layer than they do here."));
  }
  return found;
}

/** Python measured it on more points, where it did: the same number as over the timeline. */
function measured({ moment }: Now["instant"]["view"], k: number): number | null {
  const curve = probeCurve(moment.run, moment.u);
  return curve && !curve.isInterpolated ? curve.values[k] : null;
}

function bar(title: string, share: number): HTMLElement {
  const line = h("i");
  line.style.setProperty("--share", `${100 * share}%`);
  return h("div", { class: "bar" }, h("span", {}, title), h("span", {}, percent(share, share > 0.995 && share < 1 ? 1 : 0)), line);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (text.endsWith(".") ? "" : ".");
}
