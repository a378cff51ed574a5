"""width: pictures of a search for the minimum width, and of a sweep.

``figure`` and ``animate`` hand over to this package when they are given a result instead of a
trace. ``drawings`` is the table of what can be drawn of a search.
"""

from typing import TYPE_CHECKING, Any

from unknot.errors import UsageError
from unknot.views.width.table import drawings
from unknot.width.result import MinimumWidth

from unknot.views.width import accuracy, regions  # isort: skip
from unknot.views.width.sweep_map import sweep_map

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["drawings", "sweep_map", "width_figure"]

#: Each adds itself to the table.
_DRAWINGS = (accuracy, regions)


def width_figure(
    result: MinimumWidth, what: str = "accuracy", options: dict[str, Any] | None = None
) -> "Figure":
    """Draw a search.

    Parameters
    ----------
    result : MinimumWidth
    what : str
        - ``"accuracy"``: every restart of every width as a dot, the ceiling, the tolerance, and
          the share of restarts that reach it.
        - ``"regions"``: the decision of each width's best network in the plane of its two
          features.
    options : dict
        ``size``, the width in inches.
    """
    draw = drawings[what]
    if not result.widths:
        raise UsageError(
            "This search was interrupted before any width was done: there is nothing to draw.\n"
            "Run it again; with out=… it goes on where it stopped."
        )
    for name in options or {}:
        if name != "size":
            raise UsageError(f"The figure {what!r} of a search takes no {name!r}.\nAllowed: size.")
    return draw(result, **(options or {}))
