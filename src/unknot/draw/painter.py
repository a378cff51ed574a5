"""Painter: instants drawn on a canvas, many a second. `Panel` is its slower, printable sister."""

from dataclasses import dataclass

import numpy as np
from matplotlib.transforms import Transform
from numpy.typing import NDArray

from unknot.draw import style
from unknot.draw.canvas import Canvas, Region, sprite, turned
from unknot.draw.colouring import Colouring, Density
from unknot.draw.corners import uncrowded
from unknot.draw.instant import Instant
from unknot.draw.plane import Confidence, Window, tick_label, ticks
from unknot.draw.space import LONG
from unknot.draw.style import rgb
from unknot.draw.words import one_line

#: Sizes of letters and, about, pixels between numbers, at the reference size.
NUMBER_SIZE = 13
NAME_SIZE = 14
NUMBER_DISTANCE = 125

#: Boxes narrower than this, at the reference size, leave out of an axis' name what is long.
NARROW = 420
#: Points a cell of a density over the whole picture, at least, and its largest side in pixels.
LEAST_DENSITY, LARGEST_CELL = 0.15, 8


@dataclass(frozen=True)
class Backdrop:
    """What belongs to a standing representation and fades while it moves.

    Attributes
    ----------
    presence : float
        0 to 1: how much of it is seen.
    confidence : Confidence or None
    names : tuple of str
        Of the axes.
    """

    presence: float = 0.0
    confidence: Confidence | None = None
    names: tuple[str, ...] = ()


