"""What a projection may look at: one representation, and what is known beside it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from unknot.motion.directions import principal_directions
from unknot.motion.rotation import Matrix

T = TypeVar("T")


@dataclass(frozen=True)
class ViewedPlace:
    """What a projection may look at.

    Attributes
    ----------
    values : (n_rows, n_units) float64
    labels : (n_rows,) array
    unit_names : tuple of str
    after : (n_rows, n_units) float64 or None
        The same points after the next activation, when one follows.
    n_axes : int
        2 or 3.
    units : tuple of int or None
        The units asked for.
    seed : int
    order : tuple of int
        The classes around the polygon of their corners; empty where the units are no classes.
    held_out : (n_rows,) bool array or None
        Points that the network was not trained on, where that is known.
    """

    values: Matrix
    labels: NDArray[np.int64] | NDArray[np.float32]
    unit_names: tuple[str, ...]
    after: Matrix | None
    n_axes: int
    units: tuple[int, ...] | None = None
    seed: int = 0
    order: tuple[int, ...] = ()
    held_out: NDArray[np.bool_] | None = None
    _known: dict[Any, Any] = field(default_factory=dict[Any, Any], init=False, compare=False)

    @property
    def n_units(self) -> int:
        """All that the layer has, not only the units asked for."""
        return self.values.shape[1]

    @property
    def has_target(self) -> bool:
        """Whether the labels are a number to predict."""
        return self.labels.dtype.kind != "i"

    def directions(self, count: int) -> tuple[Matrix, Matrix]:
        """Its leading principal directions and their variances."""
        return self.once(("directions", count), lambda: principal_directions(self.values, count))

    def once(self, key: Hashable, work: Callable[[], T]) -> T:
        """What was worked out before for this place, or is now."""
        if key not in self._known:
            self._known[key] = work()
        return self._known[key]
