"""How well a number to predict is read from a representation, and how near the network comes."""

import numpy as np
from numpy.typing import NDArray

from unknot.measures.clouds import standardise
from unknot.measures.probe import MAX_POINTS, MAX_VALUES, narrowed, split_rows
from unknot.measures.table import Labels, Matrix, Missing, Place, measure_of
from unknot.traces.goodness import Fit, determination, goodness

#: Of the ridge: that of the linear probe of classes, C = 100, on a target of unit deviation.
PENALTY = 0.01
UNDEFINED = "the targets of the points that judge do not differ: R² is undefined"


def linear_r2(
    values: NDArray[np.floating],
    target: Labels,
    *,
    seed: int = 0,
    held_out: NDArray[np.bool_] | None = None,
) -> float | None:
    """R² of a linear function of the units, fitted to some of the points and judged by the others.

    Ridge regression (Hoerl and Kennard 1970) on standardised units: the weights minimise
    Σ (y − z·w)² + 0.01 ‖w‖², with the target at mean 0 and deviation 1 among those that train.

    Parameters
    ----------
    values : (n_points, n_units) float array
    target : (n_points,) float array
    seed : int
        Of the halves.
    held_out : (n_points,) bool array, optional
        Points that the network was not trained on, which judge; the others train. Left out, or
        where none or all are: every other point in the order of the target trains.

    Returns
    -------
    float or None
        At most 1. None with fewer than four points, and where the targets that train or those
        that judge do not differ.
    """
    training, judging = split_rows(target, seed, held_out)
    y = target.astype(np.float64)
    if len(target) < 4 or not len(training) or np.ptp(y[training]) == 0:
        return None
    mean, deviation = y[training].mean(), y[training].std()
    z, judged = (standardise(values[rows], values[training]) for rows in (training, judging))
    z, judged = narrowed(z, judged)
    weight = _ridge(z, (y[training] - mean) / deviation)
    return determination(y[judging], mean + deviation * (judged @ weight))


def _ridge(z: Matrix, target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights (n_units,); mean 0 makes an intercept needless."""
    squares = z.T @ z
    squares[np.diag_indices_from(squares)] += PENALTY
    weight: NDArray[np.float64] = np.linalg.solve(squares, z.T @ target)  # pyright: ignore[reportAssignmentType]
    return weight


@measure_of(
    title="R² of a linear probe (held out)",
    range=(None, 1),
    direction="higher",
    max_points=MAX_POINTS,
    max_values=MAX_VALUES,
    needs=("target",),
)
def linear_probe_r2(place: Place) -> float:
    """R² of a linear function that reads the target from one representation.

    Ridge regression on standardised units, judged by the points that judge ``linear_probe`` of
    classes: those held out from the network where they are known, else half of them. At most 1;
    0 is no better than the mean of the target, below 0 worse. Higher is less tangled.

    Known failings: it sees linear dependence alone; with about as many units as points it fits
    anything in training and says little; one extreme target can decide it.

    Source: Alain and Bengio, *Understanding intermediate layers using linear classifier probes*
    (2016), with a regression in place of the classifier.
    """
    return _known(linear_r2(place.values, place.labels, seed=place.seed, held_out=place.held_out))


@measure_of(title="R² of a linear probe of the view", range=(None, 1), needs=("view", "target"))
def probe_shown_r2(place: Place) -> float:
    """``linear_probe_r2`` of a probe that sees the picture only.

    At most 1. Far below ``linear_probe_r2`` of all units, the picture hides what tells the target.
    Failings: those of ``linear_probe_r2``.
    """
    assert place.shown is not None
    return _known(linear_r2(place.shown, place.labels, seed=place.seed, held_out=place.held_out))


@measure_of(title="R² of the network's prediction (held out)", range=(None, 1), needs=("target",))
def r2(place: Place) -> float:
    """R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)² of the network's own prediction, at its output.

    Of the points held out; of all where nobody said which those are. At most 1; 0 is no better
    than the mean ȳ of these points' targets, below 0 worse.

    Known failings: it depends on how much the target varies among the points that judge.
    """
    return _known(_own(place, is_training=False).r2)


@measure_of(title="root mean squared error (held out)", range=(0, None), needs=("target",))
def rmse(place: Place) -> float:
    """√(mean of (y − ŷ)²) of the network's own prediction, in units of the target.

    Of the points held out; of all where nobody said which those are. 0 where all are met.

    Known failings: a few points that are far off decide it.
    """
    return _own(place, is_training=False).rmse


@measure_of(title="R² of the prediction of points trained on", range=(None, 1), needs=("target",))
def r2_training(place: Place) -> float:
    """``r2`` of the points that the network was trained on; missing where those are not known."""
    return _known(_own(place, is_training=True).r2)


@measure_of(
    title="root mean squared error of points trained on", range=(0, None), needs=("target",)
)
def rmse_training(place: Place) -> float:
    """``rmse`` of the points that the network was trained on; missing where those are unknown."""
    return _own(place, is_training=True).rmse


def _known(r2: float | None) -> float:
    if r2 is None:
        raise Missing(UNDEFINED)
    return r2


def _own(place: Place, *, is_training: bool) -> Fit:
    if place.predicted is None:
        raise Missing("the prediction is the last representation, where a unit of it is the target")
    reached = goodness(place.labels, place.predicted, place.held_out)
    if is_training:
        fit, reason = reached.training, "it is not known which points were trained on"
    else:
        fit, reason = reached.held_out or reached.overall, "no point was held out"
    if fit is None:
        raise Missing("no point was trained on" if is_training and reached.held_out else reason)
    return fit
