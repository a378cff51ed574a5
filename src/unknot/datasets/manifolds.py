"""Three data sets of known topology, after Naitzat, Zhitnikov and Lim, JMLR 21:184 (2020).

Their classes do not touch, so the best possible accuracy is 1, and their Betti numbers (pieces,
holes, voids of each class) are known.
"""

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Architecture, Dataset
from unknot.datasets.generators import balanced_labels, generator
from unknot.datasets.parameters import Points, Seed

Floats = NDArray[np.float64]

#: Centres of the nine units, one apart.
GRID = np.array([(i, j) for i in (-1.0, 0.0, 1.0) for j in (-1.0, 0.0, 1.0)])
#: Radius of a disc, and of the hole that surrounds it.
DISC, HOLE = 0.25, 0.4
#: Half the side of the plate.
PLATE = 1.6
#: Radius of a ring, radius of its tube, and the distance of its links from each other.
RING, TUBE, LINKS = 1.0, 0.15, 4.0
#: Radii of the ball, of the shell around it and of the shell around both.
BALL, MIDDLE, OUTER = 0.4, 0.8, 1.2


@generator
def discs(n: Points = 20_000, *, seed: Seed = 0) -> Dataset:
    """Nine discs in the holes of a plate.

    Parameters
    ----------
    n : int
    seed : int
    """
    rng = np.random.default_rng(seed)
    y = balanced_labels(n, 2, rng)
    x = np.empty((n, 2))
    inside = y == 0
    x[inside] = GRID[rng.integers(9, size=inside.sum())] + _ball(inside.sum(), 2, DISC, rng)
    x[~inside] = _plate((~inside).sum(), rng)
    return _dataset(x, y, ("discs", "plate"), ((9, 0), (1, 9)), Architecture((32, 32)))


@generator
def ring_pairs(n: Points = 20_000, *, seed: Seed = 0) -> Dataset:
    """Nine pairs of rings in space, the two of a pair linked like a chain.

    Parameters
    ----------
    n : int
    seed : int
    """
    rng = np.random.default_rng(seed)
    y = balanced_labels(n, 2, rng, 3)
    angle = rng.uniform(0, 2 * np.pi, n)
    x = _ball(n, 3, TUBE, rng)
    x[:, :2] += LINKS * GRID[rng.integers(9, size=n)]
    x[:, 0] += RING * (np.cos(angle) + y)
    x[:, 1] += RING * np.sin(angle) * (y == 0)
    x[:, 2] += RING * np.sin(angle) * (y == 1)
    names = "lying rings", "standing rings"
    return _dataset(x, y, names, ((9, 9), (9, 9)), Architecture((32, 32), "sin"))


@generator
def shell_pairs(n: Points = 20_000, *, seed: Seed = 0) -> Dataset:
    """Nine times a ball within a shell within a shell; the middle one is a class.

    Parameters
    ----------
    n : int
    seed : int
    """
    rng = np.random.default_rng(seed)
    y = balanced_labels(n, 2, rng, 3)
    radius = np.where(y == 0, MIDDLE, OUTER)
    is_ball = (y == 1) & (rng.uniform(size=n) < 1 / 4)
    x = radius[:, None] * _directions(n, 3, rng)
    x[is_ball] = _ball(is_ball.sum(), 3, BALL, rng)
    x[:, :2] += LINKS * GRID[rng.integers(9, size=n)]
    names = "middle shells", "outer shells and balls"
    return _dataset(x, y, names, ((9, 0, 9), (18, 0, 9)), Architecture((64, 64, 64)))


def _plate(n: int, rng: np.random.Generator) -> Floats:
    """Even in the square outside the holes, by rejection."""
    points = np.empty((0, 2))
    while len(points) < n:
        drawn = rng.uniform(-PLATE, PLATE, size=(2 * (n - len(points)) + 16, 2))
        # Each point's own hole is that of the nearest centre.
        nearest = np.clip(np.round(drawn), -1, 1)
        outside = np.linalg.norm(drawn - nearest, axis=1) > HOLE
        points = np.vstack([points, drawn[outside]])
    return points[:n]


def _ball(n: int, dimension: int, radius: float, rng: np.random.Generator) -> Floats:
    """Even in a ball."""
    lengths = radius * rng.uniform(size=(n, 1)) ** (1 / dimension)
    return lengths * _directions(n, dimension, rng)


def _directions(n: int, dimension: int, rng: np.random.Generator) -> Floats:
    vectors = rng.normal(size=(n, dimension))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _dataset(
    x: Floats,
    y: NDArray[np.int64],
    class_names: tuple[str, ...],
    betti: tuple[tuple[int, ...], ...],
    architecture: Architecture,
) -> Dataset:
    return Dataset(
        x=x.astype(np.float32),
        y=y,
        class_names=class_names,
        feature_names=tuple(f"x{i + 1}" for i in range(x.shape[1])),
        bayes_accuracy=1.0,
        betti=betti,
        architecture=architecture,
    )
