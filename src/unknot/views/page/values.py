"""A network carried by its values: for layers that the browser does not know or cannot run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import spread_rows
from unknot.motion.corners import class_order, class_scores, corner_frame
from unknot.motion.directions import principal_directions
from unknot.motion.projection import Matrix
from unknot.network.maps import Activation, Affine, Map
from unknot.traces.lattice import Lattice, box
from unknot.traces.representation import Trace, Values
from unknot.views.page.container import Buffers
from unknot.views.page.excerpt import DIRECTIONS, MOST_UNITS, Excerpt
from unknot.views.page.maps import carried, map_header, map_numbers

#: The largest number of sixteen bits.
STEPS = 65_535
#: Columns above which a picture of carried values is a few directions among many: twelve bits do
#: then, a seventh of a pixel of a picture 600 wide, and the file is a sixth smaller.
FINE_UNITS = 16


@dataclass(frozen=True)
class Quantised:
    """``value = low + (high − low) · q / 65535``, unit by unit.

    Attributes
    ----------
    numbers : (n_points, n_units) uint16
    low, high : (n_units,) float64
    """

    numbers: NDArray[np.uint16]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def values(self) -> NDArray[np.float64]:
        """What the page shows; off by half a step at most: see `quantise`."""
        return self.low + (self.high - self.low) * (self.numbers / STEPS)

    def header(self, buffers: Buffers, name: str) -> dict[str, Any]:
        """Its entry in the header, with the numbers among the buffers."""
        return {
            "buffer": buffers.add(name, self.numbers),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
        }


def quantise(values: Values, *, is_fine: bool = True) -> Quantised:
    """Round every unit to steps between its smallest and its largest value.

    Fine ones are 1/65,535 of its range, others 1/4,095: their numbers are multiples of 16, whose
    four zeros take little room in a compressed file.
    """
    multiple = 1 if is_fine else 16
    steps = STEPS // multiple
    if not len(values):
        empty = np.zeros(values.shape[1])
        return Quantised(np.zeros(values.shape, np.uint16), empty, empty)
    low = values.min(axis=0).astype(np.float64)
    high = values.max(axis=0).astype(np.float64)
    span = np.where(high > low, high - low, 1.0)
    numbers = np.empty(values.shape, np.uint16)
    # In pieces: a float64 copy of a million points in many units would not fit.
    for start in range(0, len(values), 65_536):
        rows = slice(start, start + 65_536)
        share = (values[rows] - low) / span
        numbers[rows] = np.rint(np.clip(share, 0, 1) * steps) * multiple
    # The largest multiple stands for the largest value.
    return Quantised(numbers, low, low + (high - low) * (STEPS / (steps * multiple)))


#: Points, and values, from which the directions are worked out.
MAX_ROWS = 20_000
MAX_VALUES = 20_000_000


#: Of a trace: what `frames` says.
_frames: WeakKeyDictionary[Trace, list[Matrix | None]] = WeakKeyDictionary()


def frames(last: Trace) -> list[Matrix | None]:
    """Orthonormal directions (n_units, DIRECTIONS) of each wide layer; None for the others.

    A layer before and after its activation has the same, those of both clouds together: a map
    that acts unit by unit is then seen as it is in the directions that are kept. Where the units
    are the classes, the planes of their corners are among them.
    """
    if last not in _frames:
        directions: list[Matrix | None] = []
        for group in _groups(last):
            clouds = [last.representations[k].values for k in group]
            frame = None
            if clouds[0].shape[1] > MOST_UNITS:
                are_classes = set(group) & set(class_scores(last))
                order = class_order(last)
                frame = _with_corners(clouds, order) if are_classes else _common(clouds)
            directions += [frame] * len(group)
        _frames[last] = directions
    return _frames[last]


def _with_corners(clouds: list[Values], order: tuple[int, ...]) -> Matrix:
    """The corners' planes in two and three axes, and the leading directions of what is left."""
    corners = np.linalg.qr(np.hstack([corner_frame(order, n) for n in (2, 3)]))[0]
    rest = _common([cloud - (cloud @ corners) @ corners.T for cloud in clouds])
    count = DIRECTIONS - corners.shape[1]
    return np.linalg.qr(np.hstack([corners, rest[:, :count]]))[0]


def variance_kept(values: Values, frame: Matrix) -> float:
    """The share of a cloud's variance along the columns of a frame, 0 to 1."""
    if not len(values):
        return 1.0
    some = _some(values, 1)
    whole = float(some.var(axis=0).sum())
    return float((some @ frame).var(axis=0).sum()) / whole if whole > 0 else 1.0


def leading_directions(values: Values, n: int) -> Matrix:
    """The first principal directions, (n_units, n); where there are no points, units."""
    return principal_directions(values, n)[0] if len(values) else np.eye(values.shape[1], n)


def _groups(last: Trace) -> list[list[int]]:
    """Representations that are joined by activations."""
    groups = [[0]]
    for k, map_ in enumerate(last.maps, 1):
        if isinstance(map_, Activation):
            groups[-1].append(k)
        else:
            groups.append([k])
    return groups


