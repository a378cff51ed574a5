"""The shortest way from one frame to another."""

from dataclasses import dataclass

import numpy as np

from unknot.morph.rotation import Matrix, Rotation, rotation


@dataclass(frozen=True)
class Geodesic:
    """A path of orthonormal frames: planes move by their principal angles, then the rest turns.

    The plane moves along the geodesic of the Grassmannian (Buja, Cook, Asimov, Hurley 2005); the
    rotation that is left within the plane is spread over the same time.

    Attributes
    ----------
    start : (N, n_axes) float64
        The first frame, in principal vectors.
    ahead : (N, n_axes) float64
        Where each principal vector goes, orthogonal to `start`; zero where it stays.
    angles : (n_axes,) float64
        Principal angles.
    back : (n_axes, n_axes) float64
        From principal vectors to the frame's own columns.
    within : Rotation
        The rotation left within the plane.
    """

    start: Matrix
    ahead: Matrix
    angles: Matrix
    back: Matrix
    within: Rotation

    def at(self, s: float) -> Matrix:
        """The frame at `s`, (N, n_axes) with orthonormal columns; 0 ≤ s ≤ 1."""
        plane = self.start * np.cos(s * self.angles) + self.ahead * np.sin(s * self.angles)
        return plane @ self.back @ self.within.power(s)


def geodesic(first: Matrix, last: Matrix) -> Geodesic:
    """The geodesic between two frames of shape (N, n_axes).

    Where the two differ by a mirror image within the plane, the principal vector that turns
    farthest goes on to the other side: its angle θ becomes θ − π. That needs room (N > n_axes).
    """
    p, cosines, qt = np.linalg.svd(first.T @ last)
    q = qt.T
    cosines = np.clip(cosines, -1, 1)
    ahead = last @ q - (first @ p) * cosines
    lengths = np.linalg.norm(ahead, axis=0)
    # arctan2 of the measured sine: arccos loses half its digits at small angles.
    angles = np.arctan2(lengths, cosines)
    still = lengths < 1e-12
    ahead = np.where(still, 0, ahead / np.where(still, 1, lengths))
    if np.linalg.det(p @ q.T) < 0:
        ahead, angles, q = _over_the_top(first, last, ahead, angles, q)
    matrix = p @ q.T
    n_axes = len(matrix)
    return Geodesic(first @ p, ahead, angles, p.T, rotation(matrix, np.eye(n_axes)))


def _over_the_top(
    first: Matrix, last: Matrix, ahead: Matrix, angles: Matrix, q: Matrix
) -> tuple[Matrix, Matrix, Matrix]:
    """Send the last principal vector to minus its goal, which undoes one mirror image."""
    if not ahead[:, -1].any():
        # It did not move at all: turn it over through any direction outside both planes.
        both = np.linalg.qr(np.hstack([first, last]))[0]
        outside = np.eye(len(first)) - both @ both.T
        column = outside[:, np.linalg.norm(outside, axis=0).argmax()]
        length = np.linalg.norm(column)
        ahead = ahead.copy()
        if length > 1e-6:
            ahead[:, -1] = column / length
    angles = angles.copy()
    angles[-1] -= np.pi
    q = q.copy()
    q[:, -1] *= -1
    return ahead, angles, q
