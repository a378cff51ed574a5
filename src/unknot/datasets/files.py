"""A Dataset from a file, from the name of a data set or a file, and to a file."""

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unknot.datasets.archives import read_npz, read_parquet
from unknot.datasets.arrays import from_frame
from unknot.datasets.columns import answers, choose_columns, listed_names
from unknot.datasets.dataset import Dataset, subsample
from unknot.datasets.delimited import read_delimited
from unknot.datasets.generators import generators, make
from unknot.datasets.labels import numbers_without_nan
from unknot.datasets.outputs import refuse_colour
from unknot.errors import UsageError, short
from unknot.files import check_suffix, disk_file, whole_file
from unknot.table import unknown

if TYPE_CHECKING:
    import polars

#: What is written; what is read is more.
SUFFIXES = (".csv", ".tsv", ".parquet", ".npz")
READABLE = (*SUFFIXES[:2], ".txt", *SUFFIXES[2:])


def from_file(
    path: str | os.PathLike[str],
    *,
    label: str | None = None,
    target: str | None = None,
    features: Sequence[str] | None = None,
    n: int | None = None,
    seed: int = 0,
    colour: str | int | None = None,
    held_out: str | None = None,
    identity: str | Sequence[str] | None = None,
) -> Dataset:
    """Read a data set from CSV, TSV, Parquet or NPZ, by the file's suffix.

    Parameters
    ----------
    path : path-like
    label : str
        The column of classes: text, booleans or numbers. A label is missing where the cell is
        empty, or nan among numbers; among words ``NA``, ``nan`` and ``null`` are classes.
        Several columns joined by commas, for a network of several outputs.
    target : str
        The column of numbers to predict, in place of `label`. An NPZ file needs neither when
        its array ``y`` holds whole numbers or text (classes) or fractions (a target).
    features : sequence of str, optional
        The columns to learn from; all others when left out.
    n : int, optional
        Take only so many of the points, drawn by `seed` so that the classes keep their shares.
    seed : int
    colour : str or int, optional
        Which of several labels or targets is taken; left out, the first.
    held_out : str, optional
        The column that says which rows are not to be trained on, as in `from_frame`. An NPZ file
        has an array ``held_out`` for it.
    identity : str or sequence of str, optional
        Columns that say who a point is, as in `from_frame`; they may be joined by commas. Paths of
        images begin at the file's folder. Of an NPZ file arrays of these names.

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
        if suffix == ".npz":
            refuse_colour(colour, 1)
            data = _from_npz(path, label, target, features, held_out or "held_out", identity)
        else:
            named = {"label": label, "target": target, "held_out": held_out, "identity": identity}
            data = _from_table(path, suffix, features, colour, named)
    except OSError as error:
        raise UsageError(
            f"Cannot read {path}: {error.strerror or error}.\nCheck that you may read it."
        ) from None
    made_with: dict[str, Any] = {"file": str(path), "label": label, "target": target}
    if held_out is not None:
        made_with["held_out"] = held_out
    if identity is not None:
        made_with["identity"] = identity if isinstance(identity, str) else list(identity)
    if features is not None:
        made_with["features"] = list(features)
    if n is not None:
        data = subsample(data, n, seed)
        made_with |= {"n": n, "seed": seed}
    return replace(data, parameters=made_with)


def _check_file(path: Path) -> str:
    """The suffix, in lower case, of a file that is there."""
    if not os.path.lexists(path):
        raise UsageError(_missing(path))
    is_folder = path.is_dir()
    disk_file(path, "Name a file in it." if is_folder else "Save the table as a file first.")
    return check_suffix(path, READABLE, "read")


def _title(path: Path) -> str:
    """The name of the data in a file; its bytes may be no text."""
    return path.stem.encode("utf-8", errors="replace").decode()


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
    features: Sequence[str] | None,
    colour: str | int | None,
    named: dict[str, Any],
) -> Dataset:
    label, target, identity = named["label"], named["target"], named["identity"]
    # A code such as 01234 is no number.
    texts = [label, identity, *listed_names(identity)]
    frame = read_parquet(path) if suffix == ".parquet" else read_delimited(path, texts)
    choose_columns(frame.columns, *answers(frame.columns, label, target, colour)[:2], features)
    about: dict[str, Any] = {"features": features, "colour": colour, "folder": path.parent}
    return from_frame(frame, **named, **about, name=_title(path))


def _from_npz(
    path: Path,
    label: str | None,
    target: str | None,
    features: Sequence[str] | None,
    held_out: str,
    identity: str | Sequence[str] | None,
) -> Dataset:
    data = read_npz(path, label, target, held_out, listed_names(identity))
    if features is None:
        return data
    answer = "y"
    while answer in data.feature_names:
        answer += "_"
    chosen = choose_columns([*data.feature_names, answer], answer, None, features)
    places = {name: place for place, name in enumerate(data.feature_names)}
    x = data.x[:, [places[name] for name in chosen]]
    return replace(data, x=x, feature_names=tuple(chosen))


def resolve(
    name_or_path: str | os.PathLike[str],
    *,
    n: int | None = None,
    seed: int = 0,
    parameters: Mapping[str, object] | None = None,
    label: str | None = None,
    target: str | None = None,
    colour: str | int | None = None,
    held_out: str | None = None,
    identity: str | Sequence[str] | None = None,
) -> Dataset:
    """Make the built-in data set of that name, or read the file at that path.

    A name in the table wins; ``./circles`` is the file. Anything with a folder in it, with one
    of the suffixes, or that is there on disk is taken for a file.

    Parameters
    ----------
    name_or_path : str or path-like
    n, seed, parameters
        As in `make`; a file takes no parameters.
    label, target, colour, held_out, identity
        As in `from_file`; a built-in data set takes none of them.

    Raises
    ------
    UsageError
        When it is neither, and as `make` and `from_file` do.
    """
    text = os.fspath(name_or_path)
    named: dict[str, Any] = {"label": label, "target": target, "held_out": held_out}
    named["identity"] = identity
    if text in generators:
        for name, column in named.items():
            if column is not None:
                raise UsageError(
                    f"{text} is a built-in data set and has its own labels; got {name}={column!r}."
                    f"\nLeave that out; for a file of this name give ./{text}."
                )
        refuse_colour(colour, 1)
        return make(text, n, seed=seed, parameters=parameters)
    path = Path(text)
    if not (path.suffix.lower() in READABLE or {"/", os.sep} & set(text) or _is_there(path)):
        raise UsageError(
            f"{unknown('data set', text, generators)}\n"
            f"A file of your own ends in {', '.join(READABLE)}."
        )
    if parameters:
        raise UsageError(
            f"Parameters are for built-in data sets; got {shown_parameters(parameters)} with the "
            f"file {text}.\nLeave them out."
        )
    return from_file(path, **named, n=n, seed=seed, colour=colour)


def shown_parameters(parameters: Mapping[str, object]) -> str:
    """As they stand in a call: ``noise=0.2, factor=0.5``."""
    return ", ".join(f"{name}={value}" for name, value in parameters.items())


def write(data: Dataset, path: str | os.PathLike[str]) -> Path:
    """Write a data set as CSV, TSV, Parquet or NPZ, by the suffix of `path`.

    In a table the features come first and the last column is ``label`` (class names) or
    ``target``, before it a column ``held_out`` where the data set says which rows are; an NPZ file
    holds ``x``, ``y``, ``feature_names``, ``class_names`` and ``held_out``.
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
        When the suffix is none of these, a class would be read back as missing, or a table
        cannot hold a name.
    UnknotError
        When the file cannot be written.
    """
    path = Path(path)
    suffix = check_suffix(path, SUFFIXES)
    names = list(data.class_names)
    if suffix != ".npz" and numbers_without_nan(names) != names:
        name = next(name for name in names if name.lower() == "nan")
        raise UsageError(
            f"A table's class {name!r} among classes that are numbers is a missing one.\n"
            "Write an .npz file, or give the class another name."
        )
    if suffix != ".npz":
        _check_text((*data.class_names, *data.feature_names))
    with whole_file(path) as temporary:
        if suffix == ".npz":
            _write_npz(data, temporary)
        else:
            write_frame(_table(data, as_text=suffix != ".parquet"), temporary)
    return path


def _check_text(names: tuple[str, ...]) -> None:
    """A table holds no half of a character, as in a name that was read in another encoding."""
    for name in names:
        try:
            name.encode()
        except UnicodeEncodeError:
            raise UsageError(
                f"The name {short(name)} holds half of a character, which no table can hold.\n"
                "Write an .npz file, or give another name."
            ) from None


def write_frame(frame: "polars.DataFrame", path: Path) -> None:
    """A polars frame as Parquet, TSV or CSV, by the suffix of `path`.

    Raises
    ------
    OSError
        For a full disk too.
    """
    import polars

    try:
        if path.suffix.lower() == ".parquet":
            frame.write_parquet(path)
        else:
            separator = "\t" if path.suffix.lower() == ".tsv" else ","
            # Python tells of a full disk; polars before 2 leaves a part of the file.
            path.write_bytes(frame.write_csv(separator=separator).encode())
    except polars.exceptions.PolarsError as error:
        # polars wraps what the system said, a full disk for one.
        raise OSError(str(error).rpartition("IO error: ")[2]) from error


def answer_column(data: Dataset) -> str:
    """Name of the last column of the table: ``label`` or ``target``, lengthened when taken."""
    return _free("label" if data.class_names else "target", data)


def _free(name: str, data: Dataset) -> str:
    while name in data.feature_names:
        name += "_"
    return name


def _table(data: Dataset, *, as_text: bool) -> "polars.DataFrame":
    import polars

    columns: dict[str, Any] = {
        name: data.x[:, place] for place, name in enumerate(data.feature_names)
    }
    if data.held_out is not None:
        columns[_free("held_out", data)] = data.held_out
    frame = polars.DataFrame(columns)
    if not data.class_names:
        return frame.with_columns(polars.Series(answer_column(data), data.y))
    names = polars.Series(data.class_names, dtype=polars.String)
    numbers = polars.Series(data.y)
    labels = names.gather(numbers.set(numbers < 0, None)).alias(answer_column(data))
    # An Enum carries the order of the classes along.
    return frame.with_columns(labels if as_text else labels.cast(polars.Enum(names)))


def _write_npz(data: Dataset, path: Path) -> None:
    arrays = {"x": data.x, "y": data.y, "feature_names": np.array(data.feature_names, dtype=str)}
    if data.held_out is not None:
        arrays["held_out"] = data.held_out
    if data.class_names:
        arrays["class_names"] = np.array(data.class_names, dtype=str)
    # Through a handle, because savez appends .npz to a path without that very suffix.
    with path.open("wb") as file:
        np.savez(file, **arrays)  # pyright: ignore[reportArgumentType]
