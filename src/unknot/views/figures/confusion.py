"""Right and wrong: which class the network takes for which."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unknot.doors import as_trace
from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.draw.words import drawable_names
from unknot.errors import UsageError
from unknot.motion.corners import class_order
from unknot.traces.representation import Trace
from unknot.views.figures.depth import below_names, name_axis
from unknot.views.figures.figure import JUDGED, Drawable, figures, judged_rows, width_for
from unknot.views.figures.legend import header, trace_facts
from unknot.views.figures.sheet import (
    MARGIN,
    SMALL,
    Sheet,
    fit_width,
    inches_of,
    line_height,
    root_of,
    text_width,
    tick_style,
    words,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

WIDTH = 5.5
#: The most inches of a class's name, and of the side of a cell.
NAME, CELL = 1.5, 0.6
#: Room for the names of the two sides.
SIDE = 0.26


@figures.add
def confusion(
    source: Drawable,
    *,
    points: str | None = None,
    size: float | None = None,
    ax: Axes | None = None,
    figure: "Figure | SubFigure | None" = None,
) -> "Figure":
    """How many points of each class the network takes for each class.

    Confused classes stand side by side; a cell is coloured by its share of its row.

    Parameters
    ----------
    source : Trace, Run or Scene
        With class probabilities.
    points : str, optional
        ``"held out"``, ``"training"`` or ``"all"``. Left out: the points held out, where it is
        known which those are.
    size : float, optional
        Width in inches; the height follows.
    ax : matplotlib Axes, optional
        Where to draw the matrix alone, without title and notes.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    size = width_for(size, WIDTH, figure, ax)
    trace = as_trace(source)
    _check(trace)
    rows, which = judged_rows(trace, points)
    order = list(class_order(trace)) or list(range(trace.n_classes))
    counts = confusion_counts(trace, rows)[np.ix_(order, order)]
    names = drawable_names([trace.class_names[c] for c in order])[0]
    labels = [fit_width(name, style.CAPTION_SIZE, min(NAME, size / 4)) for name in names]
    if ax is not None:
        ax.set_box_aspect(1)
        _draw(ax, counts, labels, min(inches_of(ax)), is_alone=False)
        return root_of(ax)
    left = MARGIN + SIDE + max(text_width(label, style.CAPTION_SIZE) for label in labels) + 0.1
    side = min(size - left - MARGIN, CELL * max(len(order), 3))
    room = size - 2 * MARGIN
    head = header(f"{trace.name}: right and wrong", [trace_facts(trace)], [], room)
    wrong = int(counts.sum() - np.trace(counts))
    n = f"{int(counts.sum()):,}"
    judged = f"all {n} points" if which == "all" else f"{n} {JUDGED[which]}"
    foot = wrap(
        f"Of {judged}, {wrong:,} are wrong. Rows: the class; columns: "
        "what the network says. Darker: a larger share of the class.",
        SMALL,
        room,
    )
    top = MARGIN + head.height + 0.05
    bottom = top + side + below_names(labels) + SIDE + 0.1
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    _draw(sheet.axes(left, top, side, side), counts, labels, side)
    sheet.lines(foot, bottom)
    return sheet.figure


def _check(trace: Trace) -> None:
    p = trace.probabilities
    if trace.n_classes < 2 or p is None or p.shape != (trace.n_points, trace.n_classes):
        raise UsageError(
            "The figure 'confusion' needs class probabilities of two or more classes.\n"
            "Trace a classifier, or give probabilities= to Trace.from_arrays."
        )


def confusion_counts(trace: Trace, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Points by class and most probable class, (n_classes, n_classes)."""
    n = trace.n_classes
    assert trace.probabilities is not None
    best = trace.probabilities[rows].argmax(axis=1)
    return np.bincount(trace.labels[rows].astype(np.int64) * n + best, minlength=n * n).reshape(
        n, n
    )


def _draw(
    axes: Axes, counts: NDArray[np.int64], labels: list[str], side: float, is_alone: bool = True
) -> None:
    """The matrix in axes so many inches wide; beside others it says all at its left side."""
    n = len(counts)
    shares: NDArray[np.float64] = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    right = np.eye(n, dtype=bool)
    pixels = np.ones((n, n, 3))
    # What is right in blue, what is wrong in orange, told apart by lightness alone, too.
    for mask, colour in ((right, style.rgb("#1b5e9b")), (~right, style.rgb("#c2500a"))):
        amount = np.where(mask, shares, 0) * (0.75 if mask is right else 1)
        pixels -= np.sqrt(amount)[:, :, None] * (1 - colour)
    axes.imshow(np.clip(pixels, 0, 1), aspect="auto", interpolation="nearest")
    axes.spines[:].set(color=style.GRID)
    axes.tick_params(**tick_style(length=0))
    name_axis(axes, labels, side)
    every = max(1, int(np.ceil(0.14 * n / side)))
    axes.set_yticks(list(range(0, n, every)), labels[::every], parse_math=False)
    axes.tick_params(**tick_style(length=0))
    look = words(style.LABEL_SIZE)
    axes.set_ylabel("class" if is_alone else "class (columns: prediction)", **look)
    if is_alone:
        axes.set_xlabel("prediction", **look)
    texts = [[f"{count:,}" if count else "" for count in row] for row in counts.tolist()]
    widest = max(text_width(text, SMALL) for row in texts for text in row)
    if widest + 0.04 > side / n or side / n < 0.15:
        return
    for i, row in enumerate(shares.tolist()):
        for j, share in enumerate(row):
            ink = words(SMALL, color="white" if share > 0.25 else "black")
            axes.text(float(j), float(i), texts[i][j], ha="center", va="center", **ink)
