"""One vectorised batch of trainings: the unit of work, here and on a cluster."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unknot.width.points import Points
from unknot.width.stack import Stack, flat, initial_stack

if TYPE_CHECKING:
    from unknot.training.interrupt import Interrupt
    from unknot.width.programs import Recipe

#: Networks that train together, unless they are so large that fewer do.
NETWORKS = 32
WEIGHTS = 4_000_000
#: Moments at which the weights of the best network are kept.
CHECKPOINTS = 14


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
    """

    recipe: "Recipe"
    hidden: tuple[int, ...]
    activation: str
    seeds: tuple[Seed, ...]

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
        Which network has the highest training accuracy (then the lowest loss).
    steps : tuple of int
        When its checkpoints were taken.
    checkpoints : (n_checkpoints, n_weights) float32
        Its flat weights.
    history : (2, n_epochs) float32
        Its loss and accuracy, means over each epoch's batches.
    seconds : float
        Wall time, without compilation.
    compile_seconds : float
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

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.hidden, self.activation, self.seeds)

    @property
    def merit(self) -> tuple[float, float]:
        """Of its best network; larger is better."""
        loss = self.losses[self.best]
        return self.training_accuracies[self.best], -loss if np.isfinite(loss) else -np.inf


def batches(recipe: "Recipe", seeds: Sequence[Seed]) -> list[tuple[Seed, ...]]:
    """The seeds cut into batches; how depends on the network alone, so results do not vary."""
    size = max(1, min(NETWORKS, WEIGHTS // recipe.network.n_weights))
    return [tuple(seeds[i : i + size]) for i in range(0, len(seeds), size)]


def train_batch(points: Points, task: Task, interrupt: "Interrupt | None" = None) -> Outcome | None:
    """Train and judge the networks of a task; None when interrupted."""
    import jax

    from unknot.training.interrupt import Interrupt
    from unknot.training.pace import Pace
    from unknot.width.programs import compiled

    interrupt = interrupt or Interrupt()
    if interrupt.requested:
        return None
    recipe, n_points = task.recipe, points.x.shape[1]
    began = time.perf_counter()
    programs = compiled(recipe, len(task.seeds), points)
    ready = time.perf_counter()
    size = recipe.batch_size
    x, y, *judging = jax.device_put(
        (
            np.concatenate([points.x, points.x[:, :size]], axis=1),
            np.concatenate([points.y, points.y[:size]]),
            points.judging_x,
            points.judging_y,
        )
    )
    stack = initial_stack(recipe.network.sizes, task.seeds)
    sums = np.zeros((2, len(task.seeds), recipe.n_epochs(n_points) + 1), np.float32)
    state = (stack, programs.start(stack), sums)
    kept: list[tuple[int, Stack]] = [(0, stack)]
    due = checkpoint_steps(recipe.steps)
    stop = 0
    for start, stop in Pace(interrupt).spans(due):
        state = programs.train(state, x, y, start, stop)
        # Only when the numbers are here is the call over, and its time known.
        host = jax.device_get(state[0])
        if stop in due:
            kept.append((stop, host))
    if stop < recipe.steps:
        return None
    loss, correct = (np.asarray(v) / n_points for v in programs.judge(state[0], x, y))
    _, right = programs.judge_others(state[0], *judging)
    # NaN sorts last.
    best = int(np.lexsort((loss, -correct))[0])
    return Outcome(
        hidden=task.hidden,
        activation=task.activation,
        seeds=task.seeds,
        losses=tuple(loss.tolist()),
        training_accuracies=tuple(correct.tolist()),
        accuracies=tuple((np.asarray(right, np.float64) / points.n_judging).tolist()),
        best=best,
        steps=tuple(step for step, _ in kept),
        checkpoints=np.stack([flat(part, best) for _, part in kept]),
        history=_means(np.asarray(state[2])[:, best], recipe, n_points),
        seconds=time.perf_counter() - ready,
        compile_seconds=ready - began,
    )


def checkpoint_steps(steps: int) -> list[int]:
    """Steps in geometric progression, up to the last; the state before training comes besides."""
    return np.unique(np.geomspace(1, steps, CHECKPOINTS).astype(np.int64)).tolist()


def _means(sums: NDArray[np.float32], recipe: "Recipe", n_points: int) -> NDArray[np.float32]:
    """Means over the batches of each whole epoch, from sums (2, n_epochs + 1)."""
    epochs = np.arange(recipe.steps, dtype=np.int64) * recipe.batch_size // n_points
    n_epochs = recipe.n_epochs(n_points)
    counts = np.bincount(epochs, minlength=n_epochs)[:n_epochs]
    return (sums[:, :n_epochs] / np.maximum(counts, 1)).astype(np.float32)
