"""How much of the space a view must show at each instant."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unknot.traces.lattice import are_unequal

#: The outermost share of points, at each side, that may lie outside the box.
TAIL = 0.001
MARGIN = 1.12


@dataclass(frozen=True)
class Extent:
    """A cube around the cloud: equal scale on every axis, unless it says otherwise.

    Attributes
    ----------
    centre : (n_axes,) float64
    radius : float
        Half the side; of the widest axis where each has its own scale.
    stretch : (n_axes,) float64 or None
        How much larger than the widest axis each is drawn; None where all have one scale.
    """

    centre: NDArray[np.float64]
    radius: float
    stretch: NDArray[np.float64] | None = None

    @property
    def factors(self) -> NDArray[np.float64]:
        """(n_axes,) by what places are multiplied before they are drawn: 1 as a rule."""
        return np.ones(len(self.centre)) if self.stretch is None else self.stretch


def own_scales(shown: NDArray[np.floating]) -> NDArray[np.float64] | None:
    """How much each axis must be enlarged to be as wide as the widest; None for one scale.

    That is the rule; beyond 20 to 1 nothing would be seen of the narrow axis.
    """
    if len(shown) == 0:
        return None
    low, high = _ends(shown)
    return (high - low).max() / (high - low) if are_unequal(high - low) else None


def extent_of(
    shown: NDArray[np.floating], most: NDArray[np.float64] | None = None, share: float = 1.0
) -> Extent:
    """The box of a shown cloud, (n_points, n_axes). A degenerate axis is never blown up.

    Parameters
    ----------
    shown : (n_points, n_axes) array
    most : (n_axes,) array, optional
        By how much each axis may be enlarged, where they have scales of their own.
    share : float
        Of that, what remains: 1 is a scale an axis, 0 one scale for all.
    """
    if len(shown) == 0:
        return Extent(np.zeros(int(shown.shape[1])), 1.0)
    low, high = _ends(shown)
    sides, stretch = high - low, None
    if most is not None and share > 0:
        stretch = np.clip(sides.max() / np.maximum(sides, 1e-300), 1, most) ** share
        sides = sides * stretch
    radius = float(sides.max()) / 2 * MARGIN
    return Extent((low + high) / 2, radius if radius > 1e-9 else 1.0, stretch)


def _ends(shown: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.quantile(shown.astype(np.float64), [TAIL, 1 - TAIL], axis=0)


class ExtentPath:
    """Boxes at knots, joined smoothly: centres by a monotone cubic, radii by one of their logs."""

    def __init__(self, knots: list[float], extents: list[Extent]) -> None:
        from scipy.interpolate import PchipInterpolator

        values = np.array([[*e.centre, *np.log(e.factors), np.log(e.radius)] for e in extents])
        self._constant = extents[0] if len(extents) == 1 else None
        self._path = None if len(extents) == 1 else PchipInterpolator(knots, values)

    def at(self, t: float) -> Extent:
        """The box at `t`."""
        if self._path is None:
            assert self._constant is not None
            return self._constant
        *others, log_radius = self._path(t)
        centre, logs = np.split(np.array(others), 2)
        return Extent(centre, float(np.exp(log_radius)), np.exp(logs) if logs.any() else None)


def common(extents: list[Extent]) -> Extent:
    """The smallest cube that holds all of them."""
    low = np.min([e.centre - e.radius for e in extents], axis=0)
    high = np.max([e.centre + e.radius for e in extents], axis=0)
    return Extent((low + high) / 2, float((high - low).max()) / 2)
