"""The layers and functions of a model, and the modules in modules that they are in.

A *block* is what stands at the top of a model: its children; a child that only holds a row of
blocks, such as an encoder of twelve equal layers, is opened. Between two blocks lies the residual
stream: a place that every way from the input to the output passes.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.network.maps import Map

#: The key of the model's input.
SOURCE = "the input"
#: Modules that do nothing but call their parts one after another.
CONTAINERS = ("ModuleDict", "ModuleList", "Sequential")
#: What attention is called.
ATTENTION = ("attention", "attn", "transformer")
#: A model of fewer blocks is opened further.
FEWEST_BLOCKS = 4


@dataclass(frozen=True)
class Scope:
    """One call of a module that has parts.

    Attributes
    ----------
    key : hashable
        Tells it from every other call.
    name, kind : str
    """

    key: Hashable
    name: str
    kind: str


@dataclass(frozen=True)
class Node:
    """One layer or operation.

    Attributes
    ----------
    key : hashable
        Names its output.
    name : str
        The layer's own name.
    kind : str
        What it is, for when its map is not known.
    inputs : tuple of hashable
        Keys of what it takes, as far as that depends on the model's input.
    maps : tuple of Map
        As for `Step`.
    bias : (n_units,) array or None
        Set instead of `maps` when all it does is to add this.
    is_hidden : bool
        True when its output cannot be kept: it is no array with one point a row.
    names : tuple of str
        As for `Step`.
    is_guess : bool
        As for `Step`.
    scopes : tuple of Scope
        The modules that it is inside of, the outermost first.
    ends : tuple of Scope
        Modules that are known to hand on its output, the innermost first; others are found.
    is_aside : bool
        True for a mask, and for what is the same for all points though what it was made of is
        not (positions): such a node is on the way only where there is no other.
    is_module : bool
        False for a function that is called between modules.
    shape : tuple of int or None
        Of its output for one point, where that is known.
    """

    key: Hashable
    name: str
    kind: str
    inputs: tuple[Hashable, ...]
    maps: tuple[Map, ...] = ()
    bias: NDArray[np.floating] | None = None
    is_hidden: bool = False
    names: tuple[str, ...] = ()
    is_guess: bool = False
    scopes: tuple[Scope, ...] = ()
    ends: tuple[Scope, ...] = ()
    is_aside: bool = False
    is_module: bool = True
    shape: tuple[int, ...] | None = None

    @property
    def is_visible(self) -> bool:
        """Whether it claims to change anything."""
        return bool(self.maps) or self.bias is not None


def ancestors(nodes: Sequence[Node], output: Hashable) -> list[Node]:
    """The nodes that the output depends on, in their order."""
    keys: set[Hashable] = {output}
    for node in reversed(nodes):
        if node.key in keys:
            keys.update(node.inputs)
    return [node for node in nodes if node.key in keys]


@dataclass
class Module:
    """A module with parts, in the nesting of a model.

    Attributes
    ----------
    scope : Scope
    parts : dict
        Modules with parts of their own, by key.
    leaves : list of str
        The kinds of the others.
    """

    scope: Scope
    parts: dict[Hashable, "Module"] = field(default_factory=dict[Hashable, "Module"])
    leaves: list[str] = field(default_factory=list[str])

    @property
    def signature(self) -> Any:
        """The same for modules that are built alike."""
        kind = self.scope.kind
        if kind not in CONTAINERS:
            return kind
        return kind, frozenset(p.signature for p in self.parts.values()), frozenset(self.leaves)

    @property
    def has_row(self) -> bool:
        """Whether modules that are built alike stand beside each other somewhere inside."""
        counts = Counter(part.signature for part in self.parts.values())
        return any(n > 1 for n in counts.values()) or any(p.has_row for p in self.parts.values())

    @property
    def n_children(self) -> int:
        """Of its own, with parts or without."""
        return len(self.parts) + len(self.leaves)


def has_attention(node: Node) -> bool:
    """Whether a node is attention, or inside of it, by what it is called."""
    texts = [node.name, node.kind, *(t for s in node.scopes for t in (s.name, s.kind))]
    return any(word in text.lower() for text in texts for word in ATTENTION)


def nesting(nodes: Sequence[Node]) -> Module:
    """The model as modules in modules."""
    root = Module(Scope("", "", ""))
    for node in nodes:
        inner = root
        for scope in node.scopes:
            inner = inner.parts.setdefault(scope.key, Module(scope))
        if node.is_module:
            inner.leaves.append(node.kind)
        for scope in node.ends:
            # Where nothing is known of what is inside.
            if scope not in node.scopes:
                root.parts.setdefault(scope.key, Module(scope))
    return root


def blocks_of(root: Module) -> set[Hashable]:
    """The keys of the modules that are blocks; what has a block inside is opened."""
    frontier = list(root.parts.values())
    n_leaves = len(root.leaves)
    while True:
        counts = Counter(module.signature for module in frontier)
        single = [module for module in frontier if counts[module.signature] == 1]
        is_small = len(frontier) + n_leaves < FEWEST_BLOCKS
        rows = [m for m in single if m.has_row or (is_small and m.n_children > 1)]
        if not rows:
            return {module.scope.key for module in frontier}
        opened = max(rows, key=lambda m: (m.has_row, m.n_children))
        frontier.remove(opened)
        frontier += opened.parts.values()
        n_leaves += len(opened.leaves)


def ends_of(nodes: Sequence[Node], output: Hashable, way: Sequence[Hashable]) -> dict[Any, Any]:
    """For each node on the way the modules that end in it, the innermost first."""
    users: dict[Hashable, list[Node]] = {}
    for node in nodes:
        for key in node.inputs:
            users.setdefault(key, []).append(node)
    numbers = {key: i for i, key in enumerate(way)}
    last: dict[Hashable, tuple[int, Scope, Hashable]] = {}
    for node in nodes:
        if node.key not in numbers:
            continue
        scopes = dict.fromkeys((*node.ends, *reversed(node.scopes)))
        for scope in scopes:
            leaves = scope in node.ends or node.key == output
            leaves |= any(scope not in user.scopes for user in users.get(node.key, ()))
            if leaves and numbers[node.key] >= last.get(scope.key, (-1,))[0]:
                last[scope.key] = numbers[node.key], scope, node.key
    ends: dict[Any, list[tuple[int, Scope]]] = {}
    for _, scope, key in last.values():
        ends.setdefault(key, []).append((len(scope.name), scope))
    return {key: [s for _, s in sorted(e, key=lambda pair: -pair[0])] for key, e in ends.items()}


def stream(nodes: Sequence[Node], output: Hashable) -> set[Hashable]:
    """The keys of the nodes that every way from the input to the output passes, masks aside."""
    nodes = [node for node in nodes if not node.is_aside]
    last: dict[Hashable, int] = {}
    for i, node in enumerate(nodes):
        last.update(dict.fromkeys(node.inputs, i))
    keys: set[Hashable] = set()
    reach = last.get(SOURCE, -1)
    for i, node in enumerate(nodes):
        if reach <= i:
            keys.add(node.key)
        reach = max(reach, last.get(node.key, i))
    return keys | {output}
