"""What a network decides everywhere in the plane of its two features."""

from typing import TYPE_CHECKING

from unknot.doors import as_trace
from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.draw.colouring import Colouring, trace_colouring
from unknot.draw.panel import Panel
from unknot.draw.words import families
from unknot.errors import UsageError
from unknot.motion.scene import Scene
from unknot.traces.representation import Trace
from unknot.traces.tracing import trace as trace_of
from unknot.views.figures.cloud import cells_for
from unknot.views.figures.figure import Drawable, figures, width_for
from unknot.views.figures.legend import Key, colour_keys, header, trace_facts
from unknot.views.figures.sheet import (
    MARGIN,
    SMALL,
    Sheet,
    fit_width,
    inches_of,
    line_height,
    root_of,
    wrap,
)
from unknot.views.figures.width import check_done, is_answer
from unknot.width.result import MinimumWidth, Width

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

WIDTH = 5.5
#: Inches left of and below the plane.
LEFT, BELOW = 0.62, 0.5


@figures.add
def regions(
    source: Drawable | MinimumWidth,
    *,
    size: float | None = None,
    ax: Axes | None = None,
    figure: "Figure | SubFigure | None" = None,
) -> "Figure":
    """The decision in the plane of a 2-feature input, how sure it is, and the data.

    Parameters
    ----------
    source : Trace, Run, Scene or MinimumWidth
        Of a search, the best network of every width.
    size : float, optional
        Width in inches; the height follows.
    ax : matplotlib Axes, optional
        Where to draw the panel of one network alone, without title, legend and notes.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    if isinstance(source, MinimumWidth):
        if ax is not None:
            raise UsageError(
                "ax has room for one network; a search has one a width.\n"
                "Give the run of one, result[width].run, or figure= for all of them."
            )
        return _search_regions(source, width_for(size, SEARCH_WIDTH, figure), figure)
    size = width_for(size, WIDTH, figure, ax)
    trace = as_trace(source)
    n_features = trace.representations[0].n_units
    if n_features != 2:
        raise UsageError(
            f"The figure 'regions' shows the plane of 2 features; {trace.name[:100]!r} has "
            f"{n_features}.\nUse 'strip' for this data."
        )
    if trace.class_probabilities(trace.representations[0].values[:1]) is None:
        raise UsageError(
            "The figure 'regions' needs a network that gives class probabilities, with every map "
            "known.\nUse 'strip' for this trace."
        )
    colouring = trace_colouring(trace)
    if ax is not None:
        _draw_plane(ax, trace, colouring, min(inches_of(ax)))
        return root_of(ax)
    width = size - 2 * MARGIN
    keys = [*colour_keys(colouring), Key("decision boundary", "line", style.BOUNDARY)]
    head = header(f"{trace.name}: the decision", [trace_facts(trace)], keys, width)
    foot = wrap("Shading: how sure the network is.", SMALL, width)
    side = width - LEFT
    top = MARGIN + head.height + 0.05
    sheet = Sheet(size, top + side + BELOW + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    _draw_plane(sheet.axes(MARGIN + LEFT, top, side, side), trace, colouring, side)
    sheet.lines(foot, top + side + BELOW)
    return sheet.figure


def _draw_plane(
    axes: Axes, trace: Trace, colouring: Colouring, side: float, labels: bool = True
) -> None:
    """The input plane in axes of so many inches."""
    cells = cells_for(trace.n_points, side)
    Panel(
        axes,
        Scene(trace),
        lattice=False,
        title=False,
        caption=False,
        labels=labels,
        cells=cells,
        colouring=colouring,
    ).draw(0)
    if not labels:
        axes.set_xticks([])
        axes.set_yticks([])
        return
    axes.tick_params(labelfontfamily=list(families()))
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_text(fit_width(label.get_text(), style.LABEL_SIZE, side))


SEARCH_WIDTH = 7.0
#: Panels in a row; inches between them, and above each for two lines of words.
COLUMNS, GAP, ABOVE = 4, 0.14, 0.42


def _search_regions(
    result: MinimumWidth, size: float, figure: "Figure | SubFigure | None"
) -> "Figure":
    """What the best network of each width decides in the plane of its two features."""
    check_done(result)
    data = result.widths[0].run.data
    if data.n_features != 2:
        raise UsageError(
            f"The figure 'regions' shows the plane of 2 features; {data.name[:100]!r} has "
            f"{data.n_features}.\nUse 'accuracy' for this search."
        )
    width = size - 2 * MARGIN
    traces = [trace_of(each.run, lattice=False) for each in result.widths]
    colouring = trace_colouring(traces[0])
    columns = min(COLUMNS, len(traces))
    side = (width - (columns - 1) * GAP) / columns
    rows = -(-len(traces) // columns)
    activation, depth = result.settings["activation"], result.settings["depth"]
    layers = "one hidden layer" if depth == 1 else f"{depth} hidden layers"
    head = header(
        f"{data.name}: the decision of the best network of each width",
        [f"{layers} of {activation} units; the best of {result.settings['restarts']} each"],
        [*colour_keys(colouring), Key("decision boundary", "line", style.BOUNDARY)],
        width,
    )
    foot = wrap("Shading: how sure the network is.", SMALL, width)
    top = MARGIN + head.height
    bottom = top + rows * (ABOVE + side)
    sheet = Sheet(size, bottom + 0.08 + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    for i, (tried, traced) in enumerate(zip(result.widths, traces, strict=True)):
        left = MARGIN + (i % columns) * (side + GAP)
        y = top + (i // columns) * (ABOVE + side)
        _search_words(sheet, tried, result, left, y)
        axes = sheet.axes(left, y + ABOVE, side, side)
        _draw_plane(axes, traced, colouring, side, labels=False)
    sheet.lines(foot, bottom + 0.08)
    return sheet.figure


def _search_words(
    sheet: Sheet, tried: Width, result: MinimumWidth, left: float, top: float
) -> None:
    units = f"{tried.width} unit{'s' * (tried.width > 1)}"
    weight = "bold" if is_answer(result, tried) else "normal"
    sheet.text(left, top + 0.2, units, style.LABEL_SIZE, weight=weight)
    colour = style.WARNING if tried.verdict != "enough" else style.MUTED
    about = f"{tried.score:.4f}, {tried.verdict}"
    sheet.text(left, top + 0.36, about, style.CAPTION_SIZE, color=colour)
