"""Bayes accuracy of two linked rings in space."""

import numpy as np

REACH = 6.5
"""Standard deviations beyond which a ring is not met (less than 1e-9 of it is there)."""
STEPS = 10


def linked_rings(noise: float) -> float:
    """Two unit circles, each through the other's centre and upright to it, with Gaussian noise.

    One is in the plane z = 0 round the origin, the other in y = 0 round (1, 0, 0). Averaged
    over its angle a ring has the density ``exp(−((ρ − 1)² + h²) / 2 noise²) e^−c I₀(c)``
    times ``(2π)^−3/2 noise^−3``, with ρ the distance to its axis, h the height over its plane
    and ``c = ρ / noise²``. Every point of one is at distance 1 or more from the other.
    """
    if noise * 2 * REACH <= 1:
        return 1.0
    from scipy.special import i0e

    reach, step = REACH * noise, noise / STEPS
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
