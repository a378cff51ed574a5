"""The strip: one panel a representation, in the order of the network."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from unknot.doors import side_by_side
from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.draw.colouring import Colouring, trace_colouring
from unknot.draw.marks import Marks
from unknot.draw.panel import Panel
from unknot.draw.words import families, probe_caption, scale_caption
from unknot.errors import UsageError
from unknot.motion.scene import Scene
from unknot.network.factors import Factors
from unknot.network.maps import Affine, Map, factors_of, is_known
from unknot.traces.representation import Trace
from unknot.views.figures.cloud import cells_for, number_axis
from unknot.views.figures.figure import Drawable, chosen_options, figures, scenes_of, width_for
from unknot.views.figures.foot import foot_of
from unknot.views.figures.legend import (
    Header,
    colour_keys,
    header,
    line_keys,
    shared_title,
    trace_facts,
)
from unknot.views.figures.marks import mark_keys, marks_of
from unknot.views.figures.sheet import MARGIN, SMALL, Sheet, fit_width, line_height, wrap
from unknot.views.figures.space import draw_space, shape

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

#: Inches from the top of a row to the names of maps, the line, the names of representations,
#: their widths, and the panels.
MAP, LINE, NAME, UNITS, ABOVE = 0.13, 0.22, 0.42, 0.57, 0.66
NAME_SIZE = 10
DASHED = (0, (3, 2))


def draw_route(
    sheet: Sheet, scene: Scene, stops: range, centres: Sequence[float], top: float
) -> None:
    """Draw the route over one row of panels.

    Parameters
    ----------
    stops : range
        The representations in this row.
    centres : sequence of float
        Middles of their panels, in inches from the left.
    top : float
        Upper edge of the row, in inches from the top.
    """
    trace = scene.trace
    ends = [(k, left, right) for k, left, right in zip(stops, centres, centres[1:], strict=False)]
    if stops.start > 0:
        ends.insert(0, (stops.start - 1, MARGIN, centres[0]))
    for k, left, right in ends:
        _draw_segment(sheet, trace, k, left, right, top)
    if stops.stop < len(scene.stops):
        # The route goes on in the next row.
        right = min(centres[-1] + 0.5, sheet.width - MARGIN)
        _draw_line(sheet, trace.maps[stops.stop - 1], centres[-1], right, top)
    room = centres[1] - centres[0] - 0.1 if len(centres) > 1 else 2.5
    for k, x in zip(stops, centres, strict=False):
        n = trace.representations[k].n_units
        name = fit_width(trace.representations[k].name, NAME_SIZE, room, "bold")
        sheet.line([x], [top + LINE], marker="o", markersize=6, color=style.INK, linestyle="none")
        sheet.text(x, top + NAME, name, NAME_SIZE, ha="center", weight="bold")
        units = f"{n:,} unit{'s' * (n != 1)}"
        sheet.text(x, top + UNITS, units, style.CAPTION_SIZE, ha="center", color=style.MUTED)


def map_labels(trace: Trace, k: int) -> list[str]:
    """``"hidden 1: 2 → 6, least ×0.31, mirrored"``, and shorter ones for less room."""
    map_ = trace.maps[k]
    if not isinstance(map_, Affine):
        return [map_.name]
    n_in, n_out = map_.shape
    sizes = f"{n_in:,} → {n_out:,}"
    own = factors_of(map_, trace.representations[k].values)
    if own is None:
        return [f"{map_.name}: {sizes}", map_.name]
    full = ", ".join([sizes, _least(own), *(["mirrored"] if own.determinant_sign == -1 else [])])
    return [f"{map_.name}: {full}", f"{map_.name}: {sizes}", map_.name]


def _least(own: Factors) -> str:
    """How much the direction is stretched that is stretched least."""
    return "flat" if own.is_singular else f"least ×{own.scales[-1]:.2g}".replace("-", "−")


def _draw_segment(
    sheet: Sheet, trace: Trace, k: int, left: float, right: float, top: float
) -> None:
    _draw_line(sheet, trace.maps[k], left, right - 0.07, top)
    room = right - left - 0.16
    labels = map_labels(trace, k)
    fitting = (label for label in labels if fit_width(label, style.CAPTION_SIZE, room) == label)
    label = next(fitting, fit_width(labels[-1], style.CAPTION_SIZE, room))
    middle = (left + right) / 2
    sheet.text(middle, top + MAP, label, style.CAPTION_SIZE, ha="center", color=style.MUTED)


def _draw_line(sheet: Sheet, map_: Map, left: float, right: float, top: float) -> None:
    y = top + LINE
    dashes = "solid" if is_known(map_) else DASHED
    sheet.line([left, right - 0.04], [y, y], linewidth=1.2, linestyle=dashes)
    sheet.line([right - 0.02], [y], marker=">", markersize=4.5, linestyle="none")


#: Inches left of a panel (numbers and the axis' name), right of it, and below it.
LEFT, RIGHT, BELOW = 0.62, 0.1, 0.47
#: Between what belongs to one row of panels and the next.
GAP = 0.16


def below_panels(scene: Scene, stops: range, side: float) -> float:
    """Inches from the lower edge of a row of panels to the next row."""
    lines = max(len(_caption(scene, k, side)) for k in stops)
    return _below(scene) + lines * line_height(style.CAPTION_SIZE) + GAP


def _below(scene: Scene) -> float:
    """Inches for what stands below a panel: maps of neighbours have no numbers and no names."""
    is_bare = scene.n_axes == 2 and all(stop.is_map for stop in scene.stops)
    return RIGHT if is_bare else BELOW


def panel_height(scene: Scene, side: float, colouring: Colouring) -> float:
    """Inches from the upper edge of a row's panels to what is written below them."""
    if scene.n_axes == 2:
        return side
    highest = max(shape(scene, k, colouring) for k in range(len(scene.stops)))
    return highest * (side + LEFT / 2) - BELOW


