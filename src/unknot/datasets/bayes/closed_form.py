"""Bayes accuracies that need at most one elementary integral."""

import math

import numpy as np


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
