"""The CKA figure: how alike every two representations are, and every two epochs of a run."""

from typing import TYPE_CHECKING

import numpy as np

from unknot.draw import style
from unknot.measures import Similarities, similarities
from unknot.traces.run import Run
from unknot.views.figures.architecture import architecture
from unknot.views.figures.depth import below_names, name_axis
from unknot.views.figures.heatmap import draw_cells, draw_scale, thinned
from unknot.views.figures.legend import header, trace_facts
from unknot.views.figures.sheet import (
    MARGIN,
    SMALL,
    Sheet,
    fit_width,
    line_height,
    number,
    text_width,
    wrap,
)
from unknot.views.figures.source import Source
from unknot.views.figures.table import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 6.0
#: The longest name of a representation, the room for the colour scale, and the narrowest cell of
#: a run, in inches.
NAME, SCALE, CELL = 1.7, 0.62, 0.035
FOOT = (
    "Linear CKA (Kornblith et al. 2019): 1 when two clouds are equal but for rotation, scale and "
    "position, 0 when no unit of one goes with any of the other. –: a cloud without extent."
)


@figures.add
def cka(source: Source, *, size: float = WIDTH, seed: int = 0) -> "Figure":
    """Linear CKA between all representations as a matrix; of a run, at all its epochs."""
    trace = source.trace
    n = len(trace.representations)
    names = [
        fit_width(r.name, style.CAPTION_SIZE, min(NAME, size / 4)) for r in trace.representations
    ]
    left = MARGIN + max(text_width(name, style.CAPTION_SIZE) for name in names) + 0.12
    side = size - left - SCALE - MARGIN
    given = source.given
    is_run = isinstance(given, Run) and len(given.checkpoints) > 1
    if not is_run:
        # A matrix of two need not be as large as one of twenty.
        side = min(side, 0.75 * max(n, 2))
    shown = thinned(given, int(side / CELL / n)) if isinstance(given, Run) and is_run else trace
    found = similarities(shown, seed=seed)
    room = size - 2 * MARGIN
    what = "representations and epochs" if is_run else "representations"
    head = header(
        f"{trace.name}: similarity of {what}", [architecture(trace), trace_facts(trace)], [], room
    )
    foot = wrap(_foot(found, trace.n_points), SMALL, room, most=6)
    top = MARGIN + head.height + 0.08
    bottom = top + side + below_names(names) + 0.1
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN)
    head.draw(sheet)
    axes = sheet.axes(left, top, side, side)
    draw_cells(axes, found.values, (0.0, 1.0), side / len(found.values))
    _name_blocks(axes, names, len(found.values) // n, side)
    draw_scale(sheet, left + side + 0.1, top, min(side, 1.6), (0.0, 1.0))
    for i, line in enumerate(foot):
        y = bottom + (i + 0.6) * line_height(SMALL)
        sheet.text(MARGIN, y, line, SMALL, color=style.MUTED)
    return sheet.figure


def _name_blocks(axes: "Axes", names: list[str], n_epochs: int, side: float) -> None:
    """A name a representation, in the middle of its epochs, and lines between representations."""
    middles = [k * n_epochs + (n_epochs - 1) / 2 for k in range(len(names))]
    name_axis(axes, names, side, middles)
    every = max(1, int(np.ceil(0.14 * len(names) / side)))
    axes.set_yticks(middles[::every], names[::every], parse_math=False)
    axes.tick_params(length=0)
    if n_epochs > 1:
        for k in range(1, len(names)):
            axes.axhline(k * n_epochs - 0.5, color="white", linewidth=1.2)
            axes.axvline(k * n_epochs - 0.5, color="white", linewidth=1.2)


def _foot(found: Similarities, n_points: int) -> str:
    parts = [FOOT]
    epochs = [epoch for epoch in dict.fromkeys(found.epochs) if epoch is not None]
    if len(epochs) > 1:
        parts.append(
            f"Each block: epoch {number(epochs[0])} to {number(epochs[-1])} in {len(epochs)} "
            "checkpoints, from the left and from above."
        )
    if found.n_points < n_points:
        parts.append(f"{found.n_points:,} of {n_points:,} points, drawn at random.")
    return " ".join(parts)
