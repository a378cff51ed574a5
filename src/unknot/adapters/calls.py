"""A chain of layers from a list of calls, where only what went in and out of each is known."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from unknot.adapters.graph import SOURCE, Chain, Node, listed, main_chain
from unknot.adapters.network import Array
from unknot.adapters.recognise import activation_by_values, may_be_activation
from unknot.adapters.settling import flat
from unknot.errors import UnknotError
from unknot.network.maps import Map, Opaque

#: What a residual connection adds was made at most so many values ago.
MOST_RECENT = 12
#: Rows on which functions are ruled out before all are tried.
FEW = 8


@dataclass(frozen=True)
class Value:
    """A tensor at one moment of the run.

    Attributes
    ----------
    key : hashable
        Tells it from every other: who made what is found by it.
    tensor : tensor
    made_of : tuple of hashable or None
        The keys of the values that functions made it of, where that is known.
    """

    key: Hashable
    tensor: Any
    made_of: tuple[Hashable, ...] | None = None


@dataclass(frozen=True)
class Call:
    """One call of a layer.

    Attributes
    ----------
    name, kind : str
    maps : tuple of Map
    inputs : tuple of Value
    output : Value
    """

    name: str
    kind: str
    maps: tuple[Map, ...]
    inputs: tuple[Value, ...]
    output: Value


#: Where to find a value again: the number of the call (None: the model's output), and which of
#: its inputs it is (None: its output).
Place = tuple[int | None, int | None]


def again(calls: Sequence[Call], output: Value, places: Sequence[Place]) -> list[Any]:
    """The tensors at these places of another run."""
    values = [
        output if i is None else calls[i].output if j is None else calls[i].inputs[j]
        for i, j in places
    ]
    return [value.tensor for value in values]


def chain_of_calls(
    calls: Sequence[Call],
    x: Value,
    output: Value,
    path: list[str] | None,
    framework: str,
    to_numpy: Callable[[Any], Array],
) -> tuple[Chain, list[Place]]:
    """The chain to show, and where each of its values is found when the model is run again."""
    nodes: list[Node] = []
    made: dict[Hashable, Any] = {x.key: SOURCE}
    clouds: dict[Any, Array | None] = {SOURCE: flat(to_numpy(x.tensor))}
    unknown: list[str] = []
    n = len(x.tensor)

    def add(node: Node, value: Value) -> Any:
        cloud = _cloud(value.tensor, n, to_numpy)
        if value.key != output.key and cloud is not None and not np.isfinite(cloud).all():
            cloud = None
        clouds[node.key] = cloud
        nodes.append(replace(node, is_hidden=cloud is None))
        return node.key

    def between(place: Place, value: Value, user: str) -> Any:
        """A node for what no layer made."""
        makers = {made[key] for key in value.made_of or () if key in made}
        # The newest first: of two that explain a value, it was made of the later.
        tried = [key for key in reversed(clouds) if not makers or key in makers]
        after = _cloud(value.tensor, n, to_numpy)
        for key in tried:
            maps = _explained(clouds[key], after)
            if maps is not None:
                name = maps[0].name if maps else "between layers"
                node = Node(place, name, "between layers", (key,), maps, is_guess=bool(maps))
                return add(node, value)
        summands = _summands(clouds, tried[:MOST_RECENT], after)
        if summands:
            return add(Node(place, "add", "add", summands, (Opaque("add"),)), value)
        if not makers and len(clouds) > 1:
            unknown.append(user)
        kind = "between layers"
        inputs = tried[::-1] if makers else tried[:1]
        name = kind if len(inputs) > 1 else f"after {_name_of(inputs[0], nodes)}"
        return add(Node(place, name, kind, tuple(inputs), (Opaque(kind),)), value)

    def is_constant(value: Value, call: Call) -> bool:
        """Made of nothing that was seen, beside what was, or without a row a point."""
        if value.key in made or value.made_of != ():
            return False
        is_beside = any(other.key in made or other.made_of for other in call.inputs)
        return is_beside or _cloud(value.tensor, n, to_numpy) is None

    for i, call in enumerate(calls):
        given: list[Any] = []
        for j, value in enumerate(call.inputs):
            if value.key not in made:
                if is_constant(value, call):
                    continue
                made[value.key] = between((i, j), value, call.name)
            given.append(made[value.key])
        # A layer that hands on gives the very object it got: what comes next took it from here.
        if given:
            node = Node((i, None), call.name, call.kind, tuple(given), call.maps)
            made[call.output.key] = add(node, call.output)
    end = made.get(output.key)
    if end is None:
        end = between((None, None), output, "the output")
    chain = main_chain(nodes, end, path, framework)
    if unknown:
        chain = replace(chain, notes=(*chain.notes, _unknown_note(unknown)))
    return chain, list(chain.keys)


def _explained(before: Array | None, after: Array | None) -> tuple[Map, ...] | None:
    """The maps that turn one cloud into another: none, one activation, or None: not known."""
    if before is None or after is None or before.shape != after.shape:
        return None
    if np.array_equal(before, after):
        return ()
    if not may_be_activation(before[:FEW], after[:FEW]):
        return None
    known = activation_by_values(before, after)
    return None if known is None else (known,)


def _summands(
    clouds: dict[Any, Array | None], tried: Sequence[Any], after: Array | None
) -> tuple[Any, ...]:
    """Two of the clouds whose sum this one is, the older first, or none."""
    if after is None:
        return ()
    fitting: list[tuple[Any, Array]] = []
    for key in tried:
        cloud = clouds[key]
        if cloud is not None and cloud.shape == after.shape:
            fitting.append((key, cloud))
    for (late, one), (early, other) in combinations(fitting, 2):
        allowed = 1e-5 * (1 + float(np.abs(one).max() + np.abs(other).max()))
        # A few rows first: most clouds are no summands.
        if all(np.allclose(one[r] + other[r], after[r], 0, allowed) for r in (slice(FEW), ...)):
            return early, late
    return ()


def _name_of(key: Any, nodes: Sequence[Node]) -> str:
    return next((node.name for node in nodes if node.key == key), "input")


def _unknown_note(users: list[str]) -> str:
    return (
        f"Functions between layers are not seen: what goes into {listed(users)} is shown as made "
        "from the layer called before."
    )


def check_same(names: Sequence[str], now: Sequence[str], framework: str) -> None:
    """Every batch must go the same way."""
    if list(names) != list(now):
        raise UnknotError(
            f"The {framework} model calls other layers for other points, so there is no one way "
            "to show.\nTrace points that all go one way, or a model without such a branch."
        )


def _cloud(value: Any, n: int, to_numpy: Callable[[Any], Array]) -> Array | None:
    array = to_numpy(value)
    if not array.ndim or len(array) != n or array.dtype.kind == "c":
        return None
    return flat(array)
