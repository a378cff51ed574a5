"""Projections: the plane (or 3-space) in which one representation is shown."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import spread_rows
from unknot.datasets.labels import labelled_rows
from unknot.errors import UsageError
from unknot.motion.corners import class_order, class_scores, corner_frame
from unknot.motion.rotation import complement
from unknot.table import Table
from unknot.traces.representation import Trace, Values

Matrix = NDArray[np.float64]

#: Rows from which directions are computed, spread evenly over the data: a plane's direction is
#: known to about 1/√rows of its spread, far below what an eye sees. Wide layers give fewer.
MAX_ROWS = 50_000
MAX_VALUES = 20_000_000
#: Units, or rows where they are fewer, up to which directions come from a matrix of that size; of
#: larger clouds they are sought in a subspace.
MAX_SIDE = 512
#: Principal directions of a wider layer in which its discriminants are sought.
LDA_DIRECTIONS = 128
#: Rows from which discriminants are worked out, of layers of up to so many units (a page holds
#: these whole) and of wider ones.
LDA_ROWS, WIDE_LDA_ROWS, WHOLE = 2_000, 20_000, 128
#: Rows a unit and a class from which `auto` trusts discriminants: of fewer they find classes in
#: noise.
ROWS_EACH = 4


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
    """

    frame: Matrix
    axis_labels: tuple[str, ...]
    is_fixed: bool
    are_units: bool = False
    are_corners: bool = False


@dataclass(frozen=True)
class ViewedPlace:
    """What a projection may look at.

    Attributes
    ----------
    values : (n_rows, n_units) float64
    labels : (n_rows,) array
    unit_names : tuple of str
    after : (n_rows, n_units) float64 or None
        The same points after the next activation, when one follows.
    n_axes : int
        2 or 3.
    units : tuple of int or None
        The units asked for.
    seed : int
    order : tuple of int
        The classes around the polygon of their corners; empty where the units are no classes.
    """

    values: Matrix
    labels: NDArray[np.int64] | NDArray[np.float32]
    unit_names: tuple[str, ...]
    after: Matrix | None
    n_axes: int
    units: tuple[int, ...] | None = None
    seed: int = 0
    order: tuple[int, ...] = ()

    @property
    def n_units(self) -> int:
        """All that the layer has, not only the units asked for."""
        return self.values.shape[1]


projections: Table[Callable[[ViewedPlace], Projection]] = Table("projection")


def project(trace: Trace, k: int, name: str, n_axes: int, **options: object) -> Projection:
    """The projection of representation `k` by name.

    A representation with no more units than axes is shown in its units, whatever the name.
    """
    function = projections[name]
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
        **options,  # pyright: ignore[reportArgumentType]
    )
    return units(place) if representation.n_units <= n_axes else function(place)


