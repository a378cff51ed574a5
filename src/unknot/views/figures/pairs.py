"""The pairs figure: every two units of a layer against each other, each unit's own values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unknot.doors import as_trace
from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.draw.colouring import Colouring, trace_colouring
from unknot.draw.plane import Window, thresholds
from unknot.draw.words import score_of_all
from unknot.errors import UsageError
from unknot.measures import probe_score
from unknot.measures.probe import probe_rows
from unknot.motion.extent import Extent, extent_of
from unknot.traces.goodness import r2_text
from unknot.traces.note import for_readers
from unknot.traces.representation import Trace, Values
from unknot.views.figures.cloud import (
    SPIKE,
    cells_for,
    draw_cloud,
    draw_distribution,
    draw_lines,
    dress,
    number_axis,
    spike_of,
)
from unknot.views.figures.figure import Drawable, check_units, figures, last_hidden, width_for
from unknot.views.figures.legend import Key, colour_keys, header, line_keys
from unknot.views.figures.sheet import (
    MARGIN,
    SMALL,
    Sheet,
    fit_width,
    inches_of,
    line_height,
    root_of,
    words,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

WIDTH = 8.0
#: Units of one matrix.
MOST_UNITS = 10
#: Inches: the largest cell and the least, between cells, and room for numbers and names.
LARGEST, LEAST, GAP, LEFT, BELOW, ABOVE = 2.2, 0.3, 0.07, 0.62, 0.52, 0.2
#: Points for the linear probe of one pair; a standard error of 0.016 at most.
PROBE_POINTS = 2_000
#: A probe on fewer held-out points than this says little.
LEAST_PROBE_POINTS = 50


@dataclass(frozen=True)
class _Layer:
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
        """(n_points, n_units) of all units, whichever are chosen."""
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
    source: Drawable,
    *,
    size: float | None = None,
    layer: int | str | None = None,
    units: Sequence[int] | None = None,
    ax: Axes | None = None,
    figure: "Figure | SubFigure | None" = None,
) -> "Figure":
    """Every pair of a layer's units as a matrix, each unit's distribution on the diagonal.

    Parameters
    ----------
    source : Trace, Run or Scene
    size : float, optional
        Width in inches; the height follows.
    layer : int or str, optional
        By number or name; the last hidden one when left out.
    units : sequence of int, optional
        Which units to show, 10 at most. Indices: 0 is what the figure calls unit 1.
    ax : matplotlib Axes, optional
        Where to draw the matrix, or the one panel of two ``units``, without title, legend and
        notes.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    size = width_for(size, WIDTH, figure, ax)
    trace = as_trace(source)
    k = last_hidden(trace) if layer is None else trace.index(layer)
    chosen = _choose(trace, k, units)
    if ax is not None:
        _draw_into(ax, chosen, is_pair=units is not None and len(chosen.units) == 2)
        return root_of(ax)
    n = len(chosen.units)
    cell = min((size - LEFT - 2 * MARGIN + GAP) / n - GAP, LARGEST)
    # At least as wide as a legend needs.
    width = min(size, max(LEFT + n * (cell + GAP) - GAP + 2 * MARGIN, 5.0))
    head = header(_title(chosen), _facts(chosen), _keys(chosen), width - 2 * MARGIN)
    warning = wrap(_warning(chosen), style.CAPTION_SIZE, width - 2 * MARGIN)
    top = MARGIN + head.height + len(warning) * line_height(style.CAPTION_SIZE) + 0.18
    foot = wrap(_foot(chosen), SMALL, width - 2 * MARGIN)
    bottom = top + n * (cell + GAP) - GAP + BELOW
    sheet = Sheet(width, bottom + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    for i, line in enumerate(warning):
        y = MARGIN + head.height + i * line_height(style.CAPTION_SIZE) + 0.1
        colour = style.WARNING if chosen.misleads else style.MUTED
        sheet.text(MARGIN, y, line, style.CAPTION_SIZE, color=colour)

    def place(column: int, row: int) -> Axes:
        left = MARGIN + LEFT + column * (cell + GAP)
        return sheet.axes(left, top + row * (cell + GAP), cell, cell)

    _draw_matrix(chosen, cell, place)
    sheet.lines(foot, bottom + 0.4 * line_height(SMALL))
    return sheet.figure


def _draw_into(ax: Axes, layer: _Layer, is_pair: bool) -> None:
    """The matrix inside axes, or the panel of one pair."""
    width, height = inches_of(ax)
    if is_pair:
        inches = min(width, height)
        _draw_cell(ax, layer, 0, 1, cells_for(layer.trace.n_points, inches), inches)
        ax.set_xlabel(layer.name(0), **words(style.LABEL_SIZE, color=style.INK))
        ax.set_ylabel(layer.name(1), **words(style.LABEL_SIZE, color=style.INK))
        return
    n = len(layer.units)
    room = min(width - LEFT, height - BELOW - ABOVE)
    cell = min((room + GAP) / n - GAP, LARGEST)
    if cell < LEAST:
        raise UsageError(
            f"{n} units need axes of {n * (LEAST + GAP) + LEFT:.1f} inches; these have "
            f"{width:.1f} × {height:.1f}.\nMake them larger, or give fewer units=[…]."
        )
    ax.set_axis_off()

    def place(column: int, row: int) -> Axes:
        left = LEFT + column * (cell + GAP)
        below = height - ABOVE - row * (cell + GAP) - cell
        return ax.inset_axes((left / width, below / height, cell / width, cell / height))

    _draw_matrix(layer, cell, place)


def _draw_matrix(layer: _Layer, cell: float, place: Callable[[int, int], Axes]) -> None:
    """All cells, each in the axes that `place` gives for its column and row."""
    pixels = cells_for(layer.trace.n_points, cell)
    for row in range(len(layer.units)):
        for column in range(row + 1):
            axes = place(column, row)
            _draw_cell(axes, layer, column, row, pixels, cell)
            _label_cell(axes, layer, column, row, cell)


def _choose(trace: Trace, k: int, units: Sequence[int] | None) -> _Layer:
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
    probes, probe = _probes(trace, k, chosen)
    return _Layer(trace, k, chosen, extent, trace_colouring(trace), probes, probe)


def _probes(
    trace: Trace, k: int, units: tuple[int, ...]
) -> tuple[dict[tuple[int, int], float], float | None]:
    """A linear probe for every pair, and that of the whole layer as every other picture has it."""
    values = trace.representations[k].values
    rows = probe_rows(trace.labels, [values.shape[1]], most=PROBE_POINTS)
    if trace.n_classes == 1 or len(units) < 2 or len(rows) < 2 * LEAST_PROBE_POINTS:
        return {}, None
    some, labels = values[rows], trace.labels[rows]
    judges = None if trace.held_out is None else trace.held_out[rows]
    probes: dict[tuple[int, int], float] = {}
    for row in range(len(units)):
        for column in range(row):
            score = probe_score(some[:, [units[column], units[row]]], labels, judges)
            if score is not None:
                probes[column, row] = score
    return probes, score_of_all(trace, k) if probes else None


def _draw_cell(
    axes: Axes, layer: _Layer, column: int, row: int, pixels: int, inches: float
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


def _lines(layer: _Layer, i: int, j: int) -> tuple[list[Values], list[Values]]:
    lattice = layer.trace.lattice
    return ([], []) if lattice is None else lattice.split(lattice.values[layer.k][:, [i, j]])


def _label_cell(axes: Axes, layer: _Layer, column: int, row: int, cell: float) -> None:
    """Numbers and names at the left and lower edge of the matrix, and names over the diagonal."""
    n = len(layer.units)
    count = max(2, round(cell * 2.2))
    number_axis(axes, "x", count, cell, shown=row == n - 1)
    if column == row:
        axes.set_yticks([])
    else:
        number_axis(axes, "y", count, cell, shown=column == 0)
    edge = words(style.LABEL_SIZE, color=style.INK)
    if row == n - 1:
        name = fit_width(layer.name(column), style.LABEL_SIZE, cell)
        _beside(axes, name, (0.5, 0), (0, -0.36), va="baseline", **edge)
    if column == 0 and row > 0:
        name = fit_width(layer.name(row), style.LABEL_SIZE, cell)
        _beside(axes, name, (0, 0.5), (0.13 - LEFT, 0), rotation=90, va="center", **edge)
    if column == row:
        name = fit_width(layer.name(row), style.CAPTION_SIZE, cell, "bold")
        own = words(style.CAPTION_SIZE, color=style.INK, weight="bold")
        _beside(axes, name, (0.5, 1), (0, 0.03), va="bottom", **own)
    probe = layer.probes.get((column, row))
    if probe is not None:
        paper = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.0}
        look = words(SMALL, color=style.INK)
        corner = {"ha": "right", "va": "top", "zorder": 6, "bbox": paper}
        axes.text(0.97, 0.97, f"{probe:.2f}", transform=axes.transAxes, **corner, **look)


def _beside(
    axes: Axes, text: str, share: tuple[float, float], inches: tuple[float, float], **look: Any
) -> None:
    """Words so many inches from a place of the axes, given in shares of them."""
    points = (inches[0] * 72, inches[1] * 72)
    axes.annotate(
        text,
        share,
        points,
        xycoords="axes fraction",
        textcoords="offset points",
        ha="center",
        annotation_clip=False,
        **look,
    )


def _title(layer: _Layer) -> str:
    return f"{layer.trace.name}: the units of {layer.trace.representations[layer.k].name}"


def _facts(layer: _Layer) -> list[str]:
    representation = layer.trace.representations[layer.k]
    n, shown = representation.n_units, len(layer.units)
    points = f"{layer.trace.n_points:,} point{'s' * (layer.trace.n_points != 1)}"
    if shown == n:
        return [f"{points} · {n} unit{'s' * (n != 1)}"]
    variances = representation.values.var(axis=0, dtype=np.float64)
    total = float(variances.sum())
    share = float(variances[list(layer.units)].sum()) / total if total > 0 else 1.0
    return [f"{points} · {shown} of {n} units, {share:.0%} of the spread"]


def _warning(layer: _Layer) -> str:
    """What single pairs hide."""
    if layer.probe is None:
        return ""
    (column, row), best = max(layer.probes.items(), key=lambda item: item[1])
    n = layer.trace.representations[layer.k].n_units
    is_number = not layer.trace.n_classes
    text = f"A straight cut (linear probe) gets {layer.probe:.1%} right"
    if is_number:
        text = f"A linear probe comes to {r2_text(layer.probe)}"
    if n == 2:
        return f"{text}."
    pair = f"{layer.name(column)} and {layer.name(row)}"
    own = r2_text(best) if is_number else f"{best:.1%}"
    hides = "less of the target than there is" if is_number else "overlap that is not there"
    return f"{text} on all {n} units, {own} on the best pair ({pair})." + (
        f" Single pairs show {hides}." if layer.misleads else ""
    )


def _foot(layer: _Layer) -> str:
    parts = ["Every cell has the same scale."]
    if len(layer.units) == MOST_UNITS < layer.trace.representations[layer.k].n_units:
        parts.append(f"Shown are the {MOST_UNITS} units whose values vary most.")
    if layer.colouring.class_names:
        parts.append("On the diagonal: how each class is distributed over the unit's values.")
    else:
        parts.append("On the diagonal: how the points are distributed over the unit's values.")
    values = layer.trace.representations[layer.k].values
    shares = [spike_of(values[:, unit])[1] for unit in layer.units]
    if any(SPIKE <= share < 1 for share in shares):
        parts.append("A dashed line with a share: so many points have exactly that value.")
    if layer.probes:
        share = "share of held-out points that a straight cut of this pair gets right."
        r2 = "R² of a linear probe that sees this pair, of held-out points."
        parts.append(f"In the corner: {share if layer.trace.n_classes else r2}")
    return " ".join([*parts, *(note.text for note in for_readers(layer.trace.notes))])


def _keys(layer: _Layer) -> list[Key]:
    keys = colour_keys(layer.colouring)
    if len(layer.units) > 1:
        return [*keys, *line_keys([layer.trace])]
    low = float(layer.extent.centre[0]) - layer.extent.radius
    if layer.thresholds(low, low + 2 * layer.extent.radius):
        keys.append(Key("decision threshold", "line", style.BOUNDARY))
    return keys
