"""What must be said beside a table of measures: where numbers stand that need a warning."""

from collections.abc import Sequence

import numpy as np

from unknot.traces.representation import Trace
from unknot.traces.run import Run

#: Statements about a network that makes no training error (Papyan et al. 2020).
COLLAPSE = ("nc1", "nc2", "nc3", "nc4")


def notes(source: Trace | Run, measures: Sequence[str]) -> list[str]:
    """Warnings about measures of this source, a sentence each.

    Parameters
    ----------
    source : Trace or Run
        Of a run, the network after its last step and the points it was trained on.
    measures : sequence of str
        Names of the measures in the table.

    Returns
    -------
    list of str
    """
    collapse = [name for name in measures if name in COLLAPSE]
    error = _error(source) if collapse else None
    if not error:
        return []
    return [
        f"{', '.join(collapse)}: neural collapse is a statement about training past zero error; "
        f"here {error:.1%} of the points are wrong, so these numbers compare layers and no more."
    ]


def _error(source: Trace | Run) -> float | None:
    """Share of points that the network puts in the wrong class; None where it is not known."""
    if isinstance(source, Run):
        from unknot.traces.tracing import trace

        traced = trace(source, lattice=False)
        rows = np.ones(traced.n_points, dtype=bool)
        rows[source.validation_rows] = False
    else:
        traced, rows = source, np.ones(source.n_points, dtype=bool)
    p = traced.probabilities
    if p is None or traced.labels.dtype.kind != "i" or not rows.any():
        return None
    return float(np.mean(p[rows].argmax(axis=1) != traced.labels[rows]))