def draw_stop(
    sheet: Sheet,
    scene: Scene,
    k: int,
    left: float,
    top: float,
    sides: tuple[float, float],
    colouring: Colouring,
    marks: Marks,
) -> None:
    """Draw representation `k`.

    Parameters
    ----------
    left, top : float
        Upper left corner of the panel, in inches.
    sides : (float, float)
        Its width and height.
    """
    side, height = sides
    if scene.n_axes == 3:
        axes = sheet.axes(left - LEFT / 2, top, side + LEFT / 2, height + BELOW)
        draw_space(axes, scene, k, colouring, side + LEFT / 2, height + BELOW, marks)
    else:
        look: dict[str, Any] = {"colouring": colouring, "marks": marks}
        _draw_plane(sheet.axes(left, top, side, side), scene, k, side, look)
    readout = scene.readout(k)
    colour = style.WARNING if readout is not None and readout.misleads else style.MUTED
    for i, line in enumerate(_caption(scene, k, side)):
        y = top + height + _below(scene) + (i + 0.7) * line_height(style.CAPTION_SIZE)
        sheet.text(left + side / 2, y, line, style.CAPTION_SIZE, color=colour, ha="center")


def _draw_plane(axes: Axes, scene: Scene, k: int, side: float, look: dict[str, Any]) -> None:
    cells = cells_for(scene.trace.n_points, side)
    Panel(axes, scene, title=False, caption=False, cells=cells, **look).draw(k)
    axes.tick_params(labelfontfamily=list(families()))
    if not scene.is_map(k):
        number_axis(axes, "x", 5, side, margin=0.0, stretch=float(scene.extent(k).factors[0]))
    if scene.stops[k].n_shown == 1:
        axes.set_ylabel("points", fontsize=style.LABEL_SIZE, color=style.MUTED)
    for label in (axes.xaxis.label, axes.yaxis.label):
        if label.get_text():
            label.set_text(fit_width(label.get_text(), style.LABEL_SIZE, side))


