"""Accuracy against width: every restart a dot, the ceiling, and the share that succeed."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unknot.draw import style
from unknot.draw.words import families
from unknot.views.figures.legend import Key, header
from unknot.views.figures.sheet import MARGIN, SMALL, Sheet, line_height, text_width, wrap
from unknot.views.width.scale import NearCeiling
from unknot.views.width.table import drawings
from unknot.width.result import MinimumWidth, Width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 7.0
#: Inches: left of the axes, the dots, the verdicts above them, the shares, and the gaps.
LEFT, TALL, VERDICTS, SHARES, GAP, BELOW = 0.78, 3.0, 0.36, 0.9, 0.2, 0.42
DOT = "#4ea3d8"
KEPT = "#00507d"
BAND = "#d9ead3"
#: Dots of a width spread over so much of its column.
SPREAD = 0.62
#: Least distance of ticks, as a share of the axis.
TICK_GAP = 0.06


@drawings.add
def accuracy(result: MinimumWidth, *, size: float = WIDTH) -> "Figure":
    """Every restart of every width, against the ceiling."""
    width = size - 2 * MARGIN
    head = header(_title(result), _facts(result), _keys(result), width)
    foot = wrap(_foot(result), SMALL, width, most=6)
    top = MARGIN + head.height
    shares_top = top + VERDICTS + TALL + GAP
    bottom = shares_top + SHARES + BELOW
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN)
    head.draw(sheet)
    inner = width - LEFT
    dots = sheet.axes(MARGIN + LEFT, top + VERDICTS, inner, TALL)
    _draw_dots(dots, result)
    _draw_verdicts(dots, result, inner)
    shares = sheet.axes(MARGIN + LEFT, shares_top, inner, SHARES)
    _draw_shares(shares, result, inner)
    for i, line in enumerate(foot):
        y = bottom + (i + 0.6) * line_height(SMALL)
        sheet.text(MARGIN, y, line, SMALL, color=style.MUTED)
    return sheet.figure


def _title(result: MinimumWidth) -> str:
    name = result.settings["dataset"]["name"]
    if result.answer is None:
        return f"{name}: no width up to {result.widths[-1].width} is enough"
    units = "1 hidden unit is" if result.answer == 1 else f"{result.answer} hidden units are"
    return f"{name}: {units} enough"


def _facts(result: MinimumWidth) -> list[str]:
    settings = result.settings
    layers = "1 hidden layer" if settings["depth"] == 1 else f"{settings['depth']} hidden layers"
    return [
        f"{layers} of {settings['activation']} units, {settings['restarts']} random starts a "
        f"width, {settings['dataset']['n_points']:,} points"
    ]


def _keys(result: MinimumWidth) -> list[Key]:
    return [
        Key("one training", "disc", DOT),
        Key("network kept", "ring", KEPT),
        Key(f"ceiling: {result.ceiling.source}", "dashes", style.INK),
        Key(f"within the tolerance, {result.tolerance:g}", "line", "#a9cf9c"),
    ]


def _foot(result: MinimumWidth) -> str:
    text = (
        f"Accuracy on {result.n_judging:,} {result.judged_on}, which no network was trained on; "
        "the axis stretches what is near the ceiling. Bars: share of the starts that come within "
        "the tolerance, with its 95 % interval."
    )
    winner = result.winner
    if winner is not None and winner.restarts_needed is not None:
        n = winner.restarts_needed
        starts = "1 start finds" if n == 1 else f"{n:,} starts find"
        text += f" At width {winner.width}, {starts} such a network with 95 % probability."
    return text


def _draw_dots(axes: "Axes", result: MinimumWidth) -> None:
    scale = NearCeiling(result.ceiling.accuracy, result.tolerance)
    least = min(min(w.accuracies) for w in result.widths)
    low = float(scale.height(least))
    high = float(scale.height(result.ceiling.accuracy + 0.3 * result.tolerance))
    pad = 0.04 * (high - low)
    axes.set_ylim(low - pad, high)
    edges = scale.height([result.threshold, result.ceiling.accuracy])
    axes.axhspan(float(edges[0]), float(edges[1]), color=BAND, linewidth=0, zorder=0)
    axes.axhline(float(edges[1]), color=style.INK, linewidth=1.1, linestyle=(0, (5, 3)), zorder=2)
    for place, found in enumerate(result.widths):
        heights = scale.height(found.accuracies)
        x = place + SPREAD * swarm(heights, (high - low) / 60)
        area = 20.0 if len(heights) <= 64 else 6.0
        axes.scatter(x, heights, s=area, color=DOT, alpha=0.75, linewidths=0, zorder=3)
        axes.scatter(
            [place],
            scale.height([found.accuracy]),
            s=70,
            facecolors="none",
            edgecolors=KEPT,
            linewidths=1.6,
            zorder=4,
        )
    ticks = scale.ticks(least - 0.01, TICK_GAP * (high - low))
    axes.set_yticks(scale.height(ticks), [f"{tick:.4g}" for tick in ticks])
    _frame(axes, result, "accuracy")
    axes.set_xticks(range(len(result.widths)), [""] * len(result.widths))
    axes.grid(axis="y", color=style.GRID, linewidth=0.5, alpha=0.6)


def swarm(heights: NDArray[np.float64], bin_height: float) -> NDArray[np.float64]:
    """Sideways places in [−½, ½] so that dots of nearly one height lie side by side."""
    places = np.zeros(len(heights))
    bins = np.floor(heights / bin_height)
    counts = [int((bins == each).sum()) for each in np.unique(bins)]
    step = 1 / max(12, *counts)
    for each in np.unique(bins):
        members = np.flatnonzero(bins == each)
        places[members] = step * (np.arange(len(members)) - (len(members) - 1) / 2)
    return places


def _draw_verdicts(axes: "Axes", result: MinimumWidth, inner: float) -> None:
    """The verdict of each width above its column, in full where there is room."""
    room = inner / len(result.widths)
    for place, found in enumerate(result.widths):
        words = found.verdict.split() if found.verdict != "enough" else ["enough"]
        if max(text_width(word, SMALL) for word in words) > room:
            words = ["✓" if found.verdict == "enough" else "✗"]
        axes.annotate(
            "\n".join(words),
            (place, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=SMALL,
            family=list(families()),
            color=KEPT if found.verdict == "enough" else style.WARNING,
            fontweight="bold" if found.width == result.answer else "normal",
        )


def _draw_shares(axes: "Axes", result: MinimumWidth, inner: float) -> None:
    room = inner / len(result.widths)
    for place, found in enumerate(result.widths):
        low, high = found.interval
        axes.bar(place, found.share, width=SPREAD, color="#a9cf9c", zorder=2)
        axes.plot([place, place], [low, high], color=style.INK, linewidth=1.0, zorder=3)
        text = _share_text(found)
        if text_width(text, SMALL) <= room:
            axes.annotate(
                text,
                (place, max(found.share, high)),
                xytext=(0, 2),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=SMALL,
                family=list(families()),
                color=style.MUTED,
            )
    axes.set_ylim(0, 1.28)
    axes.set_yticks([0, 0.5, 1], ["0", "½", "1"])
    _frame(axes, result, "share")
    every = max(1, int(np.ceil(0.25 / room)))
    shown = range(0, len(result.widths), every)
    axes.set_xticks(shown, [str(result.widths[i].width) for i in shown])
    axes.set_xlabel(
        "hidden units" if result.settings["depth"] == 1 else "units of each hidden layer",
        fontsize=style.LABEL_SIZE,
        family=list(families()),
        color=style.INK,
    )


def _share_text(found: Width) -> str:
    return f"{found.n_reached}/{len(found.accuracies)}"


def _frame(axes: "Axes", result: MinimumWidth, label: str) -> None:
    axes.set_xlim(-0.5, len(result.widths) - 0.5)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set(color=style.GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    ticks: dict[str, Any] = {
        "colors": style.MUTED,
        "labelsize": style.CAPTION_SIZE,
        "labelfontfamily": list(families()),
        "length": 2.5,
        "width": 0.6,
    }
    axes.tick_params(**ticks)
    axes.set_ylabel(
        label, fontsize=style.LABEL_SIZE, family=list(families()), color=style.INK, labelpad=4
    )
