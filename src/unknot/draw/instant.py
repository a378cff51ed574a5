"""Instant: what one panel shows at one moment, flat and ready to be drawn by any means."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from unknot.draw.colouring import Colouring
from unknot.draw.corners import Corners, corners_of
from unknot.draw.plane import Points, Window, thresholds
from unknot.draw.space import Box, Eye, Label, ground
from unknot.motion.scene import Extent, Scene

#: Cells along the diameter of the extent.
CELLS = 100
#: Height of the tallest column, in radii of the extent: on a flat picture and in a 3-D view.
HEIGHT, HEIGHT_3D = 1.3, 0.75


def is_on_a_line(scene: Scene, t: float) -> bool:
    """Whether all points lie on the first axis at `t`."""
    k = int(np.floor(t))
    return all(stop.n_shown == 1 for stop in scene.stops[k : k + 2 if t > k else k + 1])


def histogram(
    positions: NDArray[np.floating],
    group: NDArray[np.int64],
    n_groups: int,
    low: float,
    high: float,
) -> NDArray[np.int64]:
    """How many points of each group lie in each of ``CELLS`` cells, (n_groups, CELLS)."""
    place = np.clip((positions - low) * (CELLS / (high - low)) + 1, 0, CELLS + 1.5)
    index = place.astype(np.int64) + group * (CELLS + 2)
    counts = np.bincount(index, minlength=n_groups * (CELLS + 2))
    return counts.reshape(n_groups, CELLS + 2)[:, 1:-1]


def outlines(counts: NDArray[np.int64], low: float, high: float, height: float) -> list[Points]:
    """The columns of each group as one closed shape on the zero line, (n, 2) each.

    All groups share one scale: the tallest column of all has the given height.
    """
    edges = np.repeat(np.linspace(low, high, counts.shape[1] + 1), 2)
    unit = height / max(int(counts.max(initial=0)), 1)
    shapes: list[Points] = []
    for row in counts:
        tops = np.concatenate([[0.0], np.repeat(row * unit, 2), [0.0]])
        shapes.append(np.stack([edges, tops], axis=1))
    return shapes


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
    stretch : (float, float)
        How many units of the picture one of the data is, along each axis: 1 but where each has a
        scale of its own.
    spokes : tuple of (n, 2) float arrays
        Where the axes of the classes lead, at a representation whose axes they are.
    corners : tuple of Label
        The classes' names at their corners.
    has_numbers : bool
        Whether lengths along the axes mean something.
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
    stretch: tuple[float, float] = (1.0, 1.0)
    spokes: tuple[Points, ...] = ()
    corners: tuple[Label, ...] = ()
    has_numbers: bool = True

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
    names = scene.stops[int(t)].axis_labels if t == int(t) else ("", "", "")
    if is_on_a_line(scene, t):
        low, high = _ends(extent)
        places = thresholds(scene.trace, int(t), low, high) if boundary and t == int(t) else []
        line = Line(colouring, tuple(places), lift)
        return instant_of(scene.points(t), extent, eye=eye, names=names, line=line)
    grid, edge = scene.lines(t) if lattice or boundary else ([], [])
    return instant_of(
        scene.points(t),
        extent,
        grid=grid if lattice else (),
        boundary=edge if boundary else (),
        eye=eye,
        names=names,
        corners=corners_of(scene, t, colouring),
        has_numbers=not scene.is_map(t),
    )


@dataclass(frozen=True)
class Line:
    """What there is to show of a cloud on a line.

    Attributes
    ----------
    colouring : Colouring
    thresholds : tuple of float
        Where the decision changes along it.
    lift : float
        How far the columns have risen, 0 to 1.
    """

    colouring: Colouring
    thresholds: tuple[float, ...] = ()
    lift: float = 1.0


def instant_of(
    points: Points,
    extent: Extent,
    *,
    grid: Sequence[Points] = (),
    boundary: Sequence[Points] = (),
    eye: Eye | None = None,
    names: tuple[str, ...] = ("", "", ""),
    line: Line | None = None,
    corners: Corners | None = None,
    has_numbers: bool = True,
) -> Instant:
    """A shown cloud, (n_points, 2 or 3), and all that belongs to it, as an instant.

    Parameters
    ----------
    points : (n_points, n_axes) float array
    extent : Extent
        With as many axes.
    grid, boundary : sequences of (n, n_axes) float arrays
    eye : Eye, optional
        For three axes: from where to look.
    names : tuple of str
        Of the axes.
    line : Line, optional
        For a cloud that lies on the first axis.
    corners : Corners, optional
        Of the classes, where their axes are seen.
    has_numbers : bool
        Whether numbers stand at the axes.
    """
    if extent.stretch is not None and points.shape[1] == 2:
        return _stretched(points, extent, grid, boundary)
    x, y = float(extent.centre[0]), float(extent.centre[1])
    half = (extent.radius, extent.radius)
    now = Instant(points, (x, y), half, grid=tuple(grid), boundary=tuple(boundary))
    now = replace(now, has_numbers=has_numbers)
    n_axes = points.shape[1]
    if line is not None:
        now = _with_columns(now, line, HEIGHT if n_axes == 2 else HEIGHT_3D)
    lift = 0.0 if line is None else line.lift
    if n_axes == 2 and corners is not None:
        named = corners.labels(corners.places, extent.centre)
        return replace(now, spokes=tuple(corners.lines), corners=named)
    if n_axes == 2:
        # The line comes to lie low in the picture: the columns need the room above it.
        return replace(now, centre=(x, y + lift * 0.72 * extent.radius))
    eye = eye or Eye()
    seen, box = _seen(now, extent, eye, names, lift)
    if corners is None:
        return seen
    places, _ = eye.see(corners.places, box.centre, box.radius)
    lines = tuple(eye.see_lines(corners.lines, box.centre, box.radius))
    return replace(seen, spokes=lines, corners=corners.labels(places, np.zeros(2)))


def _stretched(
    points: Points, extent: Extent, grid: Sequence[Points], boundary: Sequence[Points]
) -> Instant:
    """A plane whose axes have scales of their own."""
    x, y = (float(factor) for factor in extent.factors)
    factors = np.array([x, y], dtype=points.dtype)
    return Instant(
        points * factors,
        (float(extent.centre[0]) * x, float(extent.centre[1]) * y),
        (extent.radius, extent.radius),
        grid=tuple(line * factors for line in grid),
        boundary=tuple(line * factors for line in boundary),
        stretch=(x, y),
    )


def _ends(extent: Extent) -> tuple[float, float]:
    """Of the first axis."""
    return float(extent.centre[0] - extent.radius), float(extent.centre[0] + extent.radius)


def _with_columns(now: Instant, line: Line, height: float) -> Instant:
    """Columns and thresholds of a cloud on a line, in the plane of two axes."""
    x, radius = now.centre[0], now.half[0]
    low, high = x - radius, x + radius
    n_groups = len(line.colouring.class_names)
    # A colour scale has no classes: one outline for all.
    group = line.colouring.group if n_groups else np.zeros(len(now.points), np.int64)
    counts = histogram(now.points[:, 0], group, max(n_groups, 1), low, high)
    columns = outlines(counts, low, high, line.lift * height * radius)
    ends = (-0.06 * radius * line.lift, (height + 0.1) * radius * line.lift)
    marks = tuple(np.array([(place, end) for end in ends]) for place in line.thresholds)
    return replace(now, columns=tuple(columns), thresholds=marks)


def _seen(
    now: Instant, extent: Extent, eye: Eye, names: tuple[str, ...], lift: float
) -> tuple[Instant, Box]:
    """Three axes as the eye sees them, and the box that it looks at."""
    box = Box.around(now.points, extent.centre, extent.radius, lift, HEIGHT_3D + 0.1)
    lines, labels = ground(box, eye, names, (1 if now.columns else 3) * now.has_numbers)
    points, depth = eye.see(now.points, box.centre, box.radius)
    centre, half = box.frame(eye)

    def drawn(shapes: tuple[Points, ...]) -> tuple[Points, ...]:
        upright = [_raised(shape) if shape.shape[1] == 2 else shape for shape in shapes]
        return tuple(eye.see_lines(upright, box.centre, box.radius))

    seen = Instant(
        points,
        centre,
        half,
        depth,
        drawn(now.grid),
        drawn(now.boundary),
        tuple(lines),
        labels,
        drawn(now.columns),
        drawn(now.thresholds),
        has_numbers=now.has_numbers,
    )
    return seen, box


def _raised(line: Points) -> Points:
    """From the plane of two axes to the upright plane over the first of three."""
    return np.stack([line[:, 0], np.zeros(len(line)), line[:, 1]], axis=1)
