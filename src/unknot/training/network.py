"""The network as JAX sees it: initial weights, the form they train in, the forward pass."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeVar, cast

import jax
import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset
from unknot.network.maps import Affine
from unknot.network.mlp import MLP, Dense, Output
from unknot.training.activation_functions import activation_functions

#: Weights (n_in, n_out) and biases (n_out,), one pair a layer.
Layers = Sequence[tuple[Any, Any]]
#: What the optimiser sees: one flat vector for a tiny network, otherwise the layers.
Parameters = Any
A = TypeVar("A", jax.Array, NDArray[np.float32])

#: Most products (n_in · n_out · rows) in a layer of a *tiny* network. XLA on a CPU unrolls and
#: vectorises a fused product and sum up to just under 4,096 of them; past that it is several
#: times slower. Below, it takes a third of the time of the library's matrix product.
TINY = 3_072


def output_of(data: Dataset) -> tuple[Output, int]:
    """Kind and width of the output layer that a data set needs."""
    if data.task == "regression":
        return "linear", 1
    return ("sigmoid", 1) if data.n_classes == 2 else ("softmax", data.n_classes)


@dataclass(frozen=True)
class Network:
    """Everything about the network except its weights; hashable, so programs can be kept by it.

    Attributes
    ----------
    sizes : tuple of int
        Number of features, then the width of every layer.
    activations : tuple of str
        One a layer; ``"linear"`` for the readout and the output layer.
    names : tuple of str
        One a layer: ``"hidden 1"``, ``"readout"``, ``"output"``.
    output : {"sigmoid", "softmax", "linear"}
    tiny : bool
        Whether training keeps the weights in one flat vector and multiplies without matrix
        products. It changes speed, and results by rounding only.
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    names: tuple[str, ...]
    output: Output
    tiny: bool

    @classmethod
    def of(
        cls,
        n_features: int,
        hidden: Sequence[int],
        readout: int | None,
        activation: Sequence[str],
        output: tuple[Output, int],
        rows_at_once: int,
    ) -> "Network":
        """Hidden layers, the linear readout if there is one, the output layer.

        `rows_at_once` is the batch size, times the number of networks trained side by side.
        """
        kind, n_outputs = output
        extra = () if readout is None else (readout,)
        sizes = (n_features, *hidden, *extra, n_outputs)
        names = [f"hidden {i + 1}" for i in range(len(hidden))] + ["readout"] * len(extra)
        return cls(
            sizes=sizes,
            activations=(*activation, *("linear",) * len(extra), "linear"),
            names=(*names, "output"),
            output=kind,
            tiny=all(a * b * rows_at_once <= TINY for a, b in pairwise(sizes)),
        )

    @property
    def n_weights(self) -> int:
        """Number of weights and biases."""
        return sum((n_in + 1) * n_out for n_in, n_out in pairwise(self.sizes))


def initial_layers(sizes: Sequence[int], random: np.random.Generator) -> Layers:
    """Glorot uniform weights, w ~ U(−a, a) with a = √(6 / (n_in + n_out)), and zero biases.

    Glorot and Bengio (2010); what Keras' dense layers start from, whatever the activation.
    """
    layers: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
    for n_in, n_out in pairwise(sizes):
        limit = np.sqrt(6 / (n_in + n_out))
        weight = random.uniform(-limit, limit, (n_in, n_out)).astype(np.float32)
        layers.append((weight, np.zeros(n_out, np.float32)))
    return layers


def spread_layers(sizes: Sequence[int], random: np.random.Generator) -> Layers:
    """Weights for features of mean 0 and deviation 1, with creases spread over the points.

    Weights are uniform with variance 2 / n_in (He et al. 2015), halved for the last layer. Hidden
    biases are uniform in (−1, 1), so that units do not all turn on or off at the same place; the
    last layer's are 0.
    """
    layers: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
    last = len(sizes) - 2
    for i, (n_in, n_out) in enumerate(pairwise(sizes)):
        limit = np.sqrt((3 if i == last else 6) / n_in)
        weight = random.uniform(-limit, limit, (n_out, n_in)).T
        bias = np.zeros(n_out) if i == last else random.uniform(-1, 1, n_out)
        layers.append((weight.astype(np.float32, order="C"), bias.astype(np.float32)))
    return layers


def pack(network: Network, layers: Layers) -> Parameters:
    """NumPy layers in the form that they train in."""
    if not network.tiny:
        return tuple(layers)
    return np.concatenate([part.ravel() for layer in layers for part in layer])


def unpack(network: Network, parameters: Parameters) -> Layers:
    """The layers again, from what `pack` makes; in JAX and in NumPy."""
    if not network.tiny:
        return cast(Layers, parameters)
    layers: list[tuple[Any, Any]] = []
    at = 0
    for n_in, n_out in pairwise(network.sizes):
        bias = at + n_in * n_out
        layers.append((parameters[at:bias].reshape(n_in, n_out), parameters[bias : bias + n_out]))
        at = bias + n_out
    return layers


def forward(network: Network, layers: Layers, x: jax.Array, *, tiny: bool) -> jax.Array:
    """Outputs (n_rows, n_outputs), before the output function, for `x` (n_rows, n_features)."""
    # Why a tiny network goes without matrix products: a call of the matrix library costs about a
    # microsecond, longer than the arithmetic. A product and a sum are instead fused with all that
    # surrounds them, and with units first, rows last, the inner loop runs over contiguous rows.
    h = x.T if tiny else x
    for (weight, bias), activation in zip(layers, network.activations, strict=True):
        if tiny:
            z = (weight[:, :, None] * h[:, None, :]).sum(0) + bias[:, None]
        else:
            z = h @ weight + bias
        h = activation_functions[activation](z)
    return h.T if tiny else h


def as_mlp(
    network: Network, parameters: Parameters, scaling: Affine | None, target: tuple[float, float]
) -> MLP:
    """The trained network as plain arrays, copied to the host.

    `target` is the mean and the deviation that the last layer's outputs are to have back.
    """
    parts = zip(
        unpack(network, jax.device_get(parameters)), network.activations, network.names, strict=True
    )
    layers = [
        # Copies: what JAX hands out is read-only and, of a flat vector, a view of all of it.
        Dense(np.array(weight), np.array(bias), activation, name)
        for (weight, bias), activation, name in parts
    ]
    mean, deviation = target
    if target != (0.0, 1.0):
        last = layers[-1]
        weight = (last.weight * deviation).astype(np.float32)
        bias = (last.bias * deviation + mean).astype(np.float32)
        layers[-1] = replace(last, weight=weight, bias=bias)
    return MLP(tuple(layers), network.output, scaling)
