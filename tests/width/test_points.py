"""Which points train and which judge."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.datasets import blobs, circles, from_arrays, iris, moons
from unknot.width.points import fresh_points, split


def rows(x):
    return {tuple(row) for row in np.asarray(x, np.float32).tolist()}


def test_a_generator_gives_fresh_points_and_all_given_ones_train():
    data = circles(500, seed=3)
    points = split(data, n_weights=10, tolerance=0.02, seed=0)
    assert points.x.shape == (500, 2)
    assert points.n_judging >= 100_000
    assert points.source == "fresh points of the generator"
    assert len(points.held_out_rows) == 0


def test_fresh_points_are_the_generators_and_new():
    data = circles(2_000, noise=0.3, factor=0.4, seed=3)
    fresh = fresh_points(data, 0.02, 0)
    assert fresh.parameters["noise"] == 0.3
    assert not rows(data.x) & rows(fresh.x[:20_000])


@pytest.mark.parametrize("change", [{"x": 1}, {"name": "moons"}, {"parameters": {}}])
def test_data_that_were_changed_are_not_the_generators(change):
    data = circles(300)
    if "x" in change:
        change = {"x": data.x * 2}
    assert fresh_points(replace(data, **change), 0.01, 0) is None
    assert fresh_points(data, 0.01, 0) is not None


def test_real_data_have_no_fresh_points():
    assert fresh_points(iris(), 0.01, 0) is None


@given(st.integers(60, 400), st.integers(0, 5))
@settings(deadline=None, max_examples=20)
def test_held_out_rows_do_not_train(n, seed):
    random = np.random.default_rng(seed)
    data = from_arrays(random.normal(size=(n, 3)), np.arange(n) % 3)
    points = split(data, n_weights=10, tolerance=0.1, seed=seed)
    assert points.source == "held-out rows"
    assert points.n_judging == len(points.held_out_rows) == round(0.2 * n)
    assert points.x.shape == (n - points.n_judging, 3)
    training = {tuple(c) for c in points.x.tolist()}
    assert not training & {tuple(c) for c in points.judging_x.tolist()}
    assert points.x.mean(axis=0) == pytest.approx(0, abs=1e-5)
    assert points.x.std(axis=0) == pytest.approx(1, abs=1e-4)


def test_of_large_data_most_rows_judge():
    x = np.random.default_rng(0).normal(size=(60_000, 2))
    data = from_arrays(x, (x[:, 0] > 0).astype(int))
    assert split(data, n_weights=10, tolerance=0.1, seed=0).x.shape[0] == 20_000
    assert split(data, n_weights=300, tolerance=0.1, seed=0).x.shape[0] == 30_000


def test_labels_have_the_type_of_the_loss():
    assert split(moons(100), n_weights=1, tolerance=0.1, seed=0).y.dtype == np.float32
    assert split(blobs(100), n_weights=1, tolerance=0.1, seed=0).y.dtype == np.int32


def test_the_same_seed_splits_the_same_way():
    data = circles(200, seed=1)
    a, b, c = (split(data, n_weights=9, tolerance=0.05, seed=s) for s in (1, 1, 2))
    assert np.array_equal(a.x, b.x)
    assert np.array_equal(a.judging_x, b.judging_x)
    assert not np.array_equal(a.x, c.x)


def test_balanced_rows_weigh_all_classes_the_same():
    random = np.random.default_rng(0)
    y = np.concatenate([np.repeat([0, 1, 2], [300, 30, 7]), random.integers(3, size=3)])
    points = split(from_arrays(random.normal(size=(340, 2)), y), n_weights=9, tolerance=0.1, seed=0)
    even = points.balanced(3)
    assert len(set(np.bincount(even.y.astype(int)).tolist())) == 1
    assert rows(even.x) == rows(points.x)
    assert np.array_equal(even.judging_y, points.judging_y)
    labels = {tuple(x): y for x, y in zip(points.x.tolist(), points.y.tolist(), strict=True)}
    assert all(labels[tuple(x)] == y for x, y in zip(even.x.tolist(), even.y.tolist(), strict=True))
