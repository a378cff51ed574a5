"""Maps of neighbours: a t-SNE of every wide representation, each begun where another ended.

No plane through a layer of many units keeps who is near whom; a map that bends does. It shows
nothing else: lengths, gaps and the way from one map to the next mean nothing.
"""

import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset, spread_rows, thinned
from unknot.errors import UnknotError
from unknot.motion.pace import mean_radius
from unknot.motion.projection import LDA_DIRECTIONS, MAX_SIDE, principal_directions
from unknot.motion.rotation import polar
from unknot.network.maps import Opaque
from unknot.progress import progress_bar
from unknot.traces.note import HEAVY, Note
from unknot.traces.recorded import Recorded
from unknot.traces.representation import Representation, Trace, Values
from unknot.traces.run import Checkpoint, Run
from unknot.traces.tracing import trace as trace_run

Matrix = NDArray[np.float64]

#: What every picture of maps says.
MEANING = "a map of neighbours: distances and paths mean nothing"

#: Points of a map: of more, rows that are spread evenly. Eight maps of these take half a minute.
MOST_POINTS = 5_000
#: Moments of a training that are mapped; what lies between two is drawn straight. There are fewer
#: where so many points in all maps of the earlier ones together would be exceeded: a minute or two.
FEWEST_MOMENTS, MOST_MOMENTS = 4, 12
MOST_PLACES = 60_000
#: Neighbours that count, about.
PERPLEXITY = 30.0
#: Of fewer different points the widest plane is shown: all of them are neighbours.
FEWEST = 8
#: Steps of a map that begins anew and of one that goes on from another, each first with neighbours
#: drawn together so many times as strongly: pieces that have become one shall meet.
ANEW = ((250, 12.0), (250, 1.0))
FURTHER = ((60, 2.0), (100, 1.0))
#: Seconds from which a bar is shown.
PATIENCE = 2.0


@dataclass(frozen=True)
class Neighbours:
    """The maps of one moment.

    Attributes
    ----------
    places : tuple of (n_points, n_axes) float64 or None
        One a representation, as t-SNE left it; None for one that is shown in its units.
    """

    places: tuple[Matrix | None, ...]

    def trace(self, source: Trace) -> Trace:
        """The trace with maps in the place of layers, joined by nothing that is known.

        Every map has its centre at 0 and a radius (root mean square) of 1.
        """
        shown = tuple(
            Representation(r.name, r.values, source.unit_titles(k))
            if places is None
            else Representation(r.name, _unit_size(places), ("",) * places.shape[1])
            for k, (r, places) in enumerate(zip(source, self.places, strict=True))
        )
        maps = tuple(Opaque(map_.name) for map_ in source.maps)
        return replace(source, representations=shown, maps=maps, lattice=None)


def mapped(
    source: Trace,
    n_axes: int,
    *,
    seed: int = 0,
    later: tuple[Trace, Neighbours] | None = None,
    layers: Collection[int] | None = None,
) -> Neighbours:
    """The maps of a trace's representations that have more units than axes.

    Parameters
    ----------
    source : Trace
    n_axes : int
    seed : int
    later : (Trace, Neighbours), optional
        The same points at a later moment of training: each map begins where that of its own
        representation ended. Left out, it begins where that of the representation before ended.
    layers : collection of int, optional
        Representations that are mapped; others stay as they were later.

    Returns
    -------
    Neighbours

    Raises
    ------
    UnknotError
        Without openTSNE.
    """
    places: list[Matrix | None] = []
    latest: Matrix | None = None
    for k, representation in enumerate(source):
        if representation.n_units <= n_axes:
            places.append(None)
            continue
        start = latest if later is None else later[1].places[k]
        if later is not None and _stays(k, representation, later[0], layers):
            places.append(start)
            continue
        latest = neighbour_map(representation.values, n_axes, start=start, seed=seed)
        places.append(latest)
    return Neighbours(tuple(places))


def _stays(k: int, now: Representation, later: Trace, layers: Collection[int] | None) -> bool:
    is_left_out = layers is not None and k not in layers
    return is_left_out or np.array_equal(now.values, later[k].values)


