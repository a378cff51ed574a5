"""The labels of points, in the shapes in which training loops have them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.arrays import AMBIGUOUS, from_arrays
from unknot.datasets.dataset import Dataset
from unknot.datasets.labels import MAX_CLASSES
from unknot.errors import UsageError


def labelled(
    x: NDArray[Any], given: Any, feature_names: tuple[str, ...]
) -> tuple[Dataset, tuple[str, ...]]:
    """Points with their labels, and notes on how these were read.

    Parameters
    ----------
    x : (n_points, n_features) array of numbers
    given : array-like
        Text, booleans and numbers, (n_points,) or (n_points, 1), or one-hot (n_points,
        n_classes). Numbers are classes where they are whole and few, as losses of binary
        classifiers want them in floating point; other floats are a regression target.
    feature_names : tuple of str

    Raises
    ------
    UsageError
        When there is not one label a point.
    """
    y = as_column(given, len(x))
    if y.ndim == 2:
        names = _column_names(given, y.shape[1])
        classes = y.argmax(axis=1)
        data = from_arrays(x, classes, class_names=names, feature_names=feature_names)
        return data, ("The labels are one-hot: a point's class is the column of its 1.",)
    if y.dtype.kind in "iu":
        _check_few(y)
    task = "classification" if y.dtype.kind == "f" and _are_classes(y) else None
    return from_arrays(x, y, feature_names=feature_names, task=task), ()


def as_column(given: Any, n_points: int) -> NDArray[Any]:
    """(n_points,) labels, or (n_points, n_classes) that are one-hot."""
    y = np.asarray(given)
    if y.ndim == 0 or len(y) != n_points:
        size = "one number" if y.ndim == 0 else f"{len(y):,} labels"
        raise UsageError(
            f"There are {n_points:,} points and {size}.\nGive one label a point, in the same order."
        )
    if y.ndim > 1 and y.size == n_points:
        return y.reshape(n_points)
    if y.ndim == 1 or is_one_hot(y):
        return y
    raise UsageError(
        f"Labels are one a point, or one-hot; got shape {y.shape} for {n_points:,} points.\n"
        "Give y.argmax(axis=1) for scores of classes, one column (y[:, 0]) of several targets."
    )


def is_one_hot(y: NDArray[Any]) -> bool:
    """Whether every row of `y` (n_points, n_classes) has a single 1 among zeros."""
    if y.ndim != 2 or y.shape[1] < 2 or y.dtype.kind not in "biuf":
        return False
    return bool(((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all())


def _are_classes(y: NDArray[Any]) -> bool:
    distinct = np.unique(y)
    return len(distinct) <= AMBIGUOUS and bool((distinct == np.round(distinct)).all())


def _check_few(y: NDArray[Any]) -> None:
    n = len(np.unique(y))
    if n > min(MAX_CLASSES, max(AMBIGUOUS, len(y) // 2)):
        raise UsageError(
            f"y has {n:,} different whole numbers for {len(y):,} points: too many for classes.\n"
            "If they are numbers to predict, give them as floats: y.astype(float)."
        )


def _column_names(given: Any, n_classes: int) -> list[str]:
    """Of a frame of indicators; numbers where there are none."""
    columns = getattr(given, "columns", range(n_classes))
    return [str(column) for column in columns]
