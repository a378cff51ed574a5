"""A network carried by its values: for layers that the browser does not know or cannot run."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.motion.projection import Matrix
from unknot.network.maps import Affine
from unknot.traces.lattice import box
from unknot.traces.representation import Lattice, Trace, Values
from unknot.views.page.components import frames, variance_kept
from unknot.views.page.container import Buffers
from unknot.views.page.quantised import quantise
from unknot.views.page.thinning import Excerpt

#: Values of a lattice: of one that has more, points on its lines are left out.
MOST_LATTICE_VALUES = 1_000_000


def values_of(kept: Excerpt, buffers: Buffers, name: str) -> dict[str, Any]:
    """Every representation at every checkpoint, sixteen bits a value."""
    directions = frames(kept.last)
    values: list[list[dict[str, Any]]] = []
    affine: list[list[dict[str, str] | None]] = []
    for i, each in enumerate(kept.traces):
        clouds = [
            quantise(_along(r.values[kept.rows], frame)).header(buffers, f"{name}.values.{i}.{k}")
            for k, (r, frame) in enumerate(zip(each.representations, directions, strict=True))
        ]
        values.append(clouds)
        affine.append(
            [
                _affine(each, k, directions, buffers, f"{name}.{i}.{k}")
                for k in range(len(each.maps))
            ]
        )
    n = len(kept.last.representations)
    return {
        "carrier": "values",
        "values": values,
        "affine": affine,
        "representations": [_representation(kept.last, k, directions[k]) for k in range(n)],
        "maps": [_map(kept.last, k, directions) for k in range(n - 1)],
        "lattice": _lattice(kept.last, directions, buffers, f"{name}.lattice"),
    }


def _along(values: Values, frame: Matrix | None) -> Values:
    return values if frame is None else (values @ frame).astype(np.float32)


def _affine(
    trace: Trace, k: int, directions: list[Matrix | None], buffers: Buffers, name: str
) -> dict[str, str] | None:
    """The weights of a map that the page follows, from and to the directions that are stored."""
    map_ = trace.maps[k]
    if not isinstance(map_, Affine):
        return None
    before, after = directions[k], directions[k + 1]
    weight, bias = map_.weight, map_.bias
    if before is not None:
        weight = before.T @ weight
    if after is not None:
        weight, bias = weight @ after, bias @ after
    return {
        "weight": buffers.add(f"{name}.weight", weight.astype(np.float32)),
        "bias": buffers.add(f"{name}.bias", bias.astype(np.float32)),
    }


def _representation(last: Trace, k: int, frame: Matrix | None) -> dict[str, Any]:
    r = last.representations[k]
    n = r.n_units if frame is None else frame.shape[1]
    names = None if 0 < k < len(last.maps) else list(last.unit_titles(k))
    reduced = None
    if frame is not None:
        names = [f"direction {i + 1}" for i in range(n)]
        share = variance_kept(r.values, frame)
        reduced = f"{n} directions are kept of {r.n_units:,} units, {share:.0%} of the variance"
    return {
        "name": r.name,
        "n_units": n,
        "unit_names": names,
        "shown_units": n,
        "whole_units": r.n_units,
        "reduced": reduced,
    }


def _map(last: Trace, k: int, directions: list[Matrix | None]) -> dict[str, Any]:
    map_ = last.maps[k]
    widths = [
        last.representations[k + i].n_units if frame is None else frame.shape[1]
        for i, frame in enumerate(directions[k : k + 2])
    ]
    return {
        "kind": type(map_).__name__.lower(),
        "name": map_.name,
        "n_in": widths[0],
        "n_out": widths[1],
        "is_reduced": any(frame is not None for frame in directions[k : k + 2]),
    }


def _lattice(
    last: Trace, directions: list[Matrix | None], buffers: Buffers, name: str
) -> dict[str, Any] | None:
    """The grid and the boundary in every representation, as the trace has them."""
    lattice = last.lattice
    if lattice is None or not len(lattice.values[0]):
        return None
    rows, offsets = _thinned(lattice, sum(v.shape[1] for v in lattice.values))
    low, high = box(last.representations[0].values)
    return {
        "low": low.tolist(),
        "high": high.tolist(),
        "rows": 0,
        "columns": 0,
        "offsets": buffers.add(f"{name}.offsets", offsets),
        "n_grid_lines": lattice.n_grid_lines,
        "values": [
            quantise(_along(values[rows], frame)).header(buffers, f"{name}.{k}")
            for k, (values, frame) in enumerate(zip(lattice.values, directions, strict=True))
        ],
    }


def _thinned(lattice: Lattice, n_units: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Rows of the lattice that are stored, its lines' ends among them, and where the lines end."""
    stride = max(-(-len(lattice.values[0]) * n_units // MOST_LATTICE_VALUES), 1)
    lines = [
        np.unique(np.append(np.arange(start, stop, stride), stop - 1))
        for start, stop in zip(lattice.offsets[:-1], lattice.offsets[1:], strict=True)
    ]
    ends = np.concatenate([[0], np.cumsum([len(line) for line in lines])])
    return np.concatenate(lines), ends.astype(np.int32)
