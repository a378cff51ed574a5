"""Wide layers: nothing square of their units is made, and the path still follows the map."""

import tracemalloc

import numpy as np
import pytest

import unknot as uk
from unknot.motion.along_map import AlongAffine


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
