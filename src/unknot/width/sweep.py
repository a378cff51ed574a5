"""``sweep``: every training of many shapes and activations, as a table."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from unknot.datasets.dataset import Dataset
from unknot.doors import as_dataset, labelled_points
from unknot.errors import UsageError, as_sequence, whole_number
from unknot.network.maps import Activation
from unknot.training.settings import activation_text
from unknot.width.batch import Outcome, Task, batches
from unknot.width.points import Split, split
from unknot.width.results_file import Results, data_print
from unknot.width.search import run_missing
from unknot.width.settings import (
    MAX_DEPTH,
    MAX_RESTARTS,
    MAX_WIDTH,
    TOLERANCE,
    checked_budget,
    checked_data,
)

if TYPE_CHECKING:
    import polars


def sweep(
    data: Any,
    y: Any = None,
    *,
    label: Any = None,
    hidden: Sequence[int | Sequence[int]],
    activation: str | Activation | Sequence[str | Activation] = "relu",
    seeds: int | Sequence[int] = 8,
    readout: int | None = None,
    optimizer: str = "adam",
    learning_rate: float | None = None,
    steps: int = 16_000,
    batch_size: int = 512,
    cluster: Any = None,
    out: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> "polars.DataFrame":
    """Train every shape with every activation from every seed.

    Parameters
    ----------
    data : Dataset, (x, y), data frame, name of a data set, or file
        With classes. Or what holds points with labels: a Run, a Trace.
    y : (n_points,) array, optional
        The classes, where `data` is the points alone.
    label : column, optional
        Of a data frame or a file: its classes.
    hidden : sequence
        Shapes: ``[[2], [3], [2, 2]]``.
    activation : str or sequence of str
    seeds : int or sequence of int
        Which, or how many (then 0, 1, 2, …).
    readout, optimizer, learning_rate, steps, batch_size, cluster, out, progress
        As for ``minimum_width``.

    Returns
    -------
    polars.DataFrame
        One row a training: ``hidden``, ``depth``, ``width`` (null where layers differ),
        ``activation``, ``seed``, ``n_weights``, ``loss`` and ``training_accuracy`` on the
        training points, ``accuracy`` on the judging points, ``bayes_accuracy`` (null where it is
        not known). After Ctrl-C, the trainings that were finished.

    Raises
    ------
    UsageError, UnknotError
        As for ``minimum_width``.
    """
    done = swept(
        as_dataset(labelled_points(data, y), label=label).labelled(),
        hidden=hidden,
        activation=activation,
        seeds=seeds,
        readout=readout,
        optimizer=optimizer,
        learning_rate=learning_rate,
        steps=steps,
        batch_size=batch_size,
        cluster=cluster,
        out=out,
        progress=progress,
    )
    return _table(done)


@dataclass(frozen=True)
class Swept:
    """What a sweep has trained.

    Attributes
    ----------
    data : Dataset
    points : Split
    tasks : tuple of Task
        Those that were finished.
    outcomes : dict
        By the key of the task.
    is_whole : bool
        False after Ctrl-C.
    """

    data: Dataset
    points: Split
    tasks: tuple[Task, ...]
    outcomes: dict[Any, Outcome]
    is_whole: bool


def swept(
    data: Dataset,
    *,
    hidden: Sequence[int | Sequence[int]],
    activation: str | Activation | Sequence[str | Activation],
    seeds: int | Sequence[int],
    readout: int | None = None,
    optimizer: str = "adam",
    learning_rate: float | None = None,
    steps: int = 16_000,
    batch_size: int = 512,
    cluster: Any = None,
    out: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> Swept:
    """The trainings of a sweep, with the best network of each batch; as for ``sweep``."""
    from unknot.training.interrupt import Interrupt

    shapes = _shapes(hidden)
    names = [activation] if isinstance(activation, str | Activation) else list(activation)
    names = list(dict.fromkeys(activation_text(name) for name in names))
    chosen = _seeds(seeds)
    budget = checked_budget(
        readout=readout,
        optimizer=optimizer,
        learning_rate=learning_rate,
        steps=steps,
        batch_size=batch_size,
        seed=0,
    )
    checked_data(data)
    n_weights = max(
        budget.recipe(data, shape, "relu", data.n_points).network.n_weights for shape in shapes
    )
    points = split(data, n_weights=n_weights, tolerance=TOLERANCE, seed=0)
    tasks: list[Task] = []
    for shape in shapes:
        for name in names:
            recipe = budget.recipe(data, shape, name, len(points.y))
            pairs = batches(recipe, [(seed, 0) for seed in chosen])
            tasks += [Task(recipe, shape, name, batch) for batch in pairs]
    experiment = {
        "data": data_print(data),
        **budget.as_json(),
        "n_training": len(points.y),
        "n_judging": points.n_judging,
    }
    with Results(out, experiment) as results, Interrupt() as interrupt:
        missing = results.missing(tasks)
        run_missing(points, missing, results, interrupt, cluster, progress)
    finished = tuple(task for task in tasks if task.key in results)
    outcomes = {task.key: results[task.key] for task in finished}
    return Swept(data, points, finished, outcomes, len(finished) == len(tasks))


def _table(done: Swept) -> "polars.DataFrame":
    import polars as pl

    rows: list[dict[str, Any]] = []
    for task in done.tasks:
        outcome, shape = done.outcomes[task.key], task.hidden
        for i, (seed, _) in enumerate(task.seeds):
            rows.append(
                {
                    "hidden": list(shape),
                    "depth": len(shape),
                    "width": shape[0] if len(set(shape)) == 1 else None,
                    "activation": task.activation,
                    "seed": seed,
                    "n_weights": task.recipe.network.n_weights,
                    "loss": outcome.losses[i],
                    "training_accuracy": outcome.training_accuracies[i],
                    "accuracy": outcome.accuracies[i],
                    "bayes_accuracy": done.data.bayes_accuracy,
                }
            )
    schema = {
        "hidden": pl.List(pl.Int64),
        "depth": pl.Int64,
        "width": pl.Int64,
        "activation": pl.String,
        "seed": pl.Int64,
        "n_weights": pl.Int64,
        "loss": pl.Float64,
        "training_accuracy": pl.Float64,
        "accuracy": pl.Float64,
        "bayes_accuracy": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema)


def _shapes(hidden: object) -> list[tuple[int, ...]]:
    """Every shape once, in the order given."""
    shapes: list[tuple[int, ...]] = []
    for shape in as_sequence(hidden, "hidden shapes", "[[2], [3], [2, 2]]"):
        layers = as_sequence(shape, "hidden shape", "[2, 2]")
        if not 1 <= len(layers) <= MAX_DEPTH:
            raise UsageError(
                f"Got a shape of {len(layers)} hidden layers; allowed: 1 to {MAX_DEPTH}.\n"
                "Give shapes such as hidden=[[2], [3], [2, 2]]."
            )
        shapes.append(tuple(whole_number(n, "hidden width", 1, MAX_WIDTH) for n in layers))
    if not shapes:
        raise UsageError("No shapes were given.\nGive some: hidden=[[2], [3], [2, 2]].")
    return list(dict.fromkeys(shapes))


def _seeds(seeds: object) -> list[int]:
    if isinstance(seeds, int):
        return list(range(whole_number(seeds, "number of seeds", 1, MAX_RESTARTS)))
    listed = as_sequence(seeds, "seeds", "[0, 1, 2], or how many, for example 8")
    if not listed:
        raise UsageError("No seeds were given.\nGive some: seeds=8, or seeds=[0, 1, 2].")
    return list(dict.fromkeys(whole_number(seed, "seed", 0, 2**63 - 1) for seed in listed))
