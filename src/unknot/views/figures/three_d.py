"""The 3-D figure: three units of a layer, or its projection to three axes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from unknot.draw import style
from unknot.draw.colouring import trace_colouring
from unknot.draw.notes import picture_notes
from unknot.errors import UsageError
from unknot.motion.scene import Scene
from unknot.traces.representation import Trace
from unknot.views.figures.legend import colour_keys, header, line_keys, trace_facts
from unknot.views.figures.sheet import MARGIN, SMALL, Sheet, line_height, wrap
from unknot.views.figures.source import Source, asked, check_units, last_hidden, layer_index
from unknot.views.figures.space import draw_space, shape
from unknot.views.figures.table import figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 6.0
#: Of the picture, over its width.
MOST_HIGH = 1.2


def three_d(
    source: Source,
    *,
    size: float = WIDTH,
    layer: int | str | None = None,
    projection: str = "following",
    units: Sequence[int] | None = None,
    seed: int = 0,
) -> "Figure":
    """Three units of a layer, or its projection to three axes."""
    scene, k = _scene(source, layer, units, {"projection": projection, "seed": seed})
    trace = scene.trace
    colouring = trace_colouring(trace)
    width = size - 2 * MARGIN
    head = header(
        f"{trace.name}: {scene.stops[k].title}",
        [trace_facts(source.trace)],
        [*colour_keys(colouring), *line_keys([trace])],
        width,
    )
    readout = scene.readout(k)
    caption = [] if readout is None else wrap(readout.caption, style.CAPTION_SIZE, width)
    foot = wrap(" ".join(picture_notes(trace)), SMALL, width)
    height = width * min(shape(scene, k, colouring), MOST_HIGH)
    top = MARGIN + head.height
    below = top + height
    text = len(caption) * line_height(style.CAPTION_SIZE) + len(foot) * line_height(SMALL)
    sheet = Sheet(size, below + text + 2 * MARGIN)
    head.draw(sheet)
    axes = sheet.axes(MARGIN, top, width, height)
    draw_space(axes, scene, k, colouring, width, height)
    colour = style.WARNING if readout is not None and readout.misleads else style.MUTED
    y = below + MARGIN / 2
    for line in caption:
        y += line_height(style.CAPTION_SIZE)
        sheet.text(size / 2, y, line, style.CAPTION_SIZE, color=colour, ha="center")
    for line in foot:
        y += line_height(SMALL)
        sheet.text(MARGIN, y, line, SMALL, color=style.MUTED)
    return sheet.figure


# A name cannot begin with a digit, but the table's entry may.
three_d.__name__ = "3d"
figures.add(three_d)


def _scene(
    source: Source,
    layer: int | str | None,
    units: Sequence[int] | None,
    options: dict[str, object],
) -> tuple[Scene, int]:
    """A scene with three axes, and which of its representations to show."""
    if isinstance(source.given, Scene):
        if source.given.n_axes != 3:
            raise UsageError("The figure '3d' shows a scene with 3 axes; got one with 2.")
        scene = source.scene(**asked(options))
        return scene, layer_index(scene.trace, layer, last_hidden(scene.trace, 3))
    trace = source.trace
    k = layer_index(trace, layer, last_hidden(trace, 3))
    if units is None:
        return Scene(trace, n_axes=3, **options), k  # pyright: ignore[reportArgumentType]
    chosen = check_units(trace.representations[k], units, 3, 3)
    return Scene(_alone(trace, k), n_axes=3, units=chosen), 0


def _alone(trace: Trace, k: int) -> Trace:
    """A trace that ends where it begins: other layers may not have the units asked for."""
    lattice = trace.lattice
    if lattice is not None:
        lattice = replace(lattice, values=lattice.values[k : k + 1])
    return Trace(
        (trace.representations[k],),
        (),
        trace.labels,
        trace.class_names,
        lattice=lattice,
        name=trace.name,
        notes=trace.notes,
    )
