"""The plane that a panel shows: its window, and what the rest of the network makes of it."""

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from unknot.draw.style import Rgb
from unknot.motion.scene import Scene
from unknot.traces.lattice import decision_boundary, nice_step, raster
from unknot.traces.representation import Trace

Points = NDArray[np.floating]


@dataclass(frozen=True)
class Window:
    """A rectangle of the plane and the pixels that it fills.

    Attributes
    ----------
    x, y : float
        Its centre, in the plane's units.
    scale : float
        Units of the plane per pixel, the same on both axes.
    width, height : int
        In pixels.
    """

    x: float
    y: float
    scale: float
    width: int
    height: int

    @classmethod
    def around(cls, x: float, y: float, radius: float, width: int, height: int) -> "Window":
        """The window of `width` × `height` pixels in which a square of that radius just fits."""
        return cls.holding(x, y, radius, radius, width, height)

    @classmethod
    def holding(
        cls, x: float, y: float, half_width: float, half_height: float, width: int, height: int
    ) -> "Window":
        """The window of `width` × `height` pixels in which a rectangle just fits."""
        scale = 2 * max(half_width / width, half_height / height)
        return cls(x, y, scale, width, height)

    @property
    def low(self) -> tuple[float, float]:
        """The lower left corner."""
        return (self.x - self.width * self.scale / 2, self.y - self.height * self.scale / 2)

    @property
    def high(self) -> tuple[float, float]:
        """The upper right corner."""
        return (self.x + self.width * self.scale / 2, self.y + self.height * self.scale / 2)

    def pixels(self, points: Points) -> Points:
        """Places in pixels from the lower left corner, (n, 2), for points (n, 2) of the plane."""
        low = np.array(self.low, dtype=points.dtype)
        return (points - low) * points.dtype.type(1 / self.scale)

    def coarser(self, factor: int) -> "Window":
        """The same rectangle with `factor` pixels made one along each side (rounded up)."""
        width, height = -(-self.width // factor), -(-self.height // factor)
        # Rounding up adds a strip at the right and at the bottom: the upper left corner stays.
        x = self.low[0] + width * self.scale * factor / 2
        y = self.high[1] - height * self.scale * factor / 2
        return Window(x, y, self.scale * factor, width, height)


#: Numbers from 100,000 on have an exponent where so many digits tell them apart.
MOST_DIGITS = 3


def ticks(low: float, high: float, count: int) -> list[float]:
    """Round numbers from `low` to `high`, about `count` of them."""
    if not high > low:
        return []
    step = nice_step(high - low, count)
    first, last = int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))
    return [i * step for i in range(first, last + 1)]


def tick_label(value: float, step: float) -> str:
    """A number with just the digits that its step needs, and a true minus sign."""
    if value == 0 or abs(value) < step * 1e-6:
        return "0"
    size = int(np.floor(np.log10(step) + 1e-9))
    digits = max(int(np.floor(np.log10(abs(value)) + 1e-9)) - size + 1, 2)
    if abs(value) < 1e5 and step >= 1e-4:
        text = f"{value:.{max(0, -size)}f}"
    elif digits <= MOST_DIGITS or abs(value) < 1e5:
        # Of a layer that is nearly one point more digits would run into the next panel.
        text = f"{value:.{min(digits, MOST_DIGITS + 1)}g}"
    else:
        # Far from 0 for its step: an exponent would write all marks alike.
        text = f"{value:,.{max(0, -size)}f}"
    return text.replace("-", "−")


def once(labels: list[str]) -> list[str]:
    """Labels of marks; of those that no four digits tell apart the first stands alone."""
    return [label if label not in labels[:i] else "" for i, label in enumerate(labels)]


#: Points along each side of the raster on which confidence is shown.
RASTER = 193
#: How much colour full confidence adds to the background.
STRENGTH = 0.15


@dataclass(frozen=True)
class Confidence:
    """The rest of the network as a classifier of the plane that is shown.

    Attributes
    ----------
    colours : (n, n, 3) float32 or None
        Red, green and blue over the whole of the window, the upper row first: the classes'
        colours in proportion to their probabilities, fading to the background where the
        network is undecided. None where the plane is that of the probabilities themselves.
    boundary : list of (n, 2) float arrays
        Where the most probable class changes.
    """

    colours: NDArray[np.float32] | None
    boundary: list[Points]


def confidence(scene: Scene, k: int, window: Window, palette: Rgb) -> Confidence | None:
    """Confidence and boundary in the plane of representation `k` as a scene shows it.

    None unless the representation has two units, both are shown, and the network gives class
    probabilities from there on; or its units are three classes, whose corners are shown.
    """
    if scene.n_axes != 2:
        return None
    frame = scene.stops[k].frame
    if scene.stops[k].are_corners:
        return _corner_confidence(scene, k, window, palette)
    # The boundary is looked for along the units; a turned plane keeps the carried one.
    is_straight = frame.shape == (2, 2) and np.allclose(frame, np.eye(2))
    stretch = scene.extent(k).stretch
    return plane_confidence(
        scene.trace, k, window, palette, frame, boundary=is_straight, stretch=stretch
    )


