"""The container of a page file: magic, version, JSON header, buffers; and its check.

The check asks the same questions as the viewer does.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from unknot.errors import UnknotError
from unknot.network.formulas import FUNCTIONS

MAGIC = b"UKSC"
VERSION = 2
#: Buffers begin at multiples of this, so that every type can be read in place.
ALIGNMENT = 8
DTYPES = ("float32", "float64", "uint16", "uint8", "int32")


class Buffers:
    """Arrays on their way into a page file, each under a name of its own."""

    def __init__(self) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}
        self._shared: dict[object, str] = {}

    def add(self, name: str, array: NDArray[Any]) -> str:
        """Store an array and return its name, for the header."""
        assert name not in self.arrays
        assert array.dtype.name in DTYPES
        self.arrays[name] = np.ascontiguousarray(array)
        return name

    def shared(self, name: str, array: NDArray[Any]) -> str:
        """The name under which the same numbers stand already, or this one."""
        key = (array.dtype.name, array.shape, sha256(array.tobytes()).digest())
        if key not in self._shared:
            self._shared[key] = self.add(name, array)
        return self._shared[key]


def pack_page(header: Mapping[str, Any], buffers: Mapping[str, NDArray[Any]]) -> bytes:
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
    whole = {"format": "unknot-page", "version": VERSION, **header, "buffers": entries}
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


def unpack_page(data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
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


Header = Mapping[str, Any]
Arrays = Mapping[str, NDArray[Any]]

_KINDS = ("affine", "activation", "softmax", "opaque")
#: What the viewer knows to do in a formula → number of arguments.
_OPERATIONS = {**dict.fromkeys(("+", "-", "*", "/", ">", ">="), 2), **FUNCTIONS}


def check_page_file(header: Header, buffers: Arrays) -> None:
    """Say what is wrong with a page file.

    Parameters
    ----------
    header : mapping
    buffers : mapping of str to array
        As `unpack_page` gives them.

    Raises
    ------
    UnknotError
        When it cannot be shown.
    """
    runs = header.get("runs")
    if not _is_list(runs) or not runs:
        raise UnknotError("The page file holds no runs.\nMake the page again.")
    for i, run in enumerate(runs):
        try:
            problem = _problem(run, buffers)
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            problem = f"its header is not complete ({type(error).__name__}: {error})"
        if problem is not None:
            raise UnknotError(f"Run {i + 1} of the page file cannot be shown: {problem}.")


def _problem(run: Header, buffers: Arrays) -> str | None:
    representations, maps = run["representations"], run["maps"]
    n_points = run["n_points"]
    if not isinstance(n_points, int) or n_points < 0:
        return "its number of points is not a number"
    if len(representations) != len(maps) + 1:
        return f"{len(representations)} representations are not joined by {len(maps)} maps"
    if not run["checkpoints"]:
        return "it has no checkpoint"
    if (run.get("colour_unit") or 0) >= run["n_outputs"]:
        return "the output that colours is not one of its outputs"
    if len(run["class_colours"]) < len(run["class_names"]):
        return "a class has no colour"
    for k, map_ in enumerate(maps):
        ends = representations[k]["n_units"], representations[k + 1]["n_units"]
        if (map_["n_in"], map_["n_out"]) != ends:
            return f"map {k + 1} does not lead from one representation to the next"
        if map_["kind"] not in _KINDS:
            return f"map {k + 1} is of no known kind"
        if map_["kind"] == "activation" and not _is_formula(map_["formula"], map_["parameters"]):
            return f"the formula of its activation {str(map_['name'])[:40]} is not understood"
    if run["labels"] is not None and buffers[run["labels"]].shape != (n_points,):
        return "it has not one label a point"
    corners = run.get("corners")
    if corners and sorted(corners["order"]) != list(range(len(run["class_names"]))):
        return "its corners are not one a class"
    if not _are_planes(run.get("planes"), representations, buffers):
        return "its planes are not one a representation"
    if not _is_range(run.get("target")):
        return "the ends of its target are not two numbers"
    if not _are_curves(run.get("measures") or {}, len(run["checkpoints"]), len(representations)):
        return "its linear probe has not one number a representation"
    if not _are_metrics(run.get("metrics") or {}, len(run["checkpoints"])):
        return "its losses and accuracies are not one number a checkpoint"
    held_out = run.get("held_out")
    if held_out is not None and buffers[held_out].shape != (n_points,):
        return "it does not say of each point whether it was held out"
    if not _is_identity(run.get("identity"), n_points, buffers):
        return "it does not say who each point is"
    return {"weights": _weights, "values": _values}.get(run["carrier"], _neither)(run, buffers)


def _is_identity(identity: Header | None, n_points: int, buffers: Arrays) -> bool:
    """Texts end where they say, and every tile is on the sheet; older files have none."""
    if identity is None:
        return True
    for column in identity["columns"]:
        ends = buffers[column["ends"]].astype(np.int64)
        rises = bool((np.diff(ends, prepend=0) >= 0).all())
        if (
            ends.shape != (n_points,)
            or not rises
            or ends[-1:].sum() != len(buffers[column["texts"]])
        ):
            return False
    images = identity["images"]
    tiles = None if images is None else images["tiles"]
    return tiles is None or buffers[tiles].shape == (n_points,)


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    """What JSON calls an array, of whatever entries."""
    return isinstance(value, list)


def _is_formula(tree: Any, parameters: Sequence[str]) -> bool:
    if isinstance(tree, str):
        return tree == "z" or tree in parameters
    if not _is_list(tree):
        return _is_number(tree)
    operation, *arguments = tree or [None]
    n_arguments = _OPERATIONS.get(operation) if isinstance(operation, str) else None
    return len(arguments) == n_arguments and all(_is_formula(a, parameters) for a in arguments)


def _is_range(target: Header | None) -> bool:
    """A regression's target; older files have none."""
    return target is None or all(_is_number(target[end]) for end in ("low", "high"))


