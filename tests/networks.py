"""Small networks and traces for tests, made without training."""

from contextlib import contextmanager
from itertools import pairwise

import numpy as np

from unknot.datasets.dataset import Dataset
from unknot.network.activations import activations
from unknot.network.formulas import activation
from unknot.network.mlp import MLP, Dense


@contextmanager
def another_activation():
    """A row that no file of unknot's knows of, for as long as the context lasts."""

    @activation("values wave ever more slowly", bounds=(-1.5, 1.5), monotone="no")
    def ebbing(z, of, pace=2.0):
        return of.sin(pace * z) / (1 + 0.5 * of.abs(z)) + 0.1 * of.erf(z)

    try:
        yield ebbing
    finally:
        del activations._entries["ebbing"]


def rings(n=400, seed=0):
    """Two noisy rings as a Dataset."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    angle = rng.uniform(0, 2 * np.pi, n)
    radius = np.where(y == 0, 1.0, 0.5) + 0.05 * rng.normal(size=n)
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return Dataset(x.astype(np.float32), y, ("outer", "inner"), ("x", "y"), "rings")


def cloud(n_points, n_features, n_classes, seed=0):
    """A Gaussian cloud with arbitrary labels as a Dataset."""
    rng = np.random.default_rng(seed)
    return Dataset(
        rng.normal(size=(n_points, n_features)).astype(np.float32),
        np.arange(n_points) % n_classes,
        tuple(f"class {c}" for c in range(n_classes)),
        tuple(f"x{i}" for i in range(n_features)),
        "cloud",
    )


def network(widths, activation="relu", output="sigmoid", seed=0):
    """An untrained MLP with random weights and biases: widths from input to output."""
    rng = np.random.default_rng(seed)
    layers = []
    for i, (n_in, n_out) in enumerate(pairwise(widths)):
        last = i == len(widths) - 2
        layers.append(
            Dense(
                (rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)).astype(np.float32),
                rng.normal(size=n_out).astype(np.float32) / 2,
                "linear" if last else activation,
                "output" if last else f"hidden {i + 1}",
            )
        )
    return MLP(tuple(layers), output)


def readout_network(seed=0):
    """The notebook's shape: 2 → 6 relu → 2 linear → 1 sigmoid."""
    model = network([2, 6, 2, 1], seed=seed)
    hidden, readout, output = model.layers
    readout = Dense(readout.weight, readout.bias, "linear", "readout")
    return MLP((hidden, readout, output), "sigmoid")


def note_texts(trace):
    """The text of a trace's notes."""
    return tuple(note.text for note in trace.notes)
