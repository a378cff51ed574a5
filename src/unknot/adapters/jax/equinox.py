"""Equinox: a module is a function of one point; the points are mapped over."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from unknot.adapters.jax.graph import jax_network
from unknot.adapters.network import Array, Network, Route


@contextmanager
def opened(model: Any, sample: Array, path: Route) -> Generator[Network]:
    """Any ``eqx.Module`` that takes one point, in inference mode."""
    eqx: Any = sys.modules["equinox"]
    jax: Any = sys.modules["jax"]
    quiet = eqx.nn.inference_mode(model)
    leaves = jax.tree_util.tree_flatten_with_path(quiet)[0]

    def is_linear(part: Any) -> bool:
        return isinstance(part, eqx.nn.Linear)

    parts = jax.tree_util.tree_leaves(quiet, is_leaf=is_linear)
    linear = [part for part in parts if is_linear(part)]
    width = linear[0].in_features if linear else None
    yield jax_network("Equinox", jax.vmap(quiet), sample, path, leaves, width)
