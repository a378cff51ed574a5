"""From traces and runs to a page file."""

from collections.abc import Sequence
from typing import Any

from unknot.doors import as_shown
from unknot.errors import UsageError
from unknot.motion.scene import Scene
from unknot.traces.representation import Trace
from unknot.traces.run import Run
from unknot.views.page.container import Buffers, pack
from unknot.views.page.describing import Described, describe
from unknot.views.page.validation import check_page_file

Source = Trace | Run | Scene

#: Networks side by side on one page.
MOST_RUNS = 4


def page_file(
    source: Source | Sequence[Source],
    *,
    n_axes: int | None = None,
    title: str | None = None,
    description: str | None = None,
) -> bytes:
    """What a page shows, as docs/page_file.md describes it.

    Parameters
    ----------
    source : Trace, Run or Scene, or a sequence of 2 to 4 of them
        Several are shown side by side.
    n_axes : int, optional
        2 or 3: the view at first. Left out: those of a scene, otherwise 2.
    title, description : str, optional
        Left out: what is known of the data and the network.

    Returns
    -------
    bytes

    Raises
    ------
    UsageError
        When something else than traces and runs is given, or too many of them; for a scene that
        is seen or moves in another way than a page shows it at first.
    """
    shown = [_shown(each) for each in _several(source)]
    if n_axes is None:
        n_axes = next((each.n_axes for each in shown if isinstance(each, Scene)), 2)
    if n_axes not in (2, 3):
        raise UsageError(f"A view has 2 or 3 axes; got {n_axes}.")
    sources = [each.trace if isinstance(each, Scene) else each for each in shown]
    buffers = Buffers()
    described = [describe(each, buffers, i) for i, each in enumerate(sources)]
    header: dict[str, Any] = {
        "title": described[0].title if title is None else title,
        "description": _sentence(described) if description is None else description,
        "n_axes": n_axes,
        "runs": [each.header for each in described],
    }
    check_page_file(header, buffers.arrays)
    return pack(header, buffers.arrays)


def _several(source: Any) -> list[Any]:
    if not isinstance(source, list | tuple):
        return [source]
    several = list(source)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if not 1 <= len(several) <= MOST_RUNS:  # pyright: ignore[reportUnknownArgumentType]
        raise UsageError(f"A page shows 1 to {MOST_RUNS} networks; got {len(several)}.")  # pyright: ignore[reportUnknownArgumentType]
    return several  # pyright: ignore[reportUnknownVariableType]


def _shown(source: Any) -> Source:
    shown = as_shown(source)
    if isinstance(shown, Scene):
        own = {
            "projection": (shown.projection, "following"),
            "kind": (shown.morph.kind, "honest"),
            "scale": (shown.scale, "animated"),
        }
        for name, (value, usual) in own.items():
            if value != usual:
                raise UsageError(
                    f"A page begins with {name} {usual!r}; the scene has {value!r}.\n"
                    "Give the trace, and choose what is seen in the page."
                )
    return shown


def _sentence(described: Sequence[Described]) -> str:
    return " · ".join(dict.fromkeys(each.sentence for each in described))
