"""The ceiling: the Bayes accuracy where it is known, otherwise what strong models reach.

Which of them is the ceiling is decided on rows that were set apart from the training rows. Its
score on the judging rows is then that of one model; the highest of several noisy scores on the
rows that judge would be too high.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset
from unknot.errors import UsageError
from unknot.table import Table
from unknot.width.batch import Task, best_model, train_batch
from unknot.width.metrics import (
    LEAST,
    Metric,
    Values,
    class_shares,
    log_probabilities,
    row_values,
    score_of,
)
from unknot.width.points import Split
from unknot.width.result import Ceiling
from unknot.width.settings import Budget

Matrix = NDArray[np.float32]
#: (training x, training y, judging x, seed) → predicted classes, points first, or what
#: ``probabilities`` makes of a model: (n_rows, n_classes).
Baseline = Callable[[Matrix, NDArray[Any], Matrix, int], NDArray[Any]]
baselines: Table[Baseline] = Table("baseline")

#: Units of each hidden layer of the wide networks, and how many of them.
WIDE, N_WIDE = 64, 4
#: Points that a baseline is given at most, to train on and to be judged on.
MOST = 50_000
#: Fewer points than this are boosted on one thread.
SMALL = 5_000
#: The training rows are cut into so many parts; each of some parts is set apart in turn, so many
#: that they have this many rows together where there are.
PARTS, SET_APART = 5, 500
#: Standard errors by which labels may beat a Bayes accuracy that was given.
CLEAR = 4.0


def probabilities(model: Any, y: NDArray[Any], others: Matrix) -> NDArray[Any]:
    """(n_rows, n_classes) of a fitted scikit-learn classifier; 0 for a class it never saw."""
    table = np.zeros((len(others), int(y.max()) + 1))
    table[:, model.classes_] = model.predict_proba(others)
    return table


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
        return probabilities(model.fit(x, y), y, others)


@baselines.add
def nearest_neighbours(x: Matrix, y: NDArray[Any], others: Matrix, seed: int) -> NDArray[Any]:
    """k-nearest neighbours, k ≈ √n (the rate at which it comes to the Bayes rule as n grows)."""
    from sklearn.neighbors import KNeighborsClassifier

    k = max(1, round(len(y) ** 0.5 / 2)) * 2 - 1
    model = cast("Any", KNeighborsClassifier(min(k, len(y)))).fit(x, y)
    return probabilities(model, y, others)


Rows = tuple[Matrix, NDArray[Any]]


def baseline_accuracy(name: str, training: Rows, judged: Rows, seed: int) -> float:
    """Of a baseline that learns from rows (x, y), on others."""
    answers = baselines[name](training[0], training[1], judged[0], seed)
    classes = answers if answers.ndim == 1 else answers.argmax(axis=1)
    return float((classes == judged[1]).mean())


def ceiling(
    data: Dataset,
    points: Split,
    budget: Budget,
    activation: str,
    depth: int,
    metric: Metric = "accuracy",
) -> Ceiling:
    """The Bayes accuracy, or what the best of wide networks and of every baseline reaches."""
    if data.bayes_accuracy is not None and metric == "accuracy":
        _check_bayes(data.bayes_accuracy, data)
        name = "Bayes accuracy"
        return Ceiling(data.bayes_accuracy, name, {name: data.bayes_accuracy})
    few = replace(
        points,
        x=points.x[:MOST],
        y=points.y[:MOST],
        judging_x=points.judging_x[:MOST],
        judging_y=points.judging_y[:MOST],
    )
    recipe = budget.recipe(data, (WIDE,) * depth, activation, len(few.y))
    task = Task(
        recipe=recipe,
        hidden=(WIDE,) * depth,
        activation=activation,
        seeds=tuple((budget.seed, restart) for restart in range(N_WIDE)),
        metric=metric,
        n_classes=data.n_classes,
    )
    models = {
        **{name.replace("_", " "): partial(_baseline, name, data.n_classes) for name in baselines},
        f"networks of width {WIDE}": partial(_networks, task),
    }

    def values(name: str, rows: Split) -> Values:
        rows = rows.balanced(data.n_classes) if metric == "balanced_accuracy" else rows
        return row_values(metric, models[name](rows), rows.judging_y)

    def apart(name: str) -> float:
        with ThreadPoolExecutor(2) as pool:
            parts = list(_parts(few))
            scored = zip(pool.map(partial(values, name), parts), parts, strict=True)
            found = [(each, part.judging_y) for each, part in scored]
        together = np.concatenate([each for each, _ in found])
        labels = np.concatenate([y for _, y in found])
        return score_of(metric, together, labels, data.n_classes)

    choice = {name: apart(name) for name in models}
    judged = {name: values(name, few) for name in models}
    # Of models that did equally well, the networks: they are of the kind that is judged.
    best = max(reversed(list(models)), key=lambda name: choice[name])
    candidates = {
        name: score_of(metric, each, few.judging_y, data.n_classes) for name, each in judged.items()
    }
    return Ceiling(candidates[best], best, candidates, choice, judged[best])


def _baseline(name: str, n_classes: int, rows: Split) -> Values:
    """(n_judging, n_classes) log probabilities; a model that names a class is sure of it."""
    x, y, seed = rows.x, rows.y.astype(np.int64), rows.seed
    answers = baselines[name](x, y, rows.judging_x, seed)
    table = np.zeros((len(rows.judging_y), n_classes))
    if answers.ndim == 1:
        table[np.arange(len(table)), answers] = 1
    else:
        table[:, : answers.shape[1]] = answers
    # Nothing was seen so often that it could be told from once in twice as many points.
    return np.log(np.maximum(table, 0.5 / len(y)))


def _networks(task: Task, rows: Split) -> Values:
    """(n_judging, n_classes) log probabilities of the wide network best on the training rows."""
    size = min(task.recipe.batch_size, len(rows.y))
    task = replace(task, recipe=replace(task.recipe, batch_size=size))
    outcome = train_batch(rows, task)
    assert outcome is not None  # nothing interrupts it
    return np.maximum(log_probabilities(best_model(task.recipe, [outcome]), rows.judging_x), LEAST)


def _parts(points: Split) -> Iterator[Split]:
    """Training rows with a part of them set apart to judge, each class spread over the parts."""
    size = len(points.y) // PARTS
    if not size:
        yield replace(points, judging_x=points.x, judging_y=points.y)
        return
    # Dealt out in the order of their classes, so that all parts have the same size and mix.
    order = np.argsort(points.y, kind="stable")
    for part in range(int(np.clip(np.ceil(SET_APART / size), 1, PARTS))):
        apart = order[part::PARTS][:size]
        rest = np.setdiff1d(np.arange(len(points.y)), apart)
        yield replace(
            points,
            x=points.x[rest],
            y=points.y[rest],
            judging_x=points.x[apart],
            judging_y=points.y[apart],
        )


def _check_bayes(accuracy: float, data: Dataset) -> None:
    """UsageError when a constant answer beats the Bayes accuracy, which nothing can."""
    majority = float(class_shares(data.y, data.n_classes).max())
    error = (accuracy * (1 - accuracy) / data.n_points) ** 0.5
    if majority > accuracy + max(CLEAR * error, 1 / data.n_points):
        raise UsageError(
            f"The data set has {accuracy:.4f} as its Bayes accuracy, but {majority:.4f} of its "
            "points are of one class: always answering that class is better.\n"
            "Correct bayes_accuracy, or leave it out."
        )
