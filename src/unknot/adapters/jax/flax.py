"""Flax NNX: a copy of the module in inference mode, seen as the JAX function that it is."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from unknot.adapters.jax.graph import jax_network
from unknot.adapters.network import Array, Network, Route

#: Programs are made for more rows than the sample has, unless that is all there is.
FILLS_UP = True


@contextmanager
def opened(model: Any, sample: Array, path: Route, is_whole: bool = False) -> Generator[Network]:
    """Any ``nnx.Module`` that takes a batch of points; see `jax_network` for `is_whole`."""
    nnx: Any = sys.modules["flax.nnx"]
    jax: Any = sys.modules["jax"]
    quiet = nnx.clone(model)
    quiet.eval()
    leaves = jax.tree_util.tree_flatten_with_path(nnx.state(quiet))[0]
    width = _first_width(model, nnx)

    def of_points(x: Any) -> Any:
        # A copy of its own: what a module counts or keeps while it is called stays in it.
        return nnx.clone(quiet)(x)

    yield jax_network("Flax", of_points, sample, path, leaves, width, is_whole=is_whole)


def _first_width(part: Any, nnx: Any) -> int | None:
    """Features that the first dense layer takes, in the order in which layers were made."""
    if isinstance(part, nnx.Linear):
        return part.in_features
    inner: Any = part if isinstance(part, list | tuple) else vars(part).values()
    for value in inner:
        if isinstance(value, nnx.Module | list | tuple):
            width = _first_width(value, nnx)
            if width is not None:
                return width
    return None
