"""Any two columns of a representation, drawn into axes: the points, the lattice, the boundary."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from unknot import style
from unknot.representation import Values
from unknot.views.colouring import Colouring
from unknot.views.density import Density
from unknot.views.panel import disc_area
from unknot.views.window import Window, tick_label, ticks
from unknot.views.words import families

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_cloud(axes: "Axes", points: Values, colouring: Colouring, window: Window) -> None:
    """Points as discs, or as density where there are many; the axes show the window.

    Parameters
    ----------
    points : (n_points, 2) float array
    """
    if len(points) >= style.DENSITY_FROM:
        pixels = Density(colouring.palette, colouring.group).image(points, window)
        extent = (window.low[0], window.high[0], window.low[1], window.high[1])
        axes.imshow(pixels, extent=extent, interpolation="nearest", zorder=2, aspect="equal")
    else:
        # Small panels need smaller discs.
        share = min(window.width / 400, 1.0)
        area = max(disc_area(len(points)) * share, 1.0)
        x, y = points.T
        axes.scatter(x, y, c=colouring.points, s=area, linewidths=0, alpha=0.85, zorder=2)
    axes.set(
        xlim=(window.low[0], window.high[0]),
        ylim=(window.low[1], window.high[1]),
        aspect="equal",
    )


def draw_lines(axes: "Axes", lines: Sequence[Values], **options: Any) -> None:
    """Lines of shape (n, 2) each."""
    from matplotlib.collections import LineCollection

    if lines:
        collection = LineCollection(list(lines), **options)
        collection.set_capstyle("round")
        axes.add_collection(collection, autolim=False)


def dress(axes: "Axes", size: float = style.CAPTION_SIZE) -> None:
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


def number_axis(axes: "Axes", which: str, count: int, shown: bool = True) -> None:
    """Round numbers along the axis `which` (``"x"`` or ``"y"``)."""
    low, high = getattr(axes, f"get_{which}lim")()
    marks = ticks(low, high, count)
    step = marks[1] - marks[0] if len(marks) > 1 else abs(marks[0]) if marks else 1.0
    labels = [tick_label(mark, step or 1.0) if shown else "" for mark in marks]
    getattr(axes, f"set_{which}ticks")(np.asarray(marks), labels)
