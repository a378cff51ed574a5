"""Maps as header entries and arrays, shared by traces and runs."""

from unknot.errors import UsageError
from unknot.network.maps import Activation, Affine, Map, Opaque, Softmax, as_activation
from unknot.traces.container import Arrays, Header
from unknot.traces.schema import (
    NUMBER,
    TEXT,
    TRUTH,
    DamagedError,
    Expected,
    Rule,
    check_header,
    one_of,
)

MAP: Header = {
    "kind": one_of("Affine", "Activation", "Softmax", "Opaque"),
    "name": TEXT,
    "is_diagonal?": TRUTH,
    "parameters?": Rule("named numbers", lambda value: isinstance(value, dict)),
}


def map_arrays(entry: Header, prefix: str, n_in: int, n_out: int) -> dict[str, Expected]:
    """The arrays of a map that leads from `n_in` units to `n_out`."""
    for key, value in entry.get("parameters", {}).items():
        schema = [NUMBER] if isinstance(value, list) else NUMBER
        check_header(value, schema, f"{prefix}.parameters.{key}")
    if entry["kind"] in ("Activation", "Softmax") and n_in != n_out:
        raise DamagedError(f"{prefix} keeps the units, but {n_in} become {n_out}.")
    if entry["kind"] != "Affine":
        return {}
    is_diagonal = entry.get("is_diagonal", False)
    if is_diagonal and n_in != n_out:
        raise DamagedError(f"{prefix} is diagonal, but {n_in} units become {n_out}.")
    return {
        f"{prefix}.weight": Expected((n_out,) if is_diagonal else (n_in, n_out)),
        f"{prefix}.bias": Expected((n_out,)),
    }


def is_activation(text: object) -> bool:
    """Whether a text names an activation that there is, with finite parameters."""
    try:
        return isinstance(text, str) and as_activation(text).n_units is None
    except UsageError:
        return False


def map_to_parts(map_: Map, prefix: str, arrays: Arrays) -> Header:
    """The map's header entry; its weights, if any, go to `arrays`."""
    if isinstance(map_, Affine):
        arrays[f"{prefix}.weight"] = map_.numbers
        arrays[f"{prefix}.bias"] = map_.bias
    entry: Header = {"kind": type(map_).__name__, "name": map_.name}
    if isinstance(map_, Affine) and map_.scale is not None:
        entry["is_diagonal"] = True
    if isinstance(map_, Activation) and map_.unusual:
        entry["parameters"] = map_.unusual
    return entry


def map_from_parts(entry: Header, prefix: str, arrays: Arrays) -> Map:
    """The map of a header entry."""
    kind, name = entry["kind"], str(entry["name"])
    if kind == "Affine":
        return Affine(arrays[f"{prefix}.weight"], arrays[f"{prefix}.bias"], name)
    if kind == "Activation":
        return Activation(name, **entry.get("parameters", {}))
    # Older files call it opaque.
    if kind == "Softmax" or (kind, name) == ("Opaque", "softmax"):
        return Softmax()
    if kind == "Opaque":
        return Opaque(name)
    raise UsageError(f"Unknown kind of map {str(kind)[:50]!r}.")
