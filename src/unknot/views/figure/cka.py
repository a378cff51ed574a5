"""The CKA figure: how alike every two representations are."""

from typing import TYPE_CHECKING

import numpy as np

from unknot import style
from unknot.measures.similarity import cka_matrix
from unknot.projection import spread_rows
from unknot.views.figure.architecture import architecture
from unknot.views.figure.depth import below_names, name_axis
from unknot.views.figure.heatmap import draw_cells, draw_scale
from unknot.views.figure.legend import header, trace_facts
from unknot.views.figure.sheet import MARGIN, SMALL, Sheet, fit_width, line_height, text_width, wrap
from unknot.views.figure.source import Source
from unknot.views.figure.table import figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 6.0
#: Points are thinned out to so many.
MAX_POINTS = 2_000
#: The longest name of a representation, and the room for the colour scale, in inches.
NAME, SCALE = 1.7, 0.62
FOOT = (
    "Linear CKA (Kornblith et al. 2019): 1 when two clouds are equal but for rotation, scale and "
    "position, 0 when no unit of one goes with any of the other. –: a cloud without extent."
)


@figures.add
def cka(source: Source, *, size: float = WIDTH) -> "Figure":
    """Linear CKA between all representations as a matrix."""
    trace = source.trace
    rows = spread_rows(trace.n_points, MAX_POINTS)
    clouds = [r.values[rows].astype(np.float64) for r in trace.representations]
    values = cka_matrix(clouds)
    names = [
        fit_width(r.name, style.CAPTION_SIZE, min(NAME, size / 4)) for r in trace.representations
    ]
    left = MARGIN + max(text_width(name, style.CAPTION_SIZE) for name in names) + 0.12
    side = size - left - SCALE - MARGIN
    # A matrix of two need not be as large as one of twenty.
    side = min(side, 0.75 * max(len(names), 2))
    room = size - 2 * MARGIN
    head = header(
        f"{trace.name}: similarity of representations",
        [architecture(trace), trace_facts(trace)],
        [],
        room,
    )
    foot = wrap(FOOT, SMALL, room)
    top = MARGIN + head.height + 0.08
    bottom = top + side + below_names(names) + 0.1
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN)
    head.draw(sheet)
    axes = sheet.axes(left, top, side, side)
    draw_cells(axes, values, (0.0, 1.0), side / len(names))
    name_axis(axes, names, side)
    every = max(1, int(np.ceil(0.14 * len(names) / side)))
    axes.set_yticks(range(0, len(names), every), names[::every], parse_math=False)
    axes.tick_params(length=0)
    draw_scale(sheet, left + side + 0.1, top, min(side, 1.6), (0.0, 1.0))
    for i, line in enumerate(foot):
        y = bottom + (i + 0.6) * line_height(SMALL)
        sheet.text(MARGIN, y, line, SMALL, color=style.MUTED)
    return sheet.figure
