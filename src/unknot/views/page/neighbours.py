"""Maps of neighbours on a page: worked out here, carried as places of the points."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from unknot.datasets.dataset import spread_rows
from unknot.errors import UsageError
from unknot.measures.faithfulness import MAX_NEIGHBOUR_POINTS, trustworthiness
from unknot.motion.neighbours import MEANING, MOST_POINTS, mapped, mapped_run, said
from unknot.motion.scene import Scene
from unknot.traces.representation import Trace
from unknot.traces.run import Run
from unknot.views.page.container import Buffers
from unknot.views.page.excerpt import Excerpt
from unknot.views.page.values import quantise

#: What a page may begin with; the others are chosen in it.
PROJECTIONS = ("auto", "neighbours")


@dataclass(frozen=True)
class Mapped:
    """A network of the points that are mapped, and its maps.

    Attributes
    ----------
    source : Trace or Run
    traces, maps : tuples of Trace
        One a checkpoint.
    n_points : int
        All of them, also where some are mapped.
    """

    source: Trace | Run
    traces: tuple[Trace, ...]
    maps: tuple[Trace, ...]
    n_points: int


def check_projection(projection: str) -> None:
    """UsageError for what a page does not begin with."""
    if projection not in PROJECTIONS:
        raise UsageError(
            f"A page begins with projection 'auto' or 'neighbours'; got {projection!r}.\n"
            "Leave projection out, and choose what is seen in the page."
        )


def mapped_source(source: Trace | Run | Scene, n_axes: int) -> Mapped:
    """The maps of a trace, or of a run at some of its checkpoints; a scene brings its own."""
    n_points = source.whole.n_points if isinstance(source, Scene) else _n_points(source)
    if isinstance(source, Scene) and source.shows_maps and source.n_axes == n_axes:
        trace = _without_notes(source.trace, source)
        return Mapped(trace, (trace,), (source.morph.trace,), n_points)
    if isinstance(source, Run):
        maps = mapped_run(source, n_axes)
        return Mapped(maps.run, maps.traces, maps.maps, n_points)
    trace = _without_notes(source.whole, source) if isinstance(source, Scene) else source
    if n_points > MOST_POINTS:
        trace = trace.take(spread_rows(n_points, MOST_POINTS))
    return Mapped(trace, (trace,), (mapped(trace, n_axes).trace(trace),), n_points)


def neighbours_header(
    of: Mapped, excerpt: Excerpt, n_axes: int, buffers: Buffers, name: str
) -> dict[str, Any]:
    """The maps' entry in the header of a network, with the places among the buffers.

    A map that stays from one checkpoint to the next is stored once.
    """
    values: list[list[dict[str, Any]]] = []
    trust: list[list[float | None]] = []
    for i, (trace, maps) in enumerate(zip(of.traces, of.maps, strict=True)):
        values.append([])
        trust.append([])
        for k, (layer, seen) in enumerate(zip(trace, maps, strict=True)):
            if i and np.array_equal(seen.values, of.maps[i - 1][k].values):
                values[i].append(values[i - 1][k])
                trust[i].append(trust[i - 1][k])
                continue
            places = quantise(seen.values[excerpt.rows])
            values[i].append(places.header(buffers, f"{name}.neighbours.{i}.{k}"))
            trust[i].append(_trust(trace, layer.n_units > n_axes, k, maps))
    return {"n_axes": n_axes, "meaning": MEANING, "values": values, "trustworthiness": trust}


def thinning(of: Mapped) -> Sequence[str]:
    """What is said where some of the points are mapped."""
    shown = of.traces[-1].n_points
    return [note.text for note in said(of.n_points, shown)[1:]]


def _trust(trace: Trace, is_map: bool, k: int, maps: Trace) -> float | None:
    rows = spread_rows(trace.n_points, MAX_NEIGHBOUR_POINTS)
    if not is_map:
        return None
    value = trustworthiness(trace[k].values[rows], maps[k].values[rows])
    return None if value is None else round(value, 6)


def _n_points(source: Trace | Run) -> int:
    return source.data.n_points if isinstance(source, Run) else source.n_points


def _without_notes(trace: Trace, scene: Scene) -> Trace:
    """A scene's trace says what the page has in places of its own."""
    own = said(scene.whole.n_points, scene.trace.n_points)
    return replace(trace, notes=tuple(note for note in trace.notes if note not in own))
