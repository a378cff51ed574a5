"""A Dataset from arrays or a data frame, and the checks of points from outside."""

import contextlib
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unknot.datasets.columns import (
    answers,
    check_there,
    choose_columns,
    identity_names,
    listed_names,
)
from unknot.datasets.dataset import Dataset, Task
from unknot.datasets.held_out import held_out_column
from unknot.datasets.identity import as_identity
from unknot.datasets.labels import class_numbers, declared_order, repeats, says_no_value, shown
from unknot.datasets.point_labels import as_target, not_finite, plain_array, read_labels
from unknot.errors import UsageError, short

if TYPE_CHECKING:
    from narwhals import DataFrame, Series

#: What of an axis's length nobody sees.
UNSEEN = 1e-4
NOT_A_FEATURE = "Leave it out, turn it into numbers, or make it the label or part of the identity."


def from_arrays(
    x: ArrayLike,
    y: Any,
    *,
    class_names: Sequence[str] | None = None,
    feature_names: Sequence[str] | None = None,
    name: str = "data",
    task: Task | None = None,
    identity: Any = None,
) -> Dataset:
    """Make a data set from points and their labels.

    Parameters
    ----------
    x : (n_points, n_features) array of numbers, or a data frame
    y : (n_points,) array or series
        Text, booleans and whole numbers are classes, also where they are few and come as floats,
        in one column or one-hot; other numbers are a regression target. A series with an index
        goes with the rows of a data frame `x` that have the same index.
    class_names : sequence of str, optional
        In the order of the class numbers: `y` then holds ``0 … n_classes − 1`` or these names.
        Not every class needs to have points.
    feature_names : sequence of str, optional
        When left out, the data frame's, or ``x1``, ``x2``, …
    name : str
    task : {"classification", "regression"}, optional
        Says what `y` is when its type does not.
    identity : mapping, data frame, sequence of str or array of images, optional
        Who each point is, beside what is learnt from: columns by name, of which ``"name"``,
        ``"text"`` and ``"image"`` (arrays ``(n_points, height, width[, 3])``, or paths of image
        files) are known to the views; texts alone are names.

    Returns
    -------
    Dataset

    Raises
    ------
    UsageError
        For arrays of the wrong shape or type, values that are missing, infinite or too large
        for single precision, and labels that do not make at least two classes.
    """
    points = as_matrix(x)
    n_features = points.shape[1]
    if feature_names is None:
        feature_names = column_names(x, n_features)
    features = names_of_features(feature_names, n_features)
    check_shape(points.shape)
    values = as_single(points, features)
    labels = read_labels(y, len(points), points=x, class_names=class_names, task=task)
    return Dataset(
        values,
        labels.y,
        labels.class_names,
        features,
        name,
        identity=as_identity(identity, len(values)),
    )


def as_matrix(x: Any) -> NDArray[Any]:
    """(n_points, n_features) numbers of an array or a data frame, NaN where one is missing."""
    if hasattr(x, "columns") and hasattr(x, "shape"):
        columns = _columns(x)
        numbers = [
            _numbers(column, f"Column {short(name)}", NOT_A_FEATURE)
            for name, column in columns.items()
        ]
        return np.column_stack(numbers) if numbers else np.empty((len(x), 0))
    points = plain_array(x, "x")
    if points.ndim != 2:
        raise UsageError(
            f"x must have the shape (n_points, n_features); got {points.shape}.\n"
            "For one feature use x[:, None]; flatten images with x.reshape(len(x), -1)."
        )
    if points.dtype.kind == "O":
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            points = points.astype(np.float64)
    if points.dtype.kind not in "biuf":
        raise UsageError(f"x must hold numbers; got {points.dtype}.\nConvert it first.")
    return points


def column_names(x: Any, n_features: int) -> tuple[str, ...] | None:
    """The names of a data frame's columns, where they are names and not numbers."""
    names: list[Any] = list(getattr(x, "column_names", None) or getattr(x, "columns", ()))
    if len(names) != n_features or not all(isinstance(name, str) for name in names):
        return None
    return tuple(names)


