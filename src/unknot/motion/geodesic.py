"""The shortest way from one frame to another."""

from dataclasses import dataclass

import numpy as np

from unknot.motion.rotation import Matrix, Rotation, complement, rotation

#: Sines of principal angles below this are rounding.
STILL = 1e-9
#: Of a unit vector, what is new beside others by less than this is their rounding.
NEW = 1e-3


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
    start = first @ p
    apart = last @ q - start * cosines
    lengths = np.linalg.norm(apart, axis=0)
    # arctan2 of the measured sine: arccos loses half its digits at small angles.
    angles = np.where(lengths > STILL, np.arctan2(lengths, cosines), 0)
    ahead = _directions(start, apart, lengths)
    if np.linalg.det(p @ q.T) < 0:
        ahead, angles, q = _over_the_top(first, ahead, angles, q)
    matrix = p @ q.T
    n_axes = len(matrix)
    return Geodesic(start, ahead, angles, p.T, rotation(matrix, np.eye(n_axes)))


def _directions(start: Matrix, apart: Matrix, lengths: Matrix) -> Matrix:
    """Unit vectors along `apart`, orthogonal to `start` and to each other; zero where still.

    Short differences carry the rounding of long ones, so the longest is taken first and the
    others are made orthogonal to it, twice over.
    """
    ahead = np.zeros_like(start)
    done = start
    for i in np.argsort(-lengths):
        if lengths[i] > STILL:
            direction = apart[:, i] / lengths[i]
            direction = direction - done @ (done.T @ direction)
            if np.linalg.norm(direction) < NEW:
                continue
            direction = direction / np.linalg.norm(direction)
            direction = direction - done @ (done.T @ direction)
            direction = direction / np.linalg.norm(direction)
            ahead[:, i] = direction
            done = np.column_stack([done, direction])
    return ahead


def _over_the_top(
    first: Matrix, ahead: Matrix, angles: Matrix, q: Matrix
) -> tuple[Matrix, Matrix, Matrix]:
    """Send the last principal vector to minus its goal, which undoes one mirror image."""
    if not ahead[:, -1].any():
        # The angles are sorted, so nothing moved at all and the two planes are one: turn the
        # vector over through any direction outside it.
        ahead = ahead.copy()
        ahead[:, -1:] = complement(first, 1)
    angles = angles.copy()
    angles[-1] -= np.pi
    q = q.copy()
    q[:, -1] *= -1
    return ahead, angles, q
