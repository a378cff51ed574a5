"""The arguments of ``fit`` and its data, checked: each by itself, and what fits in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from unknot.datasets.dataset import Dataset
from unknot.datasets.labels import labelled_rows
from unknot.errors import UsageError, as_sequence, real_number, short, whole_number
from unknot.network.maps import Activation, as_activation
from unknot.network.optimisers import WEIGHT_DECAY, optimisers
from unknot.table import unknown
from unknot.training.choices import (
    architecture_for,
    batch_size_for,
    peak_learning_rate,
    steps_for,
    weight_decay_for,
)
from unknot.training.held_out import n_held_out
from unknot.training.network import n_weights, output_of

MAX_LAYERS = 100
MAX_WIDTH = 10_000
MAX_WEIGHTS = 20_000_000
#: Of the values of one batch, and of all checkpoints together.
MAX_BYTES = 2_000_000_000
#: No more than this many epochs' ends are kept, evenly spaced; the last is always among them.
MAX_EPOCH_CHECKPOINTS = 100
#: Share of the rows that are held out, where nobody says.
VALIDATION = 0.2
#: Keras' own, where epochs are asked for.
BATCH_SIZE = 32


@dataclass(frozen=True)
class Settings:
    """The checked arguments of ``fit``; see there. What was left out has been chosen.

    Attributes
    ----------
    activation : tuple of str
        One a hidden layer, as ``as_activation`` reads it.
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
    activation: str | Activation | Sequence[str | Activation] | None,
    epochs: int | None,
    steps: int | None,
    batch_size: int | None,
    optimizer: str | None,
    learning_rate: float | None,
    weight_decay: float | None,
    validation: float | None,
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
    n_labelled = len(labelled_rows(data.y))
    share = _validation(data, validation)
    n_training = n_labelled - n_held_out(n_labelled, share)
    if batch_size is None:
        batch_size = batch_size_for(n_training) if epochs is None else BATCH_SIZE
    batch_size = whole_number(batch_size, "batch size", 1)
    usual = optimisers[optimizer].learning_rate
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
        learning_rate=checked_rate(usual if learning_rate is None else learning_rate, usual),
        weight_decay=_weight_decay(
            weight_decay,
            optimizer,
            WEIGHT_DECAY if steps is None else weight_decay_for(data, n_training),
        ),
        validation=share,
        standardise=None if standardise is None else bool(standardise),
        seed=whole_number(seed, "seed", 0, 2**63 - 1),
        checkpoints=_checkpoints(checkpoints),
    )


def _weight_decay(value: float | None, optimizer: str, usual: float) -> float | None:
    if optimisers[optimizer].has_weight_decay:
        decay = usual if value is None else real_number(value)
        if not 0 <= decay <= 1:
            raise UsageError(
                f"Got {short(value)} as weight decay; allowed: a number from 0 to 1.\n"
                "The usual one is 0.01; 0 is plain Adam."
            )
        return decay
    if value is not None:
        raise UsageError(
            f"Got weight_decay={short(value)} for {optimizer}, which has none.\n"
            "Leave it out, or take optimizer='adamw'."
        )
    return None


def checked_rate(value: object, default: float) -> float:
    """`value` as a float that is positive and finite in float32 too, in which it will be used."""
    rate = real_number(value)
    with np.errstate(over="ignore", under="ignore"):
        single = np.float32(rate)
    if not (single > 0 and np.isfinite(single)):
        raise UsageError(
            f"Got {short(value)} as learning rate; allowed: a finite number above 0.\n"
            f"This optimiser's usual one is {default}."
        )
    return rate


def _validation(data: Dataset, given: float | None) -> float:
    """The share of labelled rows that are held out: the data set's own, what is asked for, 0.2."""
    if data.held_out is None:
        return _share(VALIDATION if given is None else given)
    if given is not None:
        raise UsageError(
            f"The data set says which of its rows are held out; got validation={short(given)} "
            "as well.\nLeave validation out, or replace(data, held_out=None)."
        )
    rows = labelled_rows(data.y)
    return float(data.held_out[rows].mean()) if len(rows) else 0.0


def _share(value: object) -> float:
    """`value` as a float in [0, 1)."""
    number = real_number(value)
    if not 0 <= number < 1:
        raise UsageError(
            f"Got {short(value)} as validation; allowed: the share of rows to hold out, "
            "from 0 to below 1.\nThe usual one is 0.2; 0 trains on everything."
        )
    return number


def _hidden_widths(hidden: object) -> tuple[int, ...]:
    widths = as_sequence(hidden, "hidden widths", "[6] or [32, 32]")
    if len(widths) > MAX_LAYERS:
        raise UsageError(
            f"Got {len(widths):,} hidden layers; allowed: at most {MAX_LAYERS}.\n"
            "Give the width of each layer, for example hidden=[32, 32]."
        )
    return tuple(whole_number(width, "hidden width", 1) for width in widths)


def _activation_names(activation: object, n_hidden: int) -> tuple[str, ...]:
    if isinstance(activation, str | Activation):
        names = (activation_text(activation),) * n_hidden
    else:
        names = tuple(
            activation_text(each)
            for each in as_sequence(activation, "activations", '"relu" or ["relu", "tanh"]')
        )
    if len(names) != n_hidden:
        raise UsageError(
            f"Got {len(names)} activations for {n_hidden} hidden layers.\n"
            "Give one name for all of them, or one for each hidden layer."
        )
    return names


