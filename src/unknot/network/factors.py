"""Which directions an affine map reads, and how much it stretches each: U, Σ and V of its weight.

What counts as rank is a property of the map and of the cloud that it meets: a direction with a
tiny singular value is not lost where the cloud is huge along it. The cut is made here and nowhere
else; the morph, its notes and the measures ask for it.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import spread_rows

Matrix = NDArray[np.float64]
#: U, σ in descending order, and V.
Svd = tuple[Matrix, Matrix, Matrix]

#: Rows and values of a cloud that are looked at, spread evenly over it.
MAX_ROWS, MAX_VALUES = 50_000, 20_000_000
#: A cloud lies flat in a direction along which it spreads less than this share of what its units
#: are there: as numbers of single precision they hold no more.
FLAT = 1e-6
#: Coordinates of unit vectors below this are rounding.
NONE = 1e-14


@dataclass(frozen=True)
class Factors:
    """``weight = U Σ Vᵀ``, as far as a cloud meets it.

    Attributes
    ----------
    source : (n_in, rank) float64
        U: the directions that the map reads, strongest first.
    scales : (rank,) float64
        Σ: how much it stretches each.
    target : (n_out, rank) float64
        V: where it sends them.
    points : (n_points, n_in) float array or None
        The cloud before.
    """

    source: Matrix
    scales: Matrix
    target: Matrix
    points: NDArray[np.floating] | None

    @property
    def cloud(self) -> Matrix | None:
        """(n_rows, n_in): some rows of the points. Not kept: it may be as large as they are."""
        return None if self.points is None else sampled(self.points)

    @property
    def rank(self) -> int:
        """How many directions arrive."""
        return len(self.scales)

    @property
    def is_singular(self) -> bool:
        """Whether a direction is lost that a map of its shape could keep."""
        return self.rank < min(len(self.source), len(self.target))

    @property
    def determinant_sign(self) -> int | None:
        """−1, 0 or 1 for a square weight (0 when a direction is lost), otherwise None."""
        if len(self.source) != len(self.target):
            return None
        if self.is_singular:
            return 0
        return int(np.linalg.slogdet(self.source)[0] * np.linalg.slogdet(self.target)[0])

    def sent_on(self, frame: Matrix) -> "Factors":
        """With targets that are coordinates in a frame (n_out, n_axes): where they lie in full."""
        return Factors(self.source, self.scales, frame @ self.target, self.points)

    @cached_property
    def filled(self) -> NDArray[np.bool_]:
        """(rank,) along which of the directions the cloud spreads; all where it is not known."""
        cloud = self.cloud
        return np.ones(self.rank, bool) if cloud is None else _spreads(cloud, self.source)

    @cached_property
    def n_pressed(self) -> int:
        """How many directions that are lost hold some of the cloud: those are pressed flat."""
        n_in = len(self.source)
        if self.rank == n_in:
            return 0
        cloud = self.cloud
        return n_in - self.rank if cloud is None else _dimensions_outside(cloud, self.source)

    @cached_property
    def is_spanned(self) -> bool:
        """Whether the cloud has extent in every direction of the space that arrives."""
        cloud = self.cloud
        return cloud is None or _dimensions(cloud, self.source) == self.rank


def factors(svd: Svd, cloud: NDArray[np.floating] | None, precision: float) -> Factors:
    """What of a weight's factors counts for a cloud.

    Parameters
    ----------
    svd : Svd
        Of the weight.
    cloud : (n_points, n_in) float array or None
        Before the map. Without one, all directions count as equally filled.
    precision : float
        Singular values below this share of the largest are rounding of the weights, unless the
        cloud makes more of them: what counts is σ times the cloud's size along its direction.
    """
    u, sigma, v = svd
    keep = sigma > precision * sigma.max(initial=0)
    if not keep.all() and cloud is not None and len(cloud):
        felt = sigma * np.sqrt(np.square(sampled(cloud) @ u).mean(axis=0))
        keep |= felt > precision * felt.max()
    return Factors(u[:, keep], sigma[keep], v[:, keep], cloud)


def sampled(cloud: NDArray[np.floating]) -> Matrix:
    """Some rows of a cloud in double precision."""
    n_points, n_units = cloud.shape
    rows = spread_rows(n_points, min(MAX_ROWS, max(MAX_VALUES // max(n_units, 1), 1)))
    return cloud[rows].astype(np.float64)


def graded_svd(matrix: Matrix) -> Svd:
    """U, σ in descending order and V, each row of ``U Σ Vᵀ`` as exact as the row is long.

    Rows may differ by any power of ten: a scaling map has a row of 1e-8 beside one of 1e8. Plain
    LAPACK is exact to the longest row only. One-sided Jacobi rotations (Demmel and Veselić 1992,
    Drmač and Veselić 2008) keep rows apart; they start from the plain V.
    """
    from scipy.linalg import lapack

    if len(matrix) < matrix.shape[1]:
        # A reflection keeps the length of each row.
        basis, rows = np.linalg.qr(matrix.T)
        u, sigma, v = graded_svd(rows.T)
        return u, sigma, basis @ v
    rough: Matrix = np.linalg.svd(matrix, full_matrices=False)[2].T
    if not matrix.size:
        return matrix, np.zeros(0), rough[:, :0]
    jacobi = cast("Any", lapack).dgejsv
    done: list[Matrix] = jacobi(matrix @ rough, joba=3, jobu=0, jobv=0, jobr=1, jobt=0, jobp=0)
    lengths, u, v, scale = done[:4]
    return u, lengths * (scale[0] / scale[1]), rough @ v


def _dimensions(cloud: Matrix, basis: Matrix) -> int:
    """In how many directions a cloud spreads, of the space of some orthonormal columns."""
    if not len(cloud):
        return 0
    centred = cloud - cloud.mean(axis=0)
    turned: Matrix = np.linalg.svd(centred @ basis, full_matrices=False)[2].T
    return int(_spreads(cloud, basis @ turned).sum())


def _dimensions_outside(cloud: Matrix, source: Matrix) -> int:
    """In how many directions a cloud spreads, of those orthogonal to some orthonormal columns.

    No basis of them is made: of a wide layer it is a matrix of its units squared.
    """
    if not len(cloud):
        return 0
    outside = cloud - cloud.mean(axis=0)
    for _ in range(2):
        outside -= (outside @ source) @ source.T
    if len(outside) > outside.shape[1]:
        outside = np.linalg.qr(outside, mode="r")
    directions: Matrix = np.linalg.svd(outside, full_matrices=False)[2].T
    del outside  # each of these takes 80 MB of 1,000 rows of 10,000 units
    # What lies among the columns by rounding has no extent outside them.
    directions -= source @ (source.T @ directions)
    lengths: Matrix = np.linalg.norm(directions, axis=0)
    directions = directions[:, lengths > 0.5] / lengths[lengths > 0.5]
    return int(_spreads(cloud, directions).sum())


def _spreads(cloud: Matrix, directions: Matrix) -> NDArray[np.bool_]:
    """Along which orthonormal columns a cloud spreads by more than the rounding of its units."""
    if not len(cloud):
        return np.zeros(len(directions.T), bool)
    centred = cloud - cloud.mean(axis=0)
    # What a direction has of others by rounding tells nothing, least of all where it is all.
    directions = np.where(np.abs(directions) > NONE, directions, 0)
    spread: Matrix = np.square(centred @ directions).mean(axis=0)
    size: Matrix = np.square(cloud).mean(axis=0) @ np.square(directions)
    return np.greater(spread, FLAT**2 * size)
