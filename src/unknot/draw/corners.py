"""The corners of the classes: where they are in a picture, and what their names say."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from unknot.draw.colouring import Colouring
from unknot.draw.plane import Points, Window
from unknot.draw.space import Label
from unknot.draw.words import one_line
from unknot.motion.scene import Extent, Scene

#: Corners that are named, and those to which a line leads; of more the ring alone is drawn.
MOST_NAMES, MOST_LINES = 40, 60
#: Of the half side of the box: how far lines reach, and where names stand.
REACH, NAMED = 0.9, 0.94
#: How far beyond a corner its name stands.
BEYOND = 1.09
#: Of a name, and how wide a letter is over its height.
MOST_LETTERS, LETTER = 12, 0.62


@dataclass(frozen=True)
class Corners:
    """What belongs to a representation whose units are the classes.

    Attributes
    ----------
    lines : list of (n, n_axes) float arrays
        The polygon of probabilities, the directions of scores.
    places : (n_names, n_axes) float64
        Where names stand.
    names : tuple of str
    """

    lines: list[Points]
    places: NDArray[np.float64]
    names: tuple[str, ...]

    def labels(self, seen: Points, centre: Points) -> tuple[Label, ...]:
        """The names at their places in the plane of the picture."""
        if not self.names:
            return ()
        size = max(float(np.abs(seen).max()), 1e-30)
        aside = np.sign(np.round((seen[:, 0] - float(centre[0])) / size, 1))
        return tuple(
            Label(float(x), float(y), name, True, float(0.5 - 0.5 * side))
            for (x, y), name, side in zip(seen, self.names, aside, strict=True)
        )


def corners_of(scene: Scene, t: float, colouring: Colouring) -> Corners | None:
    """The corners at a representation whose axes they are; None elsewhere."""
    k = int(t)
    if t != k or not scene.stops[k].are_corners:
        return None
    frame, extent = scene.stops[k].frame, scene.extent(k)
    is_probability = scene.trace.holds_probabilities(k)
    ends = _ends(frame, extent, is_probability)
    reached = np.isfinite(ends).all(axis=1)
    n = len(frame)
    lines: list[Points] = []
    if is_probability and scene.n_axes == 2:
        ring = frame[np.argsort(np.arctan2(frame[:, 1], frame[:, 0]))]
        lines.append(np.vstack([ring, ring[:1]]))
    if n <= MOST_LINES and not (is_probability and scene.n_axes == 2):
        lines += [np.stack([np.zeros(scene.n_axes), end * REACH]) for end in ends[reached]]
    names = colouring.class_names[:n]
    if n > MOST_NAMES or len(names) < n:
        reached = np.zeros(n, bool)
    named = tuple(names[c] for c in np.flatnonzero(reached))
    return Corners(lines, ends[reached], named)


def _ends(frame: NDArray[np.float64], extent: Extent, at_corner: bool) -> NDArray[np.float64]:
    """Where the way from 0 to each corner leaves the box, or a little beyond the corner.

    Not a number where the way does not cross the box.
    """
    low, high = extent.centre - NAMED * extent.radius, extent.centre + NAMED * extent.radius
    with np.errstate(divide="ignore", invalid="ignore"):
        first, last = low / frame, high / frame
    inside = (low <= 0) & (high >= 0)
    flat = np.abs(frame) < 1e-12
    enter = np.where(flat, np.where(inside, -np.inf, np.inf), np.minimum(first, last)).max(axis=1)
    leave = np.where(flat, np.inf, np.maximum(first, last)).min(axis=1)
    far = np.minimum(leave, BEYOND) if at_corner else leave
    reached = (leave > 0) & (enter < far) & np.isfinite(far)
    return np.where(reached, far, np.nan)[:, None] * frame


def beyond(label: Label, height: float) -> Label:
    """A name moved away from the middle, so that it does not lie on the points at its corner."""
    length = float(np.hypot(label.x, label.y)) or 1.0
    aside = 0.3 * height * (1 - 2 * label.across)
    up = float(np.clip(2 * label.y / length, -1, 1))
    return replace(label, x=label.x + aside, y=label.y + 0.9 * height * up)


def uncrowded(labels: tuple[Label, ...], height: float, window: Window) -> list[Label]:
    """The labels that do not lie on one another, inside a window, cut to ``MOST_LETTERS``.

    Parameters
    ----------
    labels : tuple of Label
    height : float
        Of a letter, in the coordinates of the window.
    window : Window
    """
    kept: list[Label] = []
    boxes: list[tuple[float, float, float, float]] = []
    for label in labels:
        text = one_line(label.text, MOST_LETTERS)
        width = LETTER * height * len(text)
        left = label.x - label.across * width
        left = float(np.clip(left, window.low[0], max(window.high[0] - width, window.low[0])))
        low = float(np.clip(label.y, window.low[1] + height, window.high[1] - height))
        box = (left, left + width, low - 0.6 * height, low + 0.6 * height)
        if not any(_touch(box, other) for other in boxes):
            boxes.append(box)
            place = left + label.across * width
            kept.append(Label(place, low, text, True, label.across))
    return kept


def _touch(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]
