/**
 * What is proved about a case: the twin of src/unknot/width/theory.py, word for word;
 * tests/width/verdict_golden.json holds both to the same.
 */

export interface Statement {
  readonly text: string;
  readonly source: string;
  /** Where it was proved. */
  readonly domain: string;
  /** The widths, among those tried, about which it says something. */
  readonly widths: readonly number[];
  /** Whether those cannot have the decision regions that the classes have. */
  readonly forbids: boolean;
}

/** What the theorems ask about. */
export interface Case {
  /** Of the generator; empty for points of which nothing is known. */
  readonly name: string;
  readonly d: number;
  readonly nClasses: number;
  /** Of the hidden layers, which bend. */
  readonly activation: string;
  readonly depth: number;
  readonly widths: readonly number[];
}

const ENCLOSED = ["circles", "shells", "interval", "gaussian_quantiles", "discs", "shell_pairs"];
const CONCENTRIC = ["circles", "shells", "interval"];
/** What is known of the activations that the page has. */
const CREASED = ["relu", "leaky_relu"];
const STRICT = ["leaky_relu", "tanh", "sigmoid", "softplus", "elu", "celu", "selu"];
const MONOTONE = [...STRICT, "relu", "relu6", "hard_tanh"];
const SMOOTH = ["tanh", "sigmoid", "gelu", "silu", "softplus", "sin", "exact_gelu", "mish"];
const [JOHNSONS, KIMS] = [
  ["relu", "sigmoid", "tanh"],
  ["relu", "gelu", "softplus"],
];

const BEISE = "Beise, Dias Da Cruz, Schröder 2021, Neural Networks 140";
const power = (d: number): string =>
  d === 1 ? "" : [...String(d)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");

/** The statements that apply, the strictest first. */
export function theory({ name, d, nClasses, activation, depth, widths }: Case): Statement[] {
  const said: Statement[] = [];
  const say = (text: string, source: string, domain = "", about: readonly number[] = [], forbids = false): void => {
    said.push({ text, source, domain, widths: about, forbids });
  };
  const isIn = (names: readonly string[]): boolean => names.includes(activation);
  const upTo = (most: number): number[] => widths.filter((w) => w <= most);
  const from = (least: number): number[] => widths.filter((w) => w >= least);
  const inputs = d === 1 ? "1 input" : `${d} inputs`;
  const isTwo = nClasses === 2;
  const encloses = ENCLOSED.includes(name) && isTwo;
  const narrow = upTo(d);
  if (encloses && narrow.length && isIn([...STRICT, "relu"])) {
    say(
      `Where no hidden layer is wider than the ${inputs}, every piece of a decision region reaches out to infinity ` +
        "(relu and continuous, strictly monotone activations), so none can close around the inner class.",
      BEISE,
      `regions in all of ℝ${power(d)}, any depth; nothing on accuracy`,
      narrow,
      true,
    );
  }
  if (name === "circles" && isTwo && isIn(STRICT)) {
    say(
      "A disc within a ring is separated without error only if some layer has 3 units or more (layers that neither " +
        "tear nor glue: homeomorphisms).",
      "Olah 2014, Neural Networks, Manifolds, and Topology",
      "a disc and a ring with a gap between them in the plane, any depth",
      upTo(2),
    );
  }
  if (depth === 1 && isIn(MONOTONE) && widths.includes(1) && isTwo) {
    say(
      "One monotone unit is one threshold along one direction: a straight cut.",
      "Minsky, Papert 1969, Perceptrons",
      "all inputs, one hidden layer",
      [1],
    );
  }
  if (CONCENTRIC.includes(name) && isTwo && isIn(SMOOTH)) {
    say(
      `${d + 1} smooth units in one layer come as near as one likes to any sphere in ${d} dimension${d > 1 ? "s" : ""}: ` +
        "with small weights that point to the corners of a simplex (triangle, tetrahedron, …) they add up to a constant " +
        "and the squared distance.",
      "Taylor expansion, see docs/width.md",
      "bounded sets",
      from(d + 1),
    );
  }
  if (depth === 1 && d === 2 && isIn(CREASED)) {
    say(
      "k such units draw k creases; a closed region without dents (convex) has its corners on creases, two on each at " +
        "most: a polygon of at most 2k sides.",
      "elementary",
      "the whole plane, one hidden layer",
      widths,
    );
  }
  if (name === "xor" && depth === 1 && isIn(MONOTONE)) {
    say(
      `${d} units in one layer are enough for the parity of ${d} bits.`,
      "Rumelhart, Hinton, Williams 1986, Nature 323",
      "the corners of the cube, without noise",
      from(d),
    );
  }
  if (depth > 1) deep();
  if (!isIn(MONOTONE))
    say(`${activation} is not monotone: the theorems on closed decision regions do not cover it.`, BEISE);
  return said;

  /** How near networks of a width come to any function, if they may be as deep as they need. */
  function deep(): void {
    const nOutputs = isTwo ? 1 : nClasses;
    const cube = `[0, 1]${power(d)}`;
    if (encloses && d > 1 && narrow.length && isIn(JOHNSONS)) {
      say(
        `Networks whose layers are no wider than the ${inputs} do not come near to every function, however deep: what ` +
          "level sets they can have is limited.",
        "Johnson 2019, ICLR",
        "compact sets, in the largest error (L∞)",
        narrow,
      );
    }
    if (activation === "relu" && nOutputs === 1) {
      say(
        "Relu networks come as near as one likes to every continuous function if their layers have " +
          `${d + 1} units, and not if none has more than ${d}.`,
        "Hanin, Sellke 2017, arXiv 1710.11278",
        `${cube}, in the largest error, as deep as it takes`,
        widths,
      );
    }
    if (activation === "relu") {
      say(
        `${Math.max(d + 1, nOutputs)} units a layer are the least with which relu networks come as near as one likes to ` +
          "every function on unbounded space, on average.",
        "Park, Yun, Lee, Shin 2021, ICLR",
        `ℝ${power(d)}, in mean (Lᵖ), as deep as it takes`,
        widths,
      );
    }
    if (isIn(KIMS)) {
      const least = Math.max(d, nOutputs, 2);
      say(
        `Accuracy is another matter: ${least} units a layer are the least with which ${activation} networks come as near ` +
          "as one likes to every function on a cube, on average, not everywhere.",
        "Kim, Min, Park 2024, ICLR",
        `${cube}, in mean (Lᵖ), as deep as it takes`,
        from(least),
      );
    }
  }
}
