"""The film along the training: every layer side by side while the network learns."""

from dataclasses import dataclass
from itertools import accumulate, pairwise, product

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.labels import labelled_rows
from unknot.draw import style
from unknot.draw.canvas import Canvas, Region, sprite
from unknot.draw.colouring import colouring
from unknot.draw.instant import Instant, Line, instant_of
from unknot.draw.painter import Backdrop, Painter, numbers
from unknot.draw.plane import plane_confidence, thresholds
from unknot.draw.space import Eye
from unknot.traces.lattice import decision_boundary
from unknot.traces.representation import Trace, Values
from unknot.views.films.captions import Heading, Legend, Words, fitted, scale_of
from unknot.views.films.encode import Pixels, Reel
from unknot.views.films.layers import ELEVATION, MIDDLE, PERIOD, SWING, eased
from unknot.views.films.training_view import Shown, TrainingView

#: Places in the film at which the curves are known.
PLACES = 160
SIZE, TITLE = 13.0, 15.0


@dataclass(frozen=True)
class Score:
    """How good a network is on the shown points.

    Attributes
    ----------
    loss : float
        Cross-entropy in nats, or the mean squared error for regression.
    accuracy : float or None
        None for regression.
    """

    loss: float
    accuracy: float | None


def score(trace: Trace) -> Score | None:
    """Loss and accuracy of the traced points; None where neither is known.

    Classes without probabilities have no loss, and several outputs no one target.
    """
    if trace.probabilities is None:
        output = trace.representations[-1].values.astype(np.float64)
        if trace.n_classes or output.shape[1] > 1:
            return None
        return Score(float(np.mean((output[:, 0] - trace.labels) ** 2)), None)
    rows = labelled_rows(trace.labels)
    own = trace.probabilities[rows, trace.labels[rows].astype(np.int64)].astype(np.float64)
    return Score(float(-np.log(np.maximum(own, 1e-30)).mean()), trace.accuracy)


