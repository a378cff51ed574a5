"""The camera: a rigid view at every instant, without jumps, that sees what the map does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import cloud, network, readout_network, rings

from unknot.motion.along_map import STRETCH, TURN, AlongAffine
from unknot.motion.geodesic import geodesic
from unknot.motion.kinds import kinds
from unknot.motion.projection import projections
from unknot.motion.pull_back import pull_back
from unknot.motion.scene import Scene
from unknot.network.maps import Affine
from unknot.traces.tracing import trace

SEEDS = st.integers(0, 2**32 - 1)


def random_frame(rng, n, n_axes):
    return np.linalg.qr(rng.normal(size=(n, n_axes)))[0]


@settings(deadline=None, max_examples=100)
@given(seed=SEEDS, n=st.integers(3, 9), n_axes=st.integers(1, 3), s=st.floats(0, 1))
def test_geodesic_joins_two_frames_by_frames(seed, n, n_axes, s):
    rng = np.random.default_rng(seed)
    n = max(n, n_axes + 1)
    first, last = random_frame(rng, n, n_axes), random_frame(rng, n, n_axes)
    path = geodesic(first, last)
    np.testing.assert_allclose(path.at(0), first, atol=1e-9)
    np.testing.assert_allclose(path.at(1), last, atol=1e-9)
    frame = path.at(s)
    np.testing.assert_allclose(frame.T @ frame, np.eye(n_axes), atol=1e-9)


@pytest.mark.parametrize("n_axes", [2, 3])
def test_geodesic_from_a_frame_to_its_mirror_image(n_axes):
    first = np.eye(n_axes + 1)[:, :n_axes]
    last = first.copy()
    last[:, 0] *= -1
    path = geodesic(first, last)
    np.testing.assert_allclose(path.at(1), last, atol=1e-12)
    for s in np.linspace(0, 1, 11):
        np.testing.assert_allclose(path.at(s).T @ path.at(s), np.eye(n_axes), atol=1e-12)


def test_geodesic_between_equal_planes_is_a_rotation_at_constant_speed():
    first = np.eye(4)[:, :2]
    angle = 0.8
    last = first @ [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    half = geodesic(first, last).at(0.5)
    expected = first @ [
        [np.cos(angle / 2), -np.sin(angle / 2)],
        [np.sin(angle / 2), np.cos(angle / 2)],
    ]
    np.testing.assert_allclose(half, expected, atol=1e-12)


@settings(deadline=None, max_examples=100)
@given(
    seed=SEEDS,
    n_in=st.integers(1, 7),
    n_out=st.integers(1, 7),
    n_axes=st.sampled_from([2, 3]),
    data=st.data(),
)
def test_pull_back_shows_after_the_stretch_what_the_map_makes(seed, n_in, n_out, n_axes, data):
    """x P seen in U D + E′ is x W seen in the next frame: the formula of the carried camera."""
    rng = np.random.default_rng(seed)
    rank = data.draw(st.integers(0, min(n_in, n_out)))
    weight = rng.normal(size=(n_in, rank)) @ rng.normal(size=(rank, n_out))
    path = AlongAffine(0, Affine(weight, np.zeros(n_out)))
    n = max(n_in, n_out, n_axes + 1)
    before, after = random_frame(rng, n, n_axes), random_frame(rng, n, n_axes)
    frame = pull_back(path, before, after)
    np.testing.assert_allclose(frame.T @ frame, np.eye(n_axes), atol=1e-8)
    stretched = path.stretched(1.0) @ frame[:n_in]
    scale = max(np.abs(weight).max(initial=0), 1)
    np.testing.assert_allclose(stretched, weight @ after[:n_out], atol=1e-6 * scale)


NETWORKS = {
    "notebook": (readout_network(), rings()),
    "deep": (network([2, 4, 3, 5, 1], "tanh"), rings()),
    "narrow": (network([1, 3, 2, 1]), cloud(50, 1, 2)),
    "square": (network([3, 3, 3, 3], "sin", "softmax"), cloud(60, 3, 3)),
    "squeeze": (network([6, 1, 4, 1], "gelu"), cloud(60, 6, 2)),
    "few": (network([2, 8, 2, 1]), cloud(2, 2, 2)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(NETWORKS))
@pytest.mark.parametrize("projection", list(projections))
@pytest.mark.parametrize("n_axes", [2, 3])
@pytest.mark.parametrize("kind", list(kinds))
def test_every_instant_is_a_rigid_view_of_the_morph(name, projection, n_axes, kind):
    model, data = NETWORKS[name]
    scene = Scene(trace(model, data), n_axes=n_axes, projection=projection, kind=kind)
    for t in np.linspace(0, scene.length, 8 * scene.length + 1)[:-1] + 0.03:
        moved, frame = scene.morph.at(t), scene.camera.frame(t)
        np.testing.assert_allclose(frame.T @ frame, np.eye(n_axes), atol=1e-7)
        scale = 1 + np.abs(moved).max()
        expected = moved @ frame[: moved.shape[1]]
        # float32 clouds: sums of up to 8 products.
        np.testing.assert_allclose(scene.points(t), expected, atol=1e-5 * scale)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(NETWORKS))
@pytest.mark.parametrize("projection", list(projections))
@pytest.mark.parametrize("n_axes", [2, 3])
@pytest.mark.parametrize("kind", list(kinds))
def test_the_picture_never_jumps(name, projection, n_axes, kind):
    model, data = NETWORKS[name]
    scene = Scene(trace(model, data), n_axes=n_axes, projection=projection, kind=kind)
    joints = np.arange(0, 4 * scene.length) / 4
    size = 1 + max(np.abs(r.values).max() for r in scene.trace.representations)
    for t in joints[1:]:
        before, after = scene.points(t - 1e-6), scene.points(t + 1e-6)
        # A millionth of a transition moves nothing farther than its fastest beat could:
        # 4 beats × π × size × 2e-6, and float32 rounds at 1e-6 of the size.
        assert np.abs(before - after).max() <= 5e-5 * size


@pytest.mark.parametrize("name", list(NETWORKS))
@pytest.mark.parametrize("n_axes", [2, 3])
def test_a_turn_is_unseen_unless_the_axes_are_units(name, n_axes):
    model, data = NETWORKS[name]
    scene = Scene(trace(model, data), n_axes=n_axes)
    for k, transition in enumerate(scene.morph.transitions):
        if isinstance(transition, AlongAffine) and not scene.camera.shows_turn(k):
            start = scene.points(k + STRETCH)
            for s in np.linspace(STRETCH, TURN, 6):
                scale = 1 + np.abs(start).max()
                np.testing.assert_allclose(scene.points(k + s), start, atol=1e-5 * scale)


@pytest.mark.parametrize("name", list(NETWORKS))
@pytest.mark.parametrize("n_axes", [2, 3])
def test_nothing_happens_to_the_data_while_the_view_looks(name, n_axes):
    model, data = NETWORKS[name]
    scene = Scene(trace(model, data), n_axes=n_axes)
    for k, transition in enumerate(scene.morph.transitions):
        if isinstance(transition, AlongAffine):
            values = scene.trace.representations[k].values
            for s in (0.05, 0.125, 0.25):
                moved = scene.morph.at(k + s)
                np.testing.assert_allclose(moved[:, : values.shape[1]], values, atol=1e-5)
                assert not moved[:, values.shape[1] :].any()


def test_units_view_keeps_the_units_asked_for():
    scene = Scene(trace(readout_network(), rings()), units=(0, 5))
    for k in (1, 2):
        values = scene.trace.representations[k].values
        np.testing.assert_allclose(scene.points(k), values[:, [0, 5]])
        assert scene.stops[k].axis_labels == ("unit 1", "unit 6")


def test_procrustes_residual_is_zero_for_a_rotation_and_reported_otherwise():
    rng = np.random.default_rng(0)
    from unknot.traces.representation import Trace

    x = rng.normal(size=(100, 4)) * [4, 3, 0.1, 0.1]
    turn = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    y = np.zeros(100, int)
    same = Scene(Trace.from_arrays([x, x @ turn], y))
    assert same.camera.residuals[0] < 1e-9
    other = Scene(Trace.from_arrays([x, rng.normal(size=(100, 4))], y))
    assert other.camera.residuals[0] > 0.5
    assert "Procrustes residual" in other.transition_notes(0)[1].text
