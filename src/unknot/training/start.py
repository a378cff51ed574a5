"""A run before its first step: what the page begins with where it trains by itself."""

import os
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

import numpy as np

from unknot.datasets import circles
from unknot.datasets.dataset import Dataset, subsample
from unknot.doors import as_dataset
from unknot.errors import UsageError
from unknot.traces.run import Checkpoint, History, Run
from unknot.training.choices import architecture_for, needs_standardising
from unknot.training.held_out import hold_out, standardisation
from unknot.training.network import Layout, as_mlp, flat_weights, output_of, spread_layers
from unknot.training.settings import check_data, checked_settings

#: Points of a data set that a page trains on; of more, a sample.
MOST_POINTS = 100_000
#: Data sets that stand beside each other in the page.
MOST_DATASETS = 12


def untrained(
    data: Dataset, *, hidden: tuple[int, ...] | None = None, seed: int = 0, **options: Any
) -> Run:
    """The network that ``fit`` would train, as it is before training.

    Parameters
    ----------
    data : Dataset
    hidden : tuple of int, optional
        By default the network that suits the data.
    seed : int
    **options
        Others of ``fit``: ``activation``, ``validation``, ``batch_size``, ….

    Raises
    ------
    UsageError
        As ``fit`` does.
    """
    names = ("readout", "activation", "epochs", "steps", "batch_size", "optimizer")
    usual = {**dict.fromkeys((*names, "learning_rate", "weight_decay", "standardise"))}
    given: dict[str, Any] = {**usual, "validation": 0.2, "checkpoints": 1, **options}
    settings = checked_settings(data, hidden=hidden, seed=seed, **given)
    check_data(data)
    for_split, for_weights = np.random.default_rng(settings.seed).spawn(2)
    training_rows, validation_rows = hold_out(data, settings.validation, for_split)
    x = data.x[training_rows]
    is_scaled = settings.standardise
    if is_scaled is None:
        is_scaled = needs_standardising(x)
    layout = Layout.of(
        data.n_features, settings.hidden, settings.readout, settings.activation, output_of(data)
    )
    weights = flat_weights(spread_layers(layout.sizes, for_weights))
    model = as_mlp(layout, weights, standardisation(x) if is_scaled else None)
    return Run(
        model=model,
        history=History(),
        checkpoints=(Checkpoint(0, 0.0, model),),
        data=data,
        validation_rows=validation_rows,
        settings=settings.as_json(),
    )


def beginning(
    data: Any, most_work: int, label: Any = None, target: Any = None
) -> tuple[Run, Sequence[Dataset]]:
    """The run before its first step that a page begins with, and the data sets beside its own.

    Parameters
    ----------
    data : data set, (x, y), data frame, name of a data set or file, or a list of them; or None
    most_work : int
        Multiplications a point that a page can do.
    label, target : column, optional
        Of data frames and files.

    Raises
    ------
    UsageError
        For what holds no points with labels, too many data sets, and data too wide.
    """
    several = cast("Sequence[Any]", data) if isinstance(data, list) else [data]
    given = [] if data is None else [_points(each, label, target) for each in several]
    if len(given) > MOST_DATASETS:
        raise UsageError(f"A playground holds up to {MOST_DATASETS} data sets; got {len(given)}.")
    return start_of(given, most_work), given[1:]


def _points(source: Any, label: Any, target: Any) -> Dataset:
    is_plain = not (hasattr(source, "columns") or isinstance(source, str | os.PathLike))
    columns = {} if is_plain else {"label": label, "target": target}
    data = as_dataset(source, **columns)
    check_data(data)
    return data if data.n_points <= MOST_POINTS else subsample(data, MOST_POINTS, 0)


def start_of(given: Sequence[Dataset], most_work: int) -> Run:
    """The first data set with the network that suits it, as wide as a page can run it.

    Raises
    ------
    UsageError
        For data with too many features.
    """
    data = given[0] if given else circles(200)
    hidden, activation = architecture_for(data).hidden, architecture_for(data).activation
    while _work(data.n_features, hidden, output_of(data)[1]) > most_work:
        hidden = tuple(width // 2 for width in hidden)
        if 0 in hidden:
            raise UsageError(
                f"{data.name}: {data.n_features:,} features are too many to train on in a page, "
                f"which does up to {most_work:,} multiplications a point.\n"
                "Give fewer features, or train with fit() and write a page of the run."
            )
    return untrained(data, hidden=hidden, activation=activation, batch_size=None if given else 32)


def _work(n_features: int, hidden: Sequence[int], n_outputs: int) -> int:
    sizes = (n_features, *hidden, n_outputs)
    return sum(a * b for a, b in pairwise(sizes))
