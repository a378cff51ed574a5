"""The model's classes in the order of the data's: unit `k` of the output is class `k`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from unknot.adapters.network import Array, Network, Places, Step
from unknot.adapters.settling import flat
from unknot.datasets.labels import plain_names, shown
from unknot.network.maps import Activation, Affine, Map, Opaque, Softmax

#: What they make of units in another order is in that order.
ROW_WISE = (Softmax(), Opaque("log_softmax"))


def in_order(network: Network, outputs: Sequence[Array], class_names: Sequence[str]) -> Network:
    """The network with its output's units in the order of these classes.

    Parameters
    ----------
    network : Network
    outputs : sequence of arrays
        Of each step, for the sample.
    class_names : sequence of str
        Of the data.

    Returns
    -------
    Network
        With its outputs. Where the classes are not the same, it gives no probabilities, and a
        note says why.
    """
    network = replace(network, outputs=outputs)
    if network.classes is None or len(class_names) < 2:
        return network
    order = _order(network.classes, class_names)
    if order is None:
        return _without_probabilities(network, class_names)
    if order == list(range(len(order))):
        return network
    width = flat(outputs[-1]).shape[1]
    if width == len(order):
        return _reordered(network, outputs, order)
    return _mirrored(network, outputs) if (width, len(order)) == (1, 2) else network


def _order(classes: Sequence[Any], class_names: Sequence[str]) -> list[int] | None:
    """For each class of the data its place among the model's."""
    n = len(class_names)
    if len(classes) != n:
        return None
    numbers = [c for c in classes if isinstance(c, int | np.integer) and not isinstance(c, bool)]
    if sorted(numbers) == list(range(n)):
        # Fitted on the class numbers themselves.
        return [numbers.index(k) for k in range(n)]
    names = plain_names(classes)
    if len(set(names)) != n or set(names) != set(class_names):
        return None
    return [names.index(name) for name in class_names]


def _without_probabilities(network: Network, class_names: Sequence[str]) -> Network:
    names = plain_names(network.classes or ())
    note = (
        f"The model's classes ({shown(names, 5)}) are not the data's ({shown(class_names, 5)}), "
        "so its output is not read as their probabilities."
    )
    *before, last = network.steps
    maps = tuple(
        Opaque(f"{map_.name} of other classes") if _is_head(map_) else map_ for map_ in last.maps
    )
    return replace(
        network,
        steps=(*before, replace(last, maps=maps)),
        gives_probabilities=False,
        head="none",
        notes=(*network.notes, note),
    )


def _is_head(map_: Map) -> bool:
    return map_ == Activation("sigmoid") or map_ in ROW_WISE


def _reordered(network: Network, outputs: Sequence[Array], order: list[int]) -> Network:
    """The units of the last dense layer, and of what comes of them, change places."""
    steps = list(network.steps)
    first = len(steps) - 1
    while first > 0 and all(_keeps_order(map_) for map_ in steps[first].maps):
        if outputs[first - 1].shape != outputs[-1].shape:
            break
        first -= 1
    maps = list(steps[first].maps)
    k = max((k for k, map_ in enumerate(maps) if isinstance(map_, Affine)), default=None)
    if k is not None:
        map_ = maps[k]
        assert isinstance(map_, Affine)
        if len(map_.bias) == len(order):
            maps[k] = Affine(map_.weight[:, order], map_.bias[order], map_.name)
    steps[first] = replace(steps[first], maps=tuple(maps))
    return _turned(
        network, steps, outputs, lambda i, values: flat(values)[:, order] if i >= first else values
    )


def _keeps_order(map_: Map) -> bool:
    return (isinstance(map_, Activation) and map_.n_units is None) or map_ in ROW_WISE


def _mirrored(network: Network, outputs: Sequence[Array]) -> Network:
    """One unit speaks for the model's second class, which is the data's first."""
    *before, last = network.steps
    # 1 − sigmoid(z) = sigmoid(−z)
    maps = tuple(
        Affine(-map_.weight, -map_.bias, map_.name)
        if isinstance(map_, Affine) and k >= len(last.maps) - 2
        else map_
        for k, map_ in enumerate(last.maps)
    )
    whole = 1 if network.gives_probabilities else 0
    end = len(before)
    return _turned(
        network,
        [*before, replace(last, maps=maps)],
        outputs,
        lambda i, values: whole - values if i == end else values,
    )


def _turned(
    network: Network,
    steps: Sequence[Step],
    outputs: Sequence[Array],
    turn: Callable[[int, Array], Array],
) -> Network:
    """The network with other outputs of these steps."""
    changed = [turn(i, output) is not output for i, output in enumerate(outputs)]

    def forward(batch: Array, known: Sequence[bool], places: Places) -> Iterable[Array | None]:
        free = [None if moves else place for moves, place in zip(changed, places, strict=True)]
        for i, output in enumerate(network.forward(batch, known, free)):
            yield None if output is None else turn(i, output)

    return replace(
        network,
        steps=tuple(steps),
        forward=forward,
        outputs=[turn(i, output) for i, output in enumerate(outputs)],
    )
