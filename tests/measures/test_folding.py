"""Folding: what a map does to the space, on maps whose answer is known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import network, rings
from scipy.stats import ortho_group

from unknot.measures.folding import (
    condition_number,
    dead_units,
    determinant_sign,
    linear_regions,
    saturated_units,
    smallest_singular_value,
    travel,
)
from unknot.measures.table import Missing, Place
from unknot.network.maps import Activation, Affine, Opaque, Softmax
from unknot.traces.tracing import trace


def after(map_, before, values=None):
    """The place to which one map leads."""
    before = np.asarray(before, dtype=float)
    values = map_(before) if values is None else np.asarray(values, dtype=float)
    labels = np.zeros(len(before), int)
    return Place(values, labels, before, map_, (before, values), (map_,))


def places(source):
    """Every place of a trace."""
    clouds = [r.values.astype(float) for r in source.representations]
    for k, cloud in enumerate(clouds):
        before = clouds[k - 1] if k else None
        map_ = source.maps[k - 1] if k else None
        yield Place(cloud, source.labels, before, map_, clouds[: k + 1], source.maps[:k])


def test_linear_regions_are_distinct_patterns_of_all_layers():
    source = trace(network([2, 5, 4, 1]), rings(300))
    clouds = [r.values for r in source.representations]
    patterns = [()] * 300
    for k, place in enumerate(places(source)):
        map_ = source.maps[k - 1] if k else None
        if isinstance(map_, Activation) and map_.name == "relu":
            patterns = [(*p, *row) for p, row in zip(patterns, clouds[k - 1] > 0, strict=True)]
        if not patterns[0]:
            with pytest.raises(Missing, match="no relu or leaky relu led here"):
                linear_regions(place)
        elif isinstance(map_, Activation) and map_.name == "sigmoid":
            with pytest.raises(Missing, match="sigmoid is on the way here"):
                linear_regions(place)
        else:
            assert linear_regions(place) == len(set(patterns)) > 1


def test_more_units_than_bits_in_a_word():
    """200 thermometers over 201 points: a region each."""
    x = np.arange(201.0)[:, None] - np.arange(200) - 0.5
    assert linear_regions(after(Activation("leaky_relu"), x)) == 201
    assert linear_regions(after(Activation("relu"), -np.ones((7, 3)))) == 1


def test_an_activation_with_a_ceiling_has_three_pieces():
    x = np.linspace(-3, 9, 13)[:, None]
    assert linear_regions(after(Activation("relu6"), x)) == 3
    assert linear_regions(after(Activation("hard_tanh", low=-4, high=3), x)) == 2
    assert (
        linear_regions(after(Activation("leaky_relu", slope=[0.1, 0.2]), np.hstack([x, 2.5 - x])))
        == 3
    )


def test_an_opaque_map_has_no_regions():
    x = np.ones((4, 2))
    # A convolution is piecewise linear: of an opaque map only values are known.
    with pytest.raises(Missing) as caught:
        linear_regions(after(Opaque("Conv2D"), x, x))
    assert str(caught.value) == "of Conv2D only values are known, so regions cannot be counted"
    with pytest.raises(Missing, match="softmax is on the way here: it is not piecewise linear"):
        linear_regions(after(Softmax(), x, x))


def test_dead_units_never_change():
    x = np.random.default_rng(0).normal(size=(50, 4))
    x[:, 1] = -np.abs(x[:, 1])
    x[:, 3] = 2.0
    assert dead_units(after(Activation("relu"), x)) == 2
    assert dead_units(after(Activation("leaky_relu"), x)) == 1
    with pytest.raises(Missing, match="no activation led here"):
        dead_units(after(Affine(np.eye(4), np.zeros(4)), x))
    with pytest.raises(Missing, match="one point"):
        dead_units(after(Activation("relu"), x[:1]))


@pytest.mark.parametrize(("name", "edge"), [("tanh", 0.98), ("sigmoid", 0.99)])
def test_saturated_units_lie_at_their_bounds_for_more_than_95_percent(name, edge):
    values = np.full((100, 4), 0.5)
    values[:96, 0] = edge + 1e-9
    values[:95, 1] = edge + 1e-9
    values[:, 2] = edge - 1e-6
    low = 1 - edge if name == "sigmoid" else -edge
    values[::2, 3], values[1::2, 3] = low - 1e-9, edge + 1e-9
    assert saturated_units(after(Activation(name), values, values)) == 2
    with pytest.raises(Missing, match="relu has no two bounds"):
        saturated_units(after(Activation("relu"), values))


def test_bounds_are_those_of_the_parameters():
    values = np.full((100, 2), 2.0)
    values[:, 1] = 1.9
    assert saturated_units(after(Activation("relu6", ceiling=2), values, values)) == 1
    assert saturated_units(after(Activation("hard_tanh", low=-20, high=2), values, values)) == 2


def test_singular_values_of_a_known_map():
    rng = np.random.default_rng(0)
    u, v = ortho_group.rvs(3, random_state=rng), ortho_group.rvs(5, random_state=rng)[:3]
    weight = u @ np.diag([8.0, 4.0, 2.0]) @ v
    place = after(Affine(weight, np.zeros(5)), rng.normal(size=(9, 3)))
    assert condition_number(place) == pytest.approx(4)
    assert condition_number(place) == pytest.approx(np.linalg.cond(weight))
    assert smallest_singular_value(place) == pytest.approx(2)
    with pytest.raises(Missing, match="different numbers of units"):
        determinant_sign(place)


@pytest.mark.parametrize(("diagonal", "sign"), [([1, 2], 1), ([1, -2], -1), ([1, 0], 0)])
def test_determinant_sign(diagonal, sign):
    place = after(Affine(np.diag(np.array(diagonal, float)), np.zeros(2)), np.eye(2))
    assert determinant_sign(place) == sign
    if not sign:
        assert smallest_singular_value(place) == 0
        with pytest.raises(Missing, match="singular"):
            condition_number(place)


@pytest.mark.parametrize("measure", [condition_number, smallest_singular_value, determinant_sign])
def test_activations_have_no_weights(measure):
    with pytest.raises(Missing, match="no affine map led here"):
        measure(after(Activation("relu"), np.eye(3)))


def test_travel_of_known_maps():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2))
    x -= x.mean(axis=0)
    radius = np.sqrt(np.square(x).sum(axis=1).mean())
    shift = Affine(np.eye(2), np.array([3.0, 4.0]))
    assert travel(after(Activation("linear"), x)) == 0
    assert travel(after(shift, x)) == pytest.approx(5 / radius)
    wider = Affine(np.eye(2, 3), np.array([0.0, 0.0, 2.0]))
    assert travel(after(wider, x)) == pytest.approx(2 / radius)
    dropped = Affine(np.eye(2, 1), np.zeros(1))
    assert travel(after(dropped, x)) == pytest.approx(np.abs(x[:, 1]).mean() / radius)
    with pytest.raises(Missing, match="are one"):
        travel(after(shift, np.ones((5, 2))))
    with pytest.raises(Missing, match="are one"):
        travel(after(Activation("linear"), np.zeros((5, 2))))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from([1e-160, 1e-3, 7.0, 1e160]))
def test_travel_does_not_depend_on_scale_or_a_common_rotation(seed, scale):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(30, 3)), rng.normal(size=(30, 3))
    turn = ortho_group.rvs(3, random_state=rng)
    map_ = Opaque("any")
    plain = travel(after(map_, x, y))
    assert travel(after(map_, scale * x, scale * y)) == pytest.approx(plain, rel=1e-9)
    assert travel(after(map_, x @ turn, y @ turn)) == pytest.approx(plain, rel=1e-9)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from(["relu", "leaky_relu"]))
def test_order_of_units_and_points_does_not_matter(seed, name):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(40, 5))
    points, units = rng.permutation(40), rng.permutation(5)
    for measure in (linear_regions, dead_units):
        there, here = (after(Activation(name), c) for c in (x, x[points][:, units]))
        assert measure(there) == measure(here)


def test_regions_do_not_look_at_labels():
    place = after(Activation("relu"), np.eye(3))
    assert linear_regions(replace(place, labels=np.arange(3))) == linear_regions(place) == 3