class Chart:
    """One curve over the film's time, drawn once and then stamped.

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
    ) -> None:
        self.canvas, self.region, self.unit = canvas, region, unit
        self.title, self.values, self._clock = title, values, clock
        left, top = region.left + round(52 * unit), region.top + round(26 * unit)
        width = region.right - left - round(14 * unit)
        self._plot = Region(left, top, width, region.bottom - top - round(40 * unit))
        low, high = float(values.min()), float(max(values.max(), best or -np.inf))
        margin = max((high - low) * 0.08, 1e-6)
        self._low, self._high = low - margin, high + margin
        self._scenery(title, marks, best)
        self._line = np.array([self._place(i / (PLACES - 1)) for i in range(PLACES)])
        canvas.lines([self._line], style.GRID, 2 * unit)
        self._coming = canvas.view(region).copy()
        canvas.lines([self._line], style.INK, 2 * unit)
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
        return float(np.interp(share, np.linspace(0, 1, PLACES), self.values))

    def _place(self, share: float) -> tuple[float, float]:
        return self._plot.left + share * self._plot.width, self._height(self.value(share))

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
            y = self._height(best)
            line = np.array([(plot.left, y), (plot.right, y)])
            canvas.lines([line], style.MUTED, 1.4 * unit, dashes=(5 * unit, 4 * unit))
            words = sprite(f"best possible {best:.3f}", size)
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


def time_marks(last: float, least: float = 1e-3) -> list[float]:
    """Round times from 0 to the last: 0, … 0.01, 0.02, 0.05, 0.1, …, none between 0 and `least`."""
    marks = [0.0]
    rounds = [m * 10.0**e for e in range(-3, 7) for m in (1, 2, 5)]
    marks += [mark for mark in rounds if least <= mark < last]
    return [*marks, last]


#: Seconds before the training starts and after it ends, and what a film takes by itself.
PAUSE, END_PAUSE, SECONDS = 0.8, 1.5, 9.0
#: How often the numbers in the words change.
NUMBERS_A_SECOND = 5
#: Height of the curves at the reference size, and as a share of the film's at most; panels that
#: need less leave them more.
LEAST_CHART, MOST_CHART = 190, 0.3
#: Points along each side of the raster on which boundary and confidence are found, every frame.
RASTER = 97


class TrainingFilm:
    """Draws any moment of the film along the training.

    Parameters
    ----------
    view : TrainingView
    seconds : float
        Length of the film.
    width, height : int
    pause : float, optional
        Seconds before the training starts and after it ends.
    lattice, boundary : bool
    """

    def __init__(
        self,
        view: TrainingView,
        seconds: float,
        width: int,
        height: int,
        *,
        pause: float | None = None,
        lattice: bool = True,
        boundary: bool = True,
    ) -> None:
        self.view, self.seconds = view, seconds
        self.lattice, self.boundary = lattice, boundary
        ends = (PAUSE, END_PAUSE) if pause is None else (pause, pause)
        squeeze = min(1.0, 0.6 * seconds / max(sum(ends), 1e-9))
        self._pauses = (ends[0] * squeeze, ends[1] * squeeze)
        self.colouring = colouring(view.data.y, view.data.class_names)
        self.canvas = Canvas(width, height)
        # Many small panels: letters follow the area, so that a wide film keeps readable ones.
        unit = self.unit = scale_of(min(0.8 * float(np.sqrt(width * height)), 1.2 * height))
        head, caption, side = round(82 * unit), round(26 * unit), round(8 * unit)
        scores = [score(view.trace_at(view.moment(p))) for p in np.linspace(0, 1, PLACES)]
        self._scores = [each for each in scores if each is not None]
        chart = round(min(LEAST_CHART * unit, MOST_CHART * height)) if self._scores else 0
        room = height - head - caption - chart
        parts = self._titled(Region(side, head, width - 2 * side, room))
        self.painters = [
            Painter(self.canvas, part, self.colouring, unit, view.n_axes) for part in parts
        ]
        bottom = max(part.bottom for part in parts)
        below = Region(0, bottom, width, caption)
        top = bottom + caption
        self._charts = self._curves(Region(side, top, width - 2 * side, height - top))
        legend = Legend(self.canvas, self.colouring, unit, 0.45 * width)
        self.heading = Heading(self.canvas, Region(0, 0, width, head), below, legend, unit)
        self._shown: object = None

    def film(self, fps: float, n_frames: int) -> Reel:
        """The film as encoders want it."""
        return Reel(self.draw, self.canvas.width, self.canvas.height, fps, n_frames)

    def progress(self, seconds: float) -> float:
        """How much of the way is done, 0 to 1: a soft start and end, an even pace in between."""
        start, stop = self._pauses[0], self.seconds - self._pauses[1]
        share = float(np.clip((seconds - start) / (stop - start), 0, 1))
        return 0.7 * share + 0.3 * eased(share)

    def draw(self, seconds: float) -> Pixels:
        """The picture at so many seconds. It is drawn over by the next one."""
        progress = self.progress(seconds)
        eye = None
        if self.view.n_axes == 3:
            swing = -np.cos(2 * np.pi * seconds / PERIOD)
            eye = Eye(MIDDLE + SWING * float(swing), ELEVATION)
        if self._shown != (progress, eye):
            self._shown = (progress, eye)
            self._paint(progress, eye)
        # Numbers that change with every frame cannot be read.
        steps = np.floor(seconds * NUMBERS_A_SECOND)
        self.heading.write(self.words(self.progress(float(steps) / NUMBERS_A_SECOND)))
        return self.canvas.pixels

    def _paint(self, share: float, eye: Eye | None) -> None:
        u = self.view.moment(share)
        trace = self.view.trace_at(u)
        carried = self._carried(trace)
        for k, shown, painter in zip(
            self.view.layers, self.view.panels, self.painters, strict=True
        ):
            now = self._instant(trace, k, shown, eye, *carried.get(k, ([], [])))
            plane = None
            if self.boundary and self.view.n_axes == 2:
                frame, window = shown.stop.frame, painter.window(now)
                palette = self.colouring.palette
                # The input's own boundary is the carried one.
                plane = plane_confidence(
                    *(trace, k, window, palette, frame, RASTER),
                    boundary=k > 0,
                    stretch=shown.extent.stretch,
                )
            painter.paint(now, Backdrop(1.0, plane, shown.names))
        for chart in self._charts:
            chart.draw(share)

    def _instant(
        self,
        trace: Trace,
        k: int,
        shown: Shown,
        eye: Eye | None,
        grid: list[Values],
        boundary: list[Values],
    ) -> Instant:
        """One layer at one moment."""
        cloud = shown.see(trace.representations[k].values)
        names = shown.names
        if shown.stop.n_shown > 1:
            return instant_of(
                cloud, shown.extent, grid=grid, boundary=boundary, eye=eye, names=names
            )
        middle, radius = float(shown.extent.centre[0]), shown.extent.radius
        places: list[float] = []
        if self.boundary:
            places = thresholds(trace, k, middle - radius, middle + radius)
        line = Line(self.colouring, tuple(places))
        return instant_of(cloud, shown.extent, eye=eye, names=names, line=line)

    def _carried(self, trace: Trace) -> dict[int, tuple[list[Values], list[Values]]]:
        """Grid and boundary of the input as every panel shows them, by representation."""
        view = self.view
        if not trace.is_exact:
            return {}
        lines = list(view.grid) if self.lattice else []
        n_grid_lines = len(lines)
        if self.boundary and view.grid:
            lines += decision_boundary(trace, *view.box, n=RASTER)
        if not lines:
            return {}
        ends = [0, *accumulate(len(line) for line in lines)]
        every = list(trace.propagate(np.concatenate(lines).astype(np.float32)))
        carried: dict[int, tuple[list[Values], list[Values]]] = {}
        for k, shown in zip(view.layers, view.panels, strict=True):
            seen = shown.see(every[k])
            parts = [seen[start:stop] for start, stop in pairwise(ends)]
            carried[k] = (parts[:n_grid_lines], parts[n_grid_lines:])
        return carried

    def words(self, share: float) -> Words:
        """What is written when so much of the way is done."""
        view, path = self.view, self.view.path
        u = view.moment(share)
        title = f"step {path.step(u):,.0f}"
        if view.run.clock == "epoch":
            title = f"epoch {path.epoch(u):.{_digits(path.epoch(u))}f} · {title}"
        scores = [f"{chart.title} {chart.value(share):.3f}" for chart in self._charts]
        shown, of = view.data.n_points, view.run.data.n_points
        points = f"{of:,} points" if shown == of else f"{shown:,} of {of:,} points"
        notes = [
            points,
            f"between the {path.length + 1} checkpoints the {path.interpolates} are interpolated",
        ]
        if any(painter.abbreviates for painter in self.painters):
            notes.append("a, b, c: directions of the widest spread")
        if self.colouring.note:
            notes.append(self.colouring.note)
        sentence = " · ".join(scores) or self._advice()
        sentence = f"{view.data.name}: {sentence}" if sentence else view.data.name
        return Words(title, sentence, " · ".join(notes))

    def _advice(self) -> str:
        """How a film of logits comes to its accuracy."""
        last = self.view.trace_at(self.view.path.length)
        n_units, n_classes = last.representations[-1].n_units, last.n_classes
        if n_classes < 2 or n_units not in (1, n_classes) or (n_units == 1 and n_classes > 2):
            return ""
        head = "sigmoid" if n_units == 1 else "softmax"
        return f"no accuracy without probabilities; Film(…, head={head!r}) adds them to logits"

    def _titled(self, region: Region) -> list[Region]:
        """One part of the region a panel, with its title written above it."""
        n, unit = len(self.view.panels), self.unit
        line = round(24 * unit)
        # The number of columns that gives the largest panels.
        sides = {
            c: min(region.width / c, region.height / -(-n // c) - line) for c in range(1, n + 1)
        }
        n_columns = max(sides, key=lambda c: sides[c])
        n_rows = -(-n // n_columns)
        width = region.width // n_columns
        # Equal scale on both axes: a panel much higher than wide would show nothing more.
        height = min(region.height // n_rows, width + line)
        parts: list[Region] = []
        for (row, column), shown in zip(
            product(range(n_rows), range(n_columns)), self.view.panels, strict=False
        ):
            left, top = region.left + column * width, region.top + row * height
            title = fitted(shown.stop.title, 16 * unit, width - 64 * unit, bold=True)
            inset = (56 if self.view.n_axes == 2 else 8) * unit
            self.canvas.words(title, left + inset, top + 17 * unit, style.INK)
            parts.append(Region(left, top + line, width, height - line))
        return parts

    def _curves(self, region: Region) -> list[Chart]:
        """Loss and, for classes, accuracy over the film, where they are known."""
        view, scores = self.view, self._scores
        if not scores:
            return []
        clock = view.run.clock
        last, least = view.path.epoch(view.path.length), 1.0 if clock == "step" else 1e-3
        marks = [(view.share(view.path.moment(t)), f"{t:.7g}") for t in time_marks(last, least)]
        loss = np.array([s.loss for s in scores])
        half = Region(region.left, region.top, region.width // 2, region.height)
        if scores[0].accuracy is None:
            title = "mean squared error"
            return [Chart(self.canvas, region, title, loss, marks, self.unit, clock=clock)]
        accuracy = np.array([s.accuracy for s in scores], dtype=np.float64)
        other = Region(half.right, region.top, region.width - half.width, region.height)
        best = view.data.bayes_accuracy
        return [
            Chart(self.canvas, half, "loss", loss, marks, self.unit, clock=clock),
            Chart(self.canvas, other, "accuracy", accuracy, marks, self.unit, best, clock),
        ]


def _digits(epoch: float) -> int:
    """Decimals that an epoch needs: the first steps are thousandths of one."""
    return 2 if epoch >= 1 else 3 if epoch >= 0.1 else 4 if epoch > 0 else 0
