"""The loop over epochs: it runs the compiled steps, records metrics and takes checkpoints."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import jax
import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import spread_rows
from unknot.errors import UnknotError
from unknot.network.mlp import MLP
from unknot.network.optimisers import optimisers
from unknot.progress import Show
from unknot.training.compilation import Programs, Rows
from unknot.training.interrupt import Interrupt, Pace
from unknot.training.live import Live
from unknot.training.programs import State, n_batches

Metrics = dict[str, float]
Callback = Callable[[int, Metrics], object]
Weights = NDArray[np.float32]


@dataclass
class Journal:
    """What training leaves behind, filled as it goes.

    Attributes
    ----------
    state : weights (1, n_weights) and optimiser state after `step` steps
    step : int
    checkpoints : list of (step, weights)
    metrics : list of dict
        One an epoch that was finished: ``loss``, ``accuracy``, ``validation_loss``, …
    interrupted : bool
    """

    state: State
    step: int = 0
    checkpoints: list[tuple[int, Weights]] = field(default_factory=list[tuple[int, Weights]])
    metrics: list[Metrics] = field(default_factory=list[Metrics])
    interrupted: bool = False

    def take_checkpoint(self) -> None:
        """Keep the weights as they are now, unless that has just been done."""
        if not self.checkpoints or self.checkpoints[-1][0] != self.step:
            self.checkpoints.append((self.step, np.asarray(self.state[0])[0]))


@dataclass(frozen=True)
class Training:
    """One training run: what it needs and does not change; ``run`` does it.

    Attributes
    ----------
    programs : Programs
    training, validation : rows and labels; validation may have no rows
    epochs : int
    checkpoint_steps : tuple of int, ascending
    random : Generator
        Draws the order of the rows, anew in every epoch.
    callback : function or None
        Called with the epoch and its metrics; training ends when it returns True.
    interrupt : Interrupt
    show : function
        Moves the progress bar.
    live : Live
        Draws the epochs that are done.
    loss_unit : float
        What a loss of 1 is in the units of the data.
    """

    programs: Programs
    training: Rows
    validation: Rows
    epochs: int
    checkpoint_steps: tuple[int, ...]
    random: np.random.Generator
    callback: Callback | None
    interrupt: Interrupt
    show: Show
    live: Live
    loss_unit: float = 1.0

    def run(self, weights: Weights) -> Journal:
        """Train from `weights` (n_weights,)."""
        rows, held_out = cast("Any", jax).device_put((self.training, self.validation))
        journal = Journal((weights[None], self.programs.start(weights[None])))
        journal.take_checkpoint()
        training_pace, evaluation_pace = Pace(self.interrupt), Pace(self.interrupt)
        for epoch in range(1, self.epochs + 1):
            metrics = self._train(rows, journal, training_pace)
            if metrics is not None and len(held_out[1]):
                held_out_metrics = self._evaluate(held_out, journal, evaluation_pace)
                metrics = None if held_out_metrics is None else metrics | held_out_metrics
            if metrics is None:
                break
            journal.metrics.append(metrics)
            self.live.epoch(metrics)
            if self._ends_here(epoch, metrics) or self.interrupt.requested:
                break
        journal.interrupted = self.interrupt.requested and len(journal.metrics) < self.epochs
        journal.take_checkpoint()
        return journal

    def _train(self, rows: Rows, journal: Journal, pace: Pace) -> Metrics | None:
        """One epoch, from the journal's state on; None when it was interrupted."""
        n_rows, size = len(rows[1]), self.programs.recipe.batch_size
        n_steps = n_batches(n_rows, size)
        rows = self.programs.gather(*rows, self.random.permutation(n_rows).astype(np.int32))
        first = journal.step
        # A call ends where a checkpoint is due.
        due = [step - first for step in self.checkpoint_steps if first < step < first + n_steps]
        sums = np.zeros((2, n_steps))
        for start, stop, state, of_batches in self.programs.steps(
            journal.state, rows, [*due, n_steps], pace
        ):
            journal.state = state
            sums[:, start:stop] = of_batches[:, :, 0]
            finite = np.isfinite(sums[0, start:stop])
            if not finite.all():
                raise self._diverged("the loss", first + start + int(np.argmin(finite)) + 1)
            journal.step = first + stop
            if journal.step in self.checkpoint_steps:
                journal.take_checkpoint()
            self._show(journal.step, sums[:, :stop].sum(axis=1), min(stop * size, n_rows))
        if journal.step < first + n_steps:
            return None
        if not np.isfinite(journal.state[0]).all():
            raise self._diverged("a weight", journal.step)
        return self._metrics(sums.sum(axis=1), n_rows)

    def _evaluate(self, rows: Rows, journal: Journal, pace: Pace) -> Metrics | None:
        """Metrics of the validation rows; None when it was interrupted."""
        sums = self.programs.sums(journal.state[0], rows, pace)
        if sums is None:
            return None
        if not np.isfinite(sums[0]).all():
            raise self._diverged("the validation loss", journal.step)
        metrics = self._metrics(sums[:, 0], len(rows[1]))
        return {f"validation_{name}": value for name, value in metrics.items()}

    def _metrics(self, sums: NDArray[np.float64], n_rows: int) -> Metrics:
        """Means over rows from the sums (2,) of losses and of correct rows."""
        loss, correct = (sums / n_rows).tolist()
        return {"loss": loss * self.loss_unit} | (
            {} if self.programs.recipe.network.output == "linear" else {"accuracy": correct}
        )

    def _show(self, step: int, sums: NDArray[np.float64], n_rows: int) -> None:
        values = self._metrics(sums, n_rows).items()
        self.show(step, "  ".join(f"{name} {value:.4f}" for name, value in values))

    def _ends_here(self, epoch: int, metrics: Metrics) -> bool:
        try:
            return self.callback is not None and self.callback(epoch, dict(metrics)) is True
        except KeyboardInterrupt:
            self.interrupt.requested = True
            return True

    def check_outputs(self, model: MLP, x: NDArray[np.floating], step: int) -> None:
        """The last step may leave finite weights of which no output is finite.

        Raises
        ------
        UnknotError
            Where one of some rows of `x`, spread over it, has such an output.
        """
        values = x[spread_rows(len(x), 2_000)]
        with np.errstate(all="ignore"):
            for _, map_ in model.maps():
                values = map_(values)
                if not np.isfinite(values).all():
                    raise self._diverged("an output of the network", step)

    def _diverged(self, what: str, step: int) -> UnknotError:
        recipe = self.programs.recipe
        n_steps = n_batches(len(self.training[1]), recipe.batch_size)
        return UnknotError(
            f"Training diverged: {what} is not finite at step {step:,} "
            f"(epoch {-(-step // n_steps)}) with learning rate {recipe.learning_rate}.\n"
            f"Try a smaller learning rate ({recipe.optimizer}'s usual one is "
            f"{optimisers[recipe.optimizer].learning_rate}) or standardise=True."
        )
