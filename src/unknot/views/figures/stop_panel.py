"""One representation of a strip: its panel, and below it what the panel hides."""

from typing import TYPE_CHECKING

from unknot.draw import style
from unknot.draw.colouring import Colouring
from unknot.draw.panel import Panel
from unknot.draw.words import families, probe_caption
from unknot.motion.scene import Scene
from unknot.views.figures.cloud import cells_for, number_axis
from unknot.views.figures.sheet import Sheet, fit_width, line_height, wrap
from unknot.views.figures.space import draw_space, shape

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Inches left of a panel (numbers and the axis' name), right of it, and below it.
LEFT, RIGHT, BELOW = 0.62, 0.1, 0.47
#: Between what belongs to one row of panels and the next.
GAP = 0.16


def depth(scene: Scene, stops: range, side: float) -> float:
    """Inches from the lower edge of a row of panels to the next row."""
    lines = max(len(_caption(scene, k, side)) for k in stops)
    return BELOW + lines * line_height(style.CAPTION_SIZE) + GAP


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
        draw_space(axes, scene, k, colouring, side + LEFT / 2, height + BELOW)
    else:
        _draw_plane(sheet.axes(left, top, side, side), scene, k, side, colouring)
    readout = scene.readout(k)
    colour = style.WARNING if readout is not None and readout.misleads else style.MUTED
    for i, line in enumerate(_caption(scene, k, side)):
        y = top + height + BELOW + (i + 0.7) * line_height(style.CAPTION_SIZE)
        sheet.text(left + side / 2, y, line, style.CAPTION_SIZE, color=colour, ha="center")


def _draw_plane(axes: "Axes", scene: Scene, k: int, side: float, colouring: Colouring) -> None:
    cells = cells_for(scene.trace.n_points, side)
    Panel(axes, scene, title=False, caption=False, cells=cells, colouring=colouring).draw(k)
    axes.tick_params(labelfontfamily=list(families()))
    number_axis(axes, "x", 5, side, margin=0.0)
    if scene.stops[k].n_shown == 1:
        axes.set_ylabel("points", fontsize=style.LABEL_SIZE, color=style.MUTED)
    for label in (axes.xaxis.label, axes.yaxis.label):
        if label.get_text():
            label.set_text(fit_width(label.get_text(), style.LABEL_SIZE, side))


def _caption(scene: Scene, k: int, side: float) -> list[str]:
    readout = scene.readout(k)
    text = probe_caption(scene, k) if readout is None else readout.caption
    parts = text.split(" · ") if text else []
    return [line for part in parts for line in wrap(part, style.CAPTION_SIZE, side + LEFT)]
