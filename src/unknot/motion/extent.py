"""How much of the space a view must show at each instant."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unknot.traces.lattice import are_unequal

#: The outermost share of points, at each side, that may lie outside the box.
TAIL = 0.001
MARGIN = 1.12
#: A cloud is one point when its radius is below this share of how far out it lies.
POINT = 1e-7
#: A cloud on its way into or through one point is seen in a box of at least this share.
LEAST = 0.05
#: Numbers of a cloud of which copies are made at once; of more axis by axis.
AT_ONCE = 4_000_000


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
    is_point : bool
        Whether there is nothing to see the size of; the radius is then 1, or `POINT` of how far
        out the cloud lies where 1 is lost in rounding.
    """

    centre: NDArray[np.float64]
    radius: float
    stretch: NDArray[np.float64] | None = None
    is_point: bool = False

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
        return Extent(np.zeros(int(shown.shape[1])), 1.0, is_point=True)
    low, high = _ends(shown)
    sides, stretch = high - low, None
    if most is not None and share > 0:
        stretch = np.clip(sides.max() / np.maximum(sides, 1e-300), 1, most) ** share
        sides = sides * stretch
    centre, radius = (low + high) / 2, float(sides.max()) / 2 * MARGIN
    least = POINT * float(np.abs(centre).max())
    is_point = not radius > least
    return Extent(centre, max(1.0, least) if is_point else radius, stretch, is_point)


def _ends(shown: NDArray[np.floating]) -> NDArray[np.float64]:
    tails = [TAIL, 1 - TAIL]
    if shown.size <= AT_ONCE:
        return np.quantile(shown.astype(np.float64), tails, axis=0)
    columns = range(int(shown.shape[1]))
    return np.stack([np.quantile(shown[:, i].astype(np.float64), tails) for i in columns], axis=1)


def on_the_way(box: Extent, first: Extent, last: Extent) -> Extent:
    """The box of a cloud on its way from one box to another: it does not shrink to nothing.

    Nor below what a number so far out can tell.
    """
    real = [end.radius for end in (first, last) if not end.is_point]
    least = LEAST * min(real) if real else 1.0
    least = max(least, POINT * float(np.abs(box.centre).max()))
    radius = least if box.is_point else max(box.radius, least)
    return Extent(box.centre, radius, box.stretch)


def common(extents: list[Extent]) -> Extent:
    """The smallest cube that holds all of them."""
    low = np.min([e.centre - e.radius for e in extents], axis=0)
    high = np.max([e.centre + e.radius for e in extents], axis=0)
    return Extent((low + high) / 2, float((high - low).max()) / 2)
