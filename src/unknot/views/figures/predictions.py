"""A number to predict: what the network says against what is true."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.labels import counted
from unknot.doors import as_trace
from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.draw.colouring import STEPS, Colouring
from unknot.draw.plane import Window
from unknot.errors import UsageError
from unknot.traces.representation import Trace
from unknot.views.figures.cloud import cells_for, draw_cloud, dress, number_axis
from unknot.views.figures.figure import JUDGED, Drawable, figures, judged_rows, width_for
from unknot.views.figures.legend import Key, header, trace_facts
from unknot.views.figures.sheet import (
    MARGIN,
    SMALL,
    Sheet,
    fit_width,
    inches_of,
    line_height,
    number,
    root_of,
    words,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

WIDTH = 5.5
#: Inches left of the axes and below them, and the longest side of the axes.
LEFT, BELOW, SIDE = 0.72, 0.5, 4.5
#: So many times as far beyond the targets as they reach, predictions are not in the picture.
FAR = 0.5
#: What is narrower than this share of how far out it lies is one number.
POINT = 1e-6
#: Points that are not judged.
PALE = "#c9c9c9"


@dataclass(frozen=True)
class _Shown:
    """Which points are judged, and which stand behind them."""

    target: NDArray[np.float64]
    predicted: NDArray[np.float64]
    rows: NDArray[np.int64]
    behind: NDArray[np.int64]
    which: str
    name: str

    @property
    def residuals(self) -> NDArray[np.float64]:
        """Target − prediction of the points that are judged."""
        return self.target[self.rows] - self.predicted[self.rows]


@figures.add
def predictions(
    source: Drawable,
    *,
    points: str | None = None,
    size: float | None = None,
    ax: Axes | None = None,
    figure: "Figure | SubFigure | None" = None,
) -> "Figure":
    """What the network predicts against the target, each point in the colour of its residual.

    On the diagonal the prediction is the target. Of several outputs it is the one that colours:
    ``uk.trace(model, data, colour=…)``.

    Parameters
    ----------
    source : Trace, Run or Scene
        Of a network that predicts a number.
    points : str, optional
        ``"held out"``, ``"training"`` or ``"all"``: which are judged. Left out: the points held
        out, where it is known which those are; those trained on stand behind them in grey.
    size : float, optional
        Width in inches; the height follows.
    ax : matplotlib Axes, optional
        Where to draw the panel alone, without title and notes.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    size = width_for(size, WIDTH, figure, ax)
    trace = as_trace(source)
    shown = _shown(trace, points)
    most = _most(shown.residuals)
    if ax is not None:
        ax.set_box_aspect(1)
        _draw(ax, shown, most, min(inches_of(ax)))
        return root_of(ax)
    room = size - 2 * MARGIN
    ends = f"{number(-most)} to {number(most)}"
    keys = [
        Key(f"residual (target − prediction) {ends}", "scale", style.RESIDUALS),
        Key("prediction = target", "line", style.MUTED),
    ]
    if len(shown.behind):
        keys.append(Key("trained on", "disc", PALE))
    head = header(
        f"{trace.name}: predictions", [trace.architecture, trace_facts(trace)], keys, room
    )
    foot = wrap(_foot(shown), SMALL, room)
    side = min(size - LEFT - MARGIN, SIDE)
    top = MARGIN + head.height + 0.05
    bottom = top + side + BELOW
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    _draw(sheet.axes(LEFT, top, side, side), shown, most, side)
    sheet.lines(foot, bottom)
    return sheet.figure


def _shown(trace: Trace, points: str | None) -> _Shown:
    predicted = trace.predictions
    if predicted is None:
        raise UsageError(
            "The figure 'predictions' needs a network that predicts a number, and its target.\n"
            + (
                "Of classes 'confusion' shows right and wrong."
                if trace.n_classes
                else "Give the targets as labels; of several outputs colour= says which."
            )
        )
    rows, which = judged_rows(trace, points)
    if not len(rows):
        raise UsageError(f"There are no {JUDGED[which]} with a target.\nChoose other points.")
    behind = judged_rows(trace, "training")[0] if which == "held out" else rows[:0]
    target, said = trace.labels.astype(np.float64), predicted.astype(np.float64)
    return _Shown(target, said, rows, behind, which, trace.colour or "target")


def _most(residuals: NDArray[np.float64]) -> float:
    """The residual at both ends of the colours; of one that is 0 everywhere 1."""
    return float(np.quantile(np.abs(residuals), 0.98)) or 1.0


def _window(shown: _Shown, pixels: int) -> Window:
    """A square: the same numbers on both axes, without what lies far outside the targets."""
    rows = np.concatenate([shown.rows, shown.behind])
    low, high = float(shown.target[rows].min()), float(shown.target[rows].max())
    far = FAR * (high - low) or np.inf
    said = np.clip(shown.predicted[rows], low - far, high + far)
    low, high = min(low, float(said.min())), max(high, float(said.max()))
    middle, half = (high + low) / 2, (high - low) / 2
    # Below that numbers so far from 0 do not differ.
    half = 1.06 * half if half > POINT * abs(middle) else 0.5 * abs(middle) or 1.0
    return Window.around(middle, middle, half, pixels, pixels)


def _draw(axes: Axes, shown: _Shown, most: float, side: float) -> None:
    n = len(shown.rows) + len(shown.behind)
    window = _window(shown, cells_for(n, side))
    clouds = np.column_stack([shown.target, shown.predicted])
    if len(shown.behind):
        pale = Colouring(np.array([style.rgb(PALE)]), np.zeros(len(shown.behind), np.int64), ())
        draw_cloud(axes, clouds[shown.behind], pale, window, side)
    low, high = window.low[0], window.high[0]
    axes.plot([low, high], [low, high], color=style.MUTED, linewidth=1.0, zorder=2.5)
    share = np.clip((shown.residuals / most + 1) / 2, 0, 1)
    group = np.rint(share * (STEPS - 1)).astype(np.int64)
    colours = Colouring(style.residual_colours(STEPS), group, ())
    draw_cloud(axes, clouds[shown.rows], colours, window, side)
    dress(axes)
    for which in ("x", "y"):
        number_axis(axes, which, 5, side, margin=0.0)
    look = words(style.LABEL_SIZE)
    axes.set_xlabel(fit_width(shown.name, style.LABEL_SIZE, side), **look)
    axes.set_ylabel("prediction", **look)


def _foot(shown: _Shown) -> str:
    kind = JUDGED[shown.which].removeprefix("all ").removeprefix("points ")
    kind = "" if kind == "points" else f" {kind}"
    parts = [f"Coloured: {counted(len(shown.rows), 'point')}{kind}."]
    window = _window(shown, 100)
    clouds = np.column_stack([shown.target, shown.predicted])[np.r_[shown.rows, shown.behind]]
    outside = int(((clouds < window.low) | (clouds > window.high)).any(axis=1).sum())
    if outside:
        lie = "lies" if outside == 1 else "lie"
        parts.append(f"{counted(outside, 'prediction')} far off {lie} outside the picture.")
    parts.append("Orange: the prediction is too low; blue: too high.")
    return " ".join(parts)
