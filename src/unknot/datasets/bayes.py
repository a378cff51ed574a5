"""Bayes accuracies: how often the best possible classifier is right, computed from densities.

With equally likely classes and densities ``p_k`` it is ``∫ max_k p_k(x) dx / n_classes``: in
closed form, along a line or a radius, in the plane, in space.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
REACH = 10.0
"""Standard deviations beyond which a density is left out (its mass there is below 1e-20)."""
Curve = Callable[[Array], Array]
"""Takes positions ``(m,)`` in 0 … 1 to points ``(m, 2)``; a class is uniform in the position."""

TILE = 8.0
TILE_STEPS = 64
SMALLEST_NOISE = 5e-4
SLANT = np.array([[1.0, 0.618], [-0.618, 1.0]]) / math.hypot(1.0, 0.618)
"""A turn that no boundary is likely to share: the integrand has a kink where the best class
changes, and a sum over a grid errs most along kinks parallel to it."""
RING_REACH = 6.5
"""Standard deviations beyond which a ring is not met (less than 1e-9 of it is there)."""
RING_STEPS = 10


def function_of_x() -> float:
    """The accuracy when the label is a function of the point.

    Every posterior ``P(k | x)`` is then 0 or 1, so the expectation of its maximum is 1.
    """
    return 1.0


def corners(noise: float, dimension: int) -> float:
    """Parity of the signs of ``(±1, …, ±1)`` seen through Gaussian noise.

    The best rule takes the parity of the observed signs: by symmetry the posterior odds are
    ``Π tanh(x_i / noise²)``, whose sign is that of ``Π x_i``. Each sign is right with
    probability ``Φ(1 / noise)``, independently, and the parity when an even number is wrong.
    """
    if noise == 0:
        return 1.0
    return (1 + math.erf(1 / (noise * math.sqrt(2))) ** dimension) / 2


def polygon(n_classes: int, noise: float, radius: float = 1.0) -> float:
    """Gaussians of standard deviation `noise` at the corners of a regular polygon.

    The best rule takes the nearest corner: M-ary phase-shift keying, whose error is
    ``1/π ∫₀^{π − π/M} exp(−(radius² / 2 noise²) sin²(π/M) / sin²θ) dθ`` (Craig, *A new, simple
    and exact result for calculating the probability of error for two-dimensional signal
    constellations*, MILCOM 1991).
    """
    if noise == 0:
        return 1.0
    nodes, weights = np.polynomial.legendre.leggauss(200)
    end = math.pi - math.pi / n_classes
    angle = end / 2 * (nodes + 1)
    exponent = (radius * math.sin(math.pi / n_classes) / noise) ** 2 / 2
    error = end / 2 * float(weights @ np.exp(-exponent / np.sin(angle) ** 2)) / math.pi
    return 1 - error


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
    grid = (np.arange(TILE_STEPS) + 0.5) * TILE / TILE_STEPS
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
    return lost * (TILE / TILE_STEPS) ** 2 / (2 * math.pi)


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
    parts = [cells[key] for key in around if key in cells]
    return np.concatenate([p for p, _ in parts]), np.concatenate([w for _, w in parts])


def _density(near: tuple[Array, Array], x: Array, y: Array) -> Array:
    """Σ_m w_m exp(−‖(x, y) − c_m‖² / 2) on the grid: (len(x), len(y))."""
    points, weights = near
    across = np.exp(-((x[:, None] - points[:, 0]) ** 2) / 2) * weights
    along = np.exp(-((y[:, None] - points[:, 1]) ** 2) / 2)
    return across @ along.T


def linked_rings(noise: float) -> float:
    """Two unit circles, each through the other's centre and upright to it, with Gaussian noise.

    One is in the plane z = 0 round the origin, the other in y = 0 round (1, 0, 0). Averaged
    over its angle a ring has the density ``exp(−((ρ − 1)² + h²) / 2 noise²) e^−c I₀(c)``
    times ``(2π)^−3/2 noise^−3``, with ρ the distance to its axis, h the height over its plane
    and ``c = ρ / noise²``. Every point of one is at distance 1 or more from the other.
    """
    if noise * 2 * RING_REACH <= 1:
        return 1.0
    from scipy.special import i0e

    reach, step = RING_REACH * noise, noise / RING_STEPS
    n_aside, n_along = round(reach / step), round((1 + 2 * reach) / step)
    aside = (np.arange(n_aside) + 0.5) * step
    shared = 0.0
    for x in -reach + (np.arange(n_along) + 0.5) * (1 + 2 * reach) / n_along:
        across = np.hypot(x, aside)
        flat = (np.exp(-((across - 1) ** 2) / (2 * noise**2)) * i0e(across / noise**2))[
            :, None
        ] * np.exp(-(aside**2) / (2 * noise**2))
        across = np.hypot(x - 1, aside)
        upright = np.exp(-(aside**2) / (2 * noise**2))[:, None] * (
            np.exp(-((across - 1) ** 2) / (2 * noise**2)) * i0e(across / noise**2)
        )
        shared += float(np.minimum(flat, upright).sum())
    volume = step**2 * (1 + 2 * reach) / n_along
    # Four quarters (±y, ±z) are alike, and each class counts one half.
    return 1 - 2 * shared * volume / ((2 * np.pi) ** 1.5 * noise**3)
