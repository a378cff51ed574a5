"""The lattice: a grid over a 2-feature input and the decision boundary, traced with the data."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.arrays import precision_for
from unknot.datasets.labels import counted
from unknot.traces.trace_checks import Values

if TYPE_CHECKING:
    from unknot.traces.representation import Trace

#: Margin around the data, as a share of its larger side.
MARGIN = 0.08
#: Sides of a box up to which both features are seen at one scale; beyond, each has its own.
UNEQUAL = 20.0
#: Points on one grid line: relu folds are sharp, so lines must be dense.
POINTS_PER_LINE = 161
#: Grid cells along the longer side when no spacing is given, roughly.
CELLS = 22
#: Points along each side of the raster on which the boundary is found.
RASTER = 257
#: Numbers of a lattice in all representations together, about: with very many units its lines have
#: fewer points. And every how many of them are left then, so that a grid line keeps both its ends.
MOST_NUMBERS, STRIDES = 100_000_000, (1, 2, 4, 5, 8, 10)
#: The probabilities of the two likeliest classes differ by less on the boundary, where they do
#: not jump there.
EVEN = 0.01
#: Halvings of a raster's edge in search of that.
MOST_HALVINGS = 20


@dataclass(frozen=True, eq=False, repr=False)
class Lattice:
    """Extra points of a 2-feature input, traced with the data: a grid and the decision boundary.

    Every line is a run of consecutive rows, so its picture in any later representation is found
    by joining the same rows.

    Attributes
    ----------
    values : tuple of (n_lattice_points, n_units) float arrays
        One array a representation.
    offsets : (n_lines + 1,) int64
        Line `i` is rows ``offsets[i]:offsets[i + 1]``.
    n_grid_lines : int
        The first lines are the grid's, the rest are the decision boundary's.
    """

    values: tuple[Values, ...]
    offsets: NDArray[np.int64]
    n_grid_lines: int

    def split(self, values: Values) -> tuple[list[Values], list[Values]]:
        """Cut moved lattice points into grid lines and boundary lines.

        Parameters
        ----------
        values : (n_lattice_points, n_axes) float array

        Returns
        -------
        grid, boundary : lists of (n, n_axes) float arrays
        """
        lines = [values[start:stop] for start, stop in pairwise(self.offsets.tolist())]
        return lines[: self.n_grid_lines], lines[self.n_grid_lines :]

    def __repr__(self) -> str:
        n_grid, n_boundary = self.n_grid_lines, len(self.offsets) - 1 - self.n_grid_lines
        lines = f"{counted(n_grid, 'grid line')} and {counted(n_boundary, 'boundary line')}"
        return f"Lattice: {len(self.values[0]):,} points on {lines}"


def make_lattice(
    trace: "Trace",
    through: Callable[[Values], list[Values]] | None = None,
    classify: Callable[[Values], Values | None] | None = None,
) -> "Trace":
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
    n_units = sum(r.n_units for r in trace.representations)
    lines = [_thinned_line(line, _stride(lines, n_units)) for line in lines]
    points = np.concatenate(lines).astype(precision_for(low, high))
    offsets = np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.int64)
    values = tuple(trace.propagate(points) if through is None else through(points))
    # A logarithm, for one, may have no value beyond the data.
    if not all(np.isfinite(cloud).all() for cloud in values):
        return trace
    return replace(trace, lattice=Lattice(values, offsets, n_grid_lines))


def _stride(lines: list[Values], n_units: int) -> int:
    """Every how many points of a line go through a network of so many units in all."""
    n_numbers = n_units * sum(map(len, lines))
    return next((s for s in STRIDES if n_numbers <= s * MOST_NUMBERS), STRIDES[-1])


def _thinned_line(line: Values, stride: int) -> Values:
    """Some of a line's points, both ends among them."""
    return line if stride == 1 else np.vstack([line[:-1:stride], line[-1:]])


