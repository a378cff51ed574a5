"""The decision regions of each width's best network, side by side: why a width is too small."""

from typing import TYPE_CHECKING

from unknot.draw import style
from unknot.draw.colouring import trace_colouring
from unknot.draw.panel import Panel
from unknot.errors import UsageError
from unknot.motion.scene import Scene
from unknot.traces.tracing import trace
from unknot.views.figures.cloud import cells_for
from unknot.views.figures.legend import Key, colour_keys, header
from unknot.views.figures.sheet import MARGIN, SMALL, Sheet, line_height, wrap
from unknot.views.width.table import drawings
from unknot.width.result import MinimumWidth, Width

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 7.0
#: Panels in a row; inches between them, and above each for two lines of words.
COLUMNS, GAP, ABOVE = 4, 0.14, 0.42


@drawings.add
def regions(result: MinimumWidth, *, size: float = WIDTH) -> "Figure":
    """What the best network of each width decides in the plane of its two features."""
    data = result.widths[0].run.data
    if data.n_features != 2:
        raise UsageError(
            f"The figure 'regions' shows the plane of 2 features; {data.name[:100]!r} has "
            f"{data.n_features}.\nUse 'accuracy' for this search."
        )
    width = size - 2 * MARGIN
    traces = [trace(found.run, lattice=False) for found in result.widths]
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
    sheet = Sheet(size, bottom + 0.08 + len(foot) * line_height(SMALL) + MARGIN)
    head.draw(sheet)
    for i, (found, traced) in enumerate(zip(result.widths, traces, strict=True)):
        left = MARGIN + (i % columns) * (side + GAP)
        y = top + (i // columns) * (ABOVE + side)
        _words(sheet, found, result, left, y)
        axes = sheet.axes(left, y + ABOVE, side, side)
        Panel(
            axes,
            Scene(traced),
            lattice=False,
            title=False,
            caption=False,
            labels=False,
            cells=cells_for(traced.n_points, side),
            colouring=colouring,
        ).draw(0)
        axes.set_xticks([])
        axes.set_yticks([])
    for i, line in enumerate(foot):
        y = bottom + 0.08 + (i + 0.6) * line_height(SMALL)
        sheet.text(MARGIN, y, line, SMALL, color=style.MUTED)
    return sheet.figure


def _words(sheet: Sheet, found: Width, result: MinimumWidth, left: float, top: float) -> None:
    units = f"{found.width} unit{'s' * (found.width > 1)}"
    weight = "bold" if found.width == result.answer else "normal"
    sheet.text(left, top + 0.2, units, style.LABEL_SIZE, weight=weight)
    colour = style.WARNING if found.verdict != "enough" else style.MUTED
    about = f"{found.accuracy:.4f}, {found.verdict}"
    sheet.text(left, top + 0.36, about, style.CAPTION_SIZE, color=colour)
