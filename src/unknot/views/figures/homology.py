"""Pieces and holes of each class: barcodes of one layer, persistence diagrams of all."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unknot.doors import as_trace
from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.draw.colouring import trace_colouring
from unknot.errors import UsageError
from unknot.measures import topology
from unknot.measures.clouds import random_order
from unknot.measures.topology import MAX_CLASSES, Persistence
from unknot.traces.representation import Trace
from unknot.views.figures.figure import Drawable, figures, width_for
from unknot.views.figures.legend import Key, colour_keys, header, trace_facts
from unknot.views.figures.sheet import (
    MARGIN,
    SMALL,
    Sheet,
    fit_width,
    line_height,
    open_frame,
    root_of,
    tick_style,
    words,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

#: As many points as the measure `betti` is given.
MAX_POINTS = 20_000
MAX_VALUES = 2_000_000
#: What is counted in each dimension.
DIMENSIONS = ("pieces", "holes")
EXPLANATION = (
    "Distance: steps from neighbour to neighbour among chosen points of the class (landmarks). "
    "Dashed: 2 steps, where pieces and holes are counted. Ripser; Naitzat, Zhitnikov, Lim (2020)."
)


@dataclass(frozen=True)
class ClassBars:
    """The bars of one class.

    Attributes
    ----------
    name : str
    colour : colour
    persistence : Persistence or None
        None for a class without points.
    """

    name: str
    colour: Any
    persistence: Persistence | None

    @property
    def counts(self) -> str:
        """``"1 piece, 2 holes"`` at the scale at which they are counted."""
        if self.persistence is None:
            return "no points"
        words = zip(self.persistence.betti(), ("piece", "hole"), strict=True)
        return ", ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in words)


def grouped(diagram: NDArray[np.float64]) -> list[tuple[float, float, int]]:
    """Birth, death and number of equal bars, in order of birth and death."""
    bars, counts = np.unique(diagram.reshape(-1, 2), axis=0, return_counts=True)
    return [(b, d, int(n)) for (b, d), n in zip(bars.tolist(), counts, strict=True)]


def check_classes(trace: Trace, what: str) -> None:
    """Raise `UsageError` where there are no classes, or too many."""
    if trace.labels.dtype.kind != "i":
        raise UsageError(
            f"The figure {what!r} shows the topology of classes; the labels of this trace are "
            "numbers to predict."
        )
    if trace.n_classes > MAX_CLASSES:
        raise UsageError(
            f"The figure {what!r} shows up to {MAX_CLASSES} classes; "
            f"this trace has {trace.n_classes}."
        )


def class_bars(trace: Trace, k: int, seed: int) -> list[ClassBars]:
    """The bars of every class in representation `k`."""
    values = trace.representations[k].values
    most = min(MAX_POINTS, max(MAX_VALUES // max(values.shape[1], 1), 1_000))
    rows = random_order(trace.labels, seed)[:most]
    colouring = trace_colouring(trace)
    result: list[ClassBars] = []
    for c, name in enumerate(colouring.class_names[: trace.n_classes]):
        own = values[rows[trace.labels[rows] == c]]
        bars = topology.persistence(own) if len(own) else None
        result.append(ClassBars(name, tuple(colouring.palette[c]), bars))
    return result


BARS_WIDTH = 7.0
#: Inches: least width of a class's panel, of a bar's line, above a panel, below it, beside it.
BARS_SIDE, BAR, BARS_ABOVE, BARS_BELOW, BARS_LEFT = 2.4, 0.13, 0.5, 0.5, 0.62
#: Kinds of bars drawn a dimension; the longest are kept.
MOST = 14
#: Room for the number of equal bars, as a share of the longest.
COUNT = 0.16


@figures.add
def barcodes(
    source: Drawable,
    *,
    layer: int | str | None = None,
    size: float | None = None,
    seed: int = 0,
    figure: "Figure | SubFigure | None" = None,
) -> "Figure":
    """Bars of pieces and holes of each class in one representation.

    Parameters
    ----------
    source : Trace, Run or Scene
    layer : int or str, optional
        By number or name; the input when left out.
    size : float, optional
        Width in inches; the height follows.
    seed : int
        For the points that are drawn where there are many.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    size = width_for(size, BARS_WIDTH, figure)
    trace = as_trace(source)
    check_classes(trace, "barcodes")
    k = 0 if layer is None else trace.index(layer)
    classes = class_bars(trace, k, seed)
    room = size - 2 * MARGIN
    head = header(
        f"{trace.name}: barcodes of {trace.representations[k].name}",
        [trace.architecture, trace_facts(trace)],
        [],
        room,
    )
    foot = wrap(_foot(classes), SMALL, room, most=8)
    columns = min(len(classes), max(1, int(room / BARS_SIDE)))
    rows = [classes[i : i + columns] for i in range(0, len(classes), columns)]
    talls = [BAR * max((_n_lines(each) for each in row), default=1) for row in rows]
    bottom = MARGIN + head.height + sum(talls) + len(rows) * (BARS_ABOVE + BARS_BELOW)
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    top = MARGIN + head.height
    # With room to see what goes on.
    longest = 1.08 * _last_event([classes])
    share = room / columns
    for row, tall in zip(rows, talls, strict=True):
        for i, each in enumerate(row):
            left = MARGIN + i * share
            title = fit_width(each.name, style.LABEL_SIZE, share - 0.2, "bold")
            sheet.text(left, top + 0.2, title, style.LABEL_SIZE, weight="bold")
            sheet.text(left, top + 0.38, each.counts, style.CAPTION_SIZE, color=style.MUTED)
            axes = sheet.axes(left + BARS_LEFT, top + BARS_ABOVE, share - BARS_LEFT - 0.1, tall)
            _draw_bars(axes, each, longest, round(tall / BAR))
        top += BARS_ABOVE + tall + BARS_BELOW
    sheet.lines(foot, bottom)
    return sheet.figure


