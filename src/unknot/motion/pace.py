"""Pace: how far along a path the cloud is at each moment of a beat.

A cloud that shrinks from a million to one along ``1 − s`` does nearly all of it in the last
instant. So the clock of a beat runs slower where the cloud changes fast: at no moment does it
change by more than `MOST` times what an even pace asks for. Where a path is even by itself, the
clock is left alone. Change is measured as what is seen: movement by the cloud's present radius.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import spread_rows
from unknot.network.factors import FLAT

Matrix = NDArray[np.float64]

#: The fastest moment of a beat by its even pace. A film goes through a beat with a soft start and
#: end, at 1.5 times that in the middle: below 3 in all.
MOST = 1.9
#: A cloud on its way through a point has a radius of at least this share of its smaller end's.
FLOOR = 0.05
#: A radius below this share of how far out the cloud lies is rounding: the cloud is one point.
POINT = FLAT
#: Points by which pace is set.
N_ROWS = 512


@dataclass(frozen=True)
class Tempo:
    """A path's parameter at each moment: straight between nodes.

    Attributes
    ----------
    clock, nodes : (n,) float64
        Both from 0 to 1 and rising; at ``clock[i]`` the parameter is ``nodes[i]``.
    """

    clock: Matrix
    nodes: Matrix

    def at(self, s: float) -> float:
        """The parameter when `s` of the time is over, 0 to 1."""
        return float(np.interp(s, self.clock, self.nodes))


EVEN = Tempo(np.array([0.0, 1.0]), np.array([0.0, 1.0]))


def slowed(nodes: Matrix, change: Matrix) -> Tempo:
    """The clock that slows down where much changes.

    Parameters
    ----------
    nodes : (n,) float64
        Of the parameter, from 0 to 1.
    change : (n − 1,) float64
        How much changes between one and the next.

    Returns
    -------
    Tempo
        The time between two nodes is ``max(change / (MOST · all change), level · width)``; the
        level, at most 1, is what makes all times add up to 1.
    """
    total = float(change.sum())
    width = np.diff(nodes)
    if not 0 < total < np.inf:
        return EVEN
    least = change / (MOST * total)
    if (least <= width).all():
        return EVEN
    low, high = 0.0, 1.0
    for _ in range(60):
        level = (low + high) / 2
        if float(np.maximum(least, level * width).sum()) > 1:
            high = level
        else:
            low = level
    times = np.maximum(least, low * width)
    clock = np.concatenate([[0.0], np.cumsum(times) / times.sum()])
    clock[-1] = 1.0
    return Tempo(clock, nodes)


#: Nodes of a stretch, whose scales change by equal factors in equal times …
STRETCH_NODES: Matrix = np.linspace(0, 1, 129)
#: … and towards the end, where what is killed goes to 0 and may be all that is seen.
LAST_NODES: Matrix = 1 - 2.0 ** -np.arange(7.25, 53, 0.25)


def stretch_pace(cloud: NDArray[np.floating], source: Matrix, scales: Matrix) -> Tempo:
    """Of a stretch by ``scales ** s`` along `source` and by ``1 − s`` along all else."""
    if not len(cloud):
        return EVEN
    x = _few_rows(cloud)
    along = x @ source
    rest, nodes = np.zeros((len(x), 1)), STRETCH_NODES
    if len(scales) < x.shape[1]:
        rest = x - along @ source.T
        nodes = np.concatenate([nodes[:-1], LAST_NODES, [1.0]])
    middles = (nodes[1:] + nodes[:-1]) / 2
    powers = scales ** middles[:, None]
    speeds = np.square(along) @ np.square(powers * np.log(scales)).T
    speed = np.sqrt(np.max(speeds + np.square(rest).sum(axis=1)[:, None], axis=0))
    spread, rest_spread = along.var(axis=0), float(rest.var(axis=0).sum())

    def radius(s: Matrix) -> Matrix:
        kept = np.square(scales ** s[:, None]) @ spread
        return np.sqrt(kept + np.square(1 - s) * rest_spread)

    sizes = mean_radius(x), mean_radius(along * scales)
    return slowed(nodes, np.diff(nodes) * speed / floored(radius, middles, sizes))


#: Nodes of a straight path: as close together as it takes where a cloud shrinks to nothing.
STRAIGHT_NODES: Matrix = np.concatenate(
    [[0.0], 1 / (1 + np.exp(-np.linspace(-36, 36, 1_023))), [1.0]]
)


def straight_pace(before: NDArray[np.floating], after: NDArray[np.floating]) -> Tempo:
    """Of ``(1 − s) x + s y``, the narrower padded with zeros: all points keep their speed."""
    if not len(before):
        return EVEN
    x, y = _few_rows(before), _few_rows(after)
    sizes = mean_radius(x), mean_radius(y)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    n = min(x.shape[1], y.shape[1])
    first, last = (float(np.square(each).sum()) / len(x) for each in (x, y))
    both = float((x[:, :n] * y[:, :n]).sum()) / len(x)

    def radius(s: Matrix) -> Matrix:
        square = np.square(1 - s) * first + 2 * s * (1 - s) * both + np.square(s) * last
        return np.sqrt(np.maximum(square, 0))

    middles = (STRAIGHT_NODES[1:] + STRAIGHT_NODES[:-1]) / 2
    return slowed(STRAIGHT_NODES, np.diff(STRAIGHT_NODES) / floored(radius, middles, sizes))


def floored(radius: Callable[[Matrix], Matrix], s: Matrix, sizes: tuple[float, float]) -> Matrix:
    """A radius along a path that leads through a point or ends in one, kept from being 0.

    `sizes` are how far out the cloud lies at both ends.
    """
    ends = radius(np.array([0.0, 1.0]))
    real = ends[ends > POINT * np.array(sizes)]
    return np.maximum(radius(s), FLOOR * float(real.min()) if len(real) else 1.0)


def _few_rows(cloud: NDArray[np.floating]) -> Matrix:
    """The rows by which pace is set, in double precision."""
    return cloud[spread_rows(len(cloud), N_ROWS)].astype(np.float64)


def mean_radius(cloud: Matrix) -> float:
    """How far out a cloud lies: root of the mean squared distance from 0."""
    return float(np.sqrt(np.square(cloud).sum(axis=1).mean())) if len(cloud) else 0.0