def box(values: Values) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper corner, (n_units,) each, of a box a little larger than the data."""
    low = values.min(axis=0).astype(np.float64)
    high = values.max(axis=0).astype(np.float64)
    sides = high - low
    margin = MARGIN * (sides if are_unequal(sides) else max(float(sides.max()), 1e-6))
    return low - margin, high + margin


def are_unequal(sides: NDArray[np.float64]) -> bool:
    """Whether the sides of a box differ too much for one scale; one of 0 has no scale."""
    return float(sides.min()) > 0 and float(sides.max() / sides.min()) > UNEQUAL


def nice_step(length: float, cells: int) -> float:
    """The 1, 2 or 5 times a power of ten that cuts `length` into about `cells` parts."""
    raw = length / cells
    power = 10.0 ** np.floor(np.log10(raw))
    return float(power * min((1, 2, 5, 10), key=lambda m: abs(np.log(m * power / raw))))


def grid_lines(low: NDArray[np.float64], high: NDArray[np.float64]) -> list[Values]:
    """Straight lines at round coordinates, each of shape (POINTS_PER_LINE, 2)."""
    sides = high - low
    lengths = sides if are_unequal(sides) else np.full(2, sides.max())
    step = np.array([nice_step(float(length), CELLS) for length in lengths])
    # The grid ends on its own outermost lines, so no loose ends stick out.
    first = np.floor(low / step)
    last = np.ceil(high / step)
    lines: list[Values] = []
    for axis in (0, 1):
        other = 1 - axis
        start, stop = float(first[other]), float(last[other])
        along = np.linspace(start, stop, POINTS_PER_LINE) * step[other]
        for i in np.arange(float(first[axis]), float(last[axis]) + 1):
            line = np.empty((POINTS_PER_LINE, 2))
            line[:, axis] = i * step[axis]
            line[:, other] = along
            lines.append(line)
    return lines


def raster(
    low: NDArray[np.float64], high: NDArray[np.float64], n: int = RASTER
) -> tuple[NDArray[np.float64], NDArray[np.float64], Values]:
    """A regular raster of a box: x (n,), y (n,) and its points (n · n, 2), x running fastest."""
    x = np.linspace(float(low[0]), float(high[0]), n)
    y = np.linspace(float(low[1]), float(high[1]), n)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return x, y, points.astype(precision_for(low, high))


def decision_boundary(
    trace: "Trace",
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    start: int = 0,
    n: int = RASTER,
    classify: Callable[[Values], Values | None] | None = None,
    halvings: int = MOST_HALVINGS,
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
    halvings : int
        Of the raster's edges on which the vertices lie, at most.

    Returns
    -------
    list of (n, 2) float arrays
        Empty when the network gives no class probabilities or decides the same everywhere.
    """
    x, y, points = raster(low, high, n)
    if classify is None:
        classify = partial(trace.class_probabilities, start=start)
    probabilities = classify(points)
    if probabilities is None:
        return []
    from contourpy import contour_generator

    n_classes = probabilities.shape[1]
    lines: list[Values] = []
    classes: list[int] = []
    for c in range(1 if n_classes == 2 else 0, n_classes):
        height = _without_plains(_lead(probabilities, c).reshape(len(y), len(x)))
        contours = cast(list[Values], contour_generator(x, y, height, corner_mask=False).lines(0.0))
        contours = [line for line in contours if len(line) > 1]
        lines += contours
        classes += [c] * sum(map(len, contours))
    if not lines:
        return []
    ends = np.cumsum([len(line) for line in lines])[:-1]
    vertices = _refined(np.concatenate(lines), np.array(classes), x, y, classify, halvings)
    return np.split(vertices, ends)


def _without_plains(height: Values) -> Any:
    """Masked where three corners of a cell or more are zero: there is a plain and no line.

    Relu units that are all off leave the odds even far and wide.
    """
    corners = (slice(None, -1), slice(1, None))
    zero = height == 0
    cells = [zero[i, j] for i in corners for j in corners]
    is_plain = np.sum(cells, axis=0) > 2
    mask = np.zeros(height.shape, np.bool_)
    for i in corners:
        for j in corners:
            mask[i, j] |= is_plain & zero[i, j]
    return np.ma.masked_array(height, mask) if mask.any() else height


def _lead(probabilities: Values, classes: int | NDArray[np.int64]) -> Values:
    """By how much a class is more probable than the best of the others, in logarithms."""
    log_p = np.log(np.maximum(probabilities, 1e-30))
    rows = np.arange(len(log_p))
    own = log_p[rows, classes]
    log_p[rows, classes] = -np.inf
    return own - log_p.max(axis=1)


def _refined(
    vertices: Values,
    classes: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    classify: Callable[[Values], Values | None],
    halvings: int,
) -> Values:
    """Move each vertex along its edge of the raster to where the network changes its mind.

    A raster tells between which two of its points that is; where in between, interpolation only
    guesses: a steep network changes within a hundredth of an edge.
    """
    start, step = np.array([x[0], y[0]]), np.array([x[1] - x[0], y[1] - y[0]])
    at = (vertices - start) / step
    # A vertex lies between two neighbours of a row or of a column.
    whole = np.abs(at - np.rint(at)) < 1e-6
    at = np.where(whole, np.rint(at), at)
    below, above = start + np.floor(at) * step, start + np.ceil(at) * step
    result = vertices.copy()
    left = np.flatnonzero(~whole.all(axis=1))
    if not len(left):
        return result
    is_up = _lead(_probabilities(classify, below[left]), classes[left]) > 0
    rises = np.zeros(len(vertices), bool)
    rises[left] = ~is_up
    for _ in range(halvings):
        probabilities = _probabilities(classify, result[left])
        lead = _lead(probabilities, classes[left])
        best = np.partition(probabilities, -2, axis=1)
        is_even = best[:, -1] - best[:, -2] <= EVEN
        before = (lead > 0) != rises[left]
        below[left[before]] = result[left[before]]
        above[left[~before]] = result[left[~before]]
        left = left[~is_even]
        if not len(left):
            break
        result[left] = (below[left] + above[left]) / 2
    return result


def _probabilities(classify: Callable[[Values], Values | None], points: Values) -> Values:
    precision = precision_for(points.min(axis=0), points.max(axis=0))
    probabilities = classify(points.astype(precision))
    assert probabilities is not None
    return probabilities
