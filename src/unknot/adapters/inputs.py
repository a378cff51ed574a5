"""Several inputs of a model as one array: a record a point, with a field an input.

Rows of records are taken, sliced and put together as those of any array, so only who makes them
and who calls the model with them knows that there are several.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from unknot.adapters.network import Array
from unknot.datasets.point_labels import plain_array
from unknot.errors import UsageError

#: What to do where a model takes several.
GIVE_ALL = "Give all of them by name: trace(model, ({'name': array, …}, labels))."


def is_several(batch: Array) -> bool:
    """Whether an array holds several inputs."""
    return batch.dtype.names is not None


def is_named_or_listed(source: Any, n_labels: int | None) -> bool:
    """Whether what a person gave as points is several inputs: by name, or in order beside labels.

    A list of arrays is a list of points, unless there are as many labels as rows in each of them,
    or they cannot be one array.
    """
    if isinstance(source, Mapping):
        return True
    if n_labels is None or not isinstance(source, tuple | list) or len(source) == n_labels:  # pyright: ignore[reportUnknownArgumentType]
        return False
    shapes = [getattr(part, "shape", None) for part in source]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if not all(shapes):
        return False
    if isinstance(source, tuple) or len(set(shapes)) > 1:
        return True
    return all(shape[0] == n_labels for shape in shapes)  # pyright: ignore[reportOptionalSubscript]


def as_records(source: Any) -> Array:
    """(n_points,) records of arrays by name, or in order: then they are called ``"0"``, ``"1"``.

    Raises
    ------
    UsageError
        When there is none, one is no array of numbers, or they have not the same number of rows.
    """
    parts = source.items() if isinstance(source, Mapping) else enumerate(source)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    arrays = {str(name): _as_array(part, name) for name, part in parts}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if not arrays:
        raise UsageError("There are no points to trace: the data holds no input.")
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        rows = ", ".join(f"{name} {n:,}" for name, n in lengths.items())
        raise UsageError(
            f"Inputs have one row a point; got {rows} rows.\nGive as many rows of each, in the "
            "same order."
        )
    n_points = next(iter(lengths.values()))
    fields = [(name, array.dtype, array.shape[1:]) for name, array in arrays.items()]
    records = np.empty(n_points, fields)
    for name, array in arrays.items():
        records[name] = array
    return records


def _as_array(part: Any, name: Any) -> Array:
    array = plain_array(part, f"the input {name!r}")
    if array.dtype.kind not in "biuf" or not array.ndim:
        raise UsageError(
            f"The input {name!r} has shape {array.shape}, dtype {array.dtype}; an input is numbers "
            "with one point a row.\nGive arrays alone, and labels beside them: ({…}, labels)."
        )
    return array.astype(np.float32) if array.dtype.kind == "f" else array


def feature_names(records: Array) -> tuple[str, ...]:
    """``"age"`` of an input of one number a point, ``"pixels 1"``, ``"pixels 2"`` of others."""
    names: list[str] = []
    for name in records.dtype.names or ():
        title = f"input {int(name) + 1}" if name.isdigit() else name
        size = int(np.prod(records.dtype[name].shape))
        names += [title] if size == 1 else [f"{title} {i + 1}" for i in range(size)]
    return tuple(names)


def by_name(records: Array) -> dict[str, Array]:
    """The inputs; the first of those that were given in order is called ``"0"``."""
    return {name: np.ascontiguousarray(records[name]) for name in records.dtype.names or ()}


def in_order(records: Array) -> bool:
    """Whether they were given in order, and not by name."""
    return all(name.isdigit() for name in records.dtype.names or ())


def ways(records: Array) -> set[str]:
    """The inputs that the points come in by: no masks, and none that is the same for every point.

    All, where none is left.
    """
    inputs = by_name(records)
    varying = {
        name
        for name, array in inputs.items()
        if array.dtype.kind != "b" and not name.endswith("mask") and (array != array[:1]).any()
    }
    return varying or set(inputs)


def wrong_inputs(framework: str, takes: Sequence[str], got: str) -> UsageError:
    """For other inputs than the model has."""
    return UsageError(
        f"The {framework} model takes {', '.join(takes) or 'no input'}; got {got}.\n"
        "Give arrays by these names: trace(model, ({'name': array, …}, labels))."
    )


def check_names(framework: str, names: Sequence[str], records: Array) -> None:
    """UsageError where a model of inputs of these names got others, or another number."""
    given = list(records.dtype.names or ())
    if in_order(records):
        if len(given) != len(names):
            raise wrong_inputs(framework, names, f"{len(given)} in order")
    elif set(given) != set(names):
        raise wrong_inputs(framework, names, ", ".join(given))


def check_shapes(
    framework: str, takes: Mapping[str, tuple[int | None, ...]], records: Array
) -> None:
    """UsageError where an input has another shape than the model's, as when two are swapped.

    `takes` are the shapes of one point, with None where any number will do.
    """
    arrays = by_name(records)
    named = list(takes) if in_order(records) else list(arrays)
    got = {name: array.shape[1:] for name, array in zip(named, arrays.values(), strict=True)}
    wrong = [name for name, shape in got.items() if not _fits(shape, takes[name])]
    if wrong:
        first = wrong[0]
        others = [name for name in wrong[1:] if _fits(got[name], takes[first])]
        swapped = f" {first} and {others[0]} look swapped." if others else ""
        raise UsageError(
            f"The {framework} model takes {first} of shape {_shape(takes[first])}; got "
            f"{_shape(got[first])}.{swapped}\n"
            "Give arrays by name: trace(model, ({'name': array, …}, labels)). It takes "
            f"{', '.join(f'{name} {_shape(shape)}' for name, shape in takes.items())}."
        )


def _fits(got: tuple[int, ...], takes: tuple[int | None, ...]) -> bool:
    # A model takes one number a point in a column, or alone.
    got, takes = got or (1,), takes or (1,)
    return len(got) == len(takes) and all(
        want in (None, n) for n, want in zip(got, takes, strict=True)
    )


def _shape(shape: Sequence[int | None]) -> str:
    return " × ".join("any" if n is None else str(n) for n in shape) or "1"


def one_array(title: str, names: Sequence[str]) -> UsageError:
    """For several inputs to a framework whose models take one."""
    return UsageError(
        f"A model of {title} takes one array; got several inputs ({', '.join(names)}).\n"
        "Give one of them, or trace a list of functions: "
        "trace([lambda inputs: model(inputs[…], …)], data)."
    )
