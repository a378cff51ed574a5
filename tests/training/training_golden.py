"""Golden vectors of the page's training engine: what JAX works out from the same start.

``python tests/training/training_golden.py`` writes training_golden.json;
``test_training_golden.py`` holds Python to it, and ``viewer/tests/training.test.ts`` the viewer:
loss, gradient and the weights after one step to 1e-5 of the largest entry, those after 100 steps
at the usual rate to 1e-3, for every activation, optimiser and loss of Python's tables.
"""

import json
from functools import cache, partial
from itertools import product
from pathlib import Path

import jax
import numpy as np

from unknot.network.activations import activations
from unknot.network.maps import as_activation
from unknot.network.optimisers import optimisers
from unknot.training.network import Layout, flat_weights, initial_layers
from unknot.training.programs import Recipe, losses, mean_loss, n_batches, train

FILE = Path(__file__).with_suffix(".json")
#: The last batch of an epoch is short.
N_ROWS, BATCH, STEPS = 20, 8, 100
N_FEATURES, HIDDEN = 2, (3, 2)
OUTPUTS = {"sigmoid": 1, "softmax": 3, "linear": 1}
#: Of weights: digits that are written after one step and after all.
DIGITS, FEWER = 7, 5


def numbers(array, digits=DIGITS):
    """Significant digits, row by row."""
    return [float(f"{value:.{digits}g}") for value in np.asarray(array, np.float64).ravel()]


def layout(activation, output):
    names = [activation] * len(HIDDEN)
    return Layout.of(N_FEATURES, HIDDEN, None, names, (output, OUTPUTS[output]))


def rows():
    """Rows, and one label or target a row for each output."""
    random = np.random.default_rng(3)
    x = random.normal(size=(N_ROWS, N_FEATURES)).round(3).astype(np.float32)
    y = {"sigmoid": random.integers(0, 2, N_ROWS), "softmax": random.integers(0, 3, N_ROWS)}
    return x, {**y, "linear": random.normal(size=N_ROWS).round(3)}


def labels(y, output):
    return y[output].astype(np.int32 if output == "softmax" else np.float32)


def start(output):
    """(n_weights,) before training; biases are not zero."""
    random = np.random.default_rng(5)
    layers = initial_layers(layout("relu", output).sizes, random)
    flat = flat_weights([(weight, random.normal(size=len(bias)) / 3) for weight, bias in layers])
    return flat.round(3).astype(np.float32)


@cache
def first(activation, output):
    """Mean loss of the first batch, and its gradient."""
    x, y = rows()
    network = layout(activation, output)
    of = partial(mean_loss, network, "rows")
    batch = x[:BATCH], labels(y, output)[:BATCH], np.ones(BATCH, np.float32)
    (loss, _), gradient = jax.value_and_grad(of, has_aux=True)(start(output), *batch)
    return float(f"{loss:.7g}"), numbers(gradient)


def updated(activation, output, optimizer):
    """Weights after one step, without a compiler."""
    weights = start(output)[None]
    recipe = recipe_of(activation, output, optimizer)
    gradient = np.asarray(first(activation, output)[1], np.float32)
    updates, _ = recipe.optimiser.update(gradient, recipe.optimiser.init(weights[0]), weights[0])
    return numbers(weights[0] + updates)


def trained(activation, output, optimizer):
    """Weights after all steps, epoch after epoch in the order given."""
    x, y = rows()
    recipe = recipe_of(activation, output, optimizer)
    weights = start(output)[None]
    state = (weights, recipe.start(weights))
    per_epoch = n_batches(N_ROWS, BATCH)
    program = jax.jit(partial(train, recipe))
    left = STEPS
    while left:
        steps = min(left, per_epoch)
        state, _ = program(state, x, labels(y, output), 0, steps)
        left -= steps
    return numbers(state[0][0], FEWER)


def recipe_of(activation, output, optimizer):
    rate = optimisers[optimizer].learning_rate
    return Recipe(layout(activation, output), optimizer, rate, BATCH, form="rows")


def weighed(l1, l2):
    """The gradient of the first batch where weights, not biases, weigh in the loss."""
    gradient = np.asarray(first("tanh", "sigmoid")[1])
    weights = start("sigmoid")
    at = 0
    for n_in, n_out in zip(layout("tanh", "sigmoid").sizes, [*HIDDEN, 1], strict=False):
        own = weights[at : at + n_in * n_out]
        gradient[at : at + n_in * n_out] += l1 * np.sign(own) + l2 * own
        at += (n_in + 1) * n_out
    return numbers(gradient)


def random_numbers(seed, n):
    """The viewer's generator (viewer/src/math/random.ts): a 32-bit Weyl sequence, mixed."""
    state, values = seed, []
    for _ in range(n):
        state = (state + 0x9E3779B9) % 2**32
        mixed = (state ^ state >> 16) * 0x21F0AAAD % 2**32
        mixed = (mixed ^ mixed >> 15) * 0x735A2D97 % 2**32
        values.append((mixed ^ mixed >> 15) / 2**32)
    return values


def content(combinations=None):
    """Everything that the file holds; of the last weights only some combinations, or all."""
    every = list(product(activations, OUTPUTS, optimisers))
    x, y = rows()
    return {
        "sizes": [N_FEATURES, *HIDDEN],
        "batch": BATCH,
        "steps": STEPS,
        "x": numbers(x),
        "y": {name: numbers(values) for name, values in y.items()},
        "start": {output: numbers(start(output)) for output in OUTPUTS},
        "n_outputs": OUTPUTS,
        "formulas": {name: as_activation(name).function.tree() for name in activations},
        "rates": {name: optimisers[name].learning_rate for name in optimisers},
        "first": {f"{a} {o}": first(a, o) for a, o in product(activations, OUTPUTS)},
        "updated": {" ".join(each): updated(*each) for each in every},
        "trained": {" ".join(each): trained(*each) for each in combinations or every},
        "weighed": {"l1": 0.03, "l2": 0.2, "gradient": weighed(0.03, 0.2)},
        "random": {str(seed): random_numbers(seed, 5) for seed in (0, 1, 2**32 - 1)},
    }


def text(golden):
    """JSON, one line an entry."""
    lines = []
    for name, entry in golden.items():
        if name in ("first", "updated", "trained"):
            inner = [
                f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in entry.items()
            ]
            lines.append(f"{json.dumps(name)}: {{\n" + ",\n".join(inner) + "\n}")
        else:
            lines.append(f"{json.dumps(name)}: {json.dumps(entry, separators=(',', ':'))}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    assert set(OUTPUTS) == set(losses)
    FILE.write_text(text(content()), "utf-8")
    print(f"{FILE}: {FILE.stat().st_size / 1000:.0f} kB")
