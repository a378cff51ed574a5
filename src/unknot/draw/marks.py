"""What a panel shows of single points: images at their places, rings for those held out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.draw import style
from unknot.draw.plane import Points, Window
from unknot.measures.clouds import random_order
from unknot.traces.representation import Trace

#: The longer side of an image over the panel's width, and its inches at least and at most.
SHARE, LEAST_SIDE, MOST_SIDE = 0.075, 0.15, 0.3
#: From the middle of an image to that of the next, in sides.
APART = 1.35
#: Images in a panel, and points that are tried.
MOST_IMAGES, MOST_TRIED = 60, 6_000
#: Rings over a density: more would hide it.
MOST_RINGS = 300


@dataclass(frozen=True)
class Marks:
    """What is marked.

    Attributes
    ----------
    thumbnails : bool
        Images of a sample of the points, at their places.
    held_out : bool
        Points that were held out are rings.
    """

    thumbnails: bool = False
    held_out: bool = False

    def rings(self, trace: Trace) -> NDArray[np.int64]:
        """Rows that are drawn as rings; where the cloud is a density a sample of them."""
        if not self.held_out or trace.held_out is None:
            return np.zeros(0, np.int64)
        if trace.n_points < style.DENSITY_FROM:
            return np.flatnonzero(trace.held_out)
        order = random_order(trace.labels, 0, all_rows=True)
        return order[trace.held_out[order]][:MOST_RINGS]


def thumbnail_places(
    trace: Trace, points: Points, window: Window, side: float, drop: float = 0.0
) -> list[tuple[int, tuple[float, float]]]:
    """Rows whose images are shown, and the middles of those: none over another.

    Rows are tried in the same order in every panel, so that most are seen in all of them.

    Parameters
    ----------
    trace : Trace
        Whose points have images.
    points : (n_points, 2) float array
        In the plane of the window.
    side : float
        The longer side of an image, in units of the plane.
    drop : float
        How far below its point an image stands.
    """
    assert trace.identity is not None
    has_image = np.zeros(trace.n_points, np.bool_)
    has_image[trace.identity.image_rows] = True
    order = random_order(trace.labels, 0, all_rows=True)
    rows = order[has_image[order]][:MOST_TRIED]
    middles = points[rows].astype(np.float64) - (0, drop)
    low, high = np.array(window.low) + side / 2, np.array(window.high) - side / 2
    fits = ((middles >= low) & (middles <= high)).all(axis=1)
    taken = np.empty((0, 2))
    chosen: list[tuple[int, tuple[float, float]]] = []
    for row, middle in zip(rows[fits].tolist(), middles[fits], strict=True):
        if (np.abs(taken - middle).max(axis=1, initial=0) < APART * side).any():
            continue
        taken = np.vstack([taken, middle])
        chosen.append((row, (float(middle[0]), float(middle[1]))))
        if len(chosen) == MOST_IMAGES:
            break
    return chosen


def thumbnail_side(inches: float) -> float:
    """The longer side of an image in a panel so many inches wide, in inches."""
    return float(np.clip(SHARE * inches, LEAST_SIDE, MOST_SIDE))


def pixels_of(trace: Trace, row: int) -> NDArray[Any]:
    """(height, width, 3): the image of a point."""
    assert trace.identity is not None
    assert trace.identity.images is not None
    image = trace.identity.images[row]
    return image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
