"""Callbacks that record a film: classes of Keras's and Lightning's own, made when they are here."""

import sys
from typing import TYPE_CHECKING, Any

from unknot.errors import UsageError

if TYPE_CHECKING:
    from unknot.record.film import Film


def keras_callback(film: "Film") -> Any:
    """A ``keras.callbacks.Callback`` for a film."""
    keras: Any = sys.modules.get("keras")
    if keras is None:
        raise UsageError("Keras is not imported.\nImport it and make the model first.")

    class Record(keras.callbacks.Callback):
        def __init__(self) -> None:
            base: Any = super()
            base.__init__()
            self._start = 0  # of this epoch, in steps over all trainings of the film
            self._done = 0  # steps of this epoch
            self._epochs = 0.0
            self._old_style = False

        def on_train_begin(self, logs: Any = None) -> None:
            self._start = max(self._start + self._done, film.last_step, 0)
            self._epochs = max(self._epochs, film.last_epoch)
            self._done = 0
            self._record(True)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self._done = self._steps(batch)
            self._record(False)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            film.log(**keras_metrics(logs or {}))
            self._start, self._done = self._start + self._done, 0
            self._epochs += 1

        def on_train_end(self, logs: Any = None) -> None:
            self._record(True)

        def _steps(self, batch: int) -> int:
            """Of this epoch: one call of the callback may be for several."""
            at_once = getattr(self._model, "steps_per_execution", 1) or 1
            if not self._done:
                # Some versions of Keras give the first batch of the call, others the last.
                self._old_style = batch == 0 and at_once > 1
            done = batch + at_once if self._old_style else batch + 1
            return min(done, self.params.get("steps") or done)

        def _record(self, always: bool) -> None:
            step = self._start + self._done
            if (always and film.last_step < step) or film.is_due(step):
                per_epoch = self.params.get("steps") or film.steps_per_epoch
                part = self._done / per_epoch if per_epoch else 0.0
                film.record(self.model, step=step, epoch=self._epochs + part)

    return Record()


def keras_metrics(logs: dict[str, Any]) -> dict[str, float]:
    """Keras's names of metrics as a history has them."""
    metrics: dict[str, float] = {}
    for name, value in logs.items():
        kind = name.removeprefix("val_").removeprefix("train_")
        prefix = "validation_" if name.startswith("val_") else ""
        if kind == "loss":
            metrics[f"{prefix}loss"] = float(value)
        elif "acc" in kind:
            metrics.setdefault(f"{prefix}accuracy", float(value))
    return metrics


def lightning_callback(film: "Film") -> Any:
    """A ``Callback`` of Lightning's for a film."""
    lightning: Any = sys.modules.get("lightning.pytorch") or sys.modules.get("pytorch_lightning")
    if lightning is None:
        raise UsageError("Lightning is not imported.\nImport it and make the model first.")

    class Record(lightning.Callback):
        def __init__(self) -> None:
            base: Any = super()
            base.__init__()
            # What the film had before a trainer that counts from the beginning.
            self._steps_before, self._epochs_before = 0, 0.0
            self._epoch = 0.0

        def on_train_start(self, trainer: Any, pl_module: Any) -> None:
            self._steps_before = max(0, film.last_step - trainer.global_step)
            self._epochs_before = max(0.0, film.last_epoch - trainer.current_epoch)
            self._epoch = trainer.current_epoch
            self._record(trainer, pl_module, True)

        def on_train_batch_end(self, trainer: Any, pl_module: Any, *rest: Any) -> None:
            # A step may take several batches, so epochs are counted in batches.
            batch: int = rest[2] if len(rest) > 2 else 0
            self._epoch = trainer.current_epoch + (batch + 1) / trainer.num_training_batches
            self._record(trainer, pl_module, False)

        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            film.log(**keras_metrics(trainer.callback_metrics))
            self._epoch = trainer.current_epoch + 1

        def on_train_end(self, trainer: Any, pl_module: Any) -> None:
            self._record(trainer, pl_module, True)

        def _record(self, trainer: Any, module: Any, always: bool) -> None:
            step = trainer.global_step + self._steps_before
            due = film.is_due(step) or always
            if step > film.last_step and due:
                film.record(module, step=step, epoch=self._epoch + self._epochs_before)

    return Record()
