/** What happens now, in one sentence. */
import { goodnessText } from "../model/goodness";
import { mostProbable } from "../network/forward";
import { fit, grouped, percent } from "../words";
import { h, write } from "./dom";
import type { Host, Now, Panel } from "./panel";

export function explanation(host: Host): Panel {
  const { runs } = host.file;
  const several = runs.length > 1;
  const lines = runs.map((_, i) => ({
    what: h("div", { class: "what" }),
    why: h("div", { class: "why" }),
    mark: several && h("i", { class: `run${i}` }),
  }));
  const element = h(
    "div",
    { class: several ? "say several" : "say", "aria-live": "polite", role: "status" },
    ...lines.flatMap(({ mark, what, why }) => (mark ? [h("div", {}, mark, what, why)] : [what, why])),
  );
  return {
    element,
    update({ instants }: Now): void {
      element.setAttribute("aria-live", host.player.playing ? "off" : "polite");
      instants.forEach((instant, i) => {
        // Of what is pinned beside a training the numbers stand with its pin.
        if (!lines[i]) return;
        const words = sentenceAt(instant);
        write(lines[i].what, words.what);
        write(lines[i].why, words.why);
      });
    },
  };
}

/** A title and one sentence for an instant. */
export function sentenceAt({ t, scene }: Now["instant"]): { what: string; why: string } {
  const beat = Number.isInteger(t) ? undefined : scene.beat(t);
  const meaning = scene.meaning(t);
  if (beat)
    return {
      what: fit(beat.title, 60),
      why: capital(meaning ? `${meaning}; drawn straight from one to the next` : beat.sentence),
    };
  const { name } = scene.moment.run.header.representations[t];
  const n = scene.moment.run.wholeUnits(t);
  return {
    what: `${fit(name, 48)} (${unitCount(n)})`,
    // First, where a phone has room for it.
    why: (meaning ? `${capital(meaning)} ` : "") + about(scene.moment, t),
  };
}

function about(moment: MomentLike, t: number): string {
  const { run } = moment;
  if (t === 0) {
    const classes = run.nClasses > 1 ? ` in ${run.nClasses} classes` : "";
    const size = `${grouped(run.nPoints)} point${run.nPoints === 1 ? "" : "s"}${classes}`;
    return run.length ? `${size}. Press play to send them through the network.` : `${size}.`;
  }
  if (t === run.length) {
    const outcome = run.outcome(moment.u);
    if (outcome) return outcome;
    const right = accuracy(moment);
    if (right) return rightWords(right);
  }
  if (t === run.length && !run.nClasses && run.labels) {
    return goodnessText(moment) ?? "The network's answer, in the colour of the target.";
  }
  const next = run.header.maps[t];
  return next
    ? `Next: ${fit(next.name, 40)}${next.kind === "affine" ? `, from ${grouped(run.wholeUnits(t))} to ${unitCount(run.wholeUnits(t + 1))}` : ""}.`
    : "";
}

function unitCount(n: number): string {
  return `${grouped(n)} unit${n === 1 ? "" : "s"}`;
}

type MomentLike = Now["instant"]["scene"]["moment"];

/** Shares of points whose most probable class is theirs. */
interface Accuracy {
  /** Of the points that were trained on, or of all where nobody knows which those are. */
  readonly training: number | null;
  readonly heldOut: number | null;
}

function rightWords({ training, heldOut }: Accuracy): string {
  const shares = [heldOut !== null && `held out ${percent(heldOut, 1)}`];
  if (heldOut === null) return `${percent(training!, 1)} of the points are classified correctly.`;
  if (training !== null) shares.push(`training ${percent(training, 1)}`);
  return `Classified correctly: ${shares.join(", ")}.`;
}

const known = new WeakMap<MomentLike, Accuracy | null>();

/** From a sample of many points; null where the network tells no classes. */
function accuracy(moment: MomentLike): Accuracy | null {
  if (known.has(moment)) return known.get(moment)!;
  const { run } = moment;
  const rows = run.labelled(run.statisticsRows);
  const p = run.labels && rows.length ? moment.probabilities(rows) : null;
  // Of training and of held-out points: how many there are, and how many are right.
  const [counts, hits] = [
    [0, 0],
    [0, 0],
  ];
  if (p) {
    for (let i = 0; i < rows.length; i++) {
      const part = run.heldOut?.[rows[i]] ? 1 : 0;
      counts[part]++;
      if (mostProbable(p, i) === run.labels![rows[i]]) hits[part]++;
    }
  }
  const share = (part: number): number | null => (counts[part] ? hits[part] / counts[part] : null);
  const result = p ? { training: share(0), heldOut: share(1) } : null;
  known.set(moment, result);
  return result;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
