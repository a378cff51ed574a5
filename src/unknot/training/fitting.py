"""``fit``: a Dataset in, a Run out."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset
from unknot.maps import Affine
from unknot.run import Checkpoint, History, Run
from unknot.training.checkpoints import checkpoint_steps
from unknot.training.compilation import compiled_programs
from unknot.training.epochs import Journal, Training
from unknot.training.held_out import hold_out, scaled, standardisation
from unknot.training.interrupt import Interrupt
from unknot.training.limits import check_data, check_size, output_of
from unknot.training.network import Network, as_mlp, initial_layers, pack
from unknot.training.progress import progress_bar
from unknot.training.settings import Settings, checked_settings
from unknot.training.steps import Recipe, n_batches


def fit(
    data: Dataset,
    *,
    hidden: int | Sequence[int],
    readout: int | None = None,
    activation: str | Sequence[str] = "relu",
    epochs: int = 5,
    batch_size: int = 32,
    optimizer: str = "rmsprop",
    learning_rate: float | None = None,
    validation: float = 0.2,
    standardise: bool = False,
    seed: int = 0,
    checkpoints: int | Sequence[int] = 12,
    callback: Callable[[int, dict[str, float]], object] | None = None,
    progress: bool = True,
) -> Run:
    """Train a multi-layer perceptron.

    Two classes are learnt by one logit and binary cross-entropy, more by one logit a class and
    cross-entropy, a regression (a data set without class names) by squared error. Weights start
    Glorot-uniform and biases at zero whatever the activation, as Keras' dense layers do, so that
    the defaults here are those of the notebook that this library grew from.

    Parameters
    ----------
    data : Dataset
    hidden : sequence of int
        Width of each hidden layer; ``[]`` trains a linear classifier.
    readout : int, optional
        Width of a linear layer before the output. With more than two classes it limits the
        logits to that many dimensions.
    activation : str or sequence of str
        A key of ``activations``: one for all hidden layers, or one for each.
    epochs : int
    batch_size : int
        Rows a step. The last batch of an epoch is short when the rows do not divide evenly; a
        batch of more rows than there are is all of them.
    optimizer : {"rmsprop", "adam", "sgd", "adamw"}
    learning_rate : float, optional
        By default the optimiser's usual one: 0.001, for ``"sgd"`` 0.01.
    validation : float
        Share of the rows to hold out, drawn at random by `seed`: from 0 to below 1.
    standardise : bool
        Give each feature mean 0 and standard deviation 1 over the training rows. The scaling
        becomes the model's first map, never hidden.
    seed : int
        The same seed gives the same weights, bit for bit, on the same machine and versions.
    checkpoints : int or sequence of int
        When weights are kept. A number: so many within the first epoch, at steps in geometric
        progression, and the end of every epoch (of 100 epochs, evenly spaced, when there are
        more). A sequence: these steps. The state before training and the last are always kept.
    callback : function, optional
        Called as ``callback(epoch, metrics)`` after each epoch, `epoch` from 1 on, `metrics` a
        dict with ``loss`` and, where they apply, ``accuracy``, ``validation_loss`` and
        ``validation_accuracy``. When it returns True, training ends there.
    progress : bool
        Show a progress bar on stderr if that is a terminal.

    Returns
    -------
    Run
        After Ctrl-C, what has been trained so far, with ``interrupted`` True: the history has the
        epochs that were finished, the last checkpoint is the model. A second Ctrl-C raises
        KeyboardInterrupt.

    Raises
    ------
    UsageError
        When an argument, or the data, make no sense.
    UnknotError
        When the loss or a weight is no longer finite.
    """
    settings = checked_settings(
        hidden=hidden,
        readout=readout,
        activation=activation,
        epochs=epochs,
        batch_size=batch_size,
        optimizer=optimizer,
        learning_rate=learning_rate,
        validation=validation,
        standardise=standardise,
        seed=seed,
        checkpoints=checkpoints,
    )
    check_data(data)
    for_split, for_weights, for_order = np.random.default_rng(settings.seed).spawn(3)
    training_rows, validation_rows = hold_out(data, settings.validation, for_split)
    check_size(settings, data, len(training_rows))

    recipe = _recipe(data, settings, len(training_rows))
    scaling = standardisation(data.x[training_rows]) if settings.standardise else None
    x, y = _arrays(data, scaling)
    steps_per_epoch = n_batches(len(training_rows), recipe.batch_size)
    with (
        Interrupt() as interrupt,
        progress_bar(progress, steps_per_epoch * settings.epochs) as show,
    ):
        programs, compile_seconds = compiled_programs(
            recipe, len(training_rows), len(validation_rows), y.dtype
        )
        began = time.perf_counter()
        journal = Training(
            recipe=recipe,
            programs=programs,
            training=(x[training_rows], y[training_rows]),
            validation=(x[validation_rows], y[validation_rows]),
            epochs=settings.epochs,
            checkpoint_steps=checkpoint_steps(
                settings.checkpoints, steps_per_epoch, settings.epochs
            ),
            random=for_order,
            callback=callback,
            interrupt=interrupt,
            show=show,
        ).run(pack(recipe.network, initial_layers(recipe.network.sizes, for_weights)))
        train_seconds = time.perf_counter() - began

    checkpoints_kept = tuple(
        Checkpoint(step, step / steps_per_epoch, as_mlp(recipe.network, parameters, scaling))
        for step, parameters in journal.checkpoints
    )
    return Run(
        model=checkpoints_kept[-1].model,
        history=_history(journal),
        checkpoints=checkpoints_kept,
        data=data,
        validation_rows=validation_rows,
        settings=settings.as_json(),
        seconds={"compile": compile_seconds, "train": train_seconds},
        interrupted=journal.interrupted,
    )


def _recipe(data: Dataset, settings: Settings, n_training: int) -> Recipe:
    size = min(settings.batch_size, n_training)
    network = Network.of(
        n_features=data.n_features,
        hidden=settings.hidden,
        readout=settings.readout,
        activation=settings.activation,
        output=output_of(data),
        rows_at_once=size,
    )
    return Recipe(network, settings.optimizer, settings.learning_rate, size)


def _arrays(data: Dataset, scaling: Affine | None) -> tuple[NDArray[np.float32], NDArray[Any]]:
    x = np.ascontiguousarray(data.x if scaling is None else scaled(data.x, scaling), np.float32)
    # One logit and squared error calculate with the label, softmax compares with it.
    y = data.y.astype(np.int32 if output_of(data)[0] == "softmax" else np.float32)
    return x, y


def _history(journal: Journal) -> History:
    def column(name: str) -> tuple[float, ...]:
        return tuple(metrics[name] for metrics in journal.metrics if name in metrics)

    return History(
        loss=column("loss"),
        accuracy=column("accuracy"),
        validation_loss=column("validation_loss"),
        validation_accuracy=column("validation_accuracy"),
    )
