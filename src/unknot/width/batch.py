"""One batch of trainings: the unit of work, here and on a cluster; and the best of it as a Run."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset
from unknot.network.mlp import MLP
from unknot.traces.run import Checkpoint, History, Run
from unknot.width.metrics import Metric, balanced_accuracies
from unknot.width.points import Split

if TYPE_CHECKING:
    from unknot.training.interrupt import Interrupt
    from unknot.training.programs import Recipe

#: Networks that train together, unless they are so large that fewer do.
NETWORKS = 32
WEIGHTS = 4_000_000
#: Moments at which the weights of the best network are kept.
CHECKPOINTS = 14
#: A feature further from 0 than so many standard deviations keeps its scaling as a map of its
#: own: folded into the weights, single precision would lose too much of it.
FAR = 100.0

#: Seed and restart: what one network starts from.
Seed = tuple[int, int]


@dataclass(frozen=True)
class Task:
    """What to train: networks that differ in their random start alone.

    Attributes
    ----------
    recipe : Recipe
    hidden : tuple of int
        Widths of the hidden layers.
    activation : str
    seeds : tuple of (seed, restart)
        One pair a network.
    metric : {"accuracy", "balanced_accuracy", "log_loss"}
        By which the best of them is chosen.
    n_classes : int
    """

    recipe: "Recipe"
    hidden: tuple[int, ...]
    activation: str
    seeds: tuple[Seed, ...]
    metric: Metric = "accuracy"
    n_classes: int = 2

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells its results from those of other tasks of the same experiment."""
        return (self.hidden, self.activation, self.seeds)


@dataclass(frozen=True)
class Outcome:
    """What came of a task.

    Attributes
    ----------
    hidden, activation, seeds : as in the task
    losses, training_accuracies : tuple of float
        Over all training points, one a network; a loss may be infinite or NaN.
    accuracies : tuple of float
        Over the judging points.
    best : int
        Which network has the highest score on the training points (then the lowest loss).
    steps : tuple of int
        When its checkpoints were taken.
    checkpoints : (n_checkpoints, n_weights) float32
        Its flat weights.
    history : (2, n_epochs) float32
        Its loss and accuracy, means over each epoch's batches.
    seconds : float
        Wall time, without compilation.
    compile_seconds : float
    scores, training_scores : tuple of float, or None
        By the metric, larger for a better network; None where they are the accuracies.
    """

    hidden: tuple[int, ...]
    activation: str
    seeds: tuple[Seed, ...]
    losses: tuple[float, ...]
    training_accuracies: tuple[float, ...]
    accuracies: tuple[float, ...]
    best: int
    steps: tuple[int, ...]
    checkpoints: NDArray[np.float32]
    history: NDArray[np.float32]
    seconds: float = 0.0
    compile_seconds: float = 0.0
    scores: tuple[float, ...] | None = None
    training_scores: tuple[float, ...] | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        """That of the task, by which results in a file are recognised."""
        return (self.hidden, self.activation, self.seeds)

    @property
    def merit(self) -> tuple[float, float]:
        """Of its best network; larger is better."""
        loss = self.losses[self.best]
        scores = self.training_scores or self.training_accuracies
        score = scores[self.best]
        return (
            score if np.isfinite(score) else -np.inf,
            -loss if np.isfinite(loss) else -np.inf,
        )


