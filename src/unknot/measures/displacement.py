"""How far points move through a map, as it is and as it is seen."""

import numpy as np
from numpy.typing import NDArray


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
        −1 to 1. None when all points move equally far in either.
    """
    seen = lengths(scene_points_start, scene_points_end)
    true = lengths(full_start, full_end)
    if len(seen) < 2:
        return None
    x, y = seen - seen.mean(), true - true.mean()
    rounding = 1e-12 * len(x)
    if np.abs(x).max() <= rounding * seen.max() or np.abs(y).max() <= rounding * true.max():
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