def _are_curves(measures: Header, n_checkpoints: int, n_representations: int) -> bool:
    if "linear_probe" not in measures:
        return True
    curves = measures["linear_probe"]
    return (
        _is_number(measures["chance"])
        and _is_list(curves)
        and len(curves) == n_checkpoints
        and all(
            curve is None
            or (
                len(curve) == n_representations
                and all(value is None or _is_number(value) for value in curve)
            )
            for curve in curves
        )
    )


def _are_planes(planes: Any, representations: Sequence[Header], buffers: Arrays) -> bool:
    """Older files have none."""
    if planes is None:
        return True
    if not _is_list(planes) or len(planes) != len(representations):
        return False
    return all(
        buffers[buffer].shape == (max(of["n_units"], n), n)
        and bool(np.isfinite(buffers[buffer]).all())
        and len(plane.get(f"labels_{n}") or range(n)) == n
        for of, plane in zip(representations, planes, strict=True)
        for n in (2, 3)
        if plane and (buffer := str(plane.get(f"axes_{n}", "")))
    )


def _are_metrics(metrics: Header, n_checkpoints: int) -> bool:
    """Older files have none."""
    return all(
        _is_list(values)
        and len(values) in (0, n_checkpoints)
        and all(value is None or _is_number(value) for value in values)
        for values in metrics.values()
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and bool(np.isfinite(value))


def _neither(run: Header, buffers: Arrays) -> str:
    return "it carries neither weights nor values"


def _weights(run: Header, buffers: Arrays) -> str | None:
    if not _is_quantised(run["inputs"], run["n_points"], run["representations"][0], buffers):
        return "its inputs have not one value a feature and point"
    n = sum(_n_numbers(map_) for map_ in run["maps"])
    if buffers[run["weights"]].shape != (len(run["checkpoints"]), n):
        return "it has not one weight a connection"
    if not np.isfinite(buffers[run["weights"]]).all():
        return "a weight is not a finite number"
    return None


def _n_numbers(map_: Header) -> int:
    if map_["kind"] == "affine":
        return (map_["n_in"] + 1) * map_["n_out"]
    return len(map_.get("parameters", ())) * map_["n_out"]


def _values(run: Header, buffers: Arrays) -> str | None:
    if not _has_lines(run.get("lattice"), run["representations"], buffers):
        return "its lattice has not one place a point and representation"
    if len(run["values"]) != len(run["checkpoints"]):
        return "it has not one set of values a checkpoint"
    for clouds in run["values"]:
        for stored, representation in zip(clouds, run["representations"], strict=False):
            if not _is_quantised(stored, run["n_points"], representation, buffers):
                return "its values have not one number a unit and point"
        if len(clouds) != len(run["representations"]):
            return "a representation has no values"
    return None


def _has_lines(lattice: Header | None, representations: Sequence[Header], buffers: Arrays) -> bool:
    """Stored lines of a lattice; older files have none."""
    if lattice is None:
        return True
    offsets = buffers[lattice["offsets"]]
    n_lines = len(offsets) - 1
    return (
        0 <= lattice["n_grid_lines"] <= n_lines
        and offsets[0] == 0
        and bool((np.diff(offsets) > 0).all())
        and len(lattice["values"]) == len(representations)
        and all(
            _is_quantised(stored, int(offsets[-1]), of, buffers)
            for stored, of in zip(lattice["values"], representations, strict=True)
        )
    )


def _is_quantised(stored: Header, n_points: int, of: Header, buffers: Arrays) -> bool:
    n = of["shown_units"]
    bounds: Sequence[float] = [*stored["low"], *stored["high"]]
    return (
        len(stored["low"]) == len(stored["high"]) == n
        and buffers[stored["buffer"]].shape == (n_points, n)
        and bool(np.isfinite(bounds).all())
    )
