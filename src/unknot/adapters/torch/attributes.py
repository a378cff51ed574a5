"""Attributes that a forward pass sets are put back: ``self.h = …``, lists, counters."""

from collections import deque
from dataclasses import dataclass
from operator import is_
from typing import Any

CONTAINERS = (dict, list, set, deque)


@dataclass(frozen=True)
class Kept:
    """The attributes of one module.

    Attributes
    ----------
    attributes : dict
        The module's own dictionary.
    items : dict
        A copy of it.
    containers : list of pairs
        Each list, dictionary, set or deque among them that holds something, and a copy.
    empty : list
        Those that hold nothing.
    """

    attributes: dict[str, Any]
    items: dict[str, Any]
    containers: list[tuple[Any, Any]]
    empty: list[Any]


def keep_attributes(parts: list[Any]) -> list[Kept]:
    """What these modules hold; the values themselves are not copied."""
    kept: list[Kept] = []
    for part in parts:
        attributes = part.__dict__
        containers = [value for value in attributes.values() if isinstance(value, CONTAINERS)]
        full = [(container, _copied(container)) for container in containers if container]
        empty = [container for container in containers if not container]
        kept.append(Kept(attributes, dict(attributes), full, empty))
    return kept


def restore_attributes(kept: list[Kept]) -> bool:
    """Put everything back; says whether something had changed."""
    changed = False
    for one in kept:
        for container, copy in ((one.attributes, one.items), *one.containers):
            if not _is_same(container, copy):
                _fill(container, copy)
                changed = True
        if any(one.empty):
            changed = True
            for container in one.empty:
                container.clear()
    return changed


def _copied(container: Any) -> Any:
    if isinstance(container, dict):
        return dict(container)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return set(container) if isinstance(container, set) else list(container)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _is_same(container: Any, copy: Any) -> bool:
    if len(container) != len(copy):
        return False
    if isinstance(copy, set):
        return container == copy
    if isinstance(copy, dict):
        return all(map(is_, container.values(), copy.values())) and list(container) == list(copy)  # pyright: ignore[reportUnknownArgumentType]
    return all(map(is_, container, copy))


def _fill(container: Any, copy: Any) -> None:
    container.clear()
    if isinstance(copy, list):
        container.extend(copy)
    else:
        container.update(copy)
