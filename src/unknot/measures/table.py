"""The table of measures: what a measure is given, what it may answer, and how one is added."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.network.maps import Map
from unknot.table import Table

Matrix = NDArray[np.float64]
Labels = NDArray[np.int64] | NDArray[np.float32]


class Missing(Exception):  # noqa: N818 - an answer, not an error
    """Raised by a measure that has no meaning for its input; its text is the reason."""


@dataclass(frozen=True)
class Place:
    """One representation as the measures see it.

    Attributes
    ----------
    values : (n_points, n_units) float64
        Finite. At most `Measure.max_points` rows of the representation, drawn at random.
    labels : (n_points,) array
        int64 for classes, float32 for a regression target.
    before : (n_points, n_units_before) float64 or None
        The same points in the representation before; None at the input.
    map : Map or None
        The map that led here; None at the input.
    inputs : sequence of (n_points, n_units) float64 arrays
        The same points in every representation up to and including this one.
    maps : tuple of Map
        The maps up to and including `map`.
    head : Map or None
        The network's last affine map, where it reads this representation; None elsewhere.
    shown : (n_points, n_axes) float64 or None
        The same points in a view, when a view is measured.
    shown_before : (n_points, n_axes) float64 or None
        The same points in the view of the representation before.
    seed : int
    held_out : (n_points,) bool or None
        True for points that the network was not trained on; None where nobody knows.
    weights : (n_points,) float64 or None
        How many points each stands for, where rare classes were given more than their share.
    predicted : (n_points,) float array or None
        At the last representation of a network that predicts a number: what it says.
    decide : callable or None
        Values (n, n_units) of this representation → class probabilities (n, n_classes), or None
        where the rest of the network is no classifier that is known.
    """

    values: Matrix
    labels: Labels
    before: Matrix | None = None
    map: Map | None = None
    inputs: Sequence[Matrix] = ()
    maps: tuple[Map, ...] = ()
    head: Map | None = None
    shown: Matrix | None = None
    shown_before: Matrix | None = None
    seed: int = 0
    held_out: NDArray[np.bool_] | None = None
    weights: NDArray[np.float64] | None = None
    predicted: NDArray[np.floating] | None = None
    decide: Callable[[Matrix], NDArray[np.floating] | None] | None = None

    @property
    def has_classes(self) -> bool:
        """True for classes, False for a regression target."""
        return self.labels.dtype.kind == "i"


@dataclass(frozen=True)
class Measure:
    """An entry of the table.

    Attributes
    ----------
    name : str
        Its key in the table of results.
    function : callable
        ``Place → float``, or a list for a measure of many numbers. Raises `Missing`.
    title : str
        For people: ``"pieces and holes of each class (Betti numbers)"``.
    range : tuple of (float or None)
        Lowest and highest value; None where there is no bound.
    direction : str
        ``"higher"`` or ``"lower"``: which is less tangled; ``""`` where neither is.
    max_points : int or None
        The most points that it is given: its cost grows faster than the points.
    max_values : int or None
        The most values (points × units) that it is given.
    by_default : bool
        Whether ``measure`` works it out unasked.
    needs : tuple of str
        Of ``"classes"`` (two or more), ``"target"`` (a number to predict), ``"map"``, ``"view"``:
        what it has no meaning without.
    is_list : bool
        True for a list of a list of whole numbers a class, as Betti numbers are.
    fewest_of_class : int
        Where points are drawn, so many of each class are (or all it has), as far as twice the
        points allow; `Place.weights` then gives each class its share again.
    same_points : bool
        Whether every layer of a network gets equally many points: as many as its widest one.
    """

    name: str
    function: Callable[[Place], Any]
    title: str
    range: tuple[float | None, float | None]
    direction: str
    max_points: int | None
    max_values: int | None
    by_default: bool
    needs: tuple[str, ...]
    is_list: bool
    fewest_of_class: int = 0
    same_points: bool = False


measures: Table[Any] = Table("measure")


def measure_of(
    *,
    title: str,
    range: tuple[float | None, float | None] = (None, None),
    direction: str = "",
    max_points: int | None = None,
    max_values: int | None = None,
    by_default: bool = True,
    needs: tuple[str, ...] = (),
    is_list: bool = False,
    fewest_of_class: int = 0,
    same_points: bool = False,
) -> Callable[[Callable[[Place], Any]], Callable[[Place], Any]]:
    """Add a function to the table of measures; see `Measure` for the arguments."""

    def add(function: Callable[[Place], Any]) -> Callable[[Place], Any]:
        name = function.__name__.rstrip("_")
        entries[name] = Measure(
            name=name,
            function=function,
            title=title,
            range=range,
            direction=direction,
            max_points=max_points,
            max_values=max_values,
            by_default=by_default,
            needs=needs,
            is_list=is_list,
            fewest_of_class=fewest_of_class,
            same_points=same_points,
        )
        measures.add(function)
        return function

    return add


#: Name → entry, in the order of the table of results.
entries: dict[str, Measure] = {}
