"""How many dimensions a cloud fills: by its variance, and by its nearest neighbours."""

import numpy as np

from unknot.measures.class_geometry import nearest
from unknot.measures.scaling import unit_scale
from unknot.measures.table import Missing, Place, measure_of

#: Distinct points under which a slope through the neighbour ratios says nothing.
FEWEST_POINTS = 20
#: Share of the largest ratios left out of the fit, as in the paper.
DISCARDED = 0.1


@measure_of(
    title="participation ratio",
    range=(1, None),
    max_points=100_000,
    max_values=4_000_000,
)
def participation_ratio(place: Place) -> float:
    """Number of directions that share the variance: ``(Σ λ)² / Σ λ²``.

    λ are the eigenvalues of the covariance. 1 when all points lie on a line, n_units when every
    direction varies the same; neither is better. Rotating, shifting or scaling the whole cloud
    changes nothing.

    Known failings: linear, so a curve in many units counts as many dimensions; never over
    n_points − 1 and too low with fewer than some ten points a unit; one loud unit hides the rest.

    Source: Gao et al., *A theory of multineuronal dimensionality, dynamics and measurement*
    (2017).
    """
    x = unit_scale(place.values)
    # The same eigenvalues from either side; only sums of them are needed.
    square = x.T @ x if x.shape[1] <= x.shape[0] else x @ x.T
    return float(np.trace(square) ** 2 / (square * square).sum())


@measure_of(
    title="intrinsic dimension (TwoNN)",
    range=(0, None),
    max_points=5_000,
    max_values=1_000_000,
)
def intrinsic_dimension(place: Place) -> float:
    """Dimension of the surface on which the points lie, from their two nearest neighbours.

    With μ = r₂ / r₁ of the distances to the second and the first neighbour, −log(1 − F(μ)) is a
    line through 0 in log μ whose slope is the dimension; F is the empirical distribution, and
    the 10% of the points with the largest μ are left out of the fit. 1 on a curve, 2 on a sheet;
    neither is better. Rotating, shifting or scaling the whole cloud changes nothing.

    Duplicates are removed first: relu sends many points to one, and r₁ = 0 has no ratio. Missing
    with fewer than 20 distinct points.

    Known failings: the standard error is about 1/√n_points of the value; it looks at the smallest
    scale, so noise thicker than the gap between points counts as dimensions; too low above some
    ten dimensions, and on points that lie on a grid.

    Source: Facco, d'Errico, Rodriguez, Laio, *Estimating the intrinsic dimension of datasets by a
    minimal neighborhood information*, Scientific Reports 7 (2017).
    """
    x = unit_scale(np.unique(place.values, axis=0))
    if len(x) < FEWEST_POINTS:
        raise Missing(f"fewer than {FEWEST_POINTS} distinct points")
    # Distances anew from the points: in many units the search itself rounds them.
    pairs = x[nearest(x, 2)] - x[:, None]
    r = np.sort(np.sqrt((pairs * pairs).sum(axis=2)), axis=1)
    r = r[r[:, 0] > 0]
    log_mu = np.sort(np.log(r[:, 1] / r[:, 0]))
    n = len(log_mu)
    kept = log_mu[: int(n * (1 - DISCARDED))]
    line = -np.log1p(-np.arange(1, len(kept) + 1) / n)
    squares = float((kept * kept).sum())
    if squares == 0:
        raise Missing("every point is as far from its second neighbour as from its first")
    return float((kept * line).sum()) / squares
