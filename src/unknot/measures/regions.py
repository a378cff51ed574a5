"""Decision regions: of how many pieces each is, bounded or not, and how many holes it has.

The space of a representation with 2 or 3 units is cut into cells, fine where the data are and
coarser out to ten times their extent; a class's region is the union of the closed cells in whose
middle the rest of the network decides for it. The homology of such a union of cubes is exact:
pieces are counted, holes enclosed by the region are pieces of what lies outside, and the one
number that is left follows from the Euler characteristic (Kaczynski, Mischaikow and Mrozek,
*Computational Homology*, 2004).
"""

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.measures.table import Matrix, Missing, Place, measure_of

#: Half extents of the data up to which there are fine cells, and up to which there are any.
NEAR, FAR = 1.5, 10.0
#: Share of the cells along an axis that are fine.
FINE = 0.6
#: Cells along an axis, by the number of axes: two neighbours must agree, the coarsest first.
SIDES = {2: (256, 512, 1_024), 3: (64, 96, 128)}
#: Rows that go through the network at once.
BATCH = 65_536
#: Classes up to which regions are counted.
MAX_CLASSES = 20

NO_CLASSIFIER = "the rest of the network is no classifier, or has a map that is not known"

Decide = Callable[[Matrix], NDArray[np.floating] | None]


@dataclass(frozen=True)
class DecisionRegion:
    """Where a network decides for one class.

    Attributes
    ----------
    components : int
        Its pieces.
    bounded : int
        Those of them that end within ten times the extent of the data.
    holes : tuple of int
        In the plane the holes; in space the handles (loops that cannot be pulled together) and
        the voids.
    """

    components: int
    bounded: int
    holes: tuple[int, ...]


def half_extent(low: float, high: float) -> float:
    """Of the data along an axis; of data without any, that of a window around them."""
    return (high - low) / 2 or max(abs(high), 1.0)


def axis_of(low: float, high: float, n: int) -> NDArray[np.float64]:
    """(n,) middles of the cells along an axis: even around the data, then ever wider.

    Parameters
    ----------
    low, high : float
        Of the data.
    n : int
    """
    half = half_extent(low, high)
    n_outer = round((1 - FINE) * n / 2)
    n_inner = n - 2 * n_outer
    step = 2 * NEAR / n_inner
    growth = _growth(n_outer, (FAR - NEAR) / step)
    outer = NEAR + step * np.cumsum(growth ** np.arange(1, n_outer + 1))
    edges = np.concatenate([-outer[::-1], np.linspace(-NEAR, NEAR, n_inner + 1), outer])
    return (low + high) / 2 + half * (edges[1:] + edges[:-1]) / 2


def _growth(n: int, total: float) -> float:
    """The ratio at which `n` steps, the one before them 1, come to `total`: by bisection."""
    low, high = 1.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        if float((middle ** np.arange(1, n + 1)).sum()) < total:
            low = middle
        else:
            high = middle
    return low


def decisions(decide: Decide, values: Matrix, n: int) -> NDArray[np.int64]:
    """The class decided for in each cell of a grid around a cloud.

    Parameters
    ----------
    decide : callable
        (n, n_axes) values → (n, n_classes) probabilities.
    values : (n_points, n_axes) float64
    n : int
        Cells along each axis.

    Returns
    -------
    (n, …, n) int64

    Raises
    ------
    Missing
        Where the network gives no class.
    """
    axes = [axis_of(*ends, n) for ends in zip(values.min(axis=0), values.max(axis=0), strict=True)]
    classes = np.empty(n ** len(axes), np.int64)
    for start in range(0, len(classes), BATCH):
        rows = np.arange(start, min(start + BATCH, len(classes)))
        places = np.unravel_index(rows, (n,) * len(axes))
        points = np.column_stack([axis[place] for axis, place in zip(axes, places, strict=True)])
        with np.errstate(over="ignore", invalid="ignore"):
            p = decide(points)
        if p is None:
            raise Missing(NO_CLASSIFIER)
        if not np.isfinite(p).all():
            raise Missing("far from the data the network gives no finite output")
        classes[rows] = p.argmax(axis=1)
    return classes.reshape((n,) * len(axes))


def region_of(cells: NDArray[np.bool_]) -> DecisionRegion:
    """The homology of a union of closed cells of a grid.

    Parameters
    ----------
    cells : (n, …) bool array of 2 or 3 axes
    """
    touching = np.ones((3,) * cells.ndim)
    pieces, n_unbounded = _counts(*pieces_of(cells, touching))
    outside, n_open = _counts(*pieces_of(~cells))
    enclosed = outside - n_open
    rest = pieces - euler_characteristic(cells)
    holes = (rest,) if cells.ndim == 2 else (rest + enclosed, enclosed)
    return DecisionRegion(pieces, pieces - n_unbounded, holes)


