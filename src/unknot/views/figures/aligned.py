"""How far networks are apart that were brought together, layer by layer."""

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.motion.align import Alignment, align
from unknot.views.figures.depth import below_names, name_axis
from unknot.views.figures.figure import Drawable, figures, width_for
from unknot.views.figures.legend import header
from unknot.views.figures.sheet import (
    MARGIN,
    SMALL,
    Sheet,
    inches_of,
    line_height,
    open_frame,
    root_of,
    words,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

WIDTH, TALL, LEFT = 5.5, 2.2, 0.62


@figures.add
def shape_distances(
    source: Alignment | Sequence[Drawable],
    *,
    size: float | None = None,
    ax: Axes | None = None,
    figure: "Figure | SubFigure | None" = None,
) -> "Figure":
    """The angle between every two networks at each representation, after the best turn.

    Parameters
    ----------
    source : Alignment, or what `unknot.align` takes
    size : float, optional
        Width in inches; the height follows.
    ax : matplotlib Axes, optional
        Where to draw it alone, without title and notes.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    size = width_for(size, WIDTH, figure, ax)
    aligned = source if isinstance(source, Alignment) else align(source)
    labels = list(aligned.names)
    if ax is not None:
        _draw(ax, aligned)
        name_axis(ax, labels, inches_of(ax)[0])
        return root_of(ax)
    head = header(
        f"{aligned.traces[0].name}: how far {len(aligned.traces)} networks are apart",
        [],
        [],
        size - 2 * MARGIN,
    )
    turned = "the best turn" if aligned.match == "rotation" else "the best order of the units"
    text = (
        f"Angle between the centred clouds after {turned} (shape distance of Williams et al. "
        "2021): 0° the same shape, 90° nothing in common."
    )
    foot = wrap(text, SMALL, size - 2 * MARGIN)
    top = MARGIN + head.height + 0.1
    bottom = top + TALL + below_names(labels) + 0.1
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    width = size - LEFT - MARGIN
    axes = sheet.axes(LEFT, top, width, TALL)
    _draw(axes, aligned)
    name_axis(axes, labels, width)
    sheet.lines(foot, bottom)
    return sheet.figure


def _draw(axes: Axes, aligned: Alignment) -> None:
    colours = style.CLASS_COLOURS
    pairs = list(combinations(range(len(aligned.traces)), 2))
    for (i, j), colour in zip(pairs, colours, strict=False):
        angles = np.degrees(aligned.distances[i, j])
        settings: dict[str, Any] = {"color": colour, "linewidth": 1.6, "marker": "o"}
        axes.plot(
            range(len(angles)), angles, markersize=4, label=f"{i + 1} and {j + 1}", **settings
        )
    n = len(aligned.names)
    axes.set_xlim(-0.4, n - 0.6)
    axes.set_ylim(0, max(5.0, 1.08 * float(np.degrees(np.nanmax(aligned.distances)))))
    axes.set_ylabel("shape distance (degrees)", **words(style.LABEL_SIZE))
    open_frame(axes)
    axes.grid(axis="y", color=style.GRID, linewidth=0.5, alpha=0.6)
    if len(pairs) > 1:
        legend: Any = axes
        legend.legend(title="networks", fontsize=SMALL, title_fontsize=SMALL, frameon=False)
