"""Results as they come, in memory and in a Parquet file, from which a search goes on."""

import hashlib
import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unknot.datasets.dataset import Dataset
from unknot.errors import UnknotError, UsageError
from unknot.files import check_suffix, whole_file
from unknot.width.batch import Outcome

if TYPE_CHECKING:
    import polars

#: The form of the file; a file of another form is refused.
FORM = 2
#: Writing may take this share of the time, so that it stays cheap as the file grows.
SHARE = 0.1


class Results:
    """Outcomes by their task's key, kept in a file if one is named.

    Parameters
    ----------
    path : path-like or None
        A ``.parquet`` file. What it holds of the same experiment is taken over.
    experiment : dict
        What all of its trainings have in common. JSON values only.

    Raises
    ------
    UsageError
        When the file holds another experiment, or is none of ours.
    """

    def __init__(self, path: str | os.PathLike[str] | None, experiment: dict[str, Any]) -> None:
        self._path = None if path is None else checked_path(path)
        self._experiment = {"form": FORM, **experiment}
        self._outcomes: dict[Any, Outcome] = {}
        self._frames: list[polars.DataFrame] = []
        self._next_write = 0.0
        self._unsaved = False
        if self._path is not None and self._path.exists():
            self._take_over(self._path)

    def __contains__(self, key: object) -> bool:
        return key in self._outcomes

    def __getitem__(self, key: Any) -> Outcome:
        return self._outcomes[key]

    def add(self, outcome: Outcome) -> None:
        """Keep an outcome, and write the file if it is time to."""
        self._outcomes[outcome.key] = outcome
        if self._path is None:
            return
        self._frames.append(as_frame(outcome, self._experiment))
        self._unsaved = True
        if time.monotonic() >= self._next_write:
            self.save()

    def save(self) -> None:
        """Write what is not yet written."""
        if self._path is None or not self._unsaved:
            return
        import polars

        began = time.monotonic()
        self._frames = [polars.concat(self._frames)]
        with whole_file(self._path) as temporary:
            try:
                self._frames[0].write_parquet(temporary)
            except polars.exceptions.PolarsError as error:
                # polars wraps what the system said, a full disk for one.
                raise OSError(str(error).rpartition("IO error: ")[2]) from error
        ended = time.monotonic()
        self._next_write = ended + (ended - began) / SHARE
        self._unsaved = False

    def _take_over(self, path: Path) -> None:
        import polars

        try:
            frame = polars.read_parquet(path)
        except (polars.exceptions.PolarsError, OSError) as error:
            raise UsageError(
                f"{path} is not a whole Parquet file: {str(error).splitlines()[0][:120]}.\n"
                "Name another file, or remove this one."
            ) from error
        if list(frame.schema) != list(SCHEMA) or not frame.height:
            raise UsageError(
                f"{path} holds no trainings of unknot width.\n"
                "Name another file, or remove this one."
            )
        for text in frame["experiment"].unique().to_list():
            self._check_same(path, json.loads(text))
        for outcome in as_outcomes(frame):
            self._outcomes[outcome.key] = outcome
        self._frames = [frame]

    def _check_same(self, path: Path, other: dict[str, Any]) -> None:
        names = [*self._experiment, *(name for name in other if name not in self._experiment)]
        differing = [n for n in names if other.get(n) != self._experiment.get(n)]
        if differing:
            first = differing[0]
            what = (
                "other data"
                if first == "data"
                else f"{first} {other.get(first)!r}, not {self._experiment.get(first)!r}"
            )
            raise UsageError(
                f"{path} holds another experiment: {what:.150}.\n"
                "Name another file, or repeat the settings it was made with."
            )


def checked_path(path: str | os.PathLike[str]) -> Path:
    """The path of a results file, by its suffix."""
    check_suffix(path, [".parquet"])
    path = Path(path)
    if path.is_dir():
        raise UnknotError(f"Cannot write {path}: it is a folder.\nName a file in it instead.")
    return path


def data_print(data: Dataset) -> str:
    """A short text that differs for different points or labels."""
    digest = hashlib.sha256()
    for array in (data.x, data.y):
        digest.update(str((array.shape, array.dtype.name)).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:24]


def _schema() -> dict[str, Any]:
    import polars as pl

    return {
        "experiment": pl.String,
        "hidden": pl.List(pl.Int64),
        "activation": pl.String,
        "batch": pl.Int64,
        "seed": pl.Int64,
        "restart": pl.Int64,
        "loss": pl.Float64,
        "training_accuracy": pl.Float64,
        "accuracy": pl.Float64,
        "seconds": pl.Float64,
        "steps": pl.List(pl.Int64),
        "checkpoints": pl.List(pl.List(pl.Float32)),
        "history": pl.List(pl.List(pl.Float32)),
    }


#: Columns of the file. ``steps``, ``checkpoints`` and ``history`` are those of the best network
#: of each batch and null elsewhere; ``seconds`` is the batch's time shared out.
SCHEMA = (
    "experiment",
    "hidden",
    "activation",
    "batch",
    "seed",
    "restart",
    "loss",
    "training_accuracy",
    "accuracy",
    "seconds",
    "steps",
    "checkpoints",
    "history",
)


def as_frame(outcome: Outcome, experiment: dict[str, Any]) -> "polars.DataFrame":
    """One row a training."""
    import polars

    n = len(outcome.seeds)

    def only_best(value: Any) -> list[Any]:
        return [value if i == outcome.best else None for i in range(n)]

    return polars.DataFrame(
        {
            "experiment": [json.dumps(experiment, sort_keys=True)] * n,
            "hidden": [list(outcome.hidden)] * n,
            "activation": [outcome.activation] * n,
            "batch": [outcome.seeds[0][1]] * n,
            "seed": [seed for seed, _ in outcome.seeds],
            "restart": [restart for _, restart in outcome.seeds],
            "loss": list(outcome.losses),
            "training_accuracy": list(outcome.training_accuracies),
            "accuracy": list(outcome.accuracies),
            "seconds": [outcome.seconds / n] * n,
            "steps": only_best(list(outcome.steps)),
            "checkpoints": only_best(outcome.checkpoints.tolist()),
            "history": only_best(outcome.history.tolist()),
        },
        schema=_schema(),
    )


def as_outcomes(frame: "polars.DataFrame") -> Iterable[Outcome]:
    """The outcomes again, from the rows of a file."""
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in frame.iter_rows(named=True):
        key = (tuple(row["hidden"]), row["activation"], row["batch"])
        groups.setdefault(key, []).append(row)
    for (hidden, activation, _), rows in groups.items():
        best = next(i for i, row in enumerate(rows) if row["checkpoints"] is not None)
        yield Outcome(
            hidden=hidden,
            activation=activation,
            seeds=tuple((row["seed"], row["restart"]) for row in rows),
            losses=tuple(row["loss"] for row in rows),
            training_accuracies=tuple(row["training_accuracy"] for row in rows),
            accuracies=tuple(row["accuracy"] for row in rows),
            best=best,
            steps=tuple(rows[best]["steps"]),
            checkpoints=np.array(rows[best]["checkpoints"], np.float32),
            history=np.array(rows[best]["history"], np.float32),
            seconds=sum(row["seconds"] for row in rows),
        )
