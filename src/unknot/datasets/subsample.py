"""Fewer points of a data set, chosen by a seed."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset
from unknot.errors import UsageError


def subsample(data: Dataset, n: int, seed: int) -> Dataset:
    """Draw `n` of the points; see ``some_rows``."""
    rows = some_rows(data, n, seed)
    return replace(data, x=data.x[rows], y=data.y[rows])


def some_rows(data: Dataset, n: int, seed: int) -> NDArray[np.int64]:
    """Draw `n` of the points without repetition, in their old order.

    Classes keep their shares, to rounding, but for two points (or all it has) that every class
    gets in any case.

    Parameters
    ----------
    data : Dataset
    n : int
        At most the number of points there are, at least two for each class.
    seed : int

    Returns
    -------
    (n,) int64
        Their rows.

    Raises
    ------
    UsageError
        When there are fewer than `n` points, or `n` is too small for the classes.
    """
    if n > data.n_points:
        raise UsageError(
            f"There are only {data.n_points:,} points; got n = {n:,}.\n"
            f"Give n of at most {data.n_points:,}, or leave it out for all."
        )
    counts = np.bincount(data.y.astype(np.int64)) if data.class_names else np.array([data.n_points])
    least = np.minimum(counts, 2)
    if n < least.sum():
        raise UsageError(
            f"n must be at least {least.sum()}, two points for each class (or all it has); "
            f"got {n}.\n"
            "Give a larger n."
        )
    rng = np.random.default_rng(seed)
    wanted = _shares(counts, least, n)
    group = data.y if data.class_names else np.zeros(data.n_points)
    # A random order in which each class's rows stand together: its first ones are drawn.
    order = rng.permutation(data.n_points)
    order = order[np.argsort(group[order], kind="stable")]
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    rank = np.arange(data.n_points) - np.repeat(first, counts)
    return np.sort(order[rank < np.repeat(wanted, counts)])


def _shares(counts: NDArray[np.int64], least: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Points for each class, in proportion to `counts` but not fewer than `least`."""
    exact = counts * (n / counts.sum())
    shares = np.maximum(np.floor(exact).astype(np.int64), least)
    missing = n - int(shares.sum())
    if missing > 0:
        shares[np.argsort(shares - exact, kind="stable")[:missing]] += 1
    for _ in range(-missing):
        surplus = np.where(shares > least, shares - exact, -np.inf)
        shares[np.argmax(surplus)] -= 1
    return shares
