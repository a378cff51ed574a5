"""Which colour each point has, and the legend that says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from unknot.draw import style
from unknot.traces.representation import Trace

Rgb = NDArray[np.float64]

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
        Red, green and blue, 0 to 1: one row a class, or steps of a colour scale for regression.
    group : (n_points,) int64
        Each point's row of the palette.
    class_names : tuple of str
        One a row; empty for regression.
    low, high : float
        For regression: the targets at the ends of the colour bar.
    """

    palette: Rgb
    group: NDArray[np.int64]
    class_names: tuple[str, ...]
    low: float = 0.0
    high: float = 1.0

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
    labels: NDArray[np.int64] | NDArray[np.float32], class_names: Sequence[str]
) -> Colouring:
    """Classes by colour, or a regression target by a colour scale."""
    if class_names:
        palette = np.array([rgb(c) for c in style.class_colours(len(class_names))])
        return Colouring(palette, labels.astype(np.int64), tuple(class_names))
    from matplotlib import colormaps

    # A few extreme targets shall not take all the colours.
    low, high = (float(q) for q in np.quantile(labels, [0.005, 0.995])) if len(labels) else (0, 1)
    share = np.clip((labels - low) / (high - low), 0, 1) if high > low else np.zeros(len(labels))
    palette = np.asarray(colormaps[style.CONTINUOUS](np.linspace(0, 1, STEPS)))[:, :3]
    group = np.round(share * (STEPS - 1)).astype(np.int64)
    return Colouring(palette, group, (), low, high)


def trace_colouring(trace: Trace) -> Colouring:
    """The colours of a trace's points."""
    return colouring(trace.labels, trace.class_names)


def rgb(colour: str) -> Rgb:
    """``"#d55e00"`` as three numbers from 0 to 1."""
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
