"""What a film along the training looks at: a network for every moment, its layers and points.

Between two checkpoints the weights are interpolated; of a network whose maps are not all known,
its values are.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset, spread_rows, thinned
from unknot.motion.extent import common, extent_of
from unknot.motion.neighbours import mapped_run
from unknot.motion.scene import Extent, Scene, Stop
from unknot.network.maps import as_activation
from unknot.network.mlp import MLP, Dense
from unknot.traces.lattice import box, grid_lines
from unknot.traces.recorded import Recorded
from unknot.traces.representation import Trace, Values
from unknot.traces.run import Run
from unknot.traces.tracing import trace


class NetworkPath:
    """A network for every moment of training.

    Parameters
    ----------
    run : Run

    Attributes
    ----------
    length : int
        The last moment: moments are numbers of checkpoints, whole or not.
    """

    def __init__(self, run: Run) -> None:
        self.checkpoints = run.checkpoints
        self.length = len(run.checkpoints) - 1
        self._steps = np.array([c.step for c in run.checkpoints], dtype=np.float64)
        self._epochs = np.array([c.epoch for c in run.checkpoints], dtype=np.float64)

    def at(self, u: float) -> MLP | Recorded:
        """The network at moment `u`: a checkpoint where `u` is whole."""
        i = int(u)
        s = u - i
        before = self.checkpoints[i].model
        if s == 0:
            return before
        after = self.checkpoints[i + 1].model
        if isinstance(before, Recorded) or isinstance(after, Recorded):
            assert isinstance(before, Recorded)
            assert isinstance(after, Recorded)
            return before.between(after, s)
        layers = [
            Dense(
                _between(a.weight, b.weight, s),
                _between(a.bias, b.bias, s),
                str(as_activation(a.activation).between(as_activation(b.activation), s)),
                a.name,
            )
            for a, b in zip(before.layers, after.layers, strict=True)
        ]
        return replace(before, layers=tuple(layers))

    @property
    def interpolates(self) -> str:
        """What is not the network's own between two checkpoints."""
        return "values" if isinstance(self.checkpoints[0].model, Recorded) else "weights"

    def step(self, u: float) -> float:
        """Optimiser steps at moment `u`."""
        return float(np.interp(u, np.arange(len(self._steps)), self._steps))

    def epoch(self, u: float) -> float:
        """Epochs at moment `u`."""
        return float(np.interp(u, np.arange(len(self._epochs)), self._epochs))

    def moment(self, epoch: float) -> float:
        """The moment at which so many epochs have passed."""
        return float(np.interp(epoch, self._epochs, np.arange(len(self._epochs))))


def _between(a: NDArray[np.float32], b: NDArray[np.float32], s: float) -> NDArray[np.float32]:
    return ((1 - s) * a + s * b).astype(np.float32)


#: More points than this are thinned out: every frame runs the network on them.
MOST_POINTS = 20_000
#: Panels side by side.
MOST_PANELS = 4
#: Rows from which boxes and the speed of change are worked out.
SAMPLE = 1_000
#: Every so many of a grid line's points is sent through the network: lines are short here.
GRID_STRIDE = 2
#: Units of all representations together from which half of those are left out, too.
WIDE = 10_000


@dataclass(frozen=True)
class Shown:
    """One layer as the film shows it, from the first frame to the last.

    Attributes
    ----------
    stop : Stop
        Of the trained network: its frame stays, so that only the network moves.
    extent : Extent
        Holds the cloud at every checkpoint.
    """

    stop: Stop
    extent: Extent

    @property
    def names(self) -> tuple[str, ...]:
        """Of the axes; those that have not one scale say so."""
        labels = self.stop.axis_labels
        if self.extent.stretch is None:
            return labels
        return tuple(f"{name} (own scale)" if name else name for name in labels)

    def see(self, values: Values) -> Values:
        """(n, n_axes) for values (n, n_units)."""
        return values @ self.stop.frame[: values.shape[1]].astype(values.dtype)


