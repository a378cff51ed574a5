"""A Dataset from a data frame of any library that narwhals speaks to."""

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.arrays import as_single, as_target, check_size
from unknot.datasets.dataset import Dataset
from unknot.datasets.labels import MAX_CLASSES, encode, shown
from unknot.errors import UsageError

if TYPE_CHECKING:
    from narwhals import DataFrame, Series

NOT_A_FEATURE = "Leave it out, turn it into numbers, or make it the label."


def from_frame(
    frame: Any,
    *,
    label: str | None = None,
    target: str | None = None,
    features: Sequence[str] | None = None,
    name: str = "data",
) -> Dataset:
    """Make a data set from a data frame (pandas, polars, PyArrow and others).

    Parameters
    ----------
    frame : data frame
    label : str
        The column of classes: text, booleans or numbers. Ordered categories keep their order.
    target : str
        The column of numbers to predict, in place of `label`.
    features : sequence of str, optional
        Columns of numbers; all but the label when left out.
    name : str

    Returns
    -------
    Dataset

    Raises
    ------
    UsageError
        For columns that are not there, hold text or miss values, and as `from_arrays` does.
    """
    columns = _columns(frame)
    chosen = choose_columns(list(columns), label, target, features)
    answer = columns[label or target or ""]
    n_points = len(answer)
    check_size((n_points, len(chosen)))
    # One column at a time, so that a second copy of the table is never held.
    x = np.empty((n_points, len(chosen)), dtype=np.float32)
    for place, column in enumerate(chosen):
        values = _numbers(columns[column], f"Column {column!r}", NOT_A_FEATURE)
        x[:, place : place + 1] = as_single(values[:, None], [column])
    if label is None:
        what = f"Target column {target!r}"
        y = as_target(_numbers(answer, what, "Give it as label if these are classes."), what)
        return Dataset(x, y, (), tuple(chosen), name, {"target": target})
    numbers, names = _classes(answer, f"Label column {label!r}")
    return Dataset(x, numbers, tuple(names), tuple(chosen), name, {"label": label})


def _columns(native: Any) -> dict[str, "Series[Any]"]:
    """Every column by its name."""
    import narwhals as nw

    try:
        given = nw.from_native(native)
    except nw.exceptions.DuplicateError:
        raise _duplicates([str(name) for name in native.columns]) from None
    except TypeError:
        raise UsageError(
            "from_frame needs a data frame (pandas, polars, PyArrow, …); "
            f"got {type(native).__name__}.\nFor arrays use from_arrays."
        ) from None
    frame: DataFrame[Any] = given.collect() if isinstance(given, nw.LazyFrame) else given
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise _duplicates(names)
    return {name: frame[:, place] for place, name in enumerate(names)}


def _duplicates(names: list[str]) -> UsageError:
    repeated = sorted({name for name in names if names.count(name) > 1})
    return UsageError(f"Column names appear twice: {shown(repeated)}.\nRename one of them.")


def choose_columns(
    columns: Sequence[str],
    label: str | None,
    target: str | None,
    features: Sequence[str] | None,
) -> list[str]:
    """The feature columns, after checking that every column named is there.

    Raises
    ------
    UsageError
    """
    if (label is None) == (target is None):
        got = "neither" if label is None else f"label={label!r} and target={target!r}"
        raise UsageError(
            "Name the column of classes as label, or the column of numbers to predict as target; "
            f"got {got}.\nColumns: {shown(columns)}."
        )
    answer = label or target or ""
    for name in (answer, *(features or ())):
        if name not in columns:
            near = difflib.get_close_matches(name[:100], columns, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise UsageError(f"There is no column {name!r}.{hint}\nColumns: {shown(columns)}.")
    chosen = [name for name in columns if name != answer] if features is None else list(features)
    if not chosen:
        raise UsageError(
            f"There are no features beside {answer!r}.\nGive at least one column of numbers."
        )
    if answer in chosen or len(set(chosen)) < len(chosen):
        raise UsageError(
            f"Features must be different columns, {answer!r} not among them; got {shown(chosen)}.\n"
            "Name each feature once."
        )
    return chosen


def _numbers(column: "Series[Any]", what: str, remedy: str) -> NDArray[np.float64]:
    """(n_points,) floats, NaN where a value is missing; text that spells numbers is read."""
    import narwhals as nw

    kind = column.dtype
    if kind.is_numeric() or kind == nw.Boolean:
        return column.cast(nw.Float64).to_numpy().astype(np.float64)
    if not isinstance(kind, nw.String | nw.Categorical | nw.Enum | nw.Object | nw.Unknown):
        raise UsageError(
            f"{what} holds {type(kind).__name__.lower()} values, not numbers.\n{remedy}"
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
    if value is None or (isinstance(value, str) and not value.strip()):
        return np.nan
    try:
        return None if "_" in str(value) else float(value)
    except (TypeError, ValueError, OverflowError):
        return np.nan if str(value) == "<NA>" and not isinstance(value, str) else None


def _classes(column: "Series[Any]", what: str) -> tuple[NDArray[np.int64], list[str]]:
    """Class numbers and names; declared categories keep their order."""
    import narwhals as nw

    kind = column.dtype
    if kind.is_numeric() and not kind.is_decimal() and column.null_count() == 0:
        return encode(column.to_numpy(), what)
    if isinstance(kind, nw.Enum):
        return _declared(column, list(kind.categories), what)
    return encode(column.to_list(), what)


def _declared(
    column: "Series[Any]", names: list[str], what: str
) -> tuple[NDArray[np.int64], list[str]]:
    values = column.to_list()
    if len(names) > MAX_CLASSES:
        raise UsageError(
            f"{what} declares {len(names):,} categories; at most {MAX_CLASSES:,} are allowed.\n"
            "If they are numbers to predict, give target instead of label."
        )
    # For its checks; the order that it finds is not the declared one.
    encode(values, what)
    place = {name: k for k, name in enumerate(names)}
    return np.array([place[value] for value in values], dtype=np.int64), names
