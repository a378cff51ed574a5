"""Accuracy against width: a search for the minimum width, and a sweep."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.draw.words import families, one_line
from unknot.errors import UsageError
from unknot.views.figures.figure import figures, width_for
from unknot.views.figures.heatmap import draw_cells, draw_scale
from unknot.views.figures.legend import Key, header
from unknot.views.figures.sheet import (
    MARGIN,
    SMALL,
    Sheet,
    line_height,
    open_frame,
    text_width,
    words,
    wrap,
)
from unknot.width.result import MinimumWidth, Width, range_text

if TYPE_CHECKING:
    import polars
    from matplotlib.figure import Figure, SubFigure

#: Accuracies that make good ticks, from the coarse to the fine.
ROUND = (
    *(0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999),
    *(0.1, 0.2, 0.3, 0.4, 0.75, 0.85, 0.65, 0.55, 0.88, 0.87, 0.97, 0.96, 0.93, 0.91),
    # Of minus the log loss.
    *(-0.01, -0.02, -0.05, -0.1, -0.2, -0.3, -0.5, -0.7, -1.0, -2.0, -5.0),
)


@dataclass(frozen=True)
class NearCeiling:
    """Height on paper: minus the logarithm of what is missing to the ceiling, in tolerances.

    A difference of a tenth of the tolerance matters near the ceiling and nowhere else; on a
    linear axis the tolerance would be thinner than a dot.

    Attributes
    ----------
    ceiling, tolerance : float
    """

    ceiling: float
    tolerance: float

    def height(self, accuracy: object) -> NDArray[np.float64]:
        """Of accuracies; rising, finite also above the ceiling."""
        missing = (self.ceiling - np.asarray(accuracy, np.float64)) / self.tolerance
        # Half a tolerance more, so that the ceiling itself and what chance puts above it fit.
        return -np.log10(np.maximum(missing, -0.35) + 0.5)

    def ticks(self, low: float, gap: float) -> list[float]:
        """Accuracies from `low` up whose heights are at least `gap` apart, the bounds first."""
        chosen = [self.ceiling, self.ceiling - self.tolerance]
        for value in ROUND:
            heights = self.height(chosen)
            far = np.abs(heights - self.height(value)).min() >= gap
            if low <= value < self.ceiling and far:
                chosen.append(value)
        return sorted(chosen)


WIDTH = 7.0
#: Inches: left of the axes, the dots, the verdicts above them, the shares, and the gaps.
LEFT, TALL, VERDICTS, SHARES, GAP, BELOW = 0.78, 3.0, 0.36, 0.9, 0.2, 0.42
#: Inches for a third line of a verdict.
ANOTHER_LINE = 0.14
DOT = "#4ea3d8"
KEPT = "#00507d"
BAND = "#d9ead3"
#: Dots of a width spread over so much of its column.
SPREAD = 0.62
#: Of verdicts that have no room; of all others a cross.
SIGNS = {"enough": "✓", "undecided": "?"}
#: Least distance of ticks, as a share of the axis.
TICK_GAP = 0.06


@figures.add
def accuracy(
    source: MinimumWidth,
    *,
    size: float | None = None,
    figure: "Figure | SubFigure | None" = None,
) -> "Figure":
    """Of a search for the minimum width: every restart of every width, against the ceiling.

    Parameters
    ----------
    source : MinimumWidth
    size : float, optional
        Width in inches; the height follows.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    size = width_for(size, WIDTH, figure)
    result = check_done(source)
    width = size - 2 * MARGIN
    head = header(_title(result), _facts(result), _keys(result), width)
    foot = wrap(_foot(result), SMALL, width, most=6)
    words_tall = VERDICTS + ANOTHER_LINE * any(len(w.verdict.split()) > 2 for w in result.widths)
    top = MARGIN + head.height + words_tall
    shares_top = top + TALL + GAP
    bottom = shares_top + SHARES + BELOW
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    inner = width - LEFT
    dots = sheet.axes(MARGIN + LEFT, top, inner, TALL)
    _draw_dots(dots, result)
    _draw_verdicts(dots, result, inner)
    shares = sheet.axes(MARGIN + LEFT, shares_top, inner, SHARES)
    _draw_shares(shares, result, inner)
    sheet.lines(foot, bottom)
    return sheet.figure


def check_done(result: Any) -> MinimumWidth:
    """A search with one width at least."""
    if not isinstance(result, MinimumWidth):
        raise UsageError(
            "The figure 'accuracy' shows a search for the minimum width; got "
            f"a {type(result).__name__}.\nGive what unknot.minimum_width returned."
        )
    if not result.widths:
        raise UsageError(
            "This search was interrupted before any width was done: there is nothing to draw.\n"
            "Run it again; with out=… it goes on where it stopped."
        )
    return result


