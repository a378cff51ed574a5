"""The diagram: the network as columns of units, joined by its weights."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unknot.doors import as_trace
from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.draw.colouring import Colouring, trace_colouring
from unknot.draw.style import rgb
from unknot.network.maps import Affine
from unknot.traces.lattice import box, raster
from unknot.traces.note import for_readers
from unknot.traces.representation import Trace
from unknot.views.figures.architecture import (
    MIN_PITCH,
    MOST_COLUMNS,
    MOST_UNITS,
    PITCH,
    RADIUS,
    ROW,
    SHEET,
    SHEETS,
    SHIFT,
    Column,
    Rank,
    columns,
    elide,
    names_of,
    parameters,
    rank_of,
    rows_of,
)
from unknot.views.figures.figure import Drawable, figures, width_for
from unknot.views.figures.legend import DASHES, Key, header
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

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

#: Points along each side.
SIDE = 48
#: Beside each other, the lightest and the darkest value are these greys.
LIGHT, DARK = 0.97, 0.25

Pictures = list[NDArray[np.float64]]


def thumbnails(trace: Trace, colouring: Colouring) -> list[Pictures] | None:
    """A picture of (SIDE, SIDE, 3) for every unit of every representation.

    Dark is high, light is low, each unit by itself; the probabilities that the network ends with
    have the classes' colours. None unless the input has two features and all maps are known.
    """
    if trace.representations[0].n_units != 2 or not trace.is_exact or not trace.n_points:
        return None
    low, high = box(trace.representations[0].values)
    centre, radius = (low + high) / 2, float((high - low).max()) / 2
    _, _, points = raster(centre - radius, centre + radius, SIDE)
    clouds = list(trace.propagate(points))
    pictures = [[_grey(column) for column in cloud.T] for cloud in clouds]
    probabilities = trace.class_probabilities(points)
    if probabilities is not None and trace.maps:
        classes = range(probabilities.shape[1])
        colours = colouring.palette[: len(classes)]
        shown = [1] if clouds[-1].shape[1] == 1 else classes
        pictures[-1] = [_tinted(probabilities[:, c], colours, c) for c in shown]
    return pictures


def _grey(values: NDArray[np.floating]) -> NDArray[np.float64]:
    low, high = float(values.min()), float(values.max())
    share = (values - low) / (high - low) if high > low else np.zeros(len(values))
    grey = LIGHT + (DARK - LIGHT) * share
    return np.repeat(_upright(grey)[..., None], 3, axis=-1)


def _tinted(p: NDArray[np.floating], palette: NDArray[np.float64], c: int) -> NDArray[np.float64]:
    """From white, or for two classes from the other's colour, to the class's own."""
    other = palette[1 - c] if len(palette) == 2 else rgb(style.BACKGROUND)
    middle = np.ones(3)
    share = _upright(p.astype(np.float64))[..., None]
    below, above = np.clip(1 - 2 * share, 0, 1), np.clip(2 * share - 1, 0, 1)
    if len(palette) > 2:
        return other + (palette[c] - other) * share
    return middle + (other - middle) * below + (palette[c] - middle) * above


def _upright(values: NDArray[np.floating]) -> NDArray[np.float64]:
    return values.reshape(SIDE, SIDE)[::-1].astype(np.float64)


#: Colours of weights: neither is a class's; the negative is lighter and dashed.
POSITIVE, NEGATIVE = "#00603c", "#a55bb5"
#: Room for the two lines over a column, and for names beside the ends.
TITLES, NAMES = 0.42, 1.3
#: Behind words that lines may cross.
PAPER = {"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1}
#: Points: the thinnest and the thickest line.
THIN, THICK = 0.2, 4.2


@figures.add
def diagram(
    source: Drawable, *, size: float | None = None, figure: "Figure | SubFigure | None" = None
) -> "Figure":
    """The network as a diagram: units, weights by width and sign, biases as rings.

    Parameters
    ----------
    source : Trace, Run or Scene
    size : float, optional
        Width in inches; the height follows.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    size = width_for(size, None, figure)
    trace = as_trace(source)
    everything = columns(trace)
    left, right = _side(names_of(trace, everything[0], True)), _side([])
    if len(everything) > 1:
        right = _side(names_of(trace, everything[-1], False))
    room = 2 * MARGIN + left + right
    most = MOST_COLUMNS if size is None else int((size - room) / MIN_PITCH) + 1
    shown = elide(everything, max(3, min(most, MOST_COLUMNS)))
    if size is None:
        size = max(5.5, room + PITCH * (len(shown) - 1))
    pitch = min((size - room) / max(len(shown) - 1, 1), 2.4)
    pictures = thumbnails(trace, trace_colouring(trace))
    keys = _keys(everything, pictures is not None)
    head = header(f"{trace.name}: the network", [_facts(everything)], keys, size - 2 * MARGIN)
    n_rows = max(rows_of(shown, i, pictures is not None) for i in range(len(shown)))
    top = MARGIN + head.height + TITLES
    foot = wrap(_foot(trace, everything), SMALL, size - 2 * MARGIN)
    bottom = top + n_rows * ROW + line_height(SMALL)
    sheet = Sheet(size, bottom + len(foot) * line_height(SMALL) + MARGIN, figure)
    head.draw(sheet)
    ranks = [
        rank_of(
            trace,
            shown,
            i,
            (MARGIN + left + i * pitch, top + n_rows * ROW / 2),
            pictures is not None,
        )
        for i in range(len(shown))
    ]
    axes = _canvas(sheet)
    for before, after in pairwise(ranks):
        _join(axes, before, after)
        _draw_scale(sheet, before, after, top + n_rows * ROW)
    for rank in ranks:
        _draw_units(sheet, axes, rank, pictures)
        _draw_title(sheet, rank, pitch if len(ranks) > 1 else size - room)
        _draw_names(sheet, rank, -1 if rank is ranks[0] else 1)
    sheet.lines(foot, bottom + 0.4 * line_height(SMALL))
    return sheet.figure