def _caption(scene: Scene, k: int, side: float) -> list[str]:
    readout = scene.readout(k)
    text = probe_caption(scene, k) if readout is None else readout.caption
    parts = [part for part in [scale_caption(scene, k), *text.split(" · ")] if part]
    return [line for part in parts for line in wrap(part, style.CAPTION_SIZE, side + LEFT)]


#: Side of a panel in inches: as a rule, at least, and at most.
SIDE, LEAST_SIDE, LARGEST_SIDE = 1.95, 1.4, 3.5
#: Panels in a row when no size is asked for: text stays readable when it is printed 7 inches wide.
MOST_COLUMNS = 3
#: Inches that a strip is high at most when no size is asked for, 4,000 pixels at the usual 200 dots
#: per inch: rows of deeper networks are longer.
MOST_HEIGHT = 20.0
#: Traces in one figure.
MOST_TRACES = 12
#: Inches that hold titles and legends.
LEAST_WIDTH = 5.5


@dataclass(frozen=True)
class Block:
    """The rows of panels of one trace.

    Attributes
    ----------
    scene : Scene
    colouring : Colouring
    columns : int
    side : float
        Of a panel, in inches.
    head : Header or None
        Which network this is, where there are several.
    marks : Marks
    """

    scene: Scene
    colouring: Colouring
    columns: int
    side: float
    head: Header | None
    marks: Marks

    @property
    def rows(self) -> list[range]:
        """The representations of each row."""
        n = len(self.scene.stops)
        return [range(k, min(k + self.columns, n)) for k in range(0, n, self.columns)]

    @property
    def height(self) -> float:
        """In inches."""
        return self._head_height + sum(map(self._row_height, self.rows))

    @property
    def _head_height(self) -> float:
        return self.head.height if self.head else 0.0

    @cached_property
    def _panel_height(self) -> float:
        return panel_height(self.scene, self.side, self.colouring)

    def _row_height(self, stops: range) -> float:
        return ABOVE + self._panel_height + below_panels(self.scene, stops, self.side)

    def draw(self, sheet: Sheet, top: float) -> None:
        """Put it on a sheet, `top` inches below its upper edge."""
        if self.head:
            self.head.draw(sheet, top=top)
        top += self._head_height
        for stops in self.rows:
            lefts = [MARGIN + LEFT + i * (LEFT + self.side + RIGHT) for i in range(len(stops))]
            centres = [left + self.side / 2 for left in lefts]
            draw_route(sheet, self.scene, stops, centres, top)
            for k, left in zip(stops, lefts, strict=True):
                sides = (self.side, self._panel_height)
                look = self.colouring, self.marks
                draw_stop(sheet, self.scene, k, left, top + ABOVE, sides, *look)
            top += self._row_height(stops)


