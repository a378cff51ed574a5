"""Which rows are held out for validation, and the standardisation of features."""

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset
from unknot.datasets.labels import labelled_rows
from unknot.errors import UsageError
from unknot.network.maps import Affine

Rows = NDArray[np.int64]
Labels = NDArray[np.int64] | NDArray[np.float32]


def n_held_out(n_points: int, validation: float) -> int:
    """`validation` times the number of rows, rounded, and at least 1 when it is above 0."""
    return max(round(validation * n_points), int(validation > 0))


def hold_out(data: Dataset, validation: float, random: np.random.Generator) -> tuple[Rows, Rows]:
    """Training rows and validation rows, each in ascending order.

    Those that the data set holds out or, where it says nothing of that, drawn without replacement;
    of a class of which all would be drawn one row stays to train on. Points without a label are in
    neither.

    Raises
    ------
    UsageError
        When a class (or, in a regression, everything) is left without rows to train on.
    """
    rows = labelled_rows(data.y)
    if data.held_out is None:
        n = n_held_out(len(rows), validation)
        shuffled = rows[random.permutation(len(rows))]
        training, held_out = np.sort(shuffled[n:]), np.sort(shuffled[:n])
        if data.task == "classification" and len(training):
            training, held_out = _with_every_class(data.y, training, held_out)
    else:
        training, held_out = rows[~data.held_out[rows]], rows[data.held_out[rows]]
    if not len(training):
        raise UsageError(
            f"validation={validation} holds out all {data.n_points:,} rows; none is left to "
            "train on.\nHold out less: validation=0 trains on everything."
        )
    if data.task == "classification":
        in_all = np.bincount(data.y[rows].astype(np.int64), minlength=data.n_classes)
        left = np.bincount(data.y[training].astype(np.int64), minlength=data.n_classes)
        if not left.all():
            empty = int(np.argmin(left))
            raise UsageError(
                f"Class {data.class_names[empty]!r} has no rows to train on: {in_all[empty]:,} in "
                f"all, {in_all[empty] - left[empty]:,} of them held out.\n"
                "Hold out fewer of its rows, or leave the class out."
            )
    return training, held_out


def _with_every_class(y: Labels, training: Rows, held_out: Rows) -> tuple[Rows, Rows]:
    """The first held-out row of each class that has none to train on goes there."""
    classes, first = np.unique(y[held_out], return_index=True)
    lacking = first[~np.isin(classes, y[training])]
    moved = held_out[lacking]
    return np.sort(np.r_[training, moved]), np.delete(held_out, lacking)


def standardisation(x: NDArray[np.float32]) -> Affine:
    """The map that gives the columns of `x` mean 0 and standard deviation 1.

    A column that is constant (to the rounding of float32) is only shifted.
    """
    mean = x.mean(axis=0, dtype=np.float64)
    deviation = x.std(axis=0, dtype=np.float64)
    single = np.finfo(np.float32)
    # 1 / deviation has to be a number in float32, too.
    rounding = np.maximum(single.eps * np.abs(mean), 4 * single.tiny)
    scale = 1 / np.where(deviation > rounding, deviation, 1.0)
    return Affine(scale.astype(np.float32), (-mean * scale).astype(np.float32), name="scaling")


def scaled(x: NDArray[np.float32], scaling: Affine) -> NDArray[np.float32]:
    """``scaling(x)`` in single precision."""
    return scaling(x).astype(np.float32, copy=False)
