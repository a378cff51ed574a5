"""A Dataset from arrays, and the checks that everything from outside goes through."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unknot.datasets.dataset import Dataset, Task
from unknot.datasets.labels import MAX_CLASSES, counted, encode, shown
from unknot.errors import UsageError

AMBIGUOUS = 20
"""A float target with no more different values, all whole, may well be class numbers."""


def from_arrays(
    x: ArrayLike,
    y: ArrayLike,
    *,
    class_names: Sequence[str] | None = None,
    feature_names: Sequence[str] | None = None,
    name: str = "data",
    task: Task | None = None,
) -> Dataset:
    """Make a data set from points and their labels.

    Parameters
    ----------
    x : (n_points, n_features) array of numbers
    y : (n_points,) array
        Text, booleans and whole numbers are classes, other numbers a regression target.
    class_names : sequence of str, optional
        In the order of the class numbers: `y` then holds ``0 … n_classes − 1`` or these names.
        Not every class needs to have points.
    feature_names : sequence of str, optional
        ``x1``, ``x2``, … when left out.
    name : str
    task : {"classification", "regression"}, optional
        Says what `y` is when its type does not.

    Returns
    -------
    Dataset

    Raises
    ------
    UsageError
        For arrays of the wrong shape or type, values that are missing, infinite or too large
        for single precision, and labels that do not make at least two classes.
    """
    points, labels = np.asarray(x), np.asarray(y)
    if points.ndim != 2 or labels.ndim != 1 or len(points) != len(labels):
        raise UsageError(
            "x must have the shape (n_points, n_features) and y the shape (n_points,); "
            f"got {points.shape} and {labels.shape}.\n"
            "For one feature use x[:, None]; for a y with one column use y.ravel()."
        )
    if points.dtype.kind not in "biuf":
        raise UsageError(f"x must hold numbers; got {points.dtype}.\nConvert it first.")
    features = names_of_features(feature_names, points.shape[1])
    check_size(points.shape)
    values = as_single(points, features)
    if class_names is not None:
        numbers = _numbers_by_name(labels, list(class_names))
        return Dataset(values, numbers, tuple(class_names), features, name)
    if (task or guess_task(labels, "task='classification' or task='regression'")) == "regression":
        return Dataset(values, as_target(labels, "y"), (), features, name)
    numbers, names = encode(labels if labels.dtype.kind in "biuf" else labels.tolist(), "y")
    return Dataset(values, numbers, tuple(names), features, name)


def names_of_features(given: Sequence[str] | None, n_features: int) -> tuple[str, ...]:
    """`given`, checked, or ``x1``, ``x2``, …"""
    if given is None:
        return tuple(f"x{i + 1}" for i in range(n_features))
    names = tuple(str(name) for name in given)
    if len(names) != n_features:
        raise UsageError(
            f"Got {len(names)} feature names for {n_features} features.\nGive one for each."
        )
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"Feature names appear twice: {shown(repeated)}.\nRename one of them.")
    return names


def check_size(shape: tuple[int, ...]) -> None:
    """Refuse a table without features or with fewer than two points."""
    if shape[1] == 0:
        raise UsageError("There are no features.\nGive at least one column of numbers.")
    if shape[0] < 2:
        raise UsageError(f"At least two points are needed; got {shape[0]}.\nGive more rows.")


def as_single(x: NDArray[Any], feature_names: Sequence[str]) -> NDArray[np.float32]:
    """`x` (n_points, n_features) in single precision, every value finite."""
    with np.errstate(over="ignore"):
        single = x.astype(np.float32)
    good = np.isfinite(single)
    if not good.all():
        column = int(np.flatnonzero(~good.all(axis=0))[0])
        raise _not_finite(f"Feature {feature_names[column]!r}", x[:, column], good[:, column])
    return single


def as_target(y: NDArray[Any], what: str) -> NDArray[np.float32]:
    """`y` (n_points,) in single precision, every value finite."""
    if y.dtype.kind not in "biuf":
        raise UsageError(
            f"{what} must hold numbers to be a target; got {y.dtype}.\nClasses are given as label."
        )
    with np.errstate(over="ignore"):
        single = y.astype(np.float32)
    good = np.isfinite(single)
    if not good.all():
        raise _not_finite(what, y, good)
    return single


def _not_finite(what: str, values: NDArray[Any], good: NDArray[np.bool]) -> UsageError:
    rows = np.flatnonzero(~good)
    where = f"in {len(values):,} rows (the first in row {rows[0] + 1:,})"
    if np.isfinite(values[rows]).all():
        return UsageError(
            f"{what} has {counted(len(rows), 'value')} too large for single precision {where}: "
            f"{float(values[rows[0]]):g}.\nScale it to below 3e38."
        )
    return UsageError(
        f"{what} has {counted(len(rows), 'missing or infinite value')} {where}.\n"
        "Remove or fill them first."
    )


def guess_task(y: NDArray[Any], remedy: str) -> Task:
    """Classification unless `y` holds floats; refuse floats that may be class numbers."""
    if y.dtype.kind != "f":
        return "classification"
    few = np.unique(y[: 10 * AMBIGUOUS])
    if len(few) <= AMBIGUOUS and bool(np.all(few == np.round(few))):
        few = np.unique(y)
    if len(few) > AMBIGUOUS or not np.all(few == np.round(few)):
        return "regression"
    raise UsageError(
        f"y holds only the whole numbers {shown(f'{value:g}' for value in few)}, as floats: "
        f"are they classes or a target?\nSay {remedy}."
    )


def _numbers_by_name(y: NDArray[Any], names: list[str]) -> NDArray[np.int64]:
    """(n_points,) class numbers from numbers or names."""
    blank = any(not name.strip() for name in names)
    if len(set(names)) != len(names) or not 2 <= len(names) <= MAX_CLASSES or blank:
        raise UsageError(
            f"class_names must be 2 to {MAX_CLASSES:,} different names, none of them blank; "
            f"got {shown(names)}.\nName every class once."
        )
    if y.dtype.kind in "biuf":
        numbers = y.astype(np.int64) if np.isfinite(y).all() else np.full(y.shape, -1)
        wrong = (numbers != y) | (numbers < 0) | (numbers >= len(names))
        allowed = f"the class numbers 0 to {len(names) - 1}"
    else:
        place = {name: k for k, name in enumerate(names)}
        numbers = np.array([place.get(str(value), -1) for value in y.tolist()], dtype=np.int64)
        wrong, allowed = numbers < 0, f"the class names {shown(names)}"
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise UsageError(
            f"y must hold {allowed}; got {str(y[row])[:40]!r} in row {row + 1:,}.\n"
            "Leave class_names out to number the labels as they are."
        )
    if len(np.unique(numbers)) < 2:
        raise UsageError(
            f"y has one class only, {shown([names[numbers[0]]])}.\n"
            "Classification needs at least two."
        )
    return numbers


def constant_features(data: Dataset) -> tuple[str, ...]:
    """Names of the features that have the same value at every point.

    They say nothing of the label and cannot be scaled to unit variance.
    """
    same = (data.x == data.x[0]).all(axis=0)
    return tuple(name for name, constant in zip(data.feature_names, same, strict=True) if constant)
