"""What a page shows: 1 to 4 networks, each a trace, a run or a scene."""

from collections.abc import Sequence
from typing import Any, cast

from unknot.doors import as_shown
from unknot.errors import UsageError
from unknot.motion.scene import Scene
from unknot.traces.representation import Trace
from unknot.traces.run import Run

#: One network for a page.
Showable = Trace | Run | Scene

#: Networks side by side on one page.
MOST_RUNS = 4


def shows_maps(shown: Showable) -> bool:
    """Whether it is a scene of maps of neighbours."""
    return isinstance(shown, Scene) and shown.shows_maps


def several(source: Any) -> list[Any]:
    """What stands side by side; UsageError where that is too much."""
    if not isinstance(source, list | tuple):
        return [source]
    sources = list(cast("Sequence[Any]", source))
    if not 1 <= len(sources) <= MOST_RUNS:
        raise UsageError(f"A page shows 1 to {MOST_RUNS} networks; got {len(sources)}.")
    return sources


def showable(source: Any) -> Showable:
    """One of them; UsageError for a scene that a page does not begin with."""
    shown = as_shown(source)
    if isinstance(shown, Scene):
        own = {
            "projection": (shown.projection, "auto"),
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
