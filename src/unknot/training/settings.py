"""The arguments of ``fit``, each checked by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unknot.datasets.dataset import Dataset
from unknot.errors import UsageError
from unknot.network.activations import activations
from unknot.table import unknown
from unknot.training.choices import (
    architecture_for,
    batch_size_for,
    peak_learning_rate,
    steps_for,
    weight_decay_for,
)
from unknot.training.held_out import n_held_out
from unknot.training.network import output_of
from unknot.training.numbers import (
    as_sequence,
    decay_number,
    learning_rate_number,
    share,
    short,
    whole_number,
)
from unknot.training.optimisers import (
    WEIGHT_DECAY,
    default_learning_rate,
    has_weight_decay,
    optimisers,
)

MAX_LAYERS = 100
#: Keras' own, where epochs are asked for.
BATCH_SIZE = 32


@dataclass(frozen=True)
class Settings:
    """The checked arguments of ``fit``; see there. What was left out has been chosen.

    Attributes
    ----------
    activation : tuple of str
        One a hidden layer.
    epochs : int
    steps : int or None
        Optimiser steps in all, over which the rate rises and falls; None for a constant rate.
    weight_decay : float or None
        None for an optimiser without one.
    standardise : bool or None
        None where the values of the features decide.
    """

    hidden: tuple[int, ...]
    readout: int | None
    activation: tuple[str, ...]
    epochs: int
    steps: int | None
    batch_size: int
    optimizer: str
    learning_rate: float
    weight_decay: float | None
    validation: float
    standardise: bool | None
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
    data: Dataset,
    *,
    hidden: int | Sequence[int] | None,
    readout: int | None,
    activation: str | Sequence[str] | None,
    epochs: int | None,
    steps: int | None,
    batch_size: int | None,
    optimizer: str | None,
    learning_rate: float | None,
    weight_decay: float | None,
    validation: float,
    standardise: bool | None,
    seed: int,
    checkpoints: int | Sequence[int],
) -> Settings:
    """Settings from the arguments of ``fit``, with what is left out chosen for these data.

    Raises
    ------
    UsageError
        For an argument that makes no sense by itself, or beside another.
    """
    if epochs is not None and steps is not None:
        raise UsageError(
            f"Got epochs={short(epochs)} and steps={short(steps)}; allowed: one of them.\n"
            "epochs trains at a constant rate, steps at one that rises and falls to 0."
        )
    own = architecture_for(data)
    if activation is None:
        activation = own.activation if hidden is None else "relu"
    widths = own.hidden if hidden is None else _hidden_widths(hidden)
    names = _activation_names(activation, len(widths))
    readout = None if readout is None else whole_number(readout, "readout width", 1)
    if optimizer is None:
        optimizer = "adamw" if epochs is None else "rmsprop"
    if str(optimizer) not in optimisers:
        raise UsageError(unknown("optimiser", optimizer, optimisers))
    n_training = data.n_points - n_held_out(data.n_points, share(validation))
    if batch_size is None:
        batch_size = batch_size_for(n_training) if epochs is None else BATCH_SIZE
    batch_size = whole_number(batch_size, "batch size", 1)
    usual = default_learning_rate(optimizer)
    if epochs is None:
        usual = peak_learning_rate(optimizer, widths)
        extra = () if readout is None else (readout,)
        sizes = (data.n_features, *widths, *extra, output_of(data)[1])
        steps = steps_for(sizes, batch_size) if steps is None else steps
        steps = whole_number(steps, "number of steps", 1)
        # The schedule ends where an epoch does.
        steps_per_epoch = -(-max(n_training, 1) // batch_size)
        epochs = -(-steps // steps_per_epoch)
        steps = epochs * steps_per_epoch
    return Settings(
        hidden=widths,
        readout=readout,
        activation=names,
        epochs=whole_number(epochs, "number of epochs", 1),
        steps=steps,
        batch_size=batch_size,
        optimizer=optimizer,
        learning_rate=learning_rate_number(
            usual if learning_rate is None else learning_rate, usual
        ),
        weight_decay=_weight_decay(
            weight_decay,
            optimizer,
            WEIGHT_DECAY if steps is None else weight_decay_for(data, n_training),
        ),
        validation=share(validation),
        standardise=None if standardise is None else bool(standardise),
        seed=whole_number(seed, "seed", 0, 2**63 - 1),
        checkpoints=_checkpoints(checkpoints),
    )


def _weight_decay(value: float | None, optimizer: str, usual: float) -> float | None:
    if has_weight_decay(optimizer):
        return usual if value is None else decay_number(value)
    if value is not None:
        raise UsageError(
            f"Got weight_decay={short(value)} for {optimizer}, which has none.\n"
            "Leave it out, or take optimizer='adamw'."
        )
    return None


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
