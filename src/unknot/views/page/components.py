"""Wide layers by the directions in which they vary most."""

from collections.abc import Sequence

import numpy as np

from unknot.motion.projection import Matrix, spread_rows
from unknot.network.maps import Activation
from unknot.traces.representation import Trace, Values

#: Units up to which a layer is stored whole; of wider ones, how many directions are.
MOST_UNITS, DIRECTIONS = 128, 64
#: Points, and values, from which the directions are worked out.
MAX_ROWS = 20_000
MAX_VALUES = 20_000_000


def stored_units(n_units: int) -> int:
    """Columns that are stored of a layer."""
    return n_units if n_units <= MOST_UNITS else DIRECTIONS


def frames(last: Trace) -> list[Matrix | None]:
    """Orthonormal directions (n_units, DIRECTIONS) of each wide layer; None for the others.

    A layer before and after its activation has the same, those of both clouds together: a map
    that acts unit by unit is then seen as it is in the directions that are kept.
    """
    found: list[Matrix | None] = []
    for group in _groups(last):
        clouds = [last.representations[k].values for k in group]
        frame = None if clouds[0].shape[1] <= MOST_UNITS else _common(clouds)
        found += [frame] * len(group)
    return found


def variance_kept(values: Values, frame: Matrix) -> float:
    """The share of a cloud's variance along the columns of a frame, 0 to 1."""
    if not len(values):
        return 1.0
    some = _some(values, 1)
    whole = float(some.var(axis=0).sum())
    return float((some @ frame).var(axis=0).sum()) / whole if whole > 0 else 1.0


def leading_directions(values: Values, n: int) -> Matrix:
    """The first principal directions, (n_units, n), without a covariance of all the units.

    The randomised method of Halko, Martinsson and Tropp (2011). Where there are fewer points than
    directions, the rest are orthogonal to them.
    """
    from sklearn.utils.extmath import randomized_svd

    centred = values.astype(np.float64)
    centred -= centred.mean(axis=0) if len(values) else 0.0
    some = min(n, len(values))
    found = np.zeros((0, values.shape[1]))
    if some:
        found = randomized_svd(centred, some, random_state=0)[2]
    directions, triangle = np.linalg.qr(np.vstack([found, np.eye(n, values.shape[1])[some:]]).T)
    directions *= np.where(np.diag(triangle) < 0, -1, 1)
    largest = np.abs(directions).argmax(axis=0)
    return directions * np.sign(directions[largest, np.arange(n)])


def _groups(last: Trace) -> list[list[int]]:
    """Representations that are joined by activations."""
    groups = [[0]]
    for k, map_ in enumerate(last.maps, 1):
        if isinstance(map_, Activation):
            groups[-1].append(k)
        else:
            groups.append([k])
    return groups


def _common(clouds: Sequence[Values]) -> Matrix:
    some = [_some(cloud, len(clouds)) for cloud in clouds]
    centred = [cloud - cloud.mean(axis=0) if len(cloud) else cloud for cloud in some]
    return leading_directions(np.vstack(centred), DIRECTIONS)


def _some(values: Values, n_clouds: int) -> Matrix:
    most = min(MAX_ROWS, MAX_VALUES // values.shape[1]) // n_clouds
    return values[spread_rows(len(values), most)].astype(np.float64)