def neighbour_map(
    values: Values, n_axes: int = 2, *, start: Matrix | None = None, seed: int = 0
) -> Matrix:
    """Where t-SNE puts the points of one cloud, (n_points, n_axes) float64.

    van der Maaten and Hinton (2008), by openTSNE. Points that are one in the cloud are one in the
    map. Of fewer than 8 different points it is the widest plane. Of more than 512 units the 128
    leading principal directions count.

    Parameters
    ----------
    values : (n_points, n_units) float array
    n_axes : int
        2 or 3.
    start : (n_points, n_axes) float64, optional
        The map to begin with; left out, the widest plane.
    seed : int

    Raises
    ------
    UnknotError
        Without openTSNE.
    """
    library = _library()
    if not len(values):
        return np.zeros((0, n_axes))
    distinct, index = _distinct(values)
    n = len(distinct)
    plane = distinct @ principal_directions(distinct, n_axes)[0]
    plane = np.pad(plane, ((0, 0), (0, n_axes - plane.shape[1])))
    before = None if start is None else _means(start, index, n)
    if before is not None:
        plane = plane @ _facing(plane, before)
    if n < FEWEST:
        size = 1.0 if before is None else max(mean_radius(before), 1.0)
        return (plane * (size / max(mean_radius(plane), 1e-30)))[index]
    goes_on = before is not None and len(np.unique(before, axis=0)) >= FEWEST
    rng = np.random.default_rng(seed)
    if before is not None and goes_on:
        # Points that were one shall come apart.
        first = before + rng.normal(size=before.shape) * (1e-3 * mean_radius(before))
    else:
        first = plane * (1e-4 / mean_radius(plane)) + rng.normal(size=plane.shape) * 1e-6
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        near = library.affinity.PerplexityBasedNN(
            distinct,
            perplexity=min(PERPLEXITY, (n - 1) / 3),
            method="exact",
            n_jobs=1,
            random_state=seed,
        )
        # Threads do not pay here: they wait for each other at every step.
        embedding = library.TSNEEmbedding(
            first, near, negative_gradient_method="bh", n_jobs=1, random_state=seed
        )
        for n_steps, exaggeration in FURTHER if goes_on else ANEW:
            embedding.optimize(n_steps, exaggeration=exaggeration, momentum=0.8, inplace=True)
    places = np.asarray(embedding, dtype=np.float64)
    if before is not None and goes_on:
        # A map has no up and no left of its own: it turns while it is worked out.
        places = places @ _facing(places, before)
    return places[index]


def mapped_rows(source: Trace) -> tuple[Trace, Trace]:
    """The points that are mapped, and all of them, both with what must be said."""
    rows = spread_rows(source.n_points, MOST_POINTS)
    notes = (*source.notes, *said(source.n_points, len(rows)))
    whole = replace(source, lattice=None, notes=notes)
    return whole if len(rows) == source.n_points else whole.take(rows), whole


def said(n_points: int, n_shown: int) -> tuple[Note, ...]:
    """What every picture of maps says, and of how many points they are."""
    notes = [Note(f"{MEANING[0].upper()}{MEANING[1:]}.", weight=HEAVY)]
    if n_shown < n_points:
        notes.append(Note(f"It is of {n_shown:,} of the {n_points:,} points.", weight=HEAVY))
    return tuple(notes)


@dataclass(frozen=True)
class MappedRun:
    """A training as maps: some of its moments, and some of its points.

    Attributes
    ----------
    run : Run
        The run itself, of the points and at the checkpoints that are mapped.
    traces : tuple of Trace
        Its representations, one a checkpoint.
    maps : tuple of Trace
        The maps in their place.
    """

    run: Run
    traces: tuple[Trace, ...]
    maps: tuple[Trace, ...]

    @property
    def recorded(self) -> Run:
        """A run whose networks make the maps: between two checkpoints they are interpolated."""
        moments = tuple(
            Checkpoint(c.step, c.epoch, Recorded(each))
            for c, each in zip(self.run.checkpoints, self.maps, strict=True)
        )
        # A recorded network knows the points by its own input.
        seen = self.maps[-1].representations[0]
        names = tuple(f"axis {i + 1}" for i in range(seen.n_units))
        data = replace(self.run.data, x=seen.values, feature_names=names)
        return replace(self.run, data=data, model=moments[-1].model, checkpoints=moments)


