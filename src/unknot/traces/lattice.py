"""The lattice: a grid over a 2-feature input and the decision boundary, traced with the data."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from unknot.traces.representation import Lattice, Trace, Values

#: Margin around the data, as a share of its larger side.
MARGIN = 0.08
#: Points on one grid line: relu folds are sharp, so lines must be dense.
POINTS_PER_LINE = 161
#: Grid cells along the longer side when no spacing is given, roughly.
CELLS = 22
#: Points along each side of the raster on which the boundary is found.
RASTER = 257


def make_lattice(
    trace: Trace,
    through: Callable[[Values], list[Values]] | None = None,
    classify: Callable[[Values], Values | None] | None = None,
) -> Trace:
    """Add a lattice to a trace whose input has two features.

    Parameters
    ----------
    trace : Trace
    through : callable, optional
        Sends (n, 2) points through the network itself and gives their place in every
        representation; left out, the maps are followed.
    classify : callable, optional
        Gives the network's class probabilities of (n, 2) points; left out, the maps do.

    Returns
    -------
    Trace
        The trace itself when no lattice can be made.
    """
    source = trace.representations[0]
    if source.n_units != 2 or trace.n_points == 0:
        return trace
    if not trace.is_exact and through is None:
        return trace
    low, high = box(source.values)
    lines = [*grid_lines(low, high)]
    n_grid_lines = len(lines)
    lines += decision_boundary(trace, low, high, classify=classify)
    points = np.concatenate(lines).astype(np.float32)
    offsets = np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.int64)
    values = tuple(trace.propagate(points) if through is None else through(points))
    # A logarithm, for one, may have no value beyond the data.
    if not all(np.isfinite(cloud).all() for cloud in values):
        return trace
    return replace(trace, lattice=Lattice(values, offsets, n_grid_lines))


def box(values: Values) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper corner, (n_units,) each, of a box a little larger than the data."""
    low = values.min(axis=0).astype(np.float64)
    high = values.max(axis=0).astype(np.float64)
    margin = MARGIN * max(float((high - low).max()), 1e-6)
    return low - margin, high + margin


def nice_step(length: float, cells: int) -> float:
    """The 1, 2 or 5 times a power of ten that cuts `length` into about `cells` parts."""
    raw = length / cells
    power = 10.0 ** np.floor(np.log10(raw))
    return float(power * min((1, 2, 5, 10), key=lambda m: abs(np.log(m * power / raw))))


def grid_lines(low: NDArray[np.float64], high: NDArray[np.float64]) -> list[Values]:
    """Straight lines at round coordinates, each of shape (POINTS_PER_LINE, 2)."""
    step = nice_step(float((high - low).max()), CELLS)
    # The grid ends on its own outermost lines, so no loose ends stick out.
    first = np.floor(low / step)
    last = np.ceil(high / step)
    lines: list[Values] = []
    for axis in (0, 1):
        other = 1 - axis
        start, stop = float(first[other] * step), float(last[other] * step)
        along = np.linspace(start, stop, POINTS_PER_LINE)
        for i in np.arange(float(first[axis]), float(last[axis]) + 1):
            line = np.empty((POINTS_PER_LINE, 2))
            line[:, axis] = i * step
            line[:, other] = along
            lines.append(line)
    return lines


def raster(
    low: NDArray[np.float64], high: NDArray[np.float64], n: int = RASTER
) -> tuple[NDArray[np.float64], NDArray[np.float64], Values]:
    """A regular raster of a box: x (n,), y (n,) and its points (n · n, 2), x running fastest."""
    x = np.linspace(float(low[0]), float(high[0]), n)
    y = np.linspace(float(low[1]), float(high[1]), n)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2).astype(np.float32)
    return x, y, points


def decision_boundary(
    trace: Trace,
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    start: int = 0,
    n: int = RASTER,
    classify: Callable[[Values], Values | None] | None = None,
) -> list[Values]:
    """Where the most probable class changes, in a box of a 2-unit representation.

    Class `c` against the best of the others is a smooth function whose zero set is the edge of
    region `c`; for two classes one such function tells all.

    Parameters
    ----------
    trace : Trace
    low, high : (2,) float64
        Corners of the box.
    start : int
        The representation.
    n : int
        Points along each side of the raster on which the zero set is found.
    classify : callable, optional
        The rest of the network as a classifier; left out, its maps.

    Returns
    -------
    list of (n, 2) float arrays
        Empty when the network gives no class probabilities or decides the same everywhere.
    """
    x, y, points = raster(low, high, n)
    if classify is None:
        probabilities = trace.class_probabilities(points, start)
    else:
        probabilities = classify(points)
    if probabilities is None:
        return []
    from contourpy import contour_generator

    n_classes = probabilities.shape[1]
    log_p = np.log(np.maximum(probabilities, 1e-30))
    lines: list[Values] = []
    for c in range(1 if n_classes == 2 else 0, n_classes):
        others = np.delete(log_p, c, axis=1).max(axis=1)
        height = (log_p[:, c] - others).reshape(len(y), len(x))
        contours = cast(list[Values], contour_generator(x, y, height).lines(0.0))
        lines += [line for line in contours if len(line) > 1]
    return lines
