"""Wide layers: nothing square of their units is made, and the path still follows the map."""

import tracemalloc

import numpy as np
import pytest
from networks import cloud, network

import unknot as uk
from unknot.motion import extent
from unknot.motion.along_map import AlongAffine
from unknot.motion.rotation import _is_upright


def wide_map(n_points=60, n_in=700, n_out=600):
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(n_points, n_in)) + 1).astype("f")
    weight = (rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)).astype("f")
    map_ = uk.Affine(weight, rng.normal(size=n_out).astype("f"), "fc")
    return uk.Trace.from_arrays([x, map_(x)], np.arange(n_points) % 3, maps=[map_])


def test_a_scene_of_a_wide_layer_makes_no_square_of_its_units():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 12_000)).astype("f")
    relu = np.maximum(x, 0)
    traced = uk.Trace.from_arrays([x, relu], np.arange(40) % 2, maps=[uk.Activation("relu")])
    tracemalloc.start()
    for projection in ("following", "pca", "units", "lda", "random"):
        scene = uk.Scene(traced, projection=projection)
        _ = scene.points(0.5), scene.beats, scene.extent(0.3), scene.transition_notes(0)
    _ = scene.morph.at(0.5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Half of what a 12,000 × 12,000 matrix of the smallest numbers takes.
    assert peak < 12_000**2 * 4 / 2


@pytest.mark.parametrize("n_points", [60, 650])
def test_a_wide_map_is_followed_from_end_to_end(n_points):
    traced = wide_map(n_points)
    scene = uk.Scene(traced)
    path = scene.morph.transitions[0]
    assert isinstance(path, AlongAffine)
    assert path.leading.shape == (600, min(64, 600))
    x, y = (r.values for r in traced.representations)
    size = np.abs(y).max()
    start, end = (path.whole((x, y), s) for s in (1e-9, 1 - 1e-9))
    np.testing.assert_allclose(start[:, :700], x, atol=1e-5 * size)
    np.testing.assert_allclose(end[:, :600], y, atol=1e-4 * size)
    for joint in (0.25, 0.5, 0.75):
        before, after = (path.whole((x, y), joint + d) for d in (-1e-9, 1e-9))
        np.testing.assert_allclose(before, after, atol=1e-4 * size)


def test_the_picture_of_a_wide_map_is_that_of_the_map_itself():
    traced = wide_map()
    scene = uk.Scene(traced)
    y = traced.representations[1].values.astype(float)
    map_ = traced.maps[0]
    arrived = (y - map_.bias) @ scene.stops[1].frame
    # The stretch ends in what the weight makes; the turn is unseen; then only the bias moves it.
    for t in (0.5, 0.6, 0.75):
        np.testing.assert_allclose(scene.points(t), arrived, atol=1e-4 * np.abs(arrived).max())
    # And it begins as a rigid view of the cloud.
    seen = scene.camera.frame(0.25)
    np.testing.assert_allclose(seen.T @ seen, np.eye(2), atol=1e-9)


def test_a_wide_map_says_how_far_it_is_followed():
    said = [note.text for note in uk.Scene(wide_map(650)).transition_notes(0)]
    assert said[0].startswith("fc is followed in the 64 leading directions of what it makes (")
    assert said[0].endswith(" of the variance); the rest moves straight.")


def deep_and_wide(n_points=300):
    model = network([2, 400, 90, 1])
    return uk.trace(model, cloud(n_points, 2, 2))


@pytest.mark.parametrize(("kind", "n_axes"), [("honest", 2), ("honest", 3), ("spline", 2)])
def test_what_a_film_keeps_of_a_wide_cloud_shows_the_same(kind, n_axes):
    scene = uk.Scene(deep_and_wide(), kind=kind, n_axes=n_axes)
    clouds = scene.morph.clouds
    for t in np.linspace(0, scene.length, 30 * scene.length + 1):
        k, s = scene.morph.locate(float(t))
        if s == 0:
            continue
        transition = scene.morph.transitions[k]
        frame = scene.camera.frame(float(t))[: transition.width]
        exact = transition.seen([c.astype(np.float64) for c in clouds], s, frame)
        reach = max(np.abs(clouds[i]).max() for i, _ in transition.parts(s, frame).terms)
        # Sums of as many products of single precision as there are units.
        np.testing.assert_allclose(scene.points(float(t)), exact, atol=1e-5 * reach)


def test_units_of_very_unequal_scales_do_not_cancel_in_what_is_kept():
    rng = np.random.default_rng(0)
    spread = (10.0 ** np.linspace(-4, 8, 80)).astype("f")
    x = rng.normal(size=(200, 80)).astype("f") * spread
    scaling = uk.Affine(1 / spread, np.zeros(80, "f"), "scaling")
    scene = uk.Scene(uk.Trace.from_arrays([x, scaling(x)], np.arange(200) % 2, maps=[scaling]))
    transition = scene.morph.transitions[0]
    for s in np.linspace(0.01, 0.99, 60):
        frame = scene.camera.frame(float(s))[: transition.width]
        parts = transition.parts(float(s), frame)
        exact = parts.evaluate([cloud.astype(float) for cloud in scene.morph.clouds])
        direct = parts.evaluate(scene.morph.clouds)
        rounding = np.abs(direct - exact).max() + 1e-7 * np.abs(exact).max()
        assert np.abs(scene.points(float(s)) - exact).max() <= 8 * rounding


def test_a_wide_cloud_is_projected_a_few_times_and_not_every_frame():
    scene = uk.Scene(deep_and_wide())
    relu = 1
    for s in np.linspace(0.01, 0.99, 50):
        scene.points(relu + float(s))
    seen = scene._projected_clouds[id(scene.morph.clouds)]
    # A geodesic of planes lies in four directions.
    assert [seen._projected[k].basis.shape[1] for k in (relu, relu + 1)] == [4, 4]


def test_scenes_of_one_trace_share_its_transitions():
    traced = deep_and_wide()
    flat, space = uk.Scene(traced), uk.Scene(traced, n_axes=3)
    assert flat.morph.transitions is space.morph.transitions
    assert flat.morph.transitions is not uk.Scene(traced, kind="linear").morph.transitions


@pytest.mark.parametrize("n_points", [5, 30, 200])
@pytest.mark.parametrize("n_units", [3, 20, 60])
def test_directions_pressed_flat_are_counted_without_a_basis_of_them(n_points, n_units):
    rng = np.random.default_rng(n_points + n_units)
    n_filled = min(n_points - 1, n_units // 2)
    flat = rng.normal(size=(n_points, n_filled)) @ rng.normal(size=(n_filled, n_units))
    map_ = uk.Affine(rng.normal(size=(n_units, 1)).astype("f"), np.zeros(1, "f"), "out")
    counted = map_.factors(flat.astype(np.float64)).n_pressed
    # One direction of the space that the cloud fills arrives, all others are pressed; the one
    # that arrives need not lie in that space.
    centred = flat - flat.mean(axis=0)
    source = map_.factors().source
    expected = np.linalg.matrix_rank(centred - centred @ source @ source.T, tol=1e-9 * n_points)
    assert counted == expected == min(n_filled, n_units - 1)


def test_a_half_turn_in_many_axes_needs_no_square_of_them():
    n = 6_000
    first, second = np.zeros(n), np.zeros(n)
    first[[10, 400]], second[[20, 500]] = 0.6, 0.8
    tracemalloc.start()
    assert _is_upright(first, second)
    assert not _is_upright(second, first)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < n**2


def test_the_box_of_many_points_is_found_axis_by_axis(monkeypatch):
    shown = np.random.default_rng(0).normal(size=(5_000, 3)).astype("f") * np.array([1, 5, 2])
    whole = extent.extent_of(shown)
    monkeypatch.setattr(extent, "AT_ONCE", 100)
    parts = extent.extent_of(shown)
    np.testing.assert_array_equal(parts.centre, whole.centre)
    assert parts.radius == whole.radius
