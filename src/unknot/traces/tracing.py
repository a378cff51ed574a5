"""trace: run points through a network and keep the cloud at every place."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from unknot.adapters.capture import as_rows
from unknot.datasets.dataset import Dataset
from unknot.datasets.labels import counted
from unknot.doors import held_run, held_trace, labelled_points, points_for, refuse_arguments
from unknot.errors import UsageError
from unknot.network.chain import blocks, widths
from unknot.network.maps import KnownMap
from unknot.network.mlp import MLP
from unknot.traces.lattice import make_lattice
from unknot.traces.note import Note
from unknot.traces.recorded import Recorded
from unknot.traces.representation import (
    Representation,
    Trace,
    Values,
)
from unknot.traces.run import Run
from unknot.traces.selection import with_layers
from unknot.traces.trace_checks import unit_names

#: Rows sent through the network at once: large enough for fast products, small enough that what
#: a batch needs besides its results is a few megabytes.
BATCH = 16_384


def trace(
    model: Any,
    data: Any = None,
    y: Any = None,
    *,
    checkpoint: int | None = None,
    lattice: bool = True,
    batch_size: int | None = None,
    path: Sequence[str] | None = None,
    layers: Any = None,
    reduce: Any = None,
    points: str | None = None,
    head: str | None = None,
    memory: int | None = None,
    max_points: int | None = None,
    colour: str | int | None = None,
    progress: bool = True,
    name: str | None = None,
    held_out: Any = None,
    identity: Any = None,
) -> Trace:
    """Run points through a network and keep the cloud at every place.

    Parameters
    ----------
    model : Run, MLP, or a model of another framework
        A run of unknot, or a Film, which holds one; a Trace is returned unchanged. Or a model of
        Keras, PyTorch, Flax NNX, Equinox, scikit-learn or ONNX; a list of functions that are called
        one after another; or the path of a ``.keras``, ``.onnx``, ``.pt2`` or ``.skops`` file. The
        model is not changed.
    data : Dataset, array, (array, array), data frame or data loader, optional
        The points: a data set, an array with one point a row, or such an array with labels; a
        data frame with words, dates or gaps, texts and sparse matrices for a scikit-learn
        pipeline that begins with them (the first representation that is numbers is the input); a
        ``DataLoader``, ``TensorDataset``, ``tf.data.Dataset``, or arrays by name. Whole numbers are
        classes (as floating point numbers too, if at most 20 differ), and so are one-hot
        rows; other floats are a regression target. By default, the points that the run was trained
        on.
    y : (n_points,) array, optional
        The labels, if `data` is the points alone: ``trace(model, x, y)`` is
        ``trace(model, (x, y))``.
    checkpoint : int, optional
        Which checkpoint of a run: 0 is before training; −1, the default, is after the last step.
    lattice : bool
        For a 2-feature input: trace a grid and the decision boundary along.
    batch_size : int, optional
        How many rows go through the network at once. By default, a number that is fast and needs
        little memory.
    path : sequence of str, optional
        If the model branches: layers that the path must pass through. By default it is the longest
        chain, and a note says so.
    layers : str, int, pattern, callable, or a sequence of them, optional
        Which representations are kept, beside the input and the output. A level: ``"blocks"``
        (what stands at the top of the model, with the residual stream between), ``"modules"`` or
        ``"all"``; a name, also of a module that holds others; a pattern, such as ``"layer*"``
        (``*`` stays between two dots, ``**`` goes over them) or a regular expression that fits
        the whole name; a number; a function of the name. What lies between two that are kept is
        one opaque map. Left out: all, up to 12; of more the blocks, and a note says so. Of a
        network of unknot's own all are kept.
    reduce : str, int, callable or dict, optional
        What becomes of a layer that gives a point several tokens, ``(n_points, n_tokens, width)``,
        or pixels, ``(n_points, channels, height, width)``: ``"flatten"``, or one vector:
        ``"mean"``, ``"max"``, ``"first"``, ``"last"``, the token of a number, or what a function
        makes of all of it, ``(n_points, n_units)``. A dictionary says it for layers, by the names
        and patterns that ``layers`` takes. An input named ``attention_mask`` tells which tokens
        count. Left out: the mean over the tokens in models with attention, the mean over the
        pixels where an image has more than 4,096 units, and all units elsewhere; a note says so.
    points : {"rows", "tokens"}, optional
        With ``"tokens"`` every token is a point, with the label of its row or, of labels of shape
        ``(n_points, n_tokens)``, its own; −100 leaves one out. Layers without tokens are not
        shown.
    head : {"sigmoid", "softmax", "none"}, optional
        What turns the output of a model that ends in logits into probabilities.
    memory : int, optional
        Bytes of clouds to keep in memory (2 GB when left out); the widest beyond that go to a
        temporary file.
    max_points : int, optional
        Of a data loader the first so many points are taken (100,000 when left out); of arrays so
        many are drawn. A note says so.
    colour : str or int, optional
        Of labels of several outputs, ``(n_points, n_outputs)``: which of them colours the points,
        by its name or number. Left out, the first; a note says so.
    progress : bool
        Show a bar on stderr while many points go through a model, where that is a terminal.
    name : str, optional
        Of the data, for titles; left out, the data set's own, or ``"data"`` for arrays.
    held_out : (n_points,) array of truths, or numbers of rows, optional
        Points that the model was not trained on. Accuracies are then of these and of the others
        apart, and probes are judged by them. A run knows its own.
    identity : mapping, data frame, sequence of str or array of images, optional
        Who each point is, as for ``datasets.from_arrays``; left out, what the data say of it.

    Returns
    -------
    Trace
        Its values take ``4 × n_points × (units of all representations)`` bytes; tracing needs
        little more than that. Every map was checked against what the model did with a sample
        of the points; one that could not be confirmed is Opaque.

    Raises
    ------
    UsageError
        When the data has not as many features as the network has inputs, or holds NaN, when
        nothing is known about such a model, or for an argument that has no meaning for it.
    Exception
        What the model itself raises, with a note.
    """
    data = labelled_points(data, y)
    foreign = {"path": path, "reduce": reduce, "points": points, "head": head, "memory": memory}
    foreign |= {"max_points": max_points, "colour": colour}
    told = {"held_out": held_out}
    if data is None and not isinstance(model, Run | MLP | Recorded):
        held = held_trace(model)
        if held is not None:
            refuse_arguments(
                "a trace", "it is made already", checkpoint=checkpoint, **foreign, **told
            )
            held = with_layers(held, layers)
            held = held if identity is None else replace(held, identity=identity)
            return held if name is None else replace(held, name=name)
        model = held_run(model) or model
    if not isinstance(model, Run | MLP | Recorded):
        from unknot.adapters.trace import trace_model

        refuse_arguments("a model", "only a run has checkpoints", checkpoint=checkpoint)
        return trace_model(
            model,
            data,
            lattice=lattice,
            batch_size=batch_size,
            path=path,
            layers=layers,
            reduce=reduce,
            points="rows" if points is None else points,
            head=head,
            memory=memory,
            max_points=max_points,
            progress=progress,
            name=name,
            colour=colour,
            held_out=held_out,
            identity=identity,
        )
    refuse_arguments("a network of unknot's own", "it is one chain of known maps", **foreign)
    if not isinstance(model, MLP):
        refuse_arguments("a run", "it knows which of its points were held out", **told)
    if isinstance(model, Recorded) or not isinstance(model, Run):
        refuse_arguments("a bare network", "only a run has checkpoints", checkpoint=checkpoint)
    rows = as_rows(batch_size) or BATCH
    given = None if data is None else points_for(model, data)
    if given is not None and held_out is not None:
        given = replace(given, held_out=held_out)
    traced = _trace_own(model, given, -1 if checkpoint is None else checkpoint, lattice, rows)
    traced = with_layers(traced, layers)
    traced = traced if identity is None else replace(traced, identity=identity)
    return traced if name is None else replace(traced, name=name)


def _trace_own(
    model: Run | MLP | Recorded,
    data: Dataset | None,
    checkpoint: int,
    lattice: bool,
    batch_size: int,
) -> Trace:
    title, run = _when(model, checkpoint), model
    model, data = _resolve(model, data, checkpoint)
    held_out = run.held_out_among(data) if isinstance(run, Run) else data.held_out
    if isinstance(model, Recorded):
        about = {"name": data.name + title, "bayes_accuracy": data.bayes_accuracy}
        return replace(model.of(data), **about, held_out=held_out, identity=data.identity)
    steps = list(model.maps())
    n_in = model.layers[0].weight.shape[0]
    if data.n_features != n_in:
        raise UsageError(
            f"The network takes {n_in} features; {data.name!r} has {data.n_features}.\n"
            "Trace the data it was trained on, or data with the same features."
        )
    # What is not finite is refused with a sentence below.
    with np.errstate(over="ignore", invalid="ignore"):
        clouds = _forward(data.x, [map_ for _, map_ in steps], batch_size)
    names = ["input", *(name for name, _ in steps)]
    units = {0: data.feature_names}
    if model.scaling is not None:
        units[1] = tuple(f"{name}, scaled" for name in data.feature_names)
    if data.output is not None and clouds[-1].shape[1] == len(data.output.names):
        units[len(steps)] = data.output.names
    result = Trace(
        representations=tuple(
            Representation(name, values, unit_names(values.shape[1], units.get(k)))
            for k, (name, values) in enumerate(zip(names, clouds, strict=True))
        ),
        maps=tuple(map_ for _, map_ in steps),
        labels=data.y,
        class_names=data.class_names,
        probabilities=_probabilities(model, clouds[-1], data.n_classes),
        name=data.name + title,
        bayes_accuracy=data.bayes_accuracy,
        notes=tuple(_notes(model)),
        colour="" if data.output is None else data.output.name,
        held_out=held_out,
        identity=data.identity,
    )
    return make_lattice(result) if lattice else result


def _resolve(
    model: Run | MLP | Recorded, data: Dataset | None, checkpoint: int
) -> tuple[MLP | Recorded, Dataset]:
    if isinstance(model, Run):
        n = len(model.checkpoints)
        if not -n <= checkpoint < n:
            raise UsageError(
                f"Checkpoint {checkpoint} does not exist: the run has {n}.\n"
                f"Choose 0 (before training) to {n - 1}, or −1 for the last."
            )
        return model.checkpoints[checkpoint].model, model.data if data is None else data
    if data is None:
        raise UsageError("A bare network knows no points: trace(model, data).")
    return model, data


def _when(model: Any, checkpoint: int) -> str:
    """For the title: the moment of a checkpoint that is not the last."""
    if not isinstance(model, Run) or checkpoint in (-1, len(model.checkpoints) - 1):
        return ""
    if not -len(model.checkpoints) <= checkpoint < len(model.checkpoints):
        return ""
    moment = model.checkpoints[checkpoint]
    if not moment.step:
        return ", before training"
    return f", step {moment.step:,}" if model.clock == "step" else f", epoch {moment.epoch:.2g}"


def _forward(x: Values, maps: list[KnownMap], batch_size: int) -> list[Values]:
    """All representations, in batches, each written straight to its place."""
    clouds: list[Values] = [x]
    clouds += [np.empty((len(x), width), np.float32) for width in widths(maps, x.shape[1])[1:]]
    for rows, made in blocks(maps, x, batch_size):
        for cloud, values in zip(clouds[1:], made[1:], strict=True):
            cloud[rows] = values
    return clouds


def _probabilities(model: MLP, output: Values, n_classes: int) -> Values | None:
    """None for a regression, and for points whose classes are not the network's."""
    made = np.hstack([1 - output, output]) if model.output == "sigmoid" else output
    return made if model.output != "linear" and made.shape[1] == n_classes else None


def _notes(model: MLP) -> list[Note]:
    notes: list[Note] = []
    for before, layer in pairwise(model.layers):
        n_in, n_out = layer.weight.shape
        if layer.name == "readout" and n_in > n_out:
            text = (
                f"The readout has {counted(n_out, 'unit')}: of the {n_in} units of {before.name} "
                f"only {counted(n_out, 'combination')} can pass (rank {n_out} at most)."
            )
            notes.append(Note(text, about=layer.name))
    return notes
