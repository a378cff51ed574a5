"""Do two representations hold the same geometry? Linear centred kernel alignment."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unknot.errors import UsageError
from unknot.measures.clouds import random_order, unit_scale
from unknot.measures.table import Matrix, Missing
from unknot.traces.representation import Trace
from unknot.traces.run import Run

#: Rows of a Gram matrix that are held at a time.
BLOCK = 1_024
#: Self-similarity under this share of the squared spread is rounding.
ROUNDING = 1e-10


def cka(x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
    """Linear centred kernel alignment with the unbiased HSIC.

    ``HSIC(K, L) / √(HSIC(K, K) HSIC(L, L))`` with K = x xᵀ and L = y yᵀ. 1 for the same cloud up
    to rotation, shift and scale; 0 in the mean for independent ones, whatever the number of
    units (the usual, biased estimate goes to 1 as units outnumber points). So it lies within −1
    and 1 and is a little below 0 about as often as above for independent clouds; nothing is
    clipped.

    Known failings: directions of large variance decide it; it is moved far by shifting a few
    points (Davari et al. 2022).

    Parameters
    ----------
    x : (n_points, n_units_x) float array
    y : (n_points, n_units_y) float array
        The same points.

    Returns
    -------
    float
        NaN where it has no meaning: fewer than four points, a constant cloud, or one whose
        points are all at the same distance from each other.

    Raises
    ------
    UsageError
        When the two have different numbers of points.

    Sources: Kornblith et al. (2019); the unbiased HSIC is Song et al., JMLR 13 (2012), in this
    use Nguyen, Raghu, Kornblith (2021).
    """
    return float(cka_matrix([x, y])[0, 1])


def cka_matrix(clouds: Sequence[NDArray[np.floating]]) -> Matrix:
    """`cka` of every pair of clouds.

    Parameters
    ----------
    clouds : sequence of (n_points, n_units) float arrays
        The same points in each. A float64 copy of all of them is held: thin them out first
        (2,000 points are plenty).

    Returns
    -------
    (n_clouds, n_clouds) float64 array
        Symmetric, 1 on the diagonal. NaN in the rows and columns of clouds for which `cka` has
        no meaning.

    Raises
    ------
    UsageError
        When they have different numbers of points.
    """
    counts = sorted({len(cloud) for cloud in clouds})
    if len(counts) > 1:
        raise UsageError(
            f"CKA compares the same points: got clouds of {counts[0]} and {counts[-1]} points."
        )
    ready = [_centred(cloud) for cloud in clouds]
    scale = np.array([np.nan if x is None else _self_similarity(x) for x in ready])
    result = np.full((len(ready), len(ready)), np.nan)
    for i, x in enumerate(ready):
        for j, y in enumerate(ready[: i + 1]):
            if x is None or y is None or np.isnan(scale[i] * scale[j]):
                continue
            value = 1.0 if i == j else _hsic(x, y) / np.sqrt(scale[i] * scale[j])
            result[i, j] = result[j, i] = value
    return result


def _centred(cloud: NDArray[np.floating]) -> Matrix | None:
    if len(cloud) < 4:
        return None
    try:
        return unit_scale(cloud)
    except Missing:
        return None


def _self_similarity(x: Matrix) -> float:
    spread = float((x * x).sum()) / len(x)
    value = _hsic(x, x)
    return value if value > ROUNDING * spread**2 else np.nan


def _hsic(x: Matrix, y: Matrix) -> float:
    """Song et al. (2012), equation 5, for linear kernels, without an (n, n) matrix.

    With the diagonal out, K 1 = x (xᵀ 1) − a where a holds the squared lengths of the rows.
    """
    n = len(x)
    a, b = (x * x).sum(axis=1), (y * y).sum(axis=1)
    rows_x, rows_y = x @ x.sum(axis=0) - a, y @ y.sum(axis=0) - b
    trace = _inner_product(x, y) - float(a @ b)
    ones = float(rows_x.sum()) * float(rows_y.sum()) / ((n - 1) * (n - 2))
    return (trace + ones - 2 / (n - 2) * float(rows_x @ rows_y)) / (n * (n - 3))


def _inner_product(x: Matrix, y: Matrix) -> float:
    """``tr(x xᵀ y yᵀ)`` from the side with less work."""
    n = len(x)
    if x.shape[1] * y.shape[1] <= n * (x.shape[1] + y.shape[1]):
        return float(np.sum((x.T @ y) ** 2))
    total = 0.0
    for start in range(0, n, BLOCK):
        rows = slice(start, start + BLOCK)
        total += float(((x[rows] @ x.T) * (y[rows] @ y.T)).sum())
    return total


#: Points that are compared; a similarity needs no more.
MAX_POINTS = 2_000
#: The most values of all clouds together (400 MB), which wide layers reach with fewer points …
MAX_VALUES = 50_000_000
#: … but not with fewer than these.
FEWEST_POINTS = 256


@dataclass(frozen=True)
class Similarities:
    """Which cloud is like which.

    Attributes
    ----------
    representations : tuple of str
        One name a cloud.
    epochs : tuple of (float or None)
        One a cloud; None for a trace.
    values : (n_clouds, n_clouds) float64
        `cka` of each pair. Symmetric, 1 on the diagonal; NaN where it has no meaning.
    n_points : int
        How many points were compared.
    """

    representations: tuple[str, ...]
    epochs: tuple[float | None, ...]
    values: Matrix
    n_points: int


def similarities(source: Trace | Run, *, seed: int = 0) -> Similarities:
    """Linear CKA between all pairs of representations and, of a run, epochs.

    Parameters
    ----------
    source : Trace or Run
    seed : int
        For the 2,000 points that are drawn where there are more (fewer of very wide layers).

    Returns
    -------
    Similarities
        Representations in the order of the network; each at all epochs before the next.
    """
    traces = _traces(source)
    first = traces[0][1]
    names = [r.name for r in first.representations]
    units = len(traces) * sum(r.n_units for r in first.representations)
    most = min(MAX_POINTS, max(MAX_VALUES // max(units, 1), FEWEST_POINTS))
    rows = np.sort(random_order(first.labels, seed)[:most])
    clouds = [
        trace.representations[k].values[rows].astype(np.float64)
        for k in range(len(names))
        for _, trace in traces
    ]
    return Similarities(
        tuple(name for name in names for _ in traces),
        tuple(epoch for epoch, _ in traces) * len(names),
        cka_matrix(clouds),
        len(rows),
    )


def _traces(source: Trace | Run) -> list[tuple[float | None, Trace]]:
    if isinstance(source, Trace):
        return [(None, source)]
    from unknot.traces.tracing import trace

    return [
        (checkpoint.epoch, trace(source, checkpoint=i, lattice=False))
        for i, checkpoint in enumerate(source.checkpoints)
    ]
