"""Where everything stands in the diagram of a network."""

from dataclasses import dataclass

import numpy as np

from unknot.traces.representation import Trace
from unknot.views.figures.architecture import Column, strongest
from unknot.views.figures.thumbnails import Pictures

#: Units drawn of one layer, and layers drawn of one network.
MOST_UNITS = 10
MOST_COLUMNS = 9
#: Inches: between columns (as a rule, and at least), between units, and the radius of a unit.
PITCH, MIN_PITCH, ROW, RADIUS = 1.6, 1.0, 0.6, 0.21
#: Inches: width and height of the sheets that stand for units of which nothing is drawn, and how
#: far each is moved from the one before.
SHEET, SHEETS, SHIFT = (0.5, 1.3), 3, 0.07


@dataclass(frozen=True)
class Rank:
    """A column in its place.

    Attributes
    ----------
    column : Column
    x : float
        In inches from the left.
    y : tuple of float
        Of each place, in inches from the top.
    units : tuple of int
        Those drawn, one a place; fewer than places when the last is for the number of the rest.
    names : tuple of str
        Beside the units, in the first and the last column.
    is_stack : bool
        Whether sheets stand for all units.
    """

    column: Column
    x: float
    y: tuple[float, ...]
    units: tuple[int, ...]
    names: tuple[str, ...] = ()
    is_stack: bool = False

    @property
    def top(self) -> float:
        """Where what is drawn begins, in inches from the top."""
        return self.y[0] - (SHEET[1] / 2 + SHIFT if self.is_stack else RADIUS)

    @property
    def gap(self) -> float:
        """From the middle to where an arrow may end, in inches."""
        if self.is_stack:
            return SHEET[0] / 2 + SHIFT + 0.08
        return 0.1 if self.column.n_elided else RADIUS + 0.08


def is_stack(shown: list[Column], i: int, has_pictures: bool) -> bool:
    """Whether so many units would be nothing but empty discs: no weight enters or leaves them."""
    column = shown[i]
    if column.n_elided or column.n_units <= MOST_UNITS or has_pictures:
        return False
    after = shown[i + 1] if i + 1 < len(shown) else None
    leaves = after is not None and after.weight is not None and not after.n_elided
    enters = column.weight is not None and i > 0 and not shown[i - 1].n_elided
    return not (enters or leaves)


def rows_of(shown: list[Column], i: int, has_pictures: bool) -> int:
    if shown[i].n_elided:
        return 1
    if is_stack(shown, i, has_pictures):
        return int(np.ceil(SHEET[1] / ROW))
    return min(shown[i].n_units, MOST_UNITS)


def rank_of(
    trace: Trace,
    shown: list[Column],
    i: int,
    place: tuple[float, float],
    pictures: list[Pictures] | None,
) -> Rank:
    column, (x, middle) = shown[i], place
    if column.n_elided:
        return Rank(column, x, (middle,), ())
    if is_stack(shown, i, pictures is not None):
        return Rank(column, x, (middle,), (), is_stack=True)
    n = min(column.n_units, MOST_UNITS)
    units = strongest(shown, i, MOST_UNITS if column.n_units <= MOST_UNITS else MOST_UNITS - 1)
    names: list[str] = []
    if i in (0, len(shown) - 1):
        names = names_of(trace, column, i == 0)
    y = tuple(middle + (j - (n - 1) / 2) * ROW for j in range(n))
    return Rank(column, x, y, tuple(units), tuple(names[u] for u in units if names))


def names_of(trace: Trace, column: Column, is_input: bool) -> list[str]:
    """Names of all units of the first or last column; empty where numbers say it all."""
    if is_input:
        return list(column.representation.unit_names)
    if column.functions[-1:] == ("softmax",) and column.n_units == trace.n_classes:
        return list(trace.class_names)
    if column.functions[-1:] == ("sigmoid",) and (column.n_units, trace.n_classes) == (1, 2):
        return [f"P({trace.class_names[1]})"]
    return []
