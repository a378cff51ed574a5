"""A network carried by its values: for layers that the browser does not know or cannot run."""

from typing import Any

import numpy as np

from unknot.maps import Affine
from unknot.projection import Matrix, spread_rows
from unknot.representation import Trace, Values
from unknot.views.page.container import Buffers
from unknot.views.page.quantised import quantise
from unknot.views.page.thinning import MOST_UNITS, Kept

#: Points, and values, from which the principal components of a wide layer are computed.
MAX_ROWS = 20_000
MAX_VALUES = 20_000_000


def values_of(kept: Kept, buffers: Buffers, name: str) -> dict[str, Any]:
    """Every representation at every checkpoint, sixteen bits a value."""
    frames = [_frame(kept.last, k) for k in range(len(kept.last.representations))]
    values: list[list[dict[str, Any]]] = []
    affine: list[list[dict[str, str] | None]] = []
    for i, each in enumerate(kept.traces):
        clouds: list[dict[str, Any]] = []
        for k, representation in enumerate(each.representations):
            cloud = representation.values[kept.rows]
            frame = frames[k]
            shown = cloud if frame is None else (cloud @ frame).astype(np.float32)
            clouds.append(quantise(shown).header(buffers, f"{name}.values.{i}.{k}"))
        values.append(clouds)
        affine.append([_affine(each, k, frames, buffers, f"{name}.{i}.{k}") for k in _maps(each)])
    return {
        "carrier": "values",
        "values": values,
        "affine": affine,
        "representations": [_representation(kept.last, k, frames[k]) for k in range(len(frames))],
        "maps": [_map(kept.last, k, frames) for k in _maps(kept.last)],
    }


def _maps(trace: Trace) -> range:
    return range(len(trace.maps))


def _frame(last: Trace, k: int) -> Matrix | None:
    """The leading principal directions of a wide layer; None where all units are stored."""
    values = last.representations[k].values
    if values.shape[1] <= MOST_UNITS:
        return None
    rows = spread_rows(len(values), min(MAX_ROWS, MAX_VALUES // values.shape[1]))
    return leading_directions(values[rows], MOST_UNITS)


def leading_directions(values: Values, n: int) -> Matrix:
    """The first principal directions, (n_units, n), without a covariance of all the units.

    The randomised method of Halko, Martinsson and Tropp (2011). Where there are fewer points than
    directions, the rest are orthogonal to them.
    """
    from sklearn.utils.extmath import randomized_svd

    centred = values.astype(np.float64)
    centred -= centred.mean(axis=0) if len(values) else 0.0
    some = min(n, len(values))
    found = np.zeros((0, values.shape[1]))
    if some:
        found = randomized_svd(centred, some, random_state=0)[2]
    directions, triangle = np.linalg.qr(np.vstack([found, np.eye(n, values.shape[1])[some:]]).T)
    directions *= np.where(np.diag(triangle) < 0, -1, 1)
    largest = np.abs(directions).argmax(axis=0)
    return directions * np.sign(directions[largest, np.arange(n)])


def _affine(
    trace: Trace, k: int, frames: list[Matrix | None], buffers: Buffers, name: str
) -> dict[str, str] | None:
    """The weights of a map that the page may follow: both its ends are there in full."""
    map_ = trace.maps[k]
    if not isinstance(map_, Affine) or frames[k] is not None or frames[k + 1] is not None:
        return None
    return {
        "weight": buffers.add(f"{name}.weight", map_.weight.astype(np.float32)),
        "bias": buffers.add(f"{name}.bias", map_.bias.astype(np.float32)),
    }


def _representation(last: Trace, k: int, frame: Matrix | None) -> dict[str, Any]:
    r = last.representations[k]
    if frame is None:
        names = None if k else list(r.unit_names)
        return _entry(r.name, r.n_units, names, None)
    n = frame.shape[1]
    told = f"{n} principal components of {r.n_units:,} units"
    return _entry(f"{r.name} ({told})", n, [f"PC {i + 1}" for i in range(n)], told)


def _entry(name: str, n_units: int, names: list[str] | None, reduced: str | None) -> dict[str, Any]:
    return {
        "name": name,
        "n_units": n_units,
        "unit_names": names,
        "shown_units": n_units,
        "reduced": reduced,
    }


def _map(last: Trace, k: int, frames: list[Matrix | None]) -> dict[str, Any]:
    map_ = last.maps[k]
    ends = (frames[k], frames[k + 1])
    widths = [
        last.representations[k + i].n_units if frame is None else frame.shape[1]
        for i, frame in enumerate(ends)
    ]
    is_whole = ends[0] is None and ends[1] is None
    kind = "opaque"
    if is_whole and isinstance(map_, Affine):
        kind = "affine"
    elif is_whole and type(map_).__name__ == "Activation":
        kind = "activation"
    return {"kind": kind, "name": map_.name, "n_in": widths[0], "n_out": widths[1]}
