"""Bayes accuracies of curves in the plane seen through Gaussian noise."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Curve = Callable[[Array], Array]
"""Takes positions ``(m,)`` in 0 … 1 to points ``(m, 2)``; a class is uniform in the position."""

TILE = 8.0
STEPS = 64
SMALLEST_NOISE = 5e-4
SLANT = np.array([[1.0, 0.618], [-0.618, 1.0]]) / math.hypot(1.0, 0.618)
"""A turn that no boundary is likely to share: the integrand has a kink where the best class
changes, and a sum over a grid errs most along kinks parallel to it."""


def curves(classes: Sequence[Curve], noise: float, *, alike: bool = False) -> float:
    """Equally likely classes, each spread evenly along a curve, with noise on both coordinates.

    ``∫ max_k p_k`` is 1 less than what the classes share, and they share something only where
    two curves come near: the plane is cut into square tiles of 8 standard deviations, and only
    the tiles that two classes reach are summed. Within a tile the Gaussian factorises, so a
    density on a grid is one matrix product.

    Noise below a two-thousandth of the curves' extent is interpolated between there and 0:
    accuracy only falls with noise, so that is off by less than what is lost there.

    Parameters
    ----------
    classes : sequence of curves
    noise : float
    alike : bool
        Promises that some motion of the plane takes the first class to any other one and all
        of them together to themselves: only the first one's surroundings are then summed.
    """
    if noise == 0:
        return 1.0
    outline = [curve(np.linspace(0, 1, 1025)) for curve in classes]
    floor = SMALLEST_NOISE * float(np.ptp(np.concatenate(outline), axis=0).max())
    width = max(noise, floor)
    nodes = [
        _quadrature(curve, float(np.hypot(*np.diff(line, axis=0).T).sum()) / width)
        for curve, line in zip(classes, outline, strict=True)
    ]
    return 1 - _shared(nodes, width, alike) * noise / width


def _quadrature(curve: Curve, length: float) -> tuple[Array, Array]:
    """Points (m, 2) and weights (m,): four Gauss–Legendre nodes for each unit of `length`."""
    n_panels = max(2, math.ceil(length))
    offsets, weights = np.polynomial.legendre.leggauss(4)
    positions = (np.arange(n_panels)[:, None] + (offsets + 1) / 2) / n_panels
    return curve(positions.ravel()) @ SLANT, np.tile(weights / (2 * n_panels), n_panels)


def _shared(nodes: Sequence[tuple[Array, Array]], noise: float, alike: bool) -> float:
    """``∫ (Σ p_k − max p_k) / n_classes``: the chance that the best classifier errs."""
    cells = [_by_cell(points / noise, weights) for points, weights in nodes]
    reached = [
        {(i + di, j + dj) for i, j in own for di, dj in product((-1, 0, 1), repeat=2)}
        for own in cells
    ]
    count = Counter(tile for own in reached for tile in own)
    tiles = [tile for tile in sorted(reached[0] if alike else count) if count[tile] > 1]
    grid = (np.arange(STEPS) + 0.5) * TILE / STEPS
    lost = 0.0
    for i, j in tiles:
        densities = [
            _density(_near(own, i, j), i * TILE + grid, j * TILE + grid)
            for own, near in zip(cells, reached, strict=True)
            if (i, j) in near
        ]
        total = np.sum(densities, axis=0)
        shared = total - np.max(densities, axis=0)
        # By symmetry every class has the same part of the integral, its posterior's.
        lost += float((shared * (densities[0] / total if alike else 1 / len(nodes))).sum())
    return lost * (TILE / STEPS) ** 2 / (2 * math.pi)


Cells = dict[tuple[int, int], tuple[Array, Array]]


def _by_cell(points: Array, weights: Array) -> Cells:
    """Points (in standard deviations) and weights, sorted into tiles."""
    corner, group = np.unique(np.floor(points / TILE), axis=0, return_inverse=True)
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group))[:-1]
    return {
        (int(i), int(j)): (p, w)
        for (i, j), p, w in zip(
            corner, np.split(points[order], ends), np.split(weights[order], ends), strict=True
        )
    }


def _near(cells: Cells, i: int, j: int) -> tuple[Array, Array]:
    """All points and weights in the tile and the eight around it."""
    around = [(i + di, j + dj) for di, dj in product((-1, 0, 1), repeat=2)]
    found = [cells[key] for key in around if key in cells]
    return np.concatenate([p for p, _ in found]), np.concatenate([w for _, w in found])


def _density(near: tuple[Array, Array], x: Array, y: Array) -> Array:
    """Σ_m w_m exp(−‖(x, y) − c_m‖² / 2) on the grid: (len(x), len(y))."""
    points, weights = near
    across = np.exp(-((x[:, None] - points[:, 0]) ** 2) / 2) * weights
    along = np.exp(-((y[:, None] - points[:, 1]) ** 2) / 2)
    return across @ along.T
