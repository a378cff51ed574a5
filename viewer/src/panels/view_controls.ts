/** What is shown of each layer: two or three axes, the projection, and what is drawn besides. */
import { type Drawable, reasonAgainst } from "../model/drawable";
import { projections, usableProjections } from "../motion/projection";
import type { Name } from "../state/controls";
import { fit, grouped } from "../words";
import { h } from "./dom";
import type { Host, Now, Panel } from "./panel";

export function viewControls(host: Host): Panel {
  const { run, store } = host;
  const widest = Math.max(...run.header.representations.map((r) => r.n_units));
  /** Maps of neighbours have as many axes as they were made with. */
  const mapped = run.header.neighbours?.n_axes === 3 ? "3d" : "2d";
  const turn = (view: "2d" | "3d"): void => {
    const isLeft = store.state.projection === "neighbours" && run.header.neighbours && view !== mapped;
    if (isLeft) host.say(`The maps of neighbours in this page have ${mapped[0]} axes: layers are shown automatically.`);
    host.change({ view, units: [], unitsOf: -1, ...(isLeft ? { projection: "auto" } : {}) });
  };
  const axes = (["2d", "3d"] as const).map((view) =>
    h("button", { type: "button", onclick: () => turn(view) }, view === "2d" ? "2-D" : "3-D"),
  );
  const choose = h("select", {
    "aria-label": "Projection",
    onchange: () => {
      const chosen = { projection: choose.value as never, units: [], unitsOf: -1, tour: 0 };
      host.change(choose.value === "neighbours" ? { ...chosen, view: mapped } : chosen);
    },
  });
  const usable = usableProjections(run.nClasses, run.header);
  for (const name of usable) choose.append(h("option", { value: name }, projections[name].title));
  const projection = h("label", { class: "field", hidden: widest <= 2 }, h("span", {}, "Projection"), choose);
  const unitBoxes = [0, 1, 2].map((axis) =>
    h("input", {
      type: "number",
      min: 1,
      max: widest,
      "aria-label": `Unit on axis ${axis + 1}`,
      onchange: () => pickUnits(),
    }),
  );
  const unitsRow = h("div", { class: "field" }, h("span", {}, "Axes"), h("div", { class: "segments" }, ...unitBoxes));
  /** The representation that is shown, or nearest: its units are chosen. */
  let k = 0;
  const pickUnits = (): void => {
    const n = store.state.view === "3d" ? 3 : 2;
    const wanted = unitBoxes.slice(0, n).map((box) => Math.round(Number(box.value)) - 1);
    const valid = wanted.every((u) => u >= 0 && u < run.nUnits(k)) && new Set(wanted).size === n;
    if (valid) host.change({ units: wanted, unitsOf: k, unitsRun: 0 });
    else host.say(`Choose ${n} different units from 1 to ${grouped(run.nUnits(k))}.`);
  };
  const again = h(
    "button",
    { type: "button", onclick: () => host.change({ seed: store.state.seed + 1 }) },
    "Draw another",
  );
  const toggles = flags(host);
  const scale = h(
    "select",
    { "aria-label": "Scale", onchange: () => host.change({ scale: scale.value as never }) },
    h("option", { value: "animated" }, "Follows the cloud"),
    h("option", { value: "fixed" }, "Fixed"),
  );
  const together = h(
    "button",
    { type: "button", onclick: () => store.set({ sameAxes: !store.state.sameAxes }) },
    "Same axes",
  );
  const element = h(
    "section",
    { class: "panel", "aria-label": "View" },
    h(
      "div",
      { class: "field" },
      h("span", {}, "View"),
      h("div", { class: "segments", role: "group", "aria-label": "Number of axes" }, ...axes),
    ),
    projection,
    unitsRow,
    h("div", { class: "field", hidden: true }, h("span"), again),
    h("label", { class: "field" }, h("span", {}, "Scale"), scale),
    h(
      "div",
      { class: "chips", role: "group", "aria-label": "Shown" },
      ...toggles.map((t) => t.button),
      (host.canTrain || host.file.runs.length > 1) && together,
    ),
  );
  return {
    element,
    update({ state, instant, instants }: Now): void {
      together.hidden = instants.length < 2;
      axes.forEach((button, i) => button.setAttribute("aria-pressed", String(state.view === ["2d", "3d"][i])));
      projection.hidden = widest <= (state.view === "3d" ? 3 : 2);
      k = Math.round(Math.min(instant.t, run.length));
      // Units of another layer are not the axes of this one.
      const isOwn =
        state.units.length > 0 &&
        (state.unitsOf < 0 || (state.unitsRun === 0 && run.layerOf(state.unitsOf).includes(k)));
      const isSeen =
        usable.includes(state.projection) && (state.projection !== "neighbours" || instant.scene.showsMaps);
      const shown = isOwn ? "units" : isSeen ? state.projection : "auto";
      if (choose.value !== shown) choose.value = shown;
      scale.value = state.scale;
      const n = state.view === "3d" ? 3 : 2;
      unitsRow.hidden = shown !== "units" || run.nUnits(k) <= n;
      unitsRow.title = `Units of ${fit(run.header.representations[k].name, 40)} as axes`;
      unitBoxes.forEach((box, i) => {
        box.hidden = i >= n;
        box.max = String(run.nUnits(k));
        const value = String(((isOwn ? state.units[i] : undefined) ?? i) + 1);
        const isTyped = (box.getRootNode() as ShadowRoot).activeElement === box;
        if (!isTyped && box.value !== value) box.value = value;
      });
      again.parentElement!.hidden = state.projection !== "random";
      for (const { name, button } of toggles) button.setAttribute("aria-pressed", String(state[name]));
      together.setAttribute("aria-pressed", String(state.sameAxes));
    },
  };
}

function flags(host: Host): { name: Name; button: HTMLButtonElement }[] {
  const { store } = host;
  const all: [Drawable, string][] = [
    ["lattice", "Grid"],
    ["boundary", "Boundary"],
    ["shading", "Confidence"],
    ["axes", "Axes"],
    ["heldOut", "Rings: held out"],
  ];
  return all
    .filter(([name]) => reasonAgainst(name, host.file.runs) === null)
    .map(([name, title]) => {
      const flip = (): void => store.set({ [name]: !store.state[name] });
      return { name, button: h("button", { type: "button", onclick: flip }, fit(title)) };
    });
}
