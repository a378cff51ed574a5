"""How much of the space a view must show at each instant."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: The outermost share of points, at each side, that may lie outside the box.
TAIL = 0.001
MARGIN = 1.12


@dataclass(frozen=True)
class Extent:
    """A cube around the cloud: equal scale on every axis.

    Attributes
    ----------
    centre : (n_axes,) float64
    radius : float
        Half the side.
    """

    centre: NDArray[np.float64]
    radius: float


def extent_of(shown: NDArray[np.floating]) -> Extent:
    """The box of a shown cloud, (n_points, n_axes). A degenerate axis is never blown up."""
    if len(shown) == 0:
        return Extent(np.zeros(int(shown.shape[1])), 1.0)
    low, high = np.quantile(shown.astype(np.float64), [TAIL, 1 - TAIL], axis=0)
    radius = float((high - low).max()) / 2 * MARGIN
    return Extent((low + high) / 2, radius if radius > 1e-9 else 1.0)


class ExtentPath:
    """Boxes at knots, joined smoothly: centres by a monotone cubic, radii by one of their logs."""

    def __init__(self, knots: list[float], extents: list[Extent]) -> None:
        from scipy.interpolate import PchipInterpolator

        values = np.array([[*e.centre, np.log(e.radius)] for e in extents])
        self._constant = extents[0] if len(extents) == 1 else None
        self._path = None if len(extents) == 1 else PchipInterpolator(knots, values)

    def at(self, t: float) -> Extent:
        """The box at `t`."""
        if self._path is None:
            assert self._constant is not None
            return self._constant
        *centre, log_radius = self._path(t)
        return Extent(np.array(centre), float(np.exp(log_radius)))


def common(extents: list[Extent]) -> Extent:
    """The smallest cube that holds all of them."""
    low = np.min([e.centre - e.radius for e in extents], axis=0)
    high = np.max([e.centre + e.radius for e in extents], axis=0)
    return Extent((low + high) / 2, float((high - low).max()) / 2)
