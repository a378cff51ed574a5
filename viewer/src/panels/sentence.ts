/** What happens now, in one sentence. */
import { mostProbable } from "../network/forward";
import { fit, grouped, percent } from "../words";
import { h, write } from "./dom";
import type { Host, Now, Panel } from "./panel";

export function explanation(host: Host): Panel {
  const what = h("div", { class: "what" });
  const why = h("div", { class: "why" });
  const element = h("div", { class: "say", "aria-live": "polite", role: "status" }, what, why);
  return {
    element,
    update({ instant }: Now): void {
      element.setAttribute("aria-live", host.player.playing ? "off" : "polite");
      const words = sentenceAt(host, instant);
      write(what, words.what);
      write(why, words.why);
    },
  };
}

/** A title and one sentence for an instant. */
export function sentenceAt(host: Host, { t, scene }: Now["instant"]): { what: string; why: string } {
  const beat = Number.isInteger(t) ? undefined : scene.beat(t);
  if (beat) return { what: fit(beat.title, 60), why: capital(beat.sentence) };
  const { name } = scene.moment.run.header.representations[t];
  const n = scene.moment.run.wholeUnits(t);
  return {
    what: `${fit(name, 48)} (${unitCount(n)})`,
    why: about(host, { t, accuracy: t === host.run.length ? accuracy(scene.moment) : null }),
  };
}

function about(host: Host, { t, accuracy: share }: { t: number; accuracy: number | null }): string {
  const { run } = host;
  if (t === 0) {
    const classes = run.nClasses > 1 ? ` in ${run.nClasses} classes` : "";
    const size = `${grouped(run.nPoints)} point${run.nPoints === 1 ? "" : "s"}${classes}`;
    return run.length ? `${size}. Press play to send them through the network.` : `${size}.`;
  }
  if (t === run.length && share !== null) return `${percent(share, 1)} of the points are classified correctly.`;
  if (t === run.length && !run.nClasses && run.labels) return "The network's answer, in the colour of the target.";
  const next = run.header.maps[t];
  return next
    ? `Next: ${fit(next.name, 40)}${next.kind === "affine" ? `, from ${grouped(run.wholeUnits(t))} to ${unitCount(run.wholeUnits(t + 1))}` : ""}.`
    : "";
}

function unitCount(n: number): string {
  return `${grouped(n)} unit${n === 1 ? "" : "s"}`;
}

type MomentLike = Now["instant"]["scene"]["moment"];
const known = new WeakMap<MomentLike, number | null>();

/** The share of the points whose most probable class is theirs; from a sample of many. */
function accuracy(moment: MomentLike): number | null {
  if (known.has(moment)) return known.get(moment)!;
  const { run } = moment;
  const rows = run.labelled(run.statisticsRows);
  const p = run.labels && rows.length ? moment.probabilities(rows) : null;
  let hits = 0;
  if (p) {
    for (let i = 0; i < rows.length; i++) {
      if (mostProbable(p, i) === run.labels![rows[i]]) hits++;
    }
  }
  const share = p ? hits / rows.length : null;
  known.set(moment, share);
  return share;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
