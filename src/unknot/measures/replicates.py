"""Measures of several networks: the mean over them, how sure it is, and one group against another.

What varies from training to training is asked of trainings: the unit that is drawn again is a run,
never a point.
"""

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unknot.errors import UsageError
from unknot.measures.table import Matrix, Measure

if TYPE_CHECKING:
    import polars

#: Draws of the bootstrap and of the permutations, and up to how many runs every sign is tried.
RESAMPLES, MOST_EXACT = 9_999, 13
LEVEL = 0.95


def bootstrap_interval(
    values: NDArray[np.floating], *, level: float = LEVEL, seed: int = 0
) -> tuple[float, float]:
    """Percentile bootstrap interval of a mean (Efron 1979; Efron and Tibshirani 1993, chapter 13).

    Runs are drawn with replacement, as many as there are, 9,999 times; the interval is cut off
    (1 − level) / 2 of their means on either side. Of few runs it is too narrow: by a factor of
    about √((n − 1) / n) and more, of 5 runs 95 % cover about 85 %.

    Parameters
    ----------
    values : (n_runs,) float array
    level : float
    seed : int

    Returns
    -------
    low, high : float
        NaN of fewer than 2 runs.
    """
    x = np.asarray(values, np.float64)
    if len(x) < 2:
        return float("nan"), float("nan")
    rows = np.random.default_rng(seed).integers(len(x), size=(RESAMPLES, len(x)))
    tail = (1 - level) / 2
    low, high = np.quantile(x[rows].mean(axis=1), [tail, 1 - tail])
    return float(low), float(high)


def paired_permutation_p(differences: NDArray[np.floating], *, seed: int = 0) -> float:
    """Two-sided p-value of a mean difference of pairs (Fisher 1935: signs exchanged at random).

    If it made no difference which of a pair is which, every choice of signs would be as likely.
    The p-value is the share of the choices with a mean at least as far from 0: of all of them for
    up to 13 pairs, else of 9,999 at random and the one observed. Of n pairs it is 2 / 2ⁿ at least:
    with fewer than 6 it cannot come below 0.05.

    Parameters
    ----------
    differences : (n_pairs,) float array
    seed : int
    """
    x = np.asarray(differences, np.float64)
    if not len(x):
        return float("nan")
    if len(x) <= MOST_EXACT:
        signs = np.array(list(product([-1.0, 1.0], repeat=len(x))))
    else:
        drawn = np.random.default_rng(seed).integers(2, size=(RESAMPLES, len(x)))
        signs = np.vstack([2.0 * drawn - 1, np.ones(len(x))])
    observed = abs(float(x.mean()))
    # Sums in another order differ in the last digit.
    as_far = np.abs(signs @ x) / len(x) >= observed - 1e-12 * max(observed, 1e-300)
    return float(as_far.mean())


def over_runs(
    tables: "Sequence[polars.DataFrame]",
    against: "Sequence[polars.DataFrame]",
    chosen: Sequence[Measure],
    seed: int,
) -> "polars.DataFrame":
    """One table of many, a row a representation.

    Parameters
    ----------
    tables, against : sequence of DataFrame
        As `measure` gives them, one a network; `against` may be empty, else pair by pair.
    chosen : sequence of Measure
    seed : int

    Raises
    ------
    UsageError
        When the networks have different representations, and for pairs that are none.
    """
    import polars

    if against and len(against) != len(tables):
        raise UsageError(
            f"Groups are compared pair by pair: got {len(tables)} networks against "
            f"{len(against)}.\nGive as many on both sides, in the same order of seeds."
        )
    names: list[str] = tables[0]["representation"].to_list()
    for i, table in enumerate([*tables, *against][1:], 2):
        if table.height != len(names):
            raise UsageError(
                f"Layers are averaged one by one: network {i} has {table.height} representations, "
                f"the first {len(names)}.\nChoose equally many: trace(model, data, layers=[…])."
            )
    columns: dict[str, Any] = {"representation": names}
    for entry in chosen:
        own, others = (_values(each, entry.name) for each in (tables, against))
        columns |= _summary(entry.name, own, seed)
        if against:
            columns |= _contrast(entry.name, own - others, seed)
    columns["n_runs"] = [len(tables)] * len(names)
    return polars.DataFrame(columns, nan_to_null=True)


def _values(tables: "Sequence[polars.DataFrame]", name: str) -> Matrix:
    """(n_networks, n_representations); NaN where it has no meaning."""
    return np.array([table[name].to_numpy().astype(np.float64) for table in tables])


def _summary(name: str, values: Matrix, seed: int) -> dict[str, Matrix]:
    known = [column[np.isfinite(column)] for column in values.T]
    ends = np.array([bootstrap_interval(column, seed=seed) for column in known])
    means = np.array([column.mean() if len(column) else np.nan for column in known])
    return {name: means, f"{name}_low": ends[:, 0], f"{name}_high": ends[:, 1]}


def _contrast(name: str, differences: Matrix, seed: int) -> dict[str, Matrix]:
    known = [column[np.isfinite(column)] for column in differences.T]
    return {
        f"{name}_difference": np.array([c.mean() if len(c) else np.nan for c in known]),
        f"{name}_p": np.array([paired_permutation_p(c, seed=seed) for c in known]),
    }
