"""``atlas``: where the width that theorems ask for, that exists and that training finds part ways.

For each shape of data, activation, depth and width: how many trainings from random starts come
within a tolerance of the best possible accuracy. It stands on ``sweep``, with a file of results
for each data set, so that an atlas that was interrupted goes on.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unknot.datasets.dataset import Dataset
from unknot.datasets.generators import make
from unknot.errors import UsageError, whole_number
from unknot.files import check_suffix, whole_file, writable_folder
from unknot.traces.run import Run
from unknot.training.settings import activation_text
from unknot.width.atlas_cells import line_of_cells
from unknot.width.result import Atlas, Cell
from unknot.width.settings import MAX_DEPTH, MAX_WIDTH, TOLERANCE, checked_tolerance
from unknot.width.sweep import Swept, swept

if TYPE_CHECKING:
    import polars

Shape = tuple[str, Mapping[str, Any]]

#: Data sets and their parameters: noise such that the best possible accuracy is 0.99.
SHAPES: tuple[Shape, ...] = (
    *(("shells", {"dimension": d, "noise": 0.107 if d < 3 else 0.106}) for d in (1, 2, 3, 4)),
    ("xor", {"dimension": 2, "noise": 0.388}),
    ("xor", {"dimension": 3, "noise": 0.369}),
    ("moons", {"noise": 0.154}),
    ("spirals", {"turns": 1.0, "noise": 0.093}),
)
ACTIVATIONS = ("relu", "tanh", "gelu")


def atlas(
    shapes: Sequence[str | Shape] = SHAPES,
    *,
    max_width: int = 7,
    depths: Sequence[int] = (1, 2, 3),
    activations: Sequence[str] = ACTIVATIONS,
    restarts: int = 11,
    steps: int = 8_000,
    n_points: int = 20_000,
    data_seeds: int = 3,
    tolerance: float = TOLERANCE,
    cluster: Any = None,
    out: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> Atlas:
    """Train every width and depth on data of many shapes, and count how often it is enough.

    Parameters
    ----------
    shapes : sequence of names of data sets, or of (name, parameters)
        Left out: spheres in 1 to 4 dimensions, xor in 2 and 3, moons and a spiral of one turn,
        with noise such that 0.99 is the best possible accuracy.
    max_width : int
        Widths from 1 on.
    depths : sequence of int
        Hidden layers, all of one width.
    activations : sequence of str
    restarts : int
        Random starts of each network, for each seed of the data.
    steps : int
        Of each training.
    n_points : int
        That train; fresh ones judge.
    data_seeds : int
        How many times the data are drawn.
    tolerance : float
        A width is enough if a training comes within this much of the best possible accuracy.
    cluster, progress
        As for ``minimum_width``.
    out : path-like, optional
        A ``.parquet`` file for the table. The trainings are kept in the folder ``…-parts`` beside
        it: the same call goes on from them.

    Returns
    -------
    Atlas

    Raises
    ------
    UsageError, UnknotError
        As for ``sweep``, and for data whose best possible accuracy is not known.
    """
    depths = [whole_number(depth, "depth", 1, MAX_DEPTH) for depth in depths]
    widths = range(1, whole_number(max_width, "max_width", 1, MAX_WIDTH) + 1)
    names = [activation_text(name) for name in activations]
    tolerance = checked_tolerance(tolerance)
    chosen: list[Shape] = [(each, {}) if isinstance(each, str) else each for each in shapes]
    n_seeds = whole_number(data_seeds, "data_seeds", 1, 1_000)
    sets = {
        _title(*each): [_drawn(*each, n_points, seed) for seed in range(n_seeds)] for each in chosen
    }
    path = None if out is None else Path(out)
    parts = None if path is None else _folder(path)
    rows: list[dict[str, Any]] = []
    runs: dict[Cell, Run] = {}
    is_whole = True
    for title, drawn in sets.items():
        done: list[Swept] = []
        for seed, data in enumerate(drawn):
            own = None if parts is None else parts / f"{title.replace(' ', '-')}-{seed}.parquet"
            done.append(
                swept(
                    data,
                    hidden=[(width,) * depth for depth in depths for width in widths],
                    activation=names,
                    seeds=restarts,
                    steps=steps,
                    cluster=cluster,
                    out=own,
                    progress=progress,
                )
            )
            is_whole = is_whole and done[-1].is_whole
            if not is_whole:
                break
        for name in names:
            for depth in depths:
                rows += line_of_cells(title, name, depth, widths, done, tolerance, runs)
        if not is_whole:
            break
    table = _table(rows)
    if path is not None and is_whole:
        with whole_file(path) as temporary:
            table.write_parquet(temporary)
    return Atlas(table, runs, not is_whole, tolerance)


def _folder(path: Path) -> Path:
    """Beside the table: a file of trainings for each data set."""
    check_suffix(path, [".parquet"])
    return writable_folder(path.with_name(f"{path.stem}-parts"), "Name another table")


def _title(name: str, parameters: Mapping[str, Any]) -> str:
    """``"shells 2-D"``: data sets of several dimensions stand apart."""
    dimension = parameters.get("dimension")
    return name if dimension is None else f"{name} {dimension}-D"


def _drawn(name: str, parameters: Mapping[str, Any], n: int, seed: int) -> Dataset:
    data = make(name, n, seed=seed, parameters=parameters)
    if data.bayes_accuracy is None or not data.n_classes:
        raise UsageError(
            f"The atlas compares with the best possible accuracy; of {name!r} it is not known.\n"
            "Choose data sets that have one: unknot datasets."
        )
    return data


def _table(rows: Sequence[Mapping[str, Any]]) -> "polars.DataFrame":
    import polars as pl

    whole = (
        "depth",
        "width",
        "restarts",
        "found",
        "starts",
        "bounded_pieces",
        "exists",
        "luck_gap",
    )
    texts = ("data", "activation", "forbidden_by", "promised_by", "contradiction")
    names = (
        *("data", "activation", "depth", "width", "restarts", "found", "share", "share_low"),
        *("share_high", "best", "median", "bayes_accuracy", "starts", "bounded_pieces", "betti"),
        *("forbidden_by", "promised_by", "contradiction", "exists", "w50", "w50_low", "w50_high"),
        *("w95", "w95_low", "w95_high", "luck_gap"),
    )
    schema: dict[str, Any] = {
        name: pl.Int64 if name in whole else pl.String if name in texts else pl.Float64
        for name in names
    }
    schema["betti"] = pl.List(pl.List(pl.List(pl.Int64)))
    return pl.DataFrame(list(rows), schema=schema)
