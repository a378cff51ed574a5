"""A Trace as a header and arrays."""

from dataclasses import asdict
from typing import cast

from unknot.traces.container import Arrays, Header
from unknot.traces.map_format import map_from_parts, map_to_parts
from unknot.traces.note import Note
from unknot.traces.representation import Lattice, Representation, Trace


def trace_to_parts(trace: Trace) -> tuple[Header, Arrays]:
    """JSON values for the header, and arrays by name, such as ``representation.0``."""
    arrays: Arrays = {"labels": trace.labels}
    for k, representation in enumerate(trace.representations):
        arrays[f"representation.{k}"] = representation.values
    if trace.probabilities is not None:
        arrays["probabilities"] = trace.probabilities
    header: Header = {
        "representations": [
            {"name": r.name, "unit_names": list(r.unit_names)} for r in trace.representations
        ],
        "maps": [map_to_parts(m, f"map.{k}", arrays) for k, m in enumerate(trace.maps)],
        "class_names": list(trace.class_names),
        "name": trace.name,
        "bayes_accuracy": trace.bayes_accuracy,
        "notes": [asdict(note) for note in trace.notes],
    }
    if trace.lattice is not None:
        header["n_grid_lines"] = trace.lattice.n_grid_lines
        arrays["lattice.offsets"] = trace.lattice.offsets
        for k, values in enumerate(trace.lattice.values):
            arrays[f"lattice.{k}"] = values
    return header, arrays


def trace_from_parts(header: Header, arrays: Arrays) -> Trace:
    """The trace that `trace_to_parts` took apart, also where an older version did."""
    entries = header["representations"]
    return Trace(
        representations=tuple(
            Representation(
                str(entry["name"]), arrays[f"representation.{k}"], tuple(entry["unit_names"])
            )
            for k, entry in enumerate(entries)
        ),
        maps=tuple(map_from_parts(e, f"map.{k}", arrays) for k, e in enumerate(header["maps"])),
        labels=arrays["labels"],
        class_names=tuple(header["class_names"]),
        probabilities=arrays.get("probabilities"),
        lattice=_lattice(header, arrays, len(entries)),
        name=str(header["name"]),
        bayes_accuracy=header["bayes_accuracy"],
        # Older files hold text alone.
        notes=tuple(
            Note(**cast("Header", n)) if isinstance(n, dict) else Note(str(n))
            for n in header["notes"]
        ),
    )


def _lattice(header: Header, arrays: Arrays, n: int) -> Lattice | None:
    if "n_grid_lines" not in header:
        return None
    values = tuple(arrays[f"lattice.{k}"] for k in range(n))
    return Lattice(values, arrays["lattice.offsets"], int(header["n_grid_lines"]))
