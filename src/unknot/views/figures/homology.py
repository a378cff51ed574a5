"""Bars of persistent homology of each class, as the figures draw them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.draw.colouring import trace_colouring
from unknot.errors import UsageError
from unknot.measures.clouds import random_order
from unknot.measures.topology import MAX_CLASSES, Persistence, persistence
from unknot.traces.representation import Trace

#: As many points as the measure `betti` is given.
MAX_POINTS = 20_000
MAX_VALUES = 2_000_000
#: What is counted in each dimension.
DIMENSIONS = ("pieces", "holes")
EXPLANATION = (
    "Distances count steps along the graph of nearest neighbours of the class's landmarks. "
    "Dashed: 2 steps, the scale at which pieces and holes are counted. Ripser; Naitzat, "
    "Zhitnikov, Lim (2020)."
)


@dataclass(frozen=True)
class ClassBars:
    """The bars of one class.

    Attributes
    ----------
    name : str
    colour : colour
    persistence : Persistence or None
        None for a class without points.
    """

    name: str
    colour: Any
    persistence: Persistence | None

    @property
    def counts(self) -> str:
        """``"1 piece, 2 holes"`` at the scale at which they are counted."""
        if self.persistence is None:
            return "no points"
        words = zip(self.persistence.betti(), ("piece", "hole"), strict=True)
        return ", ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in words)


def grouped(diagram: NDArray[np.float64]) -> list[tuple[float, float, int]]:
    """Birth, death and number of equal bars, in order of birth and death."""
    bars, counts = np.unique(diagram.reshape(-1, 2), axis=0, return_counts=True)
    return [(b, d, int(n)) for (b, d), n in zip(bars.tolist(), counts, strict=True)]


def check_classes(trace: Trace, what: str) -> None:
    """Raise `UsageError` where there are no classes, or too many."""
    if trace.labels.dtype.kind != "i":
        raise UsageError(
            f"The figure {what!r} shows the topology of classes; the labels of this trace are "
            "numbers to predict."
        )
    if trace.n_classes > MAX_CLASSES:
        raise UsageError(
            f"The figure {what!r} shows up to {MAX_CLASSES} classes; "
            f"this trace has {trace.n_classes}."
        )


def class_bars(trace: Trace, k: int, seed: int) -> list[ClassBars]:
    """The bars of every class in representation `k`."""
    values = trace.representations[k].values
    most = min(MAX_POINTS, max(MAX_VALUES // max(values.shape[1], 1), 1_000))
    rows = random_order(trace.labels, seed)[:most]
    colouring = trace_colouring(trace)
    result: list[ClassBars] = []
    for c, name in enumerate(colouring.class_names):
        own = values[rows[trace.labels[rows] == c]]
        bars = persistence(own) if len(own) else None
        result.append(ClassBars(name, tuple(colouring.palette[c]), bars))
    return result
