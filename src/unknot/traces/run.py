"""The Run: a trained network, how it got there, and the data it was trained on."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset, classes_text, shortened
from unknot.datasets.labels import counted
from unknot.network.mlp import MLP
from unknot.traces.recorded import Recorded


@dataclass(frozen=True, eq=False)
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


def accuracy_text(history: History, n_held_out: int) -> str:
    """``"held out 96.7 % (training 99.9 %)"`` after the last epoch; empty without an accuracy."""
    training, held_out = history.accuracy[-1:], history.validation_accuracy[-1:]
    if n_held_out and held_out:
        also = f" (training {100 * training[0]:.1f} %)" if training else ""
        return f"held out {100 * held_out[0]:.1f} %{also}"
    return f"training {100 * training[0]:.1f} %, nothing held out" if training else ""


@dataclass(frozen=True, eq=False, repr=False)
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

    def __repr__(self) -> str:
        data = self.data
        lines = [
            f"Run on {shortened(data.name)!r}: {counted(data.n_points, 'point')}, "
            f"{classes_text(data.class_names, data.y)}",
            f"  {shortened(self.model.architecture, 90)}",
            f"  {self._training}",
        ]
        reached = accuracy_text(self.history, len(self.validation_rows))
        if reached:
            best = data.bayes_accuracy
            also = "" if best is None else f"; best possible {100 * best:.1f} %"
            lines.append(f"  {reached}{also}")
        return "\n".join(lines)

    @property
    def _training(self) -> str:
        last = self.checkpoints[-1]
        length = f"{last.step:,} steps"
        if self.clock == "epoch":
            length += f" ({last.epoch:g} epochs)"
        stopped = ", interrupted" if self.interrupted else ""
        return f"{length}, {counted(len(self.checkpoints), 'checkpoint')}{stopped}"

    def _repr_html_(self) -> str:
        from unknot.doors import preview

        return preview(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the run to a safetensors file, whole or not at all. Read it with ``load``."""
        from unknot.traces.storage import save

        return save(self, path)

    @property
    def clock(self) -> str:
        """``"epoch"``, or ``"step"`` where nobody said how many steps an epoch has."""
        in_steps = not self.settings and all(c.epoch == c.step for c in self.checkpoints)
        return "step" if in_steps and len(self.checkpoints) > 1 else "epoch"
