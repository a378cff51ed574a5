"""A chain of layers from a list of calls, where only what went in and out of each is known."""

from collections.abc import Callable, Generator, Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from unknot.adapters.claims import activation_by_values, flat, may_be_activation
from unknot.adapters.graph import SOURCE, Chain, Node, listed, main_chain
from unknot.adapters.network import Array, several_outputs
from unknot.errors import UnknotError
from unknot.network.maps import Map, Opaque

#: What a residual connection adds was made at most so many values ago.
MOST_RECENT = 12
#: Rows on which functions are ruled out before all are candidates.
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
Address = tuple[int | None, int | None]


def again(calls: Sequence[Call], output: Value, addresses: Sequence[Address]) -> list[Any]:
    """The tensors at these addresses of another run."""
    values = [
        output if i is None else calls[i].output if j is None else calls[i].inputs[j]
        for i, j in addresses
    ]
    return [value.tensor for value in values]


def leaves_of(value: Any) -> Generator[Any]:
    """What tuples, lists and dictionaries hold, whatever they are nested in."""
    if isinstance(value, tuple | list | dict):
        for part in value.values() if isinstance(value, dict) else value:  # pyright: ignore[reportUnknownVariableType]
            yield from leaves_of(part)
    else:
        yield value


def only(output: Any) -> Any:
    """What a container of one holds; anything else as it is."""
    if isinstance(output, dict) and len(output) == 1:  # pyright: ignore[reportUnknownArgumentType]
        return next(iter(output.values()))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType, reportUnknownMemberType]
    is_single = isinstance(output, tuple | list) and len(output) == 1  # pyright: ignore[reportUnknownArgumentType]
    return output[0] if is_single else output  # pyright: ignore[reportUnknownVariableType]


def last_value(
    output: Any,
    calls: Sequence[Call],
    path: list[str] | None,
    framework: str,
    is_one: Callable[[Any], bool],
    as_value: Callable[[Any], Value],
) -> Value:
    """A model's one output, or that of the layer that was asked for.

    Raises
    ------
    UsageError
        When the model returns several values, and no layer says which.
    """
    output = only(output)
    if is_one(output):
        return as_value(output)
    ends = [call.output for call in calls if path and call.name == path[-1]]
    if not ends:
        raise several_outputs(framework, output)
    return ends[-1]


def chain_of_calls(
    calls: Sequence[Call],
    x: Value,
    output: Value,
    path: list[str] | None,
    framework: str,
    to_numpy: Callable[[Any], Array],
) -> tuple[Chain, list[Address]]:
    """The chain to show, and the addresses of its values when the model is run again."""
    graph = CallGraph(x, output, to_numpy)
    for i, call in enumerate(calls):
        graph.add_call(i, call)
    chain = main_chain(graph.nodes, graph.end(), path, framework)
    if graph.unseen:
        note = (
            f"Functions between layers are not seen: what goes into {listed(graph.unseen)} is "
            "shown as made from the layer called before."
        )
        chain = replace(chain, notes=(*chain.notes, note))
    return chain, list(chain.keys)


class CallGraph:
    """The graph of a run, call by call; what no layer made gets a node of its own.

    Attributes
    ----------
    nodes : list of Node
        Their keys are addresses.
    unseen : list of str
        The layers that take something of which nobody knows what it was made of.
    """

    def __init__(self, x: Value, output: Value, to_numpy: Callable[[Any], Array]) -> None:
        self.nodes: list[Node] = []
        self.unseen: list[str] = []
        self._output, self._n, self._to_numpy = output, len(x.tensor), to_numpy
        self._makers: dict[Hashable, Any] = {x.key: SOURCE}
        self._clouds: dict[Any, Array | None] = {SOURCE: self._cloud(x)}

    def add_call(self, i: int, call: Call) -> None:
        """Add a node for the call, after nodes for those of its inputs that no call made.

        A call of constants alone gets none: nothing of the points goes through it.
        """
        inputs: list[Any] = []
        for j, value in enumerate(call.inputs):
            if value.key not in self._makers:
                if self._is_constant(value, call):
                    continue
                self._makers[value.key] = self._add_between((i, j), value, call.name)
            inputs.append(self._makers[value.key])
        # A layer that hands on gives the very object it got: what comes next took it from here.
        if inputs:
            node = Node((i, None), call.name, call.kind, tuple(inputs), call.maps)
            self._makers[call.output.key] = self._add(node, call.output)

    def end(self) -> Any:
        """The key of the node that made the output."""
        if self._output.key in self._makers:
            return self._makers[self._output.key]
        return self._add_between((None, None), self._output, "the output")

    def _add(self, node: Node, value: Value) -> Any:
        cloud = self._cloud(value)
        if value.key != self._output.key and cloud is not None and not np.isfinite(cloud).all():
            cloud = None
        self._clouds[node.key] = cloud
        self.nodes.append(replace(node, is_hidden=cloud is None))
        return node.key

    def _add_between(self, address: Address, value: Value, user: str) -> Any:
        makers = {self._makers[key] for key in value.made_of or () if key in self._makers}
        # The newest first: of two that explain a value, it was made of the later.
        candidates = [key for key in reversed(self._clouds) if not makers or key in makers]
        after, kind = self._cloud(value), "between layers"
        for key in candidates:
            maps = _explained(self._clouds[key], after)
            if maps is not None:
                name = maps[0].name if maps else kind
                return self._add(
                    Node(address, name, kind, (key,), maps, is_guess=bool(maps)), value
                )
        summands = _summands(self._clouds, candidates[:MOST_RECENT], after)
        if summands:
            return self._add(Node(address, "add", "add", summands, (Opaque("add"),)), value)
        if not makers and len(self._clouds) > 1:
            self.unseen.append(user)
        inputs = candidates[::-1] if makers else candidates[:1]
        before = next((node.name for node in self.nodes if node.key == inputs[0]), "input")
        name = kind if len(inputs) > 1 else f"after {before}"
        return self._add(Node(address, name, kind, tuple(inputs), (Opaque(kind),)), value)

    def _is_constant(self, value: Value, call: Call) -> bool:
        """Made of nothing that was seen, beside what was, or without a row a point."""
        if value.made_of != ():
            return False
        is_beside = any(other.key in self._makers or other.made_of for other in call.inputs)
        return is_beside or self._cloud(value) is None

    def _cloud(self, value: Value) -> Array | None:
        array = self._to_numpy(value.tensor)
        if not array.ndim or len(array) != self._n or array.dtype.kind == "c":
            return None
        return flat(array)


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
    clouds: dict[Any, Array | None], candidates: Sequence[Any], after: Array | None
) -> tuple[Any, ...]:
    """Two of the clouds whose sum this one is, the older first, or none."""
    if after is None:
        return ()
    fitting: list[tuple[Any, Array]] = []
    for key in candidates:
        cloud = clouds[key]
        if cloud is not None and cloud.shape == after.shape:
            fitting.append((key, cloud))
    for (late, one), (early, other) in combinations(fitting, 2):
        allowed = 1e-5 * (1 + float(np.abs(one).max() + np.abs(other).max()))
        # A few rows first: most clouds are no summands.
        if all(np.allclose(one[r] + other[r], after[r], 0, allowed) for r in (slice(FEW), ...)):
            return early, late
    return ()


def check_same(names: Sequence[str], now: Sequence[str], framework: str) -> None:
    """Every batch must go the same way."""
    if list(names) != list(now):
        raise UnknotError(
            f"The {framework} model calls other layers for other points, so there is no one way "
            "to show.\nTrace points that all go one way, or a model without such a branch."
        )
