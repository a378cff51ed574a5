"""The pairs figure: every two units of a layer against each other, each unit's own values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unknot.draw import style
from unknot.draw.colouring import Colouring, trace_colouring
from unknot.draw.notes import picture_notes
from unknot.draw.plane import Window, thresholds
from unknot.measures import linear_probe
from unknot.motion.extent import Extent, extent_of
from unknot.motion.projection import spread_rows
from unknot.traces.representation import Trace, Values
from unknot.views.figures.cloud import cells_for, draw_cloud, draw_lines, dress, number_axis
from unknot.views.figures.distribution import draw_distribution
from unknot.views.figures.legend import Key, colour_keys, header, line_keys
from unknot.views.figures.sheet import (
    MARGIN,
    SMALL,
    Sheet,
    fit_width,
    line_height,
    wrap,
)
from unknot.views.figures.source import Source, check_units, last_hidden, layer_index
from unknot.views.figures.table import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 8.0
#: Units of one matrix.
MOST_UNITS = 10
#: Inches: the largest cell, between cells, and room for numbers and names.
LARGEST, GAP, LEFT, BELOW = 2.2, 0.07, 0.62, 0.52
#: Points for the linear probe of one pair; a standard error of 0.016 at most.
PROBE_POINTS = 2_000
#: A probe on fewer held-out points than this says little.
LEAST_PROBE_POINTS = 50


@dataclass(frozen=True)
class Layer:
    """The chosen units of a representation.

    Attributes
    ----------
    trace : Trace
    k : int
        Which representation.
    units : tuple of int
    extent : Extent
        A cube around the chosen units: the same scale in every cell.
    colouring : Colouring
    probes : dict of (int, int) to float
        Held-out accuracy of a linear probe that sees two units only.
    probe : float or None
        The same for one that sees all.
    """

    trace: Trace
    k: int
    units: tuple[int, ...]
    extent: Extent
    colouring: Colouring
    probes: dict[tuple[int, int], float]
    probe: float | None

    @property
    def values(self) -> Values:
        return self.trace.representations[self.k].values

    def name(self, i: int) -> str:
        """Of the i-th chosen unit."""
        return self.trace.unit_titles(self.k)[self.units[i]]

    def window(self, i: int, j: int, pixels: int) -> Window:
        """What the cell of units `i` (across) and `j` (up) looks at."""
        centre = self.extent.centre
        return Window.around(float(centre[i]), float(centre[j]), self.extent.radius, pixels, pixels)

    def thresholds(self, low: float, high: float) -> list[float]:
        """Where the decision changes, when the layer has one unit only."""
        if self.values.shape[1] > 1:
            return []
        return thresholds(self.trace, self.k, low, high)

    @property
    def misleads(self) -> bool:
        """True when no pair shows how well the classes are separated (gap over 0.02)."""
        return self.probe is not None and self.probe - max(self.probes.values()) > 0.02


@figures.add
def pairs(
    source: Source,
    *,
    size: float = WIDTH,
    layer: int | str | None = None,
    units: Sequence[int] | None = None,
) -> "Figure":
    """Every pair of a layer's units as a matrix, each unit's distribution on the diagonal."""
    trace = source.trace
    chosen = _choose(trace, layer_index(trace, layer, last_hidden(trace)), units)
    n = len(chosen.units)
    cell = min((size - LEFT - 2 * MARGIN + GAP) / n - GAP, LARGEST)
    # At least as wide as a legend needs.
    width = min(size, max(LEFT + n * (cell + GAP) - GAP + 2 * MARGIN, 5.0))
    head = header(_title(chosen), _facts(chosen), _keys(chosen), width - 2 * MARGIN)
    warning = wrap(_warning(chosen), style.CAPTION_SIZE, width - 2 * MARGIN)
    top = MARGIN + head.height + len(warning) * line_height(style.CAPTION_SIZE) + 0.18
    foot = wrap(_foot(chosen), SMALL, width - 2 * MARGIN)
    bottom = top + n * (cell + GAP) - GAP + BELOW
    sheet = Sheet(width, bottom + len(foot) * line_height(SMALL) + MARGIN)
    head.draw(sheet)
    pixels = cells_for(trace.n_points, cell)
    for i, line in enumerate(warning):
        y = MARGIN + head.height + i * line_height(style.CAPTION_SIZE) + 0.1
        colour = style.WARNING if chosen.misleads else style.MUTED
        sheet.text(MARGIN, y, line, style.CAPTION_SIZE, color=colour)
    for row in range(n):
        for column in range(row + 1):
            left = MARGIN + LEFT + column * (cell + GAP)
            axes = sheet.axes(left, top + row * (cell + GAP), cell, cell)
            _draw_cell(axes, chosen, column, row, pixels, cell)
            _label_cell(sheet, axes, chosen, column, row, cell)
    for i, line in enumerate(foot):
        sheet.text(MARGIN, bottom + (i + 1) * line_height(SMALL), line, SMALL, color=style.MUTED)
    return sheet.figure


def _choose(trace: Trace, k: int, units: Sequence[int] | None) -> Layer:
    representation = trace.representations[k]
    values = representation.values
    if units is not None:
        chosen = check_units(representation, units, 1, MOST_UNITS)
    elif representation.n_units <= MOST_UNITS:
        chosen = tuple(range(representation.n_units))
    else:
        widest = np.argsort(-values.var(axis=0, dtype=np.float64), kind="stable")[:MOST_UNITS]
        chosen = tuple(sorted(widest.tolist()))
    extent = extent_of(values[:, list(chosen)])
    probes, probe = _probes(trace, values, chosen)
    return Layer(trace, k, chosen, extent, trace_colouring(trace), probes, probe)


def _probes(
    trace: Trace, values: Values, units: tuple[int, ...]
) -> tuple[dict[tuple[int, int], float], float | None]:
    """A linear probe for every pair, and one for the whole layer."""
    rows = spread_rows(trace.n_points, PROBE_POINTS)
    if not trace.n_classes or len(units) < 2 or len(rows) < 2 * LEAST_PROBE_POINTS:
        return {}, None
    some, labels = values[rows], trace.labels[rows]
    full = linear_probe(some, labels)
    found: dict[tuple[int, int], float] = {}
    for row in range(len(units)):
        for column in range(row):
            accuracy = linear_probe(some[:, [units[column], units[row]]], labels)
            if accuracy is not None:
                found[column, row] = accuracy
    return found, full if found else None


def _draw_cell(
    axes: "Axes", layer: Layer, column: int, row: int, pixels: int, inches: float
) -> None:
    dress(axes, SMALL)
    window = layer.window(column, row, pixels)
    i, j = layer.units[column], layer.units[row]
    if column == row:
        low, high = window.low[0], window.high[0]
        draw_distribution(axes, layer.values[:, i], layer.colouring, low, high)
        for place in layer.thresholds(low, high):
            axes.axvline(place, color=style.BOUNDARY, linewidth=1.3, zorder=5)
        return
    draw_cloud(axes, layer.values[:, [i, j]], layer.colouring, window, inches)
    grid, boundary = _lines(layer, i, j)
    draw_lines(axes, grid, colors=style.INK, linewidths=0.3, alpha=0.25, zorder=1)
    draw_lines(axes, boundary, colors=style.BOUNDARY, linewidths=1.0, zorder=1.5)


def _lines(layer: Layer, i: int, j: int) -> tuple[list[Values], list[Values]]:
    lattice = layer.trace.lattice
    return ([], []) if lattice is None else lattice.split(lattice.values[layer.k][:, [i, j]])


def _label_cell(
    sheet: Sheet, axes: "Axes", layer: Layer, column: int, row: int, cell: float
) -> None:
    n = len(layer.units)
    count = max(2, round(cell * 2.2))
    number_axis(axes, "x", count, cell, shown=row == n - 1)
    if column == row:
        axes.set_yticks([])
    else:
        number_axis(axes, "y", count, cell, shown=column == 0)
    text: dict[str, Any] = {"ha": "center", "color": style.INK}
    box = axes.get_position()
    x, y = (box.x0 + box.x1) / 2 * sheet.width, (1 - (box.y0 + box.y1) / 2) * sheet.height
    name = fit_width(layer.name(column), style.LABEL_SIZE, cell)
    if row == n - 1:
        sheet.text(x, y + cell / 2 + 0.36, name, style.LABEL_SIZE, **text)
    if column == 0 and row > 0:
        name = fit_width(layer.name(row), style.LABEL_SIZE, cell)
        sheet.text(MARGIN + 0.13, y, name, style.LABEL_SIZE, rotation=90, va="center", **text)
    if column == row:
        name = fit_width(layer.name(row), style.CAPTION_SIZE, cell, "bold")
        text = {"va": "bottom", "ha": "center", "weight": "bold"}
        sheet.text(x, y - cell / 2 - 0.03, name, style.CAPTION_SIZE, **text)
    probe = layer.probes.get((column, row))
    if probe is not None:
        _corner(axes, f"{probe:.2f}")


def _corner(axes: "Axes", text: str) -> None:
    axes.text(
        0.97,
        0.97,
        text,
        transform=axes.transAxes,
        ha="right",
        va="top",
        fontsize=SMALL,
        color=style.INK,
        family=style.FONT,
        zorder=6,
        bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.0},
    )


def _title(layer: Layer) -> str:
    return f"{layer.trace.name}: the units of {layer.trace.representations[layer.k].name}"


def _facts(layer: Layer) -> list[str]:
    representation = layer.trace.representations[layer.k]
    n, shown = representation.n_units, len(layer.units)
    points = f"{layer.trace.n_points:,} point{'s' * (layer.trace.n_points != 1)}"
    if shown == n:
        return [f"{points} · {n} unit{'s' * (n != 1)}"]
    variances = representation.values.var(axis=0, dtype=np.float64)
    total = float(variances.sum())
    share = float(variances[list(layer.units)].sum()) / total if total > 0 else 1.0
    return [f"{points} · {shown} of {n} units, {share:.0%} of the variance"]


def _warning(layer: Layer) -> str:
    """What single pairs hide."""
    if layer.probe is None:
        return ""
    (column, row), best = max(layer.probes.items(), key=lambda item: item[1])
    n = layer.trace.representations[layer.k].n_units
    names = f"{layer.units[column]} and {layer.units[row]}"
    text = f"A linear probe reaches {layer.probe:.3f} on all {n} units, {best:.3f} on the best pair"
    if n == 2:
        return f"A linear probe reaches {layer.probe:.3f}."
    return f"{text} ({names})." + (
        " Single pairs show overlap that is not there." if layer.misleads else ""
    )


def _foot(layer: Layer) -> str:
    parts = ["Every cell has the same scale."]
    if len(layer.units) == MOST_UNITS < layer.trace.representations[layer.k].n_units:
        parts.append(f"Shown are the {MOST_UNITS} units of largest variance.")
    if layer.colouring.class_names:
        parts.append("On the diagonal: how each class is distributed over the unit's values.")
    else:
        parts.append("On the diagonal: how the points are distributed over the unit's values.")
    if layer.probes:
        parts.append("In the corner: held-out accuracy of a linear probe that sees this pair only.")
    return " ".join([*parts, *picture_notes(layer.trace)])


def _keys(layer: Layer) -> list[Key]:
    keys = colour_keys(layer.colouring)
    if len(layer.units) > 1:
        return [*keys, *line_keys([layer.trace])]
    low = float(layer.extent.centre[0]) - layer.extent.radius
    if layer.thresholds(low, low + 2 * layer.extent.radius):
        keys.append(Key("decision threshold", "line", style.BOUNDARY))
    return keys
