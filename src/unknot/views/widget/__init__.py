"""show: the page in a notebook, where Python sets the moment and gets the selection back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from unknot.errors import UnknotError
from unknot.views.page.page_file import Source

if TYPE_CHECKING:
    from unknot.views.widget.widget import PageWidget


def show(
    source: Source | Sequence[Source],
    *,
    n_axes: int | None = None,
    title: str | None = None,
    height: int = 620,
) -> "PageWidget":
    """The page as a widget: Jupyter, VS Code, Colab and marimo show it where it is returned.

    Parameters
    ----------
    source : Trace, Run or Scene, or a sequence of up to 4 of them
        As for ``page``.
    n_axes : int, optional
        2 or 3: the view at first. Left out: those of a scene, otherwise 2.
    title : str, optional
        The data's name when left out.
    height : int
        In pixels.

    Returns
    -------
    PageWidget
        ``widget.selected`` are the numbers of the rows that are selected; ``widget.epoch``,
        ``widget.layer`` and ``widget.colour`` can be read and set.

    Raises
    ------
    UnknotError
        Without anywidget, or when unknot was installed without its viewer.

    Examples
    --------
    >>> widget = uk.show(run)                  # doctest: +SKIP
    >>> widget.layer = "hidden 1"              # doctest: +SKIP
    >>> run.data.x[widget.selected]            # doctest: +SKIP
    """
    try:
        from unknot.views.widget.widget import PageWidget
    except ModuleNotFoundError as error:
        if error.name != "anywidget":
            raise
        raise UnknotError(
            "The widget needs anywidget.\n"
            "Install it (pip install 'unknot[widget]'), or write a file: unknot.page(source, path)"
        ) from error
    return PageWidget.of(source, n_axes=n_axes, title=title, height=height)


__all__ = ["show"]
