"""Turning by parts: the path t ↦ Rᵗ of a rotation, and the rotation nearest to nothing at all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import schur

Matrix = NDArray[np.float64]

#: Singular values below this share of the largest are rounding.
ROUNDING = 1e-13


@dataclass(frozen=True)
class Rotation:
    """A rotation of R^N as plane rotations: `basis` columns turn in pairs, all else rests.

    Attributes
    ----------
    basis : (N, m) float64
        Orthonormal columns.
    planes : (n_planes, 2) int
        Which columns of `basis` span each plane.
    angles : (n_planes,) float64
        In radians, in (−π, π].
    """

    basis: Matrix
    planes: NDArray[np.int64]
    angles: Matrix

    def power(self, t: float, matrix: Matrix | None = None) -> Matrix:
        """``R^t = exp(t log R)``, or that times a matrix of N rows; rows turn by ``x @ R``."""
        matrix = np.eye(len(self.basis)) if matrix is None else matrix
        inside = self.basis.T @ matrix
        change = np.zeros_like(inside)
        first, second = inside[self.planes.T]
        cosine, sine = np.cos(t * self.angles)[:, None], np.sin(t * self.angles)[:, None]
        change[self.planes[:, 0]] = (cosine - 1) * first - sine * second
        change[self.planes[:, 1]] = sine * first + (cosine - 1) * second
        # The part of the space outside `basis` rests.
        return matrix + self.basis @ change


def rotation(matrix: Matrix, basis: Matrix) -> Rotation:
    """Write a rotation as plane rotations, through the real Schur form.

    A principal logarithm does not exist when −1 is an eigenvalue, and ``logm`` then goes complex.
    In the real Schur form of an orthogonal matrix the eigenvalues −1 are diagonal entries; a
    rotation has an even number of them, and each pair is a half turn.

    Parameters
    ----------
    matrix : (m, m) float64
        Orthogonal with determinant 1, in the coordinates of `basis`.
    basis : (N, m) float64
        Orthonormal columns.
    """
    triangular, vectors = schur(matrix, output="real")
    planes: list[tuple[int, int]] = []
    angles: list[float] = []
    half_turns: list[int] = []
    i = 0
    while i < len(matrix):
        if i + 1 < len(matrix) and triangular[i + 1, i] != 0:
            planes.append((i, i + 1))
            angles.append(float(np.arctan2(triangular[i + 1, i], triangular[i, i])))
            i += 2
            continue
        if triangular[i, i] < 0:
            half_turns.append(i)
        i += 1
    vectors = np.asarray(basis @ vectors)
    for first, second in zip(half_turns[::2], half_turns[1::2], strict=True):
        is_upright = _is_upright(vectors[:, first], vectors[:, second])
        planes.append((first, second) if is_upright else (second, first))
        angles.append(np.pi)
    return Rotation(
        vectors,
        np.array(planes, dtype=np.int64).reshape(-1, 2),
        np.array(angles, dtype=np.float64),
    )


def _is_upright(first: Matrix, second: Matrix) -> bool:
    """Which way round a half turn goes, from the first direction over the second.

    Both ways end at the same place; that one is right in which the plane's largest coordinate is
    positive, whatever signs the vectors have.
    """

    def row(i: int) -> Matrix:
        """Of the plane's form above its diagonal: the whole has the square of all axes."""
        return first[i] * second[i + 1 :] - second[i] * first[i + 1 :]

    rows = range(len(first) - 1)
    largest = (1 - 1e-9) * max(float(np.abs(row(i)).max()) for i in rows)
    form = next(form for form in map(row, rows) if np.abs(form).max() >= largest)
    return bool(form[np.argmax(np.abs(form) >= largest)] > 0)


def complement(columns: Matrix, count: int | None = None) -> Matrix:
    """Orthonormal columns orthogonal to the given orthonormal ones.

    Parameters
    ----------
    columns : (N, r) float64
        Orthonormal.
    count : int, optional
        How many; all ``N − r`` when left out.
    """
    n, r = columns.shape
    n_new = n - r if count is None else min(count, n - r)
    if not r:
        return np.eye(n, n_new)
    # Columns of zeros reflect nothing, so that what Q has for them is orthogonal to the others.
    return np.linalg.qr(np.hstack([columns, np.zeros((n, n_new))]))[0][:, r:]


def polar(matrix: Matrix) -> Matrix:
    """The orthogonal factor: the matrix with orthonormal columns (or rows) nearest to this one.

    Many are as near where the matrix kills directions: of these a square one takes the one nearest
    to no turn at all, whatever signs LAPACK gives the vectors of singular values of zero.
    """
    u, sigma, vt = np.linalg.svd(matrix, full_matrices=False)
    rank = int((sigma > ROUNDING * sigma[:1]).sum())
    if len(matrix) == matrix.shape[1] and rank < len(sigma):
        if not rank:
            return np.eye(len(matrix))
        u = np.hstack([u[:, :rank], u[:, rank:] @ polar(u[:, rank:].T @ vt[rank:].T)])
    return np.asarray(u @ vt)


def pad_rows(matrix: Matrix, n: int) -> Matrix:
    """Zeros below, up to `n` rows; rows beyond `n` are cut (they must be zero)."""
    return np.pad(matrix, ((0, max(n - len(matrix), 0)), (0, 0)))[:n]


def carrying_rotation(source: Matrix, target: Matrix) -> tuple[Rotation, bool]:
    """The rotation that takes ``source[:, i]`` to ``target[:, i]`` and moves the rest least.

    It acts in the span of both. When the two are each other's mirror image within one span, the
    mirror image is reached by a half turn through a further axis, as a card is turned over.

    Parameters
    ----------
    source, target : (N, r) float64
        Orthonormal columns.

    Returns
    -------
    rotation : Rotation
        Of R^N, or of R^(N + 1) when every one of the N axes is taken.
    turned_over : bool
        True when a further axis was needed.
    """
    n, r = source.shape
    basis = _common_basis(source, target)
    turned_over = False
    if basis.shape[1] == r and np.linalg.det((basis.T @ source).T @ (basis.T @ target)) < 0:
        turned_over = True
        if n == r:
            basis = np.eye(n + 1)
            source, target = (np.pad(m, ((0, 1), (0, 0))) for m in (source, target))
        else:
            basis = np.hstack([basis, complement(basis, 1)])
    u, v = basis.T @ source, basis.T @ target
    a, b = complement(u), complement(v)
    p, _, qt = np.linalg.svd(a.T @ b)
    matrix = u @ v.T + a @ p @ qt @ b.T
    if len(matrix) and np.linalg.det(matrix) < 0:
        # Flip the direction that is farthest from resting: the smallest singular value is last.
        p[:, -1] *= -1
        matrix = u @ v.T + a @ p @ qt @ b.T
    return rotation(matrix, basis), turned_over


def _common_basis(source: Matrix, target: Matrix) -> Matrix:
    """Orthonormal basis of the span of both, `source` first, (N, m) with r ≤ m ≤ 2r."""
    rest = target - source @ (source.T @ target)
    u, sigma, _ = np.linalg.svd(rest, full_matrices=False)
    # A direction counts as new when it is more than rounding: sines of principal angles.
    new = u[:, sigma > 1e-9]
    # Clean up once more: a tiny sine has lost digits to cancellation.
    new = np.linalg.qr(new - source @ (source.T @ new))[0]
    return np.hstack([source, new])
