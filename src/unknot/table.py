"""Name → function tables, the only registry in unknot.

A decorator adds a function to the table in its own file; the library, the command line's choices
and the contract tests read the table.
"""

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from unknot.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])


class Table(Generic[F]):
    """A read-only view of named functions, in the order in which they were added.

    Parameters
    ----------
    what : str
        What the entries are, in the singular, for messages: ``"data set"``.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._entries: dict[str, F] = {}

    def add(self, function: F) -> F:
        """Add a function under its own name; use as a decorator."""
        self._entries[function.__name__.rstrip("_")] = function
        return function

    def __getitem__(self, name: str) -> F:
        if name not in self._entries:
            raise UsageError(unknown(self._what, name, self._entries))
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


#: Of more allowed names than this a message lists the nearest.
MOST_NAMES, NEAREST = 40, 8


def unknown(what: str, got: object, allowed: Iterable[str]) -> str:
    """Message for a name that is not in a table, with the nearest one as a suggestion."""
    names, asked = list(allowed), str(got)[:100]
    near = difflib.get_close_matches(asked, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    listed = f"Allowed: {', '.join(names)}."
    if len(names) > MOST_NAMES:
        nearest = difflib.get_close_matches(asked, names, n=NEAREST, cutoff=0.0)
        listed = f"Nearest of {len(names):,} names: {', '.join(nearest)}."
    return f"Unknown {what} {asked!r}.{hint}\n{listed}"


def import_files(package: str) -> None:
    """Import every file of a folder: whatever table a new one adds to, nobody has to name it."""
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        importlib.import_module(f"{package}.{module.name}")
