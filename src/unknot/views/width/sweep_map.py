"""The heat map of a sweep: depth against width, one map an activation."""

from typing import TYPE_CHECKING, Any

import numpy as np

from unknot.draw import style
from unknot.draw.words import families
from unknot.errors import UsageError
from unknot.views.figures.heatmap import draw_cells, draw_scale
from unknot.views.figures.legend import header
from unknot.views.figures.sheet import MARGIN, SMALL, Sheet, line_height, wrap

if TYPE_CHECKING:
    import polars
    from matplotlib.figure import Figure

WIDTH = 6.0
#: Inches: height of a row, room left of, above and below a map, and for the colour scale.
TALL, LEFT, ABOVE, BELOW, SCALE = 0.34, 0.62, 0.36, 0.52, 0.72
#: What a sweep's table must have for the map.
COLUMNS = ("depth", "width", "activation", "accuracy")


def sweep_map(table: "polars.DataFrame", *, size: float = WIDTH) -> "Figure":
    """The best accuracy at every depth and width, one map an activation.

    Parameters
    ----------
    table : polars.DataFrame
        What ``sweep`` returns; shapes whose layers differ in width are left out.
    size : float
        Width in inches.
    """
    import polars as pl

    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise UsageError(
            f"This table has no {', '.join(missing)}: it is not that of a sweep.\n"
            "Make one: unknot.sweep(data, hidden=[[2], [3], [2, 2], [3, 3]])"
        )
    even = table.filter(pl.col("width").is_not_null())
    if not even.height:
        raise UsageError(
            "No shape of this sweep has layers of one width: there is no map to draw.\n"
            "Sweep over shapes such as [2], [3], [2, 2], [3, 3]."
        )
    widths = even["width"].unique().sort().to_list()
    depths = even["depth"].unique().sort().to_list()
    names = even["activation"].unique(maintain_order=True).to_list()
    best = even.group_by("activation", "depth", "width").agg(pl.col("accuracy").max())
    limits = (float(min(best["accuracy"])), float(max(best["accuracy"])))
    bayes = table["bayes_accuracy"][0] if "bayes_accuracy" in table.columns else None
    text = "The number in a cell is the best of its trainings; grey: not tried."
    if bayes is not None:
        text += f" No classifier can beat {bayes:.4f}."
    room = size - 2 * MARGIN
    head = header("accuracy by depth and width", [], [], room)
    foot = wrap(text, SMALL, room)
    tall = TALL * len(depths)
    top = MARGIN + head.height
    bottom = top + len(names) * (ABOVE + tall + BELOW)
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN)
    head.draw(sheet)
    inner = room - LEFT - SCALE
    words: dict[str, Any] = {
        "fontsize": style.LABEL_SIZE,
        "family": list(families()),
        "color": style.INK,
    }
    for name in names:
        values = np.full((len(depths), len(widths)), np.nan)
        for _, depth, width, value in best.filter(pl.col("activation") == name).iter_rows():
            values[depths.index(depth), widths.index(width)] = value
        sheet.text(MARGIN, top + ABOVE - 0.12, name, style.LABEL_SIZE)
        axes = sheet.axes(MARGIN + LEFT, top + ABOVE, inner, tall)
        draw_cells(axes, values, limits, inner / len(widths))
        axes.set_xticks(range(len(widths)), [str(width) for width in widths])
        axes.set_yticks(range(len(depths)), [str(depth) for depth in depths])
        axes.set_xlabel("units of each hidden layer", **words)
        axes.set_ylabel("hidden layers", **words)
        draw_scale(sheet, MARGIN + LEFT + inner + 0.1, top + ABOVE, min(tall, 1.6), limits, False)
        top += ABOVE + tall + BELOW
    for i, line in enumerate(foot):
        y = bottom + (i + 0.6) * line_height(SMALL)
        sheet.text(MARGIN, y, line, SMALL, color=style.MUTED)
    return sheet.figure
