"""The route through the network: a line over the panels with a station for each representation."""

from collections.abc import Sequence

from unknot.draw import style
from unknot.motion.scene import Scene
from unknot.network.maps import Affine, Map, is_known
from unknot.traces.representation import Trace
from unknot.views.figures.sheet import MARGIN, Sheet, fit_width

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
    """``"hidden 1: 2 → 6, σ min 0.31, mirrored"``, and shorter ones for less room."""
    map_ = trace.maps[k]
    if not isinstance(map_, Affine):
        return [map_.name]
    n_in, n_out = map_.weight.shape
    sizes = f"{n_in:,} → {n_out:,}"
    sigma = f"σ min {map_.singular_values[-1]:.2g}".replace("-", "−")
    full = ", ".join([sizes, sigma, *(["mirrored"] if map_.determinant_sign == -1 else [])])
    return [f"{map_.name}: {full}", f"{map_.name}: {sizes}", map_.name]


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
