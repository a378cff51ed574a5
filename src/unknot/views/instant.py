"""Instant: what one panel shows at one moment, flat and ready to be drawn by any means."""

from dataclasses import dataclass, replace

import numpy as np

from unknot.scene import Extent, Scene
from unknot.views.colouring import Colouring
from unknot.views.ground import Box, Label, ground
from unknot.views.histogram import HEIGHT, HEIGHT_3D, histogram, is_on_a_line, outlines
from unknot.views.perspective import Eye
from unknot.views.plane import thresholds
from unknot.views.window import Points, Window


@dataclass(frozen=True)
class Instant:
    """One moment of a scene as flat shapes; all coordinates are in the plane of the picture.

    Attributes
    ----------
    points : (n_points, 2) float array
    centre : (float, float)
    half : (float, float)
        Half the width and half the height of the rectangle around `centre` that must be seen.
    depth : (n_points,) float array or None
        Towards the eye; None with two axes.
    grid, boundary : tuples of (n, 2) float arrays
        Empty where the cloud lies on a line.
    box : tuple of (n, 2) float arrays
        The ground and the upright edge of a 3-D view.
    labels : tuple of Label
        Numbers and axis names of a 3-D view.
    columns : tuple of (n, 2) float arrays
        One closed shape a class, when the cloud lies on a line.
    thresholds : tuple of (2, 2) float arrays
        Where the decision changes along that line.
    """

    points: Points
    centre: tuple[float, float]
    half: tuple[float, float]
    depth: Points | None = None
    grid: tuple[Points, ...] = ()
    boundary: tuple[Points, ...] = ()
    box: tuple[Points, ...] = ()
    labels: tuple[Label, ...] = ()
    columns: tuple[Points, ...] = ()
    thresholds: tuple[Points, ...] = ()

    def window(self, width: int, height: int) -> Window:
        """What a panel of so many pixels looks at."""
        return Window.holding(*self.centre, *self.half, width, height)


def instant(
    scene: Scene,
    t: float,
    colouring: Colouring,
    *,
    eye: Eye | None = None,
    lattice: bool = True,
    boundary: bool = True,
    lift: float = 1.0,
) -> Instant:
    """What a scene shows at `t`.

    Parameters
    ----------
    scene : Scene
    t : float
    colouring : Colouring
    eye : Eye, optional
        For a scene with three axes: from where to look.
    lattice, boundary : bool
        Whether to show the grid and the decision boundary.
    lift : float
        How far the columns over a cloud on a line have risen, 0 to 1.
    """
    extent = scene.extent(t)
    centre, radius = extent.centre, extent.radius
    now = Instant(scene.points(t), (float(centre[0]), float(centre[1])), (radius, radius))
    if is_on_a_line(scene, t):
        now = _with_columns(now, scene, t, colouring, lift if boundary else 0.0, lift)
    else:
        lift = 0.0
        grid, edge = scene.lines(t) if lattice or boundary else ([], [])
        now = replace(
            now, grid=tuple(grid) if lattice else (), boundary=tuple(edge) if boundary else ()
        )
    if scene.n_axes == 2:
        # The line comes to lie low in the picture: the columns need the room above it.
        return replace(now, centre=(now.centre[0], now.centre[1] + lift * 0.72 * radius))
    names = scene.stops[int(t)].axis_labels if t == int(t) else ("", "", "")
    return _seen(now, extent, eye or Eye(), names, lift)


def _with_columns(
    now: Instant, scene: Scene, t: float, colouring: Colouring, marked: float, lift: float
) -> Instant:
    """Columns and thresholds of a cloud on a line, in the plane of two axes."""
    x, radius = now.centre[0], now.half[0]
    low, high = x - radius, x + radius
    n_groups = len(colouring.class_names)
    # A colour scale has no classes: one outline for all.
    group = colouring.group if n_groups else np.zeros(len(now.points), np.int64)
    counts = histogram(now.points[:, 0], group, max(n_groups, 1), low, high)
    height = HEIGHT if scene.n_axes == 2 else HEIGHT_3D
    columns = outlines(counts, low, high, lift * height * radius)
    places = thresholds(scene, round(t), low, high) if marked and t == round(t) else []
    ends = (-0.06 * radius * marked, (height + 0.1) * radius * marked)
    marks = tuple(np.array([(place, end) for end in ends]) for place in places)
    return replace(now, columns=tuple(columns), thresholds=marks)


def _seen(now: Instant, extent: Extent, eye: Eye, names: tuple[str, ...], lift: float) -> Instant:
    """Three axes as the eye sees them."""
    box = Box.around(now.points, extent.centre, extent.radius, lift, HEIGHT_3D + 0.1)
    lines, labels = ground(box, eye, names, 1 if now.columns else 3)
    points, depth = eye.see(now.points, box.centre, box.radius)
    centre, half = box.frame(eye)

    def flat(shapes: tuple[Points, ...]) -> tuple[Points, ...]:
        upright = [_raised(shape) if shape.shape[1] == 2 else shape for shape in shapes]
        return tuple(eye.see_lines(upright, box.centre, box.radius))

    return Instant(
        points,
        centre,
        half,
        depth,
        flat(now.grid),
        flat(now.boundary),
        tuple(lines),
        labels,
        flat(now.columns),
        flat(now.thresholds),
    )


def _raised(line: Points) -> Points:
    """From the plane of two axes to the upright plane over the first of three."""
    return np.stack([line[:, 0], np.zeros(len(line)), line[:, 1]], axis=1)
