"""How the values of one unit are distributed, one outline a class."""

from typing import TYPE_CHECKING, Any

import numpy as np

from unknot.draw import style
from unknot.draw.colouring import Colouring
from unknot.traces.representation import Values
from unknot.views.figures.sheet import SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINS = 48
#: From this share of the points on, a single value is written out instead of towering over all.
SPIKE = 0.02
#: More outlines than this are not filled.
MOST_FILLED = 4
#: Empty share of the axes over the highest bin.
HEADROOM = 0.28


def draw_distribution(
    axes: "Axes", values: Values, colouring: Colouring, low: float, high: float
) -> None:
    """Share of each class per value, between `low` and `high`.

    A value that many points have exactly (0 after a relu) becomes a line with its share in
    words.

    Parameters
    ----------
    values : (n_points,) float array
    """
    spike, share = _spike(values)
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


def _spike(values: Values) -> tuple[float, float]:
    """The value that most points have exactly, and their share."""
    if not len(values):
        return 0.0, 0.0
    distinct, counts = np.unique(values, return_counts=True)
    most = int(counts.argmax())
    # Two points of ten share a value by chance or by rounding; that is no spike.
    share = float(counts[most] / len(values)) if counts[most] > 2 or len(distinct) == 1 else 0.0
    return float(distinct[most]), share


def _draw_spike(axes: "Axes", value: float, share: float, limits: tuple[float, float]) -> None:
    axes.axvline(value, color=style.INK, linewidth=1.1, linestyle=(0, (2, 1.5)), zorder=4)
    number = f"{value:.3g}".replace("-", "−")
    percent = f"{share:.0%}" if share < 0.995 or share == 1 else "over 99%"
    text = f"always {number}" if share == 1 else f"{percent} at {number}"
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
