"""Principal directions: where a cloud spreads most."""

import numpy as np

from unknot.motion.rotation import Matrix
from unknot.traces.representation import Values

#: Units, or rows where they are fewer, up to which directions come from a matrix of that size; of
#: larger clouds they are sought in a subspace.
MAX_SIDE = 512


def principal_directions(values: Values, most: int | None = None) -> tuple[Matrix, Matrix]:
    """Eigenvectors of the covariance, (n_units, count), and variances (count,), largest first.

    As many as there are units, or `most`.

    No matrix is made whose sides are both as long as the cloud's longer one, nor, beyond
    `MAX_SIDE`, its shorter one: there the directions are those of a block Krylov subspace (Musco
    and Musco 2015), whose variances are the largest to about 1e-3 however close they lie. Signs
    are fixed so that the largest entry of each direction is positive.
    """
    centred = np.asarray(values, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    n, n_units = centred.shape
    count = n_units if most is None else min(most, n_units)
    if n_units <= MAX_SIDE:
        variances, vectors = np.linalg.eigh(centred.T @ centred / max(n, 1))
        vectors = vectors[:, ::-1][:, :count]
        return signed(vectors), np.maximum(variances[::-1][:count], 0)
    if n <= max(MAX_SIDE, 16 * count):
        rows = np.linalg.eigh(centred @ centred.T)[1][:, ::-1][:, :count]
        basis = centred.T @ rows
        # Where there are fewer rows than directions, the rest are orthogonal to them.
        basis = np.hstack([basis, np.zeros((n_units, count - basis.shape[1]))])
        basis = np.linalg.qr(basis)[0]
    else:
        basis = _krylov_basis(centred, count)
    seen = centred @ basis
    variances, turn = np.linalg.eigh(seen.T @ seen / max(n, 1))
    vectors = basis @ turn[:, ::-1][:, :count]
    return signed(vectors), np.maximum(variances[::-1][:count], 0)


def _krylov_basis(centred: Matrix, count: int) -> Matrix:
    """Orthonormal columns whose span holds the leading directions, after a few products."""
    block = np.random.default_rng(0).normal(size=(centred.shape[1], max(count, 8)))
    blocks = [np.linalg.qr(centred.T @ (centred @ block))[0]]
    for _ in range(max(3, 80 // block.shape[1])):
        blocks.append(np.linalg.qr(centred.T @ (centred @ blocks[-1]))[0])
    return np.linalg.qr(np.hstack(blocks))[0]


def signed(directions: Matrix) -> Matrix:
    """Directions have no sign of their own: the largest entry of each column is made positive."""
    largest = np.abs(directions).argmax(axis=0)
    signs = np.sign(directions[largest, np.arange(directions.shape[1])])
    return directions * np.where(signs == 0, 1, signs)
