"""How far two clouds of the same points are from each other, whatever way round each is."""

import numpy as np
from numpy.typing import NDArray

from unknot.errors import UsageError
from unknot.measures.table import Matrix

#: Ways to bring one cloud to another.
MATCHES = ("rotation", "units")


def shape_distance(
    x: NDArray[np.floating], y: NDArray[np.floating], match: str = "rotation"
) -> float:
    """The angle between two clouds of the same points, after the best turn of one of them.

    ``arccos(max ⟨X, Y Q⟩ / (‖X‖ ‖Y‖))`` with centred X and Y, over all orthogonal Q: the
    Riemannian shape distance, also called the angular Procrustes distance. The largest inner
    product is the sum of the singular values of XᵀY. In radians: 0 for clouds that differ by a
    rotation, a reflection, a shift and a scale, at most π/2. It is a metric. The narrower cloud
    is filled with zeros.

    With match ``"units"`` Q only changes the order of the units, by linear assignment on their
    correlations: the distance of networks whose units are compared one by one.

    Parameters
    ----------
    x : (n_points, n_units_x) float array
    y : (n_points, n_units_y) float array
    match : str
        ``"rotation"`` or ``"units"``.

    Returns
    -------
    float
        NaN where a cloud is one point.

    Source: Williams, Kunz, Kornblith, Linderman (2021), *Generalized shape metrics on neural
    representations*, equations 4 and 9.
    """
    return brought_together(x, y, match)[1]


def brought_together(
    x: NDArray[np.floating], y: NDArray[np.floating], match: str = "rotation"
) -> tuple[Matrix, float]:
    """What takes `y` nearest to `x`, (n_units_y, n_units_x), and `shape_distance`.

    Raises
    ------
    UsageError
        When they have different numbers of points.
    """
    if len(x) != len(y):
        raise UsageError(
            f"A shape distance compares the same points: got clouds of {len(x)} and {len(y)}."
        )
    first, second = (_centred(cloud) for cloud in (x, y))
    if match == "units":
        turn = _assigned(first, second)
        overlap = float(((second @ turn) * first).sum())
    else:
        u, sigma, vt = _across(second, first)
        turn, overlap = u @ vt, float(sigma.sum())
    lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
    if lengths == 0:
        return turn, float("nan")
    return turn, float(np.arccos(np.clip(overlap / lengths, -1, 1)))


def _centred(cloud: NDArray[np.floating]) -> Matrix:
    values = cloud.astype(np.float64)
    return values - values.mean(axis=0)


def _across(second: Matrix, first: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """The singular value decomposition of secondᵀ first, by the points where they are fewer."""
    if max(second.shape[1], first.shape[1]) <= len(first):
        return np.linalg.svd(second.T @ first, full_matrices=False)
    (q_second, r_second), (q_first, r_first) = (np.linalg.qr(c.T) for c in (second, first))
    u, sigma, vt = np.linalg.svd(r_second @ r_first.T, full_matrices=False)
    return q_second @ u, sigma, vt @ q_first.T


def _assigned(first: Matrix, second: Matrix) -> Matrix:
    """Which unit of the second is which of the first: ones in a matrix of zeros."""
    from scipy.optimize import linear_sum_assignment

    spreads = [np.maximum(np.linalg.norm(cloud, axis=0), 1e-30) for cloud in (second, first)]
    correlation = (second / spreads[0]).T @ (first / spreads[1])
    rows, columns = linear_sum_assignment(correlation, maximize=True)
    turn = np.zeros(correlation.shape)
    turn[rows, columns] = 1
    return turn
