"""Operations of a JAX program that are one layer or one function together."""

from dataclasses import replace
from typing import Any

import numpy as np

from unknot.adapters.graph import Node
from unknot.adapters.network import Array
from unknot.adapters.recognise import activation_by_values, agrees
from unknot.maps import Affine, Map, Opaque
from unknot.representation import softmax


def is_rest(before: Node, node: Node) -> bool:
    """Whether a node only scales and shifts what its own layer made: the end of a layer norm."""
    if before.name != node.name or not any(isinstance(map_, Opaque) for map_ in before.maps):
        return False
    weights = [map_.weight for map_ in node.maps if isinstance(map_, Affine)]
    return node.bias is not None or any(
        np.count_nonzero(weight) == np.count_nonzero(np.diagonal(weight)) for weight in weights
    )


def merged(nodes: list[Node], ends: dict[Any, Array]) -> list[Node]:
    """Functions written in several operations, softmax among them, as one."""
    result: list[Node] = []
    while nodes:
        n, known = next(
            (
                (n, known)
                for n in (4, 3, 2)
                if len(nodes) >= n and any(isinstance(m, Opaque) for w in nodes[:n] for m in w.maps)
                for known in [by_values(ends[nodes[0].inputs[0]], ends[nodes[n - 1].key])]
                if known is not None
            ),
            (1, None),
        )
        merged = nodes[n - 1]
        if known is not None:
            name, inputs = known.name, nodes[0].inputs
            merged = replace(
                merged,
                kind=name,
                name=name,
                inputs=inputs,
                maps=(known,),
                bias=None,
                is_guess=not isinstance(known, Opaque),
            )
        result.append(merged)
        nodes = nodes[n:]
    return result


def by_values(before: Array, after: Array) -> Map | None:
    """An activation, softmax or its logarithm, where the values tell."""
    if before.shape != after.shape:
        return None
    image = softmax(before)
    if before.shape[1] > 1 and agrees(Opaque("softmax"), before, image, after):
        return Opaque("softmax")
    with np.errstate(divide="ignore"):
        if before.shape[1] > 1 and np.allclose(np.log(image), after, atol=1e-4):
            return Opaque("log_softmax")
    return activation_by_values(before, after)
