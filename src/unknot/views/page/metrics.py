"""Loss and accuracy at every checkpoint: what the page draws over the slider of the training."""

from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import spread_rows
from unknot.datasets.labels import labelled_rows
from unknot.network.maps import Activation, Softmax
from unknot.network.mlp import log_probabilities_of
from unknot.traces.goodness import determination
from unknot.traces.recorded import Recorded
from unknot.traces.representation import Trace
from unknot.traces.run import Checkpoint, History, Run
from unknot.traces.tracing import trace
from unknot.views.page.excerpt import Excerpt

#: Rows of each part that the metrics are worked out from, spread evenly: an accuracy has a
#: standard error of 0.004 at most.
MOST_ROWS = 20_000
#: The smallest probability whose logarithm is taken.
LEAST = 1e-12

Metrics = dict[str, list[float | None]]


def checkpoint_metrics(excerpt: Excerpt) -> Metrics | None:
    """Loss and accuracy of training and held-out points at each checkpoint that the page carries.

    They are worked out from the network as it was, so they are known before the first epoch has
    ended, and of any run.

    Returns
    -------
    dict or None
        ``loss``, ``accuracy``, ``validation_loss``, ``validation_accuracy``: one number a
        checkpoint, None where it is not finite; empty lists where there is nothing to tell. The
        loss is the mean cross-entropy, of a regression the mean squared error, and in place of
        accuracy stands R². None for a trace.
    """
    run = excerpt.source
    if not isinstance(run, Run):
        return None
    training, held_out = _parts(run)
    loss, accuracy = _judged(run, excerpt.checkpoints, training)
    validation_loss, validation_accuracy = _judged(run, excerpt.checkpoints, held_out)
    history = History(loss, accuracy, validation_loss, validation_accuracy)
    return {
        name: [round(v, 6) if np.isfinite(v) else None for v in values]
        for name, values in asdict(history).items()
    }


def _parts(run: Run) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows that were trained on and rows that were not, those with a label, spread evenly."""
    rows = labelled_rows(run.data.y)
    is_held_out = np.isin(rows, run.validation_rows)
    parts = rows[~is_held_out], rows[is_held_out]
    training, held_out = (part[spread_rows(len(part), MOST_ROWS)] for part in parts)
    return training, held_out


def _judged(
    run: Run, checkpoints: tuple[Checkpoint, ...], rows: NDArray[np.int64]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Losses and accuracies, one a checkpoint."""
    if not len(rows):
        return (), ()
    data = run.data.take(rows)
    traces = (
        c.model.trace.take(rows)
        if isinstance(c.model, Recorded)
        else trace(c.model, data, lattice=False)
        for c in checkpoints
    )
    # Of a trace only these are kept: a recording's are large.
    judged = [(_loss(each), _score(each)) for each in traces]
    losses = tuple(loss for loss, _ in judged if loss is not None)
    accuracies = tuple(accuracy for _, accuracy in judged if accuracy is not None)
    complete = len(checkpoints)
    return (
        losses if len(losses) == complete else (),
        accuracies if len(accuracies) == complete else (),
    )


def _score(of: Trace) -> float | None:
    """Accuracy, of a target R²."""
    if of.labels.dtype.kind == "i":
        return of.accuracy
    return None if of.predictions is None else determination(of.labels, of.predictions)


def _loss(of: Trace) -> float | None:
    """Mean cross-entropy or squared error; None where the output is neither of the two."""
    if of.labels.dtype.kind != "i":
        said = of.predictions
        return None if said is None else float(np.mean((said.astype(np.float64) - of.labels) ** 2))
    p = of.probabilities
    if p is None or p.shape != (of.n_points, of.n_classes):
        return None
    labels = of.labels.astype(np.int64)
    last = of.maps[-1] if of.maps else None
    if isinstance(last, Softmax) or last == Activation("sigmoid"):
        logarithms = log_probabilities_of(of.representations[-2].values)
    else:
        logarithms = np.log(np.maximum(p.astype(np.float64), LEAST))
    return -float(logarithms[np.arange(len(labels)), labels].mean())
