"""Many networks of one shape side by side: arrays with the network as their first axis.

Within a network, units come first and points last: a layer is then a product of a small matrix
with a wide one, which XLA multiplies on a CPU three times faster than points first.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unknot.network.maps import Affine
from unknot.network.mlp import MLP, Dense

if TYPE_CHECKING:
    import jax

    from unknot.training.network import Network

#: Weights (n_networks, n_out, n_in) and biases (n_networks, n_out), one pair a layer.
Stack = Sequence[tuple[Any, Any]]

#: A feature further from 0 than so many standard deviations keeps its scaling as a map of its
#: own: folded into the weights, single precision would lose too much of it.
FAR = 100.0


def initial_stack(sizes: Sequence[int], seeds: Sequence[tuple[int, int]]) -> Stack:
    """Random weights, each network's from its own seeds and its shape alone."""
    from unknot.training.network import spread_layers

    networks = [spread_layers(sizes, np.random.default_rng((*seed, *sizes))) for seed in seeds]
    return [
        (np.stack([n[i][0].T for n in networks]), np.stack([n[i][1] for n in networks]))
        for i in range(len(sizes) - 1)
    ]


def forward(network: "Network", layers: Stack, x: "jax.Array") -> "jax.Array":
    """Outputs (n_points, n_outputs) of one network for `x` (n_features, n_points)."""
    import jax.numpy as jnp

    from unknot.training.activation_functions import activation_functions

    h = x
    for (weight, bias), activation in zip(layers, network.activations, strict=True):
        # Accelerators would otherwise round the factors to fewer digits.
        z = jnp.matmul(weight, h, precision="highest") + bias[:, None]
        h = activation_functions[activation](z)
    return h.T


def flat(stack: Stack, which: int) -> NDArray[np.float32]:
    """(n_weights,) all weights and biases of one network, layer by layer."""
    return np.concatenate([np.asarray(part)[which].ravel() for layer in stack for part in layer])


def as_mlp(network: "Network", weights: NDArray[np.float32], scaling: Affine) -> MLP:
    """The network of these flat weights, with the scaling of its input folded into them."""
    layers: list[Dense] = []
    at = 0
    for (n_in, n_out), activation, name in zip(
        pairwise(network.sizes), network.activations, network.names, strict=True
    ):
        end = at + n_in * n_out
        weight = weights[at:end].reshape(n_out, n_in).T.copy()
        layers.append(Dense(weight, weights[end : end + n_out].copy(), activation, name))
        at = end + n_out
    if np.abs(scaling.bias).max() > FAR:
        return MLP(tuple(layers), network.output, scaling)
    first = layers[0]
    inner, outer = first.weight.astype(np.float64), np.diag(scaling.weight).astype(np.float64)
    layers[0] = Dense(
        (outer[:, None] * inner).astype(np.float32),
        (first.bias + scaling.bias.astype(np.float64) @ inner).astype(np.float32),
        first.activation,
        first.name,
    )
    return MLP(tuple(layers), network.output)
