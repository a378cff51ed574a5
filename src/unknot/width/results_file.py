"""Results as they come, in memory and in a Parquet file, from which a search goes on."""

import hashlib
import io
import json
import os
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unknot.datasets.dataset import Dataset
from unknot.errors import UnknotError, UsageError
from unknot.files import alone, check_suffix, disk_file, whole_file
from unknot.width.batch import Outcome, Task

if TYPE_CHECKING:
    import polars

#: The form of the file; a file of another form is refused.
FORM = 3
#: What an experiment has that does not name it; files from before there was a choice do not.
UNNAMED = {"metric": "accuracy"}
#: Writing may take this share of the time, so that it stays cheap as the file grows.
SHARE = 0.1
#: Stands before the checksum of all other bytes, between the data and the footer, where readers
#: of Parquet do not look. They trust every number of a file: one wrong byte can end the program.
SEAL = b"unknot sha256 "
REMEDY = "Name another file, or remove this one."


class Results:
    """Outcomes by their task's key, kept in a file if one is named.

    A context: within it no other search may use the same file.

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
    UnknotError
        When another search uses the file.
    """

    def __init__(self, path: str | os.PathLike[str] | None, experiment: dict[str, Any]) -> None:
        self._path = None if path is None else checked_path(path)
        self._experiment = {"form": FORM, **experiment}
        self._outcomes: dict[Any, Outcome] = {}
        self._frames: list[polars.DataFrame] = []
        self._next_write = 0.0
        self._unsaved = False
        self._identity: tuple[int, ...] | None = None
        self._held = ExitStack()
        if self._path is None:
            return
        with ExitStack() as held:
            held.enter_context(alone(self._path, "search"))
            self._identity = _identity(self._path)
            if os.path.lexists(self._path):
                self._take_over(self._path)
            self._held = held.pop_all()

    def __enter__(self) -> "Results":
        return self

    def __exit__(self, *error: object) -> None:
        self._held.close()

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
        path, other = self._path, _identity(self._path) != self._identity
        if other:
            path = path.with_name(f"{path.stem[:100]}-{os.getpid()}{path.suffix}")
        with whole_file(path) as temporary:
            temporary.write_bytes(sealed(self._frames[0]))
        if other:
            raise UnknotError(
                f"{self._path} was changed by another program while this search ran.\n"
                f"It was left alone; what this search found is in {path}."
            )
        self._identity = _identity(path)
        ended = time.monotonic()
        self._next_write = ended + (ended - began) / SHARE
        self._unsaved = False

    def missing(self, tasks: Sequence[Task]) -> list[Task]:
        """The tasks of which there is no outcome.

        Raises
        ------
        UsageError
            When one there is was found by a network of another size.
        """
        for task in tasks:
            n_weights = task.recipe.network.n_weights
            if task.key in self and self[task.key].checkpoints.shape[1] != n_weights:
                raise _damaged(self._path, "it holds weights of another network")
        return [task for task in tasks if task.key not in self]

    def _take_over(self, path: Path) -> None:
        frame = unsealed(path)
        try:
            # Another experiment may be of another form; this one has to be whole.
            for text in frame["experiment"].unique().to_list():
                self._check_same(path, dict(json.loads(text)))
            frame = _whole(frame)
            found = list(as_outcomes(frame))
        except UsageError:
            raise
        except Exception as error:
            raise _damaged(path, "its table is not one of trainings") from error
        self._outcomes |= {outcome.key: outcome for outcome in found}
        self._frames = [frame]

    def _check_same(self, path: Path, other: dict[str, Any]) -> None:
        names = [*self._experiment, *(name for name in other if name not in self._experiment)]
        other, ours = ({**UNNAMED, **each} for each in (other, self._experiment))
        differing = [n for n in {**dict.fromkeys(names), **UNNAMED} if other.get(n) != ours.get(n)]
        if differing:
            first = differing[0]
            what = (
                "other data"
                if first == "data"
                else f"{first} {other.get(first)!r}, not {ours.get(first)!r}"
            )
            raise UsageError(
                f"{path} holds another experiment: {what:.150}.\n"
                "Name another file, or repeat the settings it was made with."
            )


def _damaged(path: Path | None, what: str) -> UsageError:
    return UsageError(f"{path} is damaged: {what}.\n{REMEDY}")


