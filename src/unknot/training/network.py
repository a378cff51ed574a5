"""The network as JAX sees it: initial weights, flat while they train, and the forward pass."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset
from unknot.network.maps import Affine, as_activation
from unknot.network.mlp import MLP, Dense, Output

#: Weights (n_in, n_out) and biases (n_out,), one pair a layer.
Layers = Sequence[tuple[Any, Any]]
#: How a layer is multiplied; see ``forward``. It changes speed, and results by rounding only.
Form = Literal["rows", "units", "fused"]

#: Most products (n_in · n_out · rows) in a layer of the fused form. XLA on a CPU unrolls and
#: vectorises a fused product and sum up to just under 4,096 of them; past that it is several
#: times slower. Below, it takes a third of the time of the library's matrix product.
TINY = 3_072


def output_of(data: Dataset) -> tuple[Output, int]:
    """Kind and width of the output layer that a data set needs."""
    if data.task == "regression":
        return "linear", 1
    return ("sigmoid", 1) if data.n_classes == 2 else ("softmax", data.n_classes)


@dataclass(frozen=True)
class Layout:
    """Everything about the network except its weights; hashable, so programs can be kept by it.

    Attributes
    ----------
    sizes : tuple of int
        Number of features, then the width of every layer.
    activations : tuple of str
        One a layer, as ``as_activation`` reads it; ``"linear"`` for the readout and the output
        layer.
    names : tuple of str
        One a layer: ``"hidden 1"``, ``"readout"``, ``"output"``.
    output : {"sigmoid", "softmax", "linear"}
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    names: tuple[str, ...]
    output: Output

    @classmethod
    def of(
        cls,
        n_features: int,
        hidden: Sequence[int],
        readout: int | None,
        activation: Sequence[str],
        output: tuple[Output, int],
    ) -> "Layout":
        """Hidden layers, the linear readout if there is one, the output layer."""
        kind, n_outputs = output
        extra = () if readout is None else (readout,)
        names = [f"hidden {i + 1}" for i in range(len(hidden))] + ["readout"] * len(extra)
        return cls(
            sizes=(n_features, *hidden, *extra, n_outputs),
            activations=(*activation, *("linear",) * len(extra), "linear"),
            names=(*names, "output"),
            output=kind,
        )

    @property
    def n_weights(self) -> int:
        """Number of weights and biases."""
        return n_weights(self.sizes)

    def fastest_form(self, n_networks: int, n_rows: int) -> Form:
        """For so many networks trained together on batches of `n_rows`."""
        if n_networks > 1:
            return "units"
        return "fused" if all(a * b * n_rows <= TINY for a, b in pairwise(self.sizes)) else "rows"


def n_weights(sizes: Sequence[int]) -> int:
    """Number of weights and biases of layers of these sizes, that of the input first."""
    return sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes))


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
        layers.append((weight.astype(np.float32), bias.astype(np.float32)))
    return layers


def flat_weights(layers: Layers) -> NDArray[Any]:
    """(n_weights,) all weights and biases, layer by layer: what the optimiser sees of a network."""
    return np.concatenate([part.ravel() for layer in layers for part in layer])


def unpack(network: Layout, weights: Any) -> Layers:
    """The layers again, from what `flat_weights` makes; in JAX and in NumPy."""
    shapes = [
        shape for n_in, n_out in pairwise(network.sizes) for shape in ((n_in, n_out), (n_out,))
    ]
    lengths = [int(np.prod(shape)) for shape in shapes]
    if isinstance(weights, np.ndarray):
        parts: Sequence[Any] = np.split(cast("NDArray[Any]", weights), np.cumsum(lengths)[:-1])
    else:
        # Its gradient is one concatenation; that of slices is a sum of padded arrays.
        parts = lax.split(weights, lengths)
    parts = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
    return list(zip(parts[::2], parts[1::2], strict=True))


def forward(network: Layout, layers: Layers, x: jax.Array, form: Form) -> jax.Array:
    """Outputs (n_rows, n_outputs), before the output function, for `x` (n_rows, n_features)."""
    # Units first, a layer of many networks is one batched product of small matrices with wide
    # ones, which XLA multiplies on a CPU three times faster than rows first. A single tiny network
    # goes without matrix products: a call of the matrix library costs about a microsecond, longer
    # than the arithmetic. A product and a sum are fused with all that surrounds them instead.
    h = x if form == "rows" else x.T
    for (weight, bias), activation in zip(layers, network.activations, strict=True):
        # Accelerators would otherwise round the factors to fewer digits.
        if form == "rows":
            z = jnp.matmul(h, weight, precision="highest") + bias
        elif form == "units":
            z = jnp.matmul(weight.T, h, precision="highest") + bias[:, None]
        else:
            z = (weight[:, :, None] * h[:, None, :]).sum(0) + bias[:, None]
        h = as_activation(activation).jax(z)
    return h if form == "rows" else h.T


def as_mlp(
    network: Layout,
    weights: NDArray[np.float32],
    scaling: Affine | None,
    target: tuple[float, float] = (0.0, 1.0),
) -> MLP:
    """The network of these flat weights as plain arrays of its own.

    `target` is the mean and the deviation that the last layer's outputs are to have back.
    """
    parts = zip(unpack(network, weights), network.activations, network.names, strict=True)
    layers = [
        # Copies: otherwise each would be a view of all weights.
        Dense(weight.copy(), bias.copy(), activation, name)
        for (weight, bias), activation, name in parts
    ]
    mean, deviation = target
    if target != (0.0, 1.0):
        last = layers[-1]
        weight = (last.weight * deviation).astype(np.float32)
        bias = (last.bias * deviation + mean).astype(np.float32)
        layers[-1] = replace(last, weight=weight, bias=bias)
    return MLP(tuple(layers), network.output, scaling)
