"""Schedule: what happens when in a film along the layers."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from unknot.errors import UsageError
from unknot.motion.scene import Scene, SceneBeat

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
class Segment:
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
        return self.stop - self.start


@dataclass(frozen=True)
class Moment:
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
    segment: Segment
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
            Segment(start, stop, k, beat)
            for start, stop, (k, beat) in zip(starts, stops, parts, strict=True)
        )
        self.seconds = stops[-1]
        self._starts = starts
        self._is_narrow = [stop.n_shown == 1 for stop in scene.stops]

    def at(self, seconds: float) -> Moment:
        """The moment at so many seconds."""
        segment = self.segments[max(bisect_right(self._starts, seconds) - 1, 0)]
        beat = segment.beat
        if beat is None:
            presence = self._edges(segment, seconds, FADE, *self._is_end(segment))
            joined = (self._narrow(segment.k - 1), self._narrow(segment.k + 1))
            lift = self._edges(segment, seconds, RISE, *joined)
            return Moment(float(segment.k), segment, presence, lift)
        share = (seconds - segment.start) / segment.seconds if segment.seconds else 1.0
        t = beat.start + (beat.stop - beat.start) * eased(share)
        return Moment(min(t, beat.stop), segment, 0.0, 1.0)

    def _is_end(self, segment: Segment) -> tuple[bool, bool]:
        return segment is self.segments[0], segment is self.segments[-1]

    def _narrow(self, k: int) -> bool:
        """Whether columns stand at the next representation, too; beyond the ends they do."""
        return not 0 <= k < len(self._is_narrow) or self._is_narrow[k]

    @staticmethod
    def _edges(
        segment: Segment, seconds: float, fade: float, from_start: bool, to_stop: bool
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
