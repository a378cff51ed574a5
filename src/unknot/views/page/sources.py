"""What a page shows: 1 to 4 networks, each a trace, a run or a scene."""

from typing import Any

from unknot.doors import as_shown, side_by_side
from unknot.errors import UsageError
from unknot.motion.align import MOST_NETWORKS, Alignment
from unknot.motion.scene import ALIGNED, Scene
from unknot.traces.representation import Trace
from unknot.traces.run import Run

#: One network for a page, or several that were brought together.
Showable = Trace | Run | Scene | Alignment


def shows_maps(shown: Showable) -> bool:
    """Whether it is a scene of maps of neighbours."""
    return isinstance(shown, Scene) and shown.shows_maps


def several(source: Any, n_axes: int = 2) -> list[Any]:
    """What stands side by side; UsageError where that is too much."""
    sources = side_by_side(source, n_axes)
    if not 1 <= len(sources) <= MOST_NETWORKS:
        raise UsageError(f"A page shows 1 to {MOST_NETWORKS} networks; got {len(sources)}.")
    return sources


def showable(source: Any) -> Trace | Run | Scene:
    """One of them; UsageError for a scene that a page does not begin with."""
    shown = as_shown(source)
    if isinstance(shown, Scene):
        own = {
            "projection": ("auto" if shown.projection == ALIGNED else shown.projection, "auto"),
            "kind": (shown.morph.kind, "honest"),
            "scale": (shown.scale, "animated"),
        }
        for name, (value, usual) in own.items():
            if value != usual and not shows_maps(shown):
                raise UsageError(
                    f"A page begins with {name} {usual!r}; the scene has {value!r}.\n"
                    "Give the trace, and choose what is seen in the page."
                )
    return shown
