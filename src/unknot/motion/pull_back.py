"""Seen through a map: the frame before it in which the next frame's picture is already there."""

import numpy as np

from unknot.motion.along_map import AlongAffine
from unknot.motion.rotation import Matrix, complement, pad_rows, polar


def pull_back(path: AlongAffine, before: Matrix, after: Matrix) -> Matrix:
    """The frame ``U D + E′`` that the stretch takes to the same picture as `after`.

    With ``after = V D + E`` (``D = Vᵀ after``; ``E`` is what the map cannot reach), a cloud ``x``
    that is stretched to ``x U Σ Uᵀ`` and then seen in ``U D`` shows ``x U Σ D``, and that is
    ``x W`` seen in `after`. ``E′`` is orthogonal to ``U``, has the same Gram matrix as ``E``, and
    is as near to `before` as it can be.

    Parameters
    ----------
    path : AlongAffine
    before, after : (N, n_axes) float64
        Frames of the representations at both ends, padded to the same N.

    Returns
    -------
    (N, n_axes) float64
        Orthonormal columns.
    """
    n = len(before)
    u, v = pad_rows(path.source, n), pad_rows(path.target, n)
    reached = v.T @ after
    missing = after - v @ reached
    values, vectors = np.linalg.eigh(missing.T @ missing)
    # Only what is more than rounding: the Gram matrix of a frame has eigenvalues up to 1.
    keep = values > 1e-12
    root = vectors[:, keep] * np.sqrt(values[keep])
    return polar(u @ reached + _nearest_outside(u, before @ root) @ root.T)


def _nearest_outside(taken: Matrix, wanted: Matrix) -> Matrix:
    """Orthonormal columns orthogonal to those taken, as near to those wanted as can be."""
    apart = wanted - taken @ (taken.T @ wanted)
    p, sigma, qt = np.linalg.svd(apart - taken @ (taken.T @ apart), full_matrices=False)
    n_inside = int((sigma <= 1e-12).sum())
    if n_inside:
        # What lies within is as near to any direction outside.
        p = p[:, : len(sigma) - n_inside]
        p = np.hstack([p, complement(np.hstack([taken, p]), n_inside)])
    return np.asarray(p @ qt)


def aligned(path: AlongAffine, before: Matrix, after: Matrix) -> Matrix:
    """`after`, turned within its plane so that its pull-back lies nearest to `before`."""
    n = len(before)
    u, v = pad_rows(path.source, n), pad_rows(path.target, n)
    return after @ polar(after.T @ v @ u.T @ before)
