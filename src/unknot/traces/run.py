"""The Run: a trained network, how it got there, and the data it was trained on."""

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset, classes_text, shortened
from unknot.datasets.held_out import as_held_out
from unknot.datasets.labels import counted
from unknot.network.mlp import MLP
from unknot.traces.accuracy import Accuracies, percent
from unknot.traces.goodness import Goodness
from unknot.traces.recorded import Recorded
from unknot.traces.trace_checks import NotFiniteError

if TYPE_CHECKING:
    from unknot.traces.representation import Trace


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


#: Values of all layers for which the accuracies of the trained network are worked out.
MOST_VALUES = 20_000_000


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

    @property
    def reached(self) -> Accuracies:
        """The accuracies after the last epoch, of points held out and trained on."""
        training, held_out = self.accuracy[-1:], self.validation_accuracy[-1:]
        return Accuracies(*(values[0] if values else None for values in (held_out, training)))


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
        try:
            reached = self._reached
        except NotFiniteError:
            reached = "its outputs are not finite numbers"
        return "\n".join([*lines, f"  {reached}"] if reached else lines)

    @cached_property
    def accuracies(self) -> Accuracies:
        """The accuracies of the network after the last step, held out and training apart.

        Of a recorded run, and where the points are very many, those of the history: its training
        accuracy is the mean over the last epoch's batches.
        """
        return self._traced.accuracies if self._is_small else self.history.reached

    @cached_property
    def goodness(self) -> Goodness:
        """Of a number to predict: R² and error after the last step, held out and training apart.

        Empty of classes, of a recorded run, and where the points are very many.
        """
        if self.data.class_names or not self._is_small:
            return Goodness()
        return self._traced.goodness

    @property
    def _is_small(self) -> bool:
        """Whether all points are quickly traced; of a recorded run nothing is traced."""
        n_units = sum(dense.weight.shape[1] for dense in getattr(self.model, "layers", ()))
        return 0 < self.data.n_points * n_units <= MOST_VALUES

    @property
    def _traced(self) -> "Trace":
        from unknot.traces.tracing import trace

        return trace(self, lattice=False)

    @property
    def _reached(self) -> str:
        if not self.data.class_names:
            return "; ".join(self.goodness.facts)
        reached = self.accuracies
        if self.held_out is None and reached.held_out is None and reached.training is not None:
            return f"training {percent(reached.training)}"  # nobody said what was held out
        return "; ".join(reached.beside(self.data.bayes_accuracy))

    @property
    def held_out(self) -> NDArray[np.bool_] | None:
        """(n_points,) True for a point that was not trained on; None where nobody knows.

        Of a film nobody does, unless it was told.
        """
        is_told = bool(self.settings) or self.data.held_out is not None
        if not is_told and not len(self.validation_rows):
            return None
        return as_held_out(self.validation_rows, self.data.n_points)

    def held_out_among(self, data: Dataset) -> NDArray[np.bool_] | None:
        """Which of some points the network was not trained on; None where nobody knows.

        Parameters
        ----------
        data : Dataset
            The run's own points, some of them, or others: a point was trained on when its
            features are those of a row that was.
        """
        held_out = self.held_out
        if held_out is None or data.n_features != self.data.n_features:
            return data.held_out
        if data is self.data or np.array_equal(data.x, self.data.x):
            return held_out
        trained = {row.tobytes() for row in self.data.x[~held_out] + np.float32(0)}
        return np.array([row.tobytes() not in trained for row in data.x + np.float32(0)], np.bool_)

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
