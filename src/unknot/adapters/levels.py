"""What of the way through a model is seen: blocks, modules, all, or what was asked for."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod
from typing import Any

from unknot.adapters.claims import Part
from unknot.adapters.naming import bends_units, name_representations
from unknot.adapters.nesting import SOURCE, Node, Scope, blocks_of, ends_of, nesting, stream
from unknot.adapters.network import Array, Network, Places, Route, Step
from unknot.network.maps import Affine, Opaque
from unknot.traces.note import Note
from unknot.traces.selection import MOST_SHOWN, ModulePlace, between, choose

#: With more blocks than this, layers that only prepare for the next one are left out.
MANY_BLOCKS = 24
#: Kinds of layers that work unit by unit, or channel by channel, on what the layer before made.
UNITWISE = ("activation", "dropout", "elu", "norm", "pad", "relu", "scal", "sigmoid", "tanh")


@dataclass(frozen=True)
class Way:
    """The nodes of a way that can be seen, each a step, and what is known of their places.

    Attributes
    ----------
    nodes : tuple of Node
    steps : tuple of Step
    ends : dict
        For each node's key the modules that end in it, the innermost first.
    places : tuple of ModulePlace
        Of all representations along the way, the input first.
    groups : dict
        For the number of each step that shows something: the numbers of its places.
    """

    nodes: tuple[Node, ...]
    steps: tuple[Step, ...]
    ends: dict[Hashable, list[Scope]]
    places: tuple[ModulePlace, ...]
    groups: dict[int, range]


def way_of(
    seen: Sequence[Node], steps: Sequence[Step], nodes: Sequence[Node], output: Hashable
) -> Way:
    """Where the representations along a way are in the model.

    Parameters
    ----------
    seen : sequence of Node
        Those of the way, one a step.
    steps : sequence of Step
    nodes : sequence of Node
        Of the whole model.
    output : hashable
    """
    fitting = _fitting(seen, steps)
    visible = [i for i, step in enumerate(steps) if step.maps]
    parts, groups = _parts_of(fitting)
    names, claimed = name_representations(parts), _claimed_names(steps)
    ends = ends_of(nodes, output, [node.key for node in seen])
    ending: dict[int, list[Scope]] = {i: [] for i in visible}
    aliases: dict[int, list[str]] = {i: [claimed[i]] for i in visible}
    owner = -1
    for i, node in enumerate(seen):
        # What only hands on has the values of the layer before, and lends it its names.
        owner = i if i in ending else owner
        if owner >= 0:
            ending[owner] += ends.get(node.key, [])
            own = [node.name] if node.is_module else []
            aliases[owner] += [*own, *(scope.name for scope in ends.get(node.key, []))]
    blocks, through = blocks_of(nesting(nodes)), stream(nodes, output)
    places, taken = [ModulePlace(names[0], names[0], names[0])], set(names)
    for i in visible:
        node = seen[i]
        inside = any(scope.key in blocks for scope in node.scopes)
        is_stop = node.is_module or len(set(node.inputs)) > 1
        block = next((scope.name for scope in ending[i] if scope.key in blocks), "")
        for k in groups[i]:
            is_last, name = k == groups[i][-1], names[k]
            is_between = not inside and node.key in through
            shows = is_between and (is_stop or bends_units(parts[k - 1].map))
            inner = ending[i][0].name if ending[i] and is_last else ""
            others = dict.fromkeys(aliases[i] if is_last else [])
            places.append(
                ModulePlace(
                    name,
                    module=name if node.is_module else inner,
                    block=(block if is_last else "") or (name if shows else ""),
                    aliases=tuple(other for other in others if other not in taken),
                    on_branch=node.key not in through,
                )
            )
    if len(places) > 1:
        last = places[-1]
        places[-1] = replace(last, module=last.module or last.name, block=last.block or last.name)
    kinds = ["", *(part.kind for part in parts)]
    return Way(tuple(seen), tuple(steps), ends, tuple(_few(places, kinds)), groups)


def _fitting(seen: Sequence[Node], steps: Sequence[Step]) -> list[Step]:
    """The steps, opaque where a dense layer's weight is not of the units' number.

    Such a layer works on each token, or along another axis.
    """
    fitting: list[Step] = []
    before: int | None = None
    for node, step in zip(seen, steps, strict=True):
        after = None if node.shape is None else prod(node.shape)
        weights = [map_.shape for map_ in step.maps if isinstance(map_, Affine)]
        is_off = weights and None not in (before, after) and weights[0][0] != before
        fitting.append(replace(step, maps=(Opaque(step.kind),), names=()) if is_off else step)
        before = after
    return fitting


def _parts_of(steps: Sequence[Step]) -> tuple[list[Part], dict[int, range]]:
    """The maps of all steps in a row, and which representations each step makes."""
    parts: list[Part] = []
    groups: dict[int, range] = {}
    for i, step in enumerate(steps):
        if step.maps:
            names = step.names or (step.name,) * len(step.maps)
            pairs = list(zip(names, step.maps, strict=True))
            groups[i] = range(len(parts) + 1, len(parts) + 1 + len(pairs))
            parts += [Part(name, map_, None, 0, step.kind) for name, map_ in pairs]
    return parts, groups


def _claimed_names(steps: Sequence[Step]) -> dict[int, str]:
    """For each step its last name, if all that is claimed of maps is right."""
    parts, groups = _parts_of(steps)
    names = name_representations(parts)
    return {i: names[group[-1]] for i, group in groups.items()}


def _few(places: list[ModulePlace], kinds: list[str]) -> list[ModulePlace]:
    """Of very many blocks only the last of each run: a convolution, its norm and its relu."""
    shown = [k for k, place in enumerate(places) if place.block]
    if len(shown) <= MANY_BLOCKS:
        return places
    few = list(places)
    for k, following in pairwise(shown):
        kind = kinds[following].lower()
        is_own = places[k].block == places[k].name
        if k and is_own and following == k + 1 and any(word in kind for word in UNITWISE):
            few[k] = replace(places[k], block="")
    return few


@dataclass(frozen=True)
class Picked:
    """What is seen of a way.

    Attributes
    ----------
    numbers : tuple of int
        Of the steps that are needed.
    steps : tuple of Step
    notes : tuple of Note
    on_branch : bool
        Whether something inside a branch is seen.
    exact : set of hashable
        The keys of the nodes that are seen with the node before them.
    """

    numbers: tuple[int, ...]
    steps: tuple[Step, ...]
    notes: tuple[Note, ...]
    on_branch: bool
    exact: set[Hashable]


def pick(way: Way, layers: Any) -> Picked:
    """The steps that are seen, with opaque maps in the place of what is left out.

    `layers` are as for ``trace``.

    Raises
    ------
    UsageError
        When they name nothing along the way.
    """
    places = way.places
    usual = "all" if len(places) <= MOST_SHOWN else "blocks"
    chosen = choose(places, usual if layers is None else layers)
    on_branch = any(places[k].on_branch for k in chosen)
    if all(chosen.get(k) == place.name for k, place in enumerate(places)):
        whole = tuple(
            replace(step, places=tuple(places[k] for k in way.groups.get(i, ())))
            for i, step in enumerate(way.steps)
        )
        keys = {node.key for node in way.nodes}
        return Picked(tuple(range(len(whole))), whole, (), on_branch, keys)
    numbers = _needed(way, chosen)
    steps = tuple(_steps(way, numbers, chosen))
    exact = {
        way.nodes[i].key
        for i, step in zip(numbers, steps, strict=True)
        if step.maps == way.steps[i].maps
    }
    notes = () if layers is not None else (_note(chosen, len(places)),)
    return Picked(numbers, steps, notes, on_branch, exact)


def _needed(way: Way, chosen: dict[int, str]) -> tuple[int, ...]:
    """The numbers of the steps that are seen or worked with."""
    visible = list(way.groups)
    needed: set[int] = set()
    for v, i in enumerate(visible):
        group = way.groups[i]
        if any(k in chosen for k in group):
            needed.add(i)
        if v and any(k in chosen for k in group[:-1]):
            # What is inside a layer is worked out from what goes into it.
            needed.add(visible[v - 1])
    return tuple(sorted(needed))


def _steps(way: Way, numbers: Sequence[int], chosen: dict[int, str]) -> list[Step]:
    steps: list[Step] = []
    end = 0
    for i in numbers:
        step, group = way.steps[i], way.groups[i]
        if group[0] - end > 1:
            title = chosen.get(group[-1], "")
            kinds = {scope.name: scope.kind for scope in way.ends.get(way.nodes[i].key, [])}
            kind = kinds.get(title) or between(group[-1] - end)
            step = replace(step, maps=(Opaque(kind),), kind=kind, names=(), is_guess=False)
            group = group[-1:]
        end = group[-1]
        own = tuple(way.places[k] for k in group)
        steps.append(replace(step, titles=tuple(chosen.get(k, "") for k in group), places=own))
    return steps


def _note(chosen: dict[int, str], n: int) -> Note:
    some = [f"{name!r}" for name in list(chosen.values())[1:3]]
    return Note(
        f"Shown are {len(chosen)} of {n} representations: what lies between the model's blocks. "
        f"All of them: layers='all'; some: layers=[{', '.join(some)}].",
        "maker",
    )


def along(network: Network, route: Route) -> Network:
    """A network whose steps are one chain, with those of them that are seen."""
    n = len(network.steps)
    nodes = [
        Node(i, step.name, step.kind, (i - 1 if i else SOURCE,), step.maps)
        for i, step in enumerate(network.steps)
    ]
    way = way_of(nodes, network.steps, nodes, n - 1)
    picked = pick(way, route.layers)
    seen = picked.numbers

    def forward(batch: Array, known: Sequence[bool], places: Places) -> list[Array | None]:
        all_known, all_places = [True] * n, list[Array | None]([None] * n)
        for i, is_known, place in zip(seen, known, places, strict=True):
            all_known[i], all_places[i] = is_known, place
        outputs = list(network.forward(batch, all_known, all_places))
        return [outputs[i] for i in seen]

    return replace(
        network,
        steps=picked.steps,
        forward=network.forward if len(seen) == n else forward,
        notes=(*network.notes, *picked.notes),
    )
