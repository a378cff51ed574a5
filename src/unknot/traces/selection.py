"""Which representations are shown: levels, names, patterns, numbers and functions."""

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from unknot.datasets.labels import shown
from unknot.errors import UsageError
from unknot.network.maps import Opaque
from unknot.table import unknown

if TYPE_CHECKING:
    from unknot.traces.representation import Trace

#: The levels of detail, the coarsest first.
LEVELS = ("blocks", "modules", "all")
#: Representations up to which all are shown when nothing is said.
MOST_SHOWN = 12
#: What makes a text a pattern.
WILDCARDS = frozenset("*?[")


@dataclass(frozen=True)
class ModulePlace:
    """Where in a network a representation is, and under which names it is known.

    Attributes
    ----------
    name : str
        Its name where all representations are shown.
    module, block : str
        Its name where only modules, or only blocks, are shown; empty where it is not shown then.
    aliases : tuple of str
        Other names: of the module that made it, and of the modules that end in it.
    on_branch : bool
        True inside a branch, such as that of a residual block: points also go past it.
    """

    name: str
    module: str = ""
    block: str = ""
    aliases: tuple[str, ...] = ()
    on_branch: bool = False

    def title(self, level: str) -> str:
        """Its name at a level; empty where that does not show it."""
        return {"blocks": self.block, "modules": self.module, "all": self.name}[level]


def module_place(name: str) -> ModulePlace:
    """The place of a representation of which only the name is known: every level shows it."""
    return ModulePlace(name, name, name)


def choose(places: Sequence[ModulePlace], layers: Any) -> dict[int, str]:
    """The representations that are asked for, and their names; first and last are always there.

    Parameters
    ----------
    places : sequence of ModulePlace
        Of all representations, in order.
    layers : str, int, pattern, callable, or a sequence of them
        As for ``trace``.

    Raises
    ------
    UsageError
        For what names no representation.
    """
    n = len(places)
    chosen = {0: places[0].name, n - 1: places[-1].name}
    for item in _items(layers):
        chosen |= _matching(places, item)
    return dict(sorted(chosen.items()))


def check_layers(layers: Any) -> None:
    """UsageError for what can name no layer of any model."""
    if layers is not None:
        for item in _items(layers):
            _check(item)


def _items(layers: Any) -> list[Any]:
    if isinstance(layers, list | tuple | set | frozenset | range | np.ndarray):
        items: list[Any] = list(layers)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        if not items:
            raise UsageError(f"No layers were given.\nAllowed: {_ALLOWED}")
        return items
    return [layers]


_ALLOWED = (
    f"a level ({', '.join(LEVELS)}), a name, a pattern such as 'layer*', a number, a function "
    "of the name, or a list of them."
)


def _is_plain(item: object) -> bool:
    return isinstance(item, str | re.Pattern | int | np.integer) and not isinstance(item, bool)


def _check(item: Any) -> None:
    if not _is_plain(item) and not callable(item):
        raise UsageError(f"Cannot tell layers by {str(item)[:100]!r}.\nAllowed: {_ALLOWED}")


def _matching(places: Sequence[ModulePlace], item: Any) -> dict[int, str]:
    """Those that one item of ``layers`` asks for."""
    _check(item)
    search: Any = getattr(item, "search", None)
    if isinstance(item, str):
        found = _by_text(places, item)
    elif search is not None:
        found = _by_test(places, lambda name: search(name) is not None)
    elif callable(item):
        found = _by_test(places, lambda name: bool(item(name)))
    else:
        return _by_number(places, int(item))
    if not found and item not in LEVELS:
        raise UsageError(unknown("layer", getattr(item, "pattern", item), place_names(places)))
    return found


def place_names(places: Iterable[ModulePlace]) -> list[str]:
    """Every name under which a representation is known."""
    names = [name for place in places for name in (place.name, *place.aliases)]
    return list(dict.fromkeys(names))


def _by_number(places: Sequence[ModulePlace], k: int) -> dict[int, str]:
    n = len(places)
    if not -n <= k < n:
        raise UsageError(
            f"Layer {k} does not exist: there are representations 0 to {n - 1}.\n"
            "Numbers count all of them; negative ones from the end."
        )
    return {k % n: places[k].name}


