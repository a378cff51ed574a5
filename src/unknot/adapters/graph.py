"""A model as a graph of layers, and the chain through it that a trace follows."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.adapters.levels import Picked, Way, pick, way_of
from unknot.adapters.nesting import SOURCE, Node, Scope, ancestors, has_attention
from unknot.adapters.network import Route, Step
from unknot.errors import UsageError
from unknot.network.maps import Affine, Map, Opaque
from unknot.table import unknown
from unknot.traces.note import Note
from unknot.traces.selection import choose, module_place

__all__ = ["SOURCE", "Chain", "Node", "Scope", "diagonal", "layer_name", "listed", "main_chain"]


@dataclass(frozen=True)
class Chain:
    """The way that a trace follows.

    Attributes
    ----------
    keys : tuple of hashable
        Of the outputs to be seen, one a step.
    steps : tuple of Step
    notes : tuple of Note or str
    """

    keys: tuple[Any, ...]
    steps: tuple[Step, ...]
    notes: tuple[Note | str, ...] = field(default=())


def main_chain(
    nodes: Sequence[Node],
    output: Hashable,
    path: Route,
    framework: str,
) -> Chain:
    """The longest chain of layers from the input to the output, or the one that was asked for.

    Parameters
    ----------
    nodes : sequence of Node
        Every one after those it takes.
    output : hashable
        The key of the model's output.
    path : Route
        Names of layers that the chain must pass, in order, and which layers of it are seen.
    framework : str
        For messages.

    Raises
    ------
    UsageError
        When no chain leads from the input to the output, or none passes the layers asked for.
    """
    nodes, layers = _with_asides(_with_biases(nodes, output)), path.layers
    stops = [] if not path else _stops(nodes, output, path, framework)
    chain = _chain(nodes, output, stops, path, framework)
    found = _steps(chain, nodes, output)
    try:
        picked = pick(found.way, layers)
    except UsageError:
        beside = _beside(nodes, found.way, layers)
        if not beside:
            raise
        order = [node.key for node in nodes]
        stops = sorted({*stops, *beside}, key=order.index)
        chain = _chain(nodes, output, stops, path or list(beside.values()), framework)
        found = _steps(chain, nodes, output)
        picked = pick(found.way, layers)
    keys = tuple(found.way.nodes[i].key for i in picked.numbers)
    notes = (*_notes(chain, nodes, output, found.joins, path, picked), *picked.notes)
    return Chain(keys, picked.steps, notes)


def _chain(
    nodes: Sequence[Node],
    output: Hashable,
    stops: Sequence[Hashable],
    path: Sequence[str] | None,
    framework: str,
) -> list[Node]:
    chain: list[Node] = []
    for start, end in pairwise([SOURCE, *stops, output]):
        if start != end:
            chain += _longest(nodes, start, end, path, framework)
    return chain


def _with_asides(nodes: Sequence[Node]) -> list[Node]:
    """What is made of nothing but nodes aside is aside."""
    aside: set[Hashable] = set()
    result: list[Node] = []
    for node in nodes:
        is_aside = node.is_aside or aside.issuperset(node.inputs)
        if is_aside:
            aside.add(node.key)
        result.append(replace(node, is_aside=is_aside))
    return result


def is_aside(
    dtype: Any, cloud: NDArray[Any] | None, sources: Iterable[NDArray[Any] | None]
) -> bool:
    """Whether a value is a mask, or the same for all points though one that it was made of is not.

    Parameters
    ----------
    dtype : data type of any framework
    cloud : (n_points, …) array or None
        None where it has not one point a row.
    sources : iterable of arrays or None
        What it was made of, None where that is not known.
    """
    if "bool" in str(dtype):
        return True
    if cloud is None or len(cloud) < 2 or _varies(cloud):
        return False
    return any(source is None or _varies(source) for source in sources)


def _varies(cloud: NDArray[Any]) -> bool:
    return bool((cloud != cloud[:1]).any())


def _stops(
    nodes: Sequence[Node], output: Hashable, path: Iterable[str], framework: str
) -> list[Hashable]:
    """The keys of the layers that the chain must pass: by their own names, or as a trace shows."""
    keys: list[Hashable] = []
    for name in path:
        namesakes = [node.key for node in nodes if node.name == name]
        namesakes = namesakes or _shown_as(nodes, output, name, framework)
        keys.append(next((key for key in namesakes if key not in keys), namesakes[0]))
    return keys


def _shown_as(nodes: Sequence[Node], output: Hashable, name: str, framework: str) -> list[Hashable]:
    way = _steps(_chain(nodes, output, [], None, framework), nodes, output).way
    named = {k: i for i, group in way.groups.items() for k in group}
    for k, place in enumerate(way.places):
        if k and name == place.name:
            return [way.nodes[named[k]].key]
    keys = [way.nodes[i].key for k, i in named.items() if name in way.places[k].aliases]
    if not keys:
        names = [node.name for node in nodes if node.is_visible]
        ends = [scope.name for scopes in way.ends.values() for scope in scopes]
        raise UsageError(unknown("layer", name, dict.fromkeys([*names, *ends])))
    return keys


def _beside(nodes: Sequence[Node], way: Way, layers: Any) -> dict[Hashable, str]:
    """The nodes off the way that ``layers`` ask for, with their names."""
    on_way = {node.key for node in way.nodes}
    others = [node for node in nodes if node.key not in on_way and not node.is_hidden]
    if not others:
        return {}
    places = [
        module_place("input"),
        *(module_place(node.name) for node in others),
        module_place("output"),
    ]
    found: dict[Hashable, str] = {}
    for item in layers if isinstance(layers, list | tuple) else [layers]:  # pyright: ignore[reportUnknownVariableType]
        try:
            choose(way.places, item)
        except UsageError:
            try:
                chosen = choose(places, item)
            except UsageError:
                return {}
            found |= {others[k - 1].key: name for k, name in chosen.items() if 0 < k <= len(others)}
    return found


def _longest(
    nodes: Sequence[Node],
    start: Hashable,
    end: Hashable,
    path: Sequence[str] | None,
    framework: str,
) -> list[Node]:
    """The nodes after `start` up to `end` on the longest way, by layers that change something."""
    along = [node for node in nodes if not node.is_aside or node.key in (start, end)]
    chain = _longest_among(along, start, end) or _longest_among(nodes, start, end)
    if chain is not None:
        return chain
    if path:
        raise UsageError(
            f"No way through the {framework} model passes {', '.join(path)} in this order.\n"
            "Name layers in the order in which the model calls them."
        )
    raise UsageError(
        f"The output of the {framework} model does not depend on the points.\n"
        "Give the model that was fitted, with its layers between input and output."
    )


def _longest_among(nodes: Sequence[Node], start: Hashable, end: Hashable) -> list[Node] | None:
    length: dict[Hashable, int] = {start: 0}
    before: dict[Hashable, Hashable] = {}
    by_key = {node.key: node for node in nodes}
    for node in nodes:
        reached = [key for key in node.inputs if key in length]
        if reached and node.key not in length:
            best = max(reached, key=lambda key: length[key])
            before[node.key] = best
            length[node.key] = length[best] + node.is_visible
    if end not in length:
        return None
    chain: list[Node] = []
    key = end
    while key != start:
        chain.append(by_key[key])
        key = before[key]
    return chain[::-1]


@dataclass(frozen=True)
class Found:
    """A way, and the names of the layers on it that take more than one value."""

    way: Way
    joins: dict[Hashable, str]


def _steps(chain: list[Node], nodes: Sequence[Node], output: Hashable) -> Found:
    seen: list[Node] = []
    steps: list[Step] = []
    joins: dict[Hashable, str] = {}
    hidden: str | None = None
    attends = any(has_attention(node) for node in nodes)
    aside = {node.key for node in nodes if node.is_aside} - {node.key for node in chain}
    for node in chain:
        maps: tuple[Map, ...] = node.maps
        if len(set(node.inputs) - aside) > 1:
            joins[node.key] = node.name
            maps = (Opaque(node.kind),)
        if node.is_hidden:
            hidden = hidden or node.kind
            continue
        if hidden is not None:
            maps = (Opaque(hidden),)
            hidden = None
        seen.append(node)
        names = node.names if maps == node.maps else ()
        steps.append(Step(node.name, node.kind, maps, names, node.is_guess, attends=attends))
    return Found(way_of(seen, steps, nodes, output), joins)


def _notes(
    chain: list[Node],
    nodes: Sequence[Node],
    output: Hashable,
    joins: dict[Hashable, str],
    path: Sequence[str] | None,
    picked: Picked,
) -> list[str]:
    notes: list[str] = []
    left_out = [
        node.name
        for node in ancestors(nodes, output)
        if node.is_visible and not node.is_aside and all(node.key != other.key for other in chain)
    ]
    if left_out and picked.on_branch:
        shown = {node.name for node in chain}
        quoted = [f"another call of ‘{n}’" if n in shown else f"‘{n}’" for n in left_out]
        which = "the way asked for" if path else "its longest chain"
        notes.append(f"The model branches; {which} is shown, without {listed(quoted)}.")
    names = [name for key, name in joins.items() if key in picked.exact]
    if names:
        verb = "take" if len(set(names)) > 1 else "takes"
        notes.append(f"{listed(names)} {verb} more than one input: only values are known there.")
    calls = Counter(
        (node.name, node.kind) for node in chain if any(isinstance(m, Affine) for m in node.maps)
    )
    shared = [name for (name, _), n in calls.items() if n > 1]
    if shared:
        notes.append(f"Called more than once, with the same weights: {listed(shared)}.")
    return notes


def listed(names: Sequence[str], most: int = 5) -> str:
    """The first names, and how many more there are."""
    unique = list(dict.fromkeys(names))
    rest = f" and {len(unique) - most} more" if len(unique) > most else ""
    return ", ".join(unique[:most]) + rest


def _with_biases(nodes: Sequence[Node], output: Hashable) -> list[Node]:
    """A product followed by an addition of constants is one affine map."""
    uses = Counter(key for node in nodes for key in node.inputs)
    by_key = {node.key: node for node in nodes}
    folded: set[Hashable] = set()
    result: list[Node] = []
    for node in nodes:
        if node.bias is None:
            result.append(node)
            continue
        before = by_key.get(node.inputs[0])
        map_ = before.maps[0] if before is not None and len(before.maps) == 1 else None
        bias = np.asarray(node.bias, np.float64).ravel()
        if (
            before is not None
            and isinstance(map_, Affine)
            and uses[before.key] == 1
            and before.key != output
            and bias.size in (1, len(map_.bias))
        ):
            folded.add(before.key)
            joined = Affine(map_.weight, map_.bias + bias, map_.name)
            result.append(
                replace(node, name=before.name, inputs=before.inputs, maps=(joined,), bias=None)
            )
        elif bias.size > 1:
            map_ = Affine(np.ones(bias.size), bias, node.name)
            result.append(replace(node, maps=(map_,), bias=None))
        else:
            result.append(replace(node, maps=(Opaque(node.kind),), bias=None))
    return [node for node in result if node.key not in folded]


def diagonal(scale: Any, bias: Any, name: str) -> tuple[Map, ...]:
    """``x * scale + bias`` unit by unit, as a map."""
    scale, bias = np.asarray(scale, np.float64).ravel(), np.asarray(bias, np.float64).ravel()
    return (Affine(scale, bias, name),)


def layer_name(place: str) -> str:
    """A bare number says nothing: ``"0"`` → ``"layer 0"``."""
    return f"layer {place}" if place.isdigit() else place
