/** The network of the tab "Train", layer by layer: more units or fewer, another activation, more layers. */
import { edited, type LayerPlan, planOf, problemOf } from "../training/editing";
import { fit } from "../words";
import { h, iconButton } from "./dom";
import type { Host, Now, Panel } from "./panel";

export function networkEditor(host: Host): Panel | null {
  const { run } = host;
  const choices = run.header.training?.activations;
  if (!choices?.length) return null;
  const plan = planOf(run);
  const change = (next: readonly LayerPlan[]): void => {
    const studio = host.studio();
    if (!studio) return;
    const problem = problemOf(run, next);
    if (problem) {
      host.say(problem);
      return;
    }
    studio.pause();
    const at = Math.round(Math.min(host.store.state.u, studio.run.lastMoment));
    host.edit(edited(studio.run, at, next, host.store.state.start + 1));
  };
  const put = (l: number, layer: Partial<LayerPlan>): LayerPlan[] =>
    plan.map((old, i) => (i === l ? { ...old, ...layer } : old));
  const rows = plan.slice(0, -1).map((layer, l) => {
    const name = `Layer ${l + 1}`;
    const { width } = layer;
    const activation = h("select", {
      "aria-label": `${name}: activation`,
      onchange: () => {
        const chosen = choices.find((each) => each.name === activation.value) ?? null;
        change(put(l, { activation: chosen }));
      },
    });
    activation.append(h("option", { value: "linear" }, "linear"));
    const own = layer.activation;
    const listed = own && choices.some((each) => each.name === own.name);
    if (own && !listed) activation.append(h("option", { value: own.name }, fit(own.name, 24)));
    for (const each of choices) activation.append(h("option", { value: each.name }, each.name));
    activation.value = own?.name ?? "linear";
    const step = (by: number, text: string, what: string): HTMLButtonElement =>
      h(
        "button",
        {
          type: "button",
          "aria-label": `${name}: ${what}`,
          title: what,
          onclick: () => change(put(l, { width: width + by })),
        },
        text,
      );
    return h(
      "div",
      { class: "layer" },
      h("span", {}, name),
      h(
        "div",
        { class: "width" },
        step(-1, "−", "one unit fewer"),
        h("output", {}, String(width)),
        step(1, "+", "one unit more"),
      ),
      activation,
      iconButton("close", `${name}: take it away`, () => change(plan.filter((_, i) => i !== l))),
    );
  });
  const last = plan.at(-2);
  const add = (): void => {
    const layer: LayerPlan = last
      ? { ...last, from: null, activation: last.activation ?? choices[0] }
      : { width: 4, activation: choices[0], from: null };
    change([...plan.slice(0, -1), layer, plan.at(-1)!]);
  };
  const element = h(
    "section",
    { class: "panel editor", "aria-label": "Layers" },
    h("h2", {}, "Layers"),
    ...rows,
    h(
      "div",
      { class: "steps" },
      h("button", { type: "button", "aria-label": "Add a layer", onclick: add }, "Add a layer"),
      host.isEdited &&
        h(
          "button",
          { type: "button", onclick: () => host.edit(null) },
          host.file.playground ? "The first network" : "The file's network",
        ),
    ),
    h(
      "div",
      { class: "note" },
      "Weights of units that stay are kept; new units have a dashed ring, and training begins at step 0.",
    ),
  );
  return {
    element,
    update(_: Now): void {
      element.hidden = !host.studio();
    },
  };
}
