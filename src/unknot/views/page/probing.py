"""How well a straight cut reads the classes along the network: the curve over the timeline."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.measures import Missing, entries
from unknot.measures.clouds import n_points_for, place_of, random_order
from unknot.measures.measurement import evaluate
from unknot.motion.projection import spread_rows
from unknot.traces.recorded import Recorded
from unknot.traces.representation import Trace
from unknot.traces.run import Run
from unknot.traces.tracing import trace
from unknot.views.page.thinning import Excerpt

#: Points × units × classes that all probes of a network may take together: seconds at most. What
#: a run has beyond it is measured at fewer checkpoints.
MOST_WORK = 20_000_000


def probe_curves(kept: Excerpt) -> dict[str, Any]:
    """Accuracy of the linear probe at each checkpoint and representation: `unknot.measure`'s.

    Returns
    -------
    dict
        ``linear_probe``: a list by checkpoint, null where it was not measured, else a list by
        representation; ``chance``: the share of the largest class. Empty where no representation
        has a probe: for regression, with one class, without points.
    """
    labels = kept.last.labels
    if labels.dtype.kind != "i" or len(np.unique(labels)) < 2:
        return {}
    order = random_order(labels, 0)
    n_checkpoints = max(len(kept.checkpoints), 1)
    # The last of them first: it is what a page shows when it is opened.
    chosen: list[int] = (n_checkpoints - 1 - spread_rows(n_checkpoints, _most(kept))).tolist()
    curves: list[list[float | None] | None] = [None] * n_checkpoints
    first: float | None = None
    for i in chosen:
        cloud, drawn = _drawn(kept, i, order)
        # The input is the same at every checkpoint.
        first = _accuracy(cloud, 0, drawn, kept.last.n_points) if i == chosen[0] else first
        rest = range(1, len(cloud.representations))
        curves[i] = [first, *(_accuracy(cloud, k, drawn, kept.last.n_points) for k in rest)]
    if all(value is None for curve in curves for value in curve or ()):
        return {}
    counts = np.unique(labels, return_counts=True)[1]
    return {"linear_probe": curves, "chance": round(float(counts.max() / counts.sum()), 6)}


def _most(kept: Excerpt) -> int:
    """How many checkpoints can be afforded."""
    widths = [r.n_units for r in kept.last.representations[1:]]
    work = sum(_n_points(kept.last.n_points, n) * (n + 1) * kept.last.n_classes for n in widths)
    return max(MOST_WORK // max(work, 1), 1)


def _n_points(n_points: int, n_units: int) -> int:
    return n_points_for(entries["linear_probe"], [n_units], n_points)


def _drawn(kept: Excerpt, i: int, order: NDArray[np.int64]) -> tuple[Trace, NDArray[np.int64]]:
    """A checkpoint's trace and the order in which its rows are drawn; only rows that count."""
    if not isinstance(kept.source, Run) or i == len(kept.checkpoints) - 1:
        return kept.last, order
    model = kept.checkpoints[i].model
    if isinstance(model, Recorded):
        return kept.traces[i], order
    n = max(_n_points(kept.last.n_points, r.n_units) for r in kept.last.representations)
    rows = np.sort(order[:n])
    data = kept.source.data
    some = replace(data, x=data.x[rows], y=data.y[rows])
    return trace(model, some, lattice=False), np.searchsorted(rows, order[:n])


def _accuracy(cloud: Trace, k: int, order: NDArray[np.int64], n_points: int) -> float | None:
    entry = entries["linear_probe"]
    widths = [r.n_units for r in cloud.representations[: k + 1]]
    n = n_points_for(entry, widths, n_points)
    try:
        return round(float(evaluate(entry, place_of(cloud, k, order, n, 0, None))), 6)
    except Missing:
        return None
