"""The points that a measure is given: drawn by one stated rule, converted when they are asked for.

More points than a measure can afford are thinned out: a random order of all rows is drawn once
from the seed, stratified by class, and every measure gets as many of the first as it may have. So
every representation, epoch and measure looks at the same points, and each class keeps its share.
"""

import weakref
from collections.abc import Sequence
from functools import partial
from typing import Protocol, overload

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.labels import labelled_rows
from unknot.measures.table import Labels, Matrix, Measure, Missing, Place
from unknot.network.maps import Affine, Map
from unknot.traces.representation import Trace, Values

#: The most values (points × units of the widest layer so far) that any measure is given.
MAX_VALUES = 20_000_000
#: However wide the layer is, a measure may have so many points.
FEWEST_POINTS = 256
#: Spread below this share of the values' own size is rounding.
ROUNDING = 1e-12


class View(Protocol):
    """A trace as it is seen: what a `Scene` offers."""

    @property
    def length(self) -> int:
        """The last `t`: the number of maps."""
        ...

    trace: Trace

    def points(self, t: float) -> Values:
        """(n_points, n_axes) of the points at `t`."""
        ...


class Clouds(Sequence[Matrix]):
    """Some rows of each representation as float64, one at a time as they are asked for."""

    def __init__(self, values: Sequence[Values], rows: NDArray[np.int64] | slice) -> None:
        self._values, self._rows = values, rows

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def __getitem__(self, index: int) -> Matrix: ...
    @overload
    def __getitem__(self, index: slice) -> "Clouds": ...
    def __getitem__(self, index: int | slice) -> "Matrix | Clouds":
        if isinstance(index, slice):
            return Clouds(self._values[index], self._rows)
        return self._values[index][self._rows].astype(np.float64)


def random_order(labels: Labels, seed: int, *, all_rows: bool = False) -> NDArray[np.int64]:
    """Rows in the order in which they are drawn: every beginning has the classes' shares.

    Points without a label are left out, unless `all_rows` are asked for.
    The i-th of a class of n points comes at (i + u) / n of the way, with one u in 0 … 1 a class.
    The order is not to be written to: every view of the same labels gets the last one again.
    """
    global _last
    last = _last
    if last is not None and last[0]() is labels and last[1:3] == (seed, all_rows):
        return last[3]
    order = _drawn_order(labels, seed, all_rows)
    order.setflags(write=False)
    _last = (weakref.ref(labels), seed, all_rows, order)
    return order


#: Labels, seed and whether of all rows, and their order. The labels are held weakly.
_last: tuple[weakref.ref[Labels], int, bool, NDArray[np.int64]] | None = None


def _drawn_order(labels: Labels, seed: int, all_rows: bool) -> NDArray[np.int64]:
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    rows = labelled_rows(labels)
    if len(rows) < len(labels) and not all_rows:
        return rows[_drawn_order(labels[rows], seed, False)]
    if labels.dtype.kind != "i":
        return order
    place = np.empty(len(labels))
    for label in np.unique(labels):
        rows = np.flatnonzero(labels[order] == label)
        place[rows] = (np.arange(len(rows)) + rng.uniform()) / len(rows)
    return order[np.argsort(place, kind="stable")]


