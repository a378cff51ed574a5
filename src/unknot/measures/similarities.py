"""Linear CKA between all representations of a trace, or all representations and epochs of a run."""

from dataclasses import dataclass

import numpy as np

from unknot.measures.clouds import random_order
from unknot.measures.similarity import cka_matrix
from unknot.measures.table import Matrix
from unknot.traces.representation import Trace
from unknot.traces.run import Run

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
