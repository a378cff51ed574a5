"""Which colour each point has, and each cell that holds many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.labels import (
    NO_TARGET,
    UNLABELLED,
    UNLABELLED_NAME,
    labelled_rows,
    target_ends,
)
from unknot.draw import style
from unknot.draw.plane import Points, Window
from unknot.draw.style import Rgb, rgb
from unknot.draw.words import drawable_names
from unknot.traces.representation import Trace

#: A class with at most this share of the points, and at most so many, is drawn point by point on
#: top of a density: mixed in proportion, one among a hundred is not seen.
RARE_SHARE, RARE_POINTS = 0.005, 500

#: Steps of a colour scale: the eye tells no more apart in a cloud.
STEPS = 64


@dataclass(frozen=True)
class Colouring:
    """The colours of a cloud's points.

    Attributes
    ----------
    palette : (n_colours, 3) float64
        Red, green and blue, 0 to 1: one row a class, or steps of a colour scale for regression
        and, last, the grey of points without a target where there are some.
    group : (n_points,) int64
        Each point's row of the palette.
    class_names : tuple of str
        One a row, with "unlabelled" for points without a label; empty for regression.
    low, high : float
        For regression: the targets at the ends of the colour bar.
    note : str
        What must be said about the names; empty for nothing.
    target : str
        For regression: what the number is called.
    """

    palette: Rgb
    group: NDArray[np.int64]
    class_names: tuple[str, ...]
    low: float = 0.0
    high: float = 1.0
    note: str = ""
    target: str = "target"

    @cached_property
    def rare(self) -> NDArray[np.int64]:
        """Rows of the points whose class is so small that a density would hide it."""
        if not self.class_names:
            return np.empty(0, dtype=np.int64)
        sizes = np.bincount(self.group, minlength=len(self.palette))
        most = min(RARE_SHARE * len(self.group), RARE_POINTS)
        return np.flatnonzero(sizes[self.group] <= most)

    @property
    def points(self) -> Rgb:
        """(n_points, 3)."""
        return self.palette[self.group]


def colouring(
    labels: NDArray[np.int64] | NDArray[np.float32],
    class_names: Sequence[str],
    colours: Mapping[str, str] | None = None,
    target: str = "",
) -> Colouring:
    """Classes by colour, or a regression target by a colour scale.

    `colours` are those of all that is shown together; left out, those of these classes alone.
    """
    if class_names:
        colours = style.shared_colours([class_names]) if colours is None else colours
        palette = [colours[name] for name in class_names]
        names, note = drawable_names(class_names)
        group = labels.astype(np.int64)
        if len(labelled_rows(group)) < len(group):
            # One group more, so that legends and distributions show it as they do classes.
            palette, names = [*palette, style.UNLABELLED], (*names, UNLABELLED_NAME)
            group = np.where(group == UNLABELLED, len(class_names), group)
        return Colouring(np.array([rgb(colour) for colour in palette]), group, names, note=note)
    from matplotlib import colormaps

    rows = labelled_rows(labels)
    known = labels[rows]
    low, high = target_ends(labels)
    share = np.clip((known - low) / (high - low), 0, 1) if high > low else np.zeros(len(known))
    palette = np.asarray(colormaps[style.CONTINUOUS](np.linspace(0, 1, STEPS)))[:, :3]
    group = np.full(len(labels), STEPS)
    group[rows] = np.round(share * (STEPS - 1)).astype(np.int64)
    note = ""
    if len(rows) < len(labels):
        palette, note = np.vstack([palette, rgb(style.UNLABELLED)]), f"grey: {NO_TARGET}"
    return Colouring(palette, group, (), low, high, note, target or "target")


def trace_colouring(trace: Trace, colours: Mapping[str, str] | None = None) -> Colouring:
    """The colours of a trace's points."""
    return colouring(trace.labels, trace.class_names, colours, trace.colour)


Number = TypeVar("Number", np.int64, np.float64)

#: How dark a cell with one point is, between the background (0) and full colour (1): rare points
#: must stay visible.
ONE_POINT = 0.35
#: A cell has its full colour when it holds this many times what a typical point sees around it.
FULL = 3.0


