/** Networks pinned beside the one in training, each with its numbers, and the branches that were left. */
import type { Score } from "../training/engine";
import type { LiveRun } from "../training/live_run";
import { optimisers } from "../training/optimisers";
import type { Settings, Snapshot } from "../training/session";
import { type Branch, elsewhere, endOf, MOST_PINS, type Pin, pinName } from "../training/shelf";
import type { Studio } from "../training/studio";
import { fit, grouped, percent, plain } from "../words";
import { h, iconButton, write } from "./dom";
import type { Host, Now, Panel } from "./panel";

/** Keeps the network that is shown, at its step, beside the one in training. */
export function pinButton(host: Host): HTMLButtonElement {
  const pin = (): void => {
    const studio = host.studio();
    if (!studio) return;
    host.pin((shelf) => {
      if (!studio.pin()) host.say(`${MOST_PINS + 1} networks are side by side; take a pin away to make room.`);
      else host.say(`${pinName(shelf.pins.at(-1)!)} stays in the picture, on the same axes.`);
    });
  };
  return h(
    "button",
    {
      type: "button",
      title: "Keep this network in the picture, beside the one in training",
      onclick: pin,
    },
    "Pin",
  );
}

export function comparePanel(host: Host): Panel {
  const own = h("div", { class: "pin run0" }, h("i"), h("div"));
  const list = h("div", { class: "pins" });
  const element = h("section", { class: "panel compare", "aria-label": "Compare" }, h("h2", {}, "Compare"), list);
  let drawn: unknown[] = [];
  return {
    element,
    update(_: Now): void {
      const studio = host.studio();
      element.hidden = !studio?.shelf.pins.length && !studio?.shelf.branches.length;
      if (!studio) return;
      const { pins, branches } = studio.shelf;
      if (pins.length) write(own.lastElementChild!, `This one: ${scoreText(studio.shown, studio)}`);
      const next = [pins, branches];
      if (next.every((each, i) => each === drawn[i])) return;
      drawn = next;
      list.replaceChildren(
        ...(pins.length ? [own] : []),
        ...pins.map((each, i) => pinRow(host, studio, each, i + 1)),
        ...(branches.length ? [h("h3", {}, "Left on the way")] : []),
        ...branches.map((each) => branchRow(host, studio, each)).reverse(),
      );
    },
  };
}

function pinRow(host: Host, studio: Studio, pin: Pin, i: number): HTMLElement {
  const end = endOf(pin.branch);
  const name = pinName(pin, studio.origin.data);
  return h(
    "div",
    { class: `pin run${i}` },
    h("i"),
    h(
      "div",
      {},
      h("b", {}, name),
      h("div", {}, scoreText(end, { run: pin.branch.live })),
      h("div", { class: "note" }, about(pin.branch)),
    ),
    h(
      "button",
      { type: "button", "aria-label": `${name}: go on from here`, onclick: () => host.take(pin.branch) },
      "Go on",
    ),
    iconButton("close", `${name}: take it away`, () => host.pin((shelf) => shelf.unpin(pin))),
  );
}

function branchRow(host: Host, studio: Studio, branch: Branch): HTMLElement {
  const end = endOf(branch);
  const name = `Step ${grouped(end.step)}`;
  const isHere = branch.origin.data === studio.origin.data;
  const parts = !isHere
    ? elsewhere(branch, studio.origin.data)
    : branch.from
      ? ` (from step ${grouped(branch.snapshots[branch.from].step)})`
      : "";
  return h(
    "div",
    { class: "pin left" },
    h("i"),
    h(
      "div",
      {},
      h("b", {}, name),
      parts,
      h("div", {}, scoreText(end, { run: branch.live })),
      h("div", { class: "note" }, about(branch)),
    ),
    h("button", { type: "button", "aria-label": `${name}: return`, onclick: () => host.take(branch) }, "Return"),
    h(
      "button",
      { type: "button", "aria-label": `${name}: pin`, onclick: () => host.pin((shelf) => void shelf.pin(branch)) },
      "Pin",
    ),
  );
}

/** Its own numbers: held out first. */
export function scoreText({ training, heldOut }: Snapshot, { run }: { readonly run: LiveRun }): string {
  const unit = run.target.deviation ** 2;
  const text = ({ loss, accuracy }: Score): string =>
    accuracy === null ? `loss ${plain(Number((loss * unit).toPrecision(3)))}` : `${percent(accuracy, 1)} right`;
  if (!Number.isFinite(training.loss)) return "before training";
  return heldOut ? `${text(heldOut)} held out (training ${text(training).replace(" right", "")})` : text(training);
}

/** What made it: the network, and how it learnt last. */
function about({ live, settings, start, log }: Branch): string {
  const last = log.at(-1)?.settings ?? settings;
  return [fit(live.header.name, 60), settingsText(last), start ? `start ${start}` : ""].filter(Boolean).join(" · ");
}

export function settingsText({ optimiser, rate, batch, decay, l1, l2 }: Settings): string {
  const more = [
    decay && optimisers[optimiser].hasDecay && `decay ${plain(decay)}`,
    l1 && `L1 ${plain(l1)}`,
    l2 && `L2 ${plain(l2)}`,
  ];
  return [`${optimiser} ${plain(rate)}, batch ${batch}`, ...more.filter(Boolean)].join(", ");
}