def _shown_bars(each: ClassBars) -> list[list[tuple[float, float, int]]]:
    """Of each dimension the longest kinds of bars, in order of birth."""
    if each.persistence is None:
        return [[] for _ in DIMENSIONS]
    groups = [grouped(diagram) for diagram in each.persistence.diagrams]
    longest = [sorted(group, key=lambda bar: bar[0] - bar[1])[:MOST] for group in groups]
    return [sorted(group) for group in longest]


def _n_lines(each: ClassBars) -> int:
    """Lines of a panel: one a kind of bar, one at least a dimension, one between dimensions."""
    return sum(max(len(group), 1) for group in _shown_bars(each)) + 1


def _draw_bars(axes: Axes, each: ClassBars, longest: float, n_lines: int) -> None:
    from matplotlib.ticker import MaxNLocator

    y = 0.5
    middles: list[float] = []
    for group in _shown_bars(each):
        first = y
        for birth, death, n in group:
            end = longest if np.isinf(death) else death
            axes.plot([birth, end], [y, y], color=each.colour, linewidth=4, solid_capstyle="butt")
            if np.isinf(death):
                axes.plot([end], [y], marker=">", color=each.colour, markersize=6, clip_on=False)
            if n > 1:
                after = end + (0.03 if np.isinf(death) else 0.015) * longest
                count = axes.text(after, y, f"× {n:,}", va="center", **words(SMALL))
                count.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5})
            y += 1
        if not group:
            axes.text(0.02 * longest, y, "none", va="center", **words(SMALL))
            y += 1
        middles.append((first + y - 1) / 2)
        y += 1
    axes.axvline(2.0, color=style.INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
    axes.set_xlim(0, longest * (1 + COUNT))
    axes.set_ylim(n_lines, 0)
    axes.set_yticks(middles, DIMENSIONS)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_xlabel("scale, in steps", **words(SMALL))
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set(color=style.GRID, linewidth=0.8)
    axes.tick_params(**tick_style(length=0))


def _foot(classes: list[ClassBars]) -> str:
    parts = [
        "Each bar is a piece or a hole, from where it appears to where it vanishes (birth, death); "
        "× n: so many equal bars."
    ]
    bars = [each.persistence for each in classes if each.persistence is not None]
    counts = sorted({b.n_landmarks for b in bars})
    if counts:
        parts.append(f"{' to '.join(f'{n:,}' for n in {counts[0]: 0, counts[-1]: 0})} landmarks.")
    if any(len(grouped(diagram)) > MOST for b in bars for diagram in b.diagrams):
        parts.append(f"Of each dimension the {MOST} longest kinds of bars.")
    return " ".join([*parts, EXPLANATION])


DIAGRAMS_WIDTH = 7.5
#: Inches: width of a panel as a rule, left of, above and below its axes.
SIDE, LEFT, ABOVE, BELOW = 2.3, 0.42, 0.3, 0.48
MARKERS = ("o", "^")


@figures.add
def persistence(
    source: Drawable,
    *,
    layer: int | str | None = None,
    size: float | None = None,
    seed: int = 0,
    ax: Axes | None = None,
    figure: "Figure | SubFigure | None" = None,
) -> "Figure":
    """Persistence diagrams of each class: a panel a representation, or the one that is named.

    Parameters
    ----------
    source : Trace, Run or Scene
    layer : int or str, optional
        By number or name; all when left out.
    size : float, optional
        Width in inches; the height follows.
    seed : int
        For the points that are drawn where there are many.
    ax : matplotlib Axes, optional
        Where to draw the panel of one layer alone, without title, legend and notes.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    size = width_for(size, DIAGRAMS_WIDTH, figure, ax)
    trace = as_trace(source)
    check_classes(trace, "persistence")
    chosen = list(range(len(trace))) if layer is None else [trace.index(layer)]
    if ax is not None and len(chosen) > 1:
        raise UsageError(
            f"ax has room for one representation; the trace has {len(chosen)}.\n"
            "Give layer=…, or figure= for all of them."
        )
    bars = [class_bars(trace, k, seed) for k in chosen]
    if ax is not None:
        ax.set_box_aspect(1)
        _draw_diagram(ax, bars[0], _last_event(bars), is_first=True)
        return root_of(ax)
    room = size - 2 * MARGIN
    keys = [
        *colour_keys(trace_colouring(trace)),
        Key("disc: a piece", "none"),
        Key("triangle: a hole", "none"),
    ]
    head = header(
        f"{trace.name}: persistence diagrams",
        [trace.architecture, trace_facts(trace)],
        keys,
        room,
    )
    foot = wrap(f"The larger the mark, the more equal bars. {EXPLANATION}", SMALL, room, most=8)
    columns = min(len(chosen), max(1, int(room / SIDE)))
    share = min(room / columns, 3.6)
    side = share - LEFT - 0.12
    tall = ABOVE + side + BELOW
    bottom = MARGIN + head.height + -(-len(chosen) // columns) * tall
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    last = _last_event(bars)
    for i, (k, classes) in enumerate(zip(chosen, bars, strict=True)):
        left = MARGIN + (i % columns) * share
        top = MARGIN + head.height + (i // columns) * tall
        name = fit_width(trace.representations[k].name, style.LABEL_SIZE, share - 0.1)
        sheet.text(left + LEFT, top + 0.2, name, style.LABEL_SIZE)
        axes = sheet.axes(left + LEFT, top + ABOVE, side, side)
        _draw_diagram(axes, classes, last, is_first=i % columns == 0)
    sheet.lines(foot, bottom)
    return sheet.figure


def _last_event(bars: list[list[ClassBars]]) -> float:
    """The last scale at which anything happens in any panel, in hops."""
    ends = [3.0]
    for classes in bars:
        for each in classes:
            for diagram in () if each.persistence is None else each.persistence.diagrams:
                ends.extend(diagram[np.isfinite(diagram)].tolist())
    return max(ends)


def _draw_diagram(axes: Axes, classes: list[ClassBars], last: float, is_first: bool) -> None:
    from matplotlib.ticker import MaxNLocator

    endless, top = 1.12 * last, 1.22 * last
    axes.plot([0, last], [0, last], color=style.GRID, linewidth=0.9, zorder=0)
    axes.axhline(endless, color=style.GRID, linewidth=0.9, zorder=0)
    guide: dict[str, Any] = {
        "color": style.INK,
        "linewidth": 0.7,
        "linestyle": (0, (4, 3)),
        "zorder": 0,
    }
    # What is counted lies to the left of the upright line and above the level one.
    axes.plot([2, 2], [2, top], **guide)
    axes.plot([-0.14 * last, 2], [2, 2], **guide)
    # Hops are whole numbers: classes stand beside each other, not upon each other.
    step = min(0.09, 0.2 / max(len(classes) - 1, 1)) * last
    for c, each in enumerate(classes):
        if each.persistence is None:
            continue
        aside = step * (c - (len(classes) - 1) / 2)
        for marker, diagram in zip(MARKERS, each.persistence.diagrams, strict=True):
            for birth, death, n in grouped(diagram):
                axes.plot(
                    [birth + aside],
                    [endless if np.isinf(death) else death],
                    marker=marker,
                    markersize=min(4 + 1.6 * np.log10(n), 9),
                    color=each.colour,
                    markeredgecolor="white",
                    markeredgewidth=0.5,
                    linestyle="none",
                    clip_on=False,
                )
    axes.set_xlim(-0.14 * last, top)
    axes.set_ylim(-0.14 * last, top)
    marks = [t for t in MaxNLocator(4, integer=True).tick_values(0, last) if 0 <= t <= last]
    axes.set_xticks(marks)
    axes.set_yticks([*marks, endless], [*(f"{t:g}" for t in marks), "∞"])
    axes.set_xlabel("appears (birth), in steps", **words(SMALL))
    if is_first:
        axes.set_ylabel("vanishes (death)", labelpad=1, **words(SMALL))
    open_frame(axes)
    axes.tick_params(**tick_style(SMALL, 2))
