"""What of a network fits on a page, and what is worked out of it for the page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import spread_rows, thinned
from unknot.datasets.labels import labelled_rows
from unknot.measures import Missing, entries
from unknot.measures.clouds import n_points_for, place_of, random_order
from unknot.measures.measurement import value_at
from unknot.motion.projection import MAX_ROWS
from unknot.network.maps import Map
from unknot.traces.recorded import Recorded
from unknot.traces.representation import Trace
from unknot.traces.run import Checkpoint, Run
from unknot.traces.tracing import trace
from unknot.views.page.container import Buffers

#: Units up to which a layer is stored whole, with its covariance; of wider ones, how many
#: directions are.
MOST_UNITS, DIRECTIONS = 128, 64
#: Stored values of a network that the browser cannot run: 40 MB at two bytes each.
MOST_VALUES = 20_000_000
#: Checkpoints of such a network.
MOST_CHECKPOINTS = 12
FEWEST_POINTS = 1_000
#: Points that a browser can move.
MOST_POINTS = 1_000_000


@dataclass(frozen=True)
class Excerpt:
    """The part of a trace or run that the page carries.

    Attributes
    ----------
    source : Trace or Run
    last : Trace
        After the last checkpoint, with all points.
    rows : (n_shown,) int64
        Rows that are shown, in order.
    checkpoints : tuple of Checkpoint
        Empty for a trace.
    carries_weights : bool
        Whether the browser runs the network.
    """

    source: Trace | Run
    last: Trace
    rows: NDArray[np.int64]
    checkpoints: tuple[Checkpoint, ...]
    carries_weights: bool

    @property
    def is_all(self) -> bool:
        """Whether every point is shown."""
        return len(self.rows) == self.last.n_points

    @cached_property
    def maps(self) -> list[tuple[Map, ...]]:
        """Those of each checkpoint."""
        if not isinstance(self.source, Run):
            return [self.last.maps]
        return [tuple(map_ for _, map_ in c.model.maps()) for c in self.checkpoints]

    @cached_property
    def traces(self) -> list[Trace]:
        """One a checkpoint, the last of them `last`."""
        if not isinstance(self.source, Run):
            return [self.last]
        numbers = [self.source.checkpoints.index(c) for c in self.checkpoints[:-1]]
        return [*(trace(self.source, checkpoint=i, lattice=False) for i in numbers), self.last]

    @cached_property
    def sampled(self) -> list[Trace]:
        """One a checkpoint, of the rows from which projections are worked out."""
        if not isinstance(self.source, Run):
            return [self.last]
        if any(isinstance(each.model, Recorded) for each in self.checkpoints):
            return self.traces
        some = thinned(self.source.data, MAX_ROWS)
        return [trace(checkpoint.model, some, lattice=False) for checkpoint in self.checkpoints]


def excerpt_of(source: Trace | Run, last: Trace, carries_weights: bool) -> Excerpt:
    """Points and checkpoints: of a network that the browser runs nearly all, of others what fits.

    At most 1,000,000 points in any case.
    """
    checkpoints: tuple[Checkpoint, ...] = source.checkpoints if isinstance(source, Run) else ()
    if carries_weights:
        rows = _some(last, MOST_POINTS)
        return Excerpt(source, last, rows, checkpoints, carries_weights)
    if len(checkpoints) > MOST_CHECKPOINTS:
        chosen: list[int] = spread_rows(len(checkpoints), MOST_CHECKPOINTS).tolist()
        checkpoints = tuple(checkpoints[i] for i in chosen)
    units = sum(stored_units(r.n_units) for r in last.representations)
    most = max(MOST_VALUES // (units * max(len(checkpoints), 1)), FEWEST_POINTS)
    rows = _some(last, min(most, MOST_POINTS))
    return Excerpt(source, last, rows, checkpoints, carries_weights)


def _some(last: Trace, most: int) -> NDArray[np.int64]:
    """At most so many rows, in order."""
    if last.n_points <= most:
        return np.arange(last.n_points)
    return np.sort(random_order(last.labels, 0, all_rows=True)[:most])


def stored_units(n_units: int) -> int:
    """Columns that are stored of a layer."""
    return n_units if n_units <= MOST_UNITS else DIRECTIONS


#: Products up to which a page works out the covariances itself, at any moment of the training:
#: about 15 ms a frame. Between stored ones it interpolates.
FEW_PRODUCTS = 4_000_000
#: Numbers that all covariances of a network may take together, eight bytes each.
MOST_NUMBERS = 200_000


def statistics(
    excerpt: Excerpt, representations: Sequence[dict[str, Any]], buffers: Buffers, name: str
) -> list[list[dict[str, Any] | None]]:
    """Mean, covariance and range of each representation at each checkpoint.

    They are those of the rows that Python's projections look at, in full precision: whether a
    layer fills a direction at all shows in the ninth digit only. None where every view shows all
    units, where the page carries something else than the units, where it takes no time to work
    them out from the inputs, and where they would take too much room.
    """
    last = excerpt.last
    stored = [
        k
        for k, r in enumerate(last.representations)
        if 2 < r.n_units <= MOST_UNITS and not representations[k]["reduced"] and last.n_points
    ]
    numbers = sum(last.representations[k].n_units ** 2 for k in stored)
    once = last.representations[0].n_units ** 2 if 0 in stored else 0
    n_rows = min(last.n_points, MAX_ROWS)
    if excerpt.carries_weights and n_rows * numbers <= FEW_PRODUCTS:
        stored = []
    n_checkpoints = max(len(excerpt.checkpoints), 1)
    if not stored:
        # Nothing is traced for it: of a wide network that takes gigabytes.
        return [[None] * len(last.representations) for _ in range(n_checkpoints)]
    most = min(max(MOST_NUMBERS - once, 0) // max(numbers - once, 1), n_checkpoints)
    # The last of them first: it is what a page shows when it is opened.
    chosen: list[int] = (n_checkpoints - 1 - spread_rows(n_checkpoints, most)).tolist()
    # The input is the same at every checkpoint.
    first = _of(excerpt.sampled[0], 0, buffers, f"{name}.statistics") if 0 in stored else None
    return [
        [
            None
            if k not in stored or i not in chosen
            else first
            if k == 0
            else _of(each, k, buffers, f"{name}.statistics.{i}.{k}")
            for k in range(len(each.representations))
        ]
        for i, each in enumerate(excerpt.sampled)
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


#: Points × units × classes that all probes of a network may take together: seconds at most. What
#: a run has beyond it is measured at fewer checkpoints.
MOST_PROBING = 20_000_000


def probe_curves(excerpt: Excerpt) -> dict[str, Any]:
    """Accuracy of the linear probe at each checkpoint and representation: `unknot.measure`'s.

    Returns
    -------
    dict
        ``linear_probe``: a list by checkpoint, null where it was not measured, else a list by
        representation; ``chance``: the share of the largest class. Empty where no representation
        has a probe: for regression, with one class, without points.
    """
    labels = excerpt.last.labels[labelled_rows(excerpt.last.labels)]
    if labels.dtype.kind != "i" or len(np.unique(labels)) < 2:
        return {}
    order = random_order(excerpt.last.labels, 0)
    n_checkpoints = max(len(excerpt.checkpoints), 1)
    # The last of them first: it is what a page shows when it is opened.
    chosen: list[int] = (
        n_checkpoints - 1 - spread_rows(n_checkpoints, _most_probed(excerpt))
    ).tolist()
    curves: list[list[float | None] | None] = [None] * n_checkpoints
    first: float | None = None
    for i in chosen:
        cloud, drawn = _measured(excerpt, i, order)
        # The input is the same at every checkpoint.
        first = _probe(cloud, 0, drawn, len(order)) if i == chosen[0] else first
        rest = range(1, len(cloud.representations))
        curves[i] = [first, *(_probe(cloud, k, drawn, len(order)) for k in rest)]
    if all(value is None for curve in curves for value in curve or ()):
        return {}
    counts = np.unique(labels, return_counts=True)[1]
    return {"linear_probe": curves, "chance": round(float(counts.max() / counts.sum()), 6)}


def _most_probed(excerpt: Excerpt) -> int:
    """How many checkpoints can be afforded."""
    widths = [r.n_units for r in excerpt.last.representations[1:]]
    work = sum(
        _probe_points(excerpt.last.n_points, n) * (n + 1) * excerpt.last.n_classes for n in widths
    )
    return max(MOST_PROBING // max(work, 1), 1)


def _probe_points(n_points: int, n_units: int) -> int:
    return n_points_for(entries["linear_probe"], [n_units], n_points)


def _measured(
    excerpt: Excerpt, i: int, order: NDArray[np.int64]
) -> tuple[Trace, NDArray[np.int64]]:
    """A checkpoint's trace and the order in which its rows are drawn; only rows that count."""
    if not isinstance(excerpt.source, Run) or i == len(excerpt.checkpoints) - 1:
        return excerpt.last, order
    model = excerpt.checkpoints[i].model
    if isinstance(model, Recorded):
        return excerpt.traces[i], order
    n = max(_probe_points(excerpt.last.n_points, r.n_units) for r in excerpt.last.representations)
    rows = np.sort(order[:n])
    data = replace(excerpt.source.data, held_out=excerpt.source.held_out).take(rows)
    return trace(model, data, lattice=False), np.searchsorted(rows, order[:n])


def _probe(cloud: Trace, k: int, order: NDArray[np.int64], n_points: int) -> float | None:
    entry = entries["linear_probe"]
    widths = [r.n_units for r in cloud.representations[: k + 1]]
    n = n_points_for(entry, widths, n_points)
    try:
        return round(float(value_at(entry, place_of(cloud, k, order, n, 0, None))), 6)
    except Missing:
        return None
