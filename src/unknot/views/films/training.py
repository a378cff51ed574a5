"""The film along the training: every layer side by side while the network learns."""

from functools import cached_property
from itertools import accumulate, pairwise, product

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.labels import labelled_rows
from unknot.draw import style
from unknot.draw.canvas import Canvas, Region
from unknot.draw.colouring import colouring
from unknot.draw.instant import Instant, Line, instant_of
from unknot.draw.painter import Backdrop, Painter
from unknot.draw.plane import plane_confidence, thresholds
from unknot.draw.space import Eye
from unknot.motion.neighbours import MEANING
from unknot.network.chain import blocks
from unknot.network.maps import is_known
from unknot.traces.accuracy import Accuracies
from unknot.traces.goodness import Fit, Goodness
from unknot.traces.lattice import decision_boundary
from unknot.traces.representation import Trace, Values
from unknot.views.films.captions import Heading, Legend, Words, fitted, scale_of
from unknot.views.films.curves import PLACES, Chart, curves_of, score, time_marks
from unknot.views.films.encode import Pixels, Reel
from unknot.views.films.layers import ELEVATION, MIDDLE, PERIOD, SWING, eased
from unknot.views.films.training_view import Shown, TrainingView

#: Seconds before the training starts and after it ends, and what a film takes by itself.
PAUSE, END_PAUSE, SECONDS = 0.8, 1.5, 9.0
#: How often the numbers in the words change.
NUMBERS_A_SECOND = 5
#: Height of the curves at the reference size, and as a share of the film's at most; panels that
#: need less leave them more.
LEAST_CHART, MOST_CHART = 190, 0.3
#: What a number to predict has in place of loss and accuracy. Before training R² may be thousands
#: below 0, where the curve would show nothing else.
ERROR, R2 = "mean squared error", "R² (from 0)"
#: Points along each side of the raster on which boundary and confidence are found, every frame;
#: fewer, down to `LEAST_RASTER`, where all representations together would take more numbers.
RASTER, LEAST_RASTER, MOST_NUMBERS = 97, 41, 10_000_000
#: Halvings of a raster's edge in search of the boundary: a sixteenth of it is less than a pixel.
HALVINGS = 4


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
        self._steps: float | None = None

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
        steps = float(np.floor(seconds * NUMBERS_A_SECOND))
        if steps != self._steps:
            self._steps = steps
            self.heading.write(self.words(self.progress(steps / NUMBERS_A_SECOND)))
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
                    *(trace, k, window, palette, frame, self._raster),
                    boundary=k > 0,
                    stretch=shown.extent.stretch,
                )
            painter.paint(now, Backdrop(1.0, plane, shown.names))
        for chart in self._charts:
            chart.draw(share)

    @cached_property
    def _raster(self) -> int:
        """Points along each side: an odd number, so that the middle is one of them."""
        n_units = self.view.n_units
        return min(RASTER, max(LEAST_RASTER, int((MOST_NUMBERS / n_units) ** 0.5) // 2 * 2 + 1))

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
                cloud,
                shown.extent,
                grid=grid,
                boundary=boundary,
                eye=eye,
                names=names,
                has_numbers=not shown.stop.is_map,
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
            lines += decision_boundary(trace, *view.box, n=self._raster, halvings=HALVINGS)
        if not lines:
            return {}
        ends = [0, *accumulate(len(line) for line in lines)]
        seen: dict[int, list[Values]] = {k: [] for k in view.layers}
        maps = [map_ for map_ in trace.maps if is_known(map_)]
        for _, clouds in blocks(maps, np.concatenate(lines).astype(np.float32)):
            for k, shown in zip(view.layers, view.panels, strict=True):
                seen[k].append(shown.see(clouds[k]))
        carried: dict[int, tuple[list[Values], list[Values]]] = {}
        for k in view.layers:
            every = np.concatenate(seen[k])
            parts = [every[start:stop] for start, stop in pairwise(ends)]
            carried[k] = (parts[:n_grid_lines], parts[n_grid_lines:])
        return carried

    def words(self, share: float) -> Words:
        """What is written when so much of the way is done."""
        view, path = self.view, self.view.path
        u = view.moment(share)
        title = f"step {path.step(u):,.0f}"
        if view.run.clock == "epoch":
            title = f"epoch {path.epoch(u):.{_digits(path.epoch(u))}f} · {title}"
        # What stands for the error says R², too.
        scores = [self._said(chart, share) for chart in self._charts if chart.name != R2]
        shown, of = view.data.n_points, view.n_points
        points = f"{of:,} points" if shown == of else f"{shown:,} of {of:,} points"
        between = f"the {path.interpolates} are interpolated"
        if view.shows_maps:
            between = "the maps are drawn straight"
        notes = [points, f"between the {path.length + 1} checkpoints {between}"]
        if view.shows_maps:
            notes.insert(0, MEANING)
        elif any(painter.abbreviates for painter in self.painters):
            notes.append("a, b, c: directions of the widest spread")
        if self.colouring.note:
            notes.append(self.colouring.note)
        sentence = " · ".join(scores) or self._advice()
        sentence = f"{view.data.name}: {sentence}" if sentence else view.data.name
        return Words(title, sentence, " · ".join(notes))

    def _said(self, chart: Chart, share: float) -> str:
        """``"loss held out 0.312 (training 0.298)"``, ``"held out 88.7 % (training 89.1 %)"``."""
        value, other = chart.pair(share)
        kinds = self._kinds
        if chart.name == "accuracy":
            return Accuracies(**dict(zip(kinds, (value, other), strict=False))).text
        if chart.name == ERROR:
            errors = zip(kinds, (value, other), strict=False)
            return " · ".join(Goodness(**{k: self._fit(k, mse) for k, mse in errors}).facts)
        if kinds[0] == "overall":
            return f"{chart.name} {value:.3f}"
        also = "" if other is None else f" (training {other:.3f})"
        return f"{chart.name} {kinds[0].replace('_', ' ')} {value:.3f}{also}"

    def _fit(self, kind: str, mse: float | None) -> Fit | None:
        """R² of a mean squared error is its share of the variance, taken from 1."""
        spread = self._spreads.get(kind)
        return None if mse is None else Fit(1 - mse / spread if spread else None, mse**0.5)

    def _determined(self, errors: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
        """R² of each curve of mean squared errors; none where a target does not differ."""
        spreads = [self._spreads.get(kind, 0.0) for kind in self._kinds]
        if not all(spreads):
            return []
        return [np.maximum(1 - e / v, 0) for e, v in zip(errors, spreads, strict=True)]

    @cached_property
    def _spreads(self) -> dict[str, float]:
        """The variance of the target among the points of each kind."""
        y, held_out = self.view.data.y.astype(np.float64), self.view.data.held_out
        rows = labelled_rows(self.view.data.y)
        parts = {"overall": rows}
        if held_out is not None:
            parts = {"held_out": rows[held_out[rows]], "training": rows[~held_out[rows]]}
        return {kind: float(y[part].var()) for kind, part in parts.items() if len(part)}

    @cached_property
    def _kinds(self) -> tuple[str, ...]:
        """Of which points each curve of a chart is, as `Accuracies` calls them."""
        held_out = self.view.data.held_out
        if held_out is None:
            return ("overall",)
        losses = dict(zip(("held_out", "training"), self._scores[0].loss, strict=True))
        return tuple(kind for kind, loss in losses.items() if loss is not None)

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
        """Loss and accuracy, of a target error and R², over the film, where they are known."""
        view, scores = self.view, self._scores
        if not scores:
            return []
        clock = view.run.clock
        last, least = view.path.epoch(view.path.length), 1.0 if clock == "step" else 1e-3
        marks = [(view.share(view.path.moment(t)), f"{t:.7g}") for t in time_marks(last, least)]
        losses = curves_of([s.loss for s in scores])
        half = Region(region.left, region.top, region.width // 2, region.height)
        known = [s.accuracies for s in scores]
        accuracies = curves_of([(a.held_out, a.training, a.overall) for a in known])
        other = Region(half.right, region.top, region.width - half.width, region.height)
        best = view.data.bayes_accuracy if self._kinds[0] == "held_out" else None
        named = [("loss", losses, None), ("accuracy", accuracies, best)]
        if not accuracies:
            named = [(ERROR, losses, None), (R2, self._determined(losses), None)]
        named = [each for each in named if each[1]]
        half = half if len(named) > 1 else region
        return [
            Chart(self.canvas, room, name, c[0], marks, self.unit, limit, clock, *c[1:])
            for room, (name, c, limit) in zip((half, other), named, strict=False)
        ]


def _digits(epoch: float) -> int:
    """Decimals that an epoch needs: the first steps are thousandths of one."""
    return 2 if epoch >= 1 else 3 if epoch >= 0.1 else 4 if epoch > 0 else 0