class Painter:
    """Draws instants into one part of a canvas.

    Parameters
    ----------
    canvas : Canvas
    outer : Region
        All that may be drawn on, numbers and names of the axes included.
    colouring : Colouring
    unit : float
        Pixels for one pixel at the reference size: letters and lines grow with it.
    n_axes : int
        2 or 3.

    Attributes
    ----------
    region : Region
        What shows the cloud.
    """

    def __init__(
        self, canvas: Canvas, outer: Region, colouring: Colouring, unit: float, n_axes: int
    ) -> None:
        self.canvas, self.outer, self.colouring, self.unit = canvas, outer, colouring, unit
        self._n_axes, self._n_points = n_axes, len(colouring.group)
        self._density: Density | None = None
        self._axes: object = None
        if self._n_points >= style.DENSITY_FROM:
            self._density = Density(colouring.palette, colouring.group)
        # Numbers and names of flat axes stand outside, those of a box within the picture.
        left, below = (round(56 * unit), round(42 * unit)) if n_axes == 2 else (0, 0)
        right, above = (round(8 * unit), round(6 * unit)) if n_axes == 2 else (0, 0)
        width, height = outer.width - left - right, outer.height - above - below
        self._cell = cell_size(self._n_points, width, height)
        width, height = (side // self._cell * self._cell for side in (width, height))
        # Even places: a film keeps colour for blocks of two by two pixels.
        self.region = Region(
            (outer.left + left) // 2 * 2, (outer.top + above) // 2 * 2, width, height
        )

    @property
    def abbreviates(self) -> bool:
        """Whether the picture is too narrow for the full names of a box's axes."""
        return self._n_axes == 3 and self.region.width < NARROW * self.unit

    def window(self, now: Instant) -> Window:
        """What the region looks at."""
        return now.window(self.region.width, self.region.height)

    def paint(self, now: Instant, backdrop: Backdrop) -> None:
        """Replace what is shown."""
        canvas, region, unit = self.canvas, self.region, self.unit
        canvas.clear(region)
        window = self.window(now)
        transform = region.showing(window)
        ground = self._shade(backdrop)
        canvas.lines(now.box, style.GRID, unit, transform=transform, clip=region)
        self._columns(now, transform)
        self._points(now, window, ground)
        canvas.lines(now.grid, style.INK, 0.8 * unit, alpha=0.25, transform=transform, clip=region)
        self._boundary(now, backdrop, transform)
        self._corners(now, window, backdrop.presence, transform)
        if now.depth is None:
            self._edge()
            axes = (window, now.stretch, backdrop.names, backdrop.presence, bool(now.columns))
            axes = (*axes, now.has_numbers)
            if axes != self._axes:
                self._axes = axes
                self._flat_axes(now, window, backdrop)
        else:
            self._box_labels(now, window, backdrop.presence)

    def _shade(self, backdrop: Backdrop) -> "_Ground | None":
        """Paint the confidence."""
        plane = backdrop.confidence
        if plane is None or plane.colours is None or backdrop.presence <= 0:
            return None
        size, region = self._cell, self.region
        colours = 1 - np.float32(backdrop.presence) * (1 - plane.colours)
        rows = _spread(region.height // size, len(colours))
        columns = _spread(region.width // size, colours.shape[1])
        # Widths before heights: what is widened is small, and whole rows are then copied.
        wide = packed_pixels(colours)[:, np.repeat(columns, size)]
        self.canvas.view(region).view(np.uint32)[..., 0] = wide[np.repeat(rows, size)]
        return _Ground(colours, rows, columns)

    def _points(self, now: Instant, window: Window, ground: "_Ground | None") -> None:
        if self._density is None:
            order = np.arange(len(now.points)) if now.depth is None else np.argsort(now.depth)
            self._discs(now, window, order, disc_radius(self._n_points))
            return
        where, colours, shade = self._density.filled(now.points, window.coarser(self._cell))
        rows, columns = np.divmod(where, self.region.width // self._cell)
        under = 1.0 if ground is None else ground.at(rows, columns)
        self._fill(rows, columns, packed_pixels(under + (colours - under) * shade[:, None]))
        if len(self.colouring.rare):
            self._discs(now, window, self.colouring.rare, 2.0)

    def _fill(
        self, rows: NDArray[np.int64], columns: NDArray[np.int64], colours: NDArray[np.uint32]
    ) -> None:
        """Give cells one colour each."""
        size, pixels = self._cell, self.canvas.pixels.view(np.uint32).reshape(-1)
        start = (self.region.top + rows * size) * self.canvas.width
        start += self.region.left + columns * size
        for row in range(size):
            for column in range(size):
                pixels[start + (row * self.canvas.width + column)] = colours

    def _discs(self, now: Instant, window: Window, rows: NDArray[np.int64], radius: float) -> None:
        """The points of some rows as discs, the last in front."""
        places = window.pixels(now.points[rows].astype(np.float64))
        places[:, 0] += self.region.left
        places[:, 1] = self.region.bottom - places[:, 1]
        colours = self.colouring.palette[self.colouring.group[rows]]
        self.canvas.discs(places, colours, radius * self.unit, alpha=0.85, clip=self.region)

    def _columns(self, now: Instant, transform: Transform) -> None:
        palette = self.colouring.palette if len(now.columns) > 1 else [rgb(style.MUTED)]
        for outline, colour in zip(now.columns, palette, strict=False):
            self.canvas.shape(outline, colour, alpha=0.35, transform=transform, clip=self.region)
        for outline, colour in zip(now.columns, palette, strict=False):
            self.canvas.lines([outline], colour, self.unit, transform=transform, clip=self.region)

    def _boundary(self, now: Instant, backdrop: Backdrop, transform: Transform) -> None:
        """The carried boundary, which gives way to the exact one of the plane that is shown."""
        exact = backdrop.confidence.boundary if backdrop.confidence else []
        amount = backdrop.presence if exact else 0.0
        for lines, alpha in (
            (now.boundary, 1 - amount),
            (exact, amount),
            (now.thresholds, backdrop.presence),
        ):
            self.canvas.lines(
                lines,
                style.BOUNDARY,
                2.2 * self.unit,
                alpha=alpha,
                transform=transform,
                clip=self.region,
            )

    def _corners(self, now: Instant, window: Window, presence: float, transform: Transform) -> None:
        """The classes' axes and, where they have room, their names."""
        if presence <= 0:
            return
        lines = list(now.spokes)
        width, alpha, clip = 0.8 * self.unit, 0.5 * presence, self.region
        self.canvas.lines(lines, style.MUTED, width, alpha=alpha, transform=transform, clip=clip)
        size = NUMBER_SIZE * self.unit
        for label in uncrowded(now.corners, size * window.scale, window):
            x, y = window.pixels(np.array([[label.x, label.y]]))[0]
            left, low = self.region.left + float(x), self.region.bottom - float(y) + 0.36 * size
            text = sprite(label.text, size)
            self.canvas.words(text, left, low, style.INK, across=label.across, alpha=presence)

    def _edge(self) -> None:
        left, top = self.region.left + 0.5, self.region.top + 0.5
        right, bottom = self.region.right - 0.5, self.region.bottom - 0.5
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        self.canvas.lines([np.array(corners)], style.GRID, self.unit)

    def _flat_axes(self, now: Instant, window: Window, backdrop: Backdrop) -> None:
        """Numbers to the left of the frame and below and, at a stop, the axes' names."""
        canvas, region, unit, outer = self.canvas, self.region, self.unit, self.outer
        left, bottom = region.left, region.bottom
        canvas.clear(Region(outer.left, outer.top, left - outer.left, outer.height))
        canvas.clear(Region(left, bottom, outer.right - left, outer.bottom - bottom))
        size, (across, up) = NUMBER_SIZE * unit, now.stretch
        if not now.has_numbers:
            return
        (x0, y0), (x1, y1) = window.low, window.high
        for mark, text in numbers(x0 / across, x1 / across, region.width / unit):
            x = left + (mark * across - x0) / window.scale
            canvas.words(sprite(text, size), x, bottom + 1.25 * size, style.MUTED, across=0.5)
        if not now.columns:
            for mark, text in numbers(y0 / up, y1 / up, region.height / unit):
                y = bottom - (mark * up - y0) / window.scale
                canvas.words(
                    sprite(text, size), left - 0.5 * size, y + 0.36 * size, style.MUTED, across=1
                )
        if backdrop.names and backdrop.presence > 0:
            self._names(backdrop)

    def _names(self, backdrop: Backdrop) -> None:
        region, size = self.region, NAME_SIZE * self.unit
        ink = {"alpha": backdrop.presence}
        x = region.left + region.width / 2
        most = int(region.width / size * 1.6)
        name = sprite(one_line(backdrop.names[0], most), size)
        self.canvas.words(name, x, self.outer.bottom - 0.4 * size, style.MUTED, across=0.5, **ink)
        if backdrop.names[1]:
            most = int(region.height / size * 1.6)
            name = turned(sprite(one_line(backdrop.names[1], most), size))
            y = region.top + (region.height + len(name.ink)) / 2
            self.canvas.words(name, self.outer.left + 0.2 * size, y, style.MUTED, **ink)

    def _box_labels(self, now: Instant, window: Window, presence: float) -> None:
        for label in now.labels:
            size = (NAME_SIZE if label.is_title else NUMBER_SIZE) * self.unit
            name = label.text.removeprefix(LONG) if self.abbreviates else label.text
            text = sprite(one_line(name, 28), size)
            x, y = window.pixels(np.array([[label.x, label.y]]))[0]
            # Words stay inside: an axis that points to the edge still has its name.
            left = float(x) - label.across * text.width
            left = float(np.clip(left, 0, max(self.region.width - text.width, 0)))
            self.canvas.words(
                text,
                self.region.left + left,
                self.region.bottom - float(y) + 0.36 * size,
                style.MUTED,
                alpha=presence if label.is_title else 1.0,
            )


@dataclass(frozen=True)
class _Ground:
    """What lies behind the points: a raster, and which of its nodes each cell shows."""

    colours: NDArray[np.float32]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]

    def at(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float32]:
        """The colours behind cells, (n, 3)."""
        nodes = self.rows[rows] * self.colours.shape[1] + self.columns[columns]
        return self.colours.reshape(-1, 3)[nodes]


def packed_pixels(colours: NDArray[np.floating]) -> NDArray[np.uint32]:
    """Colours (…, 3) from 0 to 1 as opaque pixels, one number each."""
    pixels = np.empty((*colours.shape[:-1], 4), dtype=np.uint8)
    np.multiply(colours, 255, out=pixels[..., :3], casting="unsafe")
    pixels[..., 3] = 255
    return pixels.view(np.uint32)[..., 0]


def numbers(low: float, high: float, length: float) -> list[tuple[float, str]]:
    """Round numbers along an axis of so many pixels (at the reference size), and their labels."""
    marks = ticks(low, high, max(3, round(length / NUMBER_DISTANCE)))
    step = marks[1] - marks[0] if len(marks) > 1 else max(abs(high), abs(low))
    return [(mark, tick_label(mark, step)) for mark in marks]


def cell_size(n_points: int, width: int, height: int) -> int:
    """Pixels along one side of a density's cell: even, larger when there are few points."""
    cell = 2
    while n_points * cell**2 < LEAST_DENSITY * width * height and cell < LARGEST_CELL:
        cell += 2
    return cell


def disc_radius(n_points: int) -> float:
    """Radius of a disc at the reference size, smaller the more there are."""
    return float(np.clip(120 / np.sqrt(max(n_points, 1)), 2.0, 5.0))


def _spread(n: int, of: int) -> NDArray[np.int64]:
    """`n` of `of` rows, spread evenly, each at the middle of its share."""
    return ((np.arange(n) + 0.5) * (of / n)).astype(np.int64)
