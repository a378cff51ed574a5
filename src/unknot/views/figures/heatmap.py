"""Matrices: measures by depth and epoch, and how alike every two representations are."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import spread_rows
from unknot.doors import as_run, as_shown, as_trace
from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.measures import Similarities, entries, measure, similarities
from unknot.traces.accuracy import comparable
from unknot.traces.run import Run
from unknot.views.figures.depth import below_names, chosen_measures, name_axis
from unknot.views.figures.figure import Drawable, figures, width_for
from unknot.views.figures.legend import header, trace_facts
from unknot.views.figures.sheet import (
    MARGIN,
    SMALL,
    Sheet,
    fit_width,
    inches_of,
    line_height,
    number,
    root_of,
    text_width,
    tick_style,
    words,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

#: Drawn when none are asked for.
MEASURES = ("linear_probe", "gdv")
OF_A_NUMBER = ("linear_probe_r2", "participation_ratio")
WIDTH = 7.0
#: Inches of a cell: the least that holds a number, and its height.
CELL, TALL = 0.44, 0.27
#: The most inches of a map's height, and the least of a row that holds a number or a name.
TALLEST, LEAST = 6.0, 0.14
#: Room above a map for its title, below for the epochs, and for the colour scale.
ABOVE, BELOW, SCALE = 0.34, 0.52, 0.62
#: The longest name of a representation, in inches.
NAME = 1.7


@figures.add
def heatmap(
    source: Run,
    *,
    measures: Sequence[str] | None = None,
    size: float | None = None,
    seed: int = 0,
    ax: Axes | None = None,
    figure: "Figure | SubFigure | None" = None,
) -> "Figure":
    """Measures of a run: representations from above to below, epochs from left to right.

    Parameters
    ----------
    source : Run
    measures : sequence of str, optional
        Names from the table of measures.
    size : float, optional
        Width in inches; the height follows.
    seed : int
        For the points and halves that measures draw.
    ax : matplotlib Axes, optional
        Where to draw the map of one measure alone, without title, legend and notes.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    size = width_for(size, WIDTH, figure, ax)
    run = as_run(source, purpose="The figure 'heatmap'")
    names = chosen_measures(measures, MEASURES if run.data.n_classes else OF_A_NUMBER, ax)
    thin = _thinned(run, int((size - (0 if ax else 2 * MARGIN + NAME + SCALE)) / CELL))
    table = measure(thin, measures=names, seed=seed)
    n_epochs = len(thin.checkpoints)
    layers = [
        fit_width(name, style.CAPTION_SIZE, NAME)
        for name in table["representation"].to_list()[: table.height // n_epochs]
    ]

    def draw(axes: Axes, name: str, width: float, tall: float) -> None:
        """The map of one measure."""
        every = max(1, int(np.ceil(LEAST * len(layers) / tall)))
        values = table[name].to_numpy().astype(np.float64).reshape(n_epochs, -1).T
        limits, lower = _limits(values), entries[name].direction == "lower"
        draw_cells(axes, values, limits, width / n_epochs, lower, is_flat=every > 1)
        axes.set_yticks(range(0, len(layers), every), layers[::every], parse_math=False)
        axes.set_xticks(range(n_epochs), [number(c.epoch) for c in thin.checkpoints])
        axes.set_xlabel(run.clock, **words(style.LABEL_SIZE))
        draw_scale(axes, (width, tall), limits, lower)

    if ax is not None:
        draw(ax, names[0], *inches_of(ax))
        return root_of(ax)
    left = MARGIN + max(text_width(name, style.CAPTION_SIZE) for name in layers) + 0.12
    width = size - left - SCALE - MARGIN
    tall = min(TALL * len(layers), TALLEST)
    head = header(
        f"{run.data.name}: measures by depth and {run.clock}",
        [run.model.architecture],
        [],
        size - 2 * MARGIN,
    )
    foot = wrap(_foot(run, n_epochs, names), SMALL, size - 2 * MARGIN)
    top = MARGIN + head.height
    bottom = top + len(names) * (ABOVE + tall + BELOW)
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    for name in names:
        entry = entries[name]
        better = f": {entry.direction} is less tangled" if entry.direction else ""
        title = fit_width(entry.title + better, style.LABEL_SIZE, size - 2 * MARGIN)
        sheet.text(MARGIN, top + ABOVE - 0.12, title, style.LABEL_SIZE)
        draw(sheet.axes(left, top + ABOVE, width, tall), name, width, tall)
        top += ABOVE + tall + BELOW
    sheet.lines(foot, bottom)
    return sheet.figure


def draw_cells(
    axes: Axes,
    values: NDArray[np.float64],
    limits: tuple[float, float],
    room: float,
    reverse: bool = False,
    is_flat: bool = False,
) -> None:
    """Colour the cells of a matrix, with their numbers where there is room for them.

    Parameters
    ----------
    axes : matplotlib Axes
    values : (n_rows, n_columns) float64
        NaN cells stay grey.
    limits : (float, float)
        Values of the first and last colour.
    room : float
        Width of a cell in inches.
    reverse : bool
        Light is low: for measures of which less is better.
    is_flat : bool
        The cells are too low for numbers.
    """
    from matplotlib import colormaps

    colours = colormaps[style.CONTINUOUS].with_extremes(bad="#e4e4e4")
    low, high = limits
    shares = (values - low) / max(high - low, 1e-300)
    if reverse:
        shares = 1 - shares
    axes.imshow(np.ma.masked_invalid(shares), cmap=colours, vmin=0, vmax=1, aspect="auto")
    axes.spines[:].set_visible(False)
    axes.tick_params(**tick_style(length=0))
    # What is nothing beside the largest need not be shown to its last digit.
    nothing = 1e-3 * max(abs(low), abs(high))
    texts = [[cell_text(0.0 if abs(v) < nothing else v) for v in row] for row in values.tolist()]
    if np.all(values[np.isfinite(values)] % 1 == 0):
        texts = [["–" if np.isnan(v) else f"{v:.0f}" for v in row] for row in values.tolist()]
    widest = max(text_width(t, SMALL) for row in texts for t in row)
    if is_flat or widest + 0.04 > room:
        return
    for (i, j), share in np.ndenumerate(shares):
        look = words(SMALL, color="black" if share > 0.55 or np.isnan(share) else "white")
        axes.text(float(j), float(i), texts[int(i)][int(j)], ha="center", va="center", **look)


def draw_scale(
    axes: Axes,
    inches: tuple[float, float],
    limits: tuple[float, float],
    reverse: bool = False,
) -> None:
    """The colours and the values of the first and the last, on the right of axes of that size."""
    from matplotlib import colormaps

    width, height = inches
    tall = min(height, 1.6)
    steps = np.linspace(0, 1, 128) if reverse else np.linspace(1, 0, 128)
    scale = axes.inset_axes((1 + 0.1 / width, 1 - tall / height, 0.1 / width, tall / height))
    scale.set_axis_off()
    pixels = colormaps[style.CONTINUOUS](steps)[:, None, :3]
    scale.imshow(pixels, aspect="auto", interpolation="bilinear")
    for limit, down in ((limits[1], 0.1), (limits[0], tall)):
        y = 1 - down / tall
        scale.text(1.5, y, cell_text(limit), transform=scale.transAxes, **words(SMALL))


def cell_text(value: float) -> str:
    """``"0.886"``, ``"−1.23"``, ``"12.3"``; a dash where there is no value."""
    if not np.isfinite(value):
        return "–"
    if 1e-3 <= abs(value) < 10:
        return f"{value:.{3 if abs(value) < 1 else 2}f}".replace("-", "−")
    return number(value)


def _limits(values: NDArray[np.float64]) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _thinned(run: Run, most: int) -> Run:
    """The run with at most so many checkpoints, the first and the last among them."""
    n = len(run.checkpoints)
    if n <= max(most, 2):
        return run
    chosen = spread_rows(n, max(most, 2))
    return replace(run, checkpoints=tuple(run.checkpoints[int(i)] for i in chosen))


def _foot(run: Run, n_shown: int, names: Sequence[str]) -> str:
    parts: list[str] = []
    if n_shown < len(run.checkpoints):
        parts.append(f"{n_shown} of {len(run.checkpoints):,} checkpoints.")
    best = comparable(run.data.bayes_accuracy, run.held_out)
    if best is not None and "linear_probe" in names:
        parts.append(f"No classifier can be more accurate than {best:.3f}.")
    directed = [bool(entries[name].direction) for name in names]
    if all(directed):
        parts.append("Light: less tangled.")
    elif any(directed):
        parts.append("Light: less tangled, or more where neither is.")
    else:
        parts.append("Light: more.")
    parts.append("–: the measure has no meaning there.")
    return " ".join(parts)


CKA_WIDTH = 6.0
#: The narrowest cell of a run, in inches.
CKA_CELL = 0.035
CKA_FOOT = (
    "Linear CKA (Kornblith et al. 2019): 1 when two clouds are equal but for rotation, scale and "
    "position, 0 when no unit of one goes with any of the other. –: a cloud without extent."
)


@figures.add
def cka(
    source: Drawable,
    *,
    size: float | None = None,
    seed: int = 0,
    ax: Axes | None = None,
    figure: "Figure | SubFigure | None" = None,
) -> "Figure":
    """Linear CKA between all representations as a matrix; of a run, at all its epochs.

    Parameters
    ----------
    source : Trace, Run or Scene
    size : float, optional
        Width in inches; the height follows.
    seed : int
        For the points that are drawn where there are many.
    ax : matplotlib Axes, optional
        Where to draw the panel alone, without title, legend and notes.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    size = width_for(size, CKA_WIDTH, figure, ax)
    shown = as_shown(source)
    trace = as_trace(shown)
    n = len(trace.representations)
    names = [
        fit_width(r.name, style.CAPTION_SIZE, min(NAME, size / 4)) for r in trace.representations
    ]
    left = MARGIN + max(text_width(name, style.CAPTION_SIZE) for name in names) + 0.12
    side = size - left - SCALE - MARGIN if ax is None else min(inches_of(ax))
    run = shown if isinstance(shown, Run) and len(shown.checkpoints) > 1 else None
    if run is None and ax is None:
        # A matrix of two need not be as large as one of twenty.
        side = min(side, 0.75 * max(n, 2))
    thin = trace if run is None else _thinned(run, int(side / CKA_CELL / n))
    alike = similarities(thin, seed=seed)
    if ax is not None:
        ax.set_box_aspect(1)
        _draw_alike(ax, alike, names, side)
        return root_of(ax)
    room = size - 2 * MARGIN
    what = "representations and epochs" if run else "representations"
    head = header(
        f"{trace.name}: similarity of {what}", [trace.architecture, trace_facts(trace)], [], room
    )
    foot = wrap(_cka_foot(alike, trace.n_points), SMALL, room, most=6)
    top = MARGIN + head.height + 0.08
    bottom = top + side + below_names(names) + 0.1
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    _draw_alike(sheet.axes(left, top, side, side), alike, names, side)
    sheet.lines(foot, bottom)
    return sheet.figure


def _draw_alike(axes: Axes, alike: Similarities, names: list[str], side: float) -> None:
    draw_cells(axes, alike.values, (0.0, 1.0), side / len(alike.values))
    _name_blocks(axes, names, len(alike.values) // len(names), side)
    draw_scale(axes, (side, side), (0.0, 1.0))


def _name_blocks(axes: Axes, names: list[str], n_epochs: int, side: float) -> None:
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


def _cka_foot(alike: Similarities, n_points: int) -> str:
    parts = [CKA_FOOT]
    epochs = [epoch for epoch in dict.fromkeys(alike.epochs) if epoch is not None]
    if len(epochs) > 1:
        parts.append(
            f"Each block: epoch {number(epochs[0])} to {number(epochs[-1])} in {len(epochs)} "
            "checkpoints, from the left and from above."
        )
    if alike.n_points < n_points:
        parts.append(f"{alike.n_points:,} of {n_points:,} points, drawn at random.")
    return " ".join(parts)
