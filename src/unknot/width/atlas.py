"""``atlas``: where the width that theorems ask for, that exists and that training finds part ways.

For each shape of data, activation, depth and width: how many trainings from random starts come
within a tolerance of the best possible accuracy. It stands on ``sweep``, with a file of results
for each data set, so that an atlas that was interrupted goes on.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset
from unknot.datasets.generators import make
from unknot.errors import UsageError, whole_number
from unknot.files import check_suffix, whole_file, writable_folder
from unknot.traces.run import Run
from unknot.training.settings import activation_text
from unknot.width.batch import best_run
from unknot.width.result import Statement
from unknot.width.settings import MAX_DEPTH, MAX_WIDTH, checked_tolerance
from unknot.width.sweep import Swept, swept
from unknot.width.theory import theory
from unknot.width.verdict import restarts_needed, wilson

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
#: Draws of the bootstrap, and what of them is left out at either end.
DRAWS, TAIL = 400, 0.025
#: Logit of 0.95.
NINETEEN = float(np.log(19))

Cell = tuple[str, str, int, int]


@dataclass(frozen=True, eq=False)
class Atlas:
    """What ``atlas`` returns.

    Attributes
    ----------
    table : polars.DataFrame
        A row a cell; the columns are listed in docs/atlas.md.
    runs : dict
        The best network of each cell by (data, activation, depth, width), chosen by its training
        points.
    interrupted : bool
        True after Ctrl-C: of the last data set only the whole cells are there.
    """

    table: "polars.DataFrame"
    runs: dict[Cell, Run] = field(default_factory=dict[Cell, Run], repr=False)
    interrupted: bool = False


def atlas(
    shapes: Sequence[str | Shape] = SHAPES,
    *,
    max_width: int = 7,
    depths: Sequence[int] = (1, 2, 3),
    activations: Sequence[str] = ACTIVATIONS,
    restarts: int = 32,
    steps: int = 8_000,
    n_points: int = 20_000,
    data_seeds: int = 1,
    tolerance: float = 0.005,
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
        The data are drawn so many times.
    tolerance : float
        A training has found the width to be enough when it is within so much of the best possible.
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
                rows += _cells(title, name, depth, widths, done, tolerance, runs)
        if not is_whole:
            break
    table = _table(rows)
    if path is not None and is_whole:
        with whole_file(path) as temporary:
            table.write_parquet(temporary)
    return Atlas(table, runs, not is_whole)


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


def _cells(
    title: str,
    activation: str,
    depth: int,
    widths: Sequence[int],
    done: Sequence[Swept],
    tolerance: float,
    runs: dict[Cell, Run],
) -> list[dict[str, Any]]:
    """The rows of one line of the atlas: all widths of one depth."""
    data = done[0].data
    assert data.bayes_accuracy is not None
    threshold = data.bayes_accuracy - tolerance
    known = {w: _accuracies(done, activation, (w,) * depth) for w in widths}
    known = {w: each for w, each in known.items() if any(len(a) for a in each)}
    counts = np.array([[(a >= threshold).sum() for a in each] for each in known.values()], int)
    trials = np.array([[len(a) for a in each] for each in known.values()], int)
    reliable = _reliable(list(known), counts, trials) if known else {}
    statements = theory(data, activation, depth, None, list(known))
    rows: list[dict[str, Any]] = []
    for width, each in known.items():
        values = np.concatenate(each)
        n, n_found = len(values), int((values >= threshold).sum())
        run = _best(done, activation, (width,) * depth)
        runs[title, activation, depth, width] = run
        bounded = _bounded(run, data)
        forbids, promises = _sources(statements, width)
        low, high = wilson(n_found, n)
        rows.append(
            {
                "data": title,
                "activation": activation,
                "depth": depth,
                "width": width,
                "restarts": n,
                "found": n_found,
                "share": n_found / n,
                "share_low": low,
                "share_high": high,
                "best": float(np.nanmax(values, initial=0.0)),
                "median": float(np.nanmedian(values)),
                "bayes_accuracy": data.bayes_accuracy,
                "starts": restarts_needed(n_found / n),
                "bounded_pieces": bounded,
                "forbidden_by": forbids,
                "promised_by": promises,
                "contradiction": _contradiction(forbids, promises, bounded, n_found),
            }
            | reliable
        )
    return rows


def _accuracies(
    done: Sequence[Swept], activation: str, hidden: tuple[int, ...]
) -> list[NDArray[np.float64]]:
    """On the judging points, one array a seed of the data."""
    return [
        np.array(
            [
                accuracy
                for task in each.tasks
                if (task.hidden, task.activation) == (hidden, activation)
                for accuracy in each.outcomes[task.key].accuracies
            ],
            np.float64,
        )
        for each in done
    ]


def _best(done: Sequence[Swept], activation: str, hidden: tuple[int, ...]) -> Run:
    """The best network of the first drawing of the data."""
    first = next(each for each in done if _tasks(each, activation, hidden))
    tasks = _tasks(first, activation, hidden)
    outcomes = [first.outcomes[task.key] for task in tasks]
    return best_run(tasks[0].recipe, first.data, first.points, outcomes)


def _tasks(each: Swept, activation: str, hidden: tuple[int, ...]) -> list[Any]:
    return [t for t in each.tasks if (t.hidden, t.activation) == (hidden, activation)]


def _bounded(run: Run, data: Dataset) -> int | None:
    """Bounded pieces of all decision regions; None in other than 2 or 3 dimensions."""
    from unknot.measures.regions import decision_regions
    from unknot.measures.table import Missing
    from unknot.traces.tracing import trace

    if data.n_features not in (2, 3):
        return None
    traced = trace(run, data.take(np.arange(min(data.n_points, 2_000))), lattice=False)
    try:
        values = traced.representations[0].values.astype(np.float64)
        regions, _ = decision_regions(traced.class_probabilities, values)
    except Missing:
        return None
    return sum(region.bounded for region in regions)


def _sources(statements: Sequence[Statement], width: int) -> tuple[str | None, str | None]:
    """Who forbids a width the regions that the classes have, and who promises that it can."""
    about = [each for each in statements if width in each.widths]
    forbids = next((each.source for each in about if each.forbids), None)
    return forbids, next((each.source for each in about if each.promises), None)


def _contradiction(
    forbids: str | None, promises: str | None, bounded: int | None, n_found: int
) -> str | None:
    """Where training and theory do not agree."""
    if forbids is not None and bounded:
        return "a bounded piece where a theorem forbids one"
    if promises is not None and not n_found:
        return "promised and not found: the optimiser failed, or the noise asks for more"
    return None


def _reliable(
    widths: list[int], found: NDArray[np.int_], trials: NDArray[np.int_]
) -> dict[str, Any]:
    """Widths that one start and 19 of 20 starts find, with the bootstrap's intervals.

    The share found is a logistic curve in the width that does not fall, of greatest likelihood.
    The bootstrap draws seeds of the data and, in each, restarts.

    Parameters
    ----------
    widths : list of int
    found, trials : (n_widths, n_data_seeds) int
    """
    random = np.random.default_rng(0)
    n_seeds = found.shape[1]
    drawn = random.integers(n_seeds, size=(DRAWS, n_seeds))
    share = found / np.maximum(trials, 1)
    again = random.binomial(trials[:, drawn], share[:, drawn]).sum(axis=2).T
    counts = np.vstack([found.sum(axis=1), again])
    totals = np.vstack([trials.sum(axis=1), trials[:, drawn].sum(axis=2).T])
    own, others = np.split(_thresholds(widths, counts, totals), [1])
    exists = next((w for w, n in zip(widths, found.sum(axis=1), strict=True) if n), None)
    result: dict[str, Any] = {"exists": exists}
    for i, name in enumerate(("w50", "w95")):
        ends = np.quantile(others[:, i], [TAIL, 1 - TAIL], method="nearest")
        for key, value in ((name, own[0, i]), (f"{name}_low", ends[0]), (f"{name}_high", ends[1])):
            result[key] = round(float(value), 3) if np.isfinite(value) else None
    gap = None
    if exists is not None and result["w95"] is not None:
        gap = max(int(np.ceil(result["w95"])) - exists, 0)
    return result | {"luck_gap": gap}


def _thresholds(
    widths: list[int], found: NDArray[np.int_], trials: NDArray[np.int_]
) -> NDArray[np.float64]:
    """Where the fitted share is 0.5 and 0.95; the first width if it is above, infinite if never.

    Parameters
    ----------
    widths : list of int
    found, trials : (n_draws, n_widths) int

    Returns
    -------
    (n_draws, 2) float64
    """
    first, last = widths[0], widths[-1]
    middles = np.arange(first - 3.0, last + 3.01, 0.05)
    scales = np.geomspace(0.02, 5.0, 40)
    z = (np.array(widths) - middles[:, None, None]) / scales[:, None]
    z = np.clip(z.reshape(-1, len(widths)), -500, 500)
    likelihood = -(found @ np.logaddexp(0, -z).T + (trials - found) @ np.logaddexp(0, z).T)
    best = likelihood.argmax(axis=1)
    middle, scale = middles[best // len(scales)], scales[best % len(scales)]
    places = np.maximum(np.stack([middle, middle + NINETEEN * scale], axis=1), first)
    never = found.sum(axis=1) == 0
    places[never] = np.inf
    return np.where(places > last, np.inf, places)


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
        *("share_high", "best", "median", "bayes_accuracy", "starts", "bounded_pieces"),
        *("forbidden_by", "promised_by", "contradiction", "exists", "w50", "w50_low", "w50_high"),
        *("w95", "w95_low", "w95_high", "luck_gap"),
    )
    schema: dict[str, Any] = {
        name: pl.Int64 if name in whole else pl.String if name in texts else pl.Float64
        for name in names
    }
    return pl.DataFrame(list(rows), schema=schema)
