"""What ``fit`` chooses where nothing is said: network, rate, steps, batch, decay, standardising.

Every rule is stated here and depends on the data's shape alone, never on how a training goes, so
the same call gives the same run. ``benchmarks/first_call.py`` measures what they come to.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Architecture, Dataset
from unknot.network.optimisers import optimisers

#: Most units of the two hidden layers that a data set without a network of its own gets.
SMALL, MEDIUM, LARGE = 16, 32, 64
#: Most rows in a batch; small data sets have ten batches an epoch, of at least `MIN_BATCH` rows.
MAX_BATCH, MIN_BATCH, BATCHES = 256, 16, 10
#: Multiplications that a training may take: about five seconds on two cores.
MAX_WORK = 3e11
#: What the optimiser does to each weight takes as long as so many rows of a batch: it is bound by
#: memory. Of a table with more columns than rows it is nearly all that a step does.
OPTIMISER_ROWS = 50
MIN_STEPS = 1_000

#: Features of deviations within this factor, and means within so many deviations, are left alone.
UNEQUAL, OFFSET = 4.0, 3.0
#: A largest deviation outside these bounds is too far from that of the initial weights.
SPREAD = (0.2, 5.0)


def architecture_for(data: Dataset) -> Architecture:
    """The data set's own network or, for data of one's own, two hidden relu layers.

    They have 16 units for up to 4 features and 4 classes, 32 up to 16 of either, else 64: enough
    to fold any small data set, and few enough to look at.
    """
    if data.architecture is not None:
        return data.architecture
    most = max(data.n_features, data.n_classes)
    width = SMALL if most <= 4 else MEDIUM if most <= 16 else LARGE
    return Architecture((width, width))


def batch_size_for(n_training: int) -> int:
    """A tenth of the rows, from 16 to 256."""
    return max(1, min(n_training, MAX_BATCH, max(MIN_BATCH, n_training // BATCHES)))


def peak_learning_rate(optimizer: str, hidden: Sequence[int]) -> float:
    """The optimiser's peak, divided by √depth and by a quarter of the widest layer's units.

    Adam's steps are as large as its rate in every weight, so what a unit hears from n units
    changes n times as much (Yang et al. 2021, "Tensor Programs V", table 3). Rounded to three
    digits, to be read.

    Raises
    ------
    UsageError
        For an optimiser that the table does not have.
    """
    width = max(hidden, default=1)
    rate = optimisers[optimizer].peak * min(1.0, 4 / width) / math.sqrt(max(len(hidden), 1))
    return float(f"{rate:.3g}")


def steps_for(sizes: Sequence[int], batch_size: int) -> int:
    """3,000 steps for 25 weights, growing as the fifth root of their number.

    At most as many as take about five seconds, but at least 1,000.
    """
    n_weights = sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes))
    wanted = 3_000 * max(1.0, n_weights / 25) ** 0.2
    # A step is three products with the weights: forwards, and twice backwards; two operations each.
    affordable = MAX_WORK / (6 * n_weights * (batch_size + OPTIMISER_ROWS))
    return int(round(max(MIN_STEPS, min(wanted, affordable)), -2))


def weight_decay_for(data: Dataset, n_training: int) -> float:
    """0.3 for small data, 500 / n for more than some 1,700 rows; a tenth of it for clean data.

    Clean is what a generator made whose Bayes accuracy is known: nearby points tell the class.
    Measured data have labels and features that err, which a network must not learn.
    """
    decay = min(0.3, 500 / max(n_training, 1))
    return float(f"{decay if data.bayes_accuracy is None else decay / 10:.3g}")


def needs_standardising(x: NDArray[np.float32]) -> bool:
    """Whether features are of unequal scale, far from zero, or far from the size of 1.

    Unequal: standard deviations that differ by more than a factor of 4. Far from zero: a mean of
    more than 3 deviations. Far from 1: a largest deviation below 0.2 or above 5. Constant
    features are not looked at.
    """
    deviation = x.std(axis=0, dtype=np.float64)
    mean = np.abs(x.mean(axis=0, dtype=np.float64))
    varying = deviation > np.finfo(np.float32).eps * mean
    if not varying.any():
        return False
    deviation, mean = deviation[varying], mean[varying]
    smallest, largest = float(deviation.min()), float(deviation.max())
    return (
        largest > UNEQUAL * smallest
        or bool((mean > OFFSET * deviation).any())
        or not SPREAD[0] <= largest <= SPREAD[1]
    )