class TrainingView:
    """The clouds of a run's networks, seen in the frames of the last one.

    Parameters
    ----------
    run : Run
    layer : str or int, optional
        The only representation to show.
    n_axes, projection, units, seed
        As for ``Scene``.

    Attributes
    ----------
    run : Run
        Whose networks are seen; of maps of neighbours, one that makes the maps.
    n_points : int
        All points, also where some of them are shown.
    n_units : int
        Of all representations together.
    data : Dataset
        The points that are shown.
    panels : tuple of Shown
    moments : (n,) float64
        Where the checkpoints lie in the film, 0 to 1: the more changes, the more time.
    box : two (n_features,) float64
        Corners of the part of the input in which the boundary is looked for.
    grid : list of (n, 2) float arrays
        The input's grid; empty for other inputs than planes.
    """

    def __init__(
        self,
        run: Run,
        *,
        layer: str | int | None = None,
        n_axes: int = 2,
        projection: str = "auto",
        units: tuple[int, ...] | None = None,
        seed: int = 0,
    ) -> None:
        self.n_points, self.n_axes = run.data.n_points, n_axes
        maps: Trace | None = None
        last = trace(run.checkpoints[-1].model, self._points(run), lattice=False)
        if projection == "neighbours" and units is None:
            mapped = mapped_run(run, n_axes, seed=seed, layers=chosen_layers(last, layer))
            maps, last, run = mapped.maps[-1], mapped.traces[-1], mapped.recorded
        scene = Scene(last, n_axes=n_axes, projection=projection, units=units, seed=seed, maps=maps)
        self.run, self.path, self.data = run, NetworkPath(run), self._points(run)
        self.shows_maps = scene.shows_maps
        self.n_units = sum(r.n_units for r in last.representations)
        self.layers = chosen_layers(last, layer)
        small = thinned(run.data, SAMPLE)
        clouds = [self._seen(scene, c.model, small) for c in run.checkpoints]
        extents = [
            common([extent_of(cloud[i]) for cloud in clouds]) for i in range(len(self.layers))
        ]
        self.panels = tuple(
            # The input stays: an axis may keep a scale of its own.
            Shown(scene.stops[k], extent if k else scene.extent(0))
            for k, extent in zip(self.layers, extents, strict=True)
        )
        self.moments = paced(clouds, extents)
        self.box = box(self.data.x)
        self.grid = self._grid_lines()

    @staticmethod
    def _points(run: Run) -> Dataset:
        return thinned(replace(run.data, held_out=run.held_out), MOST_POINTS)

    def trace_at(self, u: float) -> Trace:
        """The trace of the shown points at moment `u`."""
        return trace(self.path.at(u), self.data, lattice=False)

    def moment(self, share: float) -> float:
        """The moment of training at a share of the film."""
        return float(np.interp(share, self.moments, np.arange(len(self.moments))))

    def share(self, moment: float) -> float:
        """The share of the film at a moment of training."""
        return float(np.interp(moment, np.arange(len(self.moments)), self.moments))

    def _seen(self, scene: Scene, model: MLP | Recorded, data: Dataset) -> list[Values]:
        representations = trace(model, data, lattice=False).representations
        return [
            representations[k].values
            @ scene.stops[k].frame[: representations[k].n_units].astype(np.float32)
            for k in self.layers
        ]

    def _grid_lines(self) -> list[Values]:
        """The input's grid; empty for other inputs than planes."""
        if self.data.n_features != 2:
            return []
        stride = GRID_STRIDE * (1 if self.n_units < WIDE else 2)
        return [line[::stride] for line in grid_lines(*self.box)]


def chosen_layers(trace: Trace, layer: str | int | None) -> tuple[int, ...]:
    """Representations to show: the one asked for, or those that tell the story.

    The input, hidden layers after their activation, the readout, and the logit; of a deep network
    a choice with the first and the last among them.
    """
    if layer is not None:
        return (trace.index(layer),)
    names = [r.name for r in trace.representations]
    left_out = ("pre-activation", "scaled input", "probability")
    telling = [k for k, name in enumerate(names) if not name.endswith(left_out)]
    return tuple(telling[int(i)] for i in spread_rows(len(telling), MOST_PANELS))


def paced(clouds: list[list[Values]], extents: list[Extent]) -> NDArray[np.float64]:
    """Where checkpoints lie in the film, from 0 to 1.

    Half of the time is shared out equally, half by how far the clouds move from one checkpoint
    to the next, in radii: the film neither stands still nor jumps.
    """
    n = len(clouds) - 1
    if n < 1:
        return np.zeros(1)
    moved = np.zeros(n)
    for i in range(n):
        for before, after, extent in zip(clouds[i], clouds[i + 1], extents, strict=True):
            moved[i] += float(np.sqrt(np.mean((after - before) ** 2))) / extent.radius
    shares = np.full(n, 1 / n) if not moved.sum() else (1 / n + moved / moved.sum()) / 2
    return np.concatenate([[0.0], np.cumsum(shares)])
