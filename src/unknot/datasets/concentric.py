"""Classes inside one another: no straight cut separates them in their own bayes."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from unknot.datasets import bayes
from unknot.datasets.dataset import Architecture, Dataset
from unknot.datasets.generators import balanced_labels, gaussian_noise, generator
from unknot.datasets.parameters import Dimension, Noise, Points, Seed, Within, check_points
from unknot.errors import UsageError


@generator
def circles(
    n: Points = 2000,
    *,
    noise: Noise = 0.1,
    factor: Annotated[float, Within(0, 1, below=True)] = 0.5,
    seed: Seed = 0,
) -> Dataset:
    """Two concentric circles with Gaussian noise.

    The points are those of scikit-learn's ``make_circles(n, noise=noise, factor=factor,
    random_state=seed)``, one for one, rounded to single precision.

    Parameters
    ----------
    n : int
        Number of points, half of them on each circle.
    noise : float
        Standard deviation of the noise on both coordinates.
    factor : float
        Radius of the small circle; the large one has radius 1.
    seed : int
    """
    check_points(n, 2)
    n_large = n // 2
    # The generator, and the order in which it is asked, are make_circles's own.
    rng = np.random.RandomState(seed)
    order = np.arange(n)
    rng.shuffle(order)
    x = rng.normal(scale=noise, size=(n, 2))
    for axis, function in enumerate((np.cos, np.sin)):
        large = function(np.linspace(0, 2 * np.pi, n_large, endpoint=False))
        small = function(np.linspace(0, 2 * np.pi, n - n_large, endpoint=False)) * factor
        x[:, axis] += np.concatenate([large, small])[order]
    return Dataset(
        x=x.astype(np.float32),
        y=(order >= n_large).astype(np.int64),
        class_names=("large", "small"),
        feature_names=("x1", "x2"),
        bayes_accuracy=bayes.spheres((1.0, factor), noise, 2),
        architecture=Architecture((6,)),
    )


@generator
def shells(
    n: Points = 2000,
    *,
    dimension: Dimension = 3,
    classes: Annotated[int, Within(2, 100)] = 2,
    noise: Noise = 0.05,
    seed: Seed = 0,
) -> Dataset:
    """Concentric spheres in any dimension, with radii evenly spaced up to 1.

    Parameters
    ----------
    n : int
    dimension : int
        Of the space: 1 gives pairs of points, 2 circles, 3 spheres.
    classes : int
        Number of spheres; the k-th of K has radius ``k / K``.
    noise : float
        Standard deviation of the noise on every coordinate.
    seed : int
    """
    rng = np.random.default_rng(seed)
    y = balanced_labels(n, classes, rng, dimension)
    x = _directions(n, dimension, rng)
    x *= ((y + 1) / classes).astype(np.float32)[:, None]
    x += gaussian_noise((n, dimension), noise, rng)
    radii = [(k + 1) / classes for k in range(classes)]
    return Dataset(
        x=x,
        y=y,
        class_names=tuple(f"shell {k + 1}" for k in range(classes)),
        feature_names=tuple(f"x{i + 1}" for i in range(dimension)),
        bayes_accuracy=bayes.spheres(radii, noise, dimension),
        architecture=Architecture((max(12, 4 * dimension),)),
    )


@generator
def interval(
    n: Points = 2000,
    *,
    inner: Annotated[float, Within(0.001, 0.999)] = 0.4,
    gap: Annotated[float, Within(0, 0.998)] = 0.2,
    noise: Noise = 0.0,
    seed: Seed = 0,
) -> Dataset:
    """An interval inside another on the line: one feature, and no threshold separates it.

    Parameters
    ----------
    n : int
    inner : float
        The inner class is uniform on ``|x| < inner``.
    gap : float
        The outer class is uniform on ``inner + gap < |x| < 1``.
    noise : float
        Standard deviation of the noise on x.
    seed : int

    Raises
    ------
    UsageError
        When `inner` and `gap` leave no room below 1.
    """
    if inner + gap > 0.999:
        raise UsageError(
            f"interval: inner + gap must be at most 0.999, to leave room for the outer class; "
            f"got {inner} + {gap}.\nMake one of them smaller."
        )
    rng = np.random.default_rng(seed)
    y = balanced_labels(n, 2, rng, 1)
    position = rng.uniform(-1, 1, n)
    outside = np.copysign(inner + gap, position) + position * (1 - inner - gap)
    x = np.where(y == 1, outside, position * inner).astype(np.float32)[:, None]
    x += gaussian_noise((n, 1), noise, rng)
    return Dataset(
        x=x,
        y=y,
        class_names=("inner", "outer"),
        feature_names=("x1",),
        bayes_accuracy=bayes.interval(inner, gap, noise),
        architecture=Architecture((8,)),
    )


@generator
def gaussian_quantiles(
    n: Points = 2000,
    *,
    dimension: Dimension = 2,
    classes: Annotated[int, Within(2, 100)] = 3,
    seed: Seed = 0,
) -> Dataset:
    """One Gaussian cut by its distance to the centre into classes of equal probability.

    Every class gets equally many points: distances are drawn from the part of the chi
    distribution that the class holds, so that all together are normally distributed.

    Parameters
    ----------
    n : int
    dimension : int
    classes : int
    seed : int
    """
    from scipy.special import gammaincinv

    rng = np.random.default_rng(seed)
    y = balanced_labels(n, classes, rng, dimension)
    x = _directions(n, dimension, rng)
    probability = (y + rng.random(n)) / classes
    if dimension == 2:
        distance = np.sqrt(-2 * np.log1p(-probability))
    else:
        distance = np.sqrt(2 * gammaincinv(dimension / 2, probability))
    x *= distance.astype(np.float32)[:, None]
    return Dataset(
        x=x,
        y=y,
        class_names=tuple(f"quantile {k + 1}" for k in range(classes)),
        feature_names=tuple(f"x{i + 1}" for i in range(dimension)),
        bayes_accuracy=bayes.function_of_x(),
        architecture=Architecture((12, 12), "silu"),
    )


def _directions(n: int, dimension: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """(n, dimension) unit vectors, uniform over all directions."""
    x = rng.standard_normal((n, dimension), dtype=np.float32)
    length = np.sqrt(np.einsum("ij,ij->i", x, x))
    # Single precision can draw an exact zero; any direction will do for it.
    x[length == 0, 0] = 1
    length[length == 0] = 1
    x /= length[:, None]
    return x
