"""The film along the layers: the cloud flows from the input through every layer."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from unknot.draw.canvas import Canvas, Region
from unknot.draw.colouring import trace_colouring
from unknot.draw.instant import instant
from unknot.draw.painter import Backdrop, Painter
from unknot.draw.plane import Confidence, confidence
from unknot.draw.space import Eye
from unknot.draw.words import probe_caption, scale_caption
from unknot.errors import UsageError
from unknot.motion.scene import Scene, SceneBeat
from unknot.traces.note import for_readers
from unknot.views.films.captions import Heading, Legend, Timeline, Words, scale_of
from unknot.views.films.encode import Pixels, Reel

#: Seconds that a film takes by itself. The first and the last pause are longer: to take in what
#: there is, and what came of it.
PAUSE, END_PAUSE = 0.7, 1.0
BEAT_SECONDS = {"activation": 1.1, "interpolated": 1.6, "shift": 0.5, "softmax": 1.6}
BEAT = 0.7
#: A deep network's film is not longer than this unless a length is asked for.
LONGEST = 90.0
#: Seconds in which names and shading come and go at a pause, and columns rise.
FADE, RISE = 0.3, 0.6


@dataclass(frozen=True)
class Stretch:
    """A stretch of the film: a pause at a representation, or a beat between two.

    Attributes
    ----------
    start, stop : float
        Seconds.
    k : int
        The representation, or the one that a beat comes from.
    beat : SceneBeat or None
        None for a pause.
    """

    start: float
    stop: float
    k: int
    beat: SceneBeat | None

    @property
    def seconds(self) -> float:
        """How long it is on screen."""
        return self.stop - self.start


@dataclass(frozen=True)
class Cue:
    """One moment of the film.

    Attributes
    ----------
    t : float
        In the scene.
    segment : Segment
    presence : float
        How much is seen of what belongs to a standing representation, 0 to 1; 0 during a beat.
    lift : float
        How far the columns over a cloud on a line have risen, 0 to 1.
    """

    t: float
    segment: Stretch
    presence: float
    lift: float


class Schedule:
    """Film time to scene time: a pause at each representation, a share for each visible beat.

    Parameters
    ----------
    scene : Scene
    seconds : float, optional
        Length of the film; left out, it follows from the number of pauses and beats.
    pause : float, optional
        Length of every pause in seconds.

    Attributes
    ----------
    segments : tuple of Segment
        Without gaps.
    seconds : float
    """

    def __init__(
        self, scene: Scene, *, seconds: float | None = None, pause: float | None = None
    ) -> None:
        parts = _parts(scene)
        lengths = _lengths(parts, seconds, pause)
        stops = [*accumulate(lengths)]
        starts = [0.0, *stops[:-1]]
        self.segments = tuple(
            Stretch(start, stop, k, beat)
            for start, stop, (k, beat) in zip(starts, stops, parts, strict=True)
        )
        self.seconds = stops[-1]
        self._starts = starts
        self._is_narrow = [stop.n_shown == 1 for stop in scene.stops]

    def at(self, seconds: float) -> Cue:
        """The moment at so many seconds."""
        segment = self.segments[max(bisect_right(self._starts, seconds) - 1, 0)]
        beat = segment.beat
        if beat is None:
            presence = self._edges(segment, seconds, FADE, *self._is_end(segment))
            joined = (self._narrow(segment.k - 1), self._narrow(segment.k + 1))
            lift = self._edges(segment, seconds, RISE, *joined)
            return Cue(float(segment.k), segment, presence, lift)
        share = (seconds - segment.start) / segment.seconds if segment.seconds else 1.0
        t = beat.start + (beat.stop - beat.start) * eased(share)
        return Cue(min(t, beat.stop), segment, 0.0, 1.0)

    def _is_end(self, segment: Stretch) -> tuple[bool, bool]:
        return segment is self.segments[0], segment is self.segments[-1]

    def _narrow(self, k: int) -> bool:
        """Whether columns stand at the next representation, too; beyond the ends they do."""
        return not 0 <= k < len(self._is_narrow) or self._is_narrow[k]

    @staticmethod
    def _edges(
        segment: Stretch, seconds: float, fade: float, from_start: bool, to_stop: bool
    ) -> float:
        """Comes at the start of a pause and goes at its end, unless it is there before or after."""
        fade = min(fade, segment.seconds / 3)
        if not fade:
            return 1.0
        rising = 1.0 if from_start else eased((seconds - segment.start) / fade)
        falling = 1.0 if to_stop else eased((segment.stop - seconds) / fade)
        return min(rising, falling)


def eased(share: float) -> float:
    """From 0 to 1 with a soft start and a soft end: 3s² − 2s³."""
    s = min(max(share, 0.0), 1.0)
    return s * s * (3 - 2 * s)


def _parts(scene: Scene) -> list[tuple[int, SceneBeat | None]]:
    """Pauses and visible beats in order."""
    parts: list[tuple[int, SceneBeat | None]] = [(0, None)]
    for k in range(scene.length):
        parts += [(k, b) for b in scene.beats if k <= b.start < k + 1 and b.is_visible]
        parts.append((k + 1, None))
    return parts


def _lengths(
    parts: list[tuple[int, SceneBeat | None]], seconds: float | None, pause: float | None
) -> list[float]:
    natural = [PAUSE if beat is None else BEAT_SECONDS.get(beat.kind, BEAT) for _, beat in parts]
    natural[0] = natural[-1] = END_PAUSE
    is_pause = [beat is None for _, beat in parts]
    if pause is None:
        total = min(sum(natural), LONGEST) if seconds is None else seconds
        return [n * total / sum(natural) for n in natural]
    pauses = pause * sum(is_pause)
    beats = sum(n for n, still in zip(natural, is_pause, strict=True) if not still)
    if seconds is None:
        seconds = pauses + beats
    left = seconds - pauses
    if left < 0 or (left == 0 and beats):
        raise UsageError(
            f"{sum(is_pause)} pauses of {pause:g} s leave nothing of {seconds:g} s for the "
            f"motion.\nAsk for more than {pauses:g} seconds, or for shorter pauses."
        )
    if not beats:
        # Nothing moves: the pauses fill the film.
        return [seconds / len(parts)] * len(parts)
    scale = left / beats
    return [pause if still else n * scale for n, still in zip(natural, is_pause, strict=True)]


#: Points that are drawn; of more a sample.
MOST_POINTS = 500_000
#: A slow swing around the upright axis, so that depth is seen: degrees, and seconds there and back.
MIDDLE, SWING, PERIOD, ELEVATION = -52.0, 24.0, 26.0, 27.0


class LayersFilm:
    """Draws any moment of the film along the layers.

    Parameters
    ----------
    whole : Scene
        Of more than 500,000 points a sample is drawn, and said so.
    schedule : Schedule
    width, height : int
    lattice, boundary : bool
    """

    def __init__(
        self,
        whole: Scene,
        schedule: Schedule,
        width: int,
        height: int,
        *,
        lattice: bool = True,
        boundary: bool = True,
    ) -> None:
        # More points than pixels show nothing more, and every frame moves them all.
        scene = whole.thinned(MOST_POINTS)
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
        self._words: dict[Stretch, Words] = {}
        self._shown: object = None

    def film(self, fps: float, n_frames: int) -> Reel:
        """The film as encoders want it."""
        return Reel(self.draw, self.canvas.width, self.canvas.height, fps, n_frames)

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

    def words(self, moment: Cue) -> Words:
        """What is written at a moment: the same throughout a pause or a beat."""
        segment = moment.segment
        if segment not in self._words:
            self._words[segment] = self._find_words(segment)
        return self._words[segment]

    def _find_words(self, segment: Stretch) -> Words:
        scene = self.scene
        if segment.beat is not None:
            notes = scene.transition_notes(segment.k)
            is_drawn = scene.morph.transitions[segment.k].is_interpolated
            title, sentence = segment.beat.title, segment.beat.sentence
            return Words(title, sentence, " · ".join(n.text for n in notes), warns=is_drawn)
        k = segment.k
        readout = scene.readout(k)
        if readout is None:
            parts = [scale_caption(scene, k), probe_caption(scene, k), self._key(k)]
            caption = " · ".join(part for part in parts if part)
            return Words(scene.stops[k].title, self._sentence(k), caption)
        return Words(scene.stops[k].title, self._sentence(k), readout.caption, readout.misleads)

    def _sentence(self, k: int) -> str:
        """What a reader must know about a representation."""
        trace = self.scene.whole
        notes = for_readers(trace.notes)
        names = [r.name for r in trace.representations]
        said = [note.text for note in notes if note.about == names[k]]
        if k == 0:
            n, shown = trace.n_points, self.scene.trace.n_points
            size = f"{trace.name}: {n:,} points" + (f" ({shown:,} shown)" if shown < n else "")
            if trace.n_classes > 1:
                size += f" in {trace.n_classes} classes"
            rest = [note.text for note in notes if note.about not in names]
            # What must be known first: what does not fit is left out from the end.
            about_names = [self.colouring.note] if self.colouring.note else []
            said = [*rest, *said, size, *about_names]
        elif k == self.scene.length and trace.reached:
            told = "; ".join(trace.reached)
            said.append(f"classified correctly: {told}" if trace.n_classes else told)
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

    def _paint(self, moment: Cue, eye: Eye | None) -> None:
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

    def _backdrop(self, moment: Cue) -> Backdrop:
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
