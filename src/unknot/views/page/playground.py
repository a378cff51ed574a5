"""``playground``: one offline page in which one trains a network oneself.

It begins with its tab "Train", on an untrained run, with data sets beside the run's own.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from unknot.doors import as_untrained
from unknot.errors import UsageError
from unknot.views.page.document import write_page
from unknot.views.page.parts import Playground, Teaching


def playground(
    data: Any = None,
    path: str | os.PathLike[str] = "playground.html",
    *,
    label: Any = None,
    target: Any = None,
    title: str | None = None,
    hide: str | Sequence[str] = (),
    predict_first: bool = False,
) -> Path:
    """Write a page in which people train a network themselves: one file, offline.

    The page makes data sets itself (circles, moons, spirals, …); your own come before them. People
    can draw points there and drop files on it; these never leave the page.

    Parameters
    ----------
    data : data set, (x, y), data frame, name of a data set, file or Run, or a list of them
        What to learn from; by default, the page opens with its own circles. From more than 100,000
        points it takes a sample.
    path : path-like
        A ``.html`` file.
    label, target : column, optional
        Of data frames and files: the classes, or the number to predict.
    title : str, optional
        The data's name when left out.
    hide : str or sequence of str
        Parts of the page that are left out, as ``"learning,layers"``: those of ``PARTS`` in
        ``unknot.views.page.parts``.
    predict_first : bool
        Let the class vote before the training is unlocked.

    Returns
    -------
    Path

    Raises
    ------
    UsageError
        For data without labels, too many data sets, or data with too many features to train on in a
        page.
    UnknotError
        When the file cannot be written, or unknot was installed without its viewer.
    """
    if data is None and (label is not None or target is not None):
        raise UsageError("label and target name a column of data; got no data.\nGive data too.")
    run, others = as_untrained(data, label, target)
    # What fills space is seen in space.
    n_axes = 3 if run.data.n_features == 3 else 2
    return write_page(
        run,
        path,
        n_axes=n_axes,
        title=title,
        playground=Playground(tuple(others), is_empty=data is None),
        teaching=Teaching.of(hide, predict_first),
    )
