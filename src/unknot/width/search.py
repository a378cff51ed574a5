"""``minimum_width``: how many hidden units a data set needs."""

import math
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from unknot.datasets.dataset import Dataset
from unknot.datasets.labels import counted
from unknot.doors import as_dataset, labelled_points
from unknot.errors import UsageError, whole_number
from unknot.network.maps import Activation
from unknot.progress import progress_bar
from unknot.traces.run import Run
from unknot.training.settings import activation_text
from unknot.width.batch import Outcome, Task, batches, best_run
from unknot.width.ceiling import ceiling
from unknot.width.judging import Judge
from unknot.width.metrics import Metric, checked_metric
from unknot.width.points import Split, split
from unknot.width.result import Ceiling, MinimumWidth, Width
from unknot.width.results_file import Results, data_print
from unknot.width.settings import (
    MAX_DEPTH,
    MAX_RESTARTS,
    MAX_WIDTH,
    TOLERANCE,
    Budget,
    checked_budget,
    checked_data,
    checked_tolerance,
)
from unknot.width.theory import theory
from unknot.width.verdict import (
    CLEAR,
    Bar,
    answer_range,
    points_needed,
    standard_error,
    verdict_on,
)
from unknot.width.workers import outcomes

#: Standard errors that a tolerance is at least, where none was asked for.
ERRORS = 2.5
#: Fewer judging points tell nothing: the standard error of an accuracy is up to 0.11.
FEW = 20


