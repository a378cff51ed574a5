"""What projections need to know of every cloud: so the page and Python show the same frames."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from unknot.errors import UsageError
from unknot.projection import MAX_ROWS, Matrix, project, spread_rows
from unknot.representation import Trace
from unknot.views.page.container import Buffers
from unknot.views.page.thinning import Kept

#: Units up to which a layer's covariance is stored; the page works out those of wider ones.
MOST_UNITS = 128
#: Numbers that all covariances of a network may take together, eight bytes each.
MOST_NUMBERS = 200_000


def statistics(
    kept: Kept, representations: Sequence[dict[str, Any]], buffers: Buffers, name: str
) -> list[list[dict[str, Any] | None]]:
    """Mean, covariance, range and discriminants of each representation at each checkpoint.

    They are those of the rows that Python's projections look at, in full precision: whether a
    layer fills a direction at all is told by the ninth digit. None where every view shows all
    units, where the page carries something else than the units, and where they would take too
    much room: the page then works them out from its own points.
    """
    stored = [
        k
        for k, r in enumerate(kept.last.representations)
        if 2 < r.n_units <= MOST_UNITS and not representations[k]["reduced"]
    ]
    numbers = sum(kept.last.representations[k].n_units ** 2 for k in stored)
    n_checkpoints = len(kept.sampled)
    most = min(MOST_NUMBERS // max(numbers, 1), n_checkpoints)
    # The last of them first: it is what a page shows when it is opened.
    chosen: list[int] = (n_checkpoints - 1 - spread_rows(n_checkpoints, most)).tolist()
    return [
        [
            _of(each, k, buffers, f"{name}.statistics.{i}.{k}")
            if k in stored and i in chosen and each.n_points
            else None
            for k in range(len(each.representations))
        ]
        for i, each in enumerate(kept.sampled)
    ]


def _of(trace: Trace, k: int, buffers: Buffers, name: str) -> dict[str, Any]:
    rows = spread_rows(trace.n_points, MAX_ROWS)
    values = trace.representations[k].values[rows].astype(np.float64)
    mean = values.mean(axis=0)
    centred = values - mean
    entry: dict[str, Any] = {
        "mean": buffers.add(f"{name}.mean", mean),
        "covariance": buffers.add(f"{name}.covariance", centred.T @ centred / len(values)),
        "range": float(np.ptp(values)),
        "lda_2": None,
        "lda_3": None,
    }
    frame = _discriminants(trace, k)
    # The first axes of the frame with three are the frame with two.
    for n_axes in (2, 3):
        if frame is not None and frame.shape[1] >= n_axes:
            axes = frame[:, :n_axes]
            entry[f"lda_{n_axes}"] = buffers.add(f"{name}.lda_{n_axes}", axes)
    return entry


def _discriminants(trace: Trace, k: int) -> Matrix | None:
    """The frame of linear discriminants; None where there are none."""
    n_axes = min(3, trace.representations[k].n_units - 1)
    try:
        return project(trace, k, "lda", n_axes).frame
    except (UsageError, np.linalg.LinAlgError):
        return None  # no classes, or a layer in which they cannot be told from each other
