"""The plane of a number to predict: where it must lie, and when `auto` takes it."""

import numpy as np
import pytest

from unknot.measures.regression import linear_r2
from unknot.motion.fitted import growing_direction, halves, told_by_line
from unknot.motion.projection import project
from unknot.motion.scene import Scene
from unknot.traces.representation import Trace


def told(n=400, n_units=6, noise=0.1, seed=0):
    """A target that grows along the narrowest of some directions, turned at random."""
    rng = np.random.default_rng(seed)
    spread = np.linspace(6, 1, n_units)
    turn = np.linalg.qr(rng.normal(size=(n_units, n_units)))[0]
    places = rng.normal(size=(n, n_units)) * spread
    target = 1e6 * (3 - places[:, -1] + noise * rng.normal(size=n))
    return (places @ turn.T).astype(np.float32), target.astype(np.float32), -turn[:, -1]


@pytest.mark.parametrize("n_axes", [2, 3])
def test_the_first_axis_is_where_the_target_grows_and_the_next_where_the_rest_spreads(n_axes):
    values, target, direction = told()
    traced = Trace.from_arrays([values], target)
    plane = project(traced, 0, "auto", n_axes)
    rest = tuple(f"PC {i} of the rest" for i in range(1, n_axes))
    assert plane.axis_labels == ("linear regression", *rest)
    np.testing.assert_allclose(plane.frame.T @ plane.frame, np.eye(n_axes), atol=1e-12)
    # Each of five other directions may lean by noise / (spread √400), 0.005.
    assert plane.frame[:, 0] @ direction > 0.999
    left = values - np.outer(values @ plane.frame[:, 0], plane.frame[:, 0])
    widest = np.linalg.svd(left - left.mean(axis=0), full_matrices=False)[2][: n_axes - 1]
    np.testing.assert_allclose(np.abs(widest @ plane.frame[:, 1:]), np.eye(n_axes - 1), atol=1e-3)


def test_what_the_picture_keeps_of_r2_is_judged_by_points_that_it_was_not_fitted_to():
    values, target, _ = told(120, 20, noise=3)
    held_out = np.arange(120) % 3 == 0
    traced = Trace.from_arrays([values], target, held_out=held_out)
    frame = project(traced, 0, "regression", 2).frame
    other = Trace.from_arrays([values], np.where(held_out, 0, target), held_out=held_out)
    np.testing.assert_array_equal(project(other, 0, "regression", 2).frame, frame)
    readout = Scene(traced, projection="regression").readout(0)
    shown = linear_r2(values @ frame.astype(np.float32), target, held_out=held_out)
    assert readout.probe_shown == pytest.approx(shown, abs=1e-6)
    assert readout.probe_full == linear_r2(values, target, held_out=held_out)


@pytest.mark.parametrize("case", ["noise", "constant", "few rows", "one class", "narrow"])
def test_where_it_tells_nothing_the_widest_plane_stays(case):
    values, target, _ = told()
    if case == "noise":
        target = np.random.default_rng(1).normal(size=400).astype(np.float32)
    elif case == "constant":
        target = np.full(400, 5e5, np.float32)
    elif case == "few rows":
        values, target = values[:20], target[:20]
    elif case == "one class":
        target = np.zeros(400, np.int64)
    else:
        rng = np.random.default_rng(0)
        values = (rng.normal(size=(400, 6)) * [1e4, 1e3, 1, 1, 1, 1]).astype(np.float32)
        target = values[:, 4]
    assert project(Trace.from_arrays([values], target), 0, "auto", 2).axis_labels[0] == (
        "widest view, a"
    )


def test_points_without_a_target_count_for_nothing():
    values, target, direction = told()
    target[::3] = np.nan
    plane = project(Trace.from_arrays([values], target), 0, "auto", 2)
    assert plane.frame[:, 0] @ direction > 0.999


def test_wide_layers_are_read_in_their_leading_directions():
    values, target, direction = told(800, 300)
    values -= 9 * np.outer(values @ direction, direction)  # ten times as wide: a leading one
    plane = project(Trace.from_arrays([values], target), 0, "auto", 2)
    assert plane.axis_labels[0] == "linear regression"
    grown = np.corrcoef(values @ plane.frame[:, 0], target)[0, 1]
    assert grown > 0.99
    np.testing.assert_allclose(plane.frame.T @ plane.frame, np.eye(2), atol=1e-12)


def test_classes_are_shown_as_by_auto():
    values, target, _ = told()
    traced = Trace.from_arrays([values], (target > 3e6).astype(int))
    frames = [project(traced, 0, name, 2).frame for name in ("regression", "auto")]
    np.testing.assert_array_equal(*frames)


def test_a_line_is_judged_by_other_points():
    values, target, direction = told()
    first, second = halves(target)
    assert abs(target[first].mean() - target[second].mean()) < 0.02 * target.std()
    seen = (values @ direction)[:, None].astype(float)
    got = told_by_line(seen[first], target[first], seen[second], target[second])
    assert got == pytest.approx(1 - 0.01 / 1.01, abs=0.005)
    assert told_by_line(seen[first], target[first], seen[second], np.ones(200)) == -np.inf
    assert growing_direction(np.zeros((9, 4)), np.arange(9.0)) is None