def n_points_for(entry: Measure, widths: Sequence[int], n_points: int) -> int:
    """How many points a measure is given of a representation, the last of `widths`."""
    allowed = [n_points, max(MAX_VALUES // max(widths), FEWEST_POINTS)]
    if entry.max_points is not None:
        allowed.append(entry.max_points)
    if entry.max_values is not None:
        allowed.append(max(entry.max_values // widths[-1], FEWEST_POINTS))
    return min(allowed)


def place_of(
    trace: Trace,
    k: int,
    order: NDArray[np.int64],
    n: int,
    seed: int,
    shown: Values | None,
    shown_before: Values | None = None,
    fewest_of_class: int = 0,
) -> Place:
    """Representation `k` at the first `n` rows of `order`, and more of rare classes."""
    weights = None
    # All of them in their own order: a slice costs nothing.
    rows = slice(None) if n == trace.n_points else np.sort(order[:n])
    if fewest_of_class and n < len(order) and trace.labels.dtype.kind == "i":
        rows, weights = _with_rare(trace.labels, order, n, fewest_of_class)
    clouds = Clouds([r.values for r in trace.representations[: k + 1]], rows)
    predicted = trace.predictions if k == len(trace.maps) else None
    return Place(
        values=clouds[k],
        labels=trace.labels[rows],
        before=clouds[k - 1] if k else None,
        map=trace.maps[k - 1] if k else None,
        inputs=clouds,
        maps=trace.maps[:k],
        head=_head(trace, k),
        shown=None if shown is None else shown[rows].astype(np.float64),
        shown_before=None if shown_before is None else shown_before[rows].astype(np.float64),
        seed=seed,
        held_out=None if trace.held_out is None else trace.held_out[rows],
        weights=weights,
        predicted=None if predicted is None else predicted[rows],
        decide=partial(trace.class_probabilities, start=k),
    )


def _with_rare(
    labels: Labels, order: NDArray[np.int64], n: int, fewest: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The first `n` rows, and the next of classes with too few, with the points each stands for."""
    classes, index, counts = np.unique(labels[order], return_inverse=True, return_counts=True)
    least = min(fewest, 2 * n // len(classes))
    is_chosen = np.arange(len(order)) < n
    for c in range(len(classes)):
        is_chosen[np.flatnonzero(index == c)[:least]] = True
    weights = (counts / np.bincount(index[is_chosen], minlength=len(classes)))[index]
    places = np.flatnonzero(is_chosen)
    places = places[np.argsort(order[places])]
    return order[places], weights[places]


def _head(trace: Trace, k: int) -> Map | None:
    affine = [i for i, map_ in enumerate(trace.maps) if isinstance(map_, Affine)]
    return trace.maps[k] if affine and affine[-1] == k else None


def unit_scale(values: NDArray[np.floating]) -> Matrix:
    """Centre a cloud and divide it by its largest value, for measures that ignore scale.

    Parameters
    ----------
    values : (n_points, n_units) float array

    Returns
    -------
    (n_points, n_units) float64 array
        Within −1 and 1, each unit with mean 0. Sums of its fourth powers cannot overflow.

    Raises
    ------
    Missing
        When all points are equal.
    """
    size = float(np.abs(values).max(initial=0.0))
    centred = values - values.mean(axis=0, dtype=np.float64)
    largest = float(np.abs(centred).max(initial=0.0))
    if largest <= ROUNDING * size:
        raise Missing("all points are equal")
    return centred / largest


def in_span(x: Matrix) -> Matrix:
    """Coordinates of the points in their own span, (n_points, at most n_points).

    A turn of the cloud, by QR: with more units than points the rest of the space holds nothing.
    """
    n_points, n_units = x.shape
    if n_units <= n_points:
        return x
    r: Matrix = np.linalg.qr(x.T, mode="r")  # pyright: ignore[reportAssignmentType]
    return r.T


def standardise(values: NDArray[np.floating], like: NDArray[np.floating]) -> Matrix:
    """Subtract the mean of each unit of `like` and divide by its standard deviation.

    Parameters
    ----------
    values : (n_points, n_units) float array
    like : (n_rows, n_units) float array
        The rows that the mean and the deviation are taken from.

    Returns
    -------
    (n_points, n_units) float64 array
        A unit with under 1e−5 of the largest deviation is not blown up to unit size: its spread
        is rounding. Units without spread are 0 in the rows of `like`.
    """
    mean, scale = like.mean(axis=0, dtype=np.float64), like.std(axis=0, dtype=np.float64)
    floor = np.maximum(1e-5 * float(scale.max(initial=0.0)), ROUNDING * np.abs(mean))
    floor[floor == 0] = 1.0
    return (values - mean) / np.maximum(scale, floor)