def _common(clouds: Sequence[Values]) -> Matrix:
    some = [_some(cloud, len(clouds)) for cloud in clouds]
    centred = [cloud - cloud.mean(axis=0) if len(cloud) else cloud for cloud in some]
    return leading_directions(np.vstack(centred), DIRECTIONS)


def _some(values: Values, n_clouds: int) -> Matrix:
    most = min(MAX_ROWS, MAX_VALUES // values.shape[1]) // n_clouds
    return values[spread_rows(len(values), most)].astype(np.float64)


#: Values of a lattice: of one that has more, points on its lines are left out.
MOST_LATTICE_VALUES = 1_000_000


def values_of(excerpt: Excerpt, buffers: Buffers, name: str) -> dict[str, Any]:
    """Every representation at every checkpoint, sixteen bits a value."""
    directions, rows = frames(excerpt.last), excerpt.rows
    values: list[list[dict[str, Any]]] = []
    affine: list[list[dict[str, str] | None]] = []
    moments = list(zip(*excerpt.maps, strict=True))
    names = [carried(maps) for maps in moments]
    for i, each in enumerate(excerpt.traces):
        clouds = [
            _carried(r.values[rows], frame).header(buffers, f"{name}.values.{i}.{k}")
            for k, (r, frame) in enumerate(zip(each.representations, directions, strict=True))
        ]
        values.append(clouds)
        affine.append(
            [
                _affine(each, k, directions, buffers, f"{name}.{i}.{k}")
                or _parameters(each, k, names[k], buffers, f"{name}.{i}.{k}")
                for k in range(len(each.maps))
            ]
        )
    n = len(excerpt.last.representations)
    return {
        "carrier": "values",
        "values": values,
        "affine": affine,
        "representations": [_representation(excerpt.last, k, directions[k]) for k in range(n)],
        "maps": [_map(excerpt.last, k, directions, moments[k]) for k in range(n - 1)],
        "lattice": _lattice(excerpt.last, directions, buffers, f"{name}.lattice"),
    }


def _carried(values: Values, frame: Matrix | None) -> Quantised:
    along = values if frame is None else (values @ frame).astype(np.float32)
    return quantise(along, is_fine=along.shape[1] <= FINE_UNITS)


def _affine(
    trace: Trace, k: int, directions: list[Matrix | None], buffers: Buffers, name: str
) -> dict[str, str] | None:
    """The weights of a map that the page follows, from and to the directions that are stored."""
    map_ = trace.maps[k]
    if not isinstance(map_, Affine):
        return None
    before, after = directions[k], directions[k + 1]
    bias = map_.bias if after is None else map_.bias @ after
    weight = map_.weight if after is None else map_.before(after)
    if before is not None:
        weight = before.T @ weight
    return {
        "weight": buffers.add(f"{name}.weight", weight.astype(np.float32)),
        "bias": buffers.add(f"{name}.bias", bias.astype(np.float32)),
    }


def _parameters(
    trace: Trace, k: int, names: list[str], buffers: Buffers, name: str
) -> dict[str, str] | None:
    """What an activation has of numbers that are no part of its formula."""
    if not names:
        return None
    numbers = map_numbers(trace.maps[k], trace.representations[k].n_units, names)
    return {"parameters": buffers.add(f"{name}.parameters", np.stack(numbers))}


def _representation(last: Trace, k: int, frame: Matrix | None) -> dict[str, Any]:
    r = last.representations[k]
    n = r.n_units if frame is None else frame.shape[1]
    names = None if 0 < k < len(last.maps) else list(last.unit_titles(k))
    reduced = None
    if frame is not None:
        names = [f"direction {i + 1}" for i in range(n)]
        share = variance_kept(r.values, frame)
        reduced = f"{n} directions stand for {r.n_units:,} units, {share:.0%} of the spread"
    return {
        "name": r.name,
        "n_units": n,
        "unit_names": names,
        "shown_units": n,
        "whole_units": r.n_units,
        "reduced": reduced,
    }


def _map(
    last: Trace, k: int, directions: list[Matrix | None], moments: Sequence[Map]
) -> dict[str, Any]:
    widths = [
        last.representations[k + i].n_units if frame is None else frame.shape[1]
        for i, frame in enumerate(directions[k : k + 2])
    ]
    is_reduced = any(frame is not None for frame in directions[k : k + 2])
    return map_header(moments, widths[0], widths[1], is_reduced)


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
            _carried(values[rows], frame).header(buffers, f"{name}.{k}")
            for k, (values, frame) in enumerate(zip(lattice.values, directions, strict=True))
        ],
    }


def _thinned(lattice: Lattice, n_units: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Rows of the lattice that are stored, its lines' ends among them, and where the lines end."""
    stride = max(-(-len(lattice.values[0]) * n_units // MOST_LATTICE_VALUES), 1)
    lines = [
        np.unique(np.append(np.arange(int(start), int(stop), stride), int(stop) - 1))
        for start, stop in zip(lattice.offsets[:-1], lattice.offsets[1:], strict=True)
    ]
    ends = np.concatenate([[0], np.cumsum([len(line) for line in lines])])
    return np.concatenate(lines), ends.astype(np.int32)
