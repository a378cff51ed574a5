"""Corners: the output of many classes as it is decided, each class at a corner of a polygon."""

from functools import cache
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import spread_rows
from unknot.motion.rotation import Matrix, polar
from unknot.network.maps import Softmax
from unknot.traces.representation import Trace

#: Classes from which a plane cannot be that of the units themselves.
FEWEST_CLASSES = 3
#: Rows from which the order of the classes is worked out.
MAX_ROWS = 20_000
#: Share of the rows whose largest unit must be their most probable class.
AGREEMENT = 0.99
#: Improvements of the round tour at most.
MOST_SWAPS = 2_000

#: Of a trace: what `class_scores` and `class_order` say.
_scores: WeakKeyDictionary[Trace, tuple[int, ...]] = WeakKeyDictionary()
_orders: WeakKeyDictionary[Trace, tuple[int, ...]] = WeakKeyDictionary()


def class_scores(trace: Trace) -> tuple[int, ...]:
    """The last representations whose units are the classes: logits, log or plain probabilities.

    Empty for fewer than 3 classes, and where it is not known that the units are the classes.
    """
    if trace not in _scores:
        _scores[trace] = _class_scores(trace)
    return _scores[trace]


def _class_scores(trace: Trace) -> tuple[int, ...]:
    if trace.n_classes < FEWEST_CLASSES or trace.colour:
        return ()
    last = len(trace.maps)
    is_softmax = bool(trace.maps) and isinstance(trace.maps[-1], Softmax)
    places: list[int] = []
    for k in range(last, -1, -1):
        known = k >= last - 1 and is_softmax
        if trace.representations[k].n_units != trace.n_classes:
            break
        if not known and not _decides(trace, k):
            break
        places.append(k)
    return tuple(reversed(places))


def _decides(trace: Trace, k: int) -> bool:
    """Whether the largest unit of a representation is the most probable class."""
    p = trace.probabilities
    if p is None or p.shape != (trace.n_points, trace.n_classes) or not len(p):
        return False
    rows = spread_rows(trace.n_points, MAX_ROWS)
    best = trace.representations[k].values[rows].argmax(axis=1)
    same: NDArray[np.bool] = best == p[rows].argmax(axis=1)
    return float(np.mean(same)) >= AGREEMENT


def class_order(trace: Trace) -> tuple[int, ...]:
    """The classes around the polygon: those that the network confuses stand side by side.

    A round tour through the classes' mean scores that is short: the nearest class each time, then
    pieces of the tour are turned round while that makes it shorter (2-opt). Empty where the units
    of no representation are the classes.
    """
    if trace not in _orders:
        places = class_scores(trace)
        _orders[trace] = tuple(round_tour(_means(trace, places[0])).tolist()) if places else ()
    return _orders[trace]


def _means(trace: Trace, k: int) -> Matrix:
    """The mean scores of each class's points, (n_classes, n_classes)."""
    n = trace.n_classes
    rows = spread_rows(trace.n_points, MAX_ROWS)
    values = trace.representations[k].values[rows].astype(np.float64)
    labels = trace.labels[rows]
    own = labels >= 0
    means, counts = means_by_class(values[own], labels[own].astype(np.int64), n)
    # Of a class without points nothing is known: it stands apart from all others alike.
    spread = float(np.abs(means).max(initial=0.0)) or 1.0
    means[counts == 0] = np.eye(n)[counts == 0] * spread
    return means


def means_by_class(
    values: NDArray[np.floating], classes: NDArray[np.int64], n_classes: int
) -> tuple[Matrix, NDArray[np.int64]]:
    """The mean of each class's rows, (n_classes, n_units), 0 without rows; and how many it has."""
    counts = np.bincount(classes, minlength=n_classes)
    sums = np.zeros((n_classes, values.shape[1]))
    np.add.at(sums, classes, values)
    return sums / np.maximum(counts, 1)[:, None], counts


def round_tour(means: Matrix) -> NDArray[np.int64]:
    """Rows of `means` in an order that goes round them on a short way."""
    n = len(means)
    squares = (means**2).sum(axis=1)
    apart = np.sqrt(np.maximum(squares[:, None] + squares - 2 * means @ means.T, 0))
    tour, left = [0], np.ones(n, bool)
    left[0] = False
    while left.any():
        nearest = int(np.where(left, apart[tour[-1]], np.inf).argmin())
        tour.append(nearest)
        left[nearest] = False
    return _shortened(np.array(tour), apart)


def _shortened(tour: NDArray[np.int64], apart: Matrix) -> NDArray[np.int64]:
    n, i, still, swaps = len(tour), 0, 0, 0
    least = 1e-9 * float(apart.max(initial=0.0))
    while still < n and swaps < MOST_SWAPS:
        a, b = tour[i], tour[(i + 1) % n]
        after = np.roll(tour, -1)
        gains = apart[a, b] + apart[tour, after] - apart[a, tour] - apart[b, after]
        gains[:i] = gains[i] = 0.0
        j = int(gains.argmax())
        if gains[j] > least:
            tour[i + 1 : j + 1] = tour[i + 1 : j + 1][::-1]
            still, swaps = 0, swaps + 1
        else:
            i, still = (i + 1) % n, still + 1
    return tour


@cache
def corner_places(n_classes: int, n_axes: int) -> Matrix:
    """Where the axes of the classes point, in the order of the polygon, (n_classes, n_axes).

    Orthonormal columns, so that it is a rigid view. In a plane the corners of a regular polygon;
    in space a spiral from pole to pole of a sphere (Rakhmanov, Saff and Zhou 1994), moved to have
    its centre and equal spread along all axes: 4 classes are the corners of a regular tetrahedron.
    """
    if n_axes == 2:
        angles = np.pi / 2 + 2 * np.pi * np.arange(n_classes) / n_classes
        places = np.stack([np.cos(angles), np.sin(angles)], axis=1) * np.sqrt(2 / n_classes)
    else:
        places = polar(_spiral(n_classes))
    places.setflags(write=False)
    return places


def _spiral(n: int) -> Matrix:
    height = np.linspace(-1.0, 1.0, n)
    radius = np.sqrt(np.maximum(1 - height**2, 0))
    steps = np.zeros(n)
    steps[1:-1] = 3.6 / np.sqrt(n) / radius[1:-1]
    angle = np.cumsum(steps)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=1)
    return points - points.mean(axis=0)


def corner_frame(order: tuple[int, ...], n_axes: int) -> Matrix:
    """The frame of a representation whose units are the classes: row `c` is the corner of `c`."""
    frame = np.empty((len(order), n_axes))
    frame[list(order)] = corner_places(len(order), n_axes)
    return frame


def decides(n_classes: int, n_axes: int) -> bool:
    """Whether a place between the corners tells which unit is the largest.

    Only what all units have in common is hidden when there is one class more than axes.
    """
    return n_classes == n_axes + 1
