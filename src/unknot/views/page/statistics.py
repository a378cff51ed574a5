"""What projections need to know of every cloud: so the page and Python show the same frames."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from unknot.motion.projection import MAX_ROWS, spread_rows
from unknot.traces.representation import Trace
from unknot.views.page.container import Buffers
from unknot.views.page.thinning import Excerpt

#: Units up to which a layer's covariance is stored; the page works out those of wider ones.
MOST_UNITS = 128
#: Products up to which a page works out the covariances itself, at any moment of the training:
#: about 15 ms a frame. Between stored ones it interpolates.
FEW_PRODUCTS = 4_000_000
#: Numbers that all covariances of a network may take together, eight bytes each.
MOST_NUMBERS = 200_000


def statistics(
    kept: Excerpt, representations: Sequence[dict[str, Any]], buffers: Buffers, name: str
) -> list[list[dict[str, Any] | None]]:
    """Mean, covariance and range of each representation at each checkpoint.

    They are those of the rows that Python's projections look at, in full precision: whether a
    layer fills a direction at all is told by the ninth digit. None where every view shows all
    units, where the page carries something else than the units, where it takes no time to work
    them out from the inputs, and where they would take too much room.
    """
    stored = [
        k
        for k, r in enumerate(kept.last.representations)
        if 2 < r.n_units <= MOST_UNITS and not representations[k]["reduced"] and kept.last.n_points
    ]
    numbers = sum(kept.last.representations[k].n_units ** 2 for k in stored)
    once = kept.last.representations[0].n_units ** 2 if 0 in stored else 0
    n_rows = min(kept.last.n_points, MAX_ROWS)
    if kept.carries_weights and n_rows * numbers <= FEW_PRODUCTS:
        stored = []
    n_checkpoints = len(kept.sampled)
    most = min(max(MOST_NUMBERS - once, 0) // max(numbers - once, 1), n_checkpoints)
    # The last of them first: it is what a page shows when it is opened.
    chosen: list[int] = (n_checkpoints - 1 - spread_rows(n_checkpoints, most)).tolist()
    # The input is the same at every checkpoint.
    first = _of(kept.sampled[0], 0, buffers, f"{name}.statistics") if 0 in stored else None
    return [
        [
            None
            if k not in stored or i not in chosen
            else first
            if k == 0
            else _of(each, k, buffers, f"{name}.statistics.{i}.{k}")
            for k in range(len(each.representations))
        ]
        for i, each in enumerate(kept.sampled)
    ]


def _of(trace: Trace, k: int, buffers: Buffers, name: str) -> dict[str, Any]:
    rows = spread_rows(trace.n_points, MAX_ROWS)
    values = trace.representations[k].values[rows].astype(np.float64)
    mean = values.mean(axis=0)
    centred = values - mean
    return {
        "mean": buffers.add(f"{name}.mean", mean),
        "covariance": buffers.add(f"{name}.covariance", centred.T @ centred / len(values)),
        "range": float(np.ptp(values)),
    }
