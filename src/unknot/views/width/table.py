"""The table of what can be drawn of a search: ``(result, *, size) -> Figure``."""

from collections.abc import Callable
from typing import Any

from unknot.table import Table

drawings: Table[Callable[..., Any]] = Table("figure of a search")
