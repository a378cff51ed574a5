"""``fit``: a Dataset in, a Run out."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset
from unknot.doors import as_dataset, labelled_points
from unknot.network.maps import Activation, Affine
from unknot.progress import progress_bar
from unknot.traces.run import Checkpoint, History, Run
from unknot.training.choices import needs_standardising
from unknot.training.compilation import compiled_programs
from unknot.training.epochs import Journal, Training
from unknot.training.held_out import hold_out, scaled, standardisation
from unknot.training.interrupt import Interrupt
from unknot.training.live import Live
from unknot.training.network import (
    Layout,
    as_mlp,
    flat_weights,
    initial_layers,
    output_of,
    spread_layers,
)
from unknot.training.programs import Recipe, n_batches
from unknot.training.settings import (
    Settings,
    check_data,
    check_size,
    checked_settings,
    checkpoint_steps,
)


def fit(
    data: Any,
    y: Any = None,
    *,
    label: Any = None,
    target: Any = None,
    hidden: int | Sequence[int] | None = None,
    readout: int | None = None,
    activation: str | Activation | Sequence[str | Activation] | None = None,
    epochs: int | None = None,
    steps: int | None = None,
    batch_size: int | None = None,
    optimizer: str | None = None,
    learning_rate: float | None = None,
    weight_decay: float | None = None,
    validation: float | None = None,
    standardise: bool | None = None,
    seed: int = 0,
    checkpoints: int | Sequence[int] = 12,
    callback: Callable[[int, dict[str, float]], object] | None = None,
    progress: bool = True,
    show: bool = False,
) -> Run:
    """Train a multi-layer perceptron.

    Two classes are learnt with one logit and binary cross-entropy; more classes with one logit for
    each class and cross-entropy; a regression (a data set without class names) with the squared
    error.

    ``fit`` chooses what you leave out, by rules that look only at the shape of the data
    (``unknot.training.choices``): the network, the batch, the number of steps, AdamW, a rate that
    rises to a peak and falls to 0 along a cosine, and a weight decay. Weights then start spread
    over the points (He et al. 2015), and a regression's target is scaled while it is learnt.

    With ``epochs`` the training is plain, as Keras' ``fit`` is: that many passes at a constant
    rate, by default RMSprop's 0.001 in batches of 32, from Glorot-uniform weights and zero biases.
    That is the training of the notebook that this library grew from.

    Parameters
    ----------
    data : Dataset, (x, y), data frame, name of a data set, or file
        Or what holds points with labels: a Run, a Trace.
    y : (n_points,) array, optional
        Labels or a target, where `data` is the points alone: ``fit(x, y)`` is ``fit((x, y))``.
    label, target : column, optional
        Of a data frame or a file: its classes, or the number to predict.
    hidden : sequence of int, optional
        Width of each hidden layer; ``[]`` trains a linear classifier. By default the network that
        suits the data set or, for data of one's own, two layers of 16, 32 or 64 units.
    readout : int, optional
        Width of a linear layer before the output. With more than two classes it limits the
        logits to that many dimensions.
    activation : str, Activation or sequence of them, optional
        ``"relu"``, ``"leaky_relu(slope=0.2)"``, ``Activation("elu", alpha=2)``: one for all hidden
        layers, or one for each. By default relu, or the data set's own where `hidden` is left out
        too.
    epochs : int, optional
        Passes over the training rows at a constant rate.
    steps : int, optional
        Optimiser steps in all, rounded up to whole epochs, at a rate that rises and falls.
        Either `epochs` or `steps`; by default steps, as many as the size of the network asks for.
    batch_size : int, optional
        Rows a step; by default a tenth of the rows, from 16 to 256, or 32 with `epochs`. The last
        batch of an epoch is short when the rows do not divide evenly; a batch of more rows than
        there are is all of them.
    optimizer : str, optional
        A key of ``optimisers``; by default ``"adamw"``, or ``"rmsprop"`` with `epochs`.
    learning_rate : float, optional
        The peak; by default 0.1 for Adam, 0.02 for RMSprop, 0.3 for SGD, less for networks that
        are wide or deep. With `epochs` the constant rate: by default 0.001, for ``"sgd"`` 0.01.
    weight_decay : float, optional
        Of AdamW; by default 0.3, or 500 / n for n training rows where that is less, and a tenth
        of it for data whose Bayes accuracy is known; 0.01 with `epochs`.
    validation : float, optional
        Share of the rows to hold out, drawn at random by `seed`: from 0 to below 1. By default
        the rows that the data set holds out or, where it says nothing of that, 0.2.
    standardise : bool, optional
        Give each feature mean 0 and standard deviation 1 over the training rows. The scaling
        becomes the model's first map, never hidden. By default where the features' scales are
        unequal, far from 0 or far from 1.
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
    show : bool
        Draw loss and accuracy while they change, in the output of a notebook's cell (Jupyter,
        Colab, VS Code, marimo). In a terminal it is the progress bar; elsewhere nothing is shown.

    Returns
    -------
    Run
        After Ctrl-C, or a notebook's *interrupt*, what has been trained so far, with
        ``interrupted`` True: the history has the epochs that were finished, the last checkpoint
        is the model. A second Ctrl-C raises KeyboardInterrupt.

    Raises
    ------
    UsageError
        When an argument, or the data, make no sense.
    UnknotError
        When the loss or a weight is no longer finite.
    """
    data = as_dataset(labelled_points(data, y), label=label, target=target)
    settings = checked_settings(
        data,
        hidden=hidden,
        readout=readout,
        activation=activation,
        epochs=epochs,
        steps=steps,
        batch_size=batch_size,
        optimizer=optimizer,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        validation=validation,
        standardise=standardise,
        seed=seed,
        checkpoints=checkpoints,
    )
    check_data(data)
    for_split, for_weights, for_order = np.random.default_rng(settings.seed).spawn(3)
    training_rows, validation_rows = hold_out(data, settings.validation, for_split)
    check_size(settings, data, len(training_rows))

    if settings.standardise is None:
        chosen = needs_standardising(data.x[training_rows])
        settings = replace(settings, standardise=chosen)
    recipe = _recipe(data, settings, len(training_rows))
    scaling = standardisation(data.x[training_rows]) if settings.standardise else None
    scale = _target(data, settings, training_rows)
    x, y = _arrays(data, scaling, scale)
    start = initial_layers if settings.steps is None else spread_layers
    steps_per_epoch = n_batches(len(training_rows), recipe.batch_size)
    n_steps = steps_per_epoch * settings.epochs
    live = Live(show, settings.epochs, n_steps)
    with Interrupt() as interrupt, progress_bar(progress or show, n_steps, "training") as bar:
        evaluated = [len(validation_rows)] if len(validation_rows) else []
        programs, compile_seconds = compiled_programs(
            recipe, 1, len(training_rows), evaluated, y.dtype
        )
        began = time.perf_counter()
        training = Training(
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
            show=live.beside(bar),
            live=live,
            loss_unit=scale[1] ** 2,
        )
        journal = training.run(flat_weights(start(recipe.network.sizes, for_weights)))
        train_seconds = time.perf_counter() - began
    live.end(journal.step, journal.interrupted)

    checkpoints_kept = tuple(
        Checkpoint(step, step / steps_per_epoch, as_mlp(recipe.network, weights, scaling, scale))
        for step, weights in journal.checkpoints
    )
    last, weights = journal.checkpoints[-1]
    training.check_outputs(as_mlp(recipe.network, weights, scaling, scale), data.x, last)
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
    network = Layout.of(
        n_features=data.n_features,
        hidden=settings.hidden,
        readout=settings.readout,
        activation=settings.activation,
        output=output_of(data),
    )
    return Recipe(
        network,
        settings.optimizer,
        settings.learning_rate,
        min(settings.batch_size, n_training),
        settings.steps,
        settings.weight_decay,
    )


def _target(data: Dataset, settings: Settings, rows: NDArray[np.int64]) -> tuple[float, float]:
    """Mean and deviation of what is learnt: 0 and 1, except of a number to predict."""
    if data.task == "classification" or settings.steps is None:
        return 0.0, 1.0
    y = data.y[rows].astype(np.float64)
    return float(y.mean()), float(y.std()) or 1.0


def _arrays(
    data: Dataset, scaling: Affine | None, target: tuple[float, float]
) -> tuple[NDArray[np.float32], NDArray[Any]]:
    x = np.ascontiguousarray(data.x if scaling is None else scaled(data.x, scaling), np.float32)
    # One logit and squared error calculate with the label, softmax compares with it.
    if output_of(data)[0] == "softmax":
        return x, data.y.astype(np.int32)
    mean, deviation = target
    return x, ((data.y - mean) / deviation).astype(np.float32)


def _history(journal: Journal) -> History:
    def column(name: str) -> tuple[float, ...]:
        return tuple(metrics[name] for metrics in journal.metrics if name in metrics)

    return History(
        loss=column("loss"),
        accuracy=column("accuracy"),
        validation_loss=column("validation_loss"),
        validation_accuracy=column("validation_accuracy"),
    )
