"""From one representation to the next: what a transition is, and the ones that interpolate.

A transition is a path ``s ↦ cloud``, ``0 ≤ s ≤ 1``. Nearly all are *parts*: representations
times small matrices, plus an offset. A view's frame is taken through the path from its far end,
so drawing costs thin products only, and no square matrix of a wide layer is ever made.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unknot.motion.pace import EVEN, Tempo
from unknot.traces.note import Note
from unknot.traces.representation import Values

Matrix = NDArray[np.float64]
Clouds = Sequence[Values]


@dataclass(frozen=True)
class Parts:
    """``Σ clouds[k] @ matrix + offset`` over the listed ``(k, matrix)``.

    Attributes
    ----------
    terms : tuple of (int, (n_units_k, n_columns) float64)
    offset : (n_columns,) float64
    """

    terms: tuple[tuple[int, Matrix], ...]
    offset: Matrix

    def evaluate(self, clouds: Clouds) -> Values:
        """(n_points, n_columns), in the clouds' own precision."""
        k, matrix = self.terms[0]
        result = _times(clouds[k], matrix)
        for k, matrix in self.terms[1:]:
            result += _times(clouds[k], matrix)
        result += self.offset.astype(result.dtype)
        return result


def _times(cloud: Values, matrix: Matrix) -> Values:
    return cloud @ matrix.astype(cloud.dtype)


@dataclass(frozen=True)
class Beat:
    """A stretch of a transition during which one thing happens.

    Attributes
    ----------
    kind : str
        ``"look"``, ``"stretch"``, ``"turn"``, ``"shift"``, ``"activation"``, ``"softmax"``,
        ``"interpolated"``.
    start, stop : float
        Within the transition, 0 to 1.
    """

    kind: str
    start: float
    stop: float


class Transition(ABC):
    """A path from one representation to the next; concrete ones interpolate or follow the map."""

    #: The representation that it leads from.
    k: int

    @property
    @abstractmethod
    def width(self) -> int:
        """Columns of the space in which the path lies; both ends are padded with zeros to it."""

    @property
    def beats(self) -> tuple[Beat, ...]:
        """What happens, in order, without gaps."""
        return (Beat("interpolated", 0.0, 1.0),)

    @property
    def is_interpolated(self) -> bool:
        """True when the path is drawn between the ends, not along the map."""
        return True

    @property
    def notes(self) -> tuple[Note, ...]:
        """What a viewer must be told, in a sentence each."""
        return ()

    @abstractmethod
    def seen(self, clouds: Clouds, s: float, frame: Matrix) -> Values:
        """The cloud at `s`, times a frame of shape (width, n_axes)."""

    def whole(self, clouds: Clouds, s: float) -> Values:
        """The cloud at `s`, (n_points, width)."""
        return self.seen(clouds, s, np.eye(self.width))


class LinearParts(Transition):
    """A transition whose every instant is a linear combination of representations."""

    @abstractmethod
    def parts(self, s: float, frame: Matrix | None = None) -> Parts:
        """The instant `s` seen in a frame (width, n_axes); left out, with `width` columns."""

    def seen(self, clouds: Clouds, s: float, frame: Matrix) -> Values:
        """(n_points, n_axes): matrices meet the frame before points do; no wide cloud is made."""
        return self.parts(s, frame).evaluate(clouds)


def seen_axes(n: int, width: int, frame: Matrix | None) -> Matrix:
    """(n, n_axes): the first n axes of a wider space as a frame sees them."""
    return np.eye(n, width) if frame is None else frame[:n]


def n_columns(width: int, frame: Matrix | None) -> int:
    """How many columns the parts of a path have."""
    return width if frame is None else frame.shape[1]


@dataclass(frozen=True)
class Straight(LinearParts):
    """``(1 − s) x + s y``, row by row, s by the pace."""

    k: int
    n_in: int
    n_out: int
    pace: Tempo = field(default=EVEN, compare=False)

    @property
    def width(self) -> int:
        """That of the wider end; the narrower lies in its first axes."""
        return max(self.n_in, self.n_out)

    def parts(self, s: float, frame: Matrix | None = None) -> Parts:
        """``1 − s`` of the cloud before and ``s`` of the one after, both padded to `width`."""
        s = self.pace.at(s)
        return Parts(
            (
                (self.k, (1 - s) * seen_axes(self.n_in, self.width, frame)),
                (self.k + 1, s * seen_axes(self.n_out, self.width, frame)),
            ),
            np.zeros(n_columns(self.width, frame)),
        )

    def whole(self, clouds: Clouds, s: float) -> Values:
        """(n_points, width): the cloud itself, without a matrix of its units."""
        s = self.pace.at(s)
        before, after = clouds[self.k], clouds[self.k + 1]
        number = before.dtype.type
        result = np.pad(number(1 - s) * before, ((0, 0), (0, self.width - before.shape[1])))
        result[:, : after.shape[1]] += number(s) * after
        return result


@dataclass(frozen=True)
class Spline(LinearParts):
    """A cubic spline (not-a-knot, as in SciPy) through all representations, unit by unit.

    A spline is linear in its values, so each instant is a weighted sum of representations.
    """

    k: int
    n_units: tuple[int, ...]

    @property
    def width(self) -> int:
        """Units of the widest representation of all: one curve goes through every one of them."""
        return max(self.n_units)

    def parts(self, s: float, frame: Matrix | None = None) -> Parts:
        """Every representation by its weight, padded to `width` columns.

        The weight is the value at ``k + s`` of the spline that is 1 at its knot and 0 at others.
        """
        from scipy.interpolate import CubicSpline

        knots = np.arange(len(self.n_units), dtype=np.float64)
        weights = CubicSpline(knots, np.eye(len(knots)))(self.k + s)
        return Parts(
            tuple(
                (i, weight * seen_axes(n, self.width, frame))
                for i, (n, weight) in enumerate(zip(self.n_units, weights, strict=True))
            ),
            np.zeros(n_columns(self.width, frame)),
        )


@dataclass(frozen=True)
class Pchip(Transition):
    """Monotone piecewise cubic through all representations, unit by unit: no overshoot.

    Fritsch and Butland (1984), as in ``scipy.interpolate.PchipInterpolator``. The slopes depend
    on the values in a way that is not linear, so there are no parts.
    """

    k: int
    n_units: tuple[int, ...]

    @property
    def width(self) -> int:
        """Units of the widest representation of all, as for a spline."""
        return max(self.n_units)

    def seen(self, clouds: Clouds, s: float, frame: Matrix) -> Values:
        """(n_points, n_axes); of up to six representations nearby a padded copy is made for it."""
        from scipy.interpolate import PchipInterpolator

        # Slopes reach two knots to either side, no further.
        first = max(self.k - 2, 0)
        near = clouds[first : self.k + 4]
        values = np.stack([np.pad(c, ((0, 0), (0, self.width - c.shape[1]))) for c in near])
        knots = np.arange(first, first + len(near), dtype=np.float64)
        moved = PchipInterpolator(knots, values)(self.k + s)
        return np.asarray(moved @ frame, dtype=clouds[0].dtype)
