"""The line at the bottom of a film: where we are, what has been and what will come."""

from collections.abc import Sequence

import numpy as np

from unknot.draw import style
from unknot.draw.canvas import Canvas, Region, Sprite, sprite
from unknot.draw.words import fit
from unknot.views.films.schedule import Segment

SIZE = 12.5


class Timeline:
    """Stops and beats as segments, with a moving marker. Drawn once, then stamped.

    Parameters
    ----------
    canvas : Canvas
    region : Region
        The whole strip.
    segments : sequence of Segment
    names : sequence of str
        One a representation.
    unit : float
        Pixels for one pixel at the reference size.
    """

    def __init__(
        self,
        canvas: Canvas,
        region: Region,
        segments: Sequence[Segment],
        names: Sequence[str],
        unit: float,
    ) -> None:
        self.canvas, self.region, self.unit = canvas, region, unit
        self._seconds = segments[-1].stop
        self._margin = 16 * unit
        self._y = region.top + 14 * unit
        self._labels = self._placed(segments, names)
        canvas.clear(region)
        self._bar(segments, style.GRID)
        for label, x in self._labels.values():
            self._write(label, x, style.MUTED)
        self._coming = canvas.view(region).copy()
        self._bar(segments, style.INK)
        self._passed = canvas.view(region).copy()

    def draw(self, seconds: float, k: int | None) -> None:
        """Show the time; the name of representation `k` stands out."""
        x = self._x(seconds)
        view = self.canvas.view(self.region)
        cut = round(x) - self.region.left
        view[:, :cut] = self._passed[:, :cut]
        view[:, cut:] = self._coming[:, cut:]
        if k is not None and k in self._labels:
            self._write(*self._labels[k], style.INK)
        self.canvas.disc(x, self._y, 7 * self.unit, "#ffffff")
        self.canvas.disc(x, self._y, 5.5 * self.unit, style.INK)

    def _x(self, seconds: float) -> float:
        width = self.region.width - 2 * self._margin
        return self.region.left + self._margin + width * seconds / self._seconds

    def _bar(self, segments: Sequence[Segment], colour: str) -> None:
        """Pauses are thick, beats thin, with a small gap between two beats."""
        gap = self.unit
        for segment in segments:
            ends = [self._x(segment.start) + gap, self._x(segment.stop) - gap]
            line = np.array([(x, self._y) for x in ends])
            width = (7 if segment.beat is None else 2.5) * self.unit
            self.canvas.lines([line], colour, width)

    def _placed(
        self, segments: Sequence[Segment], names: Sequence[str]
    ) -> dict[int, tuple[Sprite, float]]:
        """Labels and their left ends; those that would touch another are left out.

        The first and the last have their place first, then short names before long ones.
        """
        pauses = [s for s in segments if s.beat is None]
        texts = {s.k: sprite(fit(names[s.k], 28), SIZE * self.unit) for s in pauses}
        last = len(pauses) - 1
        order = sorted(pauses, key=lambda s: (s.k not in (0, last), texts[s.k].width))
        placed: dict[int, tuple[Sprite, float]] = {}
        right = self.region.right - 2 * self.unit
        for segment in order:
            text = texts[segment.k]
            x = self._x((segment.start + segment.stop) / 2) - text.width / 2
            x = min(max(x, self.region.left + 2 * self.unit), right - text.width)
            space = 8 * self.unit
            if all(
                x + text.width + space < at or at + other.width + space < x
                for other, at in placed.values()
            ):
                placed[segment.k] = (text, x)
        return placed

    def _write(self, text: Sprite, x: float, colour: str) -> None:
        self.canvas.words(text, x, self._y + 24 * self.unit, colour)
