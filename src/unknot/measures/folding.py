"""What the map that led here does to the space: how it folds, flattens, mirrors and moves it."""

import numpy as np

from unknot.measures.displacement import lengths
from unknot.measures.table import Matrix, Missing, Place, measure_of
from unknot.network.maps import Activation, Affine, Opaque

#: A value is saturated within this share of the distance between the bounds…
NEAR_BOUND = 0.01
#: … and a unit is when more than this share of its values are.
SATURATED_FROM = 0.95


@measure_of(title="linear regions that hold data", range=(1, None), same_points=True)
def linear_regions(place: Place) -> float:
    """Number of linear regions of the network so far in which there are data.

    Every relu or leaky relu unit is on (pre-activation above 0) or off, and one with a ceiling
    has a third piece. Points at which the units of all layers so far are on the same pieces share
    a region, in which the network is one affine map;
    counted are the different patterns among the points (Raghu, Poole, Kleinberg, Ganguli and
    Sohl-Dickstein 2017, "On the expressive power of deep neural networks").

    Range: 1 to the number of points; neither direction is better. It never falls with depth: all
    layers of a network are given the same points, as many as the widest affords.
    Failings: it is a lower bound on the regions of the network, and it grows with the number of
    points; with wide layers nearly every point has a region of its own.

    Raises
    ------
    Missing
        Without an activation that is bent of straight pieces (relu, leaky relu) on the way, or with
        a map on the way that is not piecewise linear, or of which only values are known.
    """
    any_folds = False
    regions = np.zeros((len(place.values), 1), dtype=np.int64)
    for before, map_ in zip(place.inputs, place.maps, strict=False):
        if isinstance(map_, Affine) or (isinstance(map_, Activation) and map_.is_linear):
            continue
        if isinstance(map_, Opaque):
            raise Missing(f"of {map_.name} only values are known, so regions cannot be counted")
        if not isinstance(map_, Activation) or not map_.function.is_piecewise_linear:
            raise Missing(f"{map_.name} is on the way here: it is not piecewise linear")
        any_folds = True
        on = np.packbits(np.hstack([before > knot for knot in map_.knots]), axis=1)
        rows = np.hstack([np.ascontiguousarray(regions).view(np.uint8), on])
        patterns = np.ascontiguousarray(rows).view(f"V{rows.shape[1]}").ravel()
        regions = np.unique(patterns, return_inverse=True)[1].reshape(-1, 1).astype(np.int64)
    if not any_folds:
        raise Missing("no relu or leaky relu led here")
    return float(regions.max() + 1)


@measure_of(title="dead units", range=(0, None), needs=("map",))
def dead_units(place: Place) -> float:
    """Number of units right after an activation that have one and the same value at every point.

    A relu unit that is off at every point is the common case: no gradient passes through it, so
    training cannot bring it back (Maas, Hannun and Ng 2013).

    Range: 0 to the number of units; neither direction is about tangling. Failings: dead on these
    points may be alive on others, so few points give too high a number.

    Raises
    ------
    Missing
        When no activation led here, or there is one point only.
    """
    _activation(place)
    if len(place.values) < 2:
        raise Missing("one point cannot show whether a unit changes")
    return float(np.count_nonzero(place.values.max(axis=0) == place.values.min(axis=0)))


@measure_of(title="saturated units", range=(0, None), needs=("map",))
def saturated_units(place: Place) -> float:
    r"""Number of units of a bounded activation that lie at its bounds for nearly all points.

    A value is saturated when its distance to the nearer bound is at most 1 % of the distance
    between the bounds: \|tanh\| ≥ 0.98, sigmoid ≤ 0.01 or ≥ 0.99. A unit is when more than 95 %
    of its values are. Saturated units pass on almost no gradient (Glorot and Bengio 2010); they
    split the points into two groups and forget the rest.

    Range: 0 to the number of units; neither direction is about tangling. Failings: both
    thresholds are conventions.

    Raises
    ------
    Missing
        When no activation with two bounds (tanh, sigmoid) led here.
    """
    map_ = _activation(place)
    low, high = map_.bounds
    if not np.isfinite(high - low):
        raise Missing(f"{map_.name} has no two bounds")
    near = NEAR_BOUND * (high - low)
    saturated = (place.values <= low + near) | (place.values >= high - near)
    return float(np.count_nonzero(saturated.mean(axis=0) > SATURATED_FROM))


