"""The table of figures: what can be drawn, by name."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from unknot.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

figures: Table[Callable[..., "Figure"]] = Table("figure")
