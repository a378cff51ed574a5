"""Callbacks that record a film: classes of Keras's and Lightning's own, made when they are here."""

import sys
from typing import TYPE_CHECKING, Any

from unknot.errors import UsageError

if TYPE_CHECKING:
    from unknot.film import Film


def keras_callback(film: "Film") -> Any:
    """A ``keras.callbacks.Callback`` for a film."""
    keras: Any = sys.modules.get("keras")
    if keras is None:
        raise UsageError("Keras is not imported.\nImport it and make the model first.")

    class Record(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.step = 0

        def on_train_begin(self, logs: Any = None) -> None:
            self._record(True)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.step += 1
            self._record(False)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            film.log(**keras_metrics(logs or {}))

        def on_train_end(self, logs: Any = None) -> None:
            self._record(True)

        def _record(self, always: bool) -> None:
            last = film.last_step
            if (always and last < self.step) or film.is_due(self.step):
                per_epoch = self.params.get("steps") or film.steps_per_epoch
                epoch = self.step / per_epoch if per_epoch else None
                film.record(self.model, step=self.step, epoch=epoch)

    return Record()


def keras_metrics(logs: dict[str, Any]) -> dict[str, float]:
    """Keras's names of metrics as a history has them."""
    found: dict[str, float] = {}
    for name, value in logs.items():
        kind = name.removeprefix("val_").removeprefix("train_")
        prefix = "validation_" if name.startswith("val_") else ""
        if kind == "loss":
            found[f"{prefix}loss"] = float(value)
        elif "acc" in kind:
            found.setdefault(f"{prefix}accuracy", float(value))
    return found


def lightning_callback(film: "Film") -> Any:
    """A ``Callback`` of Lightning's for a film."""
    lightning: Any = sys.modules.get("lightning.pytorch") or sys.modules.get("pytorch_lightning")
    if lightning is None:
        raise UsageError("Lightning is not imported.\nImport it and make the model first.")

    class Record(lightning.Callback):
        def on_train_start(self, trainer: Any, pl_module: Any) -> None:
            self._record(trainer, pl_module, True)

        def on_train_batch_end(self, trainer: Any, pl_module: Any, *rest: Any) -> None:
            self._record(trainer, pl_module, False)

        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            film.log(**keras_metrics(trainer.callback_metrics))

        def on_train_end(self, trainer: Any, pl_module: Any) -> None:
            self._record(trainer, pl_module, True)

        def _record(self, trainer: Any, module: Any, always: bool) -> None:
            step = trainer.global_step
            due = film.is_due(step) or always
            if step > film.last_step and due:
                batches = trainer.num_training_batches
                film.record(module, step=step, epoch=step / batches if batches else None)

    return Record()
