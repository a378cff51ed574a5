"""The Run: a trained network, how it got there, and the data it was trained on."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset
from unknot.network.mlp import MLP
from unknot.traces.recorded import Recorded


@dataclass(frozen=True)
class Checkpoint:
    """The network's weights at one moment of training.

    Attributes
    ----------
    step : int
        Optimiser steps taken so far; 0 is before training.
    epoch : float
        The same moment in epochs: ``step / steps_per_epoch``.
    model : MLP or Recorded
        Recorded: of another framework, with maps that are not all known.
    """

    step: int
    epoch: float
    model: MLP | Recorded


@dataclass(frozen=True)
class History:
    """Metrics, one number an epoch; empty tuples where there is nothing to report.

    ``accuracy`` and ``validation_accuracy`` stay empty for regression, the validation lists when
    no data was held out. ``loss`` and ``accuracy`` are means over the epoch's batches, as they
    were seen during training.
    """

    loss: tuple[float, ...] = ()
    accuracy: tuple[float, ...] = ()
    validation_loss: tuple[float, ...] = ()
    validation_accuracy: tuple[float, ...] = ()


@dataclass(frozen=True)
class Run:
    """What ``fit`` returns.

    Attributes
    ----------
    model : MLP or Recorded
        The network after the last step.
    history : History
    checkpoints : tuple of Checkpoint
        Dense early, where most changes, and sparse later; the first is before training, the
        last is `model`.
    data : Dataset
        All points, training and held out, in the order given.
    validation_rows : (n_validation,) int64
        Rows of `data` that were held out.
    settings : dict
        The arguments of ``fit`` (``hidden``, ``optimizer``, ``seed``, …). JSON values only.
    seconds : dict
        Wall time by phase: ``compile``, ``train``. Never saved: files depend on the seed alone.
    interrupted : bool
        True when Ctrl-C ended the training early.
    """

    model: MLP | Recorded
    history: History
    checkpoints: tuple[Checkpoint, ...]
    data: Dataset
    validation_rows: NDArray[np.int64]
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    interrupted: bool = False

    @property
    def clock(self) -> str:
        """``"epoch"``, or ``"step"`` where nobody said how many steps an epoch has."""
        in_steps = not self.settings and all(c.epoch == c.step for c in self.checkpoints)
        return "step" if in_steps and len(self.checkpoints) > 1 else "epoch"
