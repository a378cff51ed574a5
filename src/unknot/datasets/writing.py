"""A Dataset to a file."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from unknot.datasets.dataset import Dataset
from unknot.errors import UsageError
from unknot.files import whole_file

if TYPE_CHECKING:
    import polars

SUFFIXES = (".csv", ".tsv", ".parquet", ".npz")


def write(data: Dataset, path: str | os.PathLike[str]) -> Path:
    """Write a data set as CSV, TSV, Parquet or NPZ, by the suffix of `path`.

    In a table the features come first and the last column is ``label`` (class names) or
    ``target``; an NPZ file holds ``x``, ``y``, ``feature_names`` and ``class_names``.
    `from_file` reads every one of them back to the same numbers. Text files carry no types:
    class names come back in sorted order, and without classes that have no points.

    Parameters
    ----------
    data : Dataset
    path : path-like

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    UsageError
        When the suffix is none of these.
    UnknotError
        When the file cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            f"Cannot write {path}: {suffix or 'a file without a suffix'} is not a supported type.\n"
            f"Allowed: {', '.join(SUFFIXES)}."
        )
    with whole_file(path) as temporary:
        if suffix == ".npz":
            _write_npz(data, temporary)
        else:
            _write_table(data, temporary, suffix)
    return path


def _write_table(data: Dataset, path: Path, suffix: str) -> None:
    import polars

    try:
        if suffix == ".parquet":
            _table(data, as_text=False).write_parquet(path)
        else:
            separator = "\t" if suffix == ".tsv" else ","
            # Python tells of a full disk; polars before 2 leaves a part of the file.
            path.write_bytes(_table(data, as_text=True).write_csv(separator=separator).encode())
    except polars.exceptions.PolarsError as error:
        # polars wraps what the system said, a full disk for one.
        raise OSError(str(error).rpartition("IO error: ")[2]) from error


def answer_column(data: Dataset) -> str:
    """Name of the last column of the table: ``label`` or ``target``, lengthened when taken."""
    name = "label" if data.class_names else "target"
    while name in data.feature_names:
        name += "_"
    return name


def _table(data: Dataset, *, as_text: bool) -> "polars.DataFrame":
    import polars

    columns = {name: data.x[:, place] for place, name in enumerate(data.feature_names)}
    frame = polars.DataFrame(columns)
    if not data.class_names:
        return frame.with_columns(polars.Series(answer_column(data), data.y))
    names = polars.Series(data.class_names, dtype=polars.String)
    labels = names.gather(polars.Series(data.y)).alias(answer_column(data))
    # An Enum carries the order of the classes along.
    return frame.with_columns(labels if as_text else labels.cast(polars.Enum(names)))


def _write_npz(data: Dataset, path: Path) -> None:
    arrays = {"x": data.x, "y": data.y, "feature_names": np.array(data.feature_names, dtype=str)}
    if data.class_names:
        arrays["class_names"] = np.array(data.class_names, dtype=str)
    # Through a handle, because savez appends .npz to a path without that very suffix.
    with path.open("wb") as file:
        np.savez(file, **arrays)  # pyright: ignore[reportArgumentType]