@figures.add
def strip(
    source: Drawable | Sequence[Drawable],
    *,
    size: float | None = None,
    n_axes: int = 2,
    projection: str = "auto",
    units: Sequence[int] | None = None,
    scale: str = "animated",
    seed: int = 0,
    thumbnails: bool = False,
    mark_held_out: bool = False,
    figure: "Figure | SubFigure | None" = None,
) -> "Figure":
    """One panel a representation, joined by the names of the maps between them.

    Parameters
    ----------
    source : Trace, Run or Scene, or a sequence of up to 12 of them
        Several stand one below the other.
    size : float, optional
        Width in inches; the height follows. Left out, rows of 3 panels, longer ones for deep
        networks, so that the figure is 20 inches high at most.
    n_axes : int
        2 or 3.
    projection : str
        A key of ``projections``.
    units : sequence of int, optional
        Which units to show of layers that have more of them than there are axes. Indices: 0 is
        what the figure calls unit 1.
    scale : str
        ``"animated"`` (each panel has its own scale) or ``"fixed"`` (one for all).
    seed : int
        For the random projection.
    thumbnails : bool
        Show the images of a sample of the points at their places.
    mark_held_out : bool
        Draw points that were held out as rings.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.

    Raises
    ------
    UsageError
        When there is no trace, or there are too many; for images or rings of data without.
    """
    size = width_for(size, None, figure)
    sources = side_by_side(source, n_axes)
    if not 1 <= len(sources) <= MOST_TRACES:
        raise UsageError(f"A strip shows 1 to {MOST_TRACES} traces; got {len(sources)}.")
    options = {"n_axes": n_axes, "projection": projection, "units": units, "scale": scale}
    options = chosen_options({**options, "seed": seed})
    scenes = scenes_of(sources, options)
    marks = marks_of([scene.trace for scene in scenes], thumbnails, mark_held_out)
    longest = max(len(scene.stops) for scene in scenes)
    most = MOST_COLUMNS if size is None else _most_columns(size)
    while True:
        columns, side = _columns(longest, most, size)
        width = size or max(2 * MARGIN + columns * (LEFT + side + RIGHT), LEAST_WIDTH)
        head, blocks = _layout(scenes, columns, side, width - 2 * MARGIN, marks)
        foot = wrap(foot_of(scenes, marks), SMALL, width - 2 * MARGIN, most=8)
        bottom = MARGIN + head.height + sum(block.height for block in blocks)
        height = bottom + len(foot) * line_height(SMALL) + MARGIN
        n_rows = -(-longest // columns)
        if size is not None or height <= MOST_HEIGHT or n_rows == 1:
            break
        most = -(-longest // (n_rows - 1))
    sheet = Sheet(width, height, figure)
    head.draw(sheet)
    top = MARGIN + head.height
    for block in blocks:
        block.draw(sheet, top)
        top += block.height
    sheet.lines(foot, bottom)
    return sheet.figure


def _most_columns(size: float) -> int:
    """Panels in a row that have room in so many inches."""
    return max(1, int((size - 2 * MARGIN) / (LEAST_SIDE + LEFT + RIGHT)))


def _columns(longest: int, most: int, size: float | None) -> tuple[int, float]:
    """Panels in a row, all rows as equally long as can be, and the side of a panel.

    `most` is how many may stand in a row.
    """
    room = LEFT + RIGHT
    rows = -(-longest // most)
    columns = -(-longest // rows)
    if size is None:
        return columns, SIDE
    return columns, min((size - 2 * MARGIN) / columns - room, LARGEST_SIDE)


def _layout(
    scenes: Sequence[Scene], columns: int, side: float, width: float, marks: Marks
) -> tuple[Header, list[Block]]:
    """The head of the figure, and a block for each trace with its own head if there are more."""
    colours = style.shared_colours([scene.trace.class_names for scene in scenes])
    colourings = [trace_colouring(scene.trace, colours) for scene in scenes]
    keys = [colour_keys(colouring) for colouring in colourings]
    names = list(dict.fromkeys(scene.trace.name for scene in scenes))
    traces = [scene.trace for scene in scenes]
    own_keys = [*mark_keys(marks, traces), *line_keys(traces)]
    is_shared = all(other == keys[0] for other in keys)
    if len(scenes) == 1:
        trace = scenes[0].trace
        facts = [trace.architecture, trace_facts(trace)]
        head = header(trace.name, facts, [*keys[0], *own_keys], width)
        return head, [Block(scenes[0], colourings[0], columns, side, None, marks)]
    title = shared_title(names, len(scenes))
    head = header(title, [], [*(keys[0] if is_shared else []), *own_keys], width)
    blocks: list[Block] = []
    for scene, colouring, own in zip(scenes, colourings, keys, strict=True):
        about = scene.trace.architecture
        facts = [trace_facts(scene.trace)]
        if len(names) > 1:
            about, facts = scene.trace.name, [about, *facts]
        block_head = header(about, facts, [] if is_shared else own, width)
        blocks.append(Block(scene, colouring, columns, side, block_head, marks))
    return head, blocks
