"""Words around the picture of a film: title, sentence, caption, legend, and the line of time."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from unknot.draw import style
from unknot.draw.canvas import Canvas, Region, Sprite, sprite, text_size
from unknot.draw.colouring import STEPS, Colouring
from unknot.draw.plane import tick_label
from unknot.draw.style import Rgb
from unknot.draw.words import one_line

if TYPE_CHECKING:
    from unknot.views.films.layers import Stretch

TITLE_SIZE, SENTENCE_SIZE, LEGEND_SIZE, CAPTION_SIZE = 24.0, 17.0, 15.0, 14.0
#: How much smaller a statement may be that would not fit.
SMALLEST = 0.8
#: The size in pixels at which letters and lines have the sizes they are given.
REFERENCE = 800
#: Classes that a legend names; the rest are counted.
MOST_CLASSES = 20
#: Ways to set a legend, the first that has room is taken: rows, and the share of its size.
SETTINGS = ((1, 1.0), (1, 0.85), (2, 0.85), (2, 0.75))
#: Base lines of a legend's rows, at the reference size.
BASE_LINES = {1: (38,), 2: (23, 42)}


#: Of one statement, far more than fits.
MOST_LETTERS = 400


def scale_of(pixels: float) -> float:
    """Pixels for one pixel at the reference size; small films keep letters that can be read."""
    return max(pixels / REFERENCE, min(0.75, pixels / 420))


def fitted(text: str, size: float, width: float, *, bold: bool = False) -> Sprite:
    """A line of text, one_line until it fits into so many pixels."""
    most = max(int(width / size * 2.4), 4)
    line = one_line(text, most)
    while (taken := text_size(line, size, bold=bold)[0]) > width and most > 4:
        most = max(min(int(most * width / taken), most - 1), 4)
        line = one_line(text, most)
    return sprite(line, size, bold=bold)


def whole_parts(text: str, size: float, width: float) -> Sprite:
    """Statements joined by dots, the first of them, as many as fit into so many pixels whole.

    The first is set smaller before it is cut.
    """
    parts = [one_line(part, MOST_LETTERS) for part in text.split(" · ")]
    # Each part measured once for all lines; kerning with its neighbours is far less than a dot.
    ends = [*accumulate(text_size(part, size)[0] + text_size(" · ", size)[0] for part in parts)]
    parts = parts[: max(bisect_right(ends, 1.05 * width) + 1, 1)]
    while len(parts) > 1 and text_size(" · ".join(parts), size)[0] > width:
        parts.pop()
    line = " · ".join(parts)
    if text_size(line, size)[0] <= width:
        return sprite(line, size)
    return fitted(parts[0], SMALLEST * size, width)


#: A name and its colour.
Entry = tuple[Sprite, Rgb]


class Legend:
    """Class names beside discs of their colours, or a colour bar, at the upper right."""

    def __init__(self, canvas: Canvas, colouring: Colouring, unit: float, room: float) -> None:
        self.canvas, self.unit = canvas, unit
        self._colouring = colouring
        self._size = LEGEND_SIZE * unit
        self._more: Sprite | None = None
        self._rows: list[list[Entry]] = []
        # As many names as there is room for, each at least a few letters long.
        for n in range(min(len(colouring.class_names), MOST_CLASSES), 0, -1):
            if any(self._set(n, rows, share, room) for rows, share in SETTINGS):
                break

    def _set(self, n: int, n_rows: int, share: float, room: float) -> bool:
        """Lay out the first `n` classes; False where that takes more than the room."""
        size = self._size = LEGEND_SIZE * self.unit * share
        names, palette = self._colouring.class_names, self._colouring.palette
        left_out = len(names) - n
        self._more = sprite(f"+{left_out}", size) if left_out else None
        in_a_row = -(-n // n_rows)
        each = max(room / in_a_row - 1.9 * size, 3 * size)
        entries = [
            (fitted(name, size, each), colour)
            for name, colour in zip(names[:n], palette, strict=False)
        ]
        self._rows = [entries[i : i + in_a_row] for i in range(0, n, in_a_row)]
        return self.width <= room

    @property
    def width(self) -> float:
        """Pixels that it takes."""
        if not self._rows:
            return self._bar_width
        more = self._more.width + self._size if self._more else 0.0
        return max(sum(self._column(i) for i in range(len(self._rows[0]))) + more, 1.0)

    def _column(self, i: int) -> float:
        """Pixels of entry `i` of every row: they stand below each other."""
        widest = max(row[i][0].width for row in self._rows if i < len(row))
        return widest + 1.9 * self._size

    def draw(self, right: float, top: float) -> None:
        """With its right end there, in a heading that begins at `top`."""
        left = right - self.width
        if not self._rows:
            self._bar(left, top + BASE_LINES[1][0] * self.unit)
            return
        size = self._size
        for row, base in zip(self._rows, BASE_LINES[len(self._rows)], strict=True):
            x, y = left, top + base * self.unit
            for i, (name, colour) in enumerate(row):
                self.canvas.disc(x + 0.9 * size, y - 0.36 * size, 0.36 * size, colour)
                self.canvas.words(name, x + 1.5 * size, y, style.INK)
                x += self._column(i)
            if self._more and row is self._rows[-1]:
                self.canvas.words(self._more, x + size, y, style.MUTED)

    @property
    def _ends(self) -> tuple[Sprite, Sprite]:
        low, high = self._colouring.low, self._colouring.high
        step = max((high - low) / 50, 1e-12)
        size = LEGEND_SIZE * self.unit
        return sprite(tick_label(low, step), size), sprite(tick_label(high, step), size)

    @property
    def _bar_width(self) -> float:
        return sum(end.width for end in self._ends) + 140 * self.unit

    def _bar(self, x: float, y: float) -> None:
        low, high = self._ends
        length, height = round(120 * self.unit), round(11 * self.unit)
        self.canvas.words(low, x, y, style.MUTED)
        left = round(x + low.width + 10 * self.unit)
        region = Region(left, round(y) - height, length, height)
        palette = self._colouring.palette[:STEPS]
        steps = (np.arange(length) * len(palette) // length).astype(np.int64)
        self.canvas.view(region)[..., :3] = np.rint(palette[steps] * 255).astype(np.uint8)
        self.canvas.words(high, region.right + 10 * self.unit, y, style.MUTED)


@dataclass(frozen=True)
class Words:
    """What is written at one moment."""

    title: str
    sentence: str = ""
    caption: str = ""
    warns: bool = False


class Heading:
    """Title and sentence above the picture, caption below it."""

    def __init__(
        self, canvas: Canvas, top: Region, bottom: Region, legend: Legend, unit: float
    ) -> None:
        self.canvas, self.top, self.bottom, self.legend, self.unit = (
            canvas,
            top,
            bottom,
            legend,
            unit,
        )
        self._written: Words | None = None
        canvas.clear(top)
        legend.draw(top.right - 16 * unit, top.top)

    def write(self, words: Words) -> None:
        """Replace what is written, if it is something else."""
        if words == self._written:
            return
        self._written = words
        canvas, unit, top = self.canvas, self.unit, self.top
        margin = 16 * unit
        left, right = top.left + margin, top.right - margin
        room = right - left - self.legend.width - margin
        # All but the legend, which stays.
        line = round(48 * unit)
        canvas.clear(Region(top.left, top.top, round(left + room), line))
        canvas.clear(Region(top.left, top.top + line, top.width, top.height - line))
        canvas.clear(self.bottom)
        title = fitted(words.title, TITLE_SIZE * unit, room, bold=True)
        canvas.words(title, left, top.top + 38 * unit, style.INK)
        sentence = whole_parts(words.sentence, SENTENCE_SIZE * unit, right - left)
        if words.sentence:
            canvas.words(sentence, left, top.top + 68 * unit, style.INK)
        self._caption(words, left, right)

    def _caption(self, words: Words, left: float, right: float) -> None:
        y = self.bottom.top + 16 * self.unit
        size = CAPTION_SIZE * self.unit
        if words.caption:
            colour = style.WARNING if words.warns else style.MUTED
            self.canvas.words(whole_parts(words.caption, size, right - left), left, y, colour)


NAME_SIZE = 12.5


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
        segments: Sequence["Stretch"],
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

    def _bar(self, segments: Sequence["Stretch"], colour: str) -> None:
        """Pauses are thick, beats thin, with a small gap between two beats."""
        gap = self.unit
        for segment in segments:
            ends = [self._x(segment.start) + gap, self._x(segment.stop) - gap]
            line = np.array([(x, self._y) for x in ends])
            width = (7 if segment.beat is None else 2.5) * self.unit
            self.canvas.lines([line], colour, width)

    def _placed(
        self, segments: Sequence["Stretch"], names: Sequence[str]
    ) -> dict[int, tuple[Sprite, float]]:
        """Labels and their left ends; those that would touch another are left out.

        The first and the last have their place first, then short names before long ones.
        """
        pauses = [s for s in segments if s.beat is None]
        texts = {s.k: sprite(one_line(names[s.k], 28), NAME_SIZE * self.unit) for s in pauses}
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
