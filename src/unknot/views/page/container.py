"""The container of a page file: magic, version, JSON header, buffers."""

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.errors import UnknotError

MAGIC = b"UKSC"
VERSION = 2
#: Buffers begin at multiples of this, so that every type can be read in place.
ALIGNMENT = 8
DTYPES = ("float32", "float64", "uint16", "uint8", "int32")


class Buffers:
    """Arrays on their way into a page file, each under a name of its own."""

    def __init__(self) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}

    def add(self, name: str, array: NDArray[Any]) -> str:
        """Keep an array; the name is given back, for the header."""
        assert name not in self.arrays
        assert array.dtype.name in DTYPES
        self.arrays[name] = np.ascontiguousarray(array)
        return name


def pack(header: Mapping[str, Any], buffers: Mapping[str, NDArray[Any]]) -> bytes:
    """A page file.

    Parameters
    ----------
    header : mapping
        JSON values; ``format``, ``version`` and ``buffers`` are added.
    buffers : mapping of str to array
        Of the types in `DTYPES`.

    Returns
    -------
    bytes
    """
    entries: dict[str, Any] = {}
    end = 0
    for name, array in buffers.items():
        start = _aligned(end)
        entries[name] = {"offset": start, "dtype": array.dtype.name, "shape": list(array.shape)}
        end = start + array.nbytes
    whole = {"format": "unknot-scene", "version": VERSION, **header, "buffers": entries}
    text = json.dumps(whole, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    encoded = text.encode("utf-8", errors="replace")
    begin = _aligned(12 + len(encoded))
    encoded += b" " * (begin - 12 - len(encoded))
    parts = [MAGIC, struct.pack("<II", VERSION, len(encoded)), encoded]
    written = 0
    for name, array in buffers.items():
        parts.append(bytes(entries[name]["offset"] - written))
        parts.append(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())
        written = entries[name]["offset"] + array.nbytes
    return b"".join(parts)


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The header and the buffers of a page file.

    Raises
    ------
    UnknotError
        For anything that is not a whole page file of a version that this unknot reads.
    """
    if data[:4] != MAGIC or len(data) < 12:
        raise UnknotError("This is not an unknot page file.\nunknot page writes them into pages.")
    version, length = struct.unpack("<II", data[4:12])
    if version > VERSION:
        raise UnknotError(
            f"This page file was made by a newer unknot (format {version}); "
            f"this one reads format {VERSION}.\nInstall the newer version."
        )
    begin = 12 + length
    try:
        header: Any = json.loads(data[12:begin].decode("utf-8"))
        entries: dict[str, Any] = header["buffers"]
        buffers = {name: _read(data, begin, entry) for name, entry in entries.items()}
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise UnknotError("The page file is damaged: it was cut off or changed.") from error
    return header, buffers


def _read(data: bytes, begin: int, entry: Mapping[str, Any]) -> NDArray[Any]:
    shape = [int(n) for n in entry["shape"]]
    if entry["dtype"] not in DTYPES or min([*shape, int(entry["offset"])]) < 0:
        raise ValueError(entry)
    dtype = np.dtype(entry["dtype"]).newbyteorder("<")
    n = int(np.prod(shape, dtype=object))
    array = np.frombuffer(data, dtype, count=n, offset=begin + int(entry["offset"]))
    return array.reshape(shape)


def _aligned(n: int) -> int:
    return -(-n // ALIGNMENT) * ALIGNMENT
