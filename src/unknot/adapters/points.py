"""The points to trace: a Dataset, or arrays of any shape with one point a row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from unknot.adapters.claims import flat
from unknot.adapters.entrance import Entrance, dense, is_frame, is_plain, refuse_sparse
from unknot.adapters.inputs import as_records, feature_names, is_named_or_listed
from unknot.adapters.loaders import (
    collected,
    declared_classes,
    is_loader,
    refuse_loaders,
    with_labels,
)
from unknot.adapters.network import Array
from unknot.datasets.arrays import (
    as_matrix,
    as_single,
    check_shape,
    column_names,
    names_of_features,
    precision_for,
)
from unknot.datasets.dataset import Dataset, some_rows
from unknot.datasets.outputs import refuse_colour
from unknot.datasets.point_labels import plain_array, read_labels
from unknot.errors import UsageError
from unknot.traces.note import Note
from unknot.traces.trace_checks import check_values

#: Bytes of clouds that are kept in memory when nothing else is asked for.
MEMORY = 2_000_000_000
#: Out of points that are no numbers: the first that are, their names, and the rest of the model.
Enter = Callable[[Any], tuple[Entrance, Sequence[str] | None, Any] | None]


@dataclass(frozen=True)
class Points:
    """Points with their labels, and what is sent through the model.

    Attributes
    ----------
    data : Dataset
        Flattened: one row a point.
    x : (n_points, …) array
        As the model takes them: images keep their shape, whole numbers stay whole, numbers of
        double precision stay such. Several inputs are the fields of records.
    columns : tuple of str or None
        Their names, where the points came as a data frame.
    notes : tuple of Note or str
        How they were read, where that is not plain.
    rest : object
        What of the model they go through, where its first steps made them; None: all of it.
    words : tuple of tuples of str, or None
        The texts of each point's tokens, where a tokenizer gave them.
    """

    data: Dataset
    x: Array
    columns: tuple[str, ...] | None = None
    notes: tuple[Note | str, ...] = ()
    rest: Any = None
    words: tuple[tuple[str, ...], ...] | None = None

    @property
    def n_points(self) -> int:
        """Rows that go through the model; an image is one."""
        return len(self.x)

    @property
    def cloud(self) -> Array:
        """(n_points, n_features) values to show: double where single precision moves them."""
        if self.x.dtype != np.float64 or not self.n_points:
            return self.data.x
        rows = self.x.reshape(self.n_points, -1)
        is_double = precision_for(rows.min(axis=0), rows.max(axis=0)) is np.float64
        return np.ascontiguousarray(rows) if is_double else self.data.x


def as_points(
    source: Any,
    name: str | None = None,
    enter: Enter | None = None,
    memory: int = MEMORY,
    max_points: int | None = None,
    several: bool = False,
    colour: str | int | None = None,
    held_out: Any = None,
    identity: Any = None,
    are_numbers: bool = False,
) -> Points:
    """Points of a Dataset, an array ``x`` or a pair ``(x, y)``; points are handed on.

    `x` may be several inputs: arrays by name, or a tuple of them.

    Parameters
    ----------
    source : Dataset, array, data frame or pair
    name : str, optional
        For titles.
    enter : callable, optional
        Makes the first representation of a model that is numbers out of points that are none,
        and gives it with the names of its units and what of the model comes after it. It gives
        None where the model begins with numbers.
    memory : int
        Bytes that the points may take, should they be sparse.
    max_points : int, optional
        Of what hands points out one after another the first so many are taken (100,000 when left
        out); of arrays so many are drawn.
    several, colour
        Of labels, as in `read_labels`.
    held_out : (n_points,) array of truths, or numbers of rows, optional
        Points that the model was not trained on, before any are left out.
    identity
        Who each point is, before any are left out.
    are_numbers : bool
        The model predicts numbers: whole ones are a target too, if there are more than two.

    Raises
    ------
    UsageError
        When there are no points, they are not numbers, or some are NaN or infinite.
    """
    if source is None:
        raise UsageError("A model knows no points: trace(model, data) with a Dataset or an array.")
    if isinstance(source, Points):
        points = source
    else:
        refuse_loaders(source)
        names = declared_classes(source)
        source, said = collected(source, max_points) if is_loader(source) else (source, None)
        if isinstance(source, Dataset):
            refuse_colour(colour, 1)
            points = _of_data(source)
        else:
            points = _from_arrays(source, enter, memory, several, colour, names, are_numbers)
        if said is not None:
            points = replace(points, notes=(said, *points.notes))
        if not points.n_points:
            raise UsageError("There are no points to trace: the data has 0 rows.")
        check_values("input", points.data.x, points.n_points)
    about = {"held_out": held_out, "identity": identity}
    about = {name: each for name, each in about.items() if each is not None}
    if about:
        points = replace(points, data=replace(points.data, **about))
    if max_points is not None and points.n_points > max_points:
        note = f"Shown are {max_points:,} of {points.n_points:,} points, drawn (max_points)."
        points = few(points, max_points)
        points = replace(points, notes=(note, *points.notes))
    if name is None:
        return points
    return replace(points, data=replace(points.data, name=str(name)))


def few(points: Points, n: int) -> Points:
    """At most `n` of the points, the same ones every time."""
    if points.n_points <= n:
        return points
    rows = some_rows(points.data, n, seed=0)
    data = points.data.take(rows)
    return replace(points, data=data, x=points.x[rows])


def _of_data(data: Dataset) -> Points:
    return Points(data, data.x, notes=() if data.output is None else (data.output.note,))


def _from_arrays(
    source: Any,
    enter: Enter | None,
    memory: int,
    several: bool,
    colour: str | int | None,
    class_names: Sequence[str] | None,
    are_numbers: bool,
) -> Points:
    source = with_labels(source)
    _refuse_three(source)
    first, labels = source if _is_pair(source) else (source, None)
    n_labels = None if labels is None else _length(labels)
    first = dense(first, memory)
    is_several = is_named_or_listed(first, n_labels)
    # Of a large data frame the look takes a while: once.
    plain = is_several or is_plain(first)
    entered = None if enter is None or plain else enter(first)
    columns, rest, notes = None, None, ()
    if is_several:
        x = as_records(first)
        first, names = None, feature_names(x)
    elif entered is None:
        refuse_sparse(first, memory)
        x = _as_array(first, plain)
        names = columns = column_names(first, x.shape[1]) if x.ndim == 2 else None
    else:
        entrance, names, rest = entered
        x, notes = entrance.x, (entrance.note,)
    table = np.ascontiguousarray(flat(x) if is_several else x.reshape(len(x), -1))
    features = names_of_features(names, table.shape[1])
    if labels is not None:
        check_shape(table.shape)
    single = as_single(table, features)
    if labels is None:
        refuse_colour(colour, 0)
        data = Dataset(single, np.zeros(len(x), np.int64), ("points",), features)
        return Points(data, x, columns, notes, rest)
    if class_names is not None:
        labels = np.ma.masked_less(labels, 0)  # -1 is no class
    known = read_labels(
        labels,
        len(x),
        points=first,
        class_names=class_names,
        task="regression" if are_numbers and _may_be_target(labels) else None,
        several=several,
        colour=colour,
    )
    data = Dataset(single, known.y, known.class_names, features, output=known.output)
    notes: tuple[Note | str, ...] = (*notes, *known.notes)
    if known.output is not None and _are_of_tokens(x, len(known.output.names)):
        text = "There are as many labels as tokens: points='tokens' takes labels of tokens."
        notes += (Note(text, "maker"),)
    return Points(data, x, columns, notes, rest)


def _are_of_tokens(x: Array, n_labels: int) -> bool:
    """Whether the labels of a point may be those of its tokens, which are whole numbers."""
    inputs = [x] if x.dtype.names is None else [x[name] for name in x.dtype.names]
    return any(each.dtype.kind in "iu" and each.shape[1:] == (n_labels,) for each in inputs)


def _may_be_target(labels: Any) -> bool:
    """Whether labels are a column of numbers, and not of yes and no."""
    y = np.asarray(labels)
    is_column = y.ndim > 0 and y.size == len(y) and y.dtype.kind in "iuf"
    return is_column and len(np.unique(y[~np.isnan(y)])) > 2


def _refuse_three(source: Any) -> None:
    """UsageError for arrays that are neither points nor a pair: weights stand beside the labels."""
    shapes = [getattr(part, "shape", None) for part in source] if isinstance(source, tuple) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if len(shapes) > 2 and all(shapes):
        raise UsageError(
            f"The data are a tuple of {len(shapes)} arrays; points and labels are a pair.\n"
            "Give (x, labels) without weights; several inputs are one part: ((a, b), labels)."
        )


def _length(values: Any) -> int | None:
    return len(values) if hasattr(values, "__len__") else None


def _is_pair(source: Any) -> bool:
    return isinstance(source, tuple) and len(source) == 2  # pyright: ignore[reportUnknownArgumentType]


def _first_bad(x: Array) -> str:
    """Which value of an array of objects or words is no number, for a message."""
    if x.dtype.kind not in "OUS" or x.ndim != 2:
        return ""
    for row, values in enumerate(x.tolist(), 1):
        for column, value in enumerate(values, 1):
            if not isinstance(value, int | float):
                return f", with {str(value)[:40]!r} in row {row:,}, column {column:,}"
    return ""


def _as_array(source: Any, plain: bool) -> Array:
    # Whole numbers stay whole, for models of tokens.
    is_mixed = is_frame(source) and not plain
    x = as_matrix(source) if is_mixed else plain_array(source, "x")
    if not x.size:
        raise UsageError(f"There are no points to trace: the data has shape {x.shape}.")
    if x.dtype.kind not in "biuf" or x.ndim < 2:
        raise UsageError(
            f"Points are numbers, one point a row; got shape {x.shape}, dtype {x.dtype}"
            f"{_first_bad(x)}.\n"
            "Give a Dataset, an array with one point a row, or a pair (x, y)."
        )
    # Some models tell points apart that are one point in single precision.
    return x if x.dtype.kind != "f" or x.dtype == np.float64 else x.astype(np.float32, copy=False)
