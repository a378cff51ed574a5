"""The depth figure: measures at every representation, in the order of the network."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unknot.doors import as_trace
from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.errors import UsageError
from unknot.measures import Measure, entries, measure
from unknot.traces.accuracy import comparable
from unknot.traces.representation import Trace
from unknot.views.figures.figure import Drawable, figures, width_for
from unknot.views.figures.legend import header, trace_facts
from unknot.views.figures.sheet import (
    MARGIN,
    SMALL,
    Sheet,
    fit_width,
    line_height,
    number,
    open_frame,
    root_of,
    text_width,
    tick_style,
    words,
    wrap,
)

if TYPE_CHECKING:
    import polars
    from matplotlib.figure import Figure, SubFigure

#: Drawn when none are asked for.
MEASURES = (
    "linear_probe",
    "fisher_ratio",
    "gdv",
    "silhouette",
    "neighbour_agreement",
    "intrinsic_dimension",
)
#: The same for a number to predict.
OF_A_NUMBER = ("linear_probe_r2", "participation_ratio", "intrinsic_dimension")
#: An accuracy: no classifier can beat the Bayes accuracy, so it is drawn with it.
ACCURACY = "linear_probe"
WIDTH = 8.0
#: Width of a panel as a rule, and height of its axes, in inches.
SIDE, TALL = 2.5, 1.35
#: Room left of the axes, above them for a title of one line, and between rows.
LEFT, ABOVE, GAP = 0.52, 0.42, 0.1
#: The longest name of a representation, and the least room for one, in inches.
NAME, STEP = 1.7, 0.14
COLOUR = "#00507d"
#: Size of titles: those of the usual measures fit on one line.
TITLE = 8.5
#: A panel spans at least this share of what its measure can be, so that noise looks like noise.
LEAST_SPAN = 0.05


@figures.add
def depth(
    source: Drawable,
    *,
    measures: Sequence[str] | None = None,
    size: float | None = None,
    seed: int = 0,
    ax: Axes | None = None,
    figure: "Figure | SubFigure | None" = None,
) -> "Figure":
    """Measures at every representation: one panel a measure, the network's order from the left.

    Parameters
    ----------
    source : Trace, Run or Scene
    measures : sequence of str, optional
        Names from the table of measures.
    size : float, optional
        Width in inches; the height follows.
    seed : int
        For the points and halves that measures draw.
    ax : matplotlib Axes, optional
        Where to draw the panel of one measure alone, without title, legend and notes.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    size = width_for(size, WIDTH, figure, ax)
    trace = as_trace(source)
    names = chosen_measures(measures, MEASURES if trace.n_classes else OF_A_NUMBER, ax)
    table = measure(trace, measures=names, seed=seed)
    chosen = [entries[name] for name in names]
    lists = [entry.name for entry in chosen if entry.is_list]
    if lists:
        raise UsageError(f"{lists[0]} is a list of numbers: it cannot be drawn as a line.")
    stream = stream_of(trace)
    labels = [_label(trace, k) for k in stream]
    if ax is not None:
        values = table[names[0]].to_numpy().astype(np.float64)
        _draw(ax, values, _best(trace, chosen[0]), chosen[0], stream)
        name_axis(ax, labels, size, stream)
        ax.set_ylabel(chosen[0].title, **words(style.LABEL_SIZE))
        return root_of(ax)
    columns = min(max(1, round((size - 2 * MARGIN) / SIDE)), len(chosen))
    rows = -(-len(chosen) // columns)
    share = (size - 2 * MARGIN) / columns
    below = below_names(labels)
    head = header(
        f"{trace.name}: measures by depth",
        [trace.architecture, trace_facts(trace)],
        [],
        size - 2 * MARGIN,
    )
    best = _best(trace, entries[ACCURACY])
    text = _foot(best, chosen, table, len(stream) < len(trace))
    foot = wrap(text, SMALL, size - 2 * MARGIN, most=8)
    top = MARGIN + head.height
    n_lines = max(len(_title_lines(entry, share)) for entry in chosen)
    above = ABOVE + (n_lines - 1) * line_height(TITLE)
    row_height = above + TALL + GAP
    bottom = top + rows * row_height + below
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    for i, entry in enumerate(chosen):
        left = MARGIN + (i % columns) * share + LEFT
        y = top + (i // columns) * row_height + above
        width = share - LEFT - 0.08
        _title(sheet, entry, left - LEFT + 0.04, y, share)
        axes = sheet.axes(left, y, width, TALL)
        values = table[entry.name].to_numpy().astype(np.float64)
        _draw(axes, values, _best(trace, entry), entry, stream)
        # Names stand once a column, below its last panel.
        is_lowest = i + columns >= len(chosen)
        name_axis(axes, labels if is_lowest else [""] * len(labels), width, stream)
    sheet.lines(foot, bottom)
    return sheet.figure


def stream_of(trace: Trace) -> list[int]:
    """The representations that all points pass; inside a branch a network may hold anything."""
    return [k for k, r in enumerate(trace) if r.place is None or not r.place.on_branch]


def _label(trace: Trace, k: int) -> str:
    """The name of the block that ends there, where there is one, or its own."""
    r = trace.representations[k]
    name = r.place.block if r.place is not None and r.name == r.place.name else ""
    return fit_width(name or r.name, style.CAPTION_SIZE, NAME)


def chosen_measures(
    measures: Sequence[str] | None, usual: Sequence[str], ax: Axes | None
) -> list[str]:
    """Names of the measures to draw, each once; one in axes of the user's own."""
    names = list(dict.fromkeys(usual if measures is None else measures))
    if not names:
        raise UsageError("No measures were given.\nLeave `measures` out for the usual ones.")
    if ax is not None and len(names) > 1:
        raise UsageError(
            f"ax has room for one measure; got {len(names)}.\n"
            f"Give one, such as measures=[{names[0]!r}], or figure= for all of them."
        )
    return names


def _best(trace: Trace, entry: Measure) -> float | None:
    """What no classifier can beat, for an accuracy."""
    best = comparable(trace.bayes_accuracy, trace.held_out)
    return best if entry.name == ACCURACY else None


def below_names(labels: Sequence[str]) -> float:
    """Inches that names need below the axes when they are written upwards."""
    return max(text_width(label, style.CAPTION_SIZE) for label in labels) + 0.1


def name_axis(
    axes: Axes, labels: Sequence[str], width: float, places: Sequence[float] | None = None
) -> None:
    """Write names upwards below the axes, as many as there is room for in `width` inches."""
    every = max(1, int(np.ceil(STEP * len(labels) / width)))
    at = list(range(0, len(labels), every))
    axes.set_xticks(at if places is None else [places[i] for i in at])
    axes.set_xticklabels([labels[i] for i in at], rotation=90, va="top", parse_math=False)
    axes.tick_params(**tick_style(), axis="x")


def _title_lines(entry: Measure, share: float) -> list[str]:
    return wrap(entry.title, TITLE, share - 0.1, most=2)


def _title(sheet: Sheet, entry: Measure, left: float, y: float, share: float) -> None:
    lines = _title_lines(entry, share)
    for i, line in enumerate(lines, start=1):
        sheet.text(left, y - 0.23 - (len(lines) - i) * line_height(TITLE), line, TITLE)
    if entry.direction:
        better = f"{entry.direction} is less tangled"
        sheet.text(left, y - 0.09, better, SMALL, color=style.MUTED)


def _least_span(entry: Measure) -> float:
    low, high = entry.range
    return 0.0 if low is None or high is None else LEAST_SPAN * (high - low)


def _draw(
    axes: Axes,
    values: NDArray[np.float64],
    best: float | None,
    entry: Measure,
    stream: Sequence[int],
) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    marker = 4.5 if len(stream) <= 24 else 2.5
    inside = np.setdiff1d(np.arange(len(values)), stream)
    axes.plot(stream, values[stream], color=COLOUR, linewidth=1.6, marker="o", markersize=marker)
    if len(inside):
        dots: dict[str, Any] = {"linestyle": "none", "marker": ".", "markersize": 2}
        axes.plot(inside, values[inside], color=style.MUTED, zorder=1, **dots)
    if best is not None:
        dashes: dict[str, Any] = {"color": style.INK, "linewidth": 1.1, "linestyle": (0, (5, 3))}
        axes.axhline(best, label="Bayes", **dashes)
    known = values[np.isfinite(values)]
    if len(known) == 0:
        axes.set_yticks([])
        axes.text(
            0.5,
            0.5,
            "has no meaning here",
            transform=axes.transAxes,
            ha="center",
            va="center",
            **words(style.CAPTION_SIZE),
        )
    else:
        both = [*known, *([] if best is None else [best])]
        middle, half = (max(both) + min(both)) / 2, (max(both) - min(both)) / 2
        half = max(1.12 * half, _least_span(entry) / 2, 0.01 * abs(middle), 1e-9)
        axes.set_ylim(middle - half, middle + half)
        axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        axes.yaxis.set_major_formatter(FuncFormatter(_tick))
    axes.set_xlim(-0.4, len(values) - 0.6)
    open_frame(axes)
    axes.grid(axis="y", color=style.GRID, linewidth=0.5, alpha=0.6)


def _tick(value: float, _position: int | None = None) -> str:
    return number(round(value, 12))


def _foot(
    best: float | None, chosen: Sequence[Measure], table: "polars.DataFrame", branches: bool
) -> str:
    parts: list[str] = []
    if branches:
        parts.append("Line: what all points pass; grey dots: inside a branch.")
    if best is not None and any(entry.name == ACCURACY for entry in chosen):
        parts.append(f"Dashed: the Bayes accuracy, {best:.3f}, that no classifier can beat.")
    missing: dict[str, None] = {}
    rows: list[list[dict[str, Any]] | None] = table["reasons"].to_list()
    for reasons in rows:
        for each in reasons or []:
            missing[f"{entries[each['measure']].title}: {each['reason']}."] = None
    if missing:
        parts.append("Gaps:")
    return " ".join([*parts, *missing])
