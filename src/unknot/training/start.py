"""A run before its first step: what the page begins with where it trains by itself."""

from typing import Any

import numpy as np

from unknot.datasets.dataset import Dataset
from unknot.traces.run import Checkpoint, History, Run
from unknot.training.choices import needs_standardising
from unknot.training.held_out import hold_out, standardisation
from unknot.training.network import Layout, as_mlp, flat_weights, output_of, spread_layers
from unknot.training.settings import check_data, checked_settings


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
