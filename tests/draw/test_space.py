"""Perspective and ground: a rigid view, and words that stand where things are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.draw.space import Box, Eye, ground

angles = st.tuples(st.floats(-360, 360), st.floats(-89, 89))


@given(angles)
def test_axes_are_orthonormal(angle):
    axes = Eye(*angle).axes
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-12)
    assert np.linalg.det(axes) == pytest.approx(1)


@given(angles, st.integers(0, 1_000))
def test_orthographic_view_is_a_projection(angle, seed):
    eye = Eye(*angle, distance=np.inf)
    points = np.random.default_rng(seed).normal(size=(20, 3))
    centre = points[0]
    seen, depth = eye.see(points, centre, 1.0)
    # Right, up and depth together are the same cloud, turned.
    turned = np.column_stack([seen, depth])
    gaps = np.linalg.norm(points[:, None] - points[None], axis=-1)
    np.testing.assert_allclose(
        np.linalg.norm(turned[:, None] - turned[None], axis=-1), gaps, atol=1e-9
    )
    np.testing.assert_allclose(turned[0], 0, atol=1e-12)


def test_up_is_up_and_nearer_is_larger():
    eye = Eye(azimuth=-60, elevation=20, distance=5)
    centre = np.zeros(3)
    (above,), _ = eye.see(np.array([[0, 0, 1.0]]), centre, 1.0)
    assert abs(above[0]) < 1e-12
    assert above[1] > 0
    towards = eye.axes[:, 2]
    ends = np.array([eye.axes[:, 0] + 0.5 * towards, eye.axes[:, 0] - 0.5 * towards])
    seen, depth = eye.see(ends, centre, 1.0)
    assert depth[0] > depth[1]
    assert seen[0, 0] > 1 > seen[1, 0]


def test_at_the_depth_of_the_centre_lengths_are_true():
    eye = Eye()
    seen, _ = eye.see((3 * eye.axes[:, :2]).T, np.zeros(3), 2.0)
    np.testing.assert_allclose(seen, 3 * np.eye(2), atol=1e-12)


def test_what_lies_behind_the_eye_stays_finite():
    eye = Eye(distance=3)
    seen, _ = eye.see(100 * eye.axes[:, 2:].T + eye.axes[:, 0], np.zeros(3), 1.0)
    assert np.isfinite(seen).all()


def test_precision_is_kept():
    seen, depth = Eye().see(np.zeros((4, 3), np.float32), np.ones(3), 1.0)
    assert seen.dtype == depth.dtype == np.float32


def test_lines_stay_lines():
    eye = Eye()
    lines = [np.random.default_rng(i).normal(size=(n, 3)) for i, n in enumerate((2, 5, 3))]
    seen = eye.see_lines(lines, np.zeros(3), 1.0)
    assert [len(line) for line in seen] == [2, 5, 3]
    np.testing.assert_array_equal(seen[1], eye.see(lines[1], np.zeros(3), 1.0)[0])
    assert eye.see_lines([], np.zeros(3), 1.0) == []


def test_box_is_as_high_as_the_cloud():
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, (5_000, 3)) * [1, 1, 0.5]
    box = Box.around(points, np.zeros(3), 1.1, 0.0, 0.85)
    assert box.high[2] == pytest.approx(0.5 * 1.12, abs=0.02)
    assert box.low[2] == pytest.approx(-0.5 * 1.12, abs=0.02)
    flat = Box.around(points * [1, 1, 0], np.zeros(3), 1.1, 0.0, 0.85)
    assert flat.high[2] - flat.low[2] == pytest.approx(2 * 0.3 * 1.1)
    raised = Box.around(points * [1, 1, 0], np.zeros(3), 1.1, 1.0, 0.85)
    assert (raised.low[2], raised.high[2]) == pytest.approx((0, 0.85 * 1.1))


@given(st.floats(-80, -10), st.floats(5, 60))
def test_frame_holds_every_corner(azimuth, elevation):
    eye = Eye(azimuth, elevation)
    box = Box(np.array([-1.0, -2.0, 0.0]), np.array([3.0, 2.0, 1.0]))
    (x, y), (half_width, half_height) = box.frame(eye)
    seen, _ = eye.see(box.corners, box.centre, box.radius)
    assert (np.abs(seen - [x, y]) < [half_width, half_height]).all()


def test_ground_names_its_axes_and_numbers_them():
    box = Box(np.array([-1.0, -1.0, -0.5]), np.array([1.0, 1.0, 0.5]))
    lines, labels = ground(box, Eye(), ("first", "second", ""))
    assert [label.text for label in labels if label.is_title] == ["first", "second"]
    assert {label.text for label in labels if not label.is_title} == {
        "−1.0",
        "−0.5",
        "0",
        "0.5",
        "1.0",
    }
    assert all(line.shape[1] == 2 for line in lines)
    _, first_only = ground(box, Eye(), ("first", "", ""), n_numbered=1)
    assert len(first_only) < len(labels)