def _canvas(sheet: Sheet) -> Axes:
    """Axes that fill the sheet, in inches from its upper left corner."""
    axes = sheet.axes(0, 0, sheet.width, sheet.height)
    axes.set_axis_off()
    axes.set(xlim=(0, sheet.width), ylim=(sheet.height, 0), autoscale_on=False)
    return axes


def _join(axes: Axes, before: Rank, after: Rank) -> None:
    """The weights into a column, the strongest on top."""
    from matplotlib.collections import LineCollection

    map_ = after.column.map
    if map_ is None or not _is_drawn(before, after):
        _join_unknown(axes, before, after)
        return
    scale = after.column.largest_weight
    weights = _weights(map_, before.units, after.units)
    for sign, colour, dashes in ((1, POSITIVE, "solid"), (-1, NEGATIVE, DASHES)):
        ends = sorted(
            (abs(float(weights[i, j])) / scale, y, z)
            for i, y in enumerate(before.y[: len(before.units)])
            for j, z in enumerate(after.y[: len(after.units)])
            if np.sign(weights[i, j]) == sign
        )
        lines = LineCollection(
            [[(before.x, y), (after.x, z)] for _, y, z in ends],
            colors=colour,
            linewidths=[THIN + (THICK - THIN) * amount for amount, _, _ in ends],
            linestyles=[dashes],
            alpha=0.8,
        )
        axes.add_collection(lines, autolim=False)


def _weights(map_: Affine, before: Sequence[int], after: Sequence[int]) -> NDArray[np.floating]:
    """From some units to some, (n_before, n_after)."""
    if map_.scale is None:
        return map_.weight[np.ix_(before, after)]
    u, v = np.array(before, np.int64)[:, None], np.array(after, np.int64)
    return np.where(u == v, map_.scale[v], 0)


