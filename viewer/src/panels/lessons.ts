/** The lessons: choose one, predict, do what it asks, and read what is true. */
import { lessons, type Move } from "../training/lessons";
import type { Studio } from "../training/studio";
import { percent } from "../words";
import { choice } from "./choices";
import { h, write } from "./dom";
import type { Host, Now, Panel } from "./panel";
import { type Ballot, ballot, type Votes } from "./prediction";

/** What the classes of a page have voted. */
const votesOf = new WeakMap<Host["sources"], Votes>();
/** Where nothing else is asked, and the upper ends of what may come out, as shares. */
const QUESTION = "How many of the held-out points will it get right, once it is trained?";
const ENDS = [0.6, 0.8, 0.95, 1] as const;
const RANGES = ["Up to 60%", "60 to 80%", "80 to 95%", "Above 95%"];

export function lessonsPanel(host: Host): Panel {
  const { store } = host;
  const chosen = store.state.lesson;
  const lesson = lessons[chosen - 1];
  const select = choice(
    "Lesson",
    [["0", "No lesson"], ...lessons.map(({ title }, i): [string, string] => [String(i + 1), `${i + 1} ${title}`])],
    (value) => open(host, Number(value)),
  );
  select.value = lesson ? String(chosen) : "0";
  const predict = h(
    "button",
    { type: "button", onclick: () => store.set({ predict: !store.state.predict }) },
    "Predict first",
  );
  const present = h(
    "button",
    {
      type: "button",
      title: "Large type and nothing but the picture (F)",
      onclick: () => store.set({ present: !store.state.present }),
    },
    "Present",
  );
  const votes = votesOf.get(host.sources) ?? new Map();
  votesOf.set(host.sources, votes);
  const box: Ballot = lesson
    ? ballot(lesson.question, lesson.choices, votes, () => unlock())
    : ballot(QUESTION, RANGES, votes, () => unlock());
  const truth = h("p", { class: "truth", hidden: true });
  const reveal = h(
    "button",
    {
      type: "button",
      onclick: () => {
        const studio = host.studio();
        if (studio) tell(studio);
      },
    },
    "What came true?",
  );
  const locked = h("p", { class: "note" }, "Train is unlocked by the first vote.");
  const moves = h("div", { class: "steps" }, ...(lesson?.moves ?? []).map((move) => moveButton(host, move)));
  const element = h(
    "section",
    { class: "panel first lesson", "aria-label": "Lessons", "data-part": "lessons" },
    h("h2", {}, "Lessons"),
    select,
    box.element,
    locked,
    lesson && h("p", {}, lesson.task),
    lesson && moves,
    reveal,
    truth,
    h("div", { class: "chips" }, predict, present),
  );
  const unlock = (): void => {
    const studio = host.studio();
    if (studio) studio.isLocked = store.state.predict && !box.hasVotes;
    locked.hidden = !studio?.isLocked;
  };
  const tell = (studio: Studio): void => {
    const { training, heldOut, step } = studio.shown;
    const { accuracy } = heldOut ?? training;
    if (!lesson && (!step || accuracy === null)) {
      host.say(step ? "Nothing is right or wrong here: it learns a number." : "Train it first.");
      return;
    }
    const right = lesson ? lesson.right : ENDS.findIndex((end) => accuracy! <= end);
    box.reveal(right);
    truth.hidden = false;
    write(truth, lesson?.truth ?? `${percent(accuracy!, 1)} are right after ${step} steps.`);
  };
  return {
    element,
    update({ state }: Now): void {
      const studio = host.studio();
      element.hidden = !studio;
      if (!studio) return;
      const asks = state.predict || lesson !== undefined;
      box.element.hidden = reveal.hidden = !asks;
      element.classList.toggle("idle", !asks);
      predict.setAttribute("aria-pressed", String(state.predict));
      present.setAttribute("aria-pressed", String(state.present));
      [...moves.children].forEach((button, i) =>
        button.setAttribute("aria-pressed", String(isSet(host, lesson.moves[i]))),
      );
      unlock();
    },
  };
}

/** A lesson begins with its first network. */
function open(host: Host, number: number): void {
  const lesson = lessons[number - 1];
  if (lesson) host.store.set({ ...lesson.moves[0].state, lesson: number });
  else host.store.set({ lesson: 0, draws: "usual", until: 0 });
}

function isSet({ store }: Host, { state }: Move): boolean {
  return (["data", "network", "start", "rate", "optimiser"] as const).every(
    (name) => store.state[name] === state[name],
  );
}

function moveButton(host: Host, move: Move): HTMLElement {
  const go = (): void => {
    const studio = host.studio();
    const { data, network, start } = host.store.state;
    const isSame = data === move.state.data && network === move.state.network && start === move.state.start;
    host.store.set(move.state);
    // What is there already begins anew.
    if (isSame && studio) studio.restart();
  };
  return h("button", { type: "button", onclick: go }, move.title);
}
