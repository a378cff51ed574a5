"""Projections: the plane (or 3-space) in which one representation is shown."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import spread_rows
from unknot.datasets.labels import labelled_rows
from unknot.errors import UsageError
from unknot.motion.corners import class_order, class_scores, corner_frame, decides
from unknot.motion.directions import MAX_SIDE, principal_directions, signed
from unknot.motion.fitted import discriminants, growing_direction, halves, told_by_line
from unknot.motion.logistic import logistic_plane, read_by_cuts
from unknot.motion.rotation import complement
from unknot.motion.viewed_place import ViewedPlace
from unknot.table import Table
from unknot.traces.lattice import UNEQUAL
from unknot.traces.representation import Trace

Matrix = NDArray[np.float64]

#: Rows from which directions are computed, spread evenly over the data: a plane's direction is
#: known to about 1/√rows of its spread, far below what an eye sees. Wide layers give fewer.
MAX_ROWS = 50_000
MAX_VALUES = 20_000_000
#: Principal directions of a wider layer in which its discriminants are sought.
LDA_DIRECTIONS = 128
#: Rows from which discriminants are worked out, of layers of up to so many units (a page holds
#: these whole) and of wider ones.
LDA_ROWS, WIDE_LDA_ROWS, WHOLE = 2_000, 20_000, 128
#: Rows a unit and a class from which `auto` trusts discriminants: of fewer they find classes in
#: noise.
ROWS_EACH = 4
#: Classes up to which `auto` looks for a logistic plane, and by how much more of the points it must
#: tell apart: a little more may be chance, and corners and discriminants have names.
MOST_CLASSES, CLEARLY = 100, 0.01


@dataclass(frozen=True)
class Projection:
    """Where to look at one representation.

    Attributes
    ----------
    frame : (max(n_units, n_axes), n_axes) float64
        Orthonormal columns; ``values @ frame`` is what is shown. A representation with fewer
        units than axes is padded with axes along which it has no extent.
    axis_labels : tuple of str
        One an axis.
    is_fixed : bool
        True when the axes mean something by themselves. Otherwise only the plane counts, and the
        camera may turn the frame within it.
    are_units : bool
        True when the axes are units.
    are_corners : bool
        True when the units are the classes and row `c` of the frame is the corner of class `c`.
    is_fitted : bool
        True when the plane is fitted to the labels as a page does not: `logistic`, `regression`.
    """

    frame: Matrix
    axis_labels: tuple[str, ...]
    is_fixed: bool
    are_units: bool = False
    are_corners: bool = False
    is_fitted: bool = False


Project = Callable[[ViewedPlace], Projection]
projections: Table[Project] = Table("projection")

#: Of a trace: projections that took time, by representation, name and axes.
_projected: WeakKeyDictionary[Trace, dict[tuple[int, str, int], Projection]] = WeakKeyDictionary()


def project(trace: Trace, k: int, name: str, n_axes: int, **options: Any) -> Projection:
    """The projection of representation `k` by name.

    A representation with no more units than axes is shown in its units, whatever the name.
    """
    function = projections[name]
    if name not in ("auto", "corners", "logistic"):
        return _project(trace, k, function, n_axes, options)
    known = _projected.setdefault(trace, {})
    if (k, name, n_axes) not in known:
        known[k, name, n_axes] = _project(trace, k, function, n_axes, {})
    return known[k, name, n_axes]


def _project(
    trace: Trace,
    k: int,
    function: Project,
    n_axes: int,
    options: dict[str, Any],
) -> Projection:
    representation = trace.representations[k]
    rows = rows_for(trace.n_points, representation.n_units)
    after = None
    if k < len(trace.maps) and trace.representations[k + 1].n_units == representation.n_units:
        after = trace.representations[k + 1].values[rows].astype(np.float64)
    place = ViewedPlace(
        values=representation.values[rows].astype(np.float64),
        labels=trace.labels[rows],
        unit_names=trace.unit_titles(k),
        after=after,
        n_axes=n_axes,
        order=class_order(trace) if k in class_scores(trace) else (),
        held_out=None if trace.held_out is None else trace.held_out[rows],
        **options,
    )
    return units(place) if representation.n_units <= n_axes else function(place)


def rows_for(n_points: int, n_units: int) -> NDArray[np.int64]:
    """The rows from which the directions of a layer are worked out."""
    return spread_rows(n_points, min(MAX_ROWS, max(MAX_VALUES // n_units, 1)))


@projections.add
def auto(place: ViewedPlace) -> Projection:
    """The view that keeps most of what a straight cut reads in the layer, by a fixed rule.

    Units that are the classes: `corners`. Other layers of more classes than axes and one, with 4
    rows a unit and a class, and a cloud that fills more directions than there are axes: `lda`;
    otherwise `following`. In the place of each, for so many classes and rows, `logistic`, where
    both are fitted to half of the rows and it tells clearly more of the other half apart. Of a
    target `regression`, where half of the rows says that it tells the other half, and no less.
    """
    if place.order and decides(len(place.order), place.n_axes):
        return corners(place)
    usual = corners if place.order else following
    if not _needs_more_axes(place):
        return usual(place)
    if not place.order and not place.has_target and _has_rows(place, MAX_SIDE):
        usual = lda
    fitted = regression if place.has_target else logistic
    is_better = _has_rows(place, WHOLE) and _is_better_read(place, fitted, usual)
    return fitted(place) if is_better else usual(place)


def _is_better_read(place: ViewedPlace, fitted: Project, usual: Project) -> bool:
    """Whether half of the rows says that `fitted` tells more of the other half, by the rule."""
    rows = _lda_rows(place)
    rows = rows[spread_rows(len(rows), LDA_ROWS)]
    values, labels = place.values[rows], place.labels[rows]
    if not place.has_target and len(np.unique(labels)) > MOST_CLASSES:
        return False
    first, second = halves(labels)
    half = replace(place, values=values[first], labels=labels[first], held_out=None)
    told: Callable[..., float] = told_by_line if place.has_target else read_by_cuts

    def right(frame: Matrix) -> float:
        return told(half.values @ frame, half.labels, values[second] @ frame, labels[second])

    known = right(usual(half).frame)
    if not place.has_target:
        return known < 1 - CLEARLY and right(fitted(half).frame) > known + CLEARLY
    frame = fitted(half).frame
    sides = np.ptp(half.values @ frame, axis=0)
    # An axis that has a name may tell a little less; along one this narrow nothing would be seen.
    return right(frame) > max(known - CLEARLY, CLEARLY) and sides[0] * UNEQUAL > sides.max()


def _needs_more_axes(place: ViewedPlace) -> bool:
    """More classes than a simplex in these axes holds, or a target, in a cloud of more directions.

    Of a target that does not differ nothing can be told.
    """
    if not len(place.values):
        return False
    known = np.unique(place.labels[_lda_rows(place)])
    if len(known) <= (1 if place.has_target else place.n_axes + 1):
        return False
    variances = place.directions(place.n_axes + 1)[1]
    return bool(variances[-1] > 1e-9 * max(float(variances[0]), 1e-30))


def _has_rows(place: ViewedPlace, most_units: int) -> bool:
    """Rows enough for a fit in all units, of wider layers in their leading directions."""
    labels = place.labels[_lda_rows(place)]
    n_directions = place.n_units if place.n_units <= most_units else LDA_DIRECTIONS
    n_classes = 0 if place.has_target else len(np.unique(labels))
    return len(labels) >= ROWS_EACH * max(n_directions, n_classes)


def _lda_rows(place: ViewedPlace) -> NDArray[np.int64]:
    labelled = labelled_rows(place.labels)
    most = LDA_ROWS if place.n_units <= WHOLE else WIDE_LDA_ROWS
    return labelled[spread_rows(len(labelled), most)] if len(labelled) else labelled


@projections.add
def corners(place: ViewedPlace) -> Projection:
    """Units that are the classes point to the corners of a regular polygon, in space of a sphere.

    Classes that the network confuses stand side by side. Other representations are shown as by
    `auto`.
    """
    if not place.order:
        return auto(place)
    labels = tuple(f"corners, {c}" for c in "abc"[: place.n_axes])
    frame = corner_frame(place.order, place.n_axes)
    return Projection(frame, labels, is_fixed=True, are_corners=True)


@projections.add
def following(place: ViewedPlace) -> Projection:
    """The principal plane; a camera carried by the maps turns it as little as it can.

    For a sheet that fills fewer directions than there are axes, the next axis is where the next
    activation will lift it.
    """
    vectors, variances = place.directions(place.n_axes)
    rank = int((variances > 1e-9 * max(variances[0], 1e-30)).sum()) if len(variances) else 0
    frame = vectors[:, : min(rank, place.n_axes)]
    if frame.shape[1] < place.n_axes and place.after is not None:
        lifted = place.after - (place.after @ frame) @ frame.T
        directions, spread = principal_directions(lifted, place.n_axes)
        usable = spread > 1e-9 * max(float(np.ptp(place.after)) ** 2, 1e-30)
        extra = directions[:, usable][:, : place.n_axes - frame.shape[1]]
        frame = np.hstack([frame, extra])
    if frame.shape[1] < place.n_axes:
        # Nothing tells which way to look: the least rotated completion.
        frame = np.hstack([frame, complement(frame, place.n_axes - frame.shape[1])])
    letters = "abc"[: place.n_axes]
    return Projection(frame, tuple(f"widest view, {c}" for c in letters), is_fixed=False)


@projections.add
def units(place: ViewedPlace) -> Projection:
    """Units themselves: those asked for, otherwise the first."""
    n_axes, n_units = place.n_axes, place.n_units
    chosen = place.units if place.units is not None and n_units > n_axes else None
    if chosen is None:
        chosen = tuple(range(min(n_axes, n_units)))
    if len(chosen) != min(n_axes, n_units) or len(set(chosen)) < len(chosen):
        numbers = ", ".join(str(unit + 1) for unit in chosen)
        raise UsageError(f"Give {n_axes} different units for {n_axes} axes; got units {numbers}.")
    for unit in chosen:
        check_unit(unit, n_units)
    extra = list(range(n_units, n_axes))
    frame = np.zeros((max(n_units, n_axes), n_axes))
    frame[[*chosen, *extra], range(n_axes)] = 1
    labels = tuple(place.unit_names[u] for u in chosen) + ("",) * len(extra)
    return Projection(frame, labels, is_fixed=True, are_units=True)


def check_unit(index: int, n_units: int, layer: str = "") -> None:
    """UsageError for a unit that a layer does not have, as people and as Python count it."""
    if not 0 <= index < n_units:
        of = f" of {layer!r}" if layer else ""
        raise UsageError(
            f"Unit {index + 1}{of} does not exist: choose 1 to {n_units}.\n"
            f"In Python units= counts from 0: 0 to {n_units - 1}."
        )


@projections.add
def pca(place: ViewedPlace) -> Projection:
    """The principal components themselves, each with its share of the variance."""
    vectors, variances = place.directions(place.n_axes)
    share = variances / max(float(place.values.var(axis=0).sum()), 1e-30)
    labels = tuple(f"PC {i + 1} ({share[i]:.0%} of variance)" for i in range(place.n_axes))
    return Projection(vectors, labels, is_fixed=True)


@projections.add
def lda(place: ViewedPlace) -> Projection:
    """Linear discriminants: where class means lie farthest apart, in units of the spread within.

    The discriminants of Fisher (1936) are not orthogonal; the frame spans the same plane. What
    is left of it is filled with principal components of the rest. Of a layer with more than 512
    units the discriminants are those of its 128 leading principal directions.
    """
    rows = _classed_rows(place, "LDA")
    return place.once("lda", lambda: _discriminants(place, rows))


def _discriminants(place: ViewedPlace, rows: NDArray[np.int64]) -> Projection:
    values, classes = place.values[rows], place.labels[rows]
    if len(classes) <= len(np.unique(classes)) or not np.ptp(values, axis=0).any():
        return pca(place)  # no spread within the classes to measure against
    is_wide = place.n_units > MAX_SIDE
    leading = place.directions(LDA_DIRECTIONS)[0] if is_wide else None
    scalings = discriminants(values if leading is None else values @ leading, classes)
    scalings = scalings if leading is None else leading @ scalings
    n_discriminants = min(len(np.unique(classes)) - 1, place.n_axes)
    frame = _filled(place, np.linalg.qr(scalings[:, :n_discriminants])[0])
    of = f", of {LDA_DIRECTIONS} directions" if is_wide else ""
    labels = [f"discriminant {i + 1}{of}" for i in range(n_discriminants)]
    labels += [f"PC {i + 1} of the rest" for i in range(place.n_axes - n_discriminants)]
    return Projection(frame, tuple(labels), is_fixed=True)


@projections.add
def logistic(place: ViewedPlace) -> Projection:
    """The plane in which straight cuts tell most of the classes apart, of 2,000 rows.

    Logistic regression of rank 2 (in space 3): see ``motion/logistic.py``. It is a plane as that
    of `following`, turned as little as the maps allow. Of a layer with more than 128 units it is
    sought in its 128 leading principal directions. What two classes leave of it is filled as
    `lda` fills it.
    """
    rows = _classed_rows(place, "A logistic plane")
    rows = rows[spread_rows(len(rows), LDA_ROWS)]
    usual = lda(place)
    if not usual.axis_labels[0].startswith("discriminant"):
        return usual  # no spread within the classes, so that any plane between them is as good
    values, classes = place.values[rows], place.labels[rows].astype(np.int64)
    rank = min(len(np.unique(classes)) - 1, place.n_axes)
    start = usual.frame[:, :rank]
    if place.n_units <= WHOLE:
        plane = logistic_plane(values, classes, rank, start)
    else:
        leading = place.directions(LDA_DIRECTIONS)[0]
        start = np.linalg.qr(leading.T @ start)[0]
        plane = leading @ logistic_plane(values @ leading, classes, rank, start)
    labels = tuple(f"logistic, {c}" for c in "abc"[: place.n_axes])
    return Projection(_filled(place, plane), labels, is_fixed=False, is_fitted=True)


@projections.add
def regression(place: ViewedPlace) -> Projection:
    """The direction along which a number to predict grows, and where the rest spreads most.

    That of a ridge regression of the target on the units: what a linear function tells of the
    target is told along the first axis. Points held out, which judge it, are not fitted to. Of a
    layer with more than 128 units it is sought in its 128 leading principal directions. Classes
    are shown as by `auto`.
    """
    if not place.has_target:
        return auto(place)
    rows = _lda_rows(place)
    if place.held_out is not None and not place.held_out[rows].all():
        rows = rows[~place.held_out[rows]]
    if not len(rows) or not np.ptp(place.labels[rows]):
        return following(place)
    leading = place.directions(LDA_DIRECTIONS)[0] if place.n_units > WHOLE else None
    values = place.values[rows] if leading is None else place.values[rows] @ leading
    growing = growing_direction(values, place.labels[rows])
    if growing is None:
        return following(place)
    first = growing if leading is None else leading @ growing
    frame = _filled(place, first[:, None])
    frame[:, 0] = first  # to the side where the target is larger
    labels = ("linear regression", *(f"PC {i} of the rest" for i in range(1, place.n_axes)))
    return Projection(frame, labels, is_fixed=True, is_fitted=True)


def _classed_rows(place: ViewedPlace, who: str) -> NDArray[np.int64]:
    rows = _lda_rows(place)
    if place.labels.dtype.kind != "i" or len(np.unique(place.labels[rows])) < 2:
        raise UsageError(
            f"{who} needs two or more classes.\nUse projection 'following' or 'pca' for this data."
        )
    return rows


def _filled(place: ViewedPlace, frame: Matrix) -> Matrix:
    """The frame, and beside it principal components of what it leaves."""
    if frame.shape[1] == place.n_axes:
        return signed(frame)
    rest = place.values - (place.values @ frame) @ frame.T
    filler = principal_directions(rest, place.n_axes - frame.shape[1])[0]
    return signed(np.linalg.qr(np.hstack([frame, filler]))[0])


@projections.add
def neighbours(place: ViewedPlace) -> Projection:
    """A map of neighbours (t-SNE) in place of a plane: distances and paths mean nothing.

    A scene shows the map, which stands for the layer (``motion/neighbours.py``). Of the layer
    itself no plane does that: here it is shown as by `following`.
    """
    return following(place)


@projections.add
def random(place: ViewedPlace) -> Projection:
    """A plane drawn uniformly at random (QR of a Gaussian matrix)."""
    rng = np.random.default_rng(place.seed)
    frame = np.linalg.qr(rng.normal(size=(place.n_units, place.n_axes)))[0]
    return Projection(
        frame, tuple(f"random axis {i + 1}" for i in range(place.n_axes)), is_fixed=False
    )