def names_of_features(names: Sequence[str] | None, n_features: int) -> tuple[str, ...]:
    """The names, checked; without names ``x1``, ``x2`` and so on."""
    if names is None:
        return tuple(f"x{i + 1}" for i in range(n_features))
    texts = tuple(str(name) for name in names)
    if len(texts) != n_features:
        raise UsageError(
            f"Got {len(texts)} feature names for {n_features} features.\nGive one for each."
        )
    if repeated := repeats(texts):
        raise UsageError(f"Feature names appear twice: {shown(repeated)}.\nRename one of them.")
    return texts


def check_shape(shape: tuple[int, ...]) -> None:
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
        raise not_finite(f"Feature {short(feature_names[column])}", x[:, column], good[:, column])
    return single


def precision_for(low: NDArray[Any], high: NDArray[Any]) -> type[np.floating]:
    """Single precision, unless the numbers lie too close together so far from zero.

    Parameters
    ----------
    low, high : (n_features,) arrays
        Between which they lie.
    """
    low, high = low.astype(np.float64), high.astype(np.float64)
    rounding = np.finfo(np.float32).eps * np.maximum(np.abs(low), np.abs(high))
    return np.float64 if ((high > low) & (rounding > UNSEEN * (high - low))).any() else np.float32


def from_frame(
    frame: Any,
    *,
    label: Hashable | Sequence[Hashable] | None = None,
    target: Hashable | Sequence[Hashable] | None = None,
    features: Sequence[Hashable] | None = None,
    name: str = "data",
    colour: str | int | None = None,
    held_out: Hashable | None = None,
    identity: str | Sequence[Hashable] | None = None,
    folder: Path | None = None,
) -> Dataset:
    """Make a data set from a data frame (pandas, polars, PyArrow and others).

    Parameters
    ----------
    frame : data frame
    label : str or int
        The column of classes: text, booleans or numbers. Ordered categories keep their order.
        A list of columns, for a network of several outputs: `colour` says which of them counts.
    target : str or int
        The column of numbers to predict, in place of `label`.
    features : sequence of str or int, optional
        Columns of numbers; all but the label when left out.
    name : str
    colour : str or int, optional
        Which of several labels or targets; left out, the first.
    held_out : str or int, optional
        The column that says which rows are not to be trained on: truths, 0 and 1, or words such
        as ``train`` and ``test``. It is no feature.
    identity : str or sequence of str, optional
        Columns that say who a point is, and that are no features unless they are named there:
        ``name``, ``text``, ``image`` (paths of image files) and any others.
    folder : Path, optional
        Where relative paths of images begin.

    Returns
    -------
    Dataset

    Raises
    ------
    UsageError
        For columns that are not there, hold text or miss values, and as `from_arrays` does.
    """
    columns = _columns(frame)
    judges = None
    if held_out is not None:
        check_there(str(held_out), list(columns))
        column = columns.pop(str(held_out)).to_list()
        judges = held_out_column(column, f"Column {short(str(held_out))}")
    own = {name: columns[name] for name in identity_names(identity, list(columns))}
    also = {name for each in (label, target, features) for name in listed_names(each)}
    for no_feature in own.keys() - also:
        del columns[no_feature]
    label, target, output = answers(list(columns), label, target, colour)
    for other in () if output is None else output.names:
        # The answers to the other questions are no features.
        if other not in (label, target, *(features or ())):
            del columns[other]
    named = None if features is None else [str(column) for column in features]
    chosen = choose_columns(list(columns), label, target, named)
    answer = columns[str(target if label is None else label)]
    n_points = len(answer)
    check_shape((n_points, len(chosen)))
    beside: dict[str, Any] = {"held_out": judges, "identity": as_identity(own, n_points, folder)}
    x = _features(columns, chosen, n_points)
    if label is None:
        what = f"Target column {short(target)}"
        y = as_target(_numbers(answer, what, "Give it as label if these are classes."), what)
        about = {"target": target}
        return Dataset(x, y, (), tuple(chosen), name, about, output=output, **beside)
    numbers, names = _classes(answer, f"Label column {short(label)}")
    titles = tuple(names) if output is None else output.titled(names)
    about = {"label": label}
    return Dataset(x, numbers, titles, tuple(chosen), name, about, output=output, **beside)