def _whole(frame: "polars.DataFrame") -> "polars.DataFrame":
    """The columns of a results file and no others, each of its own type."""
    import polars

    # Files from before there were scores: their trainings were judged by their accuracy.
    absent = [name for name in SCORES if name not in frame.columns]
    frame = frame.with_columns(polars.lit(None, _schema()[name]).alias(name) for name in absent)
    if dict(frame.select(SCHEMA).schema) != _schema():
        raise TypeError("columns of other types")
    return frame.select(SCHEMA)


def sealed(frame: "polars.DataFrame") -> bytes:
    """A Parquet file with the checksum of its own bytes."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    content = buffer.getvalue()
    data = content[: _footer(content)]
    footer = content[len(data) :]
    return data + SEAL + hashlib.sha256(content).digest() + footer


def unsealed(path: Path) -> "polars.DataFrame":
    """The trainings in a file, after its checksum was found to be right.

    Raises
    ------
    UsageError
        When the file is damaged, or not one of ours.
    """
    try:
        content = disk_file(path, REMEDY).read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.\n{REMEDY}") from error
    footer, length = _footer(content), len(SEAL) + hashlib.sha256().digest_size
    data, seal = content[: footer - length], content[footer - length : footer]
    if not content.startswith(b"PAR1") or not content.endswith(b"PAR1"):
        raise UsageError(f"{path} is not a whole Parquet file.\n{REMEDY}")
    if not seal.startswith(SEAL):
        raise UsageError(
            f"{path} holds no trainings that this unknot can go on from: another program or an "
            f"older unknot wrote it, or it is damaged.\n{REMEDY}"
        )
    whole = data + content[footer:]
    if hashlib.sha256(whole).digest() != seal.removeprefix(SEAL):
        raise _damaged(path, "its checksum is wrong")
    import polars

    return polars.read_parquet(io.BytesIO(whole))


def _footer(content: bytes) -> int:
    """Where the footer of a Parquet file begins: its length stands before the last four bytes."""
    return len(content) - 8 - int.from_bytes(content[-8:-4], "little")


def _identity(path: Path) -> tuple[int, ...] | None:
    """What changes when another program writes the file; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


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
        "score": pl.Float64,
        "training_score": pl.Float64,
    }


#: Columns of the file. ``steps``, ``checkpoints`` and ``history`` are those of the best network
#: of each batch and null elsewhere; ``seconds`` is the batch's time shared out; ``score`` and
#: ``training_score`` are null where they are the accuracies.
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
    "score",
    "training_score",
)


#: Columns that may be absent or empty.
SCORES = SCHEMA[-2:]


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
            "score": outcome.scores or [None] * n,
            "training_score": outcome.training_scores or [None] * n,
        },
        schema=_schema(),
    )


def as_outcomes(frame: "polars.DataFrame") -> Iterable[Outcome]:
    """The outcomes again, from the rows of a file.

    Raises
    ------
    TypeError, ValueError
        When the rows are no outcomes.
    """
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in frame.iter_rows(named=True):
        key = (tuple(row["hidden"]), row["activation"], row["batch"])
        groups.setdefault(key, []).append(row)
    for (hidden, activation, _), rows in groups.items():
        best = next((i for i, row in enumerate(rows) if row["checkpoints"] is not None), 0)
        _check_rows(rows, best)
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
            scores=_scores(rows, "score"),
            training_scores=_scores(rows, "training_score"),
        )


def _check_rows(rows: list[dict[str, Any]], best: int) -> None:
    """Nothing is empty but what may be, and the best network's arrays fit together."""
    of_best = ("steps", "checkpoints", "history")
    for row in rows:
        if any(row[name] is None for name in SCHEMA if name not in (*of_best, *SCORES)):
            raise ValueError("a training that is not whole")
    steps, checkpoints, history = (rows[best][name] for name in of_best)
    n_weights = {len(weights) for weights in checkpoints}
    n_epochs = {len(means) for means in history}
    if len(steps) != len(checkpoints) or len(n_weights) != 1 or len(n_epochs) != 1:
        raise ValueError("checkpoints that do not fit")
    if not steps or sorted(steps) != steps or len(history) != 2:
        raise ValueError("a history of other steps")
    accuracies = [row[name] for row in rows for name in ("accuracy", "training_accuracy")]
    if not all(0 <= accuracy <= 1 for accuracy in accuracies):
        raise ValueError("accuracies of no training")


def _scores(rows: list[dict[str, Any]], name: str) -> tuple[float, ...] | None:
    values = [row[name] for row in rows]
    return None if None in values else tuple(values)