def batches(recipe: "Recipe", seeds: Sequence[Seed]) -> list[tuple[Seed, ...]]:
    """The seeds cut into batches; how depends on the network alone, so results do not vary."""
    size = max(1, min(NETWORKS, WEIGHTS // recipe.network.n_weights))
    return [tuple(seeds[i : i + size]) for i in range(0, len(seeds), size)]


def train_batch(points: Split, task: Task, interrupt: "Interrupt | None" = None) -> Outcome | None:
    """Train and judge the networks of a task; None when interrupted."""
    import jax

    from unknot.training.compilation import compiled_programs
    from unknot.training.interrupt import Interrupt, Pace

    interrupt = interrupt or Interrupt()
    if interrupt.requested:
        return None
    recipe, n_points = task.recipe, len(points.y)
    assert recipe.steps is not None
    programs, compile_seconds = compiled_programs(
        recipe, len(task.seeds), n_points, (n_points, points.n_judging), points.y.dtype
    )
    began = time.perf_counter()
    rows = (points.x, points.y), (points.judging_x, points.judging_y)
    training, judging = cast("Any", jax).device_put(rows)
    weights = initial_weights(recipe, task.seeds)
    state, checkpoints, step = (weights, programs.start(weights)), [(0, weights)], 0
    history = np.zeros((2, recipe.steps * recipe.batch_size // n_points + 1, len(weights)))
    due = geometric_steps(recipe.steps)
    for start, step, (weights, _), sums in programs.steps(state, training, due, Pace(interrupt)):
        epochs = np.arange(start, step, dtype=np.int64) * recipe.batch_size // n_points
        for column, values in zip(history, sums, strict=True):
            np.add.at(column, epochs, values)
        if step in due:
            checkpoints.append((step, np.asarray(weights)))
    if step < recipe.steps:
        return None
    sums, judging_sums = (
        programs.sums(weights, rows, Pace(interrupt)) for rows in (training, judging)
    )
    if sums is None or judging_sums is None:
        return None
    loss, accuracy = sums / n_points
    judging_sums = judging_sums / points.n_judging
    scores = [
        _scores(task, weights, rows, means)
        for rows, means in ((training, sums / n_points), (judging, judging_sums))
    ]
    # NaN sorts last.
    best = int(np.lexsort((loss, -np.array(scores[0] or accuracy)))[0])
    return Outcome(
        hidden=task.hidden,
        activation=task.activation,
        seeds=task.seeds,
        losses=tuple(loss.tolist()),
        training_accuracies=tuple(accuracy.tolist()),
        accuracies=tuple(judging_sums[1].tolist()),
        best=best,
        steps=tuple(step for step, _ in checkpoints),
        checkpoints=np.stack([weights[best] for _, weights in checkpoints]),
        history=_means(history[:, :, best], recipe, n_points),
        seconds=time.perf_counter() - began,
        compile_seconds=compile_seconds,
        scores=scores[1],
        training_scores=scores[0],
    )


def _scores(
    task: Task, weights: Any, rows: tuple[Any, Any], means: NDArray[np.float64]
) -> tuple[float, ...] | None:
    """Of each network by the task's metric; None where that is the accuracy."""
    if task.metric == "accuracy":
        return None
    if task.metric == "log_loss":
        return tuple((-means[0]).tolist())
    return balanced_accuracies(task.recipe.network, weights, *rows, task.n_classes)


def initial_weights(recipe: "Recipe", seeds: Sequence[Seed]) -> NDArray[np.float32]:
    """(n_networks, n_weights) random weights, each network's from its own seeds and shape alone."""
    from unknot.training.network import flat_weights, spread_layers

    sizes = recipe.network.sizes
    randoms = [np.random.default_rng((*seed, *sizes)) for seed in seeds]
    return np.stack([flat_weights(spread_layers(sizes, random)) for random in randoms])


def geometric_steps(steps: int) -> list[int]:
    """Steps in geometric progression, up to the last; the state before training comes besides."""
    return np.unique(np.geomspace(1, steps, CHECKPOINTS).astype(np.int64)).tolist()


def _means(sums: NDArray[Any], recipe: "Recipe", n_points: int) -> NDArray[np.float32]:
    """Means over the points of each whole epoch's batches, from sums (2, n_epochs + 1)."""
    epochs = np.arange(recipe.steps or 0, dtype=np.int64) * recipe.batch_size // n_points
    counts = np.bincount(epochs, minlength=sums.shape[1]) * recipe.batch_size
    return (sums / np.maximum(counts, 1))[:, :-1].astype(np.float32)


def best_outcome(outcomes: Sequence[Outcome]) -> Outcome:
    """The batch with the best network, chosen by its training points."""
    return max(outcomes, key=lambda outcome: outcome.merit)


def best_model(recipe: "Recipe", outcomes: Sequence[Outcome]) -> MLP:
    """The best network of all batches as arrays, for points that are scaled already."""
    from unknot.training.network import as_mlp

    return as_mlp(recipe.network, best_outcome(outcomes).checkpoints[-1], None)


def best_run(recipe: "Recipe", data: Dataset, points: Split, outcomes: Sequence[Outcome]) -> Run:
    """The best network of all batches of a width, chosen by its training points."""
    from unknot.training.network import as_mlp

    winner = best_outcome(outcomes)
    seed, restart = winner.seeds[winner.best]
    checkpoints = tuple(
        Checkpoint(
            step=step,
            epoch=step * recipe.batch_size / len(points.y),
            model=folded(as_mlp(recipe.network, weights, points.scaling)),
        )
        for step, weights in zip(winner.steps, winner.checkpoints, strict=True)
    )
    loss, accuracy = winner.history.astype(np.float64).tolist()
    return Run(
        model=checkpoints[-1].model,
        history=History(loss=tuple(loss), accuracy=tuple(accuracy)),
        checkpoints=checkpoints,
        data=data,
        validation_rows=points.held_out_rows,
        settings={
            "hidden": list(winner.hidden),
            "readout": recipe.network.sizes[-2] if "readout" in recipe.network.names else None,
            "activation": [winner.activation] * len(winner.hidden),
            "optimizer": recipe.optimizer,
            "learning_rate": recipe.learning_rate,
            "steps": recipe.steps,
            "batch_size": recipe.batch_size,
            "seed": seed,
            "restart": restart,
        },
    )


def folded(mlp: MLP) -> MLP:
    """The same network with the scaling of its input folded into its first layer."""
    scaling, first = mlp.scaling, mlp.layers[0]
    assert scaling is not None
    if np.abs(scaling.bias).max() > FAR:
        return mlp
    inner = first.weight.astype(np.float64)
    layer = replace(
        first,
        weight=scaling.before(inner).astype(np.float32),
        bias=(first.bias + scaling.bias.astype(np.float64) @ inner).astype(np.float32),
    )
    return replace(mlp, layers=(layer, *mlp.layers[1:]), scaling=None)
