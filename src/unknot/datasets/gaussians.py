"""Gaussian clusters."""

from typing import Annotated

import numpy as np

from unknot.datasets import bayes
from unknot.datasets.dataset import Architecture, Dataset
from unknot.datasets.generators import balanced_labels, gaussian_noise, generator
from unknot.datasets.parameters import Noise, Points, Seed, Within, check_points


@generator
def blobs(
    n: Points = 2000,
    *,
    classes: Annotated[int, Within(2, 100)] = 3,
    noise: Noise = 0.3,
    seed: Seed = 0,
) -> Dataset:
    """Round Gaussian clusters, one a class, at the corners of a regular polygon.

    Parameters
    ----------
    n : int
    classes : int
        Number of corners; they lie on the unit circle.
    noise : float
        Standard deviation of each cluster.
    seed : int
    """
    rng = np.random.default_rng(seed)
    y = balanced_labels(n, classes, rng)
    angle = 2 * np.pi * np.arange(classes) / classes
    corners = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    x = gaussian_noise((n, 2), noise, rng)
    x += corners[y]
    return Dataset(
        x=x,
        y=y,
        class_names=tuple(f"blob {k + 1}" for k in range(classes)),
        feature_names=("x1", "x2"),
        bayes_accuracy=bayes.polygon(classes, noise),
        architecture=Architecture((6,)),
    )


@generator
def xor(
    n: Points = 2000,
    *,
    dimension: Annotated[int, Within(1, 16)] = 2,
    noise: Noise = 0.3,
    seed: Seed = 0,
) -> Dataset:
    """Exclusive or: clusters at the corners of a square, of a cube and so on, by their parity.

    Parameters
    ----------
    n : int
    dimension : int
        Number of bits. A bit is a coordinate, −1 when it is 0 and +1 when it is 1; the class
        says whether the number of ones is even or odd.
    noise : float
        Standard deviation of each cluster.
    seed : int
    """
    rng = np.random.default_rng(seed)
    check_points(n, 2, dimension)
    corner = np.arange(n) % 2**dimension
    rng.shuffle(corner)
    x = gaussian_noise((n, dimension), noise, rng)
    y = np.zeros(n, dtype=np.int64)
    for axis in range(dimension):
        bit = corner >> axis & 1
        x[:, axis] += 2 * bit - 1
        y ^= bit
    return Dataset(
        x=x,
        y=y,
        class_names=("even", "odd"),
        feature_names=tuple(f"bit {axis + 1}" for axis in range(dimension)),
        bayes_accuracy=bayes.corners(noise, dimension),
        architecture=Architecture((4 * dimension,)),
    )
