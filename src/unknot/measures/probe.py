"""Can a straight cut read the classes? The linear probe and the margin of a linear SVM."""

import warnings
import weakref
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import combinations
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.measures.clouds import in_span, n_points_for, random_order, standardise
from unknot.measures.table import Labels, Matrix, Missing, Place, entries, measure_of

#: Points for the linear probe: on 10,000 held-out points an accuracy has a standard error of
#: 0.005 at most. Wide layers get fewer, so that the time stays bounded.
MAX_POINTS = 20_000
MAX_VALUES = 2_000_000
#: Weights up to which Newton's method, which solves a system in all of them, is the faster one.
MAX_NEWTON_WEIGHTS = 300
#: What stands against long weights; the slope at which a cut between two classes is near enough.
PENALTY, TOLERANCE = 100.0, 1e-6
#: Classes up to which that system is made: it is put together pair by pair of classes.
MAX_NEWTON_CLASSES = 10
#: Points × units × classes up to which one thread is quicker than several that wait for each other.
FEW_PRODUCTS = 1_000_000_000
#: Classes up to which a linear SVM is fitted to every pair.
MAX_MARGIN_CLASSES = 20


@dataclass(frozen=True)
class Probe:
    """How a linear probe did on the points that it was not fitted to.

    Attributes
    ----------
    accuracy : float
    n_held_out : int
    """

    accuracy: float
    n_held_out: int

    @property
    def standard_error(self) -> float:
        """Binomial: ``√(p (1 − p) / n_held_out)``."""
        return float(np.sqrt(self.accuracy * (1 - self.accuracy) / self.n_held_out))


def fit_probe(
    values: NDArray[np.floating],
    labels: NDArray[np.generic],
    *,
    seed: int = 0,
    held_out: NDArray[np.bool_] | None = None,
) -> Probe | None:
    """Fit logistic regression to some of the points and judge it by the others.

    Parameters
    ----------
    values : (n_points, n_units) float array
        Standardised here, by the points that train.
    labels : (n_points,) array of classes
    seed : int
        Of the halves.
    held_out : (n_points,) bool array, optional
        Points that the network was not trained on, which judge the probe; the others train it.
        Left out, or where none or all are: a random half of each class trains, the other judges.

    Returns
    -------
    Probe or None
        None with fewer than four points, or when those that train hold one class only.
    """
    training, judging = split_rows(labels, seed, held_out)
    n_points = len(labels)
    # Where nothing separates the classes, the cut must not follow their shares among the points
    # that train: halves have the same ones, and other parts are weighted to the shares of all.
    shares = _shares(labels, training) if _is_parted(held_out) else None
    n_classes = len(np.unique(labels[training]))
    if n_classes < 2 or n_points < 4:
        return None
    z, judged = (standardise(values[rows], values[training]) for rows in (training, judging))
    if n_classes == 2 and min(z.shape) < MAX_NEWTON_WEIGHTS:
        z, judged = narrowed(z, judged)
        right = _right_by_a_cut(z, labels[training], judged, labels[judging], shares)
        if right is not None:
            return Probe(right, len(judging))
    n_products = n_points * min(z.shape[1], len(training)) * n_classes
    threads = 1 if n_products < FEW_PRODUCTS else None
    with warnings.catch_warnings(), _lean(threads):
        # Classes of one point, or a fit not quite converged: the held-out accuracy says enough.
        warnings.simplefilter("ignore")
        z, judged = narrowed(z, judged)
        probe = _logistic(z.shape[1], n_classes, shares).fit(z, labels[training])
        return Probe(float(probe.score(judged, labels[judging])), len(judging))


