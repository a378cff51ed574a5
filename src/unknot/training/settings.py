"""The arguments of ``fit``, each checked by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unknot.activations import activations
from unknot.errors import UsageError
from unknot.table import unknown
from unknot.training.numbers import (
    as_sequence,
    learning_rate_number,
    share,
    whole_number,
)
from unknot.training.optimisers import default_learning_rate, optimisers

MAX_LAYERS = 100


@dataclass(frozen=True)
class Settings:
    """The checked arguments of ``fit``; see there. One activation a hidden layer."""

    hidden: tuple[int, ...]
    readout: int | None
    activation: tuple[str, ...]
    epochs: int
    batch_size: int
    optimizer: str
    learning_rate: float
    validation: float
    standardise: bool
    seed: int
    checkpoints: int | tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """The arguments as JSON values, for ``Run.settings``."""
        checkpoints = self.checkpoints
        return {
            **self.__dict__,
            "hidden": list(self.hidden),
            "activation": list(self.activation),
            "checkpoints": checkpoints if isinstance(checkpoints, int) else list(checkpoints),
        }


def checked_settings(
    *,
    hidden: int | Sequence[int],
    readout: int | None,
    activation: str | Sequence[str],
    epochs: int,
    batch_size: int,
    optimizer: str,
    learning_rate: float | None,
    validation: float,
    standardise: bool,
    seed: int,
    checkpoints: int | Sequence[int],
) -> Settings:
    """Settings from the arguments of ``fit``; UsageError for any that makes no sense by itself."""
    widths = _hidden_widths(hidden)
    if str(optimizer) not in optimisers:
        raise UsageError(unknown("optimiser", optimizer, optimisers))
    if learning_rate is None:
        learning_rate = default_learning_rate(optimizer)
    return Settings(
        hidden=widths,
        readout=None if readout is None else whole_number(readout, "readout width", 1),
        activation=_activation_names(activation, len(widths)),
        epochs=whole_number(epochs, "number of epochs", 1),
        batch_size=whole_number(batch_size, "batch size", 1),
        optimizer=optimizer,
        learning_rate=learning_rate_number(learning_rate, default_learning_rate(optimizer)),
        validation=share(validation),
        standardise=bool(standardise),
        seed=whole_number(seed, "seed", 0, 2**63 - 1),
        checkpoints=_checkpoints(checkpoints),
    )


def _hidden_widths(hidden: object) -> tuple[int, ...]:
    widths = as_sequence(hidden, "hidden widths", "[6] or [32, 32]")
    if len(widths) > MAX_LAYERS:
        raise UsageError(
            f"Got {len(widths):,} hidden layers; allowed: at most {MAX_LAYERS}.\n"
            "Give the width of each layer, for example hidden=[32, 32]."
        )
    return tuple(whole_number(width, "hidden width", 1) for width in widths)


def _activation_names(activation: object, n_hidden: int) -> tuple[str, ...]:
    if isinstance(activation, str):
        names = (activation,) * n_hidden
    else:
        names = tuple(
            str(name)
            for name in as_sequence(activation, "activations", '"relu" or ["relu", "tanh"]')
        )
    for name in dict.fromkeys([activation] if isinstance(activation, str) else names):
        if name not in activations:
            raise UsageError(unknown("activation", name, activations))
    if len(names) != n_hidden:
        raise UsageError(
            f"Got {len(names)} activations for {n_hidden} hidden layers.\n"
            "Give one name for all of them, or one for each hidden layer."
        )
    return names


def _checkpoints(checkpoints: object) -> int | tuple[int, ...]:
    if isinstance(checkpoints, (int, np.integer)):
        return whole_number(checkpoints, "number of checkpoints", 0, 1000)
    steps = as_sequence(checkpoints, "checkpoints", "[1, 10, 100], or a number, for example 12")
    return tuple(whole_number(step, "checkpoint step", 0, 2**53) for step in steps)
