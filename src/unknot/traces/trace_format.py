"""A Trace as a header and arrays, and what makes a file of one sound."""

from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np

from unknot.traces import schema as s
from unknot.traces.container import Arrays, Header
from unknot.traces.identity_format import (
    IDENTITY,
    check_identity_values,
    identity_arrays,
    identity_from_parts,
    identity_to_parts,
)
from unknot.traces.lattice import Lattice
from unknot.traces.map_format import MAP, map_arrays, map_from_parts, map_to_parts
from unknot.traces.note import Note
from unknot.traces.representation import Representation, Trace
from unknot.traces.selection import ModulePlace

NOTE = {
    "text": s.TEXT,
    "audience": s.one_of("reader", "maker"),
    "weight": s.NUMBER,
    "about": s.TEXT,
}
PLACE = {
    "name": s.TEXT,
    "module": s.TEXT,
    "block": s.TEXT,
    "aliases": [s.TEXT],
    "on_branch": s.TRUTH,
}
TRACE: Header = {
    "representations": [{"name": s.TEXT, "unit_names": [s.TEXT], "place?": PLACE}],
    "maps": [MAP],
    "class_names": [s.TEXT],
    "name": s.TEXT,
    "bayes_accuracy": s.SHARE,
    # Older files hold text alone.
    "notes": [s.Rule("a note", lambda note: isinstance(note, str | dict))],
    "n_grid_lines?": s.COUNT,
    # Older files have names of points alone.
    "point_names?": [s.TEXT],
    "identity?": IDENTITY,
    "colour?": s.TEXT,
}


def trace_to_parts(trace: Trace) -> tuple[Header, Arrays]:
    """JSON values for the header, and arrays by name, such as ``representation.0``."""
    arrays: Arrays = {"labels": trace.labels}
    for k, representation in enumerate(trace.representations):
        arrays[f"representation.{k}"] = representation.values
    if trace.probabilities is not None:
        arrays["probabilities"] = trace.probabilities
    if trace.held_out is not None:
        arrays["held_out"] = trace.held_out.astype(np.uint8)
    header: Header = {
        "representations": [
            {"name": r.name, "unit_names": list(r.unit_names)}
            | ({} if r.place is None else {"place": asdict(r.place)})
            for r in trace.representations
        ],
        "maps": [map_to_parts(m, f"map.{k}", arrays) for k, m in enumerate(trace.maps)],
        "class_names": list(trace.class_names),
        "name": trace.name,
        "bayes_accuracy": trace.bayes_accuracy,
        "notes": [asdict(note) for note in trace.notes],
    }
    header |= identity_to_parts(trace.identity, "", arrays)
    if trace.colour:
        header["colour"] = trace.colour
    if trace.lattice is not None:
        header["n_grid_lines"] = trace.lattice.n_grid_lines
        arrays["lattice.offsets"] = trace.lattice.offsets
        for k, values in enumerate(trace.lattice.values):
            arrays[f"lattice.{k}"] = values
    return header, arrays


def trace_arrays(header: Header, listing: s.Listing, prefix: str = "") -> dict[str, s.Expected]:
    """The arrays of a trace, by what its header says.

    Raises
    ------
    DamagedError
        When the header is not that of a trace.
    """
    s.check_header(header, TRACE)
    for i, note in enumerate(header["notes"]):
        if isinstance(note, dict):
            s.check_header(note, NOTE, f"notes[{i}]")
    widths = [len(entry["unit_names"]) for entry in header["representations"]]
    if not widths or not all(widths):
        raise s.DamagedError("a representation has no units.")
    if len(header["maps"]) != len(widths) - 1:
        raise s.DamagedError(
            f"{len(widths)} representations are not joined by {len(header['maps'])} maps."
        )
    n_points, n_classes = s.length(listing, f"{prefix}labels"), len(header["class_names"])
    if len(header.get("point_names", ())) not in (0, n_points):
        raise s.DamagedError(f"{len(header['point_names'])} names of points for {n_points} points.")
    arrays = {"labels": s.Expected((n_points,), s.INTEGERS if n_classes else s.FLOATS)}
    for k, width in enumerate(widths):
        arrays[f"representation.{k}"] = s.Expected((n_points, width))
    for k, (entry, ends) in enumerate(zip(header["maps"], pairwise(widths), strict=True)):
        arrays |= map_arrays(entry, f"map.{k}", *ends)
    if f"{prefix}probabilities" in listing:
        arrays["probabilities"] = s.Expected((n_points, n_classes or None))
    if f"{prefix}held_out" in listing:
        arrays["held_out"] = s.Expected((n_points,), ("U8",))
    arrays |= identity_arrays(header, listing, n_points, prefix=prefix)
    if "n_grid_lines" in header:
        n_rows = s.length(listing, f"{prefix}lattice.0", 2)
        arrays["lattice.offsets"] = s.Expected((None,), s.INTEGERS)
        for k, width in enumerate(widths):
            arrays[f"lattice.{k}"] = s.Expected((n_rows, width))
    return {prefix + name: array for name, array in arrays.items()}


