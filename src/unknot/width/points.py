"""Which points train the networks and which judge them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset
from unknot.errors import UsageError
from unknot.network.maps import Affine

#: Rows of the user's own data that train, where that leaves at least a fifth to judge with.
TRAINING_ROWS = 20_000
#: Training rows for each weight of the widest network, at least.
ROWS_PER_WEIGHT = 100
#: Training rows at most, where those of rare classes are repeated.
MOST_BALANCED = 1_000_000
#: Bounds of the number of fresh points that a generator is asked for.
FRESH = (100_000, 2_000_000)
#: The standard error of an accuracy shall be this share of the tolerance, where points are free.
ERROR_SHARE = 0.1


@dataclass(frozen=True)
class Split:
    """Scaled points.

    Attributes
    ----------
    x, y : (n_training, n_features) float32, (n_training,)
        In random order.
    judging_x, judging_y : (n_judging, n_features) float32, (n_judging,)
        Points that no network is trained on.
    scaling : Affine
        From the data's own features to those of `x`.
    held_out_rows : (n,) int64
        Rows of the data that judge; none when fresh points do.
    seed : int
        That of the search.
    """

    x: NDArray[np.float32]
    y: NDArray[Any]
    judging_x: NDArray[np.float32]
    judging_y: NDArray[Any]
    scaling: Affine
    held_out_rows: NDArray[np.int64]
    seed: int = 0

    @property
    def n_judging(self) -> int:
        """How many points judge: every accuracy's sampling error depends on it."""
        return len(self.judging_y)

    def balanced(self, n_classes: int) -> "Split":
        """The same with training rows of rare classes repeated, until all classes weigh the same.

        To train on them is to weight the loss by class, and what is then most probable is what the
        balanced accuracy asks for.
        """
        rows = [np.flatnonzero(self.y == k) for k in range(n_classes)]
        rows = [each for each in rows if len(each)]
        size = min(max(len(each) for each in rows), MOST_BALANCED // len(rows))
        order = np.concatenate([np.resize(each, size) for each in rows])
        order = np.random.default_rng((self.seed, 3)).permutation(order)
        return replace(self, x=self.x[order], y=self.y[order])

    @property
    def source(self) -> str:
        """Where the judging points come from, in words."""
        return "held-out rows" if len(self.held_out_rows) else "fresh points of the generator"


def split(data: Dataset, *, n_weights: int, tolerance: float, seed: int) -> Split:
    """Training points and judging points of a data set.

    Where the data come from a generator whose Bayes accuracy is known, fresh points are drawn
    from it for judging, so many that their sampling error is small beside the tolerance, and
    all given points train. Otherwise rows are held out: small networks need few points to train
    on and many to be told apart, so at most a fifth or, of large data, all but about 20,000.

    Parameters
    ----------
    data : Dataset
    n_weights : int
        Of the widest network.
    tolerance : float
    seed : int
    """
    from unknot.training.held_out import hold_out, scaled, standardisation
    from unknot.training.network import output_of

    random = np.random.default_rng((seed, 0))
    fresh = fresh_points(data, tolerance, seed)
    if fresh is None:
        wanted = max(TRAINING_ROWS, ROWS_PER_WEIGHT * n_weights)
        share = max(0.2, 1 - wanted / data.n_points)
        training, held_out = hold_out(data, share, random)
        judging = data.x[held_out], data.y[held_out]
    else:
        training, held_out = np.arange(data.n_points), np.empty(0, np.int64)
        judging = fresh.x, fresh.y
    training = random.permutation(training)
    scaling = standardisation(data.x[training])
    label_type = np.int32 if output_of(data)[0] == "softmax" else np.float32

    return Split(
        x=scaled(data.x[training], scaling),
        y=data.y[training].astype(label_type),
        judging_x=scaled(judging[0], scaling),
        judging_y=judging[1].astype(label_type),
        scaling=scaling,
        held_out_rows=held_out,
        seed=seed,
    )


def fresh_points(data: Dataset, tolerance: float, seed: int) -> Dataset | None:
    """New points of the generator that made the data; None where it is not known.

    That the data are the generator's is not believed but tried: with the same parameters it must
    make the same points again.
    """
    from unknot.datasets.generators import generators, make

    if data.bayes_accuracy is None or data.name not in generators:
        return None
    own = _own_parameters(data)
    if data.parameters.get("n") != data.n_points or "seed" not in data.parameters:
        return None
    try:
        same = make(data.name, data.n_points, seed=data.parameters["seed"], parameters=own)
    except UsageError:
        return None
    if not (np.array_equal(same.x, data.x) and np.array_equal(same.y, data.y)):
        return None
    level = max(data.bayes_accuracy - tolerance, 0.5)
    wanted = level * (1 - level) / (ERROR_SHARE * tolerance) ** 2
    n = int(np.clip(wanted, *FRESH))
    return _others(data, n, (seed, 1))


def more_points(data: Dataset, points: Split, n: int, turn: int) -> tuple[Any, Any]:
    """Scaled points and labels besides those that judge, of data known to be the generator's."""
    from unknot.training.held_out import scaled

    fresh = _others(data, n, (points.seed, 4 + turn))
    return scaled(fresh.x, points.scaling), fresh.y


def _own_parameters(data: Dataset) -> dict[str, Any]:
    return {key: value for key, value in data.parameters.items() if key not in ("n", "seed")}


def _others(data: Dataset, n: int, seed: tuple[int, int]) -> Dataset:
    """Points of the data's generator from another seed."""
    from unknot.datasets.generators import make

    another = int(np.random.default_rng((*seed, data.parameters["seed"])).integers(2**31))
    return make(data.name, n, seed=another, parameters=_own_parameters(data))