def pieces_of(
    cells: NDArray[np.bool_], structure: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The piece of each cell, from 1, and the pieces that reach the edge of the grid.

    Parameters
    ----------
    cells : (n, …) bool array
    structure : array, optional
        Which neighbours are joined, as in SciPy's ``label``; left out, those that share a face.

    Returns
    -------
    labels : (n, …) int32
        0 outside.
    unbounded : (n_unbounded,) int32
    """
    from scipy import ndimage

    labels: NDArray[np.int32] = cast("Any", ndimage).label(cells, structure)[0]
    faces = [labels.take(i, axis) for axis in range(cells.ndim) for i in (0, -1)]
    edge = np.unique(np.concatenate([face.ravel() for face in faces]))
    return labels, edge[edge > 0]


def _counts(labels: NDArray[np.int32], unbounded: NDArray[np.int32]) -> tuple[int, int]:
    return int(labels.max(initial=0)), len(unbounded)


def _has_specks(cells: NDArray[np.bool_]) -> bool:
    """Whether a piece, of the class or of the rest, is no larger than a cell and its neighbours.

    The tip of a wedge thinner than a cell comes apart like that, on every grid anew.
    """
    largest = 3**cells.ndim
    labelled = (pieces_of(cells, np.ones((3,) * cells.ndim))[0], pieces_of(~cells)[0])
    sizes = np.concatenate([np.bincount(labels.ravel())[1:] for labels in labelled])
    return bool((sizes <= largest).any())


def euler_characteristic(cells: NDArray[np.bool_]) -> int:
    """Of a union of closed cells: vertices − edges + faces − …, each counted once."""
    n_axes, total = cells.ndim, 0
    padded = np.pad(cells, 1)
    for n_flat in range(n_axes + 1):
        for flat in combinations(range(n_axes), n_flat):
            part = padded
            for axis in flat:
                ahead = np.swapaxes(part, 0, axis)
                part = np.swapaxes(ahead[1:] | ahead[:-1], 0, axis)
            total += (-1) ** (n_axes - n_flat) * int(np.count_nonzero(part))
    return total


def decision_regions(decide: Decide, values: Matrix) -> tuple[list[DecisionRegion], int]:
    """The regions of all classes, when two grids agree on them.

    Parameters
    ----------
    decide : callable
        (n, n_axes) values → (n, n_classes) probabilities.
    values : (n_points, n_axes) float64
        2 or 3 axes; the grid is laid around them.

    Returns
    -------
    regions : list of DecisionRegion
        One a class.
    n : int
        Cells along an axis of the finer of the two grids.

    Raises
    ------
    Missing
        With other than 2 or 3 axes, without a classifier, with too many classes, and where no two
        grids agree.
    """
    sides = SIDES.get(values.shape[1])
    if sides is None:
        raise Missing("regions are counted in 2 or 3 units")
    n_classes = _n_classes(decide, values)
    if n_classes > MAX_CLASSES:
        raise Missing(f"there are more than {MAX_CLASSES} classes")
    before: list[DecisionRegion] | None = None
    for n in sides:
        grid = decisions(decide, values, n)
        regions = [region_of(grid == c) for c in range(n_classes)]
        if regions == before and not any(_has_specks(grid == c) for c in range(n_classes)):
            return regions, n
        before = regions
    raise Missing(f"grids of {sides[-2]} and {sides[-1]} cells a side disagree: details are finer")


def _n_classes(decide: Decide, values: Matrix) -> int:
    p = decide(values[:1])
    if p is None:
        raise Missing(NO_CLASSIFIER)
    return p.shape[1]


#: The place last counted, so that both measures share one count. Held weakly.
_last: tuple[weakref.ref[Place], list[DecisionRegion]] | None = None


def _regions(place: Place) -> list[DecisionRegion]:
    global _last
    if _last is not None and _last[0]() is place:
        return _last[1]
    if place.decide is None:
        raise Missing(NO_CLASSIFIER)
    regions, _ = decision_regions(place.decide, place.values)
    _last = (weakref.ref(place), regions)
    return regions


@measure_of(
    title="pieces of each class's decision region, and how many are bounded",
    range=(0, None),
    max_points=100_000,
    by_default=False,
    needs=("classes",),
    is_list=True,
)
def region_components(place: Place) -> list[list[int]]:
    """Of each class: the pieces of the region where the network decides for it, and the bounded.

    The rest of the network reads points anywhere in the space of this representation. Bounded is
    a piece that ends within ten times the data's half extent, on each axis. Two grids, one twice
    as fine (in space by half), must agree on all numbers. A network no layer of which is wider
    than the input has no bounded piece (Beise, Dias Da Cruz, Schröder 2021: continuous strictly
    monotone activations, and relu).

    Range: 0 and up; neither direction is better. Failings: what is thinner than a cell (about
    1 % of the extent of the data in the plane, 4 % in space, more outside) can be missed by both
    grids; a piece that ends farther out than ten times is called unbounded.

    Raises
    ------
    Missing
        In other than 2 or 3 units, where the rest of the network is no classifier that is known,
        with more than 20 classes, and where the grids disagree.
    """
    return [[region.components, region.bounded] for region in _regions(place)]


@measure_of(
    title="holes of each class's decision region",
    range=(0, None),
    max_points=100_000,
    by_default=False,
    needs=("classes",),
    is_list=True,
)
def region_holes(place: Place) -> list[list[int]]:
    """Of each class: holes of its decision region in the plane; in space handles, and voids.

    The Betti numbers above the first of the region of `region_components`; range, failings and
    what it has no meaning for are the same.
    """
    return [list(region.holes) for region in _regions(place)]
