"""Which points are held out: not to be trained on, and fit to judge."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.errors import UsageError, short

#: Words of a column that tells training rows from others, without case.
TRAINING = ("0", "0.0", "false", "no", "train", "training", "fit")
HELD_OUT = (
    *("1", "1.0", "true", "yes", "test", "testing", "held out", "held_out", "holdout"),
    *("val", "valid", "validation", "dev", "eval"),
)


def as_held_out(held_out: Any, n_points: int) -> NDArray[np.bool_] | None:
    """Which points were held out, as one truth a point.

    Parameters
    ----------
    held_out : (n_points,) array of truths or of 0 and 1, numbers of rows, or None
    n_points : int

    Returns
    -------
    (n_points,) bool array, or None for None

    Raises
    ------
    UsageError
        For anything else.
    """
    if held_out is None:
        return None
    given = np.asarray(held_out)
    is_one_each = given.shape == (n_points,) and given.dtype.kind in "biuf"
    if is_one_each and (given.dtype.kind == "b" or np.isin(given, (0, 1)).all()):
        return given.astype(np.bool_)
    is_rows = given.ndim == 1 and (given.dtype.kind in "iu" or not len(given))
    if not is_rows or (len(given) and not (given.min() >= 0 and given.max() < n_points)):
        raise UsageError(
            f"held_out has shape {given.shape} and dtype {given.dtype} for {n_points:,} points.\n"
            f"Give one truth a point, or numbers of rows from 0 to {n_points - 1:,}."
        )
    mask = np.zeros(n_points, np.bool_)
    mask[given.astype(np.int64)] = True
    return mask


def held_out_text(held_out: NDArray[np.bool_] | None) -> str:
    """``", 20 held out"``; empty where there are none, or nobody knows."""
    n = 0 if held_out is None else int(held_out.sum())
    return f", {n:,} held out" if n else ""


def held_out_column(values: Sequence[Any], what: str) -> NDArray[np.bool_]:
    """Which rows a column says are held out.

    Parameters
    ----------
    values : (n_points,) sequence
        Truths, 0 and 1, or words such as ``train`` and ``test``.
    what : str
        What the column is called in messages.

    Raises
    ------
    UsageError
        For a value that says neither.
    """
    words = [str(value).strip().casefold() for value in values]
    for row, word in enumerate(words, 1):
        if word not in TRAINING and word not in HELD_OUT:
            raise UsageError(
                f"{what} holds {short(values[row - 1])} in row {row:,}.\n"
                "Allowed: true or 1 (test, validation) for a row that is held out, false or 0 "
                "(train) for others."
            )
    return np.array([word in HELD_OUT for word in words], np.bool_)
