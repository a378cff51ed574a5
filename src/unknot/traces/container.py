"""The file itself: arrays and one JSON header in a safetensors file."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.errors import UnknotError, UsageError
from unknot.files import check_suffix, disk_file, shown_path, whole_file
from unknot.traces.schema import (
    DamagedError,
    Expected,
    Listed,
    Listing,
    check_depth,
    check_listing,
)

#: Raised when a reader of an older version would misread the file.
VERSION = 2
KINDS = ("trace", "run")
SUFFIX = ".safetensors"

Header = dict[str, Any]
Arrays = dict[str, NDArray[Any]]


def write_container(
    path: str | os.PathLike[str], kind: str, header: Header, arrays: Arrays, form: "Form"
) -> None:
    """Write a header and arrays as one file.

    The whole header is a single metadata entry: safetensors does not keep the order of several,
    and the same content must give the same bytes.
    """
    from safetensors import SafetensorError
    from safetensors import numpy as tensors

    check_suffix(path, [SUFFIX])
    whole = {**header, "kind": kind, "version": VERSION}
    try:
        text = json.dumps(whole, sort_keys=True, allow_nan=False)
        form.checked(json.loads(text), _listing_of(arrays))
        form.check_values(header, arrays)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"The {kind} cannot be saved: {str(error)[:200]}\n"
            "What is saved must be sound, or it could not be loaded again."
        ) from error
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    with whole_file(path) as temporary:
        try:
            cast("Any", tensors).save_file(contiguous, temporary, metadata={"unknot": text})
        except SafetensorError as error:
            raise UnknotError(f"Cannot write {path}: {error}.") from error


@dataclass(frozen=True)
class Form:
    """What a kind of file must hold.

    Attributes
    ----------
    arrays : callable
        The arrays of a header, of those that the file lists.
    check_values : callable
        Holds the arrays' values to what they stand for.
    """

    arrays: Callable[[Header, Listing], dict[str, Expected]]
    check_values: Callable[[Header, Arrays], None]

    def checked(self, header: Header, listing: Listing) -> list[str]:
        """Names of the arrays to read, when all are there in their shapes."""
        expected = self.arrays(header, listing)
        check_listing(listing, expected)
        return list(expected)


def _remedy(path: str | os.PathLike[str]) -> str:
    """What to give instead: of a folder that `run` wrote, one of its files."""
    is_folder = os.path.isdir(path)  # noqa: PTH112 (a name of 300 letters is none, and no error)
    names = (
        [shown_path(each) for each in sorted(Path(path).glob(f"*{SUFFIX}"))] if is_folder else []
    )
    if names:
        return f"Give a file in it: {', '.join(names[:3])}."
    return f"Give a {SUFFIX} file that unknot wrote."


def read(path: str | os.PathLike[str], forms: Mapping[str, Form]) -> tuple[str, Header, Arrays]:
    """Read kind, header and arrays of a whole file.

    Header and shapes are checked before an array is read, and what the arrays hold before
    anything is made of them.

    Raises
    ------
    UsageError
        For a file that is missing, truncated, damaged, of another kind or newer.
    """
    from safetensors import SafetensorError, safe_open

    path = disk_file(path, _remedy(path))
    kind = "safetensors file"
    try:
        with cast("Any", safe_open(path, framework="np")) as file:
            metadata: dict[str, str] = file.metadata() or {}
            header = _check_header(path, metadata)
            kind = header["kind"]
            check_depth(header)
            names = forms[kind].checked(header, _listing(file))
            arrays = {name: file.get_tensor(name) for name in names}
        forms[kind].check_values(header, arrays)
    except DamagedError as error:
        raise damaged_file(path, kind, error) from error
    except (SafetensorError, OSError, TypeError) as error:
        raise UsageError(
            f"{path} is not a whole safetensors file: {str(error)[:200]}\n"
            f"It is truncated or something else; give a {SUFFIX} file that unknot wrote."
        ) from error
    return kind, header, arrays


def _listing_of(arrays: Arrays) -> Listing:
    letters = {"f": "F", "i": "I", "u": "U"}
    return {
        name: Listed(a.shape, f"{letters.get(a.dtype.kind, a.dtype.name)}{8 * a.dtype.itemsize}")
        for name, a in arrays.items()
    }


def _listing(file: Any) -> Listing:
    slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
    return {n: Listed(tuple(each.get_shape()), each.get_dtype()) for n, each in slices.items()}


def damaged_file(path: str | os.PathLike[str], kind: str, error: Exception) -> UsageError:
    """What is said of a file that does not hold what it should."""
    text = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return UsageError(
        f"{path} is not a whole {kind}: {text}\n"
        "It was edited or damaged; make it again with unknot."
    )


def _check_header(path: Path, metadata: dict[str, str]) -> Header:
    try:
        header = json.loads(metadata["unknot"])
        kind, version = header["kind"], header["version"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} is a safetensors file, but not a trace or a run of unknot's.\n"
            "Give a file written by `unknot run` or `Trace.save`."
        ) from error
    if not isinstance(version, int) or version > VERSION:
        raise UsageError(
            f"{path} has format version {str(version)[:20]}; this unknot reads up to {VERSION}.\n"
            "Upgrade it: pip install --upgrade unknot"
        )
    if kind not in KINDS:
        raise UsageError(
            f"{path} holds a {str(kind)[:50]!r}; this unknot reads {' and '.join(KINDS)}."
        )
    return header
