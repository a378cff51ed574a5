"""A page that begins with its tab "Train": an untrained run, and data sets beside its own."""

import os
from collections.abc import Sequence
from pathlib import Path

from unknot.datasets.dataset import Dataset
from unknot.files import check_suffix, whole_file
from unknot.traces.run import Run
from unknot.views.page.document import SUFFIXES, page_html
from unknot.views.page.parts import Playground, Teaching


def playground_page(
    run: Run,
    others: Sequence[Dataset],
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    is_empty: bool = False,
    teaching: Teaching | None = None,
) -> Path:
    """Write the page.

    Parameters
    ----------
    run : Run
        Of it the page takes the network and, unless it `is_empty`, the points.
    others : sequence of Dataset
        To choose from beside them.
    path : path-like
        A ``.html`` file.
    title : str, optional
    is_empty : bool
        Whether the page begins with data of its own making.
    teaching : Teaching, optional
        What is left out, and whether a class votes first.

    Returns
    -------
    Path

    Raises
    ------
    UsageError
        For another suffix.
    UnknotError
        When the file cannot be written, or unknot was installed without its viewer.
    """
    path = Path(path)
    check_suffix(path, SUFFIXES)
    beside = Playground(tuple(others), is_empty)
    # What fills space is seen in space.
    n_axes = 3 if run.data.n_features == 3 else 2
    text = page_html(run, n_axes=n_axes, title=title, playground=beside, teaching=teaching)
    with whole_file(path) as temporary:
        temporary.write_text(text, "utf-8")
    return path
