"""Barcodes: when pieces and holes of each class appear and vanish as the scale grows."""

from typing import TYPE_CHECKING, Any

import numpy as np

from unknot.draw import style
from unknot.draw.words import families
from unknot.views.figures.architecture import architecture
from unknot.views.figures.homology import (
    DIMENSIONS,
    EXPLANATION,
    ClassBars,
    check_classes,
    class_bars,
    grouped,
)
from unknot.views.figures.legend import header, trace_facts
from unknot.views.figures.sheet import MARGIN, SMALL, Sheet, fit_width, line_height, wrap
from unknot.views.figures.source import Source, layer_index
from unknot.views.figures.table import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 7.0
#: Inches: least width of a class's panel, of a bar's line, above a panel, below it, beside it.
SIDE, BAR, ABOVE, BELOW, LEFT = 2.4, 0.13, 0.5, 0.5, 0.62
#: Kinds of bars drawn a dimension; the longest are kept.
MOST = 14
#: Room for the number of equal bars, as a share of the longest.
COUNT = 0.16


@figures.add
def barcodes(
    source: Source, *, layer: int | str | None = None, size: float = WIDTH, seed: int = 0
) -> "Figure":
    """Bars of pieces and holes of each class in one representation; the input if none is named."""
    trace = source.trace
    check_classes(trace, "barcodes")
    k = layer_index(trace, layer, 0)
    classes = class_bars(trace, k, seed)
    room = size - 2 * MARGIN
    head = header(
        f"{trace.name}: barcodes of {trace.representations[k].name}",
        [architecture(trace), trace_facts(trace)],
        [],
        room,
    )
    foot = wrap(_foot(classes), SMALL, room, most=8)
    columns = min(len(classes), max(1, int(room / SIDE)))
    rows = [classes[i : i + columns] for i in range(0, len(classes), columns)]
    talls = [BAR * max((_n_lines(each) for each in row), default=1) for row in rows]
    bottom = MARGIN + head.height + sum(talls) + len(rows) * (ABOVE + BELOW)
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN)
    head.draw(sheet)
    top = MARGIN + head.height
    longest = _longest(classes)
    share = room / columns
    for row, tall in zip(rows, talls, strict=True):
        for i, each in enumerate(row):
            left = MARGIN + i * share
            title = fit_width(each.name, style.LABEL_SIZE, share - 0.2, "bold")
            sheet.text(left, top + 0.2, title, style.LABEL_SIZE, weight="bold")
            sheet.text(left, top + 0.38, each.counts, style.CAPTION_SIZE, color=style.MUTED)
            axes = sheet.axes(left + LEFT, top + ABOVE, share - LEFT - 0.1, tall)
            _draw(axes, each, longest, round(tall / BAR))
        top += ABOVE + tall + BELOW
    for i, line in enumerate(foot):
        y = bottom + (i + 0.6) * line_height(SMALL)
        sheet.text(MARGIN, y, line, SMALL, color=style.MUTED)
    return sheet.figure


def _kept(each: ClassBars) -> list[list[tuple[float, float, int]]]:
    """Of each dimension the longest kinds of bars, in order of birth."""
    if each.persistence is None:
        return [[] for _ in DIMENSIONS]
    groups = [grouped(diagram) for diagram in each.persistence.diagrams]
    longest = [sorted(group, key=lambda bar: bar[0] - bar[1])[:MOST] for group in groups]
    return [sorted(group) for group in longest]


def _n_lines(each: ClassBars) -> int:
    """Lines of a panel: one a kind of bar, one at least a dimension, one between dimensions."""
    return sum(max(len(group), 1) for group in _kept(each)) + 1


def _longest(classes: list[ClassBars]) -> float:
    """The last scale at which anything happens, in hops, with room to see what goes on."""
    ends = [3.0]
    for each in classes:
        for diagram in () if each.persistence is None else each.persistence.diagrams:
            ends.extend(diagram[np.isfinite(diagram)].tolist())
    return max(ends) * 1.08


def _draw(axes: "Axes", each: ClassBars, longest: float, n_lines: int) -> None:
    from matplotlib.ticker import MaxNLocator

    words: dict[str, Any] = {"family": list(families()), "color": style.MUTED}
    y = 0.5
    ticks: list[float] = []
    for group in _kept(each):
        first = y
        for birth, death, n in group:
            end = longest if np.isinf(death) else death
            axes.plot([birth, end], [y, y], color=each.colour, linewidth=4, solid_capstyle="butt")
            if np.isinf(death):
                axes.plot([end], [y], marker=">", color=each.colour, markersize=6, clip_on=False)
            if n > 1:
                after = end + (0.03 if np.isinf(death) else 0.015) * longest
                count = axes.text(after, y, f"× {n:,}", va="center", fontsize=SMALL, **words)
                count.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5})
            y += 1
        if not group:
            axes.text(0.02 * longest, y, "none", va="center", fontsize=SMALL, **words)
            y += 1
        ticks.append((first + y - 1) / 2)
        y += 1
    axes.axvline(2.0, color=style.INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
    axes.set_xlim(0, longest * (1 + COUNT))
    axes.set_ylim(n_lines, 0)
    axes.set_yticks(ticks, DIMENSIONS)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_xlabel("scale, in steps", fontsize=SMALL, **words)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set(color=style.GRID, linewidth=0.8)
    axes.tick_params(
        colors=style.MUTED,
        labelsize=style.CAPTION_SIZE,
        labelfontfamily=list(families()),
        length=0,
    )


def _foot(classes: list[ClassBars]) -> str:
    parts = ["A bar a piece or hole, from its birth to its death; × n: so many equal bars."]
    bars = [each.persistence for each in classes if each.persistence is not None]
    counts = sorted({b.n_landmarks for b in bars})
    if counts:
        parts.append(f"{' to '.join(f'{n:,}' for n in {counts[0]: 0, counts[-1]: 0})} landmarks.")
    if any(len(grouped(diagram)) > MOST for b in bars for diagram in b.diagrams):
        parts.append(f"Of each dimension the {MOST} longest kinds of bars.")
    return " ".join([*parts, EXPLANATION])
