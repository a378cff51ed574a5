"""How the classes lie: between and within them, among neighbours, in how many dimensions."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.measures.clouds import ROUNDING, in_span, unit_scale
from unknot.measures.table import Matrix, Missing, Place, measure_of

#: Neighbours for `neighbour_agreement`.
NEIGHBOURS = 15
#: Ridge of the Fisher ratio, as a share of the mean variance of a unit.
RIDGE = 1e-3
#: Distinct points under which a slope through the neighbour ratios says nothing.
FEWEST_POINTS = 20
#: Share of the largest ratios left out of the fit, as in the paper.
DISCARDED = 0.1


@measure_of(
    title="classes apart, in their spreads (Fisher ratio)",
    range=(0, None),
    direction="higher",
    max_points=100_000,
    max_values=4_000_000,
    needs=("classes",),
)
def fisher_ratio(place: Place) -> float:
    """Spread between the classes against spread within them, along the best directions.

    ``tr((S_W + λ I)⁻¹ S_B)`` with the covariances within classes and of their means (each class
    weighted by its points, so that S_W + S_B is the covariance of all) and
    ``λ = 10⁻³ tr(S_W + S_B) / n_units``. From 0, higher is less tangled; rotating, shifting or
    scaling the whole cloud changes nothing.

    Known failings: it sees means only (0 for two rings around one centre); with fewer points
    than some ten a unit it is far too high, shuffled labels included; for collapsed classes λ
    alone decides how high it goes (at most 1,000 n_units).

    Source: Fisher (1936); the trace form is Fukunaga's, *Introduction to Statistical Pattern
    Recognition* (1990), section 10.2.
    """
    x = unit_scale(place.values)
    n_points, n_units = x.shape
    ridge = RIDGE * float((x * x).sum()) / n_points / n_units
    x = in_span(x)
    classes, index, counts = np.unique(place.labels, return_inverse=True, return_counts=True)
    means = np.stack([x[index == c].mean(axis=0) for c in range(len(classes))])
    within = x - means[index]
    s_w: Matrix = within.T @ within / n_points + ridge * np.eye(x.shape[1])
    weighted: Matrix = means * np.sqrt(counts / n_points)[:, None]
    return float((weighted * np.linalg.solve(s_w, weighted.T).T).sum())


@measure_of(
    title="distances within classes against between (GDV)",
    direction="lower",
    max_points=2_000,
    max_values=2_000_000,
    needs=("classes",),
)
def gdv(place: Place) -> float:
    """Mean distance within classes less mean distance between classes, a unit.

    With every unit as ``z = (x − μ) / (2 σ)``:
    ``D^(−1/2) [mean over classes of the mean distance in a class − mean over pairs of classes of
    the mean distance between them]``, each point's distance to itself left out, D the number of
    units. −1 for two classes of the same size, each collapsed to a point; near 0 when labels mean
    nothing. Lower is less tangled; it may pass −1 when the classes differ in size.

    Units without spread count as 0, and they count in D: they pull the value towards 0. A class
    of one point has no distance within it and is left out of that mean.

    Known failings: blind to shape (a ring around a blob is "tangled"); each unit counts the same
    however little it varies, so rotating the cloud changes it.

    Source: Schilling, Maier, Gerum, Metzner, Krauss, *Quantifying the separability of data
    classes in neural networks*, Neural Networks 139 (2021).
    """
    from scipy.spatial.distance import cdist, pdist

    z = _half_standardised(place.values)
    groups = [z[place.labels == c] for c in np.unique(place.labels)]
    within = [float(pdist(g).mean()) for g in groups if len(g) > 1]
    if not within:
        raise Missing("every class has one point: there is no distance within a class")
    between = [float(cdist(a, b).mean()) for i, a in enumerate(groups) for b in groups[:i]]
    return float((np.mean(within) - np.mean(between)) / np.sqrt(z.shape[1]))


def _half_standardised(values: Matrix) -> Matrix:
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    flat = deviation <= ROUNDING * np.abs(values).max(axis=0, initial=0.0)
    if flat.all():
        raise Missing("all points are equal")
    z = (values - mean) / np.where(flat, 1.0, 2 * deviation)
    z[:, flat] = 0.0
    return z


@measure_of(
    title="nearer to own class than others (silhouette)",
    range=(-1, 1),
    direction="higher",
    max_points=2_000,
    max_values=2_000_000,
    needs=("classes",),
    fewest_of_class=30,
)
def silhouette(place: Place) -> float:
    """Mean over points of ``(b − a) / max(a, b)``.

    a is a point's mean distance to the others of its class, b its mean distance to the nearest
    other class; a point alone in its class counts 0. −1 to 1, higher is less tangled, 0 where the
    classes overlap. Rotating, shifting or scaling the whole cloud changes nothing.

    Of many points some are drawn, 30 or more of each class as far as 4,000 points allow, and each
    class counts by its share of all. The nearest of many classes is then too near by chance: with
    20 points each of 100 classes in 10 units it is lower by 0.01 than on all 12,000.

    Known failings: it asks for round clumps (negative for the outer one of two clean rings); in
    many units distances become alike and it shrinks towards 0.

    Source: Rousseeuw, J. Comput. Appl. Math. 20 (1987); computed by scikit-learn.
    """
    from sklearn import metrics

    x = unit_scale(place.values)
    if len(np.unique(place.labels)) >= len(x):
        raise Missing("every class has one point")
    each = cast("Any", metrics).silhouette_samples(x, place.labels)
    return float(np.average(each, weights=place.weights))


@measure_of(
    title="neighbours of the same class, k = 15",
    range=(0, 1),
    direction="higher",
    max_points=5_000,
    max_values=2_000_000,
    needs=("classes",),
)
def neighbour_agreement(place: Place) -> float:
    """Share of the 15 nearest neighbours of a point that have its class, mean over points.

    The point itself is not among them. 0 to 1, higher is less tangled; labels that mean nothing
    give the sum of the squared shares of the classes (0.5 for two equal ones). Rotating, shifting
    or scaling the whole cloud changes nothing.

    Known failings: classes with 15 points or fewer cannot reach 1; among more than 15 points at
    the same distance (duplicates after relu) it is left to the search which ones count; which
    points are near depends on how many are given.

    Source: Cover and Hart, *Nearest neighbor pattern classification* (1967).
    """
    x = unit_scale(place.values)
    if len(x) <= NEIGHBOURS:
        raise Missing(f"fewer than {NEIGHBOURS + 1} points: nobody has {NEIGHBOURS} neighbours")
    near = nearest(x, NEIGHBOURS)
    return float((place.labels[near] == place.labels[:, None]).mean())


def nearest(x: Matrix, k: int) -> NDArray[np.int64]:
    """(n_points, k) row numbers of the nearest other points."""
    from sklearn.neighbors import NearestNeighbors

    search = cast("Any", NearestNeighbors(n_neighbors=k))
    return search.fit(x).kneighbors(return_distance=False)


@measure_of(
    title="directions it fills (participation ratio)",
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
    title="dimension of the cloud (TwoNN)",
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

    Known failings: the standard error is about 1.3/√n_points of the value (measured on 1 to 5
    dimensions, 200 to 5,000 points); it looks at the smallest scale, so noise thicker than the gap
    between points counts as dimensions; too low above some ten dimensions (by 5 to 9 % in 5), and
    on points that lie on a grid.

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
    smaller = log_mu[: int(n * (1 - DISCARDED))]
    line = -np.log1p(-np.arange(1, len(smaller) + 1) / n)
    squares = float((smaller * smaller).sum())
    if squares == 0:
        raise Missing("every point is as far from its second neighbour as from its first")
    return float((smaller * line).sum()) / squares
