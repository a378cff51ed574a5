"""The ceiling: the Bayes accuracy where it is known, otherwise the best of strong models."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset
from unknot.table import Table
from unknot.width.batch import Task, train_batch
from unknot.width.points import Split
from unknot.width.result import Ceiling
from unknot.width.settings import Budget

Matrix = NDArray[np.float32]
#: (training x, training y, judging x, seed) → predicted classes, points first.
Baseline = Callable[[Matrix, NDArray[Any], Matrix, int], NDArray[Any]]
baselines: Table[Baseline] = Table("baseline")

#: Units of each hidden layer of the wide networks, and how many of them.
WIDE, N_WIDE = 64, 4
#: Points that a baseline is given at most, to train on and to be judged on.
MOST = 50_000
#: Fewer points than this are boosted on one thread.
SMALL = 5_000


@baselines.add
def gradient_boosting(x: Matrix, y: NDArray[Any], others: Matrix, seed: int) -> NDArray[Any]:
    """Histogram gradient boosting (Friedman 2001; scikit-learn), stopped early."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    # A class of a few rows cannot be split once more for stopping early.
    early = bool(np.bincount(y).min() >= 50)
    model = cast("Any", HistGradientBoostingClassifier)(
        max_iter=300, early_stopping=early, random_state=seed % 2**32
    )
    # Threads that share out little work wait for one another longer than they work.
    with threadpool_limits(1 if len(y) < SMALL else None):
        return model.fit(x, y).predict(others)


@baselines.add
def nearest_neighbours(x: Matrix, y: NDArray[Any], others: Matrix, seed: int) -> NDArray[Any]:
    """k-nearest neighbours, k ≈ √n (the rate at which it comes to the Bayes rule as n grows)."""
    from sklearn.neighbors import KNeighborsClassifier

    k = max(1, round(len(y) ** 0.5 / 2)) * 2 - 1
    return cast("Any", KNeighborsClassifier(min(k, len(y)))).fit(x, y).predict(others)


def ceiling(data: Dataset, points: Split, budget: Budget, activation: str, depth: int) -> Ceiling:
    """The Bayes accuracy, or the best of wide networks and of every baseline."""
    if data.bayes_accuracy is not None:
        name = "Bayes accuracy"
        return Ceiling(data.bayes_accuracy, name, {name: data.bayes_accuracy})
    x, y = points.x[:MOST], points.y[:MOST].astype(np.int64)
    others, labels = points.judging_x[:MOST], points.judging_y[:MOST].astype(np.int64)
    candidates = {
        name.replace("_", " "): float((baselines[name](x, y, others, budget.seed) == labels).mean())
        for name in baselines
    }
    recipe = budget.recipe(data, (WIDE,) * depth, activation, len(points.y))
    seeds = tuple((budget.seed, restart) for restart in range(N_WIDE))
    outcome = train_batch(points, Task(recipe, (WIDE,) * depth, activation, seeds))
    assert outcome is not None  # nothing interrupts it
    candidates[f"networks of width {WIDE}"] = outcome.accuracies[outcome.best]
    best = max(candidates, key=lambda name: candidates[name])
    return Ceiling(candidates[best], best, candidates)