def _features(
    columns: Mapping[str, "Series[Any]"], chosen: Sequence[str], n_points: int
) -> NDArray[np.float32]:
    """(n_points, n_features); an error names all columns that it is about."""
    # One column at a time, so that a second copy of the table is never held.
    x = np.empty((n_points, len(chosen)), dtype=np.float32)
    words: dict[str, UsageError] = {}
    gaps: dict[str, UsageError] = {}
    is_whole = np.ones(n_points, dtype=np.bool)
    for place, column in enumerate(chosen):
        try:
            values = _numbers(columns[column], f"Column {short(column)}", NOT_A_FEATURE)
        except UsageError as error:
            words[column] = error
            continue
        if (good := np.isfinite(values)).all():
            x[:, place : place + 1] = as_single(values[:, None], [column])
        else:
            gaps[column] = not_finite(f"Feature {short(column)}", values, good)
            is_whole &= good
    if len(words) > 1:
        names = ",".join(words)
        is_short = len(names) <= 60 and not any(set(name) & set(" ,'\"") for name in words)
        given = f" (--identity {names})" if is_short else ""
        raise UsageError(
            f"Columns {shown([repr(name) for name in words])} do not hold numbers.\n"
            f"Leave them out, turn them into numbers, or make them part of the identity{given}."
        )
    if len(gaps) > 1 and not words:
        raise UsageError(
            f"Features {shown([repr(name) for name in gaps])} have missing or infinite values; "
            f"{int(is_whole.sum()):,} of {n_points:,} rows are complete.\n"
            "Remove the others, or fill their cells first."
        )
    for error in (*words.values(), *gaps.values()):
        raise error
    return x


def _columns(native: Any) -> dict[str, "Series[Any]"]:
    """Every column by its name."""
    import narwhals as nw

    try:
        lazy = nw.from_native(native)
    except nw.exceptions.DuplicateError:
        raise _duplicates([str(name) for name in native.columns]) from None
    except TypeError:
        raise UsageError(
            "from_frame needs a data frame (pandas, polars, PyArrow, …); "
            f"got {type(native).__name__}.\nFor arrays use from_arrays."
        ) from None
    frame: DataFrame[Any] = lazy.collect() if isinstance(lazy, nw.LazyFrame) else lazy
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise _duplicates(names)
    return dict(zip(names, frame.iter_columns(), strict=True))


def _duplicates(names: list[str]) -> UsageError:
    return UsageError(f"Column names appear twice: {shown(repeats(names))}.\nRename one of them.")


def _numbers(column: "Series[Any]", what: str, remedy: str) -> NDArray[np.float64]:
    """(n_points,) floats, NaN where a value is missing; text that spells numbers is read."""
    import narwhals as nw

    kind = column.dtype
    if kind.is_numeric() or kind == nw.Boolean:
        return column.cast(nw.Float64).to_numpy().astype(np.float64)
    if not isinstance(kind, nw.String | nw.Categorical | nw.Enum | nw.Object | nw.Unknown):
        values = column.to_list()
        row = next((i for i, value in enumerate(values) if value is not None), 0)
        first = f": {str(values[row])[:40]} in row {row + 1:,}" if values else ""
        raise UsageError(
            f"{what} holds {type(kind).__name__.lower()} values, not numbers{first}.\n{remedy}"
        )
    numbers = np.empty(len(column))
    for row, value in enumerate(column.to_list()):
        number = _number(value)
        if number is None:
            raise UsageError(
                f"{what} holds text: {str(value)[:40]!r} in row {row + 1:,}.\n{remedy}"
            )
        numbers[row] = number
    return numbers


def _number(value: Any) -> float | None:
    """A number, NaN for a missing one, None for text."""
    if value is None or (isinstance(value, str) and (not value.strip() or says_no_value(value))):
        return np.nan
    try:
        return None if "_" in str(value) else float(value)
    except (TypeError, ValueError, OverflowError):
        return np.nan if str(value) == "<NA>" and not isinstance(value, str) else None


def _classes(column: "Series[Any]", what: str) -> tuple[NDArray[np.int64], list[str]]:
    """Class numbers and names; declared categories keep their order."""
    kind = column.dtype
    if kind.is_numeric() and not kind.is_decimal() and column.null_count() == 0:
        return class_numbers(column.to_numpy(), what)
    return class_numbers(column.to_list(), what, order=declared_order(column.to_native()))


def constant_features(data: Dataset) -> tuple[str, ...]:
    """Names of the features that have the same value at every point.

    They say nothing of the label and cannot be scaled to unit variance.
    """
    same = (data.x == data.x[0]).all(axis=0)
    return tuple(name for name, constant in zip(data.feature_names, same, strict=True) if constant)
