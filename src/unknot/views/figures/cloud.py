"""Columns of a representation drawn into axes: any two as points, any one as a distribution."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.draw.colouring import Colouring, Density
from unknot.draw.panel import disc_area
from unknot.draw.plane import Window, once, tick_label, ticks
from unknot.draw.words import families
from unknot.traces.representation import Values
from unknot.views.figures.sheet import DPI, SMALL, text_width

#: Cells per inch at least.
COARSEST = 70
#: Exponent of a density's shade: points that lie exactly on a line (after a relu) leave little of
#: it to the rest of a small panel.
DARKER = 0.6


def draw_cloud(
    axes: Axes, points: Values, colouring: Colouring, window: Window, inches: float
) -> None:
    """Points as discs, or as density where there are many; the axes show the window.

    Parameters
    ----------
    points : (n_points, 2) float array
    inches : float
        Side of the axes: small panels have smaller discs.
    """
    if len(points) >= style.DENSITY_FROM:
        pixels = Density(colouring.palette, colouring.group).image(points, window)
        pixels[..., 3] **= DARKER
        extent = (window.low[0], window.high[0], window.low[1], window.high[1])
        axes.imshow(pixels, extent=extent, interpolation="nearest", zorder=2, aspect="equal")
    else:
        area = max(disc_area(len(points)) * min(inches / 2, 1.0), 1.0)
        x, y = points.T
        axes.scatter(x, y, c=colouring.points, s=area, linewidths=0, alpha=0.85, zorder=2)
    axes.set(
        xlim=(window.low[0], window.high[0]),
        ylim=(window.low[1], window.high[1]),
        aspect="equal",
    )


def draw_lines(axes: Axes, lines: Sequence[Values], **options: Any) -> None:
    """Lines of shape (n, 2) each."""
    from matplotlib.collections import LineCollection

    if lines:
        collection = LineCollection(list(lines), **options)
        collection.set_capstyle("round")
        axes.add_collection(collection, autolim=False)


def cells_for(n_points: int, inches: float) -> int:
    """Cells along each side of a panel: as fine as its pixels, but coarse for few points.

    Where most points have a cell to themselves a density is a pale dust.
    """
    finest, coarsest = DPI * inches, COARSEST * inches
    return round(min(finest, max(0.6 * n_points**0.5, coarsest)))


def dress(axes: Axes, size: float = style.CAPTION_SIZE) -> None:
    """Thin frame, small grey numbers."""
    for spine in axes.spines.values():
        spine.set(color=style.GRID, linewidth=0.8)
    axes.tick_params(
        colors=style.MUTED,
        labelsize=size,
        labelfontfamily=list(families()),
        length=2.5,
        width=0.6,
        pad=2,
    )


def number_axis(
    axes: Axes,
    which: str,
    count: int,
    inches: float,
    *,
    shown: bool = True,
    margin: float = 0.08,
    stretch: float = 1.0,
) -> None:
    """Round numbers along the axis `which` (``"x"`` or ``"y"``), as many as there is room for.

    Parameters
    ----------
    count : int
        How many, about, at most.
    inches : float
        Length of the axis.
    shown : bool
        False for tick marks without numbers.
    margin : float
        Share of the axis without numbers at both ends, where they would run into the next panel's.
    stretch : float
        How many units of the picture one of the data is.
    """
    low, high = (end / stretch for end in getattr(axes, f"get_{which}lim")())
    margin *= high - low
    marks: list[float] = []
    labels: list[str] = []
    for n in range(count, 1, -1):
        marks = ticks(low + margin, high - margin, n)
        step = marks[1] - marks[0] if len(marks) > 1 else abs(marks[0]) if marks else 1.0
        labels = [tick_label(mark, step or 1.0) for mark in marks]
        widest = max((text_width(label, style.CAPTION_SIZE) for label in labels), default=0.0)
        if which == "y" or widest + 0.08 <= step / (high - low) * inches:
            break
    labels = once(labels)
    places = np.asarray(marks) * stretch
    getattr(axes, f"set_{which}ticks")(places, labels if shown else [""] * len(marks))


BINS = 48
#: From this share of the points on, a single value is written out instead of towering over all.
SPIKE = 0.02
#: More outlines than this are not filled.
MOST_FILLED = 4
#: Empty share of the axes over the highest bin.
HEADROOM = 0.28


def draw_distribution(
    axes: Axes, values: Values, colouring: Colouring, low: float, high: float
) -> None:
    """Share of each class per value, between `low` and `high`.

    A value that many points have exactly (0 after a relu) becomes a line with its share in
    words.

    Parameters
    ----------
    values : (n_points,) float array
    """
    spike, share = spike_of(values)
    rest = values != spike if share >= SPIKE else np.ones(len(values), dtype=bool)
    n_groups = max(len(colouring.class_names), 1)
    group = colouring.group if colouring.class_names else np.zeros(len(values), np.int64)
    edges = np.linspace(low, high, BINS + 1)
    top = 0.0
    for c in range(n_groups):
        members = group == c
        n = int(members.sum())
        if not n:
            continue
        heights = np.histogram(values[members & rest], bins=edges)[0] / n
        top = max(top, float(heights.max()))
        colour: Any = colouring.palette[c] if colouring.class_names else style.MUTED
        alpha = 0.3 if n_groups <= MOST_FILLED else 0.0
        axes.stairs(heights, edges, fill=True, color=colour, alpha=alpha, linewidth=0, zorder=2)
        axes.stairs(heights, edges, color=colour, linewidth=1.1, zorder=3)
    axes.set(xlim=(low, high), ylim=(0, (top or 1.0) / (1 - HEADROOM)))
    if share >= SPIKE:
        _draw_spike(axes, spike, share, (low, high))


def spike_of(values: Values) -> tuple[float, float]:
    """The value that most points have exactly, and their share; from `SPIKE` on it is a line."""
    if not len(values):
        return 0.0, 0.0
    distinct, counts = np.unique(values, return_counts=True)
    most = int(counts.argmax())
    # Two points of ten share a value by chance or by rounding; that is no spike.
    share = float(counts[most] / len(values)) if counts[most] > 2 or len(distinct) == 1 else 0.0
    return float(distinct[most]), share


def _draw_spike(axes: Axes, value: float, share: float, limits: tuple[float, float]) -> None:
    axes.axvline(value, color=style.INK, linewidth=1.1, linestyle=(0, (2, 1.5)), zorder=4)
    number = f"{value:.3g}".replace("-", "−")
    percent = f"{share:.0%}" if share < 0.995 or share == 1 else "over 99%"
    text = f"always {number}" if share == 1 else f"{percent} are {number}"
    place = (value - limits[0]) / (limits[1] - limits[0])
    side = "left" if place < 0.3 else "right" if place > 0.7 else "center"
    axes.annotate(
        text,
        (value, 1.0),
        ({"left": 3, "right": -3, "center": 0}[side], -2),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha=side,
        va="top",
        fontsize=SMALL,
        color=style.INK,
        family=style.FONT,
        zorder=5,
        bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.5},
    )
