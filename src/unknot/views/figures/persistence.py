"""Persistence diagrams: birth and death of pieces and holes, class by class, layer by layer."""

from typing import TYPE_CHECKING, Any

import numpy as np

from unknot.draw import style
from unknot.draw.colouring import trace_colouring
from unknot.draw.words import families
from unknot.views.figures.architecture import architecture
from unknot.views.figures.homology import (
    EXPLANATION,
    ClassBars,
    check_classes,
    class_bars,
    grouped,
)
from unknot.views.figures.legend import Key, colour_keys, header, trace_facts
from unknot.views.figures.sheet import MARGIN, SMALL, Sheet, fit_width, line_height, wrap
from unknot.views.figures.source import Source, layer_index
from unknot.views.figures.table import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 7.5
#: Inches: width of a panel as a rule, left of, above and below its axes.
SIDE, LEFT, ABOVE, BELOW = 2.3, 0.42, 0.3, 0.48
MARKERS = ("o", "^")


@figures.add
def persistence(
    source: Source, *, layer: int | str | None = None, size: float = WIDTH, seed: int = 0
) -> "Figure":
    """Persistence diagrams of each class: a panel a representation, or the one that is named."""
    trace = source.trace
    check_classes(trace, "persistence")
    every = range(len(trace.representations))
    chosen = list(every) if layer is None else [layer_index(trace, layer, 0)]
    found = [class_bars(trace, k, seed) for k in chosen]
    room = size - 2 * MARGIN
    keys = [
        *colour_keys(trace_colouring(trace)),
        Key("disc: a piece", "none"),
        Key("triangle: a hole", "none"),
    ]
    head = header(
        f"{trace.name}: persistence diagrams",
        [architecture(trace), trace_facts(trace)],
        keys,
        room,
    )
    foot = wrap(f"The larger the mark, the more equal bars. {EXPLANATION}", SMALL, room, most=8)
    columns = min(len(chosen), max(1, int(room / SIDE)))
    share = min(room / columns, 3.6)
    side = share - LEFT - 0.12
    tall = ABOVE + side + BELOW
    bottom = MARGIN + head.height + -(-len(chosen) // columns) * tall
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN)
    head.draw(sheet)
    last = _last(found)
    for i, (k, classes) in enumerate(zip(chosen, found, strict=True)):
        left = MARGIN + (i % columns) * share
        top = MARGIN + head.height + (i // columns) * tall
        name = fit_width(trace.representations[k].name, style.LABEL_SIZE, share - 0.1)
        sheet.text(left + LEFT, top + 0.2, name, style.LABEL_SIZE)
        axes = sheet.axes(left + LEFT, top + ABOVE, side, side)
        _draw(axes, classes, last, is_first=i % columns == 0)
    for i, line in enumerate(foot):
        y = bottom + (i + 0.6) * line_height(SMALL)
        sheet.text(MARGIN, y, line, SMALL, color=style.MUTED)
    return sheet.figure


def _last(found: list[list[ClassBars]]) -> float:
    """The last scale at which anything happens in any panel, in hops."""
    ends = [3.0]
    for classes in found:
        for each in classes:
            for diagram in () if each.persistence is None else each.persistence.diagrams:
                ends.extend(diagram[np.isfinite(diagram)].tolist())
    return max(ends)


def _draw(axes: "Axes", classes: list[ClassBars], last: float, is_first: bool) -> None:
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
    ticks = [t for t in MaxNLocator(4, integer=True).tick_values(0, last) if 0 <= t <= last]
    axes.set_xticks(ticks)
    axes.set_yticks([*ticks, endless], [*(f"{t:g}" for t in ticks), "∞"])
    words: dict[str, Any] = {"family": list(families()), "color": style.MUTED, "fontsize": SMALL}
    axes.set_xlabel("birth, in steps", **words)
    if is_first:
        axes.set_ylabel("death", labelpad=1, **words)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set(color=style.GRID, linewidth=0.8)
    axes.tick_params(
        colors=style.MUTED,
        labelsize=SMALL,
        labelfontfamily=list(families()),
        length=2,
        width=0.6,
    )