def is_answer(result: MinimumWidth, tried: Width) -> bool:
    """Whether a width is the answer, or in its range."""
    if result.answer_range is None:
        return False
    low, high = result.answer_range
    return low <= tried.width and (high is None or tried.width <= high)


def _title(result: MinimumWidth) -> str:
    name = result.settings["dataset"]["name"]
    if result.answer is None and result.answer_range is not None:
        return f"{name}: {range_text(*result.answer_range, 'hidden unit')}"
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
        Key("chosen network", "ring", KEPT),
        Key(f"ceiling: {result.ceiling.source}", "dashes", style.INK),
        Key(f"within the tolerance, {result.tolerance:g}", "line", "#a9cf9c"),
    ]


def _foot(result: MinimumWidth) -> str:
    name = result.metric_name
    text = (
        f"{name[0].upper()}{name[1:]} on {result.n_judging:,} {result.judged_on}, which no network "
        "was trained on; the axis stretches what is near the ceiling. Bars: share of the starts "
        "that come within the tolerance; the line is where it lies with 95 % probability."
    )
    text += _least_found(result)
    winner = result.winner
    if winner is not None and winner.restarts_needed is not None:
        n = winner.restarts_needed
        starts = "1 start finds" if n == 1 else f"{n:,} starts find"
        text += f" At width {winner.width}, {starts} such a network with 95 % probability."
    return text


def _least_found(result: MinimumWidth) -> str:
    """How much of the least found class the network shown as the answer finds."""
    shown = result.winner or result.widths[-1]
    if not shown.recalls:
        return ""
    name = min(shown.recalls, key=lambda each: (shown.recalls or {})[each])
    return (
        f" The largest class is {result.majority_share:.1%} of these points; at width "
        f"{shown.width}, {shown.recalls[name]:.1%} of class {one_line(name)} are found, of every "
        "other class as much or more."
    )


def _draw_dots(axes: Axes, result: MinimumWidth) -> None:
    scale = NearCeiling(result.ceiling.accuracy, result.tolerance)
    least = min(min(w.scores) for w in result.widths)
    low = float(scale.height(least))
    high = float(scale.height(result.ceiling.accuracy + 0.3 * result.tolerance))
    pad = 0.04 * (high - low)
    # A ceiling that was estimated can be beaten.
    highest = float(scale.height(max(max(w.scores) for w in result.widths)))
    axes.set_ylim(low - pad, max(high, highest + pad))
    edges = scale.height([result.threshold, result.ceiling.accuracy])
    axes.axhspan(float(edges[0]), float(edges[1]), color=BAND, linewidth=0, zorder=0)
    axes.axhline(float(edges[1]), color=style.INK, linewidth=1.1, linestyle=(0, (5, 3)), zorder=2)
    for place, tried in enumerate(result.widths):
        heights = scale.height(tried.scores)
        x = place + SPREAD * swarm(heights, (high - low) / 60)
        area = 20.0 if len(heights) <= 64 else 6.0
        axes.scatter(x, heights, s=area, color=DOT, alpha=0.75, linewidths=0, zorder=3)
        axes.scatter(
            [place],
            scale.height([tried.score]),
            s=70,
            facecolors="none",
            edgecolors=KEPT,
            linewidths=1.6,
            zorder=4,
        )
    ticks = scale.ticks(least - 0.01, TICK_GAP * (high - low))
    axes.set_yticks(scale.height(ticks), [f"{tick:.4g}" for tick in ticks])
    _frame(axes, result, result.metric_name)
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


