"""From traces and runs to a page file."""

from collections.abc import Sequence
from typing import Any

from unknot.errors import UsageError
from unknot.traces.representation import Trace
from unknot.traces.run import Run
from unknot.views.page.container import Buffers, pack
from unknot.views.page.describing import Described, describe
from unknot.views.page.validation import check_page_file

Source = Trace | Run

#: Networks side by side on one page.
MOST_RUNS = 4


def page_file(
    source: Source | Sequence[Source],
    *,
    n_axes: int = 2,
    title: str | None = None,
    description: str | None = None,
) -> bytes:
    """What a page shows, as docs/page_file.md describes it.

    Parameters
    ----------
    source : Trace or Run, or a sequence of 2 to 4 of them
        Several are shown side by side.
    n_axes : int
        2 or 3: the view at first.
    title, description : str, optional
        Left out: what is known of the data and the network.

    Returns
    -------
    bytes

    Raises
    ------
    UsageError
        When something else than traces and runs is given, or too many of them.
    """
    if n_axes not in (2, 3):
        raise UsageError(f"A view has 2 or 3 axes; got {n_axes}.")
    sources = [source] if isinstance(source, Trace | Run) else _checked(source)
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


def _checked(sources: Any) -> list[Source]:
    if not isinstance(sources, Sequence) or isinstance(sources, str | bytes):
        raise UsageError(
            f"Cannot make a page of a {type(sources).__name__}: a page shows a Trace or a Run.\n"
            "Make a trace with unknot.trace(model, data)."
        )
    if not 1 <= len(sources) <= MOST_RUNS:  # pyright: ignore[reportUnknownArgumentType]
        raise UsageError(f"A page shows 1 to {MOST_RUNS} networks; got {len(sources)}.")  # pyright: ignore[reportUnknownArgumentType]
    for each in sources:
        if not isinstance(each, Trace | Run):
            raise UsageError(
                f"Cannot make a page of a {type(each).__name__}: a page shows a Trace or a Run.\n"
                "Make a trace with unknot.trace(model, data)."
            )
    return list(sources)


def _sentence(described: Sequence[Described]) -> str:
    return " · ".join(dict.fromkeys(each.sentence for each in described))
