"""A chain of layers from a list of calls, where only what went in and out of each is known."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unknot.adapters.graph import SOURCE, Chain, Node, main_chain
from unknot.adapters.network import Array
from unknot.adapters.recognise import activation_by_values
from unknot.adapters.settling import flat
from unknot.errors import UnknotError
from unknot.maps import Map, Opaque


@dataclass(frozen=True)
class Value:
    """A tensor at one moment of the run.

    Attributes
    ----------
    key : hashable
        Tells it from every other: who made what is found by it.
    tensor : tensor
    """

    key: Hashable
    tensor: Any


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


#: What a residual connection adds was made at most so many layers ago.
MOST_RECENT = 12
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
    values: dict[Any, Any] = {SOURCE: x.tensor}
    last: Any = SOURCE
    n = len(x.tensor)

    def add(node: Node, value: Value) -> Any:
        nodes.append(node)
        values[node.key] = value.tensor
        return node.key

    def between(place: Place, value: Value) -> Any:
        """A node for what no layer made."""
        before, after = flat(to_numpy(values[last])), _cloud(value.tensor, n, to_numpy)
        same = after is not None and before.shape == after.shape and bool((before == after).all())
        known = None if after is None else activation_by_values(before, after)
        if after is not None and known is None and not same:
            summand = _summand(before, after, values, to_numpy)
            if summand is not None:
                return add(Node(place, "add", "add", (last, summand), (Opaque("add"),)), value)
        kind = known.name if known is not None else "between layers"
        name = kind if known is not None else f"after {nodes[-1].name if nodes else 'input'}"
        maps: tuple[Map, ...] = () if same else (known or Opaque(kind),)
        node = Node(
            place, name, kind, (last,), maps, is_hidden=after is None, is_guess=known is not None
        )
        return add(node, value)

    for i, call in enumerate(calls):
        given: list[Any] = []
        for j, value in enumerate(call.inputs):
            if value.key not in made:
                made[value.key] = between((i, j), value)
            given.append(made[value.key])
        hidden = _cloud(call.output.tensor, n, to_numpy) is None
        node = Node((i, None), call.name, call.kind, tuple(given), call.maps, is_hidden=hidden)
        last = add(node, call.output)
        # A layer that hands on gives the very object it got: what comes next took it from here.
        made[call.output.key] = last
    end = made.get(output.key)
    if end is None:
        end = between((None, None), output)
    chain = main_chain(nodes, end, path, framework)
    return chain, list(chain.keys)


def _summand(
    before: Array, after: Array, values: dict[Any, Any], to_numpy: Callable[[Any], Array]
) -> Any:
    """The key of what was added, where a cloud is the sum of the one before and of a recent one."""
    if before.shape != after.shape:
        return None
    allowed = 1e-5 * (1 + float(np.abs(before).max() + np.abs(after).max()))
    for key in list(values)[: -MOST_RECENT - 1 : -1]:
        other = _cloud(values[key], len(after), to_numpy)
        if other is None or other.shape != after.shape:
            continue
        # One row first: most clouds are no summands.
        if all(np.allclose(before[r] + other[r], after[r], 0, allowed) for r in (slice(1), ...)):
            return key
    return None


def check_same(names: Sequence[str], now: Sequence[str], framework: str) -> None:
    """Every batch must go the same way."""
    if list(names) != list(now):
        raise UnknotError(
            f"The {framework} model calls other layers for other points, so there is no one way "
            "to show.\nTrace points that all go one way, or a model without such a branch."
        )


def _cloud(value: Any, n: int, to_numpy: Callable[[Any], Array]) -> Array | None:
    array = to_numpy(value)
    return flat(array) if array.ndim and len(array) == n else None
