"""Topology: how many pieces and holes a class has, from persistent homology on a graph of hops.

After Naitzat, Zhitnikov and Lim, *Topology of deep neural networks*, JMLR 21:184 (2020): distances
are counted in steps along the graph of nearest neighbours, which do not change when a layer
stretches the cloud, so one scale serves every layer. Landmarks are chosen as far from each other
as can be, since points drawn at random leave gaps that count as holes.
"""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.errors import UnknotError
from unknot.measures.clouds import unit_scale
from unknot.measures.table import Matrix, Missing, Place, measure_of

#: Landmarks that stand for a class.
LANDMARKS = 600
#: One landmark in so many points, so that a farthest-point choice can even out their gaps…
POINTS_A_LANDMARK = 3
#: … but not fewer landmarks than this.
FEWEST_LANDMARKS = 100
#: For voids (dimension 2): spheres need more landmarks than rings…
LANDMARKS_FOR_VOIDS = 1_800
#: … but at every scale at once their cost grows with the fourth power.
LANDMARKS_FOR_ALL_VOIDS = 300
#: Neighbours of a landmark in the graph, and in the graph that is searched for voids: with 8, gaps
#: between the landmarks of a solid ball count as voids; with 12 none did.
NEIGHBOURS, NEIGHBOURS_FOR_VOIDS = 8, 12
#: The scale, in hops, at which pieces and holes are counted.
SCALE = 2.0
#: Classes up to which they are worked out.
MAX_CLASSES = 20

INSTALL = "Install it with: pip install 'unknot[topology]'"


@dataclass(frozen=True)
class Persistence:
    """When pieces, holes and voids appear and vanish as the scale grows.

    Attributes
    ----------
    diagrams : tuple of (n_bars, 2) float64 arrays
        One a dimension: birth and death in hops; a death of infinity is a bar that does not end
        within the scales looked at.
    n_landmarks : int
    """

    diagrams: tuple[Matrix, ...]
    n_landmarks: int

    def betti(self, scale: float = SCALE) -> tuple[int, ...]:
        """How many bars are alive at a scale, one number a dimension."""
        return tuple(int(((d[:, 0] <= scale) & (d[:, 1] > scale)).sum()) for d in self.diagrams)


def betti_numbers(values: NDArray[np.floating], *, max_dimension: int = 1) -> tuple[int, ...]:
    """Pieces, holes and, on request, voids of a cloud.

    Parameters
    ----------
    values : (n_points, n_units) float array
    max_dimension : int
        1 for pieces and holes, 2 for voids as well.

    Returns
    -------
    tuple of int
        Betti numbers 0 to `max_dimension`.

    Raises
    ------
    UnknotError
        When ripser is not installed.
    """
    return persistence(values, max_dimension=max_dimension, up_to=SCALE).betti()


def persistence(
    values: NDArray[np.floating],
    *,
    max_dimension: int = 1,
    up_to: float = np.inf,
    n_landmarks: int | None = None,
) -> Persistence:
    """Persistent homology of the Vietoris–Rips complex on hop distances.

    Duplicates are removed, farthest-point landmarks chosen, each joined with its 8 nearest (12
    where voids are wanted), and distances counted in hops.

    Parameters
    ----------
    values : (n_points, n_units) float array
    max_dimension : int
    up_to : float
        The largest scale, in hops.
    n_landmarks : int, optional
        Left out: a third of the distinct points, but 100 at least and 600 at most; with voids
        1,800 at most where `up_to` is 2 hops or less, otherwise 300.

    Raises
    ------
    UnknotError
        When ripser is not installed.
    """
    ripser = _ripser()
    distinct = np.unique(np.asarray(values, dtype=np.float64), axis=0)
    most = n_landmarks or _usual_landmarks(len(distinct), max_dimension, up_to)
    try:
        chosen = landmarks(unit_scale(distinct), most)
    except Missing:
        chosen = distinct[:1]
    if len(chosen) == 1:
        piece = np.array([[0.0, np.inf]])
        return Persistence((piece, *[np.empty((0, 2))] * max_dimension), 1)
    hops = hop_distances(chosen, NEIGHBOURS if max_dimension < 2 else NEIGHBOURS_FOR_VOIDS)
    diagrams = ripser(_up_to(hops, up_to), distance_matrix=True, maxdim=max_dimension)["dgms"]
    return Persistence(tuple(np.asarray(d, dtype=np.float64) for d in diagrams), len(chosen))


