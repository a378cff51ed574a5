"""Data that can be trained on, and networks that fit in memory."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from unknot.datasets.dataset import Dataset
from unknot.errors import UsageError
from unknot.training.checkpoints import checkpoint_steps
from unknot.training.network import output_of
from unknot.training.settings import Settings

MAX_WIDTH = 10_000
MAX_WEIGHTS = 20_000_000
#: Of the values of one batch, and of all checkpoints together.
MAX_BYTES = 2_000_000_000


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
    n_weights = sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes))
    if n_weights > MAX_WEIGHTS or max(sizes[1:]) > MAX_WIDTH:
        raise UsageError(
            f"A network of widths {_shape(sizes)} has {n_weights:,} weights "
            f"({_bytes(4 * n_weights)});\nallowed: at most {MAX_WIDTH:,} units a layer and "
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
    if 4 * n_weights * len(steps) > MAX_BYTES:
        raise UsageError(
            f"{len(steps):,} checkpoints of {n_weights:,} weights take "
            f"{_bytes(4 * n_weights * len(steps))}; allowed: at most {_bytes(MAX_BYTES)}.\n"
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
    finite = np.isfinite(data.x).all(axis=1) & np.isfinite(data.y)
    if not finite.all():
        raise UsageError(
            f"Row {int(np.argmin(finite))} of the data has a NaN or an infinity "
            f"({int((~finite).sum()):,} rows have).\nLeave such rows out or fill them in."
        )
    if data.task == "regression":
        return
    if data.n_classes < 2 or len(np.unique(data.y)) < 2:
        raise UsageError(
            "The data have one class only; a classifier needs rows of at least two.\n"
            "Choose another label, or leave out class names for a regression."
        )
    if data.y.min() < 0 or data.y.max() >= data.n_classes:
        raise UsageError(
            f"Labels run from {data.y.min()} to {data.y.max()} but there are {data.n_classes} "
            f"class names.\nLabels are class numbers from 0 to {data.n_classes - 1}."
        )