def check_trace_values(header: Header, arrays: Arrays) -> None:
    """Hold the values of the arrays of a trace to what they stand for.

    Raises
    ------
    DamagedError
    """
    s.check_labels("labels", arrays["labels"], len(header["class_names"]))
    for name, array in arrays.items():
        if not name.startswith("representation.") and name != "labels":
            s.check_finite(name, array)
    check_identity_values(header, arrays)
    if "n_grid_lines" in header:
        _check_lines(arrays["lattice.offsets"], len(arrays["lattice.0"]), header["n_grid_lines"])


def _check_lines(offsets: Any, n_rows: int, n_grid_lines: int) -> None:
    steps = np.diff(offsets.astype(np.float64))
    if len(offsets) < 1 or offsets[0] != 0 or offsets[-1] != n_rows or not (steps > 0).all():
        raise s.DamagedError(
            f"the offsets of the lattice's lines do not rise from 0 to its {n_rows} points."
        )
    if n_grid_lines > len(steps):
        raise s.DamagedError(f"n_grid_lines is {n_grid_lines}; there are {len(steps)} lines.")


def trace_from_parts(header: Header, arrays: Arrays) -> Trace:
    """The trace that `trace_to_parts` took apart, also where an older version did."""
    entries = header["representations"]
    return Trace(
        representations=tuple(
            Representation(
                str(entry["name"]),
                arrays[f"representation.{k}"],
                tuple(entry["unit_names"]),
                place=_place(entry.get("place")),
            )
            for k, entry in enumerate(entries)
        ),
        maps=tuple(map_from_parts(e, f"map.{k}", arrays) for k, e in enumerate(header["maps"])),
        labels=as_labels(arrays["labels"]),
        class_names=tuple(header["class_names"]),
        probabilities=arrays.get("probabilities"),
        lattice=_lattice(header, arrays, len(entries)),
        name=str(header["name"]),
        bayes_accuracy=header["bayes_accuracy"],
        notes=tuple(_note(note) for note in header["notes"]),
        identity=identity_from_parts(header, arrays),
        colour=str(header.get("colour", "")),
        held_out=as_truths(arrays.get("held_out")),
    )


def as_truths(numbers: Any) -> Any:
    """True for every number but 0; None for None."""
    return None if numbers is None else numbers != 0


def _note(entry: Header | str) -> Note:
    return Note(entry) if isinstance(entry, str) else Note(**{key: entry[key] for key in NOTE})


def _place(entry: dict[str, Any] | None) -> ModulePlace | None:
    """Older files have none."""
    if entry is None:
        return None
    aliases = tuple(map(str, entry["aliases"]))
    name, module, block = (str(entry[key]) for key in ("name", "module", "block"))
    return ModulePlace(name, module, block, aliases, bool(entry["on_branch"]))


def as_labels(labels: Any) -> Any:
    """Class numbers as int64, whatever the file has them in; targets as they are."""
    return labels.astype(np.int64, copy=False) if labels.dtype.kind in "iu" else labels


def _lattice(header: Header, arrays: Arrays, n: int) -> Lattice | None:
    if "n_grid_lines" not in header:
        return None
    values = tuple(arrays[f"lattice.{k}"] for k in range(n))
    offsets = arrays["lattice.offsets"].astype(np.int64, copy=False)
    return Lattice(values, offsets, int(header["n_grid_lines"]))
