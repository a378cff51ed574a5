"""Maps as header entries and arrays, shared by traces and runs."""

from unknot.errors import UsageError
from unknot.network.maps import Activation, Affine, Map, Opaque, Softmax
from unknot.traces.container import Arrays, Header


def map_to_parts(map_: Map, prefix: str, arrays: Arrays) -> Header:
    """The map's header entry; its weights, if any, go to `arrays`."""
    if isinstance(map_, Affine):
        arrays[f"{prefix}.weight"] = map_.weight
        arrays[f"{prefix}.bias"] = map_.bias
    entry: Header = {"kind": type(map_).__name__, "name": map_.name}
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