def _corner_confidence(scene: Scene, k: int, window: Window, palette: Rgb) -> Confidence | None:
    """Three classes seen at their corners: all that is hidden is what their units have in common.

    Softmax does not depend on that, and the sum of probabilities is 1.
    """
    trace, frame = scene.trace, scene.stops[k].frame
    last = len(trace.maps)
    if not scene.stops[k].is_decided or k < last - 1 or not trace.holds_probabilities(last):
        return None
    low, high = np.array(window.low), np.array(window.high)
    values: Points = raster(low, high, RASTER)[2] @ frame.T
    *_, values = trace.propagate(values + 1 / 3 if k == last else values, k)
    inside = values.min(axis=1) >= 0
    colours = np.ones((len(values), 3), np.float32)
    colours[inside] = shade(values[inside], palette)
    # Two units are as large on the way from 0 away from the corner of the third; half of it is
    # the middle between their corners.
    reach = 2 * float(np.abs(np.concatenate([low, high])).max()) / float(np.abs(frame).max())
    ends = -frame * (0.5 if k == last else reach)
    edges: list[Points] = [np.stack([np.zeros(2), end]) for end in ends]
    return Confidence(colours.reshape(RASTER, RASTER, 3)[::-1], edges)


def plane_confidence(
    trace: Trace,
    k: int,
    window: Window,
    palette: Rgb,
    frame: NDArray[np.float64] | None = None,
    n: int = RASTER,
    boundary: bool = True,
    stretch: NDArray[np.float64] | None = None,
) -> Confidence | None:
    """The rest of a network as a classifier of its representation `k`, which has two units.

    Parameters
    ----------
    trace : Trace
    k : int
    window : Window
    palette : (n_classes, 3) float64
        More rows are no classes.
    frame : (2, 2) float64, optional
        Orthonormal: how the plane is turned.
    n : int
        Points along each side of the raster.
    boundary : bool
        Whether to look for the boundary.
    stretch : (2,) float64, optional
        How much each axis is enlarged in the window.
    """
    if trace.representations[k].n_units != 2 or not trace.n_classes:
        return None
    factors = np.ones(2) if stretch is None else stretch
    low, high = np.array(window.low) / factors, np.array(window.high) / factors
    if trace.holds_probabilities(k):
        return Confidence(None, [_even(low, high)] if boundary else [])
    points = raster(low, high, n)[2]
    if frame is not None:
        points = points @ frame.T.astype(np.float32)
    probabilities = trace.class_probabilities(points, start=k)
    if probabilities is None:
        return None
    colours = shade(probabilities, palette).reshape(n, n, 3)[::-1]
    edge = decision_boundary(trace, low, high, start=k, n=n) if boundary else []
    return Confidence(colours, [line * factors for line in edge])


def _even(low: NDArray[np.float64], high: NDArray[np.float64]) -> Points:
    """Where two classes are as likely: the ends of that line in a box of their probabilities.

    All points of such a plane lie on the segment from one class to the other, so it has no
    regions; only what crosses the segment means something.
    """
    start, stop = low.max(), high.min()
    return np.array([[start, start], [stop, stop]]) if start < stop else np.empty((0, 2))


def shade(probabilities: NDArray[np.floating], palette: Rgb) -> NDArray[np.float32]:
    """Class probabilities (n, n_classes) as colours (n, 3) on white."""
    n_classes = probabilities.shape[1]
    # Column by column: a reduction along a short axis takes ten times as long.
    highest = reduce(np.maximum, probabilities.T)
    sureness = np.clip((highest[:, None] - 1 / n_classes) / (1 - 1 / n_classes), 0, 1)
    amount = STRENGTH * sureness
    return np.clip(1 - amount + amount * (probabilities @ palette[:n_classes]), 0, 1).astype(
        np.float32
    )


def thresholds(trace: Trace, k: int, low: float, high: float) -> list[float]:
    """Where, along the one unit of representation `k`, the decision changes.

    0 for a logit and 0.5 for a probability; empty when the network gives no class probabilities
    from there on.
    """
    if trace.representations[k].n_units != 1:
        return []
    line = np.linspace(low, high, 4_097)
    probabilities = trace.class_probabilities(line[:, None], start=k)
    if probabilities is None:
        return []
    log_p = np.log(np.maximum(probabilities.astype(np.float64), 1e-30))
    best = log_p.argmax(axis=1)
    places: list[float] = []
    for i in np.flatnonzero(best[1:] != best[:-1]):
        before, after = log_p[i], log_p[i + 1]
        gap = [p[best[i]] - p[best[i + 1]] for p in (before, after)]
        places.append(float(line[i] + (line[i + 1] - line[i]) * gap[0] / (gap[0] - gap[1])))
    return places
