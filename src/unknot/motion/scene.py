"""Scene: the one thing that every view draws."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from unknot.datasets.dataset import spread_rows
from unknot.doors import as_trace
from unknot.errors import UsageError
from unknot.measures import Readout, readout
from unknot.measures.displacement import displacement_correlation
from unknot.motion.along_map import AlongAffine
from unknot.motion.beats import UNSEEN, SceneBeat, scene_beat
from unknot.motion.camera import Camera
from unknot.motion.corners import decides
from unknot.motion.extent import Extent, common, extent_of, on_the_way, own_scales
from unknot.motion.morph import Morph
from unknot.motion.neighbours import MEANING, mapped, mapped_rows
from unknot.motion.projected import ProjectedClouds
from unknot.motion.projection import Matrix, Projection, project
from unknot.motion.transitions import Beat, Clouds, LinearParts, Straight
from unknot.table import unknown
from unknot.traces.note import HEAVY, LIGHT, Note, for_readers
from unknot.traces.representation import Representation, Trace, Values
from unknot.traces.run import Run

__all__ = ["Extent", "Scene", "SceneBeat", "Stop"]

SCALES = ("animated", "fixed")
#: The projection of a scene whose views were given.
ALIGNED = "aligned"

#: Points from which boxes and the visibility of beats are worked out.
SAMPLE = 2_000
#: Boxes between two representations from which one for all is made.
KNOTS = 16


@dataclass(frozen=True)
class Stop:
    """A representation as it is shown.

    Attributes
    ----------
    k : int
    representation : Representation
    frame : (max(n_units, n_axes), n_axes) float64
    axis_labels : tuple of str
        Empty for an axis along which there is no extent.
    are_units : bool
        True when the axes are units.
    are_corners : bool
        True when the units are the classes and row `c` of the frame is the corner of class `c`.
    is_map : bool
        True when a map of neighbours stands for the representation.
    n_shown : int
        Axes along which the representation can have extent: 1 for a logit.
    """

    k: int
    representation: Representation
    frame: Matrix
    axis_labels: tuple[str, ...]
    are_units: bool
    are_corners: bool = False
    is_map: bool = False

    @property
    def n_shown(self) -> int:
        """``min(n_units, n_axes)``: along the remaining axes every point is at 0."""
        return min(self.representation.n_units, self.frame.shape[1])

    @property
    def is_decided(self) -> bool:
        """Whether the place of a point between the corners tells its class."""
        return self.are_corners and decides(*self.frame.shape)

    @property
    def title(self) -> str:
        """``"hidden 1 (6 units)"``."""
        n = self.representation.n_units
        return f"{self.representation.name} ({n} unit{'s' * (n > 1)})"


class Scene:
    """A trace with a morph and a camera: everything a view needs, as a function of `t`.

    Parameters
    ----------
    trace : Trace, or a Run or Scene, which holds one
    n_axes : int
        2 or 3.
    projection : str
        ``"auto"`` (see ``motion/projection.py``), ``"corners"``, ``"following"``, ``"units"``,
        ``"pca"``, ``"lda"``, ``"logistic"``, ``"regression"``, ``"neighbours"`` or ``"random"``.
    kind : str
        Of the morph: ``"honest"``, ``"linear"``, ``"spline"`` or ``"pchip"``.
    units : sequence of int, optional
        Which units to show of layers that have more than `n_axes`; implies ``"units"``. Indices:
        0 is what pictures call unit 1.
    scale : str
        ``"animated"``: the box follows the cloud, and views show its scale. ``"fixed"``: one box
        for all.
    seed : int
        For the random projection, and for maps of neighbours.
    maps : Trace, optional
        Maps of neighbours of the trace's points, where they were made before.
    views : sequence of Projection, optional
        One a representation, in the place of the projection: where another network is seen from
        (see `unknot.align`). The projection is then called ``"aligned"``.

    Attributes
    ----------
    stops : tuple of Stop
        One a representation.
    """

    def __init__(
        self,
        trace: Trace | Run,
        *,
        n_axes: int = 2,
        projection: str = "auto",
        kind: str = "honest",
        units: tuple[int, ...] | list[int] | None = None,
        scale: str = "animated",
        seed: int = 0,
        views: Sequence[Projection] | None = None,
        maps: Trace | None = None,
    ) -> None:
        if n_axes not in (2, 3):
            raise UsageError(f"A view has 2 or 3 axes; got {n_axes}.")
        if scale not in SCALES:
            raise UsageError(unknown("scale", scale, SCALES))
        name = "units" if units is not None else projection
        name = name if views is None else ALIGNED
        trace = as_trace(trace)
        drawn = trace if maps is None else maps
        if name == "neighbours" and maps is None:
            trace, self.__dict__["whole"] = mapped_rows(trace)
            drawn = mapped(trace, n_axes, seed=seed).trace(trace)
        self.trace = trace
        self.n_axes = n_axes
        self.projection = name
        self.scale = scale
        self.morph = Morph(drawn, kind)
        chosen = None if units is None else tuple(units)
        self._check_units(chosen)
        projected = [
            project(drawn, k, name, n_axes, units=chosen, seed=seed) if views is None else views[k]
            for k in range(len(trace.representations))
        ]
        self.camera = Camera(self.morph, projected)
        self.stops = tuple(self._stop(k, p) for k, p in enumerate(projected))
        self._readouts: dict[int, Readout | None] = {}
        self._notes: dict[int, tuple[Note, ...]] = {}
        self._projected_clouds: dict[int, ProjectedClouds] = {}

    def __repr__(self) -> str:
        seen = f"{self.n_axes} axes, {self.projection}, {self.morph.kind}"
        return f"Scene ({seen}, t = 0 to {self.length}) of\n{self.whole!r}"

    def _repr_html_(self) -> str:
        from unknot.doors import preview

        return preview(self)

    @property
    def length(self) -> int:
        """The last `t`: the number of maps."""
        return self.morph.length

    def thinned(self, most: int) -> "Scene":
        """The same view of at most `most` of the points, spread evenly over the rows.

        Boxes, beats and readouts stay those of all points.
        """
        if self.trace.n_points <= most:
            return self
        some, rows = copy(self), spread_rows(self.trace.n_points, most)
        some.trace = self.trace.take(rows)
        some.morph = self.morph.of(self.morph.trace.take(rows) if self.shows_maps else some.trace)
        some.__dict__ |= {"_sample": self._sample, "_boxes": self._boxes, "beats": self.beats}
        some.__dict__ |= {"readout": self.readout, "whole": self.whole}
        return some

    @cached_property
    def whole(self) -> Trace:
        """All points, also where some of them are shown."""
        return self.trace

    @property
    def shows_maps(self) -> bool:
        """Whether maps of neighbours stand for wide layers."""
        return self.morph.trace is not self.trace

    def is_map(self, t: float) -> bool:
        """Whether a map of neighbours is seen at `t`: no length in it means anything."""
        k, s = self.morph.locate(t)
        return any(stop.is_map for stop in self.stops[k : k + 1 + (s > 0)])

    def points(self, t: float) -> Values:
        """The shown cloud at `t`, (n_points, n_axes)."""
        return self._seen(self.morph.clouds, t)

    def grid(self, t: float) -> list[Values]:
        """The lattice's grid lines at `t`, (n, n_axes) each; empty without a lattice."""
        return self._lattice_at(t)[0]

    def boundary(self, t: float) -> list[Values]:
        """The decision boundary of the input, carried to `t`, (n, n_axes) each."""
        return self._lattice_at(t)[1]

    def lines(self, t: float) -> tuple[list[Values], list[Values]]:
        """Grid and boundary at once."""
        return self._lattice_at(t)

    def extent(self, t: float) -> Extent:
        """The box to show at `t`: equal scale on every axis, but for an input of unequal features.

        Its scales become one on the way to the next representation.
        """
        return self._fixed_extent if self.scale == "fixed" else self._box(t)

    def readout(self, k: int) -> Readout | None:
        """What the picture of representation `k` hides; None when it shows every unit."""
        if k not in self._readouts:
            trace, values = self.trace, self.trace.representations[k].values
            self._readouts[k] = None
            if values.shape[1] > self.n_axes:
                self._readouts[k] = readout(
                    values,
                    self.points(k),
                    trace.labels,
                    widths=[r.n_units for r in trace.representations[:k]],
                    held_out=trace.held_out,
                    is_map=self.stops[k].is_map,
                )
        return self._readouts[k]

    def displacement_shown(self, k: int) -> float | None:
        """Whether who is seen to move far through map `k` does: a correlation, −1 to 1.

        On 2,000 points at most. None when all points move equally far.
        """
        full = self._sample[k : k + 2]
        seen = [
            cloud @ self.stops[i].frame[: cloud.shape[1]] for i, cloud in enumerate(full, start=k)
        ]
        return displacement_correlation(seen[0], seen[1], full[0], full[1])

    @cached_property
    def beats(self) -> tuple[SceneBeat, ...]:
        """Everything that happens, in order."""
        return tuple(
            self._beat(beat, k)
            for k, transition in enumerate(self.morph.transitions)
            for beat in transition.beats
        )

    def beat(self, t: float) -> SceneBeat:
        """The beat at `t`; at a joint, the one that begins."""
        self.morph.locate(t)
        return next((b for b in self.beats if t < b.stop), self.beats[-1])

    def transition_notes(self, k: int) -> tuple[Note, ...]:
        """What must be said about the way to the next representation, the heaviest first."""
        if k not in self._notes:
            self._notes[k] = self._make_notes(k)
        return self._notes[k]

    def _make_notes(self, k: int) -> tuple[Note, ...]:
        transition = self.morph.transitions[k]
        if self.is_map(k + 0.5):
            return (Note(MEANING, weight=HEAVY),)
        notes = list(transition.notes)
        if transition.is_interpolated:
            residual = self.camera.residuals.get(k)
            notes.append(Note("interpolated: not the path the network takes", weight=HEAVY))
            if residual is not None:
                share = f"turning and resizing explain {1 - residual:.0%} of the change"
                notes.append(Note(f"{share} (Procrustes residual {residual:.2f})"))
        elif isinstance(transition, AlongAffine) and transition.leading is None:
            notes.append(Note(transition.least_stretch))
        wide = max(r.n_units for r in self.trace.representations[k : k + 2])
        shown = self.displacement_shown(k) if wide > self.n_axes else None
        if shown is not None:
            text = f"the movement seen and the true one agree by {shown:.2f} (correlation)"
            text = text.replace("-", "−")
            notes.append(Note(text, weight=LIGHT))
        return for_readers(notes)

    def _beat(self, beat: Beat, k: int) -> SceneBeat:
        transition, clouds = self.morph.transitions[k], self.morph.clouds
        is_seen = self._is_seen(k + beat.start, k + beat.stop)
        said = scene_beat(beat, self.morph.trace.maps[k], transition, clouds, is_seen)
        if not self.is_map(k + beat.start) and not self.is_map(k + beat.stop):
            return said
        way = "straight" if isinstance(transition, Straight) else "as a curve"
        return replace(said, sentence=f"drawn {way} from one picture to the next")

    def _seen(self, clouds: Clouds, t: float) -> Values:
        """Any clouds traced through the same network, at `t`."""
        k, s = self.morph.locate(t)
        if s == 0:
            cloud = clouds[k]
            return cloud @ self.stops[k].frame[: cloud.shape[1]].astype(cloud.dtype)
        transition = self.morph.transitions[k]
        frame = self.camera.frame(t)[: transition.width]
        if not isinstance(transition, LinearParts):
            return transition.seen(clouds, s, frame)
        # It holds the clouds, so that no others get their number.
        known = self._projected_clouds.setdefault(id(clouds), ProjectedClouds(clouds))
        return known.evaluate(k, transition.parts(s, frame))

    def _lattice_at(self, t: float) -> tuple[list[Values], list[Values]]:
        lattice = self.trace.lattice
        return ([], []) if lattice is None else lattice.split(self._seen(lattice.values, t))

    @cached_property
    def _sample(self) -> Clouds:
        if self.trace.n_points <= SAMPLE:
            return self.morph.clouds
        rows = spread_rows(self.trace.n_points, SAMPLE)
        return tuple(cloud[rows] for cloud in self.morph.clouds)

    def _box(self, t: float) -> Extent:
        k, s = self.morph.locate(t)
        if s == 0:
            return self._boxes[k]
        return on_the_way(self._box_at(t), *self._boxes[k : k + 2])

    @cached_property
    def _boxes(self) -> list[Extent]:
        """The box of each representation."""
        return [self._box_at(k) for k in range(self.length + 1)]

    def _box_at(self, t: float) -> Extent:
        seen, scales = self._seen(self._sample, t), self._input_scales
        if scales is None or t >= 1:
            return extent_of(seen)
        return extent_of(seen, scales, 1 - t**2 * (3 - 2 * t))

    @cached_property
    def _input_scales(self) -> Matrix | None:
        """How much each feature is enlarged, where two are shown whole and very unequal."""
        frame = self.stops[0].frame
        is_plane = self.n_axes == 2 and self.stops[0].n_shown == 2 and frame.shape == (2, 2)
        if not is_plane or self.scale == "fixed" or not np.allclose(frame, np.eye(2)):
            return None
        return own_scales(self._seen(self._sample, 0.0))

    @cached_property
    def _fixed_extent(self) -> Extent:
        knots = np.linspace(0, self.length, self.length * KNOTS + 1)
        return common([self._box(float(t)) for t in knots])

    def _is_seen(self, start: float, stop: float) -> bool:
        """Whether the picture changes between two moments of one beat."""
        inside = np.linspace(start, stop, 5)
        pictures = [self._seen(self._sample, float(t)) for t in inside]
        first, extent = pictures[0], self.extent(start)
        ways = [np.abs(p - first) * extent.factors for p in pictures[1:] if p.size]
        return max((float(way.max()) for way in ways), default=0.0) > UNSEEN * extent.radius

    def _stop(self, k: int, projection: Projection) -> Stop:
        return Stop(
            k,
            self.trace.representations[k],
            self.camera.frames[k],
            projection.axis_labels,
            projection.are_units,
            projection.are_corners,
            self.shows_maps and self.trace.representations[k].n_units > self.n_axes,
        )

    def _check_units(self, units: tuple[int, ...] | None) -> None:
        widest = max(r.n_units for r in self.trace.representations)
        if units is not None and widest <= self.n_axes:
            raise UsageError(
                f"No layer has more than {self.n_axes} units, so there are none to choose."
            )
