"""Keras models that begin with words: followed from the first layer that makes numbers of them."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import numpy as np

from unknot.adapters.entrance import Entrance, first_numbers
from unknot.adapters.network import Array

#: Layers that take what is no number, by the names of their classes.
READERS = ("TextVectorization", "StringLookup", "Hashing")


def behind_words(model: Any, x: Any, memory: int) -> tuple[Entrance, list[str] | None, Any] | None:
    """Points that are words, behind the layers at the model's head that read them."""
    heads = _heads(model)
    if not heads:
        return None
    entrance = first_numbers(
        "Keras model", [(layer.name, _run(layer)) for layer in heads], x, memory
    )
    last = heads[entrance.n_steps - 1]
    n = entrance.x.shape[1]
    names = [f"token {i + 1}" for i in range(n)] if entrance.x.dtype.kind in "iu" else None
    return entrance, names, _rest(model, last)


def _heads(model: Any) -> list[Any]:
    """The first layers, one behind the other, as far as they read words."""
    keras: Any = sys.modules["keras"]
    layers = [
        layer
        for layer in getattr(model, "layers", ())
        if not isinstance(layer, keras.layers.InputLayer)
    ]
    heads: list[Any] = []
    for layer in layers:
        own = type(layer).__module__.startswith("keras.")
        if not own or type(layer).__name__ not in READERS:
            break
        heads.append(layer)
    return heads


def _run(layer: Any) -> Callable[[Any], Array]:
    keras: Any = sys.modules["keras"]

    def run(values: Any) -> Array:
        frame = getattr(values, "to_numpy", None)
        words = np.asarray(values if frame is None else frame())
        words = words.astype(str) if words.dtype.kind == "O" else words
        return np.asarray(keras.ops.convert_to_numpy(layer(words)))

    return run


def _rest(model: Any, last: Any) -> Any:
    """The model behind a layer, of the same layers; they are left as they were."""
    with _same_nodes(model):
        return sys.modules["keras"].Model(last.output, model.outputs)


@contextmanager
def _same_nodes(model: Any) -> Generator[None]:
    """A model that is made of layers leaves a mark in each of them."""
    lists = [
        nodes
        for layer in model.layers
        for name in ("_inbound_nodes", "_outbound_nodes")
        if isinstance(nodes := getattr(layer, name, None), list)
    ]
    lengths = [len(nodes) for nodes in lists]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    try:
        yield
    finally:
        for nodes, n in zip(lists, lengths, strict=True):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            del nodes[n:]
