/** "Predict first": the class votes, and the training is unlocked when someone has. */
import { h, write } from "./dom";

export interface Ballot {
  readonly element: HTMLElement;
  readonly hasVotes: boolean;
  /** Mark the choice that came true. */
  reveal(right: number): void;
}

/** The votes for each choice, by question; they outlive the viewer, which is made anew for other networks. */
export type Votes = Map<string, number[]>;

/** A press is a vote; the minus beside it takes one back. */
export function ballot(question: string, choices: readonly string[], votes: Votes, voted: () => void): Ballot {
  const counts = votes.get(question) ?? choices.map(() => 0);
  votes.set(question, counts);
  const texts = choices.map(() => h("span", { class: "votes" }));
  const show = (): void => {
    texts.forEach((text, i) => write(text, counts[i] ? `${counts[i]} vote${counts[i] > 1 ? "s" : ""}` : ""));
  };
  show();
  const rows = choices.map((choice, i) => {
    const change = (by: number): void => {
      counts[i] = Math.max(counts[i] + by, 0);
      show();
      voted();
    };
    return h(
      "div",
      { class: "vote" },
      h("button", { type: "button", onclick: () => change(1) }, h("span", {}, choice), texts[i]),
      h(
        "button",
        { type: "button", class: "less", "aria-label": `One vote less: ${choice}`, onclick: () => change(-1) },
        "−",
      ),
    );
  });
  const element = h(
    "div",
    { class: "ballot", role: "group", "aria-label": "Predict first" },
    h("p", {}, question),
    ...rows,
  );
  return {
    element,
    get hasVotes() {
      return counts.some((count) => count > 0);
    },
    reveal(right) {
      rows.forEach((row, i) => row.classList.toggle("right", i === right));
    },
  };
}