def _by_text(places: Sequence[ModulePlace], text: str) -> dict[int, str]:
    """A level, a name, a glob whose ``*`` stays between two dots, any glob, or a regex."""
    if text in LEVELS:
        titles = {k: place.title(text) for k, place in enumerate(places)}
        return {k: title for k, title in titles.items() if title}
    found = _by_name(places, text)
    if found:
        return found
    if WILDCARDS & set(text):
        for pattern in (_glob(text, "[^./]*"), _glob(text, ".*")):
            found = _by_test(places, lambda name, p=pattern: p.fullmatch(name) is not None)
            if found:
                return found
    try:
        pattern = re.compile(text)
    except re.error:
        return {}
    return _by_test(places, lambda name: pattern.fullmatch(name) is not None)


def _by_name(places: Sequence[ModulePlace], name: str) -> dict[int, str]:
    for k, place in enumerate(places):
        if place.name == name:
            return {k: name}
    return {k: name for k, place in enumerate(places) if name in place.aliases}


def _glob(text: str, star: str) -> re.Pattern[str]:
    """``**`` goes over dots, ``*`` as `star` says."""
    parts = re.split(r"(\*\*|\*|\?|\[[^\]]+\])", text)
    words = {"**": ".*", "*": star, "?": "."}
    return re.compile(
        "".join(
            words.get(p) or (p.replace("[!", "[^") if p[:1] == "[" and p[1:] else re.escape(p))
            for p in parts
        )
    )


def _by_test(places: Sequence[ModulePlace], test: Callable[[str], bool]) -> dict[int, str]:
    found: dict[int, str] = {}
    for k, place in enumerate(places):
        fitting = next((name for name in (place.name, *place.aliases) if test(name)), None)
        if fitting is not None:
            found[k] = fitting
    return found


def unique(names: Sequence[str]) -> list[str]:
    """A second layer of a name is ``"name (2)"``: views find representations by name."""
    taken: dict[str, int] = {}
    originals = set(names)
    unique_names: list[str] = []
    seen: set[str] = set()
    for name in names:
        taken[name] = taken.get(name, 0) + 1
        candidate = name
        while candidate in seen or (taken[name] > 1 and candidate in originals):
            candidate = f"{name} ({taken[name]})"
            if candidate in seen:
                taken[name] += 1
        unique_names.append(candidate)
        seen.add(candidate)
    return unique_names


def layer_index(names: Sequence[str], layer: int | str) -> int:
    """The number of a representation given by its number (negative: from the end) or its name.

    Raises
    ------
    UsageError
        When there is no such representation.
    """
    if isinstance(layer, str) and layer in names:
        return list(names).index(layer)
    try:
        k = operator.index(int(layer) if isinstance(layer, str) else layer)
    except (TypeError, ValueError):
        raise UsageError(unknown("layer", layer, names)) from None
    if not -len(names) <= k < len(names):
        raise IndexedLayerError(
            f"Layer {k} does not exist: choose 0 to {len(names) - 1}, or a name.\n"
            f"Allowed: {shown(names)}."
        )
    return k % len(names)


class IndexedLayerError(UsageError, IndexError):
    """A number behind the last representation: also what ends a loop over ``trace[k]``."""


def with_layers(trace: "Trace", layers: Any) -> "Trace":
    """A trace with some of its representations; what lies between two of them is opaque.

    Parameters
    ----------
    trace : Trace
    layers
        As for ``trace``; None for all that it has.
    """
    if layers is None:
        return trace
    check_layers(layers)
    places = [r.place or module_place(r.name) for r in trace.representations]
    # What the trace calls its representations comes first.
    own = [replace(p, name=r.name) for p, r in zip(places, trace.representations, strict=True)]
    chosen = choose(own, layers)
    if len(chosen) == len(own):
        return trace
    rows = list(chosen)
    titles = unique(list(chosen.values()))
    lattice = trace.lattice
    return replace(
        trace,
        representations=tuple(
            replace(trace.representations[k], name=title)
            for k, title in zip(rows, titles, strict=True)
        ),
        maps=tuple(
            trace.maps[before] if k - before == 1 else Opaque(between(k - before))
            for before, k in pairwise(rows)
        ),
        lattice=None
        if lattice is None
        else replace(lattice, values=tuple(lattice.values[k] for k in rows)),
    )


def between(n_maps: int) -> str:
    """What an opaque map is called that stands for so many."""
    return f"{n_maps} layers"
