"""What hands points out for a training loop, one after another: data loaders and data sets.

They are read up to a number of points, and a note says how many were taken.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from unknot.adapters.network import Array
from unknot.datasets.labels import counted, shown
from unknot.datasets.point_labels import plain_array
from unknot.errors import UsageError

#: Where their classes come from: nothing is imported.
MODULES = (
    *("torch.utils.data", "tensorflow.python.data", "keras.src.trainers.data_adapters"),
    *("datasets.arrow_dataset", "datasets.iterable_dataset"),
)
#: Theirs are batches of points, labels and the labels' weights, if there are three parts.
WEIGHTED = ("tensorflow.", "keras.")
#: What labels are called beside inputs with names.
LABELS = ("label", "labels", "y", "target", "targets")
#: Points that are read when nothing else is asked for.
MAX_POINTS = 100_000


def is_loader(source: Any) -> bool:
    """Whether it hands points out one after another, by the module of its class."""
    return any(kind.__module__.startswith(MODULES) for kind in type(source).__mro__)


def refuse_loaders(source: Any) -> None:
    """UsageError for several loaders by name, as a training and a test set are."""
    if not isinstance(source, Mapping):
        return
    sets: dict[Any, Any] = dict(source)  # pyright: ignore[reportUnknownArgumentType]
    # A column of a data set is of the same library, and it is an input.
    if any(is_loader(part) and not isinstance(part, Sequence) for part in sets.values()):
        raise UsageError(
            f"The data hold several data sets: {shown([str(name) for name in sets])}.\n"
            f"Give one of them, data[{next(iter(sets))!r}]."
        )


def declared_classes(source: Any) -> tuple[str, ...] | None:
    """Names of the classes that a data set declares for its labels, in the order of the numbers."""
    features = getattr(source, "features", None)
    if not isinstance(features, Mapping):
        return None
    key = next((key for key in LABELS if key in features), None)
    names = getattr(features[key], "names", None) if key else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType]
    return tuple(map(str, names)) if names and len(names) > 1 else None


def collected(source: Any, max_points: int | None = None) -> tuple[Any, str]:
    """The first points of a loader, as arrays, with their labels where it has some.

    Parameters
    ----------
    source : object
        For which `is_loader` holds.
    max_points : int, optional
        As many as are read at most.

    Returns
    -------
    points : (x, y), or x alone
        `x` is an array, or arrays by name.
    note : str
        How many were taken.

    Raises
    ------
    UsageError
        When it hands nothing out.
    """
    most = MAX_POINTS if max_points is None else max_points
    name = type(source).__name__
    tensors = getattr(source, "tensors", None)
    pieces = [tensors] if isinstance(tensors, tuple) else _batches(source, most)
    columns = [_columns(piece) for piece in pieces]
    if not columns:
        raise UsageError(f"The {name} hands no points out.\nGive one that is not read to its end.")
    keys = list(columns[0])
    whole = {key: _joined(key, [piece[key] for piece in columns]) for key in keys}
    n = min(most, *(len(values) for values in whole.values()))
    # Only a loader's own length says that there are more.
    note = f"The points are the first {n:,} that the {name} handed out (max_points={most:,})."
    labels = next((key for key in LABELS if key in whole), None)
    points = {key: values[:n] for key, values in whole.items() if key != labels}
    # Texts stay beside the numbers that a tokenizer makes of them; no model takes both.
    numbers = {key: values for key, values in points.items() if values.dtype.kind in "biuf"}
    points = numbers or points
    x = next(iter(points.values())) if len(points) == 1 else points
    return (x if labels is None else (x, whole[labels][:n])), note


def _joined(name: str, pieces: list[Array]) -> Array:
    """The rows of all pieces; UsageError where they have not one length."""
    shapes = sorted({piece.shape[1:] for piece in pieces})
    if len(shapes) > 1:
        lengths = [" × ".join(map(str, shape)) or "1" for shape in (shapes[0], shapes[-1])]
        raise UsageError(
            f"The rows of {name!r} are not all of one length: {lengths[0]} to {lengths[1]} numbers."
            "\nMake them so: a tokenizer does with padding='max_length' or padding=True."
        )
    return np.concatenate(pieces)


def with_labels(source: Any) -> Any:
    """Arrays by name as a pair, where one of them is called as labels are."""
    if not isinstance(source, Mapping):
        return source
    columns: dict[Any, Any] = dict(source)  # pyright: ignore[reportUnknownArgumentType]
    labels = [key for key in LABELS if key in columns]
    if len(labels) > 1:
        raise UsageError(f"Several inputs may be labels: {shown(labels)}.\nLeave out all but one.")
    if not labels or len(columns) < 2:
        return source
    y = columns.pop(labels[0])
    return (next(iter(columns.values())) if len(columns) == 1 else columns), y


def _batches(source: Any, most: int) -> list[Any]:
    """What it hands out, each with one row a point, until there are enough."""
    taken: list[Any] = []
    n = 0
    is_batched: bool | None = None
    for piece in _iterated(source):
        if is_batched is None:
            is_batched = _is_batch(source, piece)
        taken.append(piece if is_batched else _one_row(piece))
        n += _length(taken[-1])
        if n >= most:
            break
    return taken


def _iterated(source: Any) -> Any:
    """All that is indexed alone ends where its length says; weights of labels are left out."""
    has_iterator = hasattr(source, "__iter__")
    pieces = iter(source) if has_iterator else (source[i] for i in range(len(source)))
    if not any(kind.__module__.startswith(WEIGHTED) for kind in type(source).__mro__):
        return pieces
    return (p[:2] if isinstance(p, tuple | list) and len(p) == 3 else p for p in pieces)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _is_batch(source: Any, piece: Any) -> bool:
    """Whether what is handed out are batches and not single points."""
    shape = getattr(_first(getattr(source, "element_spec", None)), "shape", None)
    if shape is not None and len(shape) and shape[0] is None:
        return True
    if hasattr(source, "batch_size") and hasattr(source, "dataset"):
        return source.batch_size is not None or getattr(source, "batch_sampler", None) is not None
    if any(kind.__module__.startswith("keras.") for kind in type(source).__mro__):
        return True
    leaves = list(_columns(piece, check=False).values())
    if len(leaves) < 2 or any(not leaf.ndim for leaf in leaves):
        return False
    return len({len(leaf) for leaf in leaves}) == 1 and hasattr(source, "element_spec")


def _first(spec: Any) -> Any:
    while isinstance(spec, tuple | list | dict) and spec:
        spec = next(iter(spec.values())) if isinstance(spec, dict) else spec[0]  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType, reportUnknownArgumentType]
    return spec  # pyright: ignore[reportUnknownVariableType]


def _one_row(piece: Any) -> dict[str, Array]:
    return {key: values[None] for key, values in _columns(piece, check=False).items()}


def _length(piece: Any) -> int:
    return len(next(iter(_columns(piece).values())))


def _are_arrays(parts: Any) -> bool:
    """Whether these are several inputs, and not the numbers of one point."""
    return isinstance(parts, tuple | list) and all(hasattr(part, "shape") for part in parts)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _columns(piece: Any, check: bool = True) -> dict[str, Array]:
    """Arrays by name; of a pair the second is the labels."""
    if isinstance(piece, Mapping):
        named: Mapping[Any, Any] = piece  # pyright: ignore[reportUnknownVariableType]
    elif isinstance(piece, tuple | list) and len(piece) == 2 and isinstance(piece[0], Mapping):  # pyright: ignore[reportUnknownArgumentType]
        named = {**piece[0], "labels": piece[1]}
    elif isinstance(piece, tuple | list) and len(piece) == 2 and _are_arrays(piece[0]):  # pyright: ignore[reportUnknownArgumentType]
        named = {**{str(i): part for i, part in enumerate(piece[0])}, "labels": piece[1]}
    elif isinstance(piece, tuple | list):
        parts: Sequence[Any] = piece  # pyright: ignore[reportUnknownVariableType]
        keys = ["0"] if len(parts) == 1 else [*map(str, range(len(parts) - 1)), "labels"]
        named = dict(zip(keys, parts, strict=True))
    else:
        named = {"0": piece}
    arrays = {str(key): plain_array(value, str(key)) for key, value in named.items()}
    if check and any(not array.ndim for array in arrays.values()):
        raise UsageError(
            f"A batch has one row a point; got {counted(len(arrays), 'single number')}.\n"
            "Give a loader of batches."
        )
    return arrays