def minimum_width(
    data: Any,
    y: Any = None,
    *,
    label: Any = None,
    activation: str | Activation = "relu",
    depth: int = 1,
    max_width: int = 8,
    restarts: int = 32,
    tolerance: float | None = None,
    metric: Metric | None = None,
    readout: int | None = None,
    optimizer: str = "adam",
    learning_rate: float | None = None,
    steps: int = 16_000,
    batch_size: int = 512,
    seed: int = 0,
    cluster: Any = None,
    out: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> MinimumWidth:
    """Find the smallest width of the hidden layers that is enough for these data.

    Every width from 1 to `max_width` is trained from many random starts, all networks of a width
    together, and its best network is compared with the ceiling: the Bayes accuracy where the
    data set knows it, otherwise what the best of wide networks, gradient boosting and k-nearest
    neighbours reaches. A width that falls short is too small, or the optimiser failed, or what it
    learnt does not generalise; the result says which, and why. Where the judging points cannot
    tell, the answer is a range.

    Parameters
    ----------
    data : Dataset, (x, y), data frame, name of a data set, or file
        With classes. Or what holds points with labels: a Run, a Trace.
    y : (n_points,) array, optional
        The classes, where `data` is the points alone.
    label : column, optional
        Of a data frame or a file: its classes.
    activation : str
    depth : int
        Number of hidden layers, all of the same width.
    max_width : int
    restarts : int
        Random starts of each width.
    tolerance : float, optional
        How far below the ceiling the accuracy (or other metric) may be. By default 0.005, or, with
        few judging points, the smallest difference that they can show (2.5 standard errors of an
        accuracy).
    metric : {"accuracy", "balanced_accuracy", "log_loss"}, optional
        Chooses networks, compares them with the ceiling and judges them. By default it is the
        accuracy; if the smallest class has less than 5 % of the points, it is the balanced accuracy
        (the mean over the classes of the share that is found). For the balanced accuracy the rows
        of rare classes are repeated in training, until all classes weigh the same.
    readout : int, optional
        Units of a linear layer before the output.
    optimizer : str
        A key of ``network.optimisers``.
    learning_rate : float, optional
        The peak: the rate rises to it and then falls to 0 along a cosine. By default 0.1 for
        Adam, divided by √depth.
    steps, batch_size : int
        Optimiser steps of each training and points a step.
    seed : int
        The same seed gives the same answer, wherever the trainings run.
    cluster : str or dask.distributed.Client, optional
        The scheduler of a Dask cluster, ``"tcp://…"``, or a client: the batches run there.
    out : path-like, optional
        A ``.parquet`` file for the trainings, written as they come. Those that it holds already
        are not done again.
    progress : bool
        Show a bar on stderr, where that is a terminal.

    Returns
    -------
    MinimumWidth
        After Ctrl-C, what had been found by then, with ``interrupted`` True and no answer.

    Raises
    ------
    UsageError
        When an argument or the data make no sense, when the tolerance is smaller than the
        standard error, or when `out` holds another experiment.
    UnknotError
        When the cluster fails or a file cannot be written.
    """
    from unknot.training.interrupt import Interrupt

    began = time.perf_counter()
    activation = activation_text(activation)
    wanted = None if tolerance is None else checked_tolerance(tolerance)
    depth = whole_number(depth, "depth", 1, MAX_DEPTH)
    max_width = whole_number(max_width, "largest width", 1, MAX_WIDTH)
    restarts = whole_number(restarts, "number of restarts", 1, MAX_RESTARTS)
    budget = checked_budget(
        readout=readout,
        optimizer=optimizer,
        learning_rate=learning_rate,
        steps=steps,
        batch_size=batch_size,
        seed=seed,
    )
    data = as_dataset(labelled_points(data, y), label=label).labelled()
    checked_data(data)
    metric = checked_metric(metric, data)
    widest = budget.recipe(data, (max_width,) * depth, activation, data.n_points).network
    own = split(data, n_weights=widest.n_weights, tolerance=wanted or TOLERANCE, seed=budget.seed)
    points = own.balanced(data.n_classes) if metric == "balanced_accuracy" else own
    experiment = {
        "data": data_print(data),
        "activation": activation,
        "depth": depth,
        **budget.as_json(),
        "n_training": len(own.y),
        "n_judging": points.n_judging,
        "metric": metric,
    }
    widths = range(1, max_width + 1)
    tasks = _tasks(data, points, budget, activation, depth, widths, restarts, metric)
    with Results(out, experiment) as results, Interrupt() as interrupt:
        top = ceiling(data, own, budget, activation, depth, metric)
        tolerance = wanted or TOLERANCE
        if metric == "accuracy":
            tolerance = _tolerance(wanted, top, points.n_judging)
        prepared = time.perf_counter()
        missing = results.missing(tasks)
        compile_seconds = run_missing(points, missing, results, interrupt, cluster, progress)
        interrupted = interrupt.requested
    trained = time.perf_counter()
    judge = Judge(data, points, top, tolerance, metric)
    statements = theory(data, activation, depth, readout, tuple(widths))
    bar = Bar(
        ceiling=top,
        tolerance=tolerance,
        n_judging=points.n_judging,
        theory=statements,
        metric=metric,
        constant=judge.constant,
        constant_loss=judge.constant_loss,
    )
    bar, judged = _judged(bar, judge, tasks, results)
    span = None if interrupted or bar.objection else answer_range(judged)
    result = MinimumWidth(
        answer=span[0] if span is not None and span[0] == span[1] else None,
        ceiling=top,
        tolerance=tolerance,
        widths=tuple(judged),
        theory=bar.theory,
        advice="",
        settings={
            "dataset": _described(data),
            "bayes_accuracy": data.bayes_accuracy,
            "activation": activation,
            "depth": depth,
            "max_width": max_width,
            "restarts": restarts,
            **budget.as_json(),
            "learning_rate": tasks[0].recipe.learning_rate,
            "n_training": len(own.y),
        },
        n_judging=points.n_judging,
        judged_on=points.source,
        seconds={
            "prepare": prepared - began,
            "train": trained - prepared,
            "compile": compile_seconds,
            "total": time.perf_counter() - began,
        },
        interrupted=interrupted,
        answer_range=span,
        metric=metric,
        majority_share=judge.majority_share,
        constant_score=judge.constant,
    )
    return replace(result, advice=_advice(result, bar, max_width))


def run_missing(
    points: Split,
    tasks: Sequence[Task],
    results: Results,
    interrupt: Any,
    cluster: Any,
    progress: bool,
) -> float:
    """Do the tasks, keep what comes; the seconds of compilation, summed over threads."""
    compile_seconds, done, best = 0.0, 0, dict[str, float]()
    try:
        n_trainings = sum(len(task.seeds) for task in tasks)
        with progress_bar(progress, n_trainings, "trainings") as show:
            for outcome in outcomes(points, tasks, interrupt, cluster):
                results.add(outcome)
                compile_seconds += outcome.compile_seconds
                done += len(outcome.seeds)
                name = "-".join(map(str, outcome.hidden))
                best[name] = max(best.get(name, 0.0), *outcome.accuracies)
                show(done, "  ".join(f"{name}: {best[name]:.3f}" for name in sorted(best)[:12]))
    finally:
        results.save()
    return compile_seconds


def _tasks(
    data: Dataset,
    points: Split,
    budget: Budget,
    activation: str,
    depth: int,
    widths: Sequence[int],
    restarts: int,
    metric: Metric,
) -> list[Task]:
    """Batches of every width; the widest first, because they take longest."""
    tasks: list[Task] = []
    seeds = [(budget.seed, restart) for restart in range(restarts)]
    for width in reversed(widths):
        hidden = (width,) * depth
        recipe = budget.recipe(data, hidden, activation, len(points.y))
        tasks += [
            Task(recipe, hidden, activation, batch, metric, data.n_classes)
            for batch in batches(recipe, seeds)
        ]
    # Every width's first batch, then every width's second, …
    return sorted(tasks, key=lambda task: task.seeds[0][1])


def _judged(
    bar: Bar, judge: Judge, tasks: Sequence[Task], results: Results
) -> tuple[Bar, list[Width]]:
    """The widths of which something is known, in ascending order; whether there is a lesson."""
    by_width: dict[int, list[tuple[Task, Outcome]]] = {}
    for task in tasks:
        if task.key in results:
            by_width.setdefault(task.hidden[0], []).append((task, results[task.key]))
    trained = {
        width: (by_width[width][0][0].recipe, [outcome for _, outcome in by_width[width]])
        for width in sorted(by_width)
    }
    judged = {width: judge(recipe, found) for width, (recipe, found) in trained.items()}
    bar = replace(bar, learnable=judge.is_learnable)
    widths: list[Width] = []
    for width, (recipe, found) in trained.items():
        run: Run = best_run(recipe, judge.data, judge.points, found)
        widths.append(verdict_on(bar, width, found, run, widths, judged[width]))
    return bar, widths


def _tolerance(wanted: float | None, top: Ceiling, n_judging: int) -> float:
    """What was asked for, if the points can tell it; if nothing was, the least that they can."""

    def error(tolerance: float) -> float:
        """Of an accuracy at the threshold, which the tolerance moves."""
        return standard_error(min(max(top.accuracy - tolerance, 0.0), 1.0), n_judging)

    if wanted is None:
        tolerance = TOLERANCE
        for _ in range(20):
            least = math.ceil(1_000 * ERRORS * error(tolerance)) / 1_000
            tolerance = max(tolerance, least)
        return min(tolerance, 0.499)
    if wanted < error(wanted):
        # Rounded up, so that what is asked for is allowed.
        least = math.ceil(error(wanted) * 1_000) / 1_000
        level = min(max(top.accuracy - wanted, 0.0), 1.0)
        raise UsageError(
            f"A tolerance of {wanted:g} is below the standard error of an accuracy on the "
            f"{n_judging:,} points that judge, {least:.3g}.\n"
            f"Ask for a tolerance of at least {least:.3g}, or give so many points that "
            f"{points_needed(level, wanted):,} can be held out."
        )
    return wanted


def _advice(result: MinimumWidth, bar: Bar, max_width: int) -> str:
    if result.interrupted or result.answer is not None or not result.widths:
        return ""
    if result.n_judging < FEW:
        return (
            f"Only {counted(result.n_judging, 'point')} of {result.settings['dataset']['name']!r} "
            f"can judge, which tells no width from another. Give more points: {FEW} to judge are "
            "the least that can tell anything."
        )
    if bar.objection:
        return bar.objection
    if result.answer_range is not None:
        low = result[result.answer_range[0]]
        settled = math.ceil(1_000 * (low.shortfall + CLEAR * low.shortfall_error)) / 1_000
        return (
            f"The {result.n_judging:,} points that judge cannot tell whether width {low.width} is "
            f"enough: give more points, or a larger tolerance ({settled:g} is what they can tell)."
        )
    best = max(result.widths, key=lambda w: w.score)
    if best.verdict == "does not generalise":
        return (
            f"No width up to {max_width} comes within {result.tolerance:g} of the ceiling "
            f"{result.ceiling.accuracy:.4f} on points that it was not trained on; the best is "
            f"{best.score:.4f} at width {best.width}. Try more points, or a larger tolerance."
        )
    return (
        f"No width up to {max_width} comes within {result.tolerance:g} of the ceiling "
        f"{result.ceiling.accuracy:.4f}; the best is {best.score:.4f} at width {best.width}. "
        f"Try a larger max_width ({2 * max_width}), more depth, or a larger tolerance."
    )


def _described(data: Dataset) -> dict[str, Any]:
    return {
        "name": data.name,
        "n_points": data.n_points,
        "n_features": data.n_features,
        "classes": list(data.class_names),
        "parameters": data.parameters,
    }
