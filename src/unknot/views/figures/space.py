"""A representation with three axes on paper: cropped to its box, with names that fit."""

from typing import TYPE_CHECKING, Any

from unknot.draw import style
from unknot.draw.colouring import Colouring
from unknot.draw.instant import Instant, instant
from unknot.draw.panel import Panel
from unknot.draw.space import Label
from unknot.draw.words import families
from unknot.motion.scene import Scene
from unknot.views.figures.cloud import cells_for
from unknot.views.figures.sheet import SMALL, fit_width, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Panels narrower than this many inches have smaller text.
NARROW = 4.0
#: What narrow panels leave out of an axis' name.
LONG = "principal plane, "
#: How steeply the right side of the ground climbs, about: a name that is moved left goes down.
CLIMB = 0.7


def shape(scene: Scene, k: int, colouring: Colouring) -> float:
    """Height of the picture of representation `k` over its width."""
    half_width, half_height = _now(scene, k, colouring).half
    return half_height / half_width


def is_abbreviated(scene: Scene) -> bool:
    """Whether narrow panels of a scene need an explanation of their axes' names."""
    names = [name for stop in scene.stops for name in stop.axis_labels]
    return scene.n_axes == 3 and any(name.startswith(LONG) for name in names)


def draw_space(
    axes: "Axes", scene: Scene, k: int, colouring: Colouring, inches: float, height: float
) -> None:
    """Draw representation `k` of a scene with three axes.

    Parameters
    ----------
    inches, height : float
        Width and height of the axes.
    """
    cells = cells_for(len(colouring.points), inches)
    Panel(
        axes, scene, title=False, caption=False, labels=False, cells=cells, colouring=colouring
    ).draw(k)
    now = _now(scene, k, colouring)
    (x, y), (half_width, _) = now.centre, now.half
    half_height = half_width * height / inches
    axes.set(xlim=(x - half_width, x + half_width), ylim=(y - half_height, y + half_height))
    size = SMALL if inches < NARROW else style.LABEL_SIZE
    for label in now.labels:
        _write(axes, label, now, inches, size)


def _now(scene: Scene, k: int, colouring: Colouring) -> Instant:
    return instant(scene, float(k), colouring, lattice=False, boundary=False)


def _write(axes: "Axes", label: Label, now: Instant, inches: float, size: float) -> None:
    """Numbers where they belong; names beside the numbers of their side, inside the picture."""
    text: dict[str, Any] = {"ha": "center", "va": "center", "color": style.MUTED}
    per_inch = 2 * now.half[0] / inches
    x, y, line = label.x, label.y, label.text
    if label.is_title:
        if inches < NARROW:
            line = line.removeprefix(LONG)
        line = fit_width(line, size, 0.42 * inches)
        text["color"] = style.INK
        half = text_width(line, size) * per_inch / 2
        left, right = now.centre[0] - now.half[0], now.centre[0] + now.half[0]
        is_upright = y > now.centre[1]
        if not is_upright:
            # Both sides of the ground climb away from the middle, so beside and below is room.
            drop = size / 72 * per_inch
            x, y = (x - half * 0.8, y - drop) if x < now.centre[0] else (x + half, y - drop)
            y -= CLIMB * max(x + half - right, 0)
        x = min(max(x, left + half), right - half)
        y = max(y, now.centre[1] - now.half[1] + size / 144 * per_inch)
    axes.text(
        x,
        y,
        line,
        fontsize=size if label.is_title else max(size - 1, SMALL),
        fontfamily=list(families()),
        parse_math=False,
        zorder=6,
        **text,
    )
