"""The honest morph: mathematics of the path, over random maps."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.motion.along_map import AlongAffine
from unknot.motion.kinds import kinds
from unknot.motion.morph import Morph
from unknot.network.activations import activations
from unknot.network.maps import Activation, Affine, Opaque
from unknot.traces.representation import Trace

RNG_SEEDS = st.integers(0, 2**32 - 1)
WIDTHS = st.integers(1, 7)


def random_weight(rng, n_in, n_out, rank):
    """A weight of exactly this rank, with singular values between 0.05 and 5."""
    u = np.linalg.qr(rng.normal(size=(n_in, n_in)))[0][:, :rank]
    v = np.linalg.qr(rng.normal(size=(n_out, n_out)))[0][:, :rank]
    return (u * rng.uniform(0.05, 5, rank)) @ v.T


def chain(rng, widths, activation):
    """A trace through random affine maps, each followed by an activation, in float64."""
    values = [rng.normal(size=(20, widths[0]))]
    maps = []
    for n_in, n_out in pairwise(widths):
        rank = int(rng.integers(0, min(n_in, n_out) + 1))
        maps.append(Affine(random_weight(rng, n_in, n_out, rank), rng.normal(size=n_out)))
        values.append(maps[-1](values[-1]))
        maps.append(Activation(activation))
        values.append(maps[-1](values[-1]))
    return Trace.from_arrays(values, np.zeros(20, int), maps=maps)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(kinds))
@pytest.mark.parametrize("activation", list(activations))
@settings(deadline=None, max_examples=15)
@given(seed=RNG_SEEDS, widths=st.lists(WIDTHS, min_size=2, max_size=4))
def test_at_whole_numbers_is_the_representation_and_is_approached(kind, activation, seed, widths):
    trace = chain(np.random.default_rng(seed), widths, activation)
    morph = Morph(trace, kind)
    for k, representation in enumerate(trace.representations):
        values = representation.values
        np.testing.assert_array_equal(morph.at(k), values)
        scale = 1 + max(np.abs(r.values).max() for r in trace.representations)
        for near in (k - 1e-9, k + 1e-9):
            if 0 < near < morph.length:
                moved = morph.at(near)
                padded = np.pad(values, ((0, 0), (0, moved.shape[1] - values.shape[1])))
                # The path is continuous: within 1e-9 of a stop it is within 1e-5 of it, as its
                # speed is at most (4 beats) × (5 × 2π) × the cloud's size.
                assert np.abs(moved - padded).max() <= 1e-5 * scale


@settings(deadline=None, max_examples=150)
@given(seed=RNG_SEEDS, n=WIDTHS, s=st.floats(0, 1))
def test_an_invertible_map_never_flattens_the_cloud_on_the_way(seed, n, s):
    rng = np.random.default_rng(seed)
    weight = random_weight(rng, n, n, n)
    path = AlongAffine(0, Affine(weight, np.zeros(n)))
    between = path.parts(s).terms[0][1]
    bound = min(1, np.linalg.svd(weight, compute_uv=False).min())
    assert np.linalg.svd(between, compute_uv=False).min() >= bound * (1 - 1e-6)


@settings(deadline=None, max_examples=150)
@given(seed=RNG_SEEDS, n_in=WIDTHS, n_out=WIDTHS, data=st.data())
def test_only_what_the_map_kills_is_squashed(seed, n_in, n_out, data):
    """Square, wide, tall and singular maps: directions that survive keep their extent."""
    rng = np.random.default_rng(seed)
    rank = data.draw(st.integers(0, min(n_in, n_out)))
    s = data.draw(st.floats(0, 1))
    weight = random_weight(rng, n_in, n_out, rank)
    path = AlongAffine(0, Affine(weight, np.zeros(n_out)))
    between = path.parts(s).terms[0][1]
    survivors = np.linalg.svd(weight)[0][:, :rank]
    sigma = np.linalg.svd(weight, compute_uv=False)[:rank]
    seen = np.linalg.svd(survivors.T @ between, compute_uv=False)
    if rank:
        assert seen.min() >= min(1, sigma.min()) * (1 - 1e-6)
        assert seen.max() <= max(1, sigma.max()) * (1 + 1e-6)
    end = path.parts(1.0).terms[0][1][:, :n_out]
    np.testing.assert_allclose(end, weight, atol=1e-12)


@settings(deadline=None, max_examples=100)
@given(seed=RNG_SEEDS, n_in=WIDTHS, n_out=WIDTHS, data=st.data())
def test_the_path_has_no_jumps(seed, n_in, n_out, data):
    """Where one beat ends the next begins: the two sides of each joint agree."""
    rng = np.random.default_rng(seed)
    rank = data.draw(st.integers(0, min(n_in, n_out)))
    weight = random_weight(rng, n_in, n_out, rank)
    path = AlongAffine(0, Affine(weight, rng.normal(size=n_out)))
    for joint in (0.25, 0.5, 0.75):
        before, after = (path.parts(joint + d) for d in (-1e-10, 1e-10))
        np.testing.assert_allclose(before.terms[0][1], after.terms[0][1], atol=1e-7)
        np.testing.assert_allclose(before.offset, after.offset, atol=1e-7)


def half_turn_trace(kind):
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    turn = Affine(-np.eye(2), np.zeros(2))
    return Morph(Trace.from_arrays([x, -x], np.zeros(40, int), maps=[turn]), kind)


@pytest.mark.parametrize("t", np.linspace(0, 1, 21))
def test_a_half_turn_keeps_every_distance_to_the_centre(t):
    radii = np.linalg.norm(half_turn_trace("honest").at(t), axis=1)
    np.testing.assert_allclose(radii, 1, rtol=1e-12)


def test_linear_collapses_a_half_turn_to_a_point():
    assert np.abs(half_turn_trace("linear").at(0.5)).max() < 1e-15


@settings(deadline=None, max_examples=60)
@given(seed=RNG_SEEDS, n=WIDTHS, s=st.floats(0, 1))
def test_a_reflection_is_turned_over_through_one_more_axis(seed, n, s):
    rng = np.random.default_rng(seed)
    mirror = np.linalg.qr(rng.normal(size=(n, n)))[0]
    if np.linalg.det(mirror) > 0:
        mirror[:, 0] *= -1
    x = rng.normal(size=(30, n))
    map_ = Affine(mirror, np.zeros(n), name="mirror")
    morph = Morph(Trace.from_arrays([x, x @ mirror], np.zeros(30, int), maps=[map_]))
    transition = morph.transitions[0]
    assert isinstance(transition, AlongAffine)
    assert transition.is_turned_over
    assert transition.width == n + 1
    assert "mirrors the cloud" in transition.notes[0].text
    moved = morph.at(s)
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), np.linalg.norm(x, axis=1), rtol=1e-9)
    between = transition.parts(s).terms[0][1]
    np.testing.assert_allclose(between @ between.T, np.eye(n), atol=1e-9)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_minus_identity(n):
    """Eigenvalues −1 only: half turns, and one axis more when their number is odd."""
    path = AlongAffine(0, Affine(-np.eye(n), np.zeros(n)))
    assert path.is_turned_over == bool(n % 2)
    for s in np.linspace(0, 1, 9):
        between = path.parts(s).terms[0][1]
        np.testing.assert_allclose(between @ between.T, np.eye(n), atol=1e-12)


def test_a_lift_needs_no_further_axis_and_turns_nothing_when_it_can():
    """(x, y) ↦ (x, y, 0): nothing to turn."""
    path = AlongAffine(0, Affine(np.eye(2, 3), np.zeros(3)))
    assert not path.is_turned_over
    for s in np.linspace(0, 1, 9):
        np.testing.assert_allclose(path.parts(s).terms[0][1], np.eye(2, 3), atol=1e-12)


def test_a_wide_layer_turns_in_the_small_space_where_something_happens():
    rng = np.random.default_rng(0)
    path = AlongAffine(0, Affine(rng.normal(size=(784, 3)), np.zeros(3)))
    assert path.turn.basis.shape == (784, 6)


def test_opaque_maps_go_straight_and_say_so():
    x = np.arange(6.0).reshape(3, 2)
    y = x[:, ::-1] ** 1.5
    trace = Trace.from_arrays([x, y], [0, 1, 0], maps=[Opaque("attention")])
    morph = Morph(trace)
    assert morph.transitions[0].is_interpolated
    np.testing.assert_allclose(morph.at(0.25), 0.75 * x + 0.25 * y)


def test_opaque_maps_to_another_scale_go_straight_and_at_an_even_pace():
    """Each point by the same share of its way, of which the last is not done in one frame."""
    x = np.arange(6.0).reshape(3, 2)
    y = 1e-6 * x**2
    opaque = Morph(Trace.from_arrays([x, y], [0, 1, 0], maps=[Opaque("attention")]))
    radii = []
    for t in np.linspace(0, 1, 49):
        moved = opaque.at(t)
        share = np.linalg.lstsq((y - x).ravel()[:, None], (moved - x).ravel(), rcond=None)[0][0]
        np.testing.assert_allclose(moved, (1 - share) * x + share * y, atol=1e-12)
        radii.append(moved.std())
    assert max(a / b for a, b in pairwise(radii)) < 2
    # Asked for by name, straight is straight in time, too.
    linear = Morph(opaque.trace, "linear")
    np.testing.assert_array_equal(linear.at(0.5), 0.5 * x + 0.5 * y)


def test_activation_goes_unit_by_unit():
    x = np.array([[-2.0, 1.0], [3.0, -1.0]])
    trace = Trace.from_arrays([x, np.maximum(x, 0)], [0, 1], maps=[Activation("relu")])
    np.testing.assert_allclose(Morph(trace).at(0.5), [[-1.0, 1.0], [3.0, -0.5]])