def split_rows(
    labels: NDArray[np.generic], seed: int, held_out: NDArray[np.bool_] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows that train a probe and rows that judge it: those held out, or else every other one.

    Every other one in the order of the labels: both halves have the same classes, or targets.
    """
    # In random order: data are often sorted, or alternate between classes.
    order = np.random.default_rng(seed).permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    if held_out is None or not _is_parted(held_out):
        return order[::2], order[1::2]
    return order[~held_out[order]], order[held_out[order]]


def _is_parted(held_out: NDArray[np.bool_] | None) -> bool:
    return held_out is not None and bool(held_out.any()) and not held_out.all()


def probe_rows(
    labels: Labels, widths: Sequence[int], seed: int = 0, most: int | None = None
) -> NDArray[np.int64]:
    """Rows that the probe of a representation sees, the same ones in every table and view.

    Parameters
    ----------
    labels : (n_points,) array
        Points without one are left out.
    widths : sequence of int
        Units of the representations up to this one.
    seed : int
    most : int, optional
        At most so many, where probes are many.
    """
    order = random_order(labels, seed)
    n = n_points_for(entries["linear_probe"], widths, len(order))
    return np.sort(order[: n if most is None else min(n, most)])


@contextmanager
def _lean(threads: int | None) -> Generator[None]:
    """Without what scikit-learn checks anew each time: a page has hundreds of small fits."""
    import sklearn

    check_less = cast("Any", sklearn).config_context(skip_parameter_validation=True)
    with check_less, thread_pools().limit(limits=threads, user_api="blas"):
        yield


@cache
def thread_pools() -> Any:
    """The libraries with threads of their own: to look for them takes longer than a small fit."""
    import threadpoolctl

    import_module("scipy.linalg")  # which loads its own
    return cast("Any", threadpoolctl).ThreadpoolController()


def narrowed(training: Matrix, judging: Matrix) -> tuple[Matrix, Matrix]:
    """Both in the span of the points that train, where it has fewer directions.

    The penalty is a length and the weights lie in that span, so the fit is the same.
    """
    if training.shape[1] <= len(training):
        return training, judging
    if not training.any():
        # They have no direction at all; no column would be one too few for a fit.
        return training[:, :1], judging[:, :1]
    gram = training @ training.T
    squares, rows = np.linalg.eigh(gram)
    has_extent = squares > 1e-12 * squares[-1]
    rows = rows[:, has_extent] / np.sqrt(squares[has_extent])
    return gram @ rows, (judging @ training.T) @ rows


def _shares(labels: NDArray[np.generic], training: NDArray[np.int64]) -> dict[Any, float]:
    """For each class that trains: its share of all points, over that among those that train."""
    every = dict(zip(*np.unique(labels, return_counts=True), strict=True))
    own = zip(*np.unique(labels[training], return_counts=True), strict=True)
    ratio = len(training) / len(labels)
    return {label: float(every[label] / n * ratio) for label, n in own}


def _right_by_a_cut(
    z: Matrix,
    labels: NDArray[np.generic],
    judged: Matrix,
    judged_labels: NDArray[np.generic],
    shares: dict[Any, float] | None,
) -> float | None:
    """The share of right answers on the judging points; None where Newton's method fails.

    For two classes scikit-learn is not imported: that takes longer than a film's probes together.
    """
    first, second = np.unique(labels)
    is_second = labels == second
    weights = np.ones(len(z))
    if shares is not None:
        weights = np.where(is_second, shares[second], shares[first])
    with thread_pools().limit(limits=1, user_api="blas"):
        cut = logistic_cut(z, is_second, weights)
        if cut is None:
            return None
        is_judged_second = judged @ cut[:-1] + cut[-1] > 0
    n_right = np.count_nonzero(judged_labels[is_judged_second] == second)
    n_right += np.count_nonzero(judged_labels[~is_judged_second] == first)
    return n_right / len(judged)


def logistic_cut(
    z: Matrix, is_second: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Logistic regression of two classes, by SciPy's Newton method in a trust region.

    Minimises ``Σ sᵢ log(1 + exp(∓(zᵢ·w + b))) + ‖w‖² / (2 C)`` with `PENALTY` for C; b is free.

    Parameters
    ----------
    z : (n_points, n_units) float64
    is_second : (n_points,) bool
    weights : (n_points,) float64

    Returns
    -------
    (n_units + 1,) float64 or None
        w, then b. None where no slope of the mean loss comes below `TOLERANCE`.
    """
    from scipy.optimize import minimize

    shares = weights / weights.sum()
    side, shrink = np.where(is_second, 1.0, -1.0), np.ones(z.shape[1] + 1)
    shrink /= PENALTY * weights.sum()
    shrink[-1] = 0.0
    with_offset = np.column_stack([z, np.ones(len(z))])

    def loss(cut: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        seen = with_offset @ cut
        chance = 0.5 + 0.5 * np.tanh(seen / 2)
        slope = (shares * (chance - is_second)) @ with_offset + shrink * cut
        return float(shares @ np.logaddexp(0, -side * seen) + shrink @ cut**2 / 2), slope

    def curvature(cut: NDArray[np.float64]) -> Matrix:
        bend = shares / (2 * np.cosh(np.clip(with_offset @ cut / 2, -300, 300))) ** 2
        return (with_offset.T * bend) @ with_offset + np.diag(shrink)

    start: NDArray[np.float64] = np.zeros(len(shrink))
    least = cast("Any", minimize)(
        loss, start, jac=True, hess=curvature, method="trust-ncg", options={"gtol": TOLERANCE}
    )
    return least.x if least.success else None


def _logistic(n_units: int, n_classes: int, shares: dict[Any, float] | None = None) -> Any:
    from sklearn.linear_model import LogisticRegression

    n_weights = (n_units + 1) * (1 if n_classes == 2 else n_classes)
    solver, tolerance = "lbfgs", 1e-4
    if n_weights <= MAX_NEWTON_WEIGHTS:
        is_few = n_classes <= MAX_NEWTON_CLASSES
        # Conjugate gradients come as near as the system itself where they may take longer.
        solver, tolerance = ("newton-cholesky", 1e-4) if is_few else ("newton-cg", 1e-7)
    return LogisticRegression(
        C=PENALTY, max_iter=1_000, solver=solver, tol=tolerance, class_weight=shares
    )


#: The place last probed, so that the accuracy and its error share one fit. Held weakly.
_last: tuple[weakref.ref[Place], Probe | None] | None = None


def _probe(place: Place) -> Probe:
    global _last
    last = _last
    if last is not None and last[0]() is place:
        probe = last[1]
    else:
        probe = fit_probe(place.values, place.labels, seed=place.seed, held_out=place.held_out)
        _last = (weakref.ref(place), probe)
    if probe is None:
        raise Missing("the half of the points that trains the probe has fewer than two classes")
    return probe


@measure_of(
    title="right by a straight cut (linear probe, held out)",
    range=(0, 1),
    direction="higher",
    max_points=MAX_POINTS,
    max_values=MAX_VALUES,
    needs=("classes",),
)
def linear_probe(place: Place) -> float:
    """Held-out accuracy of a linear classifier that reads the classes from one representation.

    Logistic regression with an L2 penalty (C = 100) on standardised units. Where it is known
    which points the network was not trained on, these judge it and the others train it; otherwise
    it is fitted to a random half of each class's points and judged by the other half. Range 0 to
    1, higher is less tangled; chance is the share of the largest class.

    Known failings: it sees linear separability alone (two rings score at chance, however clean
    they are); with about as many units as points it separates anything in training, and the
    held-out half then says more about the number of points than about the layer; with one large
    class it is high for nothing.

    Source: Alain and Bengio, *Understanding intermediate layers using linear classifier probes*
    (2016).
    """
    return _probe(place).accuracy


@measure_of(
    title="straight cut: standard error (linear probe)",
    range=(0, 0.5),
    max_points=MAX_POINTS,
    max_values=MAX_VALUES,
    needs=("classes",),
)
def linear_probe_error(place: Place) -> float:
    """Standard error of `linear_probe`: ``√(p (1 − p) / n)`` over the `n` held-out points.

    Range 0 to 0.5; neither direction is better.

    Known failings: binomial, so it covers the draw of the held-out points, not that of the
    training half; 0 at an accuracy of exactly 0 or 1, where 3/n is an honest upper bound for the
    share of errors or hits.
    """
    return _probe(place).standard_error


@measure_of(
    title="gap between classes (margin of a linear SVM)",
    direction="higher",
    max_points=MAX_POINTS,
    max_values=MAX_VALUES,
    needs=("classes",),
)
def margin(place: Place) -> float:
    """Signed distance from the boundary of a linear SVM to the point on its worst side.

    ``min over points of y (w · z + b) / ‖w‖`` with y = ±1 and z the standardised units. Positive
    when a straight cut separates the classes, and then how wide the gap beside it is; negative
    otherwise, and then how deep the worst point lies on the wrong side. With more than two
    classes the smallest over all pairs of classes, each with an SVM of its own. Unbounded, higher
    is less tangled.

    The SVM is scikit-learn's LinearSVC with squared hinge loss at C = 100: slightly softer than
    the hard margin, so the value lies a little under the widest gap.

    Known failings: one mislabelled point decides it, and the more points there are the lower it
    is; distances grow with the square root of the number of units, so compare layers of the same
    width; where units outnumber points any labels are separated, and it is positive for labels
    drawn at random. Missing with more than 20 classes.

    Source: Cortes and Vapnik, *Support-vector networks* (1995).
    """
    classes = np.unique(place.labels)
    if len(classes) > MAX_MARGIN_CLASSES:
        raise Missing(f"there are more than {MAX_MARGIN_CLASSES} classes: too many pairs to fit")
    z = standardise(place.values, place.values)
    if not z.any():
        raise Missing("all points are equal")
    rows = [place.labels == c for c in classes]
    return min(_margin(z[a], z[b]) for a, b in combinations(rows, 2))


def _margin(a: Matrix, b: Matrix) -> float:
    from sklearn.svm import LinearSVC

    y = np.repeat([-1.0, 1.0], [len(a), len(b)])
    z = np.vstack([a, b])
    if not np.ptp(z, axis=0).any():
        return 0.0
    # The solver shrinks the offset too unless its column is long: it acts on centred points.
    middle = (a.mean(axis=0) + b.mean(axis=0)) / 2
    z = in_span(z - middle)
    with warnings.catch_warnings():
        # Not converged is near enough: any w gives a valid, only smaller, margin.
        warnings.simplefilter("ignore")
        svm = cast("Any", LinearSVC)(C=100.0, dual=False, intercept_scaling=10)
        svm.fit(z, y)
    w: NDArray[np.float64] = svm.coef_[0]
    length = float(np.linalg.norm(w))
    if length == 0:
        return 0.0
    return float((y * svm.decision_function(z)).min()) / length
