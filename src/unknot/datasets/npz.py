"""NumPy's .npz files. Pickled objects in them are refused: reading never runs code."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.arrays import from_arrays
from unknot.datasets.dataset import Dataset
from unknot.datasets.labels import shown
from unknot.errors import UsageError


def read_npz(path: Path, label: str | None, target: str | None) -> Dataset:
    """Read the arrays ``x`` and ``y``, and ``class_names`` and ``feature_names`` if there.

    Parameters
    ----------
    path : Path
    label, target : str, optional
        Another array to take for ``y``; it says too whether these are classes or a target.

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
    arrays = _arrays(path, answer)
    y, names = arrays[answer], arrays.get("class_names")
    # What is called a label is one, also where it holds fractions.
    task = "regression" if target else "classification" if label or names is not None else None
    features = arrays.get("feature_names")
    return from_arrays(
        arrays["x"],
        y,
        class_names=None if names is None or task == "regression" else _texts(names),
        feature_names=None if features is None else _texts(features),
        name=path.stem,
        task=task,
    )


def _texts(names: NDArray[Any]) -> list[str]:
    return [str(name) for name in names.ravel().tolist()]


def _arrays(path: Path, answer: str) -> dict[str, NDArray[Any]]:
    """The arrays that matter, by name."""
    found: dict[str, NDArray[Any]] = {}
    try:
        # NumPy leaves the file open when an archive is broken, so it gets an open one.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            there = list(archive.files)
            for name in {"x", answer, "class_names", "feature_names"} & set(there):
                found[name] = archive[name]
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
    for name in ("x", answer):
        if name not in found:
            raise UsageError(
                f"{path} has no array {name!r}; it has {shown(there) or 'none'}.\n"
                "Write it with numpy.savez(path, x=…, y=…)."
            )
    return found
