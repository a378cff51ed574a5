"""The network kept of each width, as a Run that every view takes."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from unknot.datasets.dataset import Dataset
from unknot.traces.run import Checkpoint, History, Run
from unknot.width.batch import Outcome
from unknot.width.points import Points
from unknot.width.stack import as_mlp

if TYPE_CHECKING:
    from unknot.width.programs import Recipe


def as_run(recipe: "Recipe", data: Dataset, points: Points, outcomes: Sequence[Outcome]) -> Run:
    """The best network of all batches of a width, chosen by its training points."""
    kept = max(outcomes, key=lambda outcome: outcome.merit)
    n_training = points.x.shape[1]
    seed, restart = kept.seeds[kept.best]
    checkpoints = tuple(
        Checkpoint(
            step=step,
            epoch=step * recipe.batch_size / n_training,
            model=as_mlp(recipe.network, weights, points.scaling),
        )
        for step, weights in zip(kept.steps, kept.checkpoints, strict=True)
    )
    loss, accuracy = kept.history.astype(np.float64).tolist()
    return Run(
        model=checkpoints[-1].model,
        history=History(loss=tuple(loss), accuracy=tuple(accuracy)),
        checkpoints=checkpoints,
        data=data,
        validation_rows=points.held_out_rows,
        settings={
            "hidden": list(kept.hidden),
            "readout": recipe.network.sizes[-2] if "readout" in recipe.network.names else None,
            "activation": [kept.activation] * len(kept.hidden),
            "optimizer": recipe.optimizer,
            "learning_rate": recipe.learning_rate,
            "steps": recipe.steps,
            "batch_size": recipe.batch_size,
            "seed": seed,
            "restart": restart,
        },
    )


def data_print(data: Dataset) -> str:
    """A short text that differs for different points or labels."""
    digest = hashlib.sha256()
    for array in (data.x, data.y):
        digest.update(str((array.shape, array.dtype.name)).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:24]
