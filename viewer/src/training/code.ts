/** A network as Python code with its weights: Keras 3 or PyTorch, to be run as it stands. */
import type { Formula } from "../network/activations";
import { fit, grouped } from "../words";
import type { FileLayer, NetworkFile } from "./network_file";

/** How a library writes operations and numbers. */
interface Dialect {
  readonly call: (name: string, values: readonly string[]) => string;
}

const KERAS: Dialect = { call: (name, values) => `ops.${name}(${values.join(", ")})` };
const TORCH: Dialect = {
  call: (name, values) => {
    if (name === "softplus" || name === "relu") return `nn.functional.${name}(${values[0]})`;
    // Both are tensors there.
    const isPair = name === "maximum" || name === "minimum";
    return `torch.${name}(${values.map((value, i) => (isPair && i ? `torch.as_tensor(${value})` : value)).join(", ")})`;
  },
};

const COMPARED = new Set([">", ">="]);
const SIGNS = new Set(["+", "-", "*", "/", ...COMPARED]);

/** A formula of z as an expression. */
export function expression(formula: Formula, dialect: Dialect, isInner = false): string {
  if (typeof formula === "number") return Number.isInteger(formula) ? `${formula}.0` : String(formula);
  if (typeof formula === "string") return formula;
  const [name, ...rest] = formula as readonly [string, ...Formula[]];
  const values = rest.map((each) => expression(each, dialect, SIGNS.has(name)));
  if (SIGNS.has(name)) {
    const text = `${values[0]} ${name} ${values[1]}`;
    return isInner ? `(${text})` : text;
  }
  if (name === "where" && !(Array.isArray(rest[0]) && COMPARED.has(rest[0][0]))) values[0] = `${values[0]} != 0`;
  return dialect.call(name, values);
}

/** A name that Python and Keras take, and that no other layer has. */
function identifiers(layers: readonly FileLayer[]): string[] {
  const taken = new Set<string>();
  return layers.map(({ name }) => {
    const plain = name.replace(/[^A-Za-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
    let own = /^[A-Za-z]/.test(plain) ? plain.toLowerCase() : `layer_${plain}`;
    while (taken.has(own)) own += "_";
    taken.add(own);
    return own;
  });
}

/** Functions of the activations, each once. */
function functions(
  layers: readonly FileLayer[],
  dialect: Dialect,
): { text: string; nameOf: (layer: FileLayer) => string } {
  const names = new Map<string, string>();
  const parts: string[] = [];
  for (const { activation, formula } of layers) {
    if (!formula || names.has(activation)) continue;
    const name = `activation_${names.size + 1}`;
    names.set(activation, name);
    parts.push(`def ${name}(z):\n    """${comment(activation)}"""\n    return ${expression(formula, dialect)}\n`);
  }
  return { text: parts.join("\n\n"), nameOf: ({ activation }) => names.get(activation) ?? "" };
}

/** A user's text on a line of code: no quote, backslash or break can end it. */
function comment(text: string): string {
  return fit(text, 120).replace(/["\\]/g, "'");
}

const list = (values: readonly number[]): string => `[${values.join(", ")}]`;

function matrix(rows: readonly (readonly number[])[]): string {
  return `[\n${rows.map((row) => `        ${list(row)},\n`).join("")}    ]`;
}

function about(title: string, { name, step, features, classes }: NetworkFile): string {
  const what = classes.length ? `classes: ${classes.map(comment).join(", ")}` : "predicts a number";
  return [
    `# ${comment(title)}: ${comment(name)}, trained for ${grouped(step)} steps in a page of unknot.`,
    `# Features: ${comment(features.join(", "))}; ${comment(what)}.`,
  ].join("\n");
}

const LOADED = (names: readonly string[], { layers }: NetworkFile): string =>
  `WEIGHTS = {\n${layers
    .map(({ weight, bias }, i) => `    "${names[i]}": (${matrix(weight)}, ${list(bias)}),\n`)
    .join("")}}\n`;

export function kerasCode(title: string, file: NetworkFile): string {
  const { layers, output, scaling, features } = file;
  const names = identifiers(layers);
  const { text, nameOf } = functions(layers, KERAS);
  const lines = layers.map((layer, i) => {
    const isLast = i === layers.length - 1;
    const own = isLast && output !== "linear" ? `"${output}"` : nameOf(layer);
    const activation = own ? `, activation=${own}` : "";
    return `        keras.layers.Dense(${layer.bias.length}${activation}, name="${names[i]}"),\n`;
  });
  if (scaling) lines.unshift(`        keras.layers.Normalization(mean=MEAN, variance=VARIANCE),\n`);
  // Dense layers have their weights set by name; a normalisation has its own from its arguments.
  const scaled = scaling
    ? `MEAN = ${list(scaling.shift.map((shift, i) => -shift / scaling.scale[i]))}\n` +
      `VARIANCE = ${list(scaling.scale.map((scale) => 1 / scale ** 2))}\n`
    : "";
  return [
    about(title, file),
    `import keras\nimport numpy as np\n${text ? "from keras import ops\n" : ""}`,
    text && `\n${text}\n`,
    `${scaled}${LOADED(names, file)}`,
    `model = keras.Sequential(\n    [\n        keras.Input((${features.length},)),\n${lines.join("")}    ]\n)`,
    'for name, (weight, bias) in WEIGHTS.items():\n    model.get_layer(name).set_weights([np.array(weight, "float32"), np.array(bias, "float32")])\n',
  ]
    .filter(Boolean)
    .join("\n");
}

export function torchCode(title: string, file: NetworkFile): string {
  const { layers, output, scaling } = file;
  const names = identifiers(layers);
  const { text, nameOf } = functions(layers, TORCH);
  const made = layers.map(
    ({ weight, bias }, i) => `        self.${names[i]} = nn.Linear(${weight.length}, ${bias.length})\n`,
  );
  const steps = layers.map((layer, i) => {
    const own = nameOf(layer);
    return `        x = ${own ? `${own}(self.${names[i]}(x))` : `self.${names[i]}(x)`}\n`;
  });
  if (scaling) {
    made.push(`        self.register_buffer("scale", torch.tensor(${list(scaling.scale)}))\n`);
    made.push(`        self.register_buffer("shift", torch.tensor(${list(scaling.shift)}))\n`);
    steps.unshift("        x = x * self.scale + self.shift\n");
  }
  const end = { sigmoid: "torch.sigmoid(x)", softmax: "torch.softmax(x, dim=1)", linear: "x" }[output];
  return [
    about(title, file),
    "import torch\nfrom torch import nn\n",
    text && `\n${text}\n`,
    LOADED(names, file),
    `\nclass Network(nn.Module):\n    def __init__(self):\n        super().__init__()\n${made.join("")}`,
    `    def forward(self, x):\n${steps.join("")}        return ${end}\n`,
    "\nnetwork = Network()\nwith torch.no_grad():\n    for name, (weight, bias) in WEIGHTS.items():\n        layer = getattr(network, name)\n        layer.weight.copy_(torch.tensor(weight).T)\n        layer.bias.copy_(torch.tensor(bias))\n",
  ]
    .filter(Boolean)
    .join("\n");
}
