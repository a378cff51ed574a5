"""An axis for accuracies that come ever nearer to a ceiling."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Accuracies that make good ticks, from the coarse to the fine.
ROUND = (
    *(0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999),
    *(0.1, 0.2, 0.3, 0.4, 0.75, 0.85, 0.65, 0.55, 0.88, 0.87, 0.97, 0.96, 0.93, 0.91),
)


@dataclass(frozen=True)
class NearCeiling:
    """Height on paper: minus the logarithm of what is missing to the ceiling, in tolerances.

    A difference of a tenth of the tolerance matters near the ceiling and nowhere else; on a
    linear axis the tolerance would be thinner than a dot.

    Attributes
    ----------
    ceiling, tolerance : float
    """

    ceiling: float
    tolerance: float

    def height(self, accuracy: object) -> NDArray[np.float64]:
        """Of accuracies; rising, finite also above the ceiling."""
        missing = (self.ceiling - np.asarray(accuracy, np.float64)) / self.tolerance
        # Half a tolerance more, so that the ceiling itself and what chance puts above it fit.
        return -np.log10(np.maximum(missing, -0.35) + 0.5)

    def ticks(self, low: float, gap: float) -> list[float]:
        """Accuracies from `low` up whose heights are at least `gap` apart, the bounds first."""
        chosen = [self.ceiling, self.ceiling - self.tolerance]
        for value in ROUND:
            heights = self.height(chosen)
            far = np.abs(heights - self.height(value)).min() >= gap
            if low <= value < self.ceiling and far:
                chosen.append(value)
        return sorted(chosen)
