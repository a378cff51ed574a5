"""A trace read as a drawing of layers: columns of units, joined by weights."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from unknot.maps import Activation, Affine
from unknot.representation import Representation, Trace


@dataclass(frozen=True)
class Column:
    """One layer: an affine or opaque map with the activations that follow it.

    Attributes
    ----------
    k : int
        The representation that the layer hands on.
    representation : Representation
        The same.
    weight : (n_in, n_units) float array or None
        From the column before; None for the input and where only values are known.
    bias : (n_units,) float array or None
    functions : tuple of str
        What acts on the units afterwards: ``("relu",)``.
    is_opaque : bool
        True when a map that is not known leads here.
    n_elided : int
        When not 0: this stands for so many layers that are not drawn.
    """

    k: int
    representation: Representation
    weight: NDArray[np.floating] | None = None
    bias: NDArray[np.floating] | None = None
    functions: tuple[str, ...] = ()
    is_opaque: bool = False
    n_elided: int = 0

    @property
    def n_units(self) -> int:
        return self.representation.n_units

    @property
    def facts(self) -> str:
        """``"6 units · relu"``."""
        units = f"{self.n_units:,} unit{'s' * (self.n_units != 1)}"
        return " · ".join([units, *self.functions])


def columns(trace: Trace) -> list[Column]:
    """The layers of a trace in order, the input first."""
    found = [Column(0, trace.representations[0])]
    for k, (map_, after) in enumerate(zip(trace.maps, trace.representations[1:], strict=True), 1):
        if isinstance(map_, Affine):
            functions = ("scaled",) if map_.name == "scaling" else ()
            found.append(Column(k, after, map_.weight, map_.bias, functions))
        elif isinstance(map_, Activation) or map_.name == "softmax":
            last = found[-1]
            functions = (*last.functions, map_.name)
            found[-1] = replace(last, k=k, representation=after, functions=functions)
        else:
            found.append(Column(k, after, functions=(map_.name,), is_opaque=True))
    return found


def elide(found: list[Column], most: int) -> list[Column]:
    """The first and last layers, with one column that stands for those between."""
    if len(found) <= most:
        return found
    head, tail = most // 2, (most - 1) // 2
    between = found[head : len(found) - tail]
    return [*found[:head], replace(between[0], n_elided=len(between)), *found[len(found) - tail :]]


def parameters(found: list[Column]) -> int:
    """Number of weights and biases."""
    arrays = [a for column in found for a in (column.weight, column.bias) if a is not None]
    return sum(a.size for a in arrays)


def largest(found: list[Column]) -> float:
    """The largest weight or bias by amount; 1 when there is none but 0."""
    arrays = [a for column in found for a in (column.weight, column.bias) if a is not None]
    return max((float(np.abs(a).max()) for a in arrays if a.size), default=0.0) or 1.0


def strongest(found: list[Column], i: int, most: int) -> list[int]:
    """Up to `most` units of column `i`, in their own order: those with the largest weights.

    By the sum of the amounts of the weights that leave a unit, or enter it in the last column.
    """
    n = found[i].n_units
    if n <= most:
        return list(range(n))
    leaving = found[i + 1].weight if i + 1 < len(found) else None
    entering = found[i].weight
    strength = np.zeros(n)
    if leaving is not None:
        strength = np.abs(leaving).sum(axis=1)
    elif entering is not None:
        strength = np.abs(entering).sum(axis=0)
    return sorted(np.argsort(-strength, kind="stable")[:most].tolist())


def architecture(trace: Trace) -> str:
    """``"2 → 6 relu → 2 → 1 sigmoid"``, without the middle of a very deep network."""
    found = columns(trace)
    shown = elide(found, 16)
    parts = [
        "…" if column.n_elided else " ".join([f"{column.n_units:,}", *column.functions])
        for column in shown
    ]
    return " → ".join(parts)
