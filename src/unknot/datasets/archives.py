"""Parquet files, read by polars, and NumPy's .npz files.

Pickled objects in them are refused: reading never runs code.
"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.arrays import from_arrays
from unknot.datasets.dataset import Dataset
from unknot.datasets.labels import UNLABELLED, shown
from unknot.errors import UsageError

if TYPE_CHECKING:
    import polars

DAMAGED = 3
TRIAL = f"""
import sys, polars
try:
    polars.read_parquet(sys.argv[1], glob=False, hive_partitioning=False)
except BaseException:
    sys.exit({DAMAGED})
"""


def read_parquet(path: Path) -> "polars.DataFrame":
    """Read a Parquet file.

    Raises
    ------
    UsageError
        When it is damaged or no Parquet file.
    """
    import polars

    if not _survives(path):
        raise _damaged(path)
    try:
        return polars.read_parquet(path, glob=False, hive_partitioning=False)
    except (Exception, polars.exceptions.PanicException):
        raise _damaged(path) from None


def _survives(path: Path) -> bool:
    """Read the file in a process of its own first.

    A flipped bit in a page's size makes polars ask for more memory than there is, which ends
    the process on the spot: nothing can be caught, and a notebook would lose all it holds.
    """
    command = [sys.executable, "-P", "-c", TRIAL, str(path)]
    try:
        code = subprocess.run(command, capture_output=True, check=False).returncode
    except OSError:
        return True
    # 1: polars could not be imported there, which says nothing of the file.
    return code in (0, 1)


def _damaged(path: Path) -> UsageError:
    return UsageError(
        f"Cannot read {path} as Parquet: it is damaged or something else.\n"
        "Write it again, for example with polars: frame.write_parquet(path)."
    )


def read_npz(
    path: Path,
    label: str | None,
    target: str | None,
    held_out: str = "held_out",
    identity: Sequence[str] = (),
) -> Dataset:
    """Read ``x`` and ``y``, and ``class_names``, ``feature_names`` and ``held_out`` if there.

    Parameters
    ----------
    path : Path
    label, target : str, optional
        Another array to take for ``y``; it says too whether these are classes or a target.
    held_out : str
        The array that says which points are not to be trained on.
    identity : sequence of str
        Arrays that say who a point is.

    Raises
    ------
    UsageError
        When the file is no archive of plain arrays, or the arrays do not fit together.
    """
    if label is not None and target is not None:
        raise UsageError(
            f"Give label or target, not both; got {label!r} and {target!r}.\n"
            "An NPZ file needs at most one."
        )
    answer = label or target or "y"
    arrays = _arrays(path, answer, held_out, identity)
    y, names = arrays[answer], arrays.get("class_names")
    # What is called a label is one, also where it holds fractions.
    task = "regression" if target else "classification" if label or names is not None else None
    features = arrays.get("feature_names")
    if names is not None and y.dtype.kind == "i" and (y == UNLABELLED).any():
        y = np.where(y == UNLABELLED, np.nan, y)
    data = from_arrays(
        arrays["x"],
        y,
        class_names=None if names is None or task == "regression" else _texts(names),
        feature_names=None if features is None else _texts(features),
        name=path.stem.encode("utf-8", errors="replace").decode(),
        task=task,
        identity={name: arrays[name] for name in identity},
    )
    return replace(data, held_out=arrays.get(held_out))


def _texts(names: NDArray[Any]) -> list[str]:
    return [str(name) for name in names.ravel().tolist()]


def _check_characters(array: NDArray[Any]) -> None:
    """NumPy believes every number to be a character; Python has no text with other ones."""
    if array.dtype.kind == "U" and array.size:
        code = np.dtype("u4").newbyteorder(array.dtype.byteorder)
        if np.ascontiguousarray(array).reshape(-1).view(code).max() > sys.maxunicode:
            raise ValueError("no character")


def _arrays(
    path: Path, answer: str, held_out: str, identity: Sequence[str]
) -> dict[str, NDArray[Any]]:
    """The arrays that matter, by name."""
    by_name: dict[str, NDArray[Any]] = {}
    wanted = {"x", answer, "class_names", "feature_names", held_out, *identity}
    try:
        # NumPy leaves the file open when an archive is broken, so it gets an open one.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            there = list(archive.files)
            for name in wanted & set(there):
                member: Any = archive[name]
                # Of a member that is no array NumPy gives the bytes.
                if not isinstance(member, np.ndarray):
                    raise TypeError(name)
                by_name[name] = member
                _check_characters(by_name[name])
    # A broken archive fails in many ways: zipfile, zlib, the array header, memory, …
    except Exception as error:
        if "pickle" in str(error).lower() or "object array" in str(error).lower():
            raise UsageError(
                f"{path} holds pickled Python objects, which unknot never loads.\n"
                "Save plain arrays: numpy.savez(path, x=…, y=…)."
            ) from None
        raise UsageError(
            f"Cannot read {path} as an NPZ archive.\nWrite it with numpy.savez(path, x=…, y=…)."
        ) from None
    for name in ("x", answer, *(() if held_out == "held_out" else (held_out,)), *identity):
        if name not in by_name:
            raise UsageError(
                f"{path} has no array {name!r}; it has {shown(there) or 'none'}.\n"
                "Write it with numpy.savez(path, x=…, y=…)."
            )
    return by_name
