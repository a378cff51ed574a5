"""The regions figure: what the network decides everywhere in the plane of its two features."""

from typing import TYPE_CHECKING

from unknot.draw import style
from unknot.draw.colouring import trace_colouring
from unknot.draw.panel import Panel
from unknot.draw.words import families
from unknot.errors import UsageError
from unknot.motion.scene import Scene
from unknot.views.figures.cloud import cells_for
from unknot.views.figures.legend import Key, colour_keys, header, trace_facts
from unknot.views.figures.sheet import MARGIN, SMALL, Sheet, fit_width, line_height, wrap
from unknot.views.figures.source import Source
from unknot.views.figures.table import figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 5.5
#: Inches left of and below the plane.
LEFT, BELOW = 0.62, 0.5


@figures.add
def regions(source: Source, *, size: float = WIDTH) -> "Figure":
    """The decision in the plane of a 2-feature input, how sure it is, and the data."""
    trace = source.trace
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
    width = size - 2 * MARGIN
    keys = [*colour_keys(colouring), Key("decision boundary", "line", style.BOUNDARY)]
    head = header(f"{trace.name}: the decision", [trace_facts(trace)], keys, width)
    foot = wrap("Shading: how sure the network is.", SMALL, width)
    side = width - LEFT
    top = MARGIN + head.height + 0.05
    sheet = Sheet(size, top + side + BELOW + len(foot) * line_height(SMALL) + MARGIN)
    head.draw(sheet)
    axes = sheet.axes(MARGIN + LEFT, top, side, side)
    cells = cells_for(trace.n_points, side)
    Panel(
        axes,
        Scene(trace),
        lattice=False,
        title=False,
        caption=False,
        cells=cells,
        colouring=colouring,
    ).draw(0)
    axes.tick_params(labelfontfamily=list(families()))
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_text(fit_width(label.get_text(), style.LABEL_SIZE, side))
    for i, line in enumerate(foot):
        y = top + side + BELOW + (i + 0.6) * line_height(SMALL)
        sheet.text(MARGIN, y, line, SMALL, color=style.MUTED)
    return sheet.figure
