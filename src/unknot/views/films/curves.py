"""The curves under the film along the training, and the scores that they show."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.labels import labelled_rows
from unknot.draw import style
from unknot.draw.canvas import Canvas, Region, sprite
from unknot.draw.painter import numbers
from unknot.traces.accuracy import Accuracies, percent
from unknot.traces.representation import Trace

#: Places in the film at which the curves are known.
PLACES = 160
SIZE, TITLE = 13.0, 15.0


@dataclass(frozen=True)
class Score:
    """How good a network is on the shown points, those held out and those trained on apart.

    Attributes
    ----------
    loss : tuple of (float or None)
        Cross-entropy in nats, or the mean squared error for regression: of the points held out,
        and of the others; None where there are none of a kind. All are others where nobody knows.
    accuracies : Accuracies
        Empty for regression.
    """

    loss: tuple[float | None, float | None]
    accuracies: Accuracies


def score(trace: Trace) -> Score | None:
    """Loss and accuracy of the traced points; None where neither is known.

    Classes without probabilities have no loss; of several outputs the one that colours has.
    """
    rows, p = labelled_rows(trace.labels), trace.probabilities
    predicted = trace.predictions
    if p is not None:
        own = p[rows, trace.labels[rows].astype(np.int64)].astype(np.float64)
        losses = -np.log(np.maximum(own, 1e-30))
    elif predicted is None:
        return None
    else:
        losses = (predicted[rows].astype(np.float64) - trace.labels[rows]) ** 2
    none = np.zeros(len(rows), np.bool_)
    judges = none if trace.held_out is None else trace.held_out[rows]
    parts = (losses[judges], losses[~judges])
    held_out, others = (float(part.mean()) if len(part) else None for part in parts)
    return Score((held_out, others), trace.accuracies)


class Chart:
    """Curves over the film's time, drawn once and then stamped.

    Parameters
    ----------
    canvas : Canvas
    region : Region
    title : str
    values : (PLACES,) float64
    marks : list of (float, str)
        Shares of the film and what to write there.
    unit : float
    best : float, optional
        A dashed line: the best possible.
    clock : str
        What the marks count.
    other : (PLACES,) float64, optional
        A thin curve beside it: of the points that were trained on.
    """

    def __init__(
        self,
        canvas: Canvas,
        region: Region,
        title: str,
        values: NDArray[np.float64],
        marks: list[tuple[float, str]],
        unit: float,
        best: float | None = None,
        clock: str = "epoch",
        other: NDArray[np.float64] | None = None,
    ) -> None:
        self.canvas, self.region, self.unit = canvas, region, unit
        self.name, self.values, self._clock = title, values, clock
        title += "" if other is None else ": held out (thin: training)"
        left, top = region.left + round(52 * unit), region.top + round(26 * unit)
        width = region.right - left - round(14 * unit)
        self._plot = Region(left, top, width, region.bottom - top - round(40 * unit))
        self.other, self.bound = other, ""
        every = values if other is None else np.concatenate([values, other])
        low, high = float(every.min()), float(max(every.max(), best or -np.inf))
        margin = max((high - low) * 0.08, 1e-6)
        self._low, self._high = low - margin, high + margin
        self._scenery(title, marks, best)
        beside = [] if other is None else [self._line(other)]
        for colours in ((style.GRID, style.GRID), (style.MUTED, style.INK)):
            canvas.lines(beside, colours[0], 1.1 * unit)
            canvas.lines([self._line(values)], colours[1], 2 * unit)
            if colours[1] == style.GRID:
                self._coming = canvas.view(region).copy()
        self._passed = canvas.view(region).copy()

    def draw(self, share: float) -> None:
        """Show the time."""
        x, y = self._place(share)
        view, cut = self.canvas.view(self.region), round(x) - self.region.left
        view[:, :cut] = self._passed[:, :cut]
        view[:, cut:] = self._coming[:, cut:]
        self.canvas.disc(x, y, 7 * self.unit, "#ffffff")
        self.canvas.disc(x, y, 5.5 * self.unit, style.INK)

    def value(self, share: float) -> float:
        """The curve at a share of the film."""
        return _at(share, self.values)

    def pair(self, share: float) -> tuple[float, float | None]:
        """The curve and the thin one beside it at a share of the film."""
        return self.value(share), None if self.other is None else _at(share, self.other)

    def _place(self, share: float) -> tuple[float, float]:
        return self._plot.left + share * self._plot.width, self._height(self.value(share))

    def _line(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        x = self._plot.left + np.linspace(0, 1, PLACES) * self._plot.width
        return np.column_stack([x, [self._height(value) for value in values.tolist()]])

    def _height(self, value: float) -> float:
        share = (value - self._low) / (self._high - self._low)
        return self._plot.bottom - share * self._plot.height

    def _scenery(self, title: str, marks: list[tuple[float, str]], best: float | None) -> None:
        canvas, plot, unit = self.canvas, self._plot, self.unit
        canvas.clear(self.region)
        canvas.words(sprite(title, TITLE * unit), plot.left, self.region.top + 16 * unit, style.INK)
        size = SIZE * unit
        for value, text in numbers(self._low, self._high, plot.height / unit * 2.5):
            y = self._height(value)
            line = np.array([(plot.left, y), (plot.right, y)])
            canvas.lines([line], style.GRID, 0.6 * unit)
            canvas.words(
                sprite(text, size), plot.left - 0.5 * size, y + 0.36 * size, style.MUTED, across=1
            )
        if best is not None:
            self.bound = f"best possible {percent(best)}"
            y = self._height(best)
            line = np.array([(plot.left, y), (plot.right, y)])
            canvas.lines([line], style.MUTED, 1.4 * unit, dashes=(5 * unit, 4 * unit))
            words = sprite(self.bound, size)
            canvas.words(words, plot.right, self.region.top + 16 * unit, style.MUTED, across=1)
        self._times(marks, size)

    def _times(self, marks: list[tuple[float, str]], size: float) -> None:
        """Times below; the last has its place first, then the others as far as there is room."""
        y, end = self._plot.bottom + 1.35 * size, float("inf")
        for share, text in reversed(marks):
            words = sprite(text, size)
            x = self._plot.left + share * self._plot.width
            if x + words.width / 2 > end:
                continue
            tick = np.array([(x, self._plot.bottom), (x, self._plot.bottom + 0.3 * size)])
            self.canvas.lines([tick], style.MUTED, self.unit)
            self.canvas.words(words, x, y, style.MUTED, across=0.5)
            end = x - words.width / 2 - 0.9 * size
        name = sprite(self._clock, size)
        x = self._plot.left + self._plot.width / 2
        self.canvas.words(name, x, y + 1.25 * size, style.MUTED, across=0.5)


def _at(share: float, values: NDArray[np.float64]) -> float:
    return float(np.interp(share, np.linspace(0, 1, PLACES), values))


def time_marks(last: float, least: float = 1e-3) -> list[float]:
    """Round times from 0 to the last: 0, … 0.01, 0.02, 0.05, 0.1, …, none between 0 and `least`."""
    marks = [0.0]
    rounds = [m * 10.0**e for e in range(-3, 7) for m in (1, 2, 5)]
    marks += [mark for mark in rounds if least <= mark < last]
    return [*marks, last]


def curves_of(moments: Sequence[Sequence[float | None]]) -> list[NDArray[np.float64]]:
    """One (PLACES,) array for each kind of number that is known at every moment."""
    kinds = zip(*moments, strict=True)
    return [np.array(kind, np.float64) for kind in kinds if None not in kind]