def mapped_run(
    run: Run, n_axes: int, *, seed: int = 0, layers: Collection[int] | None = None
) -> MappedRun:
    """The maps of a training.

    Those of the trained network are the maps of its trace. From them it goes back: each map begins
    where that of its representation at the checkpoint after it ended.

    Parameters
    ----------
    run : Run
    n_axes, seed : int
    layers : collection of int, optional
        Representations whose maps change with the training; left out, all.
    """
    some = thinned(replace(run.data, held_out=run.held_out), MOST_POINTS)
    first, last = (_moment(run.checkpoints[i], some) for i in (0, -1))
    chosen = spread_rows(len(run.checkpoints), _n_moments(first, last, n_axes, layers))
    checkpoints = tuple(run.checkpoints[int(i)] for i in chosen)
    traces = [_moment(checkpoint, some) for checkpoint in checkpoints]
    maps: list[Trace] = []
    later: tuple[Trace, Neighbours] | None = None
    with progress_bar(True, len(traces), "maps", transient=True, after=PATIENCE) as show:
        for each in reversed(traces):
            places = mapped(each, n_axes, seed=seed, later=later, layers=layers)
            later = (each, places)
            maps.append(places.trace(each))
            show()
    judges = np.zeros(0, np.int64) if some.held_out is None else np.flatnonzero(some.held_out)
    thin = replace(run, data=some, validation_rows=judges, checkpoints=checkpoints)
    return MappedRun(thin, tuple(traces), tuple(reversed(maps)))


def _n_moments(first: Trace, last: Trace, n_axes: int, layers: Collection[int] | None) -> int:
    changing = [
        k
        for k, each in enumerate(first)
        if each.n_units > n_axes and not _stays(k, each, last, layers)
    ]
    most = 1 + MOST_PLACES // max(len(changing) * last.n_points, 1)
    return min(max(most, FEWEST_MOMENTS), MOST_MOMENTS)


def _moment(checkpoint: Checkpoint, data: Dataset) -> Trace:
    return trace_run(checkpoint.model, data, lattice=False)


def displacement(maps: Sequence[Matrix]) -> float:
    """Mean way of a point from one map to the next, in radii of the maps."""
    sizes = [_unit_size(each) for each in maps]
    steps = [np.sqrt(np.square(b - a).sum(axis=1)) for a, b in pairwise(sizes)]
    return float(np.mean(steps))


def _distinct(values: Values) -> tuple[Matrix, NDArray[np.int64]]:
    """The different points of a cloud, of a size whose squares are numbers, and which is which."""
    cloud, index = np.unique(np.asarray(values), axis=0, return_inverse=True)
    largest = max(float(np.abs(cloud).max(initial=0)), 1e-300)
    scaled = cloud.astype(np.float64) / largest
    scaled -= scaled.mean(axis=0)
    if scaled.shape[1] > MAX_SIDE:
        scaled = scaled @ principal_directions(scaled, LDA_DIRECTIONS)[0]
    return scaled / max(mean_radius(scaled), 1e-30), index.reshape(-1)


def _means(places: Matrix, index: NDArray[np.int64], n: int) -> Matrix:
    """Where each of the different points was: the middle of those that are one now."""
    totals = np.stack([np.bincount(index, column, n) for column in places.T], axis=1)
    return totals / np.bincount(index, minlength=n)[:, None]


def _facing(plane: Matrix, before: Matrix) -> Matrix:
    """The turn that brings a plane nearest to an earlier picture."""
    return polar((plane - plane.mean(axis=0)).T @ (before - before.mean(axis=0)))


def _unit_size(places: Matrix) -> NDArray[np.float32]:
    centred = places - places.mean(axis=0) if len(places) else places
    return (centred / max(mean_radius(centred), 1e-30)).astype(np.float32)


def _library() -> Any:
    try:
        import openTSNE
    except ImportError as error:
        raise UnknotError(
            "The projection 'neighbours' needs openTSNE, which is not installed.\n"
            "Install it: pip install 'unknot[neighbours]', or choose projection='auto'."
        ) from error
    return cast("Any", openTSNE)