def _usual_landmarks(n_distinct: int, max_dimension: int, up_to: float) -> int:
    most = LANDMARKS
    if max_dimension >= 2:
        most = LANDMARKS_FOR_VOIDS if up_to <= SCALE else LANDMARKS_FOR_ALL_VOIDS
    return min(max(n_distinct // POINTS_A_LANDMARK, FEWEST_LANDMARKS), most)


def landmarks(values: Matrix, most: int) -> Matrix:
    """Points as far from each other as can be: each next one is farthest from those chosen.

    The first is the one farthest from the mean. (Gonzalez 1985.)

    Parameters
    ----------
    values : (n_points, n_units) float64
    most : int

    Returns
    -------
    (min(n_points, most), n_units) float64
    """
    if len(values) <= most:
        return values
    chosen = [int(_squared_distances(values, values.mean(axis=0)).argmax())]
    nearest = _squared_distances(values, values[chosen[0]])
    while len(chosen) < most:
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, _squared_distances(values, values[chosen[-1]]))
    return values[chosen]


def hop_distances(points: Matrix, k: int = NEIGHBOURS) -> Matrix:
    """Steps between points along the graph that joins each with its k nearest.

    Parameters
    ----------
    points : (n, n_units) float64
    k : int

    Returns
    -------
    (n, n) float64
        Infinity between points that no path joins.
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import shortest_path

    from unknot.measures.geometry import nearest

    n = len(points)
    k = min(k, n - 1)
    near = nearest(points, k)
    graph = csr_matrix((np.ones(n * k), (np.repeat(np.arange(n), k), near.ravel())), shape=(n, n))
    hops: Matrix = shortest_path(graph, directed=False, unweighted=True)
    return hops


def _up_to(hops: Matrix, up_to: float) -> Any:
    """Only the distances within a scale, as the sparse matrix in which ripser is fastest."""
    from scipy.sparse import coo_matrix

    rows, columns = np.nonzero((hops > 0) & np.isfinite(hops) & (hops <= up_to))
    return coo_matrix((hops[rows, columns], (rows, columns)), shape=hops.shape)


def _squared_distances(values: Matrix, point: Matrix) -> Matrix:
    difference = values - point
    return np.einsum("ij,ij->i", difference, difference)


def _ripser() -> Any:
    try:
        import ripser
    except ImportError as error:
        raise UnknotError(
            f"Betti numbers need ripser, which is not installed.\n{INSTALL}"
        ) from error
    return cast("Any", ripser).ripser


@measure_of(
    title="pieces and holes of each class (Betti numbers)",
    range=(0, None),
    max_points=20_000,
    max_values=2_000_000,
    needs=("classes",),
    is_list=True,
)
def betti(place: Place) -> list[list[int]]:
    """Betti numbers 0 and 1 of each class: how many pieces it has, and how many holes.

    A list ``[pieces, holes]`` a class, in the order of the class numbers (``[0, 0]`` for one
    without points), as `betti_numbers` gives them: bars of persistent homology that are alive at
    a scale of 2 hops of the graph of the 8 nearest neighbours, on 600 landmarks (a third of the
    points when there are fewer than 1,800). Rotating, shifting or scaling the whole cloud changes
    nothing. A class that a straight cut can take off is often, not always, one piece without
    holes.

    Known failings: below some 300 points their random gaps can count as holes or cuts; what is
    smaller than some four steps between landmarks is filled in; pieces of
    fewer than nine distinct points are joined to the nearest other one; noise that reaches across
    a hole closes it, and outliers are chosen as landmarks first.

    Source: Naitzat, Zhitnikov, Lim, JMLR 21:184 (2020); persistence by ripser (Bauer 2021).
    """
    try:
        _ripser()
    except UnknotError:
        raise Missing("needs ripser: pip install 'unknot[topology]'") from None
    n_classes = int(place.labels.max()) + 1
    if n_classes > MAX_CLASSES:
        raise Missing(f"there are more than {MAX_CLASSES} classes")
    groups = [place.values[place.labels == c] for c in range(n_classes)]
    return [list(betti_numbers(group)) if len(group) else [0, 0] for group in groups]
