"""What of a network fits on a page."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from unknot.measures.clouds import random_order
from unknot.motion.projection import MAX_ROWS, spread_rows
from unknot.traces.recorded import Recorded
from unknot.traces.representation import Trace
from unknot.traces.run import Checkpoint, Run
from unknot.traces.tracing import trace
from unknot.views.page.components import stored_units

#: Stored values of a network that the browser cannot run: 40 MB at two bytes each.
MOST_VALUES = 20_000_000
#: Checkpoints of such a network.
MOST_CHECKPOINTS = 12
FEWEST_POINTS = 1_000


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
        data = self.source.data
        rows = spread_rows(data.n_points, MAX_ROWS)
        some = replace(data, x=data.x[rows], y=data.y[rows])
        return [trace(checkpoint.model, some, lattice=False) for checkpoint in self.checkpoints]


def keep(source: Trace | Run, last: Trace, carries_weights: bool) -> Excerpt:
    """All points and checkpoints of a network that the browser runs; of others what fits."""
    checkpoints = source.checkpoints if isinstance(source, Run) else ()
    rows = np.arange(last.n_points)
    if carries_weights:
        return Excerpt(source, last, rows, checkpoints, carries_weights)
    if len(checkpoints) > MOST_CHECKPOINTS:
        chosen = np.unique(np.linspace(0, len(checkpoints) - 1, MOST_CHECKPOINTS).round())
        checkpoints = tuple(checkpoints[int(i)] for i in chosen)
    units = sum(stored_units(r.n_units) for r in last.representations)
    most = max(MOST_VALUES // (units * max(len(checkpoints), 1)), FEWEST_POINTS)
    if most < last.n_points:
        rows = np.sort(random_order(last.labels, 0)[:most])
    return Excerpt(source, last, rows, checkpoints, carries_weights)
