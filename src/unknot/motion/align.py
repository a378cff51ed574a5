"""align: networks that were trained apart, seen along the same axes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from unknot.datasets.dataset import spread_rows
from unknot.doors import as_trace
from unknot.errors import UsageError
from unknot.measures.shape import MATCHES, brought_together
from unknot.motion.corners import class_scores
from unknot.motion.projection import Matrix, Projection
from unknot.motion.rotation import pad_rows, polar
from unknot.motion.scene import Scene, Stop
from unknot.table import unknown
from unknot.traces.representation import Trace

#: Networks side by side at most, and points from which they are brought together.
MOST_NETWORKS, MAX_ROWS = 4, 2_000


@dataclass(frozen=True, eq=False)
class Alignment:
    """Networks on the same points, each layer turned to the first network's.

    Attributes
    ----------
    traces : tuple of Trace
        As they were given: nothing is done to the clouds.
    match : str
        ``"rotation"`` or ``"units"``.
    turns : tuple of tuple of (n_units, n_units_of_the_first) float64
        By network and representation: ``values @ turn`` lies nearest to the first network's.
    distances : (n_networks, n_networks, n_representations) float64
        `unknot.measures.shape_distance` of every two networks, in radians.
    """

    traces: tuple[Trace, ...]
    match: str
    turns: tuple[tuple[Matrix, ...], ...]
    distances: Matrix

    @property
    def names(self) -> tuple[str, ...]:
        """Of the representations, as the first network calls them."""
        return tuple(r.name for r in self.traces[0].representations)

    @cached_property
    def scenes(self) -> tuple[Scene, ...]:
        """The networks in 2 axes, as `seen` gives them."""
        return self.seen(2)

    def seen(self, n_axes: int) -> tuple[Scene, ...]:
        """One scene a network, all along the axes in which the first is shown.

        What a network holds is seen as it is: only the plane is turned, to where the first
        network's lies after the alignment.

        Parameters
        ----------
        n_axes : int
            2 or 3.
        """
        first = Scene(self.traces[0], n_axes=n_axes)
        scenes = [first]
        for trace, turns in zip(self.traces[1:], self.turns[1:], strict=True):
            views = [_view(stop, turn) for stop, turn in zip(first.stops, turns, strict=True)]
            scenes.append(Scene(trace, n_axes=n_axes, views=views))
        return tuple(scenes)

    def __repr__(self) -> str:
        degrees = np.degrees(self.distances[0, 1:].mean(axis=0))
        far = ", ".join(
            f"{name} {angle:.0f}°" for name, angle in zip(self.names, degrees, strict=True)
        )
        return f"Alignment of {len(self.traces)} networks by {self.match}\n  from the first: {far}"

    def _repr_html_(self) -> str:
        from unknot.doors import preview

        return preview(self)


def align(sources: Sequence[Any], *, match: str = "rotation") -> Alignment:
    """Bring together networks that were trained separately: from other seeds, or other models.

    Hidden units have no order and layers no direction of their own, so two networks that do the
    same thing look different. Each layer of the others is turned to that of the first, by
    orthogonal Procrustes (Schönemann 1966) on up to 2,000 points.

    Parameters
    ----------
    sources : sequence of 2 to 4 Trace, Run, Film or Scene
        Of the same points, in the same order, with equally many representations. Widths may
        differ.
    match : str
        ``"rotation"``: any turn or reflection. ``"units"``: only which unit is which, by linear
        assignment on their correlations.

    Returns
    -------
    Alignment
        ``figure(alignment)`` and ``page(alignment)`` show the networks side by side along the
        same axes, ``figure(alignment, what="shape_distances")`` how far apart they are.

    Raises
    ------
    UsageError
        For other points or other numbers of representations.
    """
    if match not in MATCHES:
        raise UsageError(unknown("match", match, MATCHES))
    if not isinstance(sources, list | tuple) or not 2 <= len(sources) <= MOST_NETWORKS:
        count = len(sources) if isinstance(sources, list | tuple) else 1
        raise UsageError(
            f"align takes a list of 2 to {MOST_NETWORKS} networks; got {count}.\n"
            "Give align([trace_a, trace_b])."
        )
    traces = tuple(as_trace(source) for source in sources)
    for i, trace in enumerate(traces[1:], 2):
        _check_alike(traces[0], trace, i)
    n = len(traces[0])
    rows = spread_rows(traces[0].n_points, MAX_ROWS)
    clouds = [[r.values[rows] for r in trace.representations] for trace in traces]
    distances = np.zeros((len(traces), len(traces), n))
    for i, one in enumerate(clouds):
        for j in range(i):
            apart = [brought_together(one[k], clouds[j][k], match)[1] for k in range(n)]
            distances[i, j] = distances[j, i] = apart
    turns = tuple(
        tuple(
            np.eye(one[k].shape[1])
            if i == 0 or k in _same_units(traces[0], traces[i])
            else brought_together(clouds[0][k], one[k], match)[0]
            for k in range(n)
        )
        for i, one in enumerate(clouds)
    )
    return Alignment(traces, match, turns, distances)


def _same(first: Trace, other: Trace) -> bool:
    """Whether the labels are the same, those that are missing too."""
    return np.array_equal(first.labels, other.labels, equal_nan=first.labels.dtype.kind == "f")


def _check_alike(first: Trace, other: Trace, i: int) -> None:
    if first.n_points != other.n_points or not _same(first, other):
        raise UsageError(
            f"align compares the same points; network {i} has {other.n_points:,} with labels of "
            f"its own, the first {first.n_points:,}.\n"
            "Trace all on one data set: trace(run_b, data)."
        )
    before, after = first.representations[0].values, other.representations[0].values
    if before.shape == after.shape and not np.allclose(before, after, rtol=1e-4, atol=1e-6):
        raise UsageError(
            f"align compares the same points; the inputs of network {i} are others than the "
            "first's.\nTrace all on one data set: trace(run_b, data)."
        )
    if len(first) != len(other):
        raise UsageError(
            f"align goes layer by layer; network {i} has {len(other)} representations, the first "
            f"{len(first)}.\nChoose equally many: trace(model, data, layers=[…])."
        )


def _same_units(first: Trace, other: Trace) -> set[int]:
    """Representations whose units are the same ones: the input, and what is given out."""
    inputs = [trace.representations[0].values.shape for trace in (first, other)]
    shared = set(class_scores(first)) & set(class_scores(other))
    last = len(first) - 1
    outputs = [trace.representations[last].n_units for trace in (first, other)]
    same = {0} if inputs[0] == inputs[1] else set[int]()
    return same | shared | ({last} if outputs[0] == outputs[1] else set())


def _view(stop: Stop, turn: Matrix) -> Projection:
    """The first network's plane, turned into another's units."""
    frame, n = stop.frame, len(turn)
    labels, n_axes = stop.axis_labels, stop.frame.shape[1]
    if turn.shape == (n, n) and np.array_equal(turn, np.eye(n)):
        return Projection(frame, labels, True, stop.are_units, stop.are_corners)
    labels = tuple(f"aligned, {c}" for c in "abc"[:n_axes])
    rows = max(n, n_axes)
    # Of a network with fewer units the nearest plane that it has.
    carried = polar(pad_rows(turn @ frame[: turn.shape[1]], rows))
    return Projection(carried, labels, is_fixed=True)
