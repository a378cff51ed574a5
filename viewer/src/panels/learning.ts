/** How it learns: everything here applies from the next step on, and nothing starts over. */
import type { Name, State } from "../state/controls";
import { type OptimiserName, optimisers } from "../training/optimisers";
import { grouped, plain } from "../words";
import { choice, field, set } from "./choices";
import { h, write } from "./dom";
import type { Host, Now, Panel } from "./panel";

const PENALTIES = [0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3];
const BATCHES = [1, 4, 8, 16, 32, 64, 128, 256, 1024, 4096];
const PACES: readonly [State["pace"], string][] = [
  ["doubling", "Slow at first, then doubling"],
  ["1", "1 step a picture"],
  ["10", "10 steps a picture"],
  ["100", "100 steps a picture"],
  ["free", "As fast as it can"],
];
const SCHEDULE_NAMES: readonly [State["schedule"], string][] = [
  ["constant", "Constant rate"],
  ["steps", "A tenth, then a hundredth"],
  ["cosine", "Rises, then falls to 0"],
];
const PATIENCES = [0, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
const USUAL_END = 5_000;
/** Of the rate's slider, powers of ten. */
const [LOW, HIGH] = [-5, 1];

export function learningPanel(host: Host): Panel {
  const { store, run } = host;
  const slider = h("input", {
    type: "range",
    min: LOW,
    max: HIGH,
    step: 0.05,
    "aria-label": "Learning rate",
    oninput: () => store.set({ rate: Number((10 ** Number(slider.value)).toPrecision(2)) }),
  });
  const rate = h("input", {
    type: "text",
    inputmode: "decimal",
    "aria-label": "Learning rate as a number",
    onchange: () => {
      const wanted = Number(rate.value.replace(",", "."));
      if (wanted >= 1e-6 && wanted <= 1e6) store.set({ rate: wanted });
      else host.say("The rate is a number from 0.000001 to 1,000,000.");
      rate.value = String(store.state.rate);
    },
  });
  const optimiser = choice(
    "Optimiser",
    Object.entries(optimisers).map(([name, { title }]) => [name, title]),
    (value) => store.set({ optimiser: value as OptimiserName }),
  );
  const batch = choice("Batch", BATCHES.map(numbered), (value) => store.set({ batch: Number(value) }));
  const pace = choice("Speed", PACES, (value) => store.set({ pace: value as State["pace"] }));
  const schedule = choice("Schedule", SCHEDULE_NAMES, (value) => {
    // A rate that falls needs a step by which it has fallen.
    const until = store.state.until || (value === "constant" ? 0 : USUAL_END);
    store.set({ schedule: value as State["schedule"], until });
  });
  const until = h("input", {
    type: "text",
    inputmode: "numeric",
    placeholder: "never",
    "aria-label": "Stop at step",
    onchange: () => {
      // Whole, with or without signs between thousands.
      const isWhole = /^(\d*|\d{1,3}([\s,.]\d{3})+)$/.test(until.value.trim());
      const wanted = Number(until.value.replace(/[\s,.]/g, ""));
      if (isWhole && wanted <= 1e7) {
        store.set({ until: Math.round(wanted), ...(wanted ? {} : { schedule: "constant" as const }) });
      } else host.say("The step to stop at is a whole number up to 10,000,000; empty is never.");
      until.value = ended(store.state.until);
    },
  });
  const patience = choice("Stop early", PATIENCES.map(patient), (value) => store.set({ patience: Number(value) }));
  patience.title = "Stop when the loss of the held-out points has not fallen for so many steps";
  const penalty = (title: string, name: Name): HTMLSelectElement =>
    choice(title, PENALTIES.map(numbered), (value) => store.set({ [name]: Number(value) }));
  const [decay, l1, l2] = [penalty("Decay", "decay"), penalty("L1", "l1"), penalty("L2", "l2")];
  const decayField = field("Decay", decay);
  const note = h("div", { class: "note" });
  const element = h(
    "section",
    { class: "panel first learning", "aria-label": "Learning" },
    h("h2", {}, "Learning"),
    h("div", { class: "field" }, h("span", {}, "Rate"), h("div", { class: "rate" }, slider, rate)),
    field("Schedule", schedule),
    field("Stop at", until),
    field("Stop early", patience),
    field("Optimiser", optimiser),
    field("Batch", batch),
    field("L1", l1),
    field("L2", l2),
    decayField,
    field("Speed", pace),
    note,
  );
  const peak =
    run.header.training?.is_scheduled && !host.file.playground
      ? ` Python's rate rose to ${plain(run.header.training.rate)} and fell to 0; here it is constant.`
      : "";
  return {
    element,
    update({ state }: Now): void {
      const studio = host.studio();
      element.hidden = !studio;
      if (!studio) return;
      const active =
        element.getRootNode() instanceof ShadowRoot ? (element.getRootNode() as ShadowRoot).activeElement : null;
      if (active !== slider) slider.value = String(Math.log10(state.rate));
      slider.setAttribute("aria-valuetext", plain(state.rate));
      if (active !== rate) rate.value = String(state.rate);
      set(schedule, state.schedule);
      if (active !== until) until.value = ended(state.until);
      set(patience, ...patient(state.patience));
      set(optimiser, state.optimiser);
      set(batch, ...numbered(state.batch));
      set(pace, state.pace);
      set(l1, ...numbered(state.l1));
      set(l2, ...numbered(state.l2));
      set(decay, ...numbered(state.decay));
      decayField.hidden = !optimisers[state.optimiser].hasDecay;
      const isSpent = state.schedule === "cosine" && state.until > 0 && studio.shown.step >= state.until;
      const spent = isSpent ? ` The rate is 0 from step ${grouped(state.until)} on: set “Stop at” higher.` : "";
      const own = studio.trainer.hasWorker
        ? ""
        : " This browser refuses a worker: the page trains between two pictures.";
      write(note, `Changes apply at once; nothing starts over.${peak}${spent}${own}`);
    },
  };
}

function ended(until: number): string {
  return until ? grouped(until) : "";
}

function patient(steps: number): [string, string] {
  return [String(steps), steps ? `no fall for ${grouped(steps)} steps` : "never"];
}

function numbered(value: number): [string, string] {
  return [String(value), value === 0 ? "none" : value >= 1 ? grouped(value) : String(value)];
}
