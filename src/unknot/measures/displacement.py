"""How far points move through a map, as it is and as it is seen."""

import numpy as np
from numpy.typing import NDArray

from unknot.measures.table import Missing, Place, measure_of

#: Sums of many products of single precision are exact to this share of the numbers in them.
ROUNDING = 1e-5


def displacement_correlation(
    scene_points_start: NDArray[np.floating],
    scene_points_end: NDArray[np.floating],
    full_start: NDArray[np.floating],
    full_end: NDArray[np.floating],
) -> float | None:
    """Whether points that are seen to move far do move far.

    Pearson's correlation, over the points, of how far each moves in the picture with how far it
    moves in the layers, along one transition.

    Parameters
    ----------
    scene_points_start, scene_points_end : (n_points, n_axes) float arrays
    full_start, full_end : (n_points, n_units) float arrays
        Representations before and after; the narrower is filled up with zeros.

    Returns
    -------
    float or None
        −1 to 1. None when all points move equally far in either, or by no more than the rounding
        of single precision, `ROUNDING` of how far out they lie.
    """
    seen = lengths(scene_points_start, scene_points_end)
    true = lengths(full_start, full_end)
    if len(seen) < 2:
        return None
    x, y = seen - seen.mean(), true - true.mean()
    clouds = ((scene_points_start, scene_points_end), (full_start, full_end))
    for apart, ends in zip((x, y), clouds, strict=True):
        reach = max(float(np.abs(end).max(initial=0)) for end in ends)
        if np.abs(apart).max() <= ROUNDING * reach:
            return None
    x, y = x / np.linalg.norm(x), y / np.linalg.norm(y)
    return float(np.clip(x @ y, -1, 1))


def lengths(start: NDArray[np.floating], end: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n_points,) how far each row moves; the narrower array is filled up with zeros."""
    a, b = start.astype(np.float64), end.astype(np.float64)
    n = min(a.shape[1], b.shape[1])
    squares = np.square(b[:, :n] - a[:, :n]).sum(axis=1)
    squares += np.square(a[:, n:]).sum(axis=1) + np.square(b[:, n:]).sum(axis=1)
    return np.sqrt(squares)


@measure_of(
    title="shown against true movement through the map",
    range=(-1, 1),
    max_points=20_000,
    needs=("view", "map"),
)
def displacement_shown(place: Place) -> float:
    """Correlation of how far points are seen to move with how far they do, through one map.

    Pearson's correlation over the points, as `displacement_correlation` gives it, between this
    representation and the one before.

    Range: −1 to 1; 1 when the picture shows who moves far and who stays, 0 when it says nothing
    about it. Failings: a view that turns adds movement that the layers do not have, and a map
    that moves all points alike has nothing to correlate with.

    Raises
    ------
    Missing
        When all points move equally far, in the picture or in the layers, or not at all but for
        rounding.
    """
    if place.shown is None or place.shown_before is None or place.before is None:
        raise Missing("no view was given")
    value = displacement_correlation(place.shown_before, place.shown, place.before, place.values)
    if value is None:
        raise Missing("all points move equally far")
    return value
