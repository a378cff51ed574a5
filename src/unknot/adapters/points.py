"""The points to trace: a Dataset, or arrays of any shape with one point a row."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from unknot.adapters.network import Array
from unknot.adapters.point_labels import labelled
from unknot.datasets.arrays import names_of_features
from unknot.datasets.dataset import Dataset
from unknot.errors import UsageError
from unknot.trace_checks import check_values

#: Where classes that feed a training loop come from.
LOADERS = ("torch.utils.data", "tensorflow.python.data", "keras.src.trainers.data_adapters")


@dataclass(frozen=True)
class Points:
    """Points with their labels, and what is sent through the model.

    Attributes
    ----------
    data : Dataset
        Flattened: one row a point.
    x : (n_points, …) array
        As the model takes them: images keep their shape, whole numbers stay whole.
    notes : tuple of str
        How they were read, where that is not plain.
    """

    data: Dataset
    x: Array
    notes: tuple[str, ...] = ()

    @property
    def n_points(self) -> int:
        return len(self.x)


def as_points(given: Any, name: str | None = None) -> Points:
    """Points of a Dataset, an array ``x`` or a pair ``(x, y)``; `name` is for titles.

    Raises
    ------
    UsageError
        When there are no points, they are not numbers, or some are NaN or infinite.
    """
    if given is None:
        raise UsageError("A model knows no points: trace(model, data) with a Dataset or an array.")
    if isinstance(given, Dataset):
        data, x, notes = given, given.x, ()
    else:
        data, x, notes = _from_arrays(given)
    if not data.n_points:
        raise UsageError("There are no points to trace: the data has 0 rows.")
    check_values("input", data.x, data.n_points)
    if name is not None:
        data = replace(data, name=str(name))
    return Points(data, x, notes)


def _from_arrays(given: Any) -> tuple[Dataset, Array, tuple[str, ...]]:
    first, labels = given if _is_pair(given) else (given, None)
    _refuse_loader(first)
    x = _as_array(first)
    flat = np.ascontiguousarray(x.reshape(len(x), -1))
    features = names_of_features(_columns(first), flat.shape[1])
    if labels is not None:
        data, notes = labelled(flat, labels, features)
        return data, x, notes
    no_classes = np.zeros(len(x), np.int64)
    return Dataset(flat.astype(np.float32, copy=False), no_classes, ("points",), features), x, ()


def _is_pair(given: Any) -> bool:
    return isinstance(given, tuple) and len(given) == 2  # pyright: ignore[reportUnknownArgumentType]


def _columns(given: Any) -> list[str] | None:
    """Names of a data frame's columns, where all are words."""
    columns: list[Any] = list(getattr(given, "columns", ()))
    return columns if columns and all(isinstance(name, str) for name in columns) else None


def _refuse_loader(given: Any) -> None:
    """What hands points out for a training loop is no array; each kind has its way to become one.

    Known by the module of its class: nothing is imported.
    """
    modules = [kind.__module__ for kind in type(given).__mro__]
    if not any(module.startswith(LOADERS) for module in modules):
        return
    if hasattr(given, "tensors"):
        remedy = "give its tensors: trace(model, dataset.tensors)"
    elif hasattr(given, "batch_size") and hasattr(given.dataset, "tensors"):
        remedy = "give the tensors behind it: trace(model, loader.dataset.tensors)"
    elif not hasattr(given, "__getitem__"):
        remedy = "collect its batches: x, y = map(np.concatenate, zip(*loader))"
    else:
        remedy = "collect its points: x, y = map(np.stack, zip(*dataset))"
    raise UsageError(
        f"A {type(given).__name__} hands points out one after another; unknot takes arrays.\n"
        f"Instead {remedy}."
    )


def _as_array(given: Any) -> Array:
    try:
        x = np.asarray(given)
    except Exception as error:
        raise UsageError(
            f"Cannot make an array of a {type(given).__name__}: {str(error)[:200]}\n"
            "Give a Dataset, an array with one point a row, or a pair (x, y)."
        ) from error
    if not x.size:
        raise UsageError(f"There are no points to trace: the data has shape {x.shape}.")
    if x.dtype.kind not in "biuf" or x.ndim < 2:
        raise UsageError(
            f"Points are numbers, one point a row; got shape {x.shape}, dtype {x.dtype}.\n"
            "Give a Dataset, an array with one point a row, or a pair (x, y)."
        )
    return x.astype(np.float32, copy=False) if x.dtype.kind == "f" else x
