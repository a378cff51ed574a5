"""Clouds brought to a common scale, with units that hold nothing but rounding left flat."""

import numpy as np
from numpy.typing import NDArray

from unknot.measures.table import Matrix, Missing

#: Spread below this share of the values' own size is rounding.
ROUNDING = 1e-12


def unit_scale(values: NDArray[np.floating]) -> Matrix:
    """Centre a cloud and divide it by its largest value, for measures that ignore scale.

    Parameters
    ----------
    values : (n_points, n_units) float array

    Returns
    -------
    (n_points, n_units) float64 array
        Within −1 and 1, each unit with mean 0. Sums of its fourth powers cannot overflow.

    Raises
    ------
    Missing
        When all points are equal.
    """
    size = float(np.abs(values).max(initial=0.0))
    centred = values - values.mean(axis=0, dtype=np.float64)
    largest = float(np.abs(centred).max(initial=0.0))
    if largest <= ROUNDING * size:
        raise Missing("all points are equal")
    return centred / largest


def standardise(values: NDArray[np.floating], like: NDArray[np.floating]) -> Matrix:
    """Subtract the mean of each unit of `like` and divide by its standard deviation.

    Parameters
    ----------
    values : (n_points, n_units) float array
    like : (n_rows, n_units) float array
        The rows that the mean and the deviation are taken from.

    Returns
    -------
    (n_points, n_units) float64 array
        A unit with under 1e−5 of the largest deviation is not blown up to unit size: its spread
        is rounding. Units without spread are 0 in the rows of `like`.
    """
    mean, scale = like.mean(axis=0, dtype=np.float64), like.std(axis=0, dtype=np.float64)
    floor = np.maximum(1e-5 * float(scale.max(initial=0.0)), ROUNDING * np.abs(mean))
    floor[floor == 0] = 1.0
    return (values - mean) / np.maximum(scale, floor)
