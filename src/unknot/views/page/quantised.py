"""Sixteen bits a value: a cloud as the page carries it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.traces.representation import Values
from unknot.views.page.container import Buffers

#: The largest number of sixteen bits.
STEPS = 65_535


@dataclass(frozen=True)
class Quantised:
    """``value = low + (high − low) · q / 65535``, unit by unit.

    Attributes
    ----------
    numbers : (n_points, n_units) uint16
    low, high : (n_units,) float64
    """

    numbers: NDArray[np.uint16]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def values(self) -> NDArray[np.float64]:
        """What the page shows; off by half a step, 1/131,070 of a unit's range, at most."""
        return self.low + (self.high - self.low) * (self.numbers / STEPS)

    def header(self, buffers: Buffers, name: str) -> dict[str, Any]:
        """Its entry in the header, with the numbers among the buffers."""
        return {
            "buffer": buffers.add(name, self.numbers),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
        }


def quantise(values: Values) -> Quantised:
    """Round every unit to 65,536 steps between its smallest and its largest value."""
    if not len(values):
        empty = np.zeros(values.shape[1])
        return Quantised(np.zeros(values.shape, np.uint16), empty, empty)
    low = values.min(axis=0).astype(np.float64)
    high = values.max(axis=0).astype(np.float64)
    span = np.where(high > low, high - low, 1.0)
    numbers = np.empty(values.shape, np.uint16)
    # In pieces: a float64 copy of a million points in many units would not fit.
    for start in range(0, len(values), 65_536):
        rows = slice(start, start + 65_536)
        share = (values[rows] - low) / span
        numbers[rows] = np.rint(np.clip(share, 0, 1) * STEPS)
    return Quantised(numbers, low, high)
