"""The training figure: accuracy, or R² of a number to predict, and loss by epoch."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unknot.datasets.labels import labelled_rows
from unknot.doors import as_run
from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.errors import UsageError
from unknot.traces.goodness import r2_number
from unknot.traces.run import Run
from unknot.views.figures.figure import figures, width_for
from unknot.views.figures.legend import header
from unknot.views.figures.sheet import (
    MARGIN,
    SMALL,
    Sheet,
    line_height,
    number,
    open_frame,
    spread,
    text_width,
    words,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

WIDTH = 8.0
#: Height of the axes, in inches.
TALL = 2.3
#: Room for numbers and the axis name, left of and below the axes.
LEFT, BELOW = 0.72, 0.52
#: From the end of a curve to its label.
LEADER = 0.16
#: What a number to predict has in place of accuracy.
R2 = "R²"
#: Losses that span more than this factor are drawn on a logarithmic scale.
LOG_FROM = 50.0
#: Single epochs are marked up to so many.
MARKED = 30

#: Validation is what counts, so it is dark and thick; in grey the two differ in lightness.
_STYLES: dict[str, dict[str, Any]] = {
    "training": {"color": "#4ea3d8", "markerfacecolor": "white", "linewidth": 1.4, "zorder": 3},
    "validation": {"color": "#00507d", "linewidth": 2.0, "zorder": 4},
    "Bayes": {"color": style.INK, "linewidth": 1.1, "linestyle": (0, (5, 3)), "zorder": 2},
}
#: The light curve's label is darker than the curve, so that it can be read.
_LABEL_COLOURS = {"training": "#1f7fb8", "validation": "#00507d", "Bayes": style.INK}


@dataclass(frozen=True)
class _Chart:
    """One metric.

    Attributes
    ----------
    name : str
    curves : dict of str to tuple of float
        One number an epoch.
    best : float or None
        What no classifier can beat.
    """

    name: str
    curves: dict[str, tuple[float, ...]]
    best: float | None

    @property
    def ends(self) -> dict[str, float]:
        """The last value of each line, which stands in its label."""
        ends = {label: values[-1] for label, values in self.curves.items()}
        return ends if self.best is None else {**ends, "Bayes": self.best}

    @property
    def is_logarithmic(self) -> bool:
        """Whether the values are positive and span orders of magnitude."""
        values = np.concatenate([np.asarray(v) for v in self.curves.values()])
        return bool(values.min() > 0 and values.max() > LOG_FROM * values.min())

    @property
    def is_cut(self) -> bool:
        """Whether R² is drawn from 0 on: at first it may be thousands below."""
        if self.name != R2 or min(self.ends.values()) <= 0:
            return False
        return min(min(values) for values in self.curves.values()) < 0

    def label(self, name: str) -> str:
        """``"validation 0.887"``."""
        value = self.ends[name]
        if self.name == R2:
            return f"{name} {r2_number(value)}"
        digits = f"{value:.3f}" if 0.01 <= abs(value) < 100 or value == 0 else number(value)
        return f"{name} {digits}".replace("-", "−")


@figures.add
def training(
    source: Run, *, size: float | None = None, figure: "Figure | SubFigure | None" = None
) -> "Figure":
    """Loss and accuracy by epoch, training and validation, against the Bayes accuracy.

    Of a number to predict R² stands for accuracy.

    Parameters
    ----------
    source : Run
    size : float, optional
        Width in inches; the height follows.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    size = width_for(size, WIDTH, figure)
    run = as_run(source, purpose="The figure 'training'")
    charts = _charts(run)
    if not charts:
        raise UsageError(_no_history(run))
    stacked = size < 6 or len(charts) == 1
    head = header(f"{run.data.name}: training", _facts(run), [], size - 2 * MARGIN)
    rows = len(charts) if stacked else 1
    share = size if stacked else size / 2
    top = MARGIN + head.height + 0.1
    foot = wrap(_foot(run, charts), SMALL, size - 2 * MARGIN)
    below = top + rows * (TALL + BELOW)
    sheet = Sheet(size, below + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    for i, chart in enumerate(charts):
        column, row = (0, i) if stacked else (i, 0)
        room = max(text_width(chart.label(name), style.LABEL_SIZE) for name in chart.ends)
        width = share - LEFT - LEADER - room - MARGIN
        axes = sheet.axes(column * share + LEFT, top + row * (TALL + BELOW), width, TALL)
        _draw(axes, chart, width)
    sheet.lines(foot, below + 0.4 * line_height(SMALL))
    return sheet.figure


def _no_history(run: Run) -> str:
    if run.settings:
        return (
            "The run has no history to draw: it ended before its first epoch did.\n"
            "Train for one whole epoch at least."
        )
    return (
        "The film has no history to draw: no loss was logged while it was recorded.\n"
        "In the training loop, call film.log(loss=…, accuracy=…) once an epoch."
    )


def _charts(run: Run) -> list[_Chart]:
    history = run.history
    # What was trained on may come out above it.
    best = run.data.bayes_accuracy if history.validation_accuracy else None
    accuracy = {"training": history.accuracy, "validation": history.validation_accuracy}
    loss = {"training": history.loss, "validation": history.validation_loss}
    charts: list[_Chart] = []
    scores = (
        ("accuracy", accuracy, best),
        (R2, _determined(run, loss), None),
        ("loss", loss, None),
    )
    for name, curves, limit in scores:
        present = {label: values for label, values in curves.items() if values}
        if present:
            charts.append(_Chart(name, present, limit))
    return charts


def _determined(run: Run, loss: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
    """R² where the loss is the mean squared error of a target: its share of the variance from 1."""
    y = run.data.y.astype(np.float64)
    # In another loop the loss may be anything.
    if run.data.y.dtype.kind == "i" or not run.settings:
        return {}
    judged = np.isin(np.arange(len(y)), run.validation_rows)
    known = labelled_rows(run.data.y)
    found: dict[str, tuple[float, ...]] = {}
    for label, rows in (("training", known[~judged[known]]), ("validation", known[judged[known]])):
        spread_of = float(y[rows].var()) if len(rows) else 0.0
        if loss[label] and spread_of > 0:
            found[label] = tuple(1 - mse / spread_of for mse in loss[label])
    return found


def _draw(axes: Axes, chart: _Chart, width: float) -> None:
    for label, values in chart.curves.items():
        epochs = np.arange(1, len(values) + 1)
        marker = {"marker": "o", "markersize": 4.5} if len(values) <= MARKED else {}
        axes.plot(epochs, values, label=label, **marker, **_STYLES[label])
    n_epochs = max(len(values) for values in chart.curves.values())
    if chart.is_logarithmic:
        axes.set_yscale("log")
    if chart.best is not None:
        axes.axhline(chart.best, label="Bayes", **_STYLES["Bayes"])
    margin = 0.03 * max(n_epochs - 1, 1)
    axes.set_xlim(1 - margin, n_epochs + margin)
    axes.margins(y=0.06)
    if chart.is_cut:
        top = max(max(values) for values in chart.curves.values())
        axes.set_ylim(0, 1.06 * top)
    # Places of labels are worked out from the limits: they must be final.
    axes.autoscale_view()
    _dress(axes, chart, n_epochs, width)
    _label_ends(axes, chart, n_epochs, width)


def _dress(axes: Axes, chart: _Chart, n_epochs: int, width: float) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

    open_frame(axes)
    axes.grid(axis="y", color=style.GRID, linewidth=0.5, alpha=0.6)
    room = width / (text_width(str(n_epochs), style.CAPTION_SIZE) + 0.15)
    count = max(min(n_epochs, 8, int(room)), 1)
    axes.xaxis.set_major_locator(MaxNLocator(count, integer=True, min_n_ticks=1))
    if chart.is_logarithmic:
        axes.yaxis.set_major_formatter(FuncFormatter(_tick))
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        if chart.name == "loss" and max(abs(v) for v in axes.get_ylim()) >= 1_000:
            axes.yaxis.set_major_formatter(FuncFormatter(_tick))
    text = words(style.LABEL_SIZE)
    axes.set_xlabel("epoch", **text)
    axes.set_ylabel(f"{chart.name} (log scale)" if chart.is_logarithmic else chart.name, **text)


def _label_ends(axes: Axes, chart: _Chart, n_epochs: int, width: float) -> None:
    """Write beside the end of each line what it is, with a leader to where it ends."""
    to_axes = axes.transData + axes.transAxes.inverted()
    names = list(chart.ends)
    ends = [float(to_axes.transform((n_epochs, chart.ends[name]))[1]) for name in names]
    places = spread(ends, line_height(style.LABEL_SIZE) / TALL, 0.0, 1.0)
    for name, end, place in zip(names, ends, places, strict=True):
        colour = _LABEL_COLOURS[name]
        axes.plot(
            [1.01, 1 + (LEADER - 0.03) / width],
            [end, place],
            transform=axes.transAxes,
            color=colour,
            linewidth=0.7,
            clip_on=False,
        )
        axes.text(
            1 + LEADER / width,
            place,
            chart.label(name),
            transform=axes.transAxes,
            va="center",
            **words(style.LABEL_SIZE, color=colour),
        )


def _facts(run: Run) -> list[str]:
    n_held_out = len(run.validation_rows)
    points = f"{run.data.n_points - n_held_out:,} points"
    if n_held_out:
        points += f", {n_held_out:,} held out"
    names = ("optimizer", "learning_rate", "batch_size", "seed")
    settings = [
        f"{name.replace('_', ' ')} {run.settings[name]}" for name in names if name in run.settings
    ]
    return [run.model.architecture, " · ".join([points, *settings])]


def _foot(run: Run, charts: list[_Chart]) -> str:
    parts: list[str] = []
    history = run.history
    # Of a training in another loop it is known only that it was logged.
    if not run.settings and (history.loss or history.validation_loss):
        parts.append("Training and validation: as the training's own loop logged them.")
    if run.settings and history.loss:
        parts.append("Training: mean over the epoch's batches while the weights changed.")
    if run.settings and history.validation_loss:
        parts.append("Validation: held-out points at the epoch's end.")
    if history.validation_accuracy and run.data.bayes_accuracy is not None:
        parts.append("Bayes: the accuracy that no classifier can beat on this distribution.")
    if any(chart.is_cut for chart in charts):
        parts.append("R² below 0, where the mean of the target is nearer, is cut off.")
    if run.interrupted:
        parts.append("The training was interrupted.")
    return " ".join(parts)


def _tick(value: float, _position: int | None = None) -> str:
    return number(value)
