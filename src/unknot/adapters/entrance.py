"""Where points that are no numbers enter a model: behind the steps that make numbers of them.

Words, dates, categories and missing values have no place in a cloud. A model whose first steps take
them is followed from the first representation that is numbers, and a note says so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unknot.adapters.network import Array
from unknot.datasets.arrays import as_matrix, as_single, names_of_features
from unknot.datasets.labels import counted, shown
from unknot.datasets.point_labels import plain_array
from unknot.errors import UnknotError, UsageError

#: The name of a step, and what it does.
Step = tuple[str, Callable[[Any], Any]]


@dataclass(frozen=True)
class Entrance:
    """The first representation that is numbers.

    Attributes
    ----------
    x : (n_points, n_features) array
    n_steps : int
        How many steps made it.
    note : str
        Says so.
    """

    x: Array
    n_steps: int
    note: str


def first_numbers(title: str, steps: Sequence[Step], x: Any, memory: int) -> Entrance:
    """Go through the first steps of a model until what they make is numbers.

    Parameters
    ----------
    title : str
        Of the model.
    steps : sequence of (str, callable)
        Those that may be in front of the input, one at least.
    x : anything
        As the first of them takes it.
    memory : int
        Bytes that the numbers may take.

    Raises
    ------
    UsageError
        When there are no numbers behind any of them: with the reason.
    """
    values, reason = x, ""
    for i, (name, run) in enumerate(steps, 1):
        values = _stepped(title, name, run, values)
        reason = _objection(values, memory)
        if not reason:
            numbers = _as_rows(values)
            return Entrance(numbers, i, _note(x, [step for step, _ in steps[:i]], numbers))
    raise UsageError(
        f"The {title} has no representation that is numbers before its output; behind "
        f"{steps[-1][0]} {reason}.\n"
        "Give it a step that makes numbers: a ColumnTransformer that encodes words and fills gaps, "
        "a TruncatedSVD after words."
    )


def _note(x: Any, makers: list[str], numbers: Array) -> str:
    columns = list(getattr(x, "columns", ()))
    of = f" of {shown(columns, 6)}" if columns else ""
    units = counted(numbers.shape[1], "unit")
    made = f"The input is what {', '.join(makers)} made{of}: {units}"
    return f"{made}, the first place where every value is a number."


def _stepped(title: str, name: str, run: Callable[[Any], Any], values: Any) -> Any:
    try:
        return run(values)
    except UnknotError:
        raise
    except Exception as error:
        error.add_note(
            f"unknot: the step {name!r} of the {title} raised this for the points as they came; "
            "the model is as it was before."
        )
        raise


def _objection(values: Any, memory: int) -> str:
    """What speaks against these values as a cloud; empty where nothing does."""
    if is_sparse(values):
        if too_large := _excess(values, memory):
            return too_large
        values = values.data[:, None]
    try:
        rows = as_matrix(values)
        as_single(rows, names_of_features(None, rows.shape[1]))
    except UsageError as error:
        text = str(error).partition("\n")[0].rstrip(".")
        return text[0].lower() + text[1:]
    return ""


def _excess(values: Any, memory: int) -> str:
    """What is said of a sparse matrix that does not fit; empty where it does."""
    size = values.dtype.itemsize * int(np.prod(values.shape))
    shape = " × ".join(f"{n:,}" for n in values.shape)
    fits = size <= memory
    return "" if fits else f"{shape} sparse values take {size:,} bytes, more than memory={memory:,}"


def _as_rows(values: Any) -> Array:
    return values.toarray() if is_sparse(values) else as_matrix(values)


def dense(x: Any, memory: int) -> Any:
    """A sparse matrix that fits into so many bytes as an array; anything else as it is."""
    return x.toarray() if is_sparse(x) and not _excess(x, memory) else x


def refuse_sparse(x: Any, memory: int) -> None:
    """UsageError for a sparse matrix that does not fit."""
    if is_sparse(x):
        raise UsageError(
            f"{_excess(x, memory)}.\n"
            "Give more memory=, fewer points, or fewer features (TruncatedSVD)."
        )


def is_sparse(values: Any) -> bool:
    """Whether it is a sparse matrix of SciPy's, without importing it."""
    return hasattr(values, "toarray") and hasattr(values, "nnz")


def is_frame(values: Any) -> bool:
    """Whether it is a data frame of some library, without importing one."""
    return hasattr(values, "columns") and hasattr(values, "shape")


def is_plain(values: Any) -> bool:
    """Whether points are numbers as they are, none of them missing."""
    if is_sparse(values):
        return False
    if isinstance(values, list | tuple):
        return not all(isinstance(value, str) for value in values)  # pyright: ignore[reportUnknownVariableType]
    if not is_frame(values) and not hasattr(values, "dtype"):
        return True
    array = plain_array(values, "x")
    is_number = array.dtype.kind in "biuf"
    return is_number and not (array.dtype.kind == "f" and bool(np.isnan(array).any()))
