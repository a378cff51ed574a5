"""The network on its way through training: between two checkpoints the weights are interpolated.

Of a network whose maps are not all known, its values are.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from unknot.network.maps import as_activation
from unknot.network.mlp import MLP, Dense
from unknot.traces.recorded import Recorded
from unknot.traces.run import Run


class NetworkPath:
    """A network for every moment of training.

    Parameters
    ----------
    run : Run

    Attributes
    ----------
    length : int
        The last moment: moments are numbers of checkpoints, whole or not.
    """

    def __init__(self, run: Run) -> None:
        self.checkpoints = run.checkpoints
        self.length = len(run.checkpoints) - 1
        self._steps = np.array([c.step for c in run.checkpoints], dtype=np.float64)
        self._epochs = np.array([c.epoch for c in run.checkpoints], dtype=np.float64)

    def at(self, u: float) -> MLP | Recorded:
        """The network at moment `u`: a checkpoint where `u` is whole."""
        i = int(u)
        s = u - i
        before = self.checkpoints[i].model
        if s == 0:
            return before
        after = self.checkpoints[i + 1].model
        if isinstance(before, Recorded) or isinstance(after, Recorded):
            assert isinstance(before, Recorded)
            assert isinstance(after, Recorded)
            return before.between(after, s)
        layers = [
            Dense(
                _between(a.weight, b.weight, s),
                _between(a.bias, b.bias, s),
                str(as_activation(a.activation).between(as_activation(b.activation), s)),
                a.name,
            )
            for a, b in zip(before.layers, after.layers, strict=True)
        ]
        return replace(before, layers=tuple(layers))

    @property
    def interpolates(self) -> str:
        """What is not the network's own between two checkpoints."""
        return "values" if isinstance(self.checkpoints[0].model, Recorded) else "weights"

    def step(self, u: float) -> float:
        """Optimiser steps at moment `u`."""
        return float(np.interp(u, np.arange(len(self._steps)), self._steps))

    def epoch(self, u: float) -> float:
        """Epochs at moment `u`."""
        return float(np.interp(u, np.arange(len(self._epochs)), self._epochs))

    def moment(self, epoch: float) -> float:
        """The moment at which so many epochs have passed."""
        return float(np.interp(epoch, self._epochs, np.arange(len(self._epochs))))


def _between(a: NDArray[np.float32], b: NDArray[np.float32], s: float) -> NDArray[np.float32]:
    return ((1 - s) * a + s * b).astype(np.float32)