def _checkpoints(checkpoints: object) -> int | tuple[int, ...]:
    if isinstance(checkpoints, (int, np.integer)):
        return whole_number(cast("object", checkpoints), "number of checkpoints", 0, 1000)
    steps = as_sequence(checkpoints, "checkpoints", "[1, 10, 100], or a number, for example 12")
    return tuple(whole_number(step, "checkpoint step", 0, 2**53) for step in steps)


def checkpoint_steps(
    checkpoints: int | Sequence[int], steps_per_epoch: int, epochs: int
) -> tuple[int, ...]:
    """Steps of the checkpoints in ascending order: 0, what was asked for, the last step.

    Parameters
    ----------
    checkpoints : int or sequence of int
        How many within the first epoch, in geometric progression from step 1 (where steps are
        too few they fall together), followed by epochs' ends; or the steps themselves.
    steps_per_epoch, epochs : int
    """
    last = steps_per_epoch * epochs
    if not isinstance(checkpoints, int):
        return tuple(sorted({0, *checkpoints, last}))
    dense = np.geomspace(1, steps_per_epoch, checkpoints + 1)[:-1]
    ends = np.linspace(1, epochs, min(epochs, MAX_EPOCH_CHECKPOINTS)).round() * steps_per_epoch
    return tuple(sorted({0, *dense.round().astype(int).tolist(), *ends.astype(int).tolist(), last}))


def check_size(settings: Settings, data: Dataset, n_training: int) -> None:
    """UsageError when network, batch or checkpoints would not fit in memory."""
    _, n_outputs = output_of(data)
    if n_outputs > MAX_WIDTH:
        raise UsageError(
            f"Got {n_outputs:,} classes; allowed: at most {MAX_WIDTH:,}.\n"
            "If the label is a number to be predicted, it is a regression: leave out class names."
        )
    readout = [] if settings.readout is None else [settings.readout]
    sizes = [data.n_features, *settings.hidden, *readout, n_outputs]
    total = n_weights(sizes)
    if total > MAX_WEIGHTS or max(sizes[1:]) > MAX_WIDTH:
        raise UsageError(
            f"A network of widths {_shape(sizes)} has {total:,} weights "
            f"({_bytes(4 * total)});\nallowed: at most {MAX_WIDTH:,} units a layer and "
            f"{MAX_WEIGHTS:,} weights in all. Make the layers narrower or fewer."
        )
    rows = min(settings.batch_size, n_training)
    # The values of every layer are kept for the gradient.
    batch_bytes = 4 * rows * sum(sizes)
    if batch_bytes > MAX_BYTES:
        raise UsageError(
            f"A batch of {rows:,} rows through widths {_shape(sizes)} takes "
            f"{_bytes(batch_bytes)}; allowed: at most {_bytes(MAX_BYTES)}.\n"
            "Choose a smaller batch size."
        )
    steps_per_epoch = -(-n_training // rows)
    steps = checkpoint_steps(settings.checkpoints, steps_per_epoch, settings.epochs)
    last = steps_per_epoch * settings.epochs
    if steps[-1] > last:
        raise UsageError(
            f"Got a checkpoint at step {steps[-1]:,}; this training has {last:,} steps "
            f"({settings.epochs} epochs of {steps_per_epoch:,}).\n"
            f"Choose steps from 0 to {last:,}."
        )
    if 4 * total * len(steps) > MAX_BYTES:
        raise UsageError(
            f"{len(steps):,} checkpoints of {total:,} weights take "
            f"{_bytes(4 * total * len(steps))}; allowed: at most {_bytes(MAX_BYTES)}.\n"
            "Name the few steps to keep, for example checkpoints=[10, 100]; "
            "the first and the last are always kept."
        )


def _shape(sizes: Sequence[int]) -> str:
    shown = [f"{size:,}" for size in sizes]
    if len(shown) > 6:
        shown = [*shown[:3], "…", *shown[-2:]]
    return " → ".join(shown)


def _bytes(n: int) -> str:
    return f"{n / 1e9:,.1f} GB" if n >= 1e9 else f"{n / 1e6:,.1f} MB"


def check_data(data: Dataset) -> None:
    """UsageError for data that no network can be trained on."""
    if data.n_points < 2 or data.n_features < 1:
        raise UsageError(
            f"Got {data.n_points} rows and {data.n_features} features; training needs at least "
            "2 rows and 1 feature."
        )
    finite = np.isfinite(data.x).all(axis=1) & ~np.isinf(data.y)
    if not finite.all():
        raise UsageError(
            f"Row {int(np.argmin(finite)) + 1:,} of the data has a NaN or an infinity "
            f"({int((~finite).sum()):,} rows have).\nLeave such rows out or fill them in."
        )
    if data.task == "regression":
        return
    labels = data.y[labelled_rows(data.y)]
    if data.n_classes < 2 or len(np.unique(labels)) < 2:
        raise UsageError(
            "The data have one class only; a classifier needs rows of at least two.\n"
            "Choose another label, or leave out class names for a regression."
        )
    if labels.min() < 0 or labels.max() >= data.n_classes:
        raise UsageError(
            f"Labels run from {labels.min()} to {labels.max()} but there are {data.n_classes} "
            f"class names.\nLabels are class numbers from 0 to {data.n_classes - 1}."
        )


def activation_text(value: object) -> str:
    """An activation of a network that unknot trains, as text.

    Raises
    ------
    UsageError
        For one that does not exist, or with a number a unit: training keeps numbers as they are.
    """
    activation = as_activation(value)
    if activation.n_units is not None:
        raise UsageError(
            f"Got {activation.title} with {activation.n_units} values; allowed: one number for "
            "all units.\nA slope for each unit comes with a model of your own: trace it."
        )
    return str(activation)
