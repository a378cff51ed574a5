/** Lessons: each a preset, a question, what to do, and one true sentence. Its numbers are held by tests/lessons.test.ts. */
import type { State } from "../state/controls";

/** A network and settings that a lesson lets one try. */
export interface Move {
  readonly title: string;
  readonly state: Partial<State>;
}

export interface Lesson {
  readonly title: string;
  readonly question: string;
  readonly choices: readonly string[];
  /** Which of them is right. */
  readonly right: number;
  readonly task: string;
  readonly moves: readonly Move[];
  readonly truth: string;
}

/** An address that names a lesson and nothing else begins with its first network. */
export function withLesson(state: Partial<State>): Partial<State> {
  const lesson = lessons[(state.lesson ?? 0) - 1];
  return lesson && state.network === undefined ? { ...lesson.moves[0].state, ...state } : state;
}

const RINGS = "circles,n:1000,noise:0.08";
const THIN_RINGS = "circles,n:1000,noise:0.05";

/** Everything that a number depends on. */
const USUAL = {
  tab: "train",
  optimiser: "adam",
  rate: 0.02,
  batch: 32,
  decay: 0,
  l1: 0,
  l2: 0,
  schedule: "constant",
  draws: "spread",
  start: 1,
  until: 2_000,
  trained: "",
} as const satisfies Partial<State>;

const move = (title: string, data: string, network: string, change: Partial<State> = {}): Move => ({
  title,
  state: { ...USUAL, data, network, ...change },
});

export const lessons: readonly Lesson[] = [
  {
    title: "Why must it bend?",
    question: "Two layers of 4 units, and neither bends. How many of the held-out points will it get right?",
    choices: ["About half", "Three quarters", "Nearly all"],
    right: 0,
    task: "Train, and go through the layers: look at the cut. Then take the second network, whose units bend (tanh).",
    moves: [
      move("No bend", RINGS, "4-linear,4-linear", { rate: 0.01 }),
      move("tanh", RINGS, "4-tanh,4-tanh", { rate: 0.01 }),
    ],
    truth:
      "Stretching, turning and shifting, however often, leave the cut straight: 56% of the held-out points are right. " +
      "With tanh in the same places 99% are.",
  },
  {
    title: "How many folds close a ring?",
    question:
      "Every relu unit folds the plane once. How many folds does it take to close a ring around the inner points?",
    choices: ["1", "2", "3", "4"],
    right: 2,
    task: "Train one unit, then two, then three. Look at the region in the input.",
    moves: [
      move("1 unit", RINGS, "1-relu", { start: 29 }),
      move("2 units", RINGS, "2-relu", { start: 30 }),
      move("3 units", RINGS, "3-relu", { start: 3 }),
    ],
    truth:
      "One fold leaves a straight edge (67% right), two leave a wedge that is open to infinity (80%), three close the " +
      "region (100%). No start of 32 does better.",
  },
  {
    title: "Too small, or unlucky?",
    question: "Three units can close the ring, but this start does not. Of 32 starts, how many will?",
    choices: ["All", "About half", "Hardly any"],
    right: 1,
    task: "Train it. Then press “32 starts”, and take one of the best.",
    moves: [move("Unlucky start", RINGS, "3-relu", { start: 4 })],
    truth:
      "16 of 32 starts close the ring, with 99% right or more; the others end at 79% or less. The network is large enough: " +
      "its start was unlucky.",
  },
  {
    title: "Does depth replace room?",
    question: "Three layers of 2 tanh units, or one layer of 3: which can pull the rings apart?",
    choices: ["Three layers of 2", "One layer of 3", "Both"],
    right: 1,
    task: "Press “32 starts” for each of the two networks. Then look at a good one, layer by layer.",
    moves: [
      move("2, 2 and 2 units", THIN_RINGS, "2-tanh,2-tanh,2-tanh", { rate: 0.05 }),
      move("3 units", THIN_RINGS, "3-tanh", { rate: 0.05 }),
    ],
    truth:
      "After 2,000 steps the best of 32 networks with three layers of 2 has 94% right; with one layer of 3, 24 of 32 have 99% " +
      "or more. " +
      "In the plane nothing gets out of a ring; the third unit lifts it out.",
  },
  {
    title: "How big a step?",
    question: "Gradient descent with three rates: which will be ahead after 1,000 steps?",
    choices: ["0.001", "0.1", "10"],
    right: 1,
    task: "Train each of them, and press Pin before the next one: they stand side by side.",
    moves: ["0.001", "0.1", "10"].map((rate) =>
      move(`Rate ${rate}`, RINGS, "6-relu", { optimiser: "sgd", rate: Number(rate), until: 1_000 }),
    ),
    truth:
      "After 1,000 steps the small rate has 61% right, the middle one 99%. With the large one the training diverges: its " +
      "loss is more than ten times that of the start.",
  },
  {
    title: "Learning or memorising?",
    question: "40 points to learn from, and 32 and 32 units. What will the loss of the held-out points do?",
    choices: ["Fall all the way", "Fall, then rise", "Stay where it is"],
    right: 1,
    task: "Train. Drag the curve back to where the dashed loss is least. Then take 2,000 points.",
    moves: [
      move("80 points", "moons,n:80,noise:0.35,held:0.5", "32-relu,32-relu", { rate: 0.003 }),
      move("2,000 points", "moons,noise:0.35,held:0.5", "32-relu,32-relu", { rate: 0.003 }),
    ],
    truth:
      "With few points the held-out loss is least (0.42) at step 108 and is 2.71 in the end, when 100% of the training points " +
      "are right: it memorises. With 2,000 points it is 0.28 at its least and 0.28 in the end.",
  },
  {
    title: "The whole experiment",
    question: "100,000 noisy points, 6 relu units, 5 epochs. The best possible is 89.0%. How near will it come?",
    choices: ["It stays below 80%", "Between 80 and 88%", "Above 88%"],
    right: 2,
    task: "Set Speed to “As fast as it can”, train, and scrub back to when the fold happened.",
    moves: [
      move("As in the notebook", "circles,n:100000,noise:0.2", "6-relu,2-linear", {
        optimiser: "rmsprop",
        rate: 0.001,
        draws: "glorot",
        until: 12_500,
      }),
    ],
    truth: "After 12,500 steps 88.9% of the held-out points are right; the best possible is 89.0%.",
  },
];