def rows_for(n_points: int, n_units: int) -> NDArray[np.int64]:
    """The rows from which the directions of a layer are worked out."""
    return spread_rows(n_points, min(MAX_ROWS, max(MAX_VALUES // n_units, 1)))


@projections.add
def auto(place: ViewedPlace) -> Projection:
    """The view that keeps most of what a straight cut reads in the layer, by a fixed rule.

    Units that are the classes: `corners`. Of more classes than axes and one, with 4 rows a unit
    and a class, and a cloud that fills more directions than there are axes: `lda`. Otherwise
    `following`.
    """
    if place.order:
        return corners(place)
    return lda(place) if _has_discriminants(place) else following(place)


def _has_discriminants(place: ViewedPlace) -> bool:
    classes = place.labels[_lda_rows(place)]
    n_classes = len(np.unique(classes))
    if classes.dtype.kind != "i" or n_classes <= place.n_axes + 1:
        return False
    n_directions = place.n_units if place.n_units <= MAX_SIDE else LDA_DIRECTIONS
    if len(classes) < ROWS_EACH * max(n_directions, n_classes):
        return False
    variances = principal_directions(place.values, place.n_axes + 1)[1]
    return bool(variances[-1] > 1e-9 * max(float(variances[0]), 1e-30))


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
    vectors, variances = principal_directions(place.values, place.n_axes)
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
    vectors, variances = principal_directions(place.values, place.n_axes)
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
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    rows = _lda_rows(place)
    values, classes = place.values[rows], place.labels[rows]
    if classes.dtype.kind != "i" or len(np.unique(classes)) < 2:
        raise UsageError(
            "LDA needs two or more classes.\nUse projection 'following' or 'pca' for this data."
        )
    if len(classes) <= len(np.unique(classes)) or not np.ptp(values, axis=0).any():
        return pca(place)  # no spread within the classes to measure against
    is_wide = place.n_units > MAX_SIDE
    leading = principal_directions(place.values, LDA_DIRECTIONS)[0] if is_wide else None
    model = cast("Any", LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto"))
    with warnings.catch_warnings():
        # A class of one row has no spread, and adds none.
        warnings.simplefilter("ignore")
        model.fit(values if leading is None else values @ leading, classes)
    scalings = np.asarray(model.scalings_, dtype=np.float64)
    scalings = scalings if leading is None else leading @ scalings
    n_discriminants = min(len(model.classes_) - 1, place.n_axes)
    frame = np.linalg.qr(scalings[:, :n_discriminants])[0]
    rest = place.values - (place.values @ frame) @ frame.T
    filler = principal_directions(rest, place.n_axes - n_discriminants)[0]
    frame = _signed(np.linalg.qr(np.hstack([frame, filler]))[0])
    of = f", of {LDA_DIRECTIONS} directions" if is_wide else ""
    labels = [f"discriminant {i + 1}{of}" for i in range(n_discriminants)]
    labels += [f"PC {i + 1} of the rest" for i in range(place.n_axes - n_discriminants)]
    return Projection(frame, tuple(labels), is_fixed=True)


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


def principal_directions(values: Values, most: int | None = None) -> tuple[Matrix, Matrix]:
    """Eigenvectors of the covariance, (n_units, count), and variances (count,), largest first.

    As many as there are units, or `most`.

    No matrix is made whose sides are both as long as the cloud's longer one, nor, beyond
    `MAX_SIDE`, its shorter one: there the directions are those of a block Krylov subspace (Musco
    and Musco 2015), whose variances are the largest to about 1e-3 however close they lie. Signs
    are fixed so that the largest entry of each direction is positive.
    """
    centred = np.asarray(values, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    n, n_units = centred.shape
    count = n_units if most is None else min(most, n_units)
    if n_units <= MAX_SIDE:
        variances, vectors = np.linalg.eigh(centred.T @ centred / max(n, 1))
        vectors = vectors[:, ::-1][:, :count]
        return _signed(vectors), np.maximum(variances[::-1][:count], 0)
    if n <= max(MAX_SIDE, 16 * count):
        rows = np.linalg.eigh(centred @ centred.T)[1][:, ::-1][:, :count]
        basis = centred.T @ rows
        # Where there are fewer rows than directions, the rest are orthogonal to them.
        basis = np.hstack([basis, np.zeros((n_units, count - basis.shape[1]))])
        basis = np.linalg.qr(basis)[0]
    else:
        basis = _krylov_basis(centred, count)
    seen = centred @ basis
    variances, turn = np.linalg.eigh(seen.T @ seen / max(n, 1))
    vectors = basis @ turn[:, ::-1][:, :count]
    return _signed(vectors), np.maximum(variances[::-1][:count], 0)


def _krylov_basis(centred: Matrix, count: int) -> Matrix:
    """Orthonormal columns whose span holds the leading directions, after a few products."""
    block = np.random.default_rng(0).normal(size=(centred.shape[1], max(count, 8)))
    blocks = [np.linalg.qr(centred.T @ (centred @ block))[0]]
    for _ in range(max(3, 80 // block.shape[1])):
        blocks.append(np.linalg.qr(centred.T @ (centred @ blocks[-1]))[0])
    return np.linalg.qr(np.hstack(blocks))[0]


def _signed(directions: Matrix) -> Matrix:
    """Directions have no sign of their own: the largest entry of each column is made positive."""
    largest = np.abs(directions).argmax(axis=0)
    signs = np.sign(directions[largest, np.arange(directions.shape[1])])
    return directions * np.where(signs == 0, 1, signs)
