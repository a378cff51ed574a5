"""Clouds that are seen again and again: what of a wide one the frames of a film ask for is kept.

All frames between two representations lie in a few directions. A cloud of many units is projected
on them once; every instant is then a product of as many columns as there are directions.
"""

from collections.abc import Sequence

import numpy as np

from unknot.motion.transitions import Matrix, Parts
from unknot.traces.representation import Values

#: Units from which it pays.
FEWEST_UNITS = 64
#: What of a frame may lie outside the directions, by its length: far below single precision.
OUTSIDE = 1e-10
#: Directions that are kept, as a share of the units: beyond, they cost what they save.
MOST = 0.25


class Seen:
    """Clouds of one network, seen during one transition at a time.

    Parameters
    ----------
    clouds : sequence of (n_points, n_units) arrays
        Of all representations.
    """

    def __init__(self, clouds: Sequence[Values]) -> None:
        self.clouds = clouds
        self._transition = -1
        self._kept: dict[int, tuple[Matrix, Values]] = {}

    def evaluate(self, transition: int, parts: Parts) -> Values:
        """An instant of a transition, (n_points, n_columns), in the clouds' own precision."""
        if transition != self._transition:
            self._transition, self._kept = transition, {}
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
        basis, projected = self._kept.get(k, (np.empty((len(matrix), 0)), cloud[:, :0]))
        outside = matrix - basis @ (basis.T @ matrix)
        lengths = np.linalg.norm(outside, axis=0)
        new = lengths > OUTSIDE * max(float(np.linalg.norm(matrix)), 1e-300)
        if new.any():
            n = basis.shape[1]
            if n + new.sum() > MOST * len(matrix):
                return cloud @ matrix.astype(number)
            # Householder's columns are orthonormal, also where two new ones are parallel.
            added = np.linalg.qr(np.hstack([basis, outside[:, new] / lengths[new]]))[0][:, n:]
            basis = np.hstack([basis, added])
            projected = np.hstack([projected, cloud @ added.astype(number)])
            self._kept[k] = basis, projected
        return projected @ (basis.T @ matrix).astype(number)