def _draw_verdicts(axes: Axes, result: MinimumWidth, inner: float) -> None:
    """The verdict of each width above its column, in full where there is room."""
    room = inner / len(result.widths)
    for place, tried in enumerate(result.widths):
        verdict = tried.verdict.split() if tried.verdict != "enough" else ["enough"]
        if max(text_width(word, SMALL) for word in verdict) > room:
            verdict = [SIGNS.get(tried.verdict, "✗")]
        axes.annotate(
            "\n".join(verdict),
            (place, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=SMALL,
            family=list(families()),
            color=KEPT if tried.verdict == "enough" else style.WARNING,
            fontweight="bold" if is_answer(result, tried) else "normal",
        )


def _draw_shares(axes: Axes, result: MinimumWidth, inner: float) -> None:
    room = inner / len(result.widths)
    for place, tried in enumerate(result.widths):
        low, high = tried.interval
        axes.bar(place, tried.share, width=SPREAD, color="#a9cf9c", zorder=2)
        axes.plot([place, place], [low, high], color=style.INK, linewidth=1.0, zorder=3)
        text = _share_text(tried)
        if text_width(text, SMALL) <= room:
            axes.annotate(
                text,
                (place, max(tried.share, high)),
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
        **words(style.LABEL_SIZE, color=style.INK),
    )


def _share_text(tried: Width) -> str:
    return f"{tried.n_reached}/{len(tried.accuracies)}"


def _frame(axes: Axes, result: MinimumWidth, label: str) -> None:
    axes.set_xlim(-0.5, len(result.widths) - 0.5)
    open_frame(axes)
    axes.set_ylabel(label, labelpad=4, **words(style.LABEL_SIZE, color=style.INK))


SWEEP_WIDTH = 6.0
#: Inches: height of a row, room left of, above and below a map, and for the colour scale.
SWEEP_TALL, SWEEP_LEFT, SWEEP_ABOVE, SWEEP_BELOW, SCALE = 0.34, 0.62, 0.36, 0.52, 0.72
#: What a sweep's table must have for the map.
COLUMNS = ("depth", "width", "activation", "accuracy")


@figures.add
def sweep(
    source: "polars.DataFrame",
    *,
    size: float | None = None,
    figure: "Figure | SubFigure | None" = None,
) -> "Figure":
    """Of a sweep's table: the best accuracy at every depth and width, one map an activation.

    Parameters
    ----------
    source : polars.DataFrame
        What ``unknot.sweep`` returns; shapes whose layers differ in width are left out.
    size : float, optional
        Width in inches; the height follows.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    import polars as pl

    size = width_for(size, SWEEP_WIDTH, figure)
    table: Any = source
    if not isinstance(table, pl.DataFrame):
        raise UsageError(
            f"The figure 'sweep' shows the table of a sweep; got a {type(table).__name__}.\n"
            "Give what unknot.sweep returned."
        )
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise UsageError(
            f"This table has no {', '.join(missing)}: it is not that of a sweep.\n"
            "Make one: unknot.sweep(data, hidden=[[2], [3], [2, 2], [3, 3]])"
        )
    even = table.filter(pl.col("width").is_not_null())
    if not even.height:
        raise UsageError(
            "No shape of this sweep has layers of one width: there is no map to draw.\n"
            "Sweep over shapes such as [2], [3], [2, 2], [3, 3]."
        )
    widths = even["width"].unique().sort().to_list()
    depths = even["depth"].unique().sort().to_list()
    names = even["activation"].unique(maintain_order=True).to_list()
    best = even.group_by("activation", "depth", "width").agg(pl.col("accuracy").max())
    limits = (float(min(best["accuracy"])), float(max(best["accuracy"])))
    bayes = table["bayes_accuracy"][0] if "bayes_accuracy" in table.columns else None
    text = "The number in a cell is the best of its trainings; grey: not tried."
    if bayes is not None:
        text += f" No classifier can beat {bayes:.4f}."
    room = size - 2 * MARGIN
    head = header("accuracy by depth and width", [], [], room)
    foot = wrap(text, SMALL, room)
    tall = SWEEP_TALL * len(depths)
    top = MARGIN + head.height
    bottom = top + len(names) * (SWEEP_ABOVE + tall + SWEEP_BELOW)
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    inner = room - SWEEP_LEFT - SCALE
    look = words(style.LABEL_SIZE, color=style.INK)
    for name in names:
        values = np.full((len(depths), len(widths)), np.nan)
        for _, depth, width, value in best.filter(pl.col("activation") == name).iter_rows():
            values[depths.index(depth), widths.index(width)] = value
        sheet.text(MARGIN, top + SWEEP_ABOVE - 0.12, name, style.LABEL_SIZE)
        axes = sheet.axes(MARGIN + SWEEP_LEFT, top + SWEEP_ABOVE, inner, tall)
        draw_cells(axes, values, limits, inner / len(widths))
        axes.set_xticks(range(len(widths)), [str(width) for width in widths])
        axes.set_yticks(range(len(depths)), [str(depth) for depth in depths])
        axes.set_xlabel("units of each hidden layer", **look)
        axes.set_ylabel("hidden layers", **look)
        draw_scale(axes, (inner, tall), limits)
        top += SWEEP_ABOVE + tall + SWEEP_BELOW
    sheet.lines(foot, bottom)
    return sheet.figure
