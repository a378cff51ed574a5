"""``playground``: one offline page in which one trains a network oneself.

What a person hands over becomes runs before their first step; the page trains them.
"""

import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from unknot.datasets.dataset import Dataset
from unknot.doors import as_dataset
from unknot.errors import UsageError

if TYPE_CHECKING:
    from unknot.traces.run import Run

#: Points of a data set that a page trains on; of more, a sample.
MOST_POINTS = 100_000
#: Data sets that stand beside each other in the page.
MOST_DATASETS = 12


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
    """Write a page in which one trains a network oneself: one file, offline.

    Data sets that the page makes (circles, moons, spirals, …) are in it, and those that are given
    stand before them. Points can be drawn there, and files of one's own dropped on it; they never
    leave the page.

    Parameters
    ----------
    data : data set, (x, y), data frame, name of a data set, file or Run, or a list of them
        What to learn from; left out, the page begins with circles of its own. Of more than
        100,000 points a sample is taken.
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
        For what holds no points with labels, too many data sets, and data too wide to be trained
        on in a page.
    UnknotError
        When the file cannot be written, or unknot was installed without its viewer.
    """
    from unknot.views.page.parts import Teaching
    from unknot.views.page.playground import playground_page

    if data is None and (label is not None or target is not None):
        raise UsageError("label and target name a column of data; got no data.\nGive data too.")
    run, others = beginning(data, label, target)
    taught = Teaching.of(hide, predict_first)
    is_empty = data is None
    return playground_page(run, others, path, title=title, is_empty=is_empty, teaching=taught)


def beginning(data: Any, label: Any = None, target: Any = None) -> "tuple[Run, Sequence[Dataset]]":
    """The run before its first step that a page begins with, and the data sets beside its own."""
    several = cast("Sequence[Any]", data) if isinstance(data, list) else [data]
    given = [] if data is None else [_points(each, label, target) for each in several]
    if len(given) > MOST_DATASETS:
        raise UsageError(f"A playground holds up to {MOST_DATASETS} data sets; got {len(given)}.")
    return start_of(given), given[1:]


def _points(source: Any, label: Any, target: Any) -> Dataset:
    from unknot.datasets.dataset import subsample
    from unknot.training.settings import check_data

    is_plain = not (hasattr(source, "columns") or isinstance(source, str | os.PathLike))
    columns = {} if is_plain else {"label": label, "target": target}
    data = as_dataset(source, **columns)
    check_data(data)
    return data if data.n_points <= MOST_POINTS else subsample(data, MOST_POINTS, 0)


def start_of(given: Sequence[Dataset]) -> "Run":
    """The first data set with the network that suits it, as wide as a page can run it.

    Raises
    ------
    UsageError
        For data with too many features.
    """
    from unknot.datasets import circles
    from unknot.training.choices import architecture_for
    from unknot.training.network import output_of
    from unknot.training.start import untrained
    from unknot.views.page.header import MOST_WORK

    data = given[0] if given else circles(200)
    hidden, activation = architecture_for(data).hidden, architecture_for(data).activation
    while _work(data.n_features, hidden, output_of(data)[1]) > MOST_WORK:
        hidden = tuple(width // 2 for width in hidden)
        if 0 in hidden:
            raise UsageError(
                f"{data.name}: {data.n_features:,} features are too many to train on in a page, "
                f"which does up to {MOST_WORK:,} multiplications a point.\n"
                "Give fewer features, or train with fit() and write a page of the run."
            )
    return untrained(data, hidden=hidden, activation=activation, batch_size=None if given else 32)


def _work(n_features: int, hidden: Sequence[int], n_outputs: int) -> int:
    sizes = (n_features, *hidden, n_outputs)
    return sum(a * b for a, b in pairwise(sizes))
