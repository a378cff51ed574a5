"""Directions that are fitted to classes or to a number to predict, and who judges them."""

import warnings
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.motion.rotation import Matrix
from unknot.traces.goodness import determination

#: Penalty on the squared weights of the regression, of a cloud of mean square 1: of directions
#: that tell about as much of the target the one with most extent is shown.
PENALTY = 1e-3


def discriminants(values: Matrix, classes: NDArray[np.generic]) -> Matrix:
    """Directions of linear discriminant analysis (Fisher 1936), not orthogonal, the best first.

    Parameters
    ----------
    values : (n_rows, n_units) float64
    classes : (n_rows,) array

    Returns
    -------
    (n_units, n_directions) float64
        One fewer than classes at least.
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    model = cast("Any", LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto"))
    with warnings.catch_warnings():
        # A class of one row has no spread, and adds none.
        warnings.simplefilter("ignore")
        model.fit(values, classes)
    return np.asarray(model.scalings_, dtype=np.float64)


def growing_direction(values: Matrix, target: NDArray[Any]) -> Matrix | None:
    """The direction in which a linear function of the units tells the target.

    Ridge regression (Hoerl and Kennard 1970) on the cloud as it lies, and not on standardised
    units: a direction of hardly any extent would not be seen.

    Parameters
    ----------
    values : (n_rows, n_units) float64
    target : (n_rows,) float array

    Returns
    -------
    (n_units,) float64 or None
        Of length 1; None where no unit goes with the target.
    """
    x = values - values.mean(axis=0)
    x /= max(float(np.sqrt((x**2).sum(axis=1).mean())), 1e-30)
    y = target.astype(np.float64)
    y = (y - y.mean()) / max(float(y.std()), 1e-300)
    squares = x.T @ x / len(x) + PENALTY * np.eye(x.shape[1])
    solve = cast("Any", np.linalg.solve)
    weight: Matrix = np.asarray(solve(squares, x.T @ y / len(x)), np.float64)
    length = float(np.linalg.norm(weight))
    return weight / length if length > 0 else None


def halves(labels: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two halves of the rows with equal shares of every class or range of a target."""
    order = np.random.default_rng(0).permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    return order[::2], order[1::2]


def told_by_line(values: Matrix, target: NDArray[Any], judged: Matrix, true: NDArray[Any]) -> float:
    """R² of a least-squares line in a plane, of other points than those that it is fitted to.

    Parameters
    ----------
    values, judged : (n, n_axes) float64
    target, true : (n,) float array

    Returns
    -------
    float
        −inf where the targets that judge do not differ.
    """
    middle, mean = values.mean(axis=0), float(target.mean(dtype=np.float64))
    solve = cast("Any", np.linalg.lstsq)
    weight: Matrix = solve(values - middle, target.astype(np.float64) - mean, rcond=None)[0]
    r2 = determination(true.astype(np.float64), mean + (judged - middle) @ weight)
    return -np.inf if r2 is None else r2
