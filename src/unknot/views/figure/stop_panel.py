"""One representation of a strip: its panel, and below it what the panel hides."""

from unknot import style
from unknot.scene import Scene
from unknot.views.colouring import Colouring
from unknot.views.figure.cloud import cells_for, number_axis
from unknot.views.figure.sheet import Sheet, fit_width, line_height, wrap
from unknot.views.panel import Panel
from unknot.views.words import families

#: Inches left of a panel (numbers and the axis' name), right of it, and below it.
LEFT, RIGHT, BELOW = 0.62, 0.1, 0.47
#: Between what belongs to one row of panels and the next.
GAP = 0.16


def depth(scene: Scene, stops: range, side: float) -> float:
    """Inches from the lower edge of a row of panels to the next row."""
    lines = max(len(_caption(scene, k, side)) for k in stops)
    return BELOW + lines * line_height(style.CAPTION_SIZE) + GAP


def draw_stop(
    sheet: Sheet, scene: Scene, k: int, left: float, top: float, side: float, colouring: Colouring
) -> None:
    """Draw representation `k` into the square whose upper left corner is given in inches."""
    axes = sheet.axes(left, top, side, side)
    Panel(
        axes,
        scene,
        title=False,
        caption=False,
        cells=cells_for(scene.trace.n_points, side),
        colouring=colouring,
    ).draw(k)
    axes.tick_params(labelfontfamily=list(families()))
    if scene.n_axes == 2:
        number_axis(axes, "x", 5, side, margin=0.0)
    if scene.stops[k].n_shown == 1 and scene.n_axes == 2:
        axes.set_ylabel("points", fontsize=style.LABEL_SIZE, color=style.MUTED)
    for label in (axes.xaxis.label, axes.yaxis.label):
        if label.get_text():
            label.set_text(fit_width(label.get_text(), style.LABEL_SIZE, side))
    readout = scene.readout(k)
    if readout is None:
        return
    colour = style.WARNING if readout.misleads else style.MUTED
    for i, line in enumerate(_caption(scene, k, side)):
        y = top + side + BELOW + (i + 0.7) * line_height(style.CAPTION_SIZE)
        sheet.text(left + side / 2, y, line, style.CAPTION_SIZE, color=colour, ha="center")


def _caption(scene: Scene, k: int, side: float) -> list[str]:
    readout = scene.readout(k)
    if readout is None:
        return []
    parts = readout.caption.split(" · ")
    return [line for part in parts for line in wrap(part, style.CAPTION_SIZE, side + LEFT)]
