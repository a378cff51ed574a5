/** Activation functions by name: for the CPU and, as GLSL expressions of z, for the GPU. */

interface Activation {
  readonly apply: (z: number) => number;
  readonly glsl: string;
}

const SQRT_2_PI = Math.sqrt(2 / Math.PI);
const sigmoid = (z: number): number => (z >= 0 ? 1 / (1 + Math.exp(-z)) : 1 - 1 / (1 + Math.exp(z)));

/** tanh of GLSL overflows on some machines; expm1 and log1p it does not have. */
export const GLSL_HELPERS = `
float sigmoid_(float z) { return z >= 0. ? 1. / (1. + exp(-z)) : 1. - 1. / (1. + exp(min(z, 80.) )); }
float tanh_(float z) { float e = exp(-2. * abs(z)); return sign(z) * (1. - e) / (1. + e); }
float softplus_(float z) { return max(z, 0.) + log(1. + exp(-abs(z))); }
`;

export const activations: Readonly<Record<string, Activation>> = {
  relu: { apply: (z) => Math.max(z, 0), glsl: "max(z, 0.)" },
  leaky_relu: { apply: (z) => (z > 0 ? z : 0.01 * z), glsl: "(z > 0. ? z : 0.01 * z)" },
  tanh: { apply: Math.tanh, glsl: "tanh_(z)" },
  sigmoid: { apply: sigmoid, glsl: "sigmoid_(z)" },
  gelu: {
    apply: (z) => 0.5 * z * (1 + Math.tanh(SQRT_2_PI * (z + 0.044715 * z ** 3))),
    glsl: "(0.5 * z * (1. + tanh_(0.7978845608 * (z + 0.044715 * z * z * z))))",
  },
  silu: { apply: (z) => z * sigmoid(z), glsl: "(z * sigmoid_(z))" },
  softplus: {
    apply: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
    glsl: "softplus_(z)",
  },
  elu: { apply: (z) => (z > 0 ? z : Math.expm1(z)), glsl: "(z > 0. ? z : exp(z) - 1.)" },
  sin: { apply: Math.sin, glsl: "sin(z)" },
  linear: { apply: (z) => z, glsl: "z" },
};
