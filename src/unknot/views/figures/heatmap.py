"""The heat map: measures at every representation and checkpoint of a run."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unknot.draw import style
from unknot.draw.words import families
from unknot.errors import UsageError
from unknot.measures import entries, measure
from unknot.traces.run import Run
from unknot.views.figures.legend import header
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

#: Drawn when none are asked for.
MEASURES = ("linear_probe", "gdv")
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
    source: Source, *, measures: Sequence[str] | None = None, size: float = WIDTH, seed: int = 0
) -> "Figure":
    """Measures of a run: representations from above to below, epochs from left to right."""
    run = source.run("heatmap")
    names = list(dict.fromkeys(MEASURES if measures is None else measures))
    if not names:
        raise UsageError("No measures were given.\nLeave `measures` out for the usual ones.")
    kept = thinned(run, int((size - 2 * MARGIN - NAME - SCALE) / CELL))
    table = measure(kept, measures=names, seed=seed)
    layers = table["representation"].to_list()
    n_epochs = len(kept.checkpoints)
    layers = [
        fit_width(name, style.CAPTION_SIZE, NAME) for name in layers[: -(-len(layers) // n_epochs)]
    ]
    epochs = [number(c.epoch) for c in kept.checkpoints]
    left = MARGIN + max(text_width(name, style.CAPTION_SIZE) for name in layers) + 0.12
    width = size - left - SCALE - MARGIN
    tall = min(TALL * len(layers), TALLEST)
    every = max(1, int(np.ceil(LEAST * len(layers) / tall)))
    head = header(
        f"{run.data.name}: measures by depth and {run.clock}",
        [run.model.architecture],
        [],
        size - 2 * MARGIN,
    )
    foot = wrap(_foot(run, n_epochs, names), SMALL, size - 2 * MARGIN)
    top = MARGIN + head.height
    bottom = top + len(names) * (ABOVE + tall + BELOW)
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN)
    head.draw(sheet)
    for name in names:
        entry = entries[name]
        better = f" ({entry.direction} is less tangled)" if entry.direction else ""
        title = fit_width(entry.title + better, style.LABEL_SIZE, size - 2 * MARGIN)
        sheet.text(MARGIN, top + ABOVE - 0.12, title, style.LABEL_SIZE)
        axes = sheet.axes(left, top + ABOVE, width, tall)
        values = table[name].to_numpy().astype(np.float64).reshape(n_epochs, -1).T
        limits = _limits(values)
        lower = entry.direction == "lower"
        draw_cells(axes, values, limits, width / n_epochs, lower, is_flat=every > 1)
        axes.set_yticks(range(0, len(layers), every), layers[::every], parse_math=False)
        axes.set_xticks(range(n_epochs), epochs)
        axes.set_xlabel(run.clock, **_words(style.LABEL_SIZE))
        draw_scale(sheet, left + width + 0.1, top + ABOVE, min(tall, 1.6), limits, lower)
        top += ABOVE + tall + BELOW
    for i, line in enumerate(foot):
        y = bottom + (i + 0.6) * line_height(SMALL)
        sheet.text(MARGIN, y, line, SMALL, color=style.MUTED)
    return sheet.figure


def draw_cells(
    axes: "Axes",
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
    axes.tick_params(
        colors=style.MUTED,
        labelsize=style.CAPTION_SIZE,
        labelfontfamily=list(families()),
        length=0,
    )
    # What is nothing beside the largest need not be told to its last digit.
    nothing = 1e-3 * max(abs(low), abs(high))
    texts = [[cell_text(0.0 if abs(v) < nothing else v) for v in row] for row in values.tolist()]
    widest = max(text_width(t, SMALL) for row in texts for t in row)
    if is_flat or widest + 0.04 > room:
        return
    for (i, j), share in np.ndenumerate(shares):
        words: dict[str, Any] = _words(SMALL) | {
            "color": "black" if share > 0.55 or np.isnan(share) else "white"
        }
        axes.text(float(j), float(i), texts[i][j], ha="center", va="center", **words)


def draw_scale(
    sheet: Sheet,
    left: float,
    top: float,
    height: float,
    limits: tuple[float, float],
    reverse: bool = False,
) -> None:
    """The colours and the values of the first and the last."""
    from matplotlib import colormaps

    pixels = colormaps[style.CONTINUOUS](
        np.linspace(0, 1, 128) if reverse else np.linspace(1, 0, 128)
    )[:, None, :3]
    sheet.image(left, top, 0.1, height, pixels)
    low, high = (cell_text(limit) for limit in limits)
    sheet.text(left + 0.15, top + 0.1, high, SMALL, color=style.MUTED)
    sheet.text(left + 0.15, top + height, low, SMALL, color=style.MUTED)


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


def thinned(run: Run, most: int) -> Run:
    """The run with at most so many checkpoints, the first and the last among them."""
    n = len(run.checkpoints)
    if n <= max(most, 2):
        return run
    chosen = np.unique(np.linspace(0, n - 1, max(most, 2)).round().astype(int))
    return replace(run, checkpoints=tuple(run.checkpoints[i] for i in chosen))


def _foot(run: Run, n_shown: int, names: Sequence[str]) -> str:
    parts: list[str] = []
    if n_shown < len(run.checkpoints):
        parts.append(f"{n_shown} of {len(run.checkpoints):,} checkpoints.")
    if run.data.bayes_accuracy is not None and "linear_probe" in names:
        parts.append(f"No classifier can be more accurate than {run.data.bayes_accuracy:.3f}.")
    directed = [bool(entries[name].direction) for name in names]
    if all(directed):
        parts.append("Light: less tangled.")
    elif any(directed):
        parts.append("Light: less tangled, or more where neither is.")
    else:
        parts.append("Light: more.")
    parts.append("–: the measure has no meaning there.")
    return " ".join(parts)


def _words(size: float) -> dict[str, Any]:
    return {
        "fontsize": size,
        "color": style.MUTED,
        "family": list(families()),
        "parse_math": False,
    }
