"""How faithful a view is: numbers about a representation and the plane in which it is shown."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import spread_rows
from unknot.measures.probe import fit_probe, probe_rows
from unknot.measures.regression import linear_r2
from unknot.measures.table import Missing, Place, measure_of
from unknot.motion.projection import Matrix
from unknot.traces.goodness import r2_number, r2_text

#: Neighbours for trustworthiness and continuity.
NEIGHBOURS = 15
#: Points for the neighbour measures, whose cost grows with the square.
MAX_NEIGHBOUR_POINTS = 1_000
#: The same for measures that were asked for by name.
MAX_VIEW_POINTS = 2_000
#: Points for the linear probes: on 10,000 held-out points an accuracy has a standard error of
#: 0.005 at most. Wide layers get fewer, so that the time stays bounded.
MAX_PROBE_POINTS = 20_000
MAX_PROBE_VALUES = 2_000_000
#: Numbers of a cloud of which a copy in double precision is made at once.
AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Readout:
    """What a picture of a wide representation hides.

    Attributes
    ----------
    variance_shown : float or None
        Share of the variance that lies in the shown axes, 0 to 1; None of a map of neighbours,
        whose axes are no directions of the layer.
    probe_full, probe_shown : float or None
        Held-out accuracy of a linear probe on all units and on the shown axes; of a number to
        predict its R². The gap is the best warning that classes overlap in the picture only.
    is_number : bool
        Whether the labels are a number to predict.
    sample : tuple of two arrays, optional
        Some rows of the layer and of its picture, for the neighbour measures, which are worked
        out when they are asked for.
    """

    variance_shown: float | None
    probe_full: float | None
    probe_shown: float | None
    sample: tuple[NDArray[np.floating], NDArray[np.floating]] | None = field(
        default=None, repr=False, compare=False
    )
    is_number: bool = False

    @cached_property
    def trustworthiness(self) -> float | None:
        """1 when neighbours in the picture are neighbours in the layer; None for too few points.

        Venna and Kaski (2001), k = 15.
        """
        return None if self.sample is None else trustworthiness(*self.sample)

    @cached_property
    def continuity(self) -> float | None:
        """The reverse: 1 when neighbours in the layer are neighbours in the picture."""
        return None if self.sample is None else trustworthiness(*self.sample[::-1])

    @property
    def misleads(self) -> bool:
        """True when the picture shows an overlap that is not there (probe gap over 0.02)."""
        if self.probe_full is None or self.probe_shown is None:
            seen = self.trustworthiness if self.variance_shown is None else self.variance_shown
            return seen is not None and seen < (0.9 if self.variance_shown is None else 0.5)
        return self.probe_full - self.probe_shown > 0.02

    @property
    def caption(self) -> str:
        """One line: ``"93% of the spread shown · straight cut: 88.4% here, 88.6% in full"``.

        Of a map: ``"trustworthiness 0.98 · straight cut: …"``.
        """
        parts: list[str] = []
        if self.variance_shown is not None:
            parts.append(f"{self.variance_shown:.0%} of the spread shown")
        elif self.trustworthiness is not None:
            parts.append(f"trustworthiness {self.trustworthiness:.2f}")
        if self.probe_full is not None and self.probe_shown is not None:
            shown, full = self.probe_shown, self.probe_full
            if self.is_number:
                parts.append(
                    f"linear probe: {r2_text(shown, 2)} here, {r2_number(full, 2)} in full"
                )
            else:
                parts.append(f"straight cut: {shown:.1%} here, {full:.1%} in full")
        return " · ".join(parts)


def readout(
    values: NDArray[np.floating],
    shown: NDArray[np.floating],
    labels: NDArray[np.int64] | NDArray[np.float32],
    *,
    widths: Sequence[int] = (),
    held_out: NDArray[np.bool_] | None = None,
    is_map: bool = False,
) -> Readout:
    """Compare a representation with its picture.

    Parameters
    ----------
    values : (n_points, n_units) float array
    shown : (n_points, n_axes) float array
        The same rows, projected.
    labels : (n_points,) array
        Integers for classes, floats for a number to predict.
    widths : sequence of int
        Units of the representations before this one.
    held_out : (n_points,) bool array, optional
        Points that the network was not trained on, which judge the probes.
    is_map : bool
        Whether the picture is a map of neighbours.

    Returns
    -------
    Readout
        Probes have the rows and the split of the measure ``linear_probe``, neighbour measures
        1,000 rows, spread evenly.
    """
    total = _spread(values)
    variance = _spread(shown) / total if total > 0 else 1.0
    rows = probe_rows(labels, [*widths, values.shape[1]])
    near = spread_rows(len(values), MAX_NEIGHBOUR_POINTS)
    judges = None if held_out is None else held_out[rows]
    some = values[rows]
    real = without_rounding(shown[rows], some)
    full, seen = (probe_score(cloud, labels[rows], judges) for cloud in (some, real))
    return Readout(
        variance_shown=None if is_map else min(variance, 1.0),
        probe_full=full,
        probe_shown=seen,
        sample=(values[near], shown[near]),
        is_number=labels.dtype.kind != "i",
    )


def without_rounding(
    shown: NDArray[np.floating], values: NDArray[np.floating]
) -> NDArray[np.floating]:
    """A picture in which an axis that only rounding fills is 0: a probe would read the rounding.

    Each of n units is off by ε/2 of the largest value at most, on the way into it as much again;
    in a direction of length 1 that is √n ε at most, and twice that between two points.
    """
    eps = np.finfo(np.float32).eps
    least = 2 * np.sqrt(values.shape[1]) * eps * np.abs(values).max(initial=0.0)
    return np.where(np.ptp(shown, axis=0) > least, shown, 0.0)


def _spread(cloud: NDArray[np.floating]) -> float:
    """The variances of all columns together; of a large cloud no copy is made."""
    if cloud.size <= AT_ONCE:
        return float(cloud.var(axis=0, dtype=np.float64).sum())
    mean = cloud.mean(axis=0, dtype=np.float64)
    rows = max(AT_ONCE // cloud.shape[1], 1)
    parts = (cloud[start : start + rows] - mean for start in range(0, len(cloud), rows))
    return sum(float(np.square(part).sum()) for part in parts) / len(cloud)


def probe_score(
    values: NDArray[np.floating],
    labels: NDArray[np.int64] | NDArray[np.float32],
    held_out: NDArray[np.bool_] | None = None,
) -> float | None:
    """What a linear probe comes to: of classes `probe_accuracy`, of a target `linear_r2`."""
    if labels.dtype.kind != "i":
        return linear_r2(values, labels, held_out=held_out)
    return probe_accuracy(values, labels, held_out)


def probe_accuracy(
    values: NDArray[np.floating],
    labels: NDArray[np.generic],
    held_out: NDArray[np.bool_] | None = None,
) -> float | None:
    """Held-out accuracy of logistic regression on standardised units (Alain and Bengio 2016).

    Points held out from the network judge it and the others train it; where that is not known, a
    random half of the rows (always the same) trains it, the other judges it. None when those that
    train lack a class.
    """
    probe = fit_probe(values, labels, held_out=held_out)
    return None if probe is None else probe.accuracy


def trustworthiness(
    full: NDArray[np.floating], shown: Matrix | NDArray[np.floating]
) -> float | None:
    """Venna and Kaski (2001) at k = 15; None with fewer than 2k + 2 points."""
    from sklearn import manifold

    if len(full) < 2 * NEIGHBOURS + 2:
        return None
    return float(cast("Any", manifold).trustworthiness(full, shown, n_neighbors=NEIGHBOURS))


@measure_of(title="spread shown (share of the variance)", range=(0, 1), needs=("view",))
def variance_shown(place: Place) -> float:
    """Share of the variance of all units that lies in the shown axes.

    Σ var(shown axes) / Σ var(units). Range: 0 to 1; more is a more faithful picture. Failings:
    what separates the classes may lie in directions of little variance.

    Raises
    ------
    Missing
        When the points do not differ.
    """
    total = float(place.values.var(axis=0).sum())
    if total == 0:
        raise Missing("all points are one: there is no variance")
    return min(float(_shown(place).var(axis=0).sum()) / total, 1.0)


@measure_of(
    title="right by a straight cut of the view (linear probe)",
    range=(0, 1),
    max_points=MAX_PROBE_POINTS,
    needs=("view", "classes"),
)
def probe_shown(place: Place) -> float:
    """Held-out accuracy of a linear probe (Alain and Bengio 2016) that sees the picture only.

    Range: 0 to 1. Far below ``linear_probe`` of all units, the classes overlap in the picture
    only. Failings: those of any linear classifier: rings look hopeless to it.

    Raises
    ------
    Missing
        When there are too few points to learn from.
    """
    seen = without_rounding(_shown(place), place.values)
    accuracy = probe_accuracy(seen, place.labels, place.held_out)
    if accuracy is None:
        raise Missing("too few points of two classes for a probe")
    return accuracy


@measure_of(
    title="neighbours in the view that are real (trustworthiness)",
    range=(0, 1),
    max_points=MAX_VIEW_POINTS,
    needs=("view",),
)
def trustworthiness_(place: Place) -> float:
    """Whether neighbours in the picture are neighbours in the layer (Venna and Kaski 2001).

    1 − 2 / (n k (2n − 3k − 1)) · Σᵢ Σ (r(i, j) − k) over the points j that are among the k = 15
    nearest of i in the picture but not in the layer, where j is the r(i, j)-th nearest.

    Range: 0 to 1, about 0.5 for an unrelated picture; more is more faithful. Failings: it speaks
    of small neighbourhoods only, and k = 15 of few points is a large one.

    Raises
    ------
    Missing
        With fewer than 2k + 2 points.
    """
    return _neighbour_score(place.values, _shown(place))


@measure_of(
    title="real neighbours that the view keeps (continuity)",
    range=(0, 1),
    max_points=MAX_VIEW_POINTS,
    needs=("view",),
)
def continuity(place: Place) -> float:
    """Whether neighbours in the layer are neighbours in the picture (Venna and Kaski 2001).

    ``trustworthiness`` with picture and layer exchanged; range and failings are the same.

    Raises
    ------
    Missing
        With fewer than 2k + 2 points.
    """
    return _neighbour_score(_shown(place), place.values)


@measure_of(
    title="shared neighbours of view and layer, R_NX(15)",
    range=(None, 1),
    max_points=MAX_VIEW_POINTS,
    needs=("view",),
)
def rnx(place: Place) -> float:
    """Share of the neighbours in the layer that the picture keeps, beyond chance.

    R_NX(k) = ((n − 1) Q − k) / (n − 1 − k) with Q the mean share of the k nearest neighbours in
    the layer that are among the k nearest in the picture (Lee, Renard, Bernard, Dupont and
    Verleysen 2013), here at k = 15 as for ``trustworthiness`` rather than averaged over all k.

    Range: 1 when all are kept, 0 for an unrelated picture, at least −k / (n − 1 − k). Failings:
    it does not say how far away a lost neighbour is; of equally near points the first counts.

    Raises
    ------
    Missing
        With fewer than 2k + 2 points.
    """
    from scipy.spatial.distance import cdist

    n, k = len(place.values), NEIGHBOURS
    _check_enough(n)
    near: list[NDArray[np.bool_]] = []
    for cloud in (place.values, _shown(place)):
        distances = cdist(cloud, cloud)
        np.fill_diagonal(distances, np.inf)
        chosen = np.argsort(distances, axis=1, kind="stable")[:, :k]
        member = np.zeros((n, n), dtype=bool)
        np.put_along_axis(member, chosen, True, axis=1)
        near.append(member)
    shared = np.count_nonzero(near[0] & near[1]) / (n * k)
    return ((n - 1) * shared - k) / (n - 1 - k)


@measure_of(
    title="points on the wrong side in the view",
    range=(0, 1),
    direction="lower",
    max_points=MAX_PROBE_POINTS,
    needs=("view", "classes"),
)
def wrong_side(place: Place) -> float:
    """Share of the points that lie on the wrong side of a straight boundary in the picture.

    The boundary is that of logistic regression on the shown axes, fitted to the very points that
    are counted (several classes: one boundary between each two), because what is meant is what
    the eye sees, not how it generalises. This package's own measure.

    Range: 0 to 1; less is less tangled. Failings: logistic regression minimises its own loss, not
    this share, so a better line may exist; nor is it the boundary that the network draws.

    Raises
    ------
    Missing
        When the points do not differ in the picture.
    """
    from sklearn.linear_model import LogisticRegression

    shown = _shown(place)
    scale = float(shown.std(axis=0).max())
    if scale == 0:
        raise Missing("all points are one in the picture")
    z = (shown - shown.mean(axis=0)) / np.maximum(shown.std(axis=0), 1e-5 * scale)
    line = cast("Any", LogisticRegression(C=100.0, max_iter=1_000))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        line.fit(z, place.labels)
    return 1 - float(line.score(z, place.labels))


def _shown(place: Place) -> Matrix:
    if place.shown is None:
        raise Missing("no view was given")
    return place.shown


def _check_enough(n: int) -> None:
    if n < 2 * NEIGHBOURS + 2:
        raise Missing(f"{2 * NEIGHBOURS + 2} points are needed, there are {n}")


def _neighbour_score(full: Matrix, shown: Matrix) -> float:
    _check_enough(len(full))
    score = trustworthiness(full, shown)
    assert score is not None
    return score
