/** What the picture hides: how much of the layer it shows, and a warning where it misleads. */
import { r2Text } from "../model/goodness";
import { CUT, FEWEST, probes } from "../model/probes";
import { decides } from "../motion/corners";
import { varianceShown } from "../motion/projection";
import { padRows } from "../motion/rotation";
import type { Scene } from "../motion/scene";
import type { Run } from "../page_file/page_file";
import { fit, grouped, percent } from "../words";
import { h } from "./dom";
import type { Host, Now, Panel } from "./panel";

/** A gap between the probes wider than this misleads, as in src/unknot/measures. */
const GAP = 0.02;
const R2 = "How much of the target's spread a linear function tells of held-out points";
/** Notes that begin with a word of the page's own, not with a layer's name. */
const OWN = /^(interpolated|a map|least|\d+ of \d|turning)/;
/** With a smaller share of the variance than this, near in the picture says little. */
const LITTLE = 0.5;

export function readout(host: Host): Panel {
  const list = h("div", { class: "readout" });
  const element = h(
    "section",
    { class: "panel", "aria-label": "What the picture shows" },
    h("h2", {}, "What the picture shows"),
    list,
  );
  let key: unknown[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    element,
    update({ instants }: Now): void {
      // Between two stops it stays the same.
      const places = instants.flatMap(({ scene, t }) => [scene, Number.isInteger(t) ? t : Math.floor(t) + 0.5]);
      const next = [...places, host.player.playing !== null];
      if (next.every((x, i) => x === key[i])) return;
      key = next;
      clearTimeout(timer);
      const of = (instant: Now["instant"], i: number, full: boolean): HTMLElement[] => {
        const name = host.names()[i];
        const several = instants.length > 1;
        const head = h("div", { class: `run-name run${i}` }, h("i"), h("span", { dir: "auto" }, fit(name, 60)));
        return several ? [head, ...lines(instant, full)] : lines(instant, full);
      };
      // Numbers that take time are worked out when the hand rests.
      const show = (full: boolean): void =>
        list.replaceChildren(...instants.flatMap((instant, i) => of(instant, i, full)));
      show(false);
      const rests = instants.some(({ t }) => Number.isInteger(t));
      if (rests) timer = setTimeout(() => show(true), host.player.playing ? 350 : 120);
    },
  };
}

function lines({ scene, t }: Now["instant"], full: boolean): HTMLElement[] {
  const k = Math.floor(t);
  if (t !== k) {
    const notes = [...scene.transitionNotes(k), ...notesAbout(scene.moment.run, k, k + 1)].map((text) =>
      note(OWN.test(text) ? capital(text) : text, text.startsWith("interpolated")),
    );
    return notes.length ? notes : [note("The picture follows what the layer does.")];
  }
  const { run } = scene.moment;
  // Of the whole network at its input, of a layer where it stands.
  const said = [...scene.reductions(k), ...(k ? notesAbout(run, k) : (run.header.notes ?? []))].map((text) =>
    note(text),
  );
  return [...shown(scene, k, full), ...said];
}

/** How much of a representation is seen. */
function shown(scene: Scene, k: number, full: boolean): HTMLElement[] {
  const { run } = scene.moment;
  const n = run.nUnits(k);
  if (n <= scene.nAxes) return [note(n === 1 ? "One unit: all of it is shown." : `All ${n} units are shown.`)];
  const meaning = scene.meaning(k);
  const bars = meaning ? [note(capital(meaning)), ...trust(scene, k)] : [];
  const variance = meaning ? 1 : varianceShown(scene.moment.statistics(k).covariance, padRows(scene.camera.stop(k), n));
  if (!meaning) bars.push(bar("Spread shown", variance, "Share of the variance that this picture shows"));
  if (scene.projection(k).areCorners) {
    bars.push(
      note("Each class pulls towards a corner of its own; classes that the network confuses stand side by side."),
    );
    if (!decides(n, scene.nAxes)) bars.push(note("A place between the corners does not decide the class."));
  }
  const probe = full ? probes(scene, k) : null;
  if (probe) {
    const whole = run.header.representations[k].reduced
      ? `the ${n} stored directions`
      : `all ${grouped(run.wholeUnits(k))} units`;
    const isR2 = !run.nClasses;
    const score = (where: string, of: number): HTMLElement =>
      isR2 ? bar(`R² of a linear probe, ${where}`, of, R2, r2Text(of, 2)) : bar(`Straight cut, ${where}`, of, CUT);
    bars.push(score("this picture", probe.shown), score(whole, probe.full));
    if (probe.full - probe.shown > GAP) {
      const more = isR2
        ? "more of the target is in the layer than is seen"
        : "the classes overlap less in the layer than they do";
      bars.push(note(`This picture misleads: ${more} here.`, true));
    }
    bars.push(note(`Both${isR2 ? "" : " cuts"}: ${grouped(probe.nJudged)} points, which they were not fitted to.`));
  } else if (full && run.nClasses > 1 && run.nPoints < FEWEST) {
    bars.push(note(`Too few points to say how well a straight cut sorts them: ${FEWEST} are needed.`));
  }
  if (!run.nClasses && !probe && variance < LITTLE) {
    bars.push(note("Most of the spread (variance) is not shown: points that look near may be far apart.", true));
  }
  return bars;
}

/** Of the checkpoint before, where it is between two. */
function trust({ moment: { run, u } }: Scene, k: number): HTMLElement[] {
  const share = run.header.neighbours!.trustworthiness[Math.floor(u)][k];
  return share === null
    ? []
    : [
        bar(
          "Trustworthiness",
          share,
          "Whether the 15 neighbours in the picture are neighbours in the layer: all at 100%",
        ),
      ];
}

/** Notes of the network that name one of these representations. */
export function notesAbout(run: Run, ...places: number[]): string[] {
  const names = places.map((k) => run.header.representations[k].name.toLowerCase());
  return (run.header.notes ?? []).filter((text) => {
    const words = text.toLowerCase().split(/[\s,.:;‘’]+/);
    return names.some((name) => words.includes(name));
  });
}

function note(text: string, warns = false): HTMLElement {
  return h("div", { class: warns ? "warn" : "note" }, text + (text.endsWith(".") ? "" : "."));
}

function bar(title: string, share: number, term: string, text?: string): HTMLElement {
  const line = h("i");
  line.style.setProperty("--share", `${100 * Math.max(share || 0, 0)}%`);
  return h(
    "div",
    { class: "bar", title: term },
    h("span", {}, title),
    h("span", {}, text ?? percent(share, share > 0.995 && share < 1 ? 1 : 0)),
    line,
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
