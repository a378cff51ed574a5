"""Panel: one instant of a scene drawn into matplotlib axes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.draw.colouring import Colouring, Density, trace_colouring
from unknot.draw.corners import beyond, uncrowded
from unknot.draw.instant import Instant, instant
from unknot.draw.marks import Marks, pixels_of, thumbnail_places, thumbnail_side
from unknot.draw.plane import Window, confidence, once, tick_label, ticks
from unknot.draw.space import Eye
from unknot.draw.words import OWN_SCALES, families, one_line, text_options
from unknot.motion.scene import Scene

#: Round numbers along an axis, about.
TICKS = 5
#: So much wider is what a panel sees where classes are named at their corners.
ROOM = 1.15
#: Square points of a disc on top of a density, and of a ring.
RARE_AREA, RING_AREA = 5.0, 9.0
NO_MARKS = Marks()


class Panel:
    """One instant of a scene in matplotlib axes; what it drew before is replaced.

    Parameters
    ----------
    axes : matplotlib Axes
    scene : Scene
    lattice, boundary, shading : bool
        Whether to show the grid, the decision boundary and the confidence.
    title, caption, labels : bool
        Whether to write the representation's name above, what the picture hides below, and
        numbers and names at the axes.
    eye : Eye, optional
        For a scene with three axes: from where to look.
    cells : int
        Cells of the density along each side.
    colouring : Colouring, optional
        Left out, it is worked out from the trace; give it when many panels share one.
    marks : Marks
        Images at the places of their points, and rings around those held out.
    """

    def __init__(
        self,
        axes: Axes,
        scene: Scene,
        *,
        lattice: bool = True,
        boundary: bool = True,
        shading: bool = True,
        title: bool = True,
        caption: bool = True,
        labels: bool = True,
        eye: Eye | None = None,
        cells: int = 240,
        colouring: Colouring | None = None,
        marks: Marks = NO_MARKS,
    ) -> None:
        self.axes = axes
        self.scene = scene
        self.lattice = lattice
        self.boundary = boundary
        self.shading = shading
        self.title = title
        self.caption = caption
        self.labels = labels
        self.eye = eye
        self.cells = cells
        self.colouring = colouring or trace_colouring(scene.trace)
        self.marks = marks
        self._drawn: list[Any] = []
        axes.set_aspect("equal", adjustable="box")
        for spine in axes.spines.values():
            spine.set(color=style.GRID, linewidth=0.8)
            spine.set_visible(scene.n_axes == 2)

    def draw(self, t: float) -> None:
        """Show the scene at `t`."""
        for artist in self._drawn:
            artist.remove()
        self._drawn = []
        now = instant(
            self.scene,
            t,
            self.colouring,
            eye=self.eye,
            lattice=self.lattice,
            boundary=self.boundary,
        )
        if now.corners and self.scene.n_axes == 2:
            # A small panel has letters that are large beside the cloud.
            now = replace(now, half=(ROOM * now.half[0], ROOM * now.half[1]))
        window = now.window(self.cells, self.cells)
        self.axes.set_xlim(window.low[0], window.high[0])
        self.axes.set_ylim(window.low[1], window.high[1])
        known = self._shade(t, window)
        self._lines(now.box, style.GRID, 0.6, 0.9, 0.5)
        self._lines(now.grid, style.INK, 0.4, 0.22, 1.5)
        self._lines(now.spokes, style.MUTED, 0.5, 0.6, 1.5)
        self._points(now, window)
        self._columns(now)
        if self.marks.thumbnails:
            self._thumbnails(now, window)
        self._lines(known or now.boundary, style.BOUNDARY, 1.3, 1.0, 4)
        self._lines(now.thresholds, style.BOUNDARY, 1.3, 1.0, 4)
        self._label(t, now, window)
        self._corners(now, window)

    def _shade(self, t: float, window: Window) -> list[Any]:
        """The confidence behind the points; gives the exact boundary of that plane."""
        if t != round(t) or not (self.shading or self.boundary):
            return []
        plane = confidence(self.scene, round(t), window, self.colouring.palette)
        if plane is None:
            return []
        if self.shading and plane.colours is not None:
            self._image(plane.colours, window, "bilinear", 0)
        return plane.boundary if self.boundary else []

    def _points(self, now: Instant, window: Window) -> None:
        n = len(now.points)
        if n >= style.DENSITY_FROM:
            density = Density(self.colouring.palette, self.colouring.group)
            self._image(density.image(now.points, window), window, "nearest", 2)
            self._discs(now, self.colouring.rare, RARE_AREA)
            self._discs(now, self.marks.rings(self.scene.trace), RING_AREA, is_ring=True)
            return
        order = np.argsort(now.depth) if now.depth is not None else np.arange(n)
        is_ring = np.zeros(n, np.bool_)
        is_ring[self.marks.rings(self.scene.trace)] = True
        self._discs(now, order[~is_ring[order]], disc_area(n))
        self._discs(now, order[is_ring[order]], max(disc_area(n), RING_AREA), is_ring=True)

    def _discs(
        self, now: Instant, rows: NDArray[np.int64], area: float, is_ring: bool = False
    ) -> None:
        """The points of some rows as discs or rings, the last in front."""
        if not len(rows):
            return
        colours = self.colouring.palette[self.colouring.group[rows]]
        look: dict[str, Any] = {"c": colours, "linewidths": 0}
        if is_ring:
            look = {"facecolors": "none", "edgecolors": colours, "linewidths": 0.7}
        scatter = self.axes.scatter(*now.points[rows].T, s=area, alpha=0.85, zorder=2, **look)
        self._drawn.append(scatter)

    def _thumbnails(self, now: Instant, window: Window) -> None:
        """Images of a sample of the points in frames of their colour; below a cloud on a line."""
        from matplotlib.patches import Rectangle

        trace, (inches, scale) = self.scene.trace, self._inches(window)
        if trace.identity is None or trace.identity.images is None:
            return
        side = thumbnail_side(inches) * scale
        height, width = trace.identity.images.shape[1:3]
        half_width, half_height = (side * n / max(height, width) / 2 for n in (width, height))
        drop = 0.75 * side if now.columns else 0.0
        for row, (x, y) in thumbnail_places(trace, now.points, window, side, drop):
            left, low = x - half_width, y - half_height
            extent = (left, x + half_width, low, y + half_height)
            self._image(pixels_of(trace, row), window, "nearest", 5, extent)
            colour = self.colouring.palette[self.colouring.group[row]]
            look: dict[str, Any] = {"fill": False, "edgecolor": colour, "linewidth": 0.9}
            frame = Rectangle((left, low), 2 * half_width, 2 * half_height, zorder=5, **look)
            self._drawn.append(self.axes.add_patch(frame))

    def _inches(self, window: Window) -> tuple[float, float]:
        """How wide the panel is, and how many units of its plane are an inch."""
        figure = self.axes.get_figure(root=True)
        assert figure is not None
        inches = max(float(self.axes.bbox.width) / float(figure.dpi), 1e-6)
        return inches, (window.high[0] - window.low[0]) / inches

    def _image(
        self,
        pixels: Any,
        window: Window,
        interpolation: str,
        zorder: float,
        extent: tuple[float, float, float, float] | None = None,
    ) -> None:
        extent = extent or (window.low[0], window.high[0], window.low[1], window.high[1])
        limits = self.axes.get_xlim(), self.axes.get_ylim()
        image = self.axes.imshow(
            pixels, extent=extent, interpolation=interpolation, zorder=zorder, aspect="equal"
        )
        self.axes.set(xlim=limits[0], ylim=limits[1])
        self._drawn.append(image)

    def _lines(
        self, lines: Sequence[Any], colour: str, width: float, alpha: float, zorder: float
    ) -> None:
        from matplotlib.collections import LineCollection

        if lines:
            collection = LineCollection(
                lines, colors=colour, linewidths=width, alpha=alpha, zorder=zorder
            )
            collection.set_capstyle("round")
            self.axes.add_collection(collection, autolim=False)
            self._drawn.append(collection)

    def _columns(self, now: Instant) -> None:
        from matplotlib.collections import PolyCollection

        if not now.columns:
            return
        colours: Any = self.colouring.palette
        if len(now.columns) != len(colours):
            colours = style.MUTED
        for alpha, face, edge in ((0.35, colours, "none"), (0.9, "none", colours)):
            shapes = PolyCollection(
                now.columns,
                facecolors=face,
                edgecolors=edge,
                alpha=alpha,
                linewidths=0.8,
                zorder=1,
            )
            self.axes.add_collection(shapes, autolim=False)
            self._drawn.append(shapes)

    def _label(self, t: float, now: Instant, window: Window) -> None:
        at_stop = t == round(t)
        names = self.scene.stops[round(t)].axis_labels if at_stop else ("", "", "")
        self._ticks(now, window, names)
        readout = self.scene.readout(round(t)) if self.caption and at_stop else None
        if readout is not None:
            colour = style.WARNING if readout.misleads else style.MUTED
            self._words(0.5, 1.015, readout.caption, colour, style.CAPTION_SIZE)
        elif self.caption and now.stretch != (1.0, 1.0):
            self._words(0.5, 1.015, OWN_SCALES, style.MUTED, style.CAPTION_SIZE)
        if self.title:
            name = self.scene.stops[round(t)].title if at_stop else self.scene.beat(t).title
            is_plain = readout is None and now.stretch == (1.0, 1.0)
            above = 1.015 if is_plain else 1.075
            self._words(0.5, above, one_line(name), style.INK, style.TITLE_SIZE)

    def _corners(self, now: Instant, window: Window) -> None:
        """The names of the classes at their corners, those that have room."""
        if not now.corners:
            return
        from matplotlib.patheffects import withStroke

        size = style.CAPTION_SIZE - 1
        halo = [withStroke(linewidth=2.0, foreground=style.BACKGROUND)]
        _, scale = self._inches(window)
        height = size / 72 * scale
        named = now.corners
        if self.scene.n_axes == 2:
            named = tuple(beyond(label, height) for label in named)
        for label in uncrowded(named, height, window):
            side = "left" if label.across < 0.3 else "right" if label.across > 0.7 else "center"
            self._words(label.x, label.y, label.text, style.INK, size, in_plane=True, side=side)
            self._drawn[-1].set_path_effects(halo)

    def _words(
        self,
        x: float,
        y: float,
        text: str,
        colour: str,
        size: float,
        *,
        in_plane: bool = False,
        side: str = "center",
    ) -> None:
        words = self.axes.text(
            x,
            y,
            transform=self.axes.transData if in_plane else self.axes.transAxes,
            ha=side,
            va="center" if in_plane else "bottom",
            fontsize=size,
            color=colour,
            zorder=6,
            **text_options(text),
        )
        self._drawn.append(words)

    def _ticks(self, now: Instant, window: Window, names: tuple[str, ...]) -> None:
        """Numbers and names along the axes, or around the ground of a 3-D view."""
        axes = self.axes
        is_flat = self.scene.n_axes == 2
        sides = zip("xy", window.low, window.high, now.stretch, names, strict=False)
        for which, low, high, factor, name in sides:
            shown = self.labels and is_flat and now.has_numbers
            shown = shown and not (which == "y" and now.columns)
            marks = ticks(low / factor, high / factor, TICKS) if shown else []
            step = marks[1] - marks[0] if len(marks) > 1 else 1.0
            places = [mark * factor for mark in marks]
            getattr(axes, f"set_{which}ticks")(places, once([tick_label(m, step) for m in marks]))
            label = getattr(axes, f"{which}axis").label
            label.set(text=one_line(name, 32) if shown and name else "", parse_math=False)
            label.set(fontsize=style.LABEL_SIZE, color=style.MUTED, fontfamily=list(families()))
        axes.tick_params(
            colors=style.MUTED, labelsize=style.CAPTION_SIZE, length=2.5, width=0.6, pad=2
        )
        for words in now.labels if self.labels else ():
            size = style.LABEL_SIZE if words.is_title else style.CAPTION_SIZE
            text = one_line(words.text, 32)
            side = "left" if words.across < 0.3 else "right" if words.across > 0.7 else "center"
            self._words(words.x, words.y, text, style.MUTED, size, in_plane=True, side=side)


def disc_area(n: int) -> float:
    """Area of a disc in square points, smaller the more there are: matplotlib's `s`."""
    return float(np.clip(4_000 / max(n, 1), 2.0, 18.0))
