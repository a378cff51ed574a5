"""The cells of the atlas: what the trainings of one width, depth and activation come to."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.traces.run import Run
from unknot.width.batch import best_run
from unknot.width.result import Cell, Statement
from unknot.width.sweep import Swept
from unknot.width.theory import theory
from unknot.width.verdict import restarts_needed, wilson

#: Draws of the bootstrap, and what of them is left out at either end.
DRAWS, TAIL = 400, 0.025
#: Logit of 0.95.
NINETEEN = float(np.log(19))
#: Points of the best network's data that are traced.
TRACED = 2_000


def line_of_cells(
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
        bounded, betti = _shape(run)
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
                "betti": betti,
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


def _shape(run: Run) -> tuple[int | None, list[list[list[int]]] | None]:
    """Bounded pieces of all decision regions, and Betti numbers by layer and class.

    The pieces are None in other than 2 or 3 dimensions; the Betti numbers (input, hidden layers,
    logit) without ripser.
    """
    from unknot.measures import measure
    from unknot.measures.regions import decision_regions
    from unknot.measures.table import Missing
    from unknot.traces.tracing import trace

    n = min(run.data.n_points, TRACED)
    traced = trace(run, run.data.take(np.arange(n)), lattice=False)
    bounded = None
    if run.data.n_features in (2, 3):
        values = traced.representations[0].values.astype(np.float64)
        try:
            regions, _ = decision_regions(traced.class_probabilities, values)
            bounded = sum(region.bounded for region in regions)
        except Missing:
            pass
    table = measure(traced, measures=["betti"])
    known: list[Any] = [
        row["betti"]
        for row in table.to_dicts()
        if row["representation"] != "probability"
        and not row["representation"].endswith("pre-activation")
    ]
    return bounded, None if None in known else known


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
