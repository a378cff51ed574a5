"""A chain of layers from a list of calls, where only what went in and out of each is known."""

from collections.abc import Callable, Generator, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from unknot.adapters.claims import activation_by_values, flat, may_be_activation
from unknot.adapters.graph import SOURCE, Chain, Node, Scope, is_aside, listed, main_chain
from unknot.adapters.network import Array, Route, several_outputs
from unknot.errors import UnknotError
from unknot.network.maps import Map, Opaque

#: The key of inputs that the points do not come in by, such as masks.
ASIDE = "aside"
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
    is_turned : bool
        Whether the model has the points on the second axis.
    """

    key: Hashable
    tensor: Any
    made_of: tuple[Hashable, ...] | None = None
    is_turned: bool = False


@dataclass(frozen=True)
class Call:
    """One call of a layer.

    Attributes
    ----------
    name, kind : str
    maps : tuple of Map
    inputs : tuple of Value
    output : Value
    scopes : tuple of Scope
        The modules with parts that were being called, the outermost first.
    is_end : bool
        True where a module with parts, the innermost of the scopes, handed on its output: what it
        was made of is told by its parts.
    """

    name: str
    kind: str
    maps: tuple[Map, ...]
    inputs: tuple[Value, ...]
    output: Value
    scopes: tuple[Scope, ...] = ()
    is_end: bool = False


def end_call(scopes: Sequence[Scope], output: Value) -> Call:
    """The end of the call of a module with parts."""
    scope = scopes[-1]
    return Call(scope.name, scope.kind, (), (output,), output, tuple(scopes), is_end=True)


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
    """What tuples, lists, dictionaries and data classes hold, whatever they are nested in."""
    return (leaf for _, leaf in entries_of(value))


def entries_of(value: Any, place: str = "") -> Generator[tuple[str, Any]]:
    """The same with their places: ``"logits"``, ``"1.0"``; of a bare value ``""``."""
    parts = parts_of(value)
    if parts is None:
        yield place, value
    for name, part in parts or ():
        yield from entries_of(part, f"{place}.{name}" if place else str(name))


def parts_of(value: Any) -> Iterable[tuple[Any, Any]] | None:
    """Names and values of a container's parts; None for what is none."""
    if isinstance(value, Mapping):
        return list(value.items())  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, tuple | list):
        names = getattr(value, "_fields", None) or range(len(value))  # pyright: ignore[reportUnknownArgumentType]
        return list(zip(names, value, strict=True))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in fields(value)]
    return None


def only(output: Any, is_one: Callable[[Any], bool]) -> tuple[Any, list[str]]:
    """The one tensor that an output is or holds, or else its logits, or else None.

    Also the places of all its tensors.
    """
    entries = {place: leaf for place, leaf in entries_of(output) if is_one(leaf)}
    names = list(entries)
    if len({id(leaf) for leaf in entries.values()}) == 1:
        return entries[names[0]], names
    logits = [leaf for place, leaf in entries.items() if place.rpartition(".")[2] == "logits"]
    return logits[0] if len(logits) == 1 else None, names


def logits_note(names: Sequence[str]) -> tuple[str, ...]:
    """What is said where an output holds more than what is followed."""
    if len(names) < 2:
        return ()
    return (f"The model returns {listed(names)}; its logits are followed.",)


def last_value(
    output: Any,
    calls: Sequence[Call],
    path: Route,
    framework: str,
    is_one: Callable[[Any], bool],
    as_value: Callable[[Any], Value],
) -> tuple[Value, tuple[str, ...]]:
    """A model's one output, or that of the layer that was asked for; and a note on which.

    Raises
    ------
    UsageError
        When the model returns several values, and no layer says which.
    """
    one, names = only(output, is_one)
    if one is not None:
        return as_value(one), logits_note(names)
    ends = [call.output for call in calls if path and call.name == path[-1]]
    if not ends:
        raise several_outputs(framework, output, names)
    return ends[-1], ()


