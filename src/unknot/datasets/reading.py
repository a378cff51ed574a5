"""A Dataset from a file, or from the name of a data set or a file."""

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from unknot.datasets.arrays import choose_columns, from_frame
from unknot.datasets.dataset import Dataset
from unknot.datasets.delimited import read_delimited
from unknot.datasets.generators import generators, make
from unknot.datasets.npz import read_npz
from unknot.datasets.parquet import read_parquet
from unknot.datasets.subsample import subsample
from unknot.errors import UsageError
from unknot.table import unknown

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".npz")


def from_file(
    path: str | os.PathLike[str],
    *,
    label: str | None = None,
    target: str | None = None,
    features: Sequence[str] | None = None,
    n: int | None = None,
    seed: int = 0,
) -> Dataset:
    """Read a data set from CSV, TSV, Parquet or NPZ, by the file's suffix.

    Parameters
    ----------
    path : path-like
    label : str
        The column of classes: text, booleans or numbers.
    target : str
        The column of numbers to predict, in place of `label`. An NPZ file needs neither when
        its array ``y`` holds whole numbers or text (classes) or fractions (a target).
    features : sequence of str, optional
        The columns to learn from; all others when left out.
    n : int, optional
        Take only so many of the points, drawn by `seed` so that the classes keep their shares.
    seed : int

    Returns
    -------
    Dataset

    Raises
    ------
    UsageError
        When the file is not there or is none of these, and for everything in it that is no
        data set.
    """
    path = Path(path)
    suffix = _check_file(path)
    try:
        path.open("rb").close()
        data = (
            _from_npz(path, label, target, features)
            if suffix == ".npz"
            else _from_table(path, suffix, label, target, features)
        )
    except OSError as error:
        raise UsageError(
            f"Cannot read {path}: {error.strerror or error}.\nCheck that you may read it."
        ) from None
    made_with: dict[str, Any] = {"file": str(path), "label": label, "target": target}
    if features is not None:
        made_with["features"] = list(features)
    if n is not None:
        data = subsample(data, n, seed)
        made_with |= {"n": n, "seed": seed}
    return replace(data, parameters=made_with)


def _check_file(path: Path) -> str:
    """The suffix, in lower case, of a file that is there."""
    try:
        there, is_folder = path.is_file(), path.is_dir()
    except (OSError, ValueError):
        there = is_folder = False
    if is_folder:
        raise UsageError(f"{path} is a folder.\nName a file in it.")
    if not there:
        raise UsageError(_missing(path))
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            f"Cannot read {path}: {suffix or 'a file without a suffix'} is not a supported type.\n"
            f"Allowed: {', '.join(SUFFIXES)}."
        )
    return suffix


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _missing(path: Path) -> str:
    try:
        near = difflib.get_close_matches(path.name, [p.name for p in path.parent.iterdir()], n=1)
    except (OSError, ValueError):
        near = []
    hint = f" Did you mean {path.with_name(near[0])}?" if near else ""
    return f"There is no file {str(path)[:200]}.{hint}\nCheck the name and the folder."


def _from_table(
    path: Path,
    suffix: str,
    label: str | None,
    target: str | None,
    features: Sequence[str] | None,
) -> Dataset:
    frame = read_parquet(path) if suffix == ".parquet" else read_delimited(path, label)
    choose_columns(frame.columns, label, target, features)
    return from_frame(frame, label=label, target=target, features=features, name=path.stem)


def _from_npz(
    path: Path, label: str | None, target: str | None, features: Sequence[str] | None
) -> Dataset:
    data = read_npz(path, label, target)
    if features is None:
        return data
    answer = "y"
    while answer in data.feature_names:
        answer += "_"
    chosen = choose_columns([*data.feature_names, answer], answer, None, features)
    places = [data.feature_names.index(name) for name in chosen]
    return replace(data, x=data.x[:, places], feature_names=tuple(chosen))


def resolve(
    name_or_path: str | os.PathLike[str],
    *,
    n: int | None = None,
    seed: int = 0,
    parameters: Mapping[str, object] | None = None,
    label: str | None = None,
    target: str | None = None,
) -> Dataset:
    """Make the built-in data set of that name, or read the file at that path.

    A name in the table wins; ``./circles`` is the file. Anything with a folder in it, with one
    of the suffixes, or that is there on disk is taken for a file.

    Parameters
    ----------
    name_or_path : str or path-like
    n, seed, parameters
        As in `make`; a file takes no parameters.
    label, target
        As in `from_file`; a built-in data set takes neither.

    Raises
    ------
    UsageError
        When it is neither, and as `make` and `from_file` do.
    """
    given = os.fspath(name_or_path)
    if given in generators:
        if label is not None or target is not None:
            raise UsageError(
                f"{given} is a built-in data set and has its own labels; got "
                f"{f'label={label!r}' if label is not None else f'target={target!r}'}.\n"
                f"Leave that out; for a file of this name give ./{given}."
            )
        return make(given, n, seed=seed, parameters=parameters)
    path = Path(given)
    if not (path.suffix.lower() in SUFFIXES or {"/", os.sep} & set(given) or _is_there(path)):
        raise UsageError(
            f"{unknown('data set', given, generators)}\n"
            f"A file of your own ends in {', '.join(SUFFIXES)}."
        )
    if parameters:
        raise UsageError(
            f"Parameters are for built-in data sets; got {shown_parameters(parameters)} with the "
            f"file {given}.\nLeave them out."
        )
    return from_file(path, label=label, target=target, n=n, seed=seed)


def shown_parameters(parameters: Mapping[str, object]) -> str:
    """``noise=0.2, factor=0.5``"""
    return ", ".join(f"{name}={value}" for name, value in parameters.items())
