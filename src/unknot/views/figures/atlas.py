"""The atlas: which width theorems ask for, which exists, and which training finds."""

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.errors import UsageError
from unknot.views.figures.figure import figures, width_for
from unknot.views.figures.heatmap import draw_cells, draw_scale
from unknot.views.figures.legend import header
from unknot.views.figures.sheet import (
    MARGIN,
    SMALL,
    Sheet,
    fit_width,
    line_height,
    wrap,
)

if TYPE_CHECKING:
    import polars
    from matplotlib.figure import Figure, SubFigure

#: Inches: side of a cell, room left of a row, between panels, above and below one, for the scale.
CELL, LEFT, GAP, ABOVE, BELOW, SCALE = 0.34, 0.62, 0.62, 0.34, 0.5, 0.7
#: What an atlas's table has and no other.
COLUMNS = ("data", "activation", "depth", "width", "share", "forbidden_by", "promised_by")
EXPLANATION = (
    "Colour and number: how many of 100 random starts come within the tolerance of the best "
    "possible accuracy. Hatched: a theorem forbids that any region closes around the inner class. "
    "White line: from here on a theorem promises that the width can do it. Red frame: training "
    "and theorem disagree; the table says how."
)


@figures.add
def atlas(
    source: "polars.DataFrame",
    *,
    size: float | None = None,
    figure: "Figure | SubFigure | None" = None,
) -> "Figure":
    """Share of starts that find a network, by width and depth; a panel a data set and activation.

    Parameters
    ----------
    source : polars.DataFrame
        What ``unknot.atlas`` returns, its table, or that table read from its file.
    size : float, optional
        Width in inches; the height follows. Left out, cells have room for their numbers.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    table: Any = getattr(source, "table", source)
    missing = [name for name in COLUMNS if name not in getattr(table, "columns", ())]
    if missing or not table.height:
        raise UsageError(
            "The figure 'atlas' shows the table of an atlas, with cells in it; this has "
            f"{'no ' + ', '.join(missing) if missing else 'none'}.\n"
            "Make one: unknot.atlas(out='atlas.parquet')"
        )
    names, kinds, depths, widths = (
        cast("list[Any]", table[name].unique(maintain_order=True).to_list())
        for name in ("data", "activation", "depth", "width")
    )
    own = LEFT + len(kinds) * (CELL * len(widths) + GAP) + SCALE + 2 * MARGIN - GAP
    size = width_for(size, max(own, 5.5), figure)
    inner = (size - 2 * MARGIN - LEFT - SCALE - (len(kinds) - 1) * GAP) / len(kinds)
    tall = CELL * len(depths)
    head = header("atlas of widths", [], [], size - 2 * MARGIN)
    foot = wrap(EXPLANATION, SMALL, size - 2 * MARGIN, most=8)
    top = MARGIN + head.height + 0.1
    bottom = top + len(names) * (ABOVE + tall + BELOW)
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    for row, name in enumerate(names):
        for column, kind in enumerate(kinds):
            left = MARGIN + LEFT + column * (inner + GAP)
            y = top + row * (ABOVE + tall + BELOW) + ABOVE
            title = fit_width(f"{name}, {kind}", style.LABEL_SIZE, inner)
            sheet.text(left, y - 0.08, title, style.LABEL_SIZE)
            axes = sheet.axes(left, y, inner, tall)
            cells = table.filter((table["data"] == name) & (table["activation"] == kind))
            _draw(axes, cells.to_dicts(), widths, depths, inner)
            axes.set_xlabel("units of each layer", fontsize=SMALL, color=style.MUTED)
            if column == 0:
                axes.set_ylabel("layers", fontsize=SMALL, color=style.MUTED)
            if row == 0 and column == len(kinds) - 1:
                draw_scale(axes, (inner, tall), (0.0, 100.0))
    sheet.lines(foot, bottom)
    return sheet.figure


def _draw(
    axes: Axes, cells: list[dict[str, Any]], widths: list[int], depths: list[int], inner: float
) -> None:
    from matplotlib.patches import Rectangle

    values = np.full((len(depths), len(widths)), np.nan)
    promised: dict[int, int] = {}
    frames: list[tuple[int, int, dict[str, Any]]] = []
    for cell in cells:
        row, column = depths.index(cell["depth"]), widths.index(cell["width"])
        values[row, column] = round(100 * cell["share"])
        if cell["forbidden_by"] is not None:
            frames.append((row, column, {"hatch": "///", "edgecolor": "#ffffff", "linewidth": 0}))
        if cell["contradiction"] is not None:
            frames.append((row, column, {"edgecolor": "#e4002b", "linewidth": 1.6, "zorder": 4}))
        if cell["promised_by"] is not None:
            promised[row] = min(column, promised.get(row, column))
    draw_cells(axes, values, (0.0, 100.0), inner / len(widths))
    for row, column, look in frames:
        axes.add_patch(Rectangle((column - 0.46, row - 0.46), 0.92, 0.92, fill=False, **look))
    for row, column in promised.items():
        x = column - 0.5
        axes.plot([x, x], [row - 0.5, row + 0.5], color="#ffffff", linewidth=2.5, zorder=5)
    axes.set_xticks(range(len(widths)), [str(width) for width in widths])
    axes.set_yticks(range(len(depths)), [str(depth) for depth in depths])
