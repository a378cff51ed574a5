"""Many points as one picture: how many fall into each cell, and of which colour."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from unknot.views.window import Points, Window

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

    def image(self, points: Points, window: Window) -> tuple[NDArray[np.float32], Points]:
        """The mean colour and the shade of each cell.

        Parameters
        ----------
        points : (n_points, 2) float array
        window : Window

        Returns
        -------
        colours : (height, width, 3) float32
            The mean colour of a cell's points: classes mix in proportion. 0 where there are none.
        shade : (height, width) float32
            0 for an empty cell, at least ``ONE_POINT`` otherwise, up to 1.
        """
        index = cells(points, window)
        size = _size(window)
        counts = _inside(np.bincount(index, minlength=size), window)
        filled = np.flatnonzero(counts)
        n = counts.ravel()[filled].astype(np.float64)
        sums = [_inside(np.bincount(index, w, size), window).ravel()[filled] for w in self._weights]
        mix = self._first + (np.stack(sums, axis=-1) / n[:, None]) @ self._axes if sums else None
        colours = np.zeros((counts.size, 3), dtype=np.float32)
        colours[filled] = self._first if mix is None else np.clip(mix, 0, 1)
        shade = np.zeros(counts.size, dtype=np.float32)
        shade[filled] = shades(n)
        return colours.reshape(*counts.shape, 3), shade.reshape(counts.shape)


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


def over(
    background: NDArray[np.floating], colours: NDArray[np.floating], shade: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Paint a density, (height, width, 3) and (height, width), over a background of RGB floats."""
    amount = shade[..., None]
    return (background * (1 - amount) + colours * amount).astype(np.float32)


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


def _inside(flat: NDArray[Number], window: Window) -> NDArray[Number]:
    return flat.reshape(window.height + 2, window.width + 2)[1:-1, 1:-1]
