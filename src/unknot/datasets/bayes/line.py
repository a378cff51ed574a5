"""Bayes accuracies by quadrature along one coordinate: a position or a radius."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
REACH = 10.0
"""Standard deviations beyond which a density is left out (its mass there is below 1e-20)."""


def interval(inner: float, gap: float, noise: float) -> float:
    """Uniform on ``|x| < inner`` against uniform on ``inner + gap < |x| < 1``, with noise.

    A uniform density seen through Gaussian noise is a difference of two normal distribution
    functions. Only where both classes can be met is anything lost.
    """
    if noise * 2 * REACH <= gap:
        return 1.0
    from scipy.special import ndtr

    def smeared(x: Array, low: float, high: float) -> Array:
        return ndtr((x - low) / noise) - ndtr((x - high) / noise)

    start = inner + gap
    low, high = max(0.0, inner - REACH * noise), start + REACH * noise
    x = np.linspace(low, high, 20_001)
    inside = smeared(x, -inner, inner) / (2 * inner)
    outside = (smeared(x, -1, -start) + smeared(x, start, 1)) / (2 * (1 - start))
    # Both sides of zero lose the same, and each class counts one half.
    return 1 - float(np.trapezoid(np.minimum(inside, outside), x))


def spheres(radii: Sequence[float], noise: float, dimension: int) -> float:
    """Equally likely concentric spheres in ``dimension`` dimensions, seen through Gaussian noise.

    Nothing but the distance to the centre tells the classes apart, and over `noise` it has a
    noncentral chi distribution (the Rice distribution for the plane's circles).

    Parameters
    ----------
    radii : sequence of float
        One a class, all different, each at least 0.
    noise : float
        Standard deviation of the noise on every coordinate.
    dimension : int
    """
    ordered = sorted(radii)
    centres = [math.sqrt(r**2 + (dimension - 1) * noise**2) for r in ordered]
    # A distance is a 1-Lipschitz function of the noise, so its deviations are at most normal.
    if all(b - a > 2 * REACH * noise for a, b in pairwise(centres)):
        return 1.0
    low = max(0.0, centres[0] - REACH * noise)
    high = centres[-1] + REACH * noise
    n_steps = math.ceil(100 * (high - low) / noise)
    step = (high - low) / n_steps
    distance: Array = low + (np.arange(n_steps, dtype=np.float64) + 0.5) * step
    highest = np.zeros(n_steps)
    for radius, centre in zip(ordered, centres, strict=True):
        reach = (centre - REACH * noise, centre + REACH * noise)
        near = slice(*np.searchsorted(distance, reach))
        density = np.exp(log_distance_density(distance[near], radius, noise, dimension))
        np.maximum(highest[near], density, out=highest[near])
    return min(float(highest.sum()) * step / len(ordered), 1.0)


def log_distance_density(distance: Array, radius: float, noise: float, dimension: int) -> Array:
    """Logarithm of the density of ``‖radius u + noise g‖``, u a unit vector, g standard normal.

    With ``z = distance · radius / noise²`` and ``v = dimension / 2 − 1`` the density is
    ``distance^(dimension − 1) exp(−(distance² + radius²) / 2 noise²) (z / 2)^−v I_v(z) /
    (2^v noise^dimension)`` (Johnson, Kotz, Balakrishnan, *Continuous Univariate Distributions*
    2, chapter 29).
    """
    order = dimension / 2 - 1
    z = distance * radius / noise**2
    return (
        (dimension - 1) * np.log(distance)
        - (distance - radius) ** 2 / (2 * noise**2)
        + _log_scaled_bessel(order, z)
        - order * math.log(2)
        - dimension * math.log(noise)
    )


def _log_scaled_bessel(order: float, z: Array) -> Array:
    """``log((z / 2)^−order I_order(z)) − z`` without overflow or underflow.

    For high orders the uniform expansion of DLMF 10.41.3 with its first two corrections; its
    relative error is below ``1e-2 / order³``.
    """
    from scipy.special import gammaln, ive

    with np.errstate(divide="ignore", invalid="ignore"):
        if order < 30:
            value = np.log(ive(order, z)) - order * np.log(z / 2)
        else:
            root = np.hypot(order, z)
            p = order / root
            first = p * (3 - 5 * p**2) / 24
            second = p**2 * (81 - 462 * p**2 + 385 * p**4) / 1152
            # order · eta − order · log(z / 2), with the logarithm of z cancelled
            exponent = root - z - order * np.log((order + root) / 2)
            value = (
                exponent
                - np.log(2 * np.pi * root) / 2
                + np.log1p(first / order + second / order**2)
            )
    # The limit z → 0, where the quotient is 0 / 0 or underflows.
    return np.where(z > 1e-8, value, -gammaln(order + 1) - z)