def _is_drawn(before: Rank, after: Rank) -> bool:
    """Whether weights join two columns one by one."""
    ends = (before, after)
    return after.column.map is not None and not any(r.column.n_elided or r.is_stack for r in ends)


def _draw_scale(sheet: Sheet, before: Rank, after: Rank, y: float) -> None:
    """How large the thickest weight between two columns is."""
    if _is_drawn(before, after):
        text = f"thickest {number(after.column.largest_weight)}"
        text = fit_width(text, SMALL, after.x - before.x)
        x = (before.x + after.x) / 2
        sheet.text(x, y + 0.05, text, SMALL, ha="center", color=style.MUTED)


def _join_unknown(axes: Axes, before: Rank, after: Rank) -> None:
    """A dotted arrow: what joins the two is not drawn or not known."""
    axes.annotate(
        "",
        (after.x - after.gap, float(np.mean(after.y))),
        (before.x + before.gap, float(np.mean(before.y))),
        arrowprops={"arrowstyle": "-|>", "color": style.MUTED, "linestyle": ":", "linewidth": 1.2},
    )


def _draw_units(sheet: Sheet, axes: Axes, rank: Rank, pictures: list[Pictures] | None) -> None:
    column = rank.column
    if rank.is_stack:
        _draw_stack(sheet, axes, rank)
        return
    for unit, y in zip(rank.units, rank.y, strict=False):
        bias = 0.0 if column.map is None else float(column.map.bias[unit]) / column.largest_bias
        picture = None if pictures is None else pictures[column.k][unit]
        _draw_unit(axes, rank.x, y, bias, picture)
        if rank.names:
            continue
        if picture is None:
            place: dict[str, Any] = {"x": rank.x, "y": y + 0.04, "ha": "center"}
        else:
            place = {"x": rank.x - RADIUS * 0.8, "y": y - RADIUS * 0.75, "ha": "right"}
        sheet.text(text=str(unit), size=SMALL, color=style.MUTED, **place)
    if len(rank.units) < len(rank.y) and rank.units:
        text = f"… {column.n_units - len(rank.units):,} more"
        y = rank.y[-1] + 0.04
        sheet.text(rank.x, y, text, style.CAPTION_SIZE, ha="center", color=style.MUTED)


def _draw_stack(sheet: Sheet, axes: Axes, rank: Rank) -> None:
    """Sheets one behind the other, with how many units they stand for."""
    from matplotlib.patches import Rectangle

    width, height = SHEET
    for i in range(SHEETS):
        aside = (SHEETS - 1) / 2 * SHIFT - i * SHIFT
        corner = (rank.x - width / 2 + aside, rank.y[0] - height / 2 - aside)
        face: dict[str, Any] = {"facecolor": "white", "edgecolor": style.GRID, "zorder": 3 + i}
        axes.add_patch(Rectangle(corner, width, height, linewidth=0.8, **face))
    text = f"{rank.column.n_units:,}"
    x, y = rank.x - SHIFT, rank.y[0] + 0.04
    sheet.text(x, y, text, style.CAPTION_SIZE, ha="center", color=style.MUTED)


def _draw_unit(axes: Axes, x: float, y: float, bias: float, picture: Any) -> None:
    """A disc with what the unit computes, and its bias as a ring around it."""
    from matplotlib.patches import Circle

    disc = Circle((x, y), RADIUS, facecolor="white", edgecolor="none", zorder=3)
    axes.add_patch(disc)
    if picture is not None:
        limits = axes.get_xlim(), axes.get_ylim()
        box = (x - RADIUS, x + RADIUS, y + RADIUS, y - RADIUS)
        image = axes.imshow(picture, extent=box, interpolation="bilinear", zorder=4, aspect="auto")
        image.set_clip_path(disc)
        axes.set(xlim=limits[0], ylim=limits[1])
    ring: dict[str, Any] = {"edgecolor": style.GRID, "linewidth": 0.8}
    if bias:
        ring = {
            "edgecolor": POSITIVE if bias > 0 else NEGATIVE,
            "linewidth": 0.8 + (THICK - THIN) * abs(bias),
            "linestyle": "solid" if bias > 0 else DASHES,
        }
    axes.add_patch(Circle((x, y), RADIUS, facecolor="none", zorder=5, **ring))


