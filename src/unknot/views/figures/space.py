"""A representation with three axes on paper: cropped to its box, with names that fit."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from unknot.doors import as_scene, as_shown, as_trace
from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.draw.colouring import Colouring, trace_colouring
from unknot.draw.instant import Instant, instant
from unknot.draw.marks import Marks
from unknot.draw.panel import NO_MARKS, Panel
from unknot.draw.space import LONG, Label
from unknot.draw.words import families
from unknot.errors import UsageError
from unknot.motion.scene import Scene
from unknot.traces.note import for_readers
from unknot.traces.representation import Trace
from unknot.views.figures.cloud import cells_for
from unknot.views.figures.figure import (
    Drawable,
    check_units,
    chosen_options,
    figures,
    last_hidden,
    width_for,
)
from unknot.views.figures.legend import colour_keys, header, line_keys, trace_facts
from unknot.views.figures.marks import IMAGES, mark_keys, marks_of
from unknot.views.figures.sheet import (
    MARGIN,
    SMALL,
    Sheet,
    fit_width,
    inches_of,
    line_height,
    root_of,
    text_width,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

#: Panels narrower than this many inches have smaller text.
NARROW = 4.0
#: How the names of axes begin, and what they mean.
VIEWS = {
    LONG: "Widest view (a, b, c): where the cloud spreads most (principal components).",
    "discriminant": "Discriminants: where the classes lie farthest apart (LDA).",
    "logistic": (
        "Logistic: the plane in which straight cuts tell most of the classes apart (softmax of low "
        "rank)."
    ),
    "linear regression": (
        "Linear regression: the direction along which the target grows; PC of the rest: where the "
        "cloud spreads most beside it."
    ),
    "corners": (
        "Corners: each class pulls towards a corner of its own; classes that the network confuses "
        "stand side by side."
    ),
}
#: How steeply the right side of the ground climbs, about: a name that is moved left goes down.
CLIMB = 0.7


def shape(scene: Scene, k: int, colouring: Colouring) -> float:
    """Height of the picture of representation `k` over its width."""
    half_width, half_height = _now(scene, k, colouring).half
    return half_height / half_width


def view_sentences(scenes: Sequence[Scene], k: int | None = None) -> list[str]:
    """What the names of the axes mean, of all representations or of one."""
    stops = [stop for scene in scenes for stop in scene.stops if k in (None, stop.k)]
    names = [name for stop in stops for name in stop.axis_labels]
    known = [text for start, text in VIEWS.items() if any(n.startswith(start) for n in names)]
    if any(stop.are_corners and not stop.is_decided for stop in stops):
        known.append("A place between the corners does not decide the class.")
    return known


def draw_space(
    axes: Axes,
    scene: Scene,
    k: int,
    colouring: Colouring,
    inches: float,
    height: float,
    marks: Marks = NO_MARKS,
) -> None:
    """Draw representation `k` of a scene with three axes.

    Parameters
    ----------
    inches, height : float
        Width and height of the axes.
    """
    cells = cells_for(len(colouring.points), inches)
    look: dict[str, Any] = {"title": False, "caption": False, "labels": False, "cells": cells}
    Panel(axes, scene, colouring=colouring, marks=marks, **look).draw(k)
    now = _now(scene, k, colouring)
    (x, y), (half_width, _) = now.centre, now.half
    half_height = half_width * height / inches
    axes.set(xlim=(x - half_width, x + half_width), ylim=(y - half_height, y + half_height))
    size = SMALL if inches < NARROW else style.LABEL_SIZE
    for label in now.labels:
        _write(axes, label, now, inches, size)


def _now(scene: Scene, k: int, colouring: Colouring) -> Instant:
    return instant(scene, float(k), colouring, lattice=False, boundary=False)


def _write(axes: Axes, label: Label, now: Instant, inches: float, size: float) -> None:
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


WIDTH = 6.0
#: Of the picture, over its width.
MOST_HIGH = 1.2


@figures.named("3d")
def three_d(
    source: Drawable,
    *,
    size: float | None = None,
    layer: int | str | None = None,
    projection: str = "auto",
    units: Sequence[int] | None = None,
    seed: int = 0,
    thumbnails: bool = False,
    mark_held_out: bool = False,
    ax: Axes | None = None,
    figure: "Figure | SubFigure | None" = None,
) -> "Figure":
    """Three units of a layer, or its projection to three axes.

    Parameters
    ----------
    source : Trace, Run or Scene
    size : float, optional
        Width in inches; the height follows.
    layer : int or str, optional
        By number or name; the last hidden one with three units when left out.
    projection : str
        A key of ``projections``.
    units : sequence of 3 int, optional
        Which units to show. Indices: 0 is what the figure calls unit 1.
    seed : int
        For the random projection.
    thumbnails : bool
        Show the images of a sample of the points at their places.
    mark_held_out : bool
        Draw points that were held out as rings.
    ax : matplotlib Axes of two dimensions, optional
        Where to draw the panel alone, without title, legend and notes.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw it, as wide as that is; a figure of its own when left out.
    """
    size = width_for(size, WIDTH, figure, ax)
    shown = as_shown(source)
    scene, k = _scene(shown, layer, units, {"projection": projection, "seed": seed})
    trace = scene.trace
    marks = marks_of([trace], thumbnails, mark_held_out)
    colouring = trace_colouring(trace)
    if ax is not None:
        draw_space(ax, scene, k, colouring, *inches_of(ax), marks)
        return root_of(ax)
    width = size - 2 * MARGIN
    head = header(
        f"{trace.name}: {scene.stops[k].title}",
        [trace_facts(as_trace(shown))],
        [*colour_keys(colouring), *mark_keys(marks, [trace]), *line_keys([trace])],
        width,
    )
    readout = scene.readout(k)
    caption = [] if readout is None else wrap(readout.caption, style.CAPTION_SIZE, width)
    notes = [note.text for note in for_readers(trace.notes)]
    notes += [IMAGES] if thumbnails else []
    foot = wrap(" ".join([*view_sentences([scene], k), *notes]), SMALL, width)
    height = width * min(shape(scene, k, colouring), MOST_HIGH)
    top = MARGIN + head.height
    below = top + height
    text = len(caption) * line_height(style.CAPTION_SIZE) + len(foot) * line_height(SMALL)
    sheet = Sheet(size, below + text + 2 * MARGIN, figure)
    head.draw(sheet)
    axes = sheet.axes(MARGIN, top, width, height)
    draw_space(axes, scene, k, colouring, width, height, marks)
    colour = style.WARNING if readout is not None and readout.misleads else style.MUTED
    y = below + MARGIN / 2
    for line in caption:
        y += line_height(style.CAPTION_SIZE)
        sheet.text(size / 2, y, line, style.CAPTION_SIZE, color=colour, ha="center")
    sheet.lines(foot, y + 0.4 * line_height(SMALL))
    return sheet.figure


def _scene(
    shown: Drawable,
    layer: int | str | None,
    units: Sequence[int] | None,
    options: dict[str, object],
) -> tuple[Scene, int]:
    """A scene with three axes, and which of its representations to show."""
    trace = as_trace(shown)
    k = last_hidden(trace, 3) if layer is None else trace.index(layer)
    if isinstance(shown, Scene):
        if shown.n_axes != 3:
            raise UsageError("The figure '3d' shows a scene with 3 axes; got one with 2.")
        asked = options if units is None else {**options, "units": units}
        return as_scene(shown, **chosen_options(asked)), k
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
        held_out=trace.held_out,
        identity=trace.identity,
    )
