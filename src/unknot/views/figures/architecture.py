"""A trace read as a drawing: layers as columns of units, and where they stand."""

from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from unknot.draw.words import drawable_names
from unknot.network.maps import Activation, Affine, Softmax
from unknot.traces.representation import Representation, Trace


@dataclass(frozen=True)
class Column:
    """One layer: an affine or opaque map with the activations that follow it.

    Attributes
    ----------
    k : int
        The representation that the layer hands on.
    representation : Representation
        The same.
    map : Affine or None
        From the column before; None for the input and where only values are known.
    functions : tuple of str
        What acts on the units afterwards: ``("relu",)``.
    is_opaque : bool
        True when a map that is not known leads here.
    n_elided : int
        When not 0: this stands for so many layers that are not drawn.
    """

    k: int
    representation: Representation
    map: Affine | None = None
    functions: tuple[str, ...] = ()
    is_opaque: bool = False
    n_elided: int = 0

    @property
    def n_units(self) -> int:
        """All that the layer has, also when the figure draws only some of them."""
        return self.representation.n_units

    @property
    def is_diagonal(self) -> bool:
        """Whether each unit comes from one alone: a scaler, a batch normalisation."""
        if self.map is None or self.map.shape[0] != self.map.shape[1]:
            return False
        if self.map.scale is not None:
            return bool(self.map.scale.any())
        w = self.map.weight
        return np.count_nonzero(w) == np.count_nonzero(np.diagonal(w)) > 0

    @property
    def n_parameters(self) -> int:
        """Known weights and biases; of a diagonal weight its diagonal."""
        if self.map is None:
            return 0
        return (self.n_units if self.is_diagonal else prod(self.map.shape)) + self.map.bias.size

    @property
    def largest_weight(self) -> float:
        """By amount; 1 when there is none but 0."""
        return _largest(None if self.map is None else self.map.numbers)

    @property
    def largest_bias(self) -> float:
        """By amount; 1 when there is none but 0."""
        return _largest(None if self.map is None else self.map.bias)

    @property
    def facts(self) -> str:
        """``"6 units · relu"``."""
        units = f"{self.n_units:,} unit{'s' * (self.n_units != 1)}"
        return " · ".join([units, *self.functions])


def columns(trace: Trace) -> list[Column]:
    """The layers of a trace in order, the input first."""
    layers = [Column(0, trace.representations[0])]
    for k, (map_, after) in enumerate(zip(trace.maps, trace.representations[1:], strict=True), 1):
        if isinstance(map_, Affine):
            functions = ("scaled",) if map_.name == "scaling" else ()
            layers.append(Column(k, after, map_, functions))
        elif isinstance(map_, Activation | Softmax):
            last = layers[-1]
            functions = (*last.functions, map_.name)
            layers[-1] = replace(last, k=k, representation=after, functions=functions)
        else:
            layers.append(Column(k, after, functions=(map_.name,), is_opaque=True))
    return layers


def elide(layers: list[Column], most: int) -> list[Column]:
    """The first and last layers, with one column that stands for those between."""
    if len(layers) <= most:
        return layers
    head, tail = most // 2, (most - 1) // 2
    between = layers[head : len(layers) - tail]
    return [
        *layers[:head],
        replace(between[0], n_elided=len(between)),
        *layers[len(layers) - tail :],
    ]


def parameters(layers: list[Column]) -> int:
    """Number of weights and biases that are known; of diagonal weights the diagonal counts."""
    return sum(column.n_parameters for column in layers)


def _largest(array: NDArray[np.floating] | None) -> float:
    return float(np.abs(array).max()) or 1.0 if array is not None and array.size else 1.0


def strongest(layers: list[Column], i: int, most: int) -> list[int]:
    """Up to `most` units of column `i`, in their own order: those with the largest weights.

    By the sum of the amounts of the weights that leave a unit, or enter it in the last column.
    Columns that are joined unit to unit have the same.
    """
    n = layers[i].n_units
    if n <= most:
        return list(range(n))
    last = i
    while last + 1 < len(layers) and layers[last + 1].is_diagonal:
        last += 1
    leaving = layers[last + 1].map if last + 1 < len(layers) else None
    first = i
    while first > 0 and layers[first].is_diagonal:
        first -= 1
    entering = layers[first].map
    strength = np.zeros(n)
    if leaving is not None:
        strength = np.abs(leaving.weight).sum(axis=1)
    elif entering is not None:
        strength = np.abs(entering.weight).sum(axis=0)
    return sorted(np.argsort(-strength, kind="stable")[:most].tolist())


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
    leaves = after is not None and after.map is not None and not after.n_elided
    enters = column.map is not None and i > 0 and not shown[i - 1].n_elided
    return not (enters or leaves)


def rows_of(shown: list[Column], i: int, has_pictures: bool) -> int:
    """Lines of the figure that a column takes; a stack takes as many as its sheets are high."""
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
    has_pictures: bool,
) -> Rank:
    """The discs of a column around `place`, (x, middle) in inches; of many units, the strongest.

    Units have names beside the first and the last column alone.
    """
    column, (x, middle) = shown[i], place
    if column.n_elided:
        return Rank(column, x, (middle,), ())
    if is_stack(shown, i, has_pictures):
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
        return list(drawable_names(trace.class_names)[0])
    if column.functions[-1:] == ("sigmoid",) and (column.n_units, trace.n_classes) == (1, 2):
        return [f"P({drawable_names(trace.class_names)[0][1]})"]
    return []
