"""The film along the layers: the cloud flows from the input through every layer."""

import numpy as np

from unknot.draw.canvas import Canvas, Region
from unknot.draw.colouring import trace_colouring
from unknot.draw.instant import instant
from unknot.draw.notes import picture_notes
from unknot.draw.painter import Backdrop, Painter
from unknot.draw.plane import Confidence, confidence
from unknot.draw.space import Eye
from unknot.draw.words import probe_caption
from unknot.motion.scene import Scene
from unknot.views.encode import Film
from unknot.views.encode.film import Pixels
from unknot.views.films.heading import Heading, Legend, Words, scale_of
from unknot.views.films.schedule import Moment, Schedule
from unknot.views.films.timeline import Timeline

#: A slow swing around the upright axis, so that depth is seen: degrees, and seconds there and back.
MIDDLE, SWING, PERIOD, ELEVATION = -52.0, 24.0, 26.0, 27.0


class LayersFilm:
    """Draws any moment of the film along the layers.

    Parameters
    ----------
    scene : Scene
    schedule : Schedule
    width, height : int
    lattice, boundary : bool
    """

    def __init__(
        self,
        scene: Scene,
        schedule: Schedule,
        width: int,
        height: int,
        *,
        lattice: bool = True,
        boundary: bool = True,
    ) -> None:
        self.scene, self.schedule = scene, schedule
        self.lattice, self.boundary = lattice, boundary
        self.colouring = trace_colouring(scene.trace)
        self.canvas = Canvas(width, height)
        unit = scale_of(min(width, height))
        head, caption, foot = round(82 * unit), round(26 * unit), round(50 * unit)
        top = Region(0, 0, width, head)
        below = Region(0, height - foot - caption, width, caption)
        side = round(8 * unit)
        middle = Region(side, head, width - 2 * side, height - head - caption - foot)
        self.painter = Painter(self.canvas, middle, self.colouring, unit, scene.n_axes)
        legend = Legend(self.canvas, self.colouring, unit, 0.45 * width)
        self.heading = Heading(self.canvas, top, below, legend, unit)
        strip = Region(0, height - foot, width, foot)
        names = [stop.representation.name for stop in scene.stops]
        self.timeline = Timeline(self.canvas, strip, schedule.segments, names, unit)
        self._confidence: dict[int, Confidence | None] = {}
        self._keys: dict[int, str] = {}
        self._shown: object = None

    def film(self, fps: float, n_frames: int) -> Film:
        """The film as encoders want it."""
        return Film(self.draw, self.canvas.width, self.canvas.height, fps, n_frames)

    def draw(self, seconds: float) -> Pixels:
        """The picture at so many seconds. It is drawn over by the next one."""
        moment = self.schedule.at(min(seconds, self.schedule.seconds))
        self._paint(moment, self.eye(seconds))
        self.heading.write(self.words(moment))
        at_stop = moment.segment.beat is None
        self.timeline.draw(seconds, moment.segment.k if at_stop else None)
        return self.canvas.pixels

    def eye(self, seconds: float) -> Eye | None:
        """From where the cloud is looked at; None with two axes."""
        if self.scene.n_axes == 2:
            return None
        swing = -np.cos(2 * np.pi * seconds / PERIOD)
        return Eye(azimuth=MIDDLE + SWING * float(swing), elevation=ELEVATION)

    def words(self, moment: Moment) -> Words:
        """What is written at a moment."""
        scene, segment = self.scene, moment.segment
        if segment.beat is not None:
            notes = scene.transition_notes(segment.k)
            is_drawn = scene.morph.transitions[segment.k].is_interpolated
            title, sentence = segment.beat.title, segment.beat.sentence
            return Words(title, sentence, " · ".join(notes), warns=is_drawn)
        k = segment.k
        readout = scene.readout(k)
        if readout is None:
            parts = [probe_caption(scene, k), self._key(k)]
            caption = " · ".join(part for part in parts if part)
            return Words(scene.stops[k].title, self._sentence(k), caption)
        return Words(scene.stops[k].title, self._sentence(k), readout.caption, readout.misleads)

    def _sentence(self, k: int) -> str:
        """What a reader must know about a representation."""
        trace = self.scene.trace
        names = [r.name for r in trace.representations]
        notes = picture_notes(trace)
        about = [{*note.lower().split()} & {*names} for note in notes]
        said = [note for note, who in zip(notes, about, strict=True) if names[k] in who]
        if k == 0:
            size = f"{trace.name}: {trace.n_points:,} points"
            if trace.n_classes > 1:
                size += f" in {trace.n_classes} classes"
            rest = [note for note, who in zip(notes, about, strict=True) if not who]
            # What must be known first: what does not fit is left out from the end.
            said = [*rest, *said, size]
        elif k == self.scene.length and trace.n_classes and trace.probabilities is not None:
            hits = float((trace.probabilities.argmax(axis=1) == trace.labels).mean())
            best = trace.bayes_accuracy
            possible = "" if best is None else f"; the best possible is {best:.1%}"
            said.append(f"{hits:.1%} of the points are classified correctly{possible}")
        return " · ".join(said)

    def _key(self, k: int) -> str:
        """What the line and the colours behind the points mean, as far as they are there."""
        if k not in self._keys:
            self._keys[k] = self._find_key(k)
        return self._keys[k]

    def _find_key(self, k: int) -> str:
        now = instant(self.scene, float(k), self.colouring)
        parts = ["columns: how many points"] if now.columns else []
        plane = self._plane(k)
        exact = plane.boundary if plane else []
        if self.boundary and any(len(line) for line in [*exact, *now.boundary, *now.thresholds]):
            parts.append("black line: where the network's decision changes")
        if plane is not None and plane.colours is not None:
            parts.append("tint: how sure the network is")
        return " · ".join(parts)

    def _paint(self, moment: Moment, eye: Eye | None) -> None:
        state = (moment.t, moment.presence, moment.lift, eye)
        if state == self._shown:
            return
        self._shown = state
        now = instant(
            self.scene,
            moment.t,
            self.colouring,
            eye=eye,
            lattice=self.lattice,
            boundary=self.boundary,
            lift=moment.lift,
        )
        self.painter.paint(now, self._backdrop(moment))

    def _backdrop(self, moment: Moment) -> Backdrop:
        k = moment.segment.k
        if moment.segment.beat is not None:
            return Backdrop()
        return Backdrop(moment.presence, self._plane(k), self.scene.stops[k].axis_labels)

    def _plane(self, k: int) -> Confidence | None:
        """Confidence and boundary at a stop; none are shown in space."""
        if k not in self._confidence and self.boundary:
            window = self.painter.window(instant(self.scene, float(k), self.colouring))
            self._confidence[k] = confidence(self.scene, k, window, self.colouring.palette)
        return self._confidence.get(k)
