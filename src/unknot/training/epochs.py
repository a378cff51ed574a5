"""The loop over epochs: it runs the compiled steps, records metrics and takes checkpoints."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from unknot.errors import UnknotError
from unknot.training.compilation import Programs
from unknot.training.interrupt import Interrupt
from unknot.training.network import Parameters
from unknot.training.optimisers import default_learning_rate
from unknot.training.pace import Pace
from unknot.training.progress import Show
from unknot.training.steps import Recipe, Record, State, n_batches, padded_order

Metrics = dict[str, float]
Callback = Callable[[int, Metrics], object]
Rows = tuple[Any, Any]


@dataclass
class Journal:
    """What training leaves behind, filled as it goes.

    Attributes
    ----------
    state : parameters and optimiser state after `step` steps
    step : int
    checkpoints : list of (step, parameters)
    metrics : list of dict
        One an epoch that was finished: ``loss``, ``accuracy``, ``validation_loss``, …
    interrupted : bool
    """

    state: State
    step: int = 0
    checkpoints: list[tuple[int, Parameters]] = field(default_factory=list[tuple[int, Parameters]])
    metrics: list[Metrics] = field(default_factory=list[Metrics])
    interrupted: bool = False

    def take_checkpoint(self) -> None:
        """Keep the parameters as they are now, unless that has just been done."""
        if not self.checkpoints or self.checkpoints[-1][0] != self.step:
            self.checkpoints.append((self.step, self.state[0]))


@dataclass(frozen=True)
class Training:
    """One training run: what it needs and does not change; ``run`` does it.

    Attributes
    ----------
    recipe, programs : what to train, and the same compiled
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
    loss_unit : float
        What a loss of 1 is in the units of the data.
    """

    recipe: Recipe
    programs: Programs
    training: Rows
    validation: Rows
    epochs: int
    checkpoint_steps: tuple[int, ...]
    random: np.random.Generator
    callback: Callback | None
    interrupt: Interrupt
    show: Show
    loss_unit: float = 1.0

    def run(self, parameters: Parameters) -> Journal:
        """Train from `parameters`."""
        journal = Journal((parameters, self.programs.start(parameters)))
        journal.take_checkpoint()
        rows, held_out = jax.device_put((self.training, self._whole_blocks()))
        training_pace, evaluation_pace = Pace(self.interrupt), Pace(self.interrupt)
        for epoch in range(1, self.epochs + 1):
            metrics = self._train(rows, journal, training_pace)
            if metrics is not None and self.programs.evaluate is not None:
                held_out_metrics = self._evaluate(held_out, journal, evaluation_pace)
                metrics = None if held_out_metrics is None else metrics | held_out_metrics
            if metrics is None:
                break
            journal.metrics.append(metrics)
            if self._told_to_stop(epoch, metrics) or self.interrupt.requested:
                break
        journal.interrupted = self.interrupt.requested and len(journal.metrics) < self.epochs
        journal.take_checkpoint()
        return journal

    def _train(self, rows: Rows, journal: Journal, pace: Pace) -> Metrics | None:
        """One epoch, from the journal's state on; None when it was interrupted."""
        n_rows, size = len(rows[1]), self.recipe.batch_size
        n_steps = n_batches(n_rows, size)
        x, y = self.programs.gather(*rows, padded_order(self.random.permutation(n_rows), size))
        first = journal.step
        # A call ends where a checkpoint is due.
        due = [step - first for step in self.checkpoint_steps if first < step < first + n_steps]
        sums = np.zeros((2, n_steps))
        for start, stop in pace.spans([*due, n_steps]):
            journal.state, record = self.programs.train(journal.state, x, y, n_rows, start, stop)
            sums[:, start:stop] = _on_host(record, stop - start)
            finite = np.isfinite(sums[0, start:stop])
            if not finite.all():
                raise self._diverged("the loss", first + start + int(np.argmin(finite)) + 1)
            journal.step = first + stop
            if journal.step in self.checkpoint_steps:
                journal.take_checkpoint()
            self._show(journal.step, sums[:, :stop], min(stop * size, n_rows))
        if journal.step < first + n_steps:
            return None
        if not all(np.isfinite(part).all() for part in jax.tree.leaves(journal.state[0])):
            raise self._diverged("a weight", journal.step)
        return self._metrics(sums, n_rows)

    def _evaluate(self, rows: Rows, journal: Journal, pace: Pace) -> Metrics | None:
        """Metrics of the validation rows; None when it was interrupted."""
        n_rows = len(self.validation[1])
        n_blocks = n_batches(n_rows, self.recipe.rows_per_block(n_rows))
        sums = np.zeros((2, n_blocks))
        stop = 0
        for start, stop in pace.spans([n_blocks]):
            record = self.programs.evaluate(journal.state[0], *rows, n_rows, start, stop)
            sums[:, start:stop] = _on_host(record, stop - start)
        if stop < n_blocks:
            return None
        if not np.isfinite(sums[0]).all():
            raise self._diverged("the validation loss", journal.step)
        return {f"validation_{name}": value for name, value in self._metrics(sums, n_rows).items()}

    def _whole_blocks(self) -> Rows:
        """The validation rows, filled up to the whole blocks of an evaluation."""
        x, y = self.validation
        if not len(y):
            return x, y
        order = padded_order(np.arange(len(y)), self.recipe.rows_per_block(len(y)))
        return x[order], y[order]

    def _metrics(self, sums: NDArray[np.float64], n_rows: int) -> Metrics:
        """Means over rows from the sums (2, n_batches) of losses and of correct rows."""
        loss, correct = (sums.sum(axis=1) / n_rows).tolist()
        return {"loss": loss * self.loss_unit} | (
            {} if self.recipe.network.output == "linear" else {"accuracy": correct}
        )

    def _show(self, step: int, sums: NDArray[np.float64], n_rows: int) -> None:
        values = self._metrics(sums, n_rows).items()
        self.show(step, "  ".join(f"{name} {value:.4f}" for name, value in values))

    def _told_to_stop(self, epoch: int, metrics: Metrics) -> bool:
        try:
            return self.callback is not None and self.callback(epoch, dict(metrics)) is True
        except KeyboardInterrupt:
            self.interrupt.requested = True
            return True

    def _diverged(self, what: str, step: int) -> UnknotError:
        recipe = self.recipe
        n_steps = n_batches(len(self.training[1]), recipe.batch_size)
        return UnknotError(
            f"Training diverged: {what} is not finite at step {step:,} "
            f"(epoch {-(-step // n_steps)}) with learning rate {recipe.learning_rate}.\n"
            f"Try a smaller learning rate ({recipe.optimizer}'s usual one is "
            f"{default_learning_rate(recipe.optimizer)}) or standardise=True."
        )


def _on_host(record: Record, n: int) -> NDArray[np.float32]:
    """The first `n` entries of a record, (2, n)."""
    return np.stack([np.asarray(sums)[:n] for sums in record])
