"""The plane as a network divides it among the classes: pieces, bounded or not, and holes."""

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import spread_rows
from unknot.datasets.labels import counted
from unknot.doors import as_trace
from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.draw.colouring import Colouring, trace_colouring
from unknot.errors import UsageError
from unknot.measures.regions import (
    FAR,
    NEAR,
    NO_CLASSIFIER,
    DecisionRegion,
    axis_of,
    decision_regions,
    decisions,
    half_extent,
    pieces_of,
)
from unknot.measures.table import Missing
from unknot.traces.representation import Trace
from unknot.views.figures.figure import Drawable, figures, width_for
from unknot.views.figures.legend import Key, colour_keys, header, trace_facts
from unknot.views.figures.sheet import (
    MARGIN,
    SMALL,
    Sheet,
    fit_width,
    line_height,
    number,
    root_of,
    tick_style,
    words,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

WIDTH = 5.5
#: Inches left of and below the plane.
LEFT, BELOW = 0.62, 0.5
#: Cells a side of the picture, points over it, and classes whose numbers are listed.
SIDE, MOST_POINTS, MOST_LISTED = 512, 1_500, 10
#: How much of its class's colour a piece has.
OPEN, CLOSED = 0.22, 0.5


@figures.add
def components(
    source: Drawable,
    *,
    layer: int | str | None = None,
    size: float | None = None,
    ax: Axes | None = None,
    figure: "Figure | SubFigure | None" = None,
) -> "Figure":
    """The decision region of each class in a plane, far beyond the data, with what is counted.

    Parameters
    ----------
    source : Trace, Run or Scene
    layer : int or str, optional
        A representation with 2 units, by number or name; the input when left out.
    size : float, optional
        Width in inches; the height follows.
    ax : matplotlib Axes, optional
        Where to draw the plane alone, without title, legend and notes.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    size = width_for(size, WIDTH, figure, ax)
    trace = as_trace(source)
    k = 0 if layer is None else trace.index(layer)
    _check(trace, k)
    colouring = trace_colouring(trace)
    if ax is not None:
        _draw(ax, trace, k, colouring)
        return root_of(ax)
    width = size - 2 * MARGIN
    keys = [*colour_keys(colouring), Key("dark: bounded", "none", style.MUTED)]
    name = trace.representations[k].name
    head = header(f"{trace.name}: regions of the {name}", [trace_facts(trace)], keys, width)
    lines, note = _said(trace, k)
    foot = wrap(note, SMALL, width, most=6)
    side = width - LEFT
    top = MARGIN + head.height + 0.05
    listed = top + side + BELOW
    bottom = listed + len(lines) * line_height(style.CAPTION_SIZE) + 0.06
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    _draw(sheet.axes(MARGIN + LEFT, top, side, side), trace, k, colouring)
    fitting = [fit_width(line, style.CAPTION_SIZE, width) for line in lines]
    sheet.lines(fitting, listed, style.CAPTION_SIZE)
    sheet.lines(foot, bottom)
    return sheet.figure


def _check(trace: Trace, k: int) -> None:
    cloud = trace.representations[k]
    if cloud.n_units != 2:
        raise UsageError(
            f"The figure 'components' shows a plane; {cloud.name[:100]!r} has "
            f"{counted(cloud.n_units, 'unit')}.\nFor 3 units: "
            "measure(source, measures=['region_components', 'region_holes'])."
        )
    if not trace.n_points or trace.class_probabilities(cloud.values[:1], k) is None:
        raise UsageError(
            f"The figure 'components' needs a classifier; {NO_CLASSIFIER}.\n"
            "Use 'strip' for this trace."
        )


def _said(trace: Trace, k: int) -> tuple[list[str], str]:
    """What is counted of each class, and how."""
    frame = (
        f"Frame: {NEAR:g} times the extent of the data. Outside it the scale is compressed, out to "
        f"{FAR:g} times."
    )
    values = trace.representations[k].values.astype(np.float64)
    try:
        regions, n = decision_regions(lambda v: trace.class_probabilities(v, k), values)
    except Missing as missing:
        return [], f"{frame} Not counted: {missing}."
    rows = [f"{name}: {region_text(r)}" for name, r in zip(trace.class_names, regions, strict=True)]
    if len(rows) > MOST_LISTED:
        rows = [*rows[: MOST_LISTED - 1], f"… {len(rows) - MOST_LISTED + 1} more classes"]
    return rows, f"{frame} Counted on two grids, the finer of {n} cells a side, which agree."


def region_text(region: DecisionRegion) -> str:
    """``"2 pieces (1 bounded), 1 hole"``."""
    if not region.components:
        return "nowhere"
    pieces = counted(region.components, "piece")
    bounded = {0: "unbounded", region.components: "bounded"}
    about = bounded.get(region.bounded, f"{region.bounded} bounded")
    return f"{pieces} ({about}), {counted(region.holes[0], 'hole')}"


def _draw(axes: Axes, trace: Trace, k: int, colouring: Colouring) -> None:
    values = trace.representations[k].values.astype(np.float64)
    classes = decisions(lambda v: trace.class_probabilities(v, k), values, SIDE)
    share = np.full(classes.shape, OPEN)
    for c in range(int(classes.max()) + 1):
        labels, open_ones = pieces_of(classes == c, np.ones((3, 3)))
        share[(labels > 0) & ~np.isin(labels, open_ones)] = CLOSED
    colours = colouring.palette[classes]
    pixels = 1 - share[..., None] * (1 - colours)
    axes.imshow(
        pixels.swapaxes(0, 1), origin="lower", extent=(0, SIDE, 0, SIDE), interpolation="nearest"
    )
    edges = [axis_of(*ends, SIDE) for ends in zip(values.min(0), values.max(0), strict=True)]
    rows = spread_rows(trace.n_points, MOST_POINTS)
    x, y = (_placed(values[rows, i], edges[i]) for i in (0, 1))
    axes.scatter(x, y, s=3, c=colouring.points[rows], linewidths=0, rasterized=True)
    _frame(axes, values, edges, trace.unit_titles(k))


def _placed(values: NDArray[np.float64], edge: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where values along an axis are in the picture, in cells."""
    return cast("Any", np).interp(values, edge, np.arange(SIDE) + 0.5)


def _frame(
    axes: Axes,
    values: NDArray[np.float64],
    edges: list[NDArray[np.float64]],
    names: tuple[str, ...],
) -> None:
    """The window of the fine cells, and numbers at it, in the middle and at the ends."""
    from matplotlib.patches import Rectangle

    ticks: list[NDArray[np.float64]] = []
    for i, edge in enumerate(edges):
        low, high = float(values[:, i].min()), float(values[:, i].max())
        at = (low + high) / 2 + half_extent(low, high) * np.array([-NEAR, 0, NEAR])
        ticks.append(_placed(at, edge))
        labels = [number(round(float(value), 3)) for value in at]
        (axes.set_xticks, axes.set_yticks)[i](ticks[i], labels)
    (left, _, right), (lower, _, upper) = (tick.tolist() for tick in ticks)
    look: dict[str, Any] = {"fill": False, "edgecolor": style.MUTED, "linewidth": 0.8}
    box = Rectangle((left, lower), right - left, upper - lower, **look)
    axes.add_patch(box)
    axes.set_xlim(0, SIDE)
    axes.set_ylim(0, SIDE)
    axes.tick_params(**tick_style())
    room = 3.0
    axes.set_xlabel(fit_width(names[0], style.LABEL_SIZE, room), **words(style.LABEL_SIZE))
    axes.set_ylabel(fit_width(names[1], style.LABEL_SIZE, room), **words(style.LABEL_SIZE))
