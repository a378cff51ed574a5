/**
 * Activations as the page file writes them: a formula of z, as src/unknot/network/formulas.py has
 * it. Here is what a formula may do, for the CPU and as GLSL; which activations there are, Python says.
 */

/** A number, "z", the name of a carried parameter, or an operation and its arguments. */
export type Formula = number | string | readonly [string, ...Formula[]];

interface Operation {
  readonly apply: (...numbers: number[]) => number;
  /** With the arguments in the places of a, b and c. */
  readonly glsl: string;
  /** The derivative by each argument, of the arguments; where two formulas meet, what JAX takes. */
  readonly slopes: readonly ((...numbers: number[]) => number)[];
}

const zero = (): number => 0;
const one = (): number => 1;

const sigmoid = (z: number): number => (z >= 0 ? 1 / (1 + Math.exp(-z)) : 1 - 1 / (1 + Math.exp(z)));

/** Abramowitz and Stegun, 7.1.26: off by 1.5e-7 at most. */
function erf(z: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(z));
  const sum = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(z) * (1 - sum * Math.exp(-z * z));
}

/** tanh of GLSL overflows on some machines; erf, expm1 and log1p it does not have. */
export const GLSL_HELPERS = `
float sigmoid_(float z) { return z >= 0. ? 1. / (1. + exp(-z)) : 1. - 1. / (1. + exp(min(z, 80.) )); }
float tanh_(float z) { float e = exp(-2. * abs(z)); return sign(z) * (1. - e) / (1. + e); }
float softplus_(float z) { return max(z, 0.) + log(1. + exp(-abs(z))); }
float erf_(float z) {
  float t = 1. / (1. + .3275911 * abs(z));
  float sum = t * (.254829592 + t * (-.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return sign(z) * (1. - sum * exp(-z * z));
}
`;

/** By a of max(a, b): the larger has all of it, two that are equal a half each. */
const half = (a: number, b: number): number => (a > b ? 1 : a === b ? 0.5 : 0);

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  "+": { apply: (a, b) => a + b, glsl: "(a + b)", slopes: [one, one] },
  "-": { apply: (a, b) => a - b, glsl: "(a - b)", slopes: [one, () => -1] },
  "*": { apply: (a, b) => a * b, glsl: "(a * b)", slopes: [(_, b) => b, (a) => a] },
  "/": { apply: (a, b) => a / b, glsl: "(a / b)", slopes: [(_, b) => 1 / b, (a, b) => -a / (b * b)] },
  ">": { apply: (a, b) => Number(a > b), glsl: "float(a > b)", slopes: [zero, zero] },
  ">=": { apply: (a, b) => Number(a >= b), glsl: "float(a >= b)", slopes: [zero, zero] },
  where: {
    apply: (a, b, c) => (a ? b : c),
    glsl: "(a != 0. ? b : c)",
    slopes: [zero, (a) => (a ? 1 : 0), (a) => (a ? 0 : 1)],
  },
  maximum: { apply: Math.max, glsl: "max(a, b)", slopes: [(a, b) => half(a, b), (a, b) => half(b, a)] },
  minimum: { apply: Math.min, glsl: "min(a, b)", slopes: [(a, b) => half(b, a), (a, b) => half(a, b)] },
  abs: { apply: Math.abs, glsl: "abs(a)", slopes: [Math.sign] },
  erf: { apply: erf, glsl: "erf_(a)", slopes: [(a) => 2 * Math.exp(-a * a) * Math.sqrt(1 / Math.PI)] },
  exp: { apply: Math.exp, glsl: "exp(a)", slopes: [Math.exp] },
  expm1: { apply: Math.expm1, glsl: "(exp(a) - 1.)", slopes: [Math.exp] },
  log1p: { apply: Math.log1p, glsl: "log(1. + a)", slopes: [(a) => 1 / (1 + a)] },
  relu: { apply: (a) => Math.max(a, 0), glsl: "max(a, 0.)", slopes: [(a) => (a > 0 ? 1 : 0)] },
  sigmoid: { apply: sigmoid, glsl: "sigmoid_(a)", slopes: [(a) => sigmoid(a) * sigmoid(-a)] },
  sin: { apply: Math.sin, glsl: "sin(a)", slopes: [Math.cos] },
  softplus: {
    apply: (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))),
    glsl: "softplus_(a)",
    slopes: [sigmoid],
  },
  tanh: { apply: Math.tanh, glsl: "tanh_(a)", slopes: [(a) => 1 - Math.tanh(a) ** 2] },
};

/** Whether the page can work a formula out. */
export function isFormula(value: unknown, parameters: readonly string[]): value is Formula {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "string") return value === "z" || parameters.includes(value);
  if (!Array.isArray(value) || typeof value[0] !== "string" || !Object.hasOwn(OPERATIONS, value[0])) return false;
  const nArguments = new Set(OPERATIONS[value[0]].glsl.match(/\b[abc]\b/g)).size;
  return value.length === nArguments + 1 && value.slice(1).every((argument) => isFormula(argument, parameters));
}

/** A formula as a function of z and of the carried parameters, in the order of their names. */
export function compile(formula: Formula, parameters: readonly string[] = []): (z: number, own: Own) => number {
  if (typeof formula === "number") return () => formula;
  if (formula === "z") return (z) => z;
  if (typeof formula === "string") {
    const place = parameters.indexOf(formula);
    return (_, own) => own(place);
  }
  const { apply } = OPERATIONS[formula[0]];
  const [a, b, c] = formula.slice(1).map((argument) => compile(argument as Formula, parameters));
  if (c) return (z, own) => apply(a(z, own), b(z, own), c(z, own));
  return b ? (z, own) => apply(a(z, own), b(z, own)) : (z, own) => apply(a(z, own));
}

/** A unit's own parameter, by its place among the names. */
export type Own = (parameter: number) => number;

/** A formula as GLSL; the arguments are expressions of z and of the parameters. */
export function asGlsl(formula: Formula, z: string, parameters: Readonly<Record<string, string>>): string {
  if (typeof formula === "number") return literal(formula);
  if (typeof formula === "string") return formula === "z" ? z : parameters[formula];
  const [a, b, c] = formula.slice(1).map((argument) => asGlsl(argument as Formula, z, parameters));
  const places: Readonly<Record<string, string>> = { a, b, c };
  return OPERATIONS[formula[0]].glsl.replace(/\b[abc]\b/g, (place) => places[place]);
}

/** A number that GLSL takes for a float. */
function literal(value: number): string {
  const text = String(value);
  return `(${/[.e]/.test(text) ? text : `${text}.`})`;
}
