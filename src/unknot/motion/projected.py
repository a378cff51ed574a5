"""Clouds that are seen again and again: a film projects a wide one once.

All frames between two representations lie in a few directions. A cloud of many units is projected
on them once; every instant is then a product of as many columns as there are directions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unknot.motion.transitions import Matrix, Parts
from unknot.traces.representation import Values

#: Units from which it pays.
FEWEST_UNITS = 64
#: What of an instant may lie outside the directions, as a share of the numbers in it: far below
#: single precision.
OUTSIDE = 1e-9
#: By how much the rounding of what is kept may exceed that of the product itself: directions in
#: which units of very unequal scales cancel are of no use.
ROUNDING = 4.0
#: Directions that are kept, as a share of the units: beyond, they cost what they save.
MOST = 0.25


@dataclass(frozen=True)
class ProjectedCloud:
    """What is kept of one cloud during one transition.

    Attributes
    ----------
    reach : (n_units,) float64
        How far out the points lie along each unit.
    basis : (n_units, n_directions) float64
        Orthonormal.
    projected : (n_points, n_directions) float array
    sizes : (n_directions,) float64
        How far out they lie along each direction.
    """

    reach: Matrix
    basis: Matrix
    projected: Values
    sizes: Matrix

    @classmethod
    def nothing(cls, cloud: Values) -> "ProjectedCloud":
        """No direction yet."""
        return cls(_reach(cloud), np.empty((cloud.shape[1], 0)), cloud[:, :0], np.empty(0))

    def with_directions(self, cloud: Values, directions: Matrix) -> "ProjectedCloud":
        """And some more, (n_units, n), in which the cloud is projected now."""
        n = self.basis.shape[1]
        # Householder's columns are orthonormal, also where two new ones are parallel.
        added = np.linalg.qr(np.hstack([self.basis, directions]))[0][:, n:]
        seen = cloud @ added.astype(cloud.dtype)
        return ProjectedCloud(
            self.reach,
            np.hstack([self.basis, added]),
            np.hstack([self.projected, seen]),
            np.concatenate([self.sizes, _reach(seen)]),
        )


def _reach(cloud: Values) -> Matrix:
    return np.maximum(cloud.max(axis=0), -cloud.min(axis=0)).astype(np.float64)


class ProjectedClouds:
    """Clouds of one network, seen during one transition at a time.

    Parameters
    ----------
    clouds : sequence of (n_points, n_units) arrays
        Of all representations.
    """

    def __init__(self, clouds: Sequence[Values]) -> None:
        self.clouds = clouds
        self._transition = -1
        self._projected: dict[int, ProjectedCloud] = {}

    def evaluate(self, transition: int, parts: Parts) -> Values:
        """An instant of a transition, (n_points, n_columns), in the clouds' own precision."""
        if transition != self._transition:
            self._transition, self._projected = transition, {}
        result = self._times(*parts.terms[0])
        for k, matrix in parts.terms[1:]:
            result += self._times(k, matrix)
        result += parts.offset.astype(result.dtype)
        return result

    def _times(self, k: int, matrix: Matrix) -> Values:
        cloud = self.clouds[k]
        number = cloud.dtype
        if cloud.shape[1] < FEWEST_UNITS or not len(cloud):
            return cloud @ matrix.astype(number)
        known = self._projected.get(k) or ProjectedCloud.nothing(cloud)
        size = known.reach @ np.abs(matrix)
        outside = matrix - known.basis @ (known.basis.T @ matrix)
        new = known.reach @ np.abs(outside) > OUTSIDE * size
        if new.any() and known.basis.shape[1] + new.sum() <= MOST * len(matrix):
            directions = outside[:, new] / np.linalg.norm(outside[:, new], axis=0)
            known = known.with_directions(cloud, directions)
            new[:] = False
        self._projected[k] = known
        along = known.basis.T @ matrix
        if new.any() or (known.sizes @ np.abs(along) > ROUNDING * size).any():
            return cloud @ matrix.astype(number)
        return known.projected @ along.astype(number)