@measure_of(title="most against least stretch (condition number)", range=(1, None), needs=("map",))
def condition_number(place: Place) -> float:
    """Largest over smallest singular value of the affine map that led here.

    How much more the map stretches one direction than another; 1 for a rotation or a scaling
    (Golub and Van Loan, "Matrix computations"). Of a map between different widths, the
    min(n_in, n_out) singular values count: directions that it drops altogether do not show.

    Range: 1 and up; neither direction is better. Failings: it depends on the units of the input,
    and a network that has all its data in few directions does not mind a large one.

    Raises
    ------
    Missing
        When no affine map led here, or it loses a direction: its singular value, and what it
        leaves of the cloud along it, are rounding.
    """
    sigma = _kept(place)
    if not sigma[-1]:
        raise Missing("the weights are singular: the number is infinite")
    return float(sigma[0] / sigma[-1])


@measure_of(title="least stretch (smallest singular value)", range=(0, None), needs=("map",))
def smallest_singular_value(place: Place) -> float:
    """The factor by which the affine map that led here stretches its most squeezed direction.

    Of the min(n_in, n_out) singular values; 0 where the least of them, and what it leaves of the
    cloud in its direction, are rounding. Near 0 the map flattens the cloud: what lies apart in
    that direction only is lost.

    Range: 0 and up; neither direction is better. Failings: the data may have no extent in the
    direction that is squeezed; directions that a narrowing map drops altogether do not show.

    Raises
    ------
    Missing
        When no affine map led here.
    """
    return float(_kept(place)[-1])


@measure_of(title="mirrored: −1 (sign of the determinant)", range=(-1, 1), needs=("map",))
def determinant_sign(place: Place) -> float:
    """−1 when the affine map that led here mirrors the space, 1 when not, 0 when it flattens it.

    Range: −1, 0 or 1; neither direction is better. Failings: a sign says nothing of how much.

    Raises
    ------
    Missing
        When no affine map led here, or it changes the number of units.
    """
    sigma, map_ = _kept(place), _affine(place)
    if map_.shape[0] != map_.shape[1]:
        raise Missing("a map between different numbers of units has no determinant")
    if not sigma[-1]:
        return 0.0
    if map_.scale is not None:
        return float(np.prod(np.sign(map_.scale)))
    return float(np.linalg.slogdet(map_.weight.astype(np.float64)).sign)


@measure_of(title="travel of the points", range=(0, None), needs=("map",))
def travel(place: Place) -> float:
    """How far the points go through the map that led here, in radii of the cloud before.

    mean ‖xᵢ′ − xᵢ‖ / √(mean ‖xᵢ − x̄‖²), where the narrower of both representations gets zeros for
    the units that it lacks, as in the film. This package's own measure.

    Range: 0 (identity) and up; neither direction is better. The same for all scalings of both
    representations together. Failings: it depends on how the units are numbered and on the bias,
    so a rotation or a shift counts as travel although it untangles nothing.

    Raises
    ------
    Missing
        When all points before are one.
    """
    before, after = place.before, place.values
    if before is None:
        raise Missing("no map leads to the input")
    # Squares of huge values overflow, of tiny ones vanish; the ratio has no need of either.
    size = max(float(np.abs(before).max()), float(np.abs(after).max()))
    if size == 0:
        raise Missing("all points before the map are one")
    x, y = before / size, after / size
    radius = float(np.sqrt(np.square(x - x.mean(axis=0)).sum(axis=1).mean()))
    if radius <= 1e-12 * float(np.abs(x).max()):
        raise Missing("all points before the map are one")
    return float(lengths(x, y).mean() / radius)


def _activation(place: Place) -> Activation:
    if not isinstance(place.map, Activation):
        raise Missing("no activation led here")
    return place.map


def _affine(place: Place) -> Affine:
    if not isinstance(place.map, Affine):
        raise Missing("no affine map led here")
    return place.map


def _kept(place: Place) -> Matrix:
    """(min(n_in, n_out),) singular values in descending order, 0 for those that are rounding.

    What is rounding depends on the cloud, as in the morph; of a wide map it is a share of the
    largest.
    """
    map_ = _affine(place)
    sigma = map_.singular_values
    if map_.is_wide:
        return np.where(sigma > map_.precision * sigma[0], sigma, 0)
    scales = map_.factors(place.before).scales
    return np.pad(scales, (0, len(sigma) - len(scales)))
