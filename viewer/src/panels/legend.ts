/** What the colours mean; a click on a class switches it off or on. */
import { colourChoices, colouringOf, paintOf, unitIn, unitOf } from "../model/colouring";
import { css, onTheme, RAMP_CSS, rgb } from "../theme/colours";
import { fit, grouped, percent, plain } from "../words";
import { h, write } from "./dom";
import type { Host, Now, Panel } from "./panel";

export function legend(host: Host): Panel {
  const { run, store } = host;
  const choose = h("select", { "aria-label": "Colour by", onchange: () => store.set({ colour: choose.value }) });
  const choices = colourChoices(run);
  for (const { value, title } of choices) choose.append(h("option", { value }, fit(title, 40)));
  const other = h("option", { hidden: true });
  choose.append(other);
  const counts = countLabels(run.labels, run.groupNames.length);
  const swatches: HTMLElement[] = [];
  const buttons = run.groupNames.map((name, c) => {
    const swatch = h("span", { class: "swatch" });
    swatches.push(swatch);
    const toggle = (): void => {
      const { hidden } = store.state;
      store.set({ hidden: hidden.includes(c) ? hidden.filter((x) => x !== c) : [...hidden, c].sort((a, b) => a - b) });
    };
    return h(
      "button",
      {
        type: "button",
        onclick: toggle,
        title: fit(name, 200),
        // A finger does not hover: its tap switches the class, and nothing stays lit.
        onpointerenter: (event: PointerEvent) => event.pointerType === "mouse" && host.light(c),
        onpointerleave: () => host.light(null),
        onfocus: (event: FocusEvent) => (event.target as Element).matches(":focus-visible") && host.light(c),
        onblur: () => host.light(null),
      },
      swatch,
      h("span", { class: "name", dir: "auto" }, fit(name, 60)),
      h("span", { class: "count" }, grouped(counts[c])),
    );
  });
  const list = h(
    "ul",
    { class: "legend", "aria-label": "Classes; press to hide or show" },
    ...buttons.map((b) => h("li", {}, b)),
  );
  const bar = h("div", { class: "scale", style: `background:${RAMP_CSS}` });
  const low = h("span");
  const high = h("span");
  const scale = h("div", { hidden: true }, bar, h("div", { class: "ends" }, low, high));
  const note = h("div", { class: "note", hidden: true }, "Wrong predictions in their class's colour, right ones grey.");
  const rings = h("div", { class: "note ring-key", hidden: true }, h("i"), "held out");
  const gaps = h("div", { class: "note", hidden: true }, "Grey: no target.");
  const hasGaps = !run.nClasses && run.labels?.some((label: number) => label < 0);
  const element = h(
    "section",
    { class: "panel", "aria-label": "Colours" },
    h("label", { class: "field" }, h("span", {}, "Colour"), choose),
    scale,
    gaps,
    note,
    list,
    rings,
  );
  let shown: { theme: unknown; hidden: unknown } | undefined;
  return {
    element,
    update({ state, instants }: Now): void {
      // Of several networks the one whose unit gives the colours is explained.
      const { moment } = (instants[unitOf(state.colour)?.run ?? 0] ?? instants[0]).scene;
      const colouring = colouringOf(state.colour, moment);
      const paint = paintOf(colouring, moment.run);
      const unit = unitIn(state.colour, moment.run);
      if (unit && !choices.some(({ value }) => value === state.colour)) {
        other.value = state.colour;
        const layer = fit(moment.run.header.representations[unit.k].name, 24);
        other.textContent = `${layer}: ${fit(moment.run.unitName(unit.k, unit.unit), 16)}`;
      }
      choose.value = state.colour;
      scale.hidden = paint !== 1;
      note.hidden = paint !== 2;
      gaps.hidden = !hasGaps || colouring.mode > 0;
      rings.hidden = !state.heldOut || !instants.some(({ scene }) => scene.moment.run.heldOut);
      if (colouring.mode === 0) {
        // A regression target: the file carries its place between its extremes.
        const { target } = run.header;
        write(low, target ? plain(target.low) : "low target");
        write(high, target ? plain(target.high) : "high target");
      } else {
        write(low, colouring.mode === 3 ? percent(1 / Math.max(run.nClasses, 1)) : plain(colouring.low));
        write(high, colouring.mode === 3 ? "100%" : plain(colouring.high));
      }
      const theme = host.theme();
      if (shown?.theme === theme && shown.hidden === state.hidden) return;
      shown = { theme, hidden: state.hidden };
      run.header.class_colours.slice(0, swatches.length).forEach((colour, c) => {
        swatches[c].style.background = css(onTheme(rgb(colour), theme));
        buttons[c].setAttribute("aria-pressed", String(!state.hidden.includes(c)));
      });
    },
  };
}

function countLabels(labels: ArrayLike<number> | null, nGroups: number): number[] {
  const counts = new Array<number>(nGroups).fill(0);
  if (labels) for (let i = 0; i < labels.length; i++) counts[labels[i]]++;
  return counts;
}
