"""What the rest of the network makes of the place it is shown: confidence, boundary, thresholds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unknot.lattice import decision_boundary, raster
from unknot.scene import Scene
from unknot.views.colouring import Rgb
from unknot.views.window import Points, Window

#: Points along each side of the raster on which confidence is shown.
RASTER = 161
#: How much colour full confidence adds to the background.
STRENGTH = 0.15


@dataclass(frozen=True)
class Confidence:
    """The rest of the network as a classifier of the plane that is shown.

    Attributes
    ----------
    colours : (n, n, 3) float32
        Red, green and blue over the whole of the window, the upper row first: the classes'
        colours in proportion to their probabilities, fading to the background where the
        network is undecided.
    boundary : list of (n, 2) float arrays
        Where the most probable class changes.
    """

    colours: NDArray[np.float32]
    boundary: list[Points]


def confidence(scene: Scene, k: int, window: Window, palette: Rgb) -> Confidence | None:
    """Confidence and boundary in the plane of representation `k`.

    None unless the representation has two units, both are shown, and the network gives class
    probabilities from there on.
    """
    stop = scene.stops[k]
    if scene.n_axes != 2 or stop.representation.n_units != 2 or not len(palette):
        return None
    low, high = np.array(window.low), np.array(window.high)
    points = raster(low, high, RASTER)[2] @ stop.frame.T.astype(np.float32)
    probabilities = scene.trace.class_probabilities(points, start=k)
    if probabilities is None:
        return None
    colours = shade(probabilities, palette).reshape(RASTER, RASTER, 3)[::-1]
    if not np.allclose(stop.frame, np.eye(2)):
        # The boundary is looked for along the units; a turned plane keeps the carried one.
        return Confidence(colours, [])
    return Confidence(colours, decision_boundary(scene.trace, low, high, start=k))


def shade(probabilities: NDArray[np.floating], palette: Rgb) -> NDArray[np.float32]:
    """Class probabilities (n, n_classes) as colours (n, 3) on white."""
    n_classes = probabilities.shape[1]
    certainty = (probabilities.max(axis=1, keepdims=True) - 1 / n_classes) / (1 - 1 / n_classes)
    amount = STRENGTH * certainty
    return (1 - amount + amount * (probabilities @ palette)).astype(np.float32)


def thresholds(scene: Scene, k: int, low: float, high: float) -> list[float]:
    """Where, along the one unit of representation `k`, the decision changes.

    0 for a logit and 0.5 for a probability; empty when the network gives no class probabilities
    from there on.
    """
    if scene.stops[k].representation.n_units != 1:
        return []
    line = np.linspace(low, high, 4_097)
    probabilities = scene.trace.class_probabilities(line[:, None], start=k)
    if probabilities is None:
        return []
    log_p = np.log(np.maximum(probabilities.astype(np.float64), 1e-30))
    best = log_p.argmax(axis=1)
    found: list[float] = []
    for i in np.flatnonzero(best[1:] != best[:-1]):
        before, after = log_p[i], log_p[i + 1]
        gap = [p[best[i]] - p[best[i + 1]] for p in (before, after)]
        found.append(float(line[i] + (line[i + 1] - line[i]) * gap[0] / (gap[0] - gap[1])))
    return found