def _draw_title(sheet: Sheet, rank: Rank, room: float) -> None:
    column = rank.column
    if column.n_elided:
        text = fit_width(f"… {column.n_elided} more layers", style.CAPTION_SIZE, room + 0.1)
        y = rank.y[0] - 0.15
        sheet.text(rank.x, y, text, style.CAPTION_SIZE, ha="center", color=style.MUTED)
        return
    y = rank.top - 0.1
    to_edge = min(rank.x, sheet.width - rank.x)
    room = min(room, 2 * (to_edge - MARGIN / 2))
    name = fit_width(column.representation.name, style.LABEL_SIZE, room - 0.08, "bold")
    # The sheets of a stack say how many units there are.
    facts = " · ".join(column.functions) if rank.is_stack and column.functions else column.facts
    facts = fit_width(facts, style.CAPTION_SIZE, room - 0.08)
    # Lines may pass behind.
    plain: dict[str, Any] = {"ha": "center", "bbox": PAPER}
    sheet.text(rank.x, y - 0.15, name, style.LABEL_SIZE, weight="bold", **plain)
    sheet.text(rank.x, y, facts, style.CAPTION_SIZE, color=style.MUTED, **plain)


def _draw_names(sheet: Sheet, rank: Rank, side: int) -> None:
    for name, y in zip(rank.names, rank.y, strict=False):
        sheet.text(
            rank.x + side * (RADIUS + 0.1),
            y + 0.04,
            fit_width(name, style.LABEL_SIZE, NAMES),
            style.LABEL_SIZE,
            ha="right" if side < 0 else "left",
        )


def _side(names: list[str]) -> float:
    """Room at one side of the drawing, in inches from the middle of the outermost column."""
    widest = max(
        (text_width(fit_width(n, style.LABEL_SIZE, NAMES), style.LABEL_SIZE) for n in names[:200]),
        default=0.0,
    )
    # Half a column's title needs room, too.
    return max(RADIUS + 0.12 + widest, 0.62)


def _facts(layers: list[Column]) -> str:
    widths = " → ".join(f"{c.n_units:,}" for c in elide(layers, 20) if not c.n_elided)
    n = parameters(layers)
    which = "known weights" if any(c.is_opaque for c in layers) else "weights"
    known = f" · {n:,} {which} and biases" if n else ""
    if n and any(c.is_diagonal for c in layers):
        known += ", of scalings one a unit"
    return f"{widths} unit{'s' * (layers[-1].n_units != 1 or len(layers) > 1)}{known}"


def _foot(trace: Trace, layers: list[Column]) -> str:
    parts: list[str] = []
    if parameters(layers):
        parts.append("The thickest line between two layers is the largest weight there.")
        if any(c.n_units > MOST_UNITS for c in layers):
            parts.append("Of wide layers the units with the largest weights are drawn.")
    return " ".join([*parts, *(note.text for note in for_readers(trace.notes))])


def _keys(layers: list[Column], has_pictures: bool) -> list[Key]:
    keys: list[Key] = []
    if parameters(layers):
        keys = [
            Key("positive weight", "line", POSITIVE),
            Key("negative weight", "dashes", NEGATIVE),
            Key("ring: bias, against the layer's largest", "ring", POSITIVE),
        ]
    if any(c.is_opaque for c in layers):
        keys.append(Key("dotted: a step whose weights are not known", "none"))
    if has_pictures:
        text = "disc: the unit's value over the input plane, dark where it is high"
        keys.append(Key(text, "disc", "0.3"))
    return keys
