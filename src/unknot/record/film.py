"""Film: the training of a network of any framework, recorded moment by moment."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from unknot.adapters.points import as_points, few
from unknot.adapters.trace import trace_model
from unknot.datasets.dataset import shortened
from unknot.datasets.labels import counted
from unknot.errors import UnknotError, UsageError
from unknot.record.snapshots import Layer, Snapshot, map_layers, merged, networks, snapshot
from unknot.traces.run import Checkpoint, History, Run
from unknot.traces.trace_checks import NotFiniteError

#: More points than this are thinned out: every moment keeps what the network makes of them.
MOST_POINTS = 20_000


class Film:
    """Records a network while any training loop trains it.

    Parameters
    ----------
    data : Dataset, array or (array, array)
        The points to watch; of more than 20,000 so many are kept.
    steps_per_epoch : int, optional
        For the time axis; left out, time is in steps unless ``record`` is called with epochs.
    name : str, optional
        Of the data, for titles.
    colour : str or int, optional
        Of labels of several outputs, a column each: the one that colours.
    held_out : (n_points,) array of truths, or numbers of rows, optional
        Points that the network is not trained on: accuracies are then of these and of the others
        apart.
    identity : mapping, data frame, sequence of str or array of images, optional
        Who each point is, as for ``datasets.from_arrays``.
    **options
        As for ``trace``: ``path``, ``layers``, ``reduce``, ``head``, ``batch_size``.

    Examples
    --------
    >>> film = Film(data)  # doctest: +SKIP
    >>> for step, batch in enumerate(batches):  # doctest: +SKIP
    ...     if film.is_due(step):
    ...         film.record(model, step=step)
    ...     train(model, batch)
    >>> film.record(model, step=step + 1)  # how it ended  # doctest: +SKIP
    >>> animate(film.run(), "training.mp4", along="training")  # doctest: +SKIP
    """

    def __init__(
        self,
        data: Any,
        *,
        steps_per_epoch: int | None = None,
        name: str | None = None,
        colour: str | int | None = None,
        held_out: Any = None,
        identity: Any = None,
        **options: Any,
    ) -> None:
        if steps_per_epoch is not None and steps_per_epoch < 1:
            raise UsageError(f"steps_per_epoch is a number of 1 or more; got {steps_per_epoch!r}.")
        if options.get("points") not in (None, "rows"):
            raise UsageError(
                f"A film shows one point a row; got points={options['points']!r}.\n"
                "Leave points out, or trace the model at the end of its training."
            )
        points = as_points(
            data, name, several=True, colour=colour, held_out=held_out, identity=identity
        )
        self._points = few(points, MOST_POINTS)
        self.data = self._points.data
        self.steps_per_epoch = steps_per_epoch
        self._options = options
        self._snapshots: list[Snapshot] = []
        self._layers: tuple[Layer, ...] = ()
        self._history: dict[str, list[float]] = {}

    def __repr__(self) -> str:
        n = len(self._snapshots)
        if not n:
            return f"Film of {shortened(self.data.name)!r}: nothing is recorded yet"
        moments = f"{counted(n, 'moment')}, the last at step {self.last_step:,}"
        return f"Film of {shortened(self.data.name)!r}: {moments}"

    def _repr_html_(self) -> str:
        from unknot.doors import preview

        return preview(self)

    @property
    def last_step(self) -> int:
        """The step that was recorded last; −1 before the first."""
        return self._snapshots[-1].step if self._snapshots else -1

    @property
    def last_epoch(self) -> float:
        """The same in epochs; 0 before the first."""
        return self._snapshots[-1].epoch if self._snapshots else 0.0

    def is_due(self, step: int) -> bool:
        """Whether a moment is worth recording: dense early, where most changes, sparse later."""
        last = self.last_step
        return step >= max(last + 1, math.ceil(last * 1.25))

    def record(self, model: Any, *, step: int, epoch: float | None = None) -> None:
        """Keep what the network is now.

        Parameters
        ----------
        model
            As for ``trace``; it is left as it is.
        step : int
            Optimiser steps taken so far; more than at the moment before.
        epoch : float, optional
            The same in epochs.

        Raises
        ------
        UsageError
            When the step does not come after the one before.
        UnknotError
            When the network has other layers than before: other widths, or dense layers of other
            names. A map that cannot be recognised at every moment is no such reason. When its
            output is not finite, with the step.
        """
        if step <= self.last_step:
            raise UsageError(
                f"Step {step} does not come after step {self.last_step}, which was recorded "
                "last.\nCount steps over the whole training, not within an epoch."
            )
        try:
            traced = trace_model(
                model, self._points, lattice=False, progress=False, **self._options
            )
        except NotFiniteError as error:
            n = len(self._snapshots)
            kept = (
                f"film.run() has the {counted(n, 'moment')} before it" if n else "The film is empty"
            )
            raise UnknotError(
                f"The training diverged by step {step:,}: {str(error).splitlines()[0]}\n"
                f"{kept}; lower the learning rate."
            ) from error
        layers = map_layers(traced)
        if self._snapshots:
            layers = merged(self._layers, layers)
        if layers is None:
            raise UnknotError(
                f"The network has other layers than at step {self._snapshots[0].step}: "
                f"{', '.join(r.name for r in traced.representations[1:])}.\n"
                "Record one film a network."
            )
        self._layers = layers
        if traced.class_names != self.data.class_names:
            self.data = replace(self.data, y=traced.labels, class_names=traced.class_names)
        if epoch is None:
            epoch = step / (self.steps_per_epoch or 1)
        self._snapshots.append(snapshot(step, float(epoch), traced))

    def log(self, **metrics: float) -> None:
        """Keep an epoch's ``loss``, ``accuracy``, ``validation_loss``, ``validation_accuracy``."""
        allowed = History.__dataclass_fields__
        for name, value in metrics.items():
            if name not in allowed:
                raise UsageError(f"Unknown metric {name!r}.\nAllowed: {', '.join(allowed)}.")
            self._history.setdefault(name, []).append(float(value))

    def run(self) -> Run:
        """The training so far: goes wherever what ``fit`` returns goes.

        Raises
        ------
        UsageError
            When nothing was recorded.
        """
        if not self._snapshots:
            raise UsageError(
                "The film is empty.\nCall film.record(model, step=…) while the model is trained."
            )
        models = networks(self._snapshots, self.data)
        checkpoints = tuple(
            Checkpoint(each.step, each.epoch, model)
            for each, model in zip(self._snapshots, models, strict=True)
        )
        return Run(
            model=checkpoints[-1].model,
            history=History(**{name: tuple(values) for name, values in self._history.items()}),
            checkpoints=checkpoints,
            data=self.data,
            validation_rows=np.flatnonzero(
                np.zeros(0) if self.data.held_out is None else self.data.held_out
            ),
        )

    def keras_callback(self) -> Any:
        """For ``model.fit(…, callbacks=[film.keras_callback()])``."""
        from unknot.record.callbacks import keras_callback

        return keras_callback(self)

    def lightning_callback(self) -> Any:
        """For ``Trainer(callbacks=[film.lightning_callback()])``."""
        from unknot.record.callbacks import lightning_callback

        return lightning_callback(self)