class Density:
    """Points of fixed colours, to be counted into the cells of a window again and again.

    Parameters
    ----------
    palette : (n_colours, 3) float array
        Red, green and blue, 0 to 1.
    group : (n_points,) int array
        Each point's row of the palette.
    """

    def __init__(self, palette: NDArray[np.floating], group: NDArray[np.integer]) -> None:
        self._first = palette[0].astype(np.float64) if len(palette) else np.zeros(3)
        # Colours that lie on one line (two classes, say) need one weight a point and not three.
        offsets = palette - self._first
        _, sigma, axes = np.linalg.svd(offsets, full_matrices=False)
        self._axes = axes[sigma > 1e-6]
        self._weights = [column[group] for column in self._axes @ offsets.T]

    def counts(self, points: Points, window: Window) -> NDArray[np.int64]:
        """Points in each cell, (height, width), the upper row first; none for those outside."""
        index = cells(points, window)
        return _inside(np.bincount(index, minlength=_size(window)), window)

    def filled(
        self, points: Points, window: Window
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """The cells that are not empty, their colours and shades.

        Parameters
        ----------
        points : (n_points, 2) float array
        window : Window

        Returns
        -------
        where : (n_filled,) int64
            Row · width + column; the upper row is 0.
        colours : (n_filled, 3) float64
            The mean colour of a cell's points: classes mix in proportion.
        shade : (n_filled,) float64
            At least ``ONE_POINT``, up to 1.
        """
        index, (inner, size) = cells(points, window), (window.width, _size(window))
        counts = np.bincount(index, minlength=size)
        _clear_border(counts, window)
        filled = np.flatnonzero(counts)
        n = counts[filled].astype(np.float64)
        # Numbered without the border around them.
        where = filled - (inner + 3) - 2 * (filled // (inner + 2) - 1)
        if not self._weights:
            return where, np.broadcast_to(self._first, (len(where), 3)), shades(n)
        sums = [np.bincount(index, w, size)[filled] for w in self._weights]
        mix = self._first + (np.stack(sums, axis=-1) / n[:, None]) @ self._axes
        return where, np.clip(mix, 0, 1), shades(n)

    def image(self, points: Points, window: Window) -> NDArray[np.float32]:
        """Red, green, blue and shade of every cell, (height, width, 4), 0 to 1; 0 where empty."""
        where, colours, shade = self.filled(points, window)
        pixels = np.zeros((window.height * window.width, 4), dtype=np.float32)
        pixels[where, :3], pixels[where, 3] = colours, shade
        return pixels.reshape(window.height, window.width, 4)


def shades(n: NDArray[np.float64]) -> NDArray[np.float64]:
    """From counts (all at least 1) to shades, by the logarithm.

    The scale comes from the geometric mean of the counts that the points themselves see, which
    changes smoothly as the cloud moves, so that a film does not flicker.
    """
    if not len(n):
        return n
    logs = np.log(n)
    typical = float(n @ logs / n.sum())
    return np.minimum(ONE_POINT + (1 - ONE_POINT) * logs / (typical + np.log(FULL)), 1)


def cells(points: Points, window: Window) -> NDArray[np.int64]:
    """The number of each point's cell, in a raster with a border one cell wide all around."""
    width, height = window.width, window.height
    number = points.dtype.type
    scale = number(1 / window.scale)
    column = points[:, 0] * scale
    column -= number(window.low[0] / window.scale - 1)
    np.clip(column, 0, width + 1.5, out=column)
    row = points[:, 1] * -scale
    row += number(window.high[1] / window.scale + 1)
    np.clip(row, 0, height + 1.5, out=row)
    index = row.astype(np.int64)
    index *= width + 2
    index += column.astype(np.int64)
    return index


def _size(window: Window) -> int:
    return (window.width + 2) * (window.height + 2)


def _clear_border(flat: NDArray[Number], window: Window) -> None:
    raster = flat.reshape(window.height + 2, window.width + 2)
    raster[[0, -1]] = 0
    raster[:, [0, -1]] = 0


def _inside(flat: NDArray[Number], window: Window) -> NDArray[Number]:
    return flat.reshape(window.height + 2, window.width + 2)[1:-1, 1:-1]
