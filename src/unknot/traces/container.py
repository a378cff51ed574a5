"""The file itself: arrays and one JSON header in a safetensors file."""

import json
import os
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.errors import UnknotError, UsageError
from unknot.files import check_suffix, whole_file

#: Raised when a reader of an older version would misread the file.
VERSION = 1
KINDS = ("trace", "run")
SUFFIX = ".safetensors"

Header = dict[str, Any]
Arrays = dict[str, NDArray[Any]]


def write_container(
    path: str | os.PathLike[str], kind: str, header: Header, arrays: Arrays
) -> None:
    """Write a header and arrays as one file.

    The whole header is a single metadata entry: safetensors does not keep the order of several,
    and the same content must give the same bytes.
    """
    from safetensors import SafetensorError
    from safetensors import numpy as tensors

    check_suffix(path, [SUFFIX])
    text = json.dumps({**header, "kind": kind, "version": VERSION}, sort_keys=True, allow_nan=False)
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    with whole_file(path) as temporary:
        try:
            cast("Any", tensors).save_file(contiguous, temporary, metadata={"unknot": text})
        except SafetensorError as error:
            raise UnknotError(f"Cannot write {path}: {error}.") from error


def read(path: str | os.PathLike[str]) -> tuple[str, Header, Arrays]:
    """Read kind, header and arrays."""
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise UsageError(f"{path} {what}.\nGive a {SUFFIX} file that unknot wrote.")
    try:
        with cast("Any", safe_open(path, framework="np")) as file:
            metadata: dict[str, str] = file.metadata() or {}
            header = _check_header(path, metadata)
            arrays: Arrays = {str(name): file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, TypeError) as error:
        raise UsageError(
            f"{path} is not a whole safetensors file: {str(error)[:200]}\n"
            f"It is truncated or something else; give a {SUFFIX} file that unknot wrote."
        ) from error
    return header["kind"], header, arrays


def _check_header(path: Path, metadata: dict[str, str]) -> Header:
    try:
        header = json.loads(metadata["unknot"])
        kind, version = header["kind"], header["version"]
    except (KeyError, TypeError, ValueError) as error:
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
