"""At which steps the weights are kept."""

from collections.abc import Sequence

import numpy as np

#: No more than this many epochs' ends are kept, evenly spaced; the last is always among them.
MAX_EPOCH_CHECKPOINTS = 100


def checkpoint_steps(
    checkpoints: int | Sequence[int], steps_per_epoch: int, epochs: int
) -> tuple[int, ...]:
    """Steps of the checkpoints in ascending order: 0, what was asked for, the last step.

    Parameters
    ----------
    checkpoints : int or sequence of int
        How many within the first epoch, in geometric progression from step 1 (where steps are
        too few they fall together), followed by epochs' ends; or the steps themselves.
    steps_per_epoch, epochs : int
    """
    last = steps_per_epoch * epochs
    if not isinstance(checkpoints, int):
        return tuple(sorted({0, *checkpoints, last}))
    dense = np.geomspace(1, steps_per_epoch, checkpoints + 1)[:-1]
    ends = np.linspace(1, epochs, min(epochs, MAX_EPOCH_CHECKPOINTS)).round() * steps_per_epoch
    return tuple(sorted({0, *dense.round().astype(int).tolist(), *ends.astype(int).tolist(), last}))
