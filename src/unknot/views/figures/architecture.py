"""A trace read as a drawing of layers: columns of units, joined by weights."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

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
    def is_diagonal(self) -> bool:
        """Whether each unit comes from one alone: a scaler, a batch normalisation."""
        w = self.weight
        if w is None or w.shape[0] != w.shape[1]:
            return False
        return np.count_nonzero(w) == np.count_nonzero(np.diagonal(w)) > 0

    @property
    def n_parameters(self) -> int:
        """Known weights and biases; of a diagonal weight its diagonal."""
        if self.weight is None or self.bias is None:
            return 0
        return (self.n_units if self.is_diagonal else self.weight.size) + self.bias.size

    @property
    def largest_weight(self) -> float:
        """By amount; 1 when there is none but 0."""
        return _largest(self.weight)

    @property
    def largest_bias(self) -> float:
        """By amount; 1 when there is none but 0."""
        return _largest(self.bias)

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
        elif isinstance(map_, Activation | Softmax):
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
    """Number of weights and biases that are known; of diagonal weights the diagonal counts."""
    return sum(column.n_parameters for column in found)


def _largest(array: NDArray[np.floating] | None) -> float:
    return float(np.abs(array).max()) or 1.0 if array is not None and array.size else 1.0


def strongest(found: list[Column], i: int, most: int) -> list[int]:
    """Up to `most` units of column `i`, in their own order: those with the largest weights.

    By the sum of the amounts of the weights that leave a unit, or enter it in the last column.
    Columns that are joined unit to unit have the same.
    """
    n = found[i].n_units
    if n <= most:
        return list(range(n))
    last = i
    while last + 1 < len(found) and found[last + 1].is_diagonal:
        last += 1
    leaving = found[last + 1].weight if last + 1 < len(found) else None
    first = i
    while first > 0 and found[first].is_diagonal:
        first -= 1
    entering = found[first].weight
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