def chain_of_calls(
    calls: Sequence[Call],
    sources: Sequence[Value],
    output: Value,
    path: Route,
    framework: str,
    to_numpy: Callable[[Any], Array],
    *,
    is_part: bool = False,
) -> tuple[Chain, list[Address]]:
    """The chain to show, and the addresses of its values when the model is run again.

    `sources` are the inputs that the points come in by; `is_part` says that there are others.
    """
    graph = CallGraph(sources, output, to_numpy)
    for i, call in enumerate(calls):
        graph.add_call(i, call)
    output_key = graph.end()
    chain = main_chain(graph.with_ends(), output_key, path, framework)
    while is_part and len(chain.steps) > 1 and not chain.steps[0].maps:
        # One of several inputs, handed on: nothing happens to the points.
        chain = replace(chain, keys=chain.keys[1:], steps=chain.steps[1:])
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

    def __init__(
        self, sources: Sequence[Value], output: Value, to_numpy: Callable[[Any], Array]
    ) -> None:
        self.nodes: list[Node] = []
        self.unseen: list[str] = []
        self._ends: list[tuple[Any, Scope]] = []
        self._output, self._n, self._to_numpy = output, len(sources[0].tensor), to_numpy
        self._makers: dict[Hashable, Any] = {source.key: SOURCE for source in sources}
        self._constants: set[Hashable] = {ASIDE}
        cloud = self._cloud(sources[0]) if len(sources) == 1 else None
        self._clouds: dict[Any, Array | None] = {SOURCE: cloud}

    def add_call(self, i: int, call: Call) -> None:
        """Add a node for the call, after nodes for those of its inputs that no call made.

        A call of constants alone gets none: nothing of the points goes through it.
        """
        inputs: list[Any] = []
        for j, value in enumerate(call.inputs):
            if value.key not in self._makers:
                if self._is_constant(value, call):
                    continue
                node = self._between((i, j), value, call.name)
                self._makers[value.key] = self._add(replace(node, scopes=call.scopes), value)
            inputs.append(self._makers[value.key])
        if call.is_end:
            self._ends += [(key, call.scopes[-1]) for key in inputs]
            return
        # A layer that hands on gives the very object it got: what comes next took it from here.
        if inputs:
            node = Node(
                (i, None), call.name, call.kind, tuple(inputs), call.maps, scopes=call.scopes
            )
            self._makers[call.output.key] = self._add(node, call.output)
        else:
            self._constants.add(call.output.key)

    def end(self) -> Any:
        """The key of the node that made the output."""
        if self._output.key in self._makers:
            return self._makers[self._output.key]
        return self._add(self._between((None, None), self._output, "the output"), self._output)

    def with_ends(self) -> list[Node]:
        """The nodes with the modules that hand on what they make."""
        ends: dict[Any, list[Scope]] = {}
        for key, scope in self._ends:
            ends.setdefault(key, []).append(scope)
        return [replace(node, ends=tuple(ends.get(node.key, ()))) for node in self.nodes]

    def _add(self, node: Node, value: Value) -> Any:
        cloud = self._cloud(value)
        sources = (self._clouds[key] for key in node.inputs)
        aside = is_aside(value.tensor.dtype, cloud, sources)
        if value.key != self._output.key and cloud is not None and not np.isfinite(cloud).all():
            cloud = None
        self._clouds[node.key] = cloud
        shape = None if cloud is None else tuple(map(int, value.tensor.shape[1:]))
        self.nodes.append(replace(node, is_hidden=cloud is None, is_aside=aside, shape=shape))
        return node.key

    def _between(self, address: Address, value: Value, user: str) -> Node:
        """What made a value that no layer made, as far as values tell."""
        makers = {self._makers[key] for key in value.made_of or () if key in self._makers}
        # The newest first: of two that explain a value, it was made of the later.
        candidates = [key for key in reversed(self._clouds) if not makers or key in makers]
        after, kind = self._cloud(value), "between layers"
        for key in candidates:
            maps = _explained(self._clouds[key], after)
            if maps is not None:
                name = maps[0].name if maps else kind
                guess = bool(maps)
                return Node(address, name, kind, (key,), maps, is_guess=guess, is_module=False)
        summands = _summands(self._clouds, candidates[:MOST_RECENT], after)
        if summands:
            return Node(address, "add", "add", summands, (Opaque("add"),), is_module=False)
        if not makers and len(self._clouds) > 1:
            self.unseen.append(user)
        inputs = candidates[::-1] if makers else candidates[:1]
        before = next((node.name for node in self.nodes if node.key == inputs[0]), "input")
        name = kind if len(inputs) > 1 else f"after {before}"
        return Node(address, name, kind, tuple(inputs), (Opaque(kind),), is_module=False)

    def _is_constant(self, value: Value, call: Call) -> bool:
        """Made of nothing that was seen, and the same for all points, or beside what was seen."""
        if value.made_of:
            return self._constants.issuperset(value.made_of)
        cloud = self._cloud(value)
        is_same = cloud is not None and len(cloud) > 1 and not (cloud != cloud[:1]).any()
        if value.made_of is None:
            return is_same
        is_beside = any(other.key in self._makers or other.made_of for other in call.inputs)
        return is_beside or is_same or cloud is None

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
