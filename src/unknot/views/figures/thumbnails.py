"""What each unit computes, as a small picture over the plane of a 2-feature input."""

import numpy as np
from numpy.typing import NDArray

from unknot.draw import style
from unknot.draw.colouring import Colouring
from unknot.draw.style import rgb
from unknot.traces.lattice import box, raster
from unknot.traces.representation import Trace

#: Points along each side.
SIDE = 48
#: Beside each other, the lightest and the darkest value are these greys.
LIGHT, DARK = 0.97, 0.25

Pictures = list[NDArray[np.float64]]


def thumbnails(trace: Trace, colouring: Colouring) -> list[Pictures] | None:
    """A picture of (SIDE, SIDE, 3) for every unit of every representation.

    Dark is high, light is low, each unit by itself; the probabilities that the network ends with
    have the classes' colours. None unless the input has two features and all maps are known.
    """
    if trace.representations[0].n_units != 2 or not trace.is_exact or not trace.n_points:
        return None
    low, high = box(trace.representations[0].values)
    centre, radius = (low + high) / 2, float((high - low).max()) / 2
    _, _, points = raster(centre - radius, centre + radius, SIDE)
    clouds = list(trace.propagate(points))
    pictures = [[_grey(column) for column in cloud.T] for cloud in clouds]
    probabilities = trace.class_probabilities(points)
    if probabilities is not None and trace.maps:
        classes = range(probabilities.shape[1])
        shown = [1] if clouds[-1].shape[1] == 1 else classes
        pictures[-1] = [_tinted(probabilities[:, c], colouring.palette, c) for c in shown]
    return pictures


def _grey(values: NDArray[np.floating]) -> NDArray[np.float64]:
    low, high = float(values.min()), float(values.max())
    share = (values - low) / (high - low) if high > low else np.zeros(len(values))
    grey = LIGHT + (DARK - LIGHT) * share
    return np.repeat(_upright(grey)[..., None], 3, axis=-1)


def _tinted(p: NDArray[np.floating], palette: NDArray[np.float64], c: int) -> NDArray[np.float64]:
    """From white, or for two classes from the other's colour, to the class's own."""
    other = palette[1 - c] if len(palette) == 2 else rgb(style.BACKGROUND)
    middle = np.ones(3)
    share = _upright(p.astype(np.float64))[..., None]
    below, above = np.clip(1 - 2 * share, 0, 1), np.clip(2 * share - 1, 0, 1)
    if len(palette) > 2:
        return other + (palette[c] - other) * share
    return middle + (other - middle) * below + (palette[c] - middle) * above


def _upright(values: NDArray[np.floating]) -> NDArray[np.float64]:
    return values.reshape(SIDE, SIDE)[::-1].astype(np.float64)
