"""Classes along curves, and sheets that are rolled or bent."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from unknot.datasets import bayes
from unknot.datasets.dataset import Architecture, Dataset
from unknot.datasets.generators import balanced_labels, gaussian_noise, generator
from unknot.datasets.parameters import Noise, Points, Seed, Within, check_points

Array = NDArray[np.float64]
Bands = Annotated[int | None, Within(2, 100)]


@generator
def moons(n: Points = 2000, *, noise: Noise = 0.1, seed: Seed = 0) -> Dataset:
    """Two half circles that reach into one another.

    The points are those of scikit-learn's ``make_moons(n, noise=noise, random_state=seed)``,
    one for one, rounded to single precision.

    Parameters
    ----------
    n : int
        Number of points, half of them on each moon.
    noise : float
        Standard deviation of the noise on both coordinates.
    seed : int
    """
    check_points(n, 2)
    n_left = n // 2
    # The generator, and the order in which it is asked, are make_moons's own.
    rng = np.random.RandomState(seed)
    order = np.arange(n)
    rng.shuffle(order)
    x = rng.normal(scale=noise, size=(n, 2))
    left = _left_moon(np.linspace(0, np.pi, n_left))
    right = _right_moon(np.linspace(0, np.pi, n - n_left))
    for axis in range(2):
        x[:, axis] += np.concatenate([left[:, axis], right[:, axis]])[order]
    return Dataset(
        x=x.astype(np.float32),
        y=(order >= n_left).astype(np.int64),
        class_names=("left", "right"),
        feature_names=("x1", "x2"),
        bayes_accuracy=bayes.curves(
            [lambda u: _left_moon(np.pi * u), lambda u: _right_moon(np.pi * u)], noise
        ),
        architecture=Architecture((8,), "tanh"),
    )


def _left_moon(angle: Array) -> Array:
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _right_moon(angle: Array) -> Array:
    # make_moons's own order of operations, so that every bit agrees.
    return np.stack([1 - np.cos(angle), 1 - np.sin(angle) - 0.5], axis=1)


@generator
def spirals(
    n: Points = 2000,
    *,
    arms: Annotated[int, Within(2, 20)] = 2,
    turns: Annotated[float, Within(0.1, 5)] = 1.5,
    noise: Noise = 0.03,
    seed: Seed = 0,
) -> Dataset:
    """Interleaved spiral arms, one a class.

    Each arm is an Archimedean spiral from radius 0.1 to 1 with its points spread evenly along
    its length.

    Parameters
    ----------
    n : int
    arms : int
    turns : float
        How often an arm goes round on its way from the centre to radius 1.
    noise : float
        Standard deviation of the noise on both coordinates.
    seed : int
    """
    rng = np.random.default_rng(seed)
    y = balanced_labels(n, arms, rng)
    x = gaussian_noise((n, 2), noise, rng)
    x += _arm(rng.random(n), turns, y / arms)
    return Dataset(
        x=x,
        y=y,
        class_names=tuple(f"arm {k + 1}" for k in range(arms)),
        feature_names=("x1", "x2"),
        bayes_accuracy=bayes.curves(
            [partial(_arm, turns=turns, rotation=k / arms) for k in range(arms)],
            noise,
            alike=True,
        ),
        architecture=Architecture((12, 12), "sin"),
    )


def _arm(position: Array, turns: float, rotation: float | Array) -> Array:
    full = 2 * np.pi * turns
    angle = _archimedean_angle(position, 0.1 * full, full)
    turned = angle + 2 * np.pi * rotation
    return np.stack([np.cos(turned), np.sin(turned)], axis=1) * (angle / full)[:, None]


def _archimedean_angle(position: Array, start: float, stop: float) -> Array:
    """Angles at which the spiral ``radius = angle`` has the share `position` of its length.

    Its length from the centre is ``(a √(1 + a²) + asinh a) / 2``, inverted by interpolation.
    """
    angle = np.linspace(start, stop, 16_385)
    length = (angle * np.sqrt(1 + angle**2) + np.arcsinh(angle)) / 2
    wanted: Array = length[0] + position * (length[-1] - length[0])
    return np.interp(wanted, length, angle)


@generator
def linked_rings(n: Points = 2000, *, noise: Noise = 0.1, seed: Seed = 0) -> Dataset:
    """Two rings in space, each passing through the other like the links of a chain.

    Parameters
    ----------
    n : int
    noise : float
        Standard deviation of the noise on every coordinate; the rings have radius 1.
    seed : int
    """
    rng = np.random.default_rng(seed)
    y = balanced_labels(n, 2, rng, 3)
    angle = rng.uniform(0, 2 * np.pi, n)
    x = gaussian_noise((n, 3), noise, rng)
    x[:, 0] += np.cos(angle) + y
    x[:, 1] += np.sin(angle) * (y == 0)
    x[:, 2] += np.sin(angle) * (y == 1)
    return Dataset(
        x=x,
        y=y,
        class_names=("ring 1", "ring 2"),
        feature_names=("x1", "x2", "x3"),
        bayes_accuracy=bayes.linked_rings(noise),
        architecture=Architecture((16,)),
    )


@generator
def swiss_roll(
    n: Points = 2000, *, classes: Bands = None, noise: Noise = 0.0, seed: Seed = 0
) -> Dataset:
    """A sheet rolled up in space; the target is the position along it, from 0 to 1.

    The roll goes round one and a half times, from radius 1/3 to 1; points are spread evenly
    over the sheet.

    Parameters
    ----------
    n : int
    classes : int, optional
        Cut the sheet into this many bands of equal size, which are then the classes.
    noise : float
        Standard deviation of the noise on every coordinate.
    seed : int
    """
    return _sheet(_roll, 0.75, n, classes, noise, seed)


def _roll(position: Array) -> Array:
    angle = _archimedean_angle(position, 1.5 * np.pi, 4.5 * np.pi)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * (angle / (4.5 * np.pi))[:, None]


@generator
def s_curve(
    n: Points = 2000, *, classes: Bands = None, noise: Noise = 0.0, seed: Seed = 0
) -> Dataset:
    """A sheet bent into an S in space; the target is the position along it, from 0 to 1.

    Two three-quarter turns of radius 1 in opposite senses; points are spread evenly over the
    sheet.

    Parameters
    ----------
    n : int
    classes : int, optional
        Cut the sheet into this many bands of equal size, which are then the classes.
    noise : float
        Standard deviation of the noise on every coordinate.
    seed : int
    """
    return _sheet(_s, 1.0, n, classes, noise, seed)


def _s(position: Array) -> Array:
    angle = 3 * np.pi * (position - 0.5)
    return np.stack([np.sin(angle), np.sign(angle) * (np.cos(angle) - 1)], axis=1)


def _sheet(
    curve: Callable[[Array], Array],
    half_height: float,
    n: int,
    classes: int | None,
    noise: float,
    seed: int,
) -> Dataset:
    """The surface over a plane curve: the curve in x1 and x3, the height in x2."""
    rng = np.random.default_rng(seed)
    band = balanced_labels(n, classes or 1, rng, 3)
    position = (band + rng.random(n)) / (classes or 1)
    x = gaussian_noise((n, 3), noise, rng)
    x[:, 1] += rng.uniform(-half_height, half_height, n)
    x[:, ::2] += curve(position)
    names = tuple(f"band {k + 1}" for k in range(classes or 0))
    return Dataset(
        x=x,
        y=band if names else position.astype(np.float32),
        class_names=names,
        feature_names=("x1", "x2", "x3"),
        bayes_accuracy=_bands_accuracy(curve, classes, noise) if classes else None,
        architecture=Architecture((16, 16)),
    )


def _bands_accuracy(curve: Callable[[Array], Array], classes: int, noise: float) -> float:
    """The height says nothing of the band, so the plane of the curve decides."""

    def band(k: int) -> Callable[[Array], Array]:
        return lambda position: curve((k + position) / classes)

    return bayes.curves([band(k) for k in range(classes)], noise)
