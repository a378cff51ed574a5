"""Density: every point is counted once, where it is, and stays visible."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.draw.colouring import FULL, ONE_POINT, Density, cells, shades
from unknot.draw.painter import cell_size, packed_pixels
from unknot.draw.plane import Window, once, tick_label, ticks

RED, BLUE = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)


def density(palette, group):
    return Density(np.array(palette, dtype=np.float64), np.asarray(group))


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(0, 500),
    width=st.integers(1, 40),
    height=st.integers(1, 40),
    spread=st.floats(0.1, 5),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_counts_are_a_histogram(seed, n, width, height, spread, dtype):
    # Coordinates, corners and cells are multiples of 1/8, shifted by 1/16: nothing lies on an edge
    # between two cells, and all arithmetic is exact.
    rng = np.random.default_rng(seed)
    points = (np.round(rng.normal(size=(n, 2)) * spread * 8) / 8 + 1 / 16).astype(dtype)
    window = Window(width / 16, height / 16, 0.125, width, height)
    counts = density([RED], np.zeros(n, int)).counts(points, window)
    x_edges = np.arange(width + 1) * 0.125
    y_edges = np.arange(height + 1) * 0.125
    expected, _, _ = np.histogram2d(points[:, 1], points[:, 0], bins=[y_edges, x_edges])
    np.testing.assert_array_equal(counts, expected[::-1])


def test_counts_add_up_to_the_points_inside():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(10_000, 2)).astype(np.float32)
    window = Window.around(0.1, -0.2, 1.0, 300, 200)
    low, high = window.low, window.high
    inside = ((points > low) & (points < high)).all(axis=1).sum()
    assert density([RED], np.zeros(10_000, int)).counts(points, window).sum() == inside


def test_far_outliers_are_nowhere():
    points = np.array([[1e30, 0], [-1e30, 0], [0, 1e30], [np.inf, -np.inf]])
    window = Window.around(0, 0, 1, 50, 50)
    assert density([RED], np.zeros(4, int)).counts(points, window).sum() == 0


def test_upper_row_is_first():
    window = Window.around(0, 0, 1, 10, 10)
    counts = density([RED], [0]).counts(np.array([[-0.9, 0.9]]), window)
    assert counts[0, 0] == 1


@pytest.mark.parametrize("n_colours", [1, 2, 3, 5])
def test_colours_mix_in_proportion(n_colours):
    rng = np.random.default_rng(n_colours)
    palette = rng.random((n_colours, 3))
    group = rng.integers(0, n_colours, 1_000)
    # All points in one cell: its colour is the mean colour.
    window = Window.around(0, 0, 1, 4, 4)
    points = np.full((1_000, 2), 0.1)
    where, colours, shade = density(palette, group).filled(points, window)
    assert where.tolist() == [1 * 4 + 2]
    np.testing.assert_allclose(colours[0], palette[group].mean(axis=0), atol=1e-12)
    assert 0.9 < shade[0] < 1


def test_a_rare_point_stays_visible_beside_a_crowd():
    points = np.vstack([np.zeros((100_000, 2)), [[0.85, 0.85]]])
    group = np.r_[np.zeros(100_000, int), 1]
    image = density([RED, BLUE], group).image(points, Window.around(0, 0, 1, 20, 20))
    np.testing.assert_allclose(image[1, 18], [*BLUE, ONE_POINT], atol=1e-6)
    assert (image[..., 3] > 0).sum() == 2


def test_shades_grow_with_the_count_and_do_not_jump():
    # Typical cells hold 2: those with more than 3 times as many have their full colour.
    n = np.r_[np.full(100_000, 2.0), 1, 3, 5, 100]
    shade = shades(n)[-4:]
    assert shade[0] == ONE_POINT
    assert (np.diff(shade) > 0).all()
    assert shade[-1] == 1
    # Five points a cell everywhere: below full colour by log 3 of log 15.
    even = shades(np.full(10, 5.0))[0]
    expected = ONE_POINT + (1 - ONE_POINT) * np.log(5) / (np.log(5) + np.log(FULL))
    assert even == pytest.approx(expected)


def test_no_points_at_all():
    image = density([RED, BLUE], np.zeros(0, int)).image(
        np.empty((0, 2)), Window.around(0, 0, 1, 8, 6)
    )
    assert image.shape == (6, 8, 4)
    assert not image.any()


def test_cells_have_a_border_for_what_is_outside():
    window = Window.around(0, 0, 1, 3, 2)
    index = cells(np.array([[-9.0, 9.0], [9.0, -9.0]]), window)
    assert index.tolist() == [0, 4 * 5 - 1]


def test_window_holds_its_rectangle_at_equal_scale():
    window = Window.holding(3, -2, 4, 1, 200, 100)
    assert window.high[0] - window.low[0] == pytest.approx(8)
    assert window.high[1] - window.low[1] == pytest.approx(4)
    np.testing.assert_allclose(window.pixels(np.array([[3.0, -2.0]])), [[100, 50]])


def test_coarser_window_keeps_its_upper_left_corner():
    window = Window.around(0.3, 0.7, 1.5, 101, 53)
    coarse = window.coarser(2)
    assert (coarse.width, coarse.height) == (51, 27)
    assert coarse.low[0] == pytest.approx(window.low[0])
    assert coarse.high[1] == pytest.approx(window.high[1])


@given(low=st.floats(-1e6, 1e6), length=st.floats(1e-6, 1e6), count=st.integers(2, 12))
def test_ticks_are_round_and_inside(low, length, count):
    marks = ticks(low, low + length, count)
    slack = length * 1e-6 + abs(low) * 1e-9
    assert all(low - slack <= mark <= low + length + slack for mark in marks)
    assert len(marks) <= 3 * count
    labels = [tick_label(mark, marks[1] - marks[0]) for mark in marks] if len(marks) > 1 else []
    assert all("-" not in label for label in labels)


def test_tick_labels_have_the_digits_of_their_step():
    assert [tick_label(v, 0.5) for v in (-1.5, 0.0, 0.5)] == ["−1.5", "0", "0.5"]
    assert [tick_label(v, 20) for v in (-20, 1e-9, 40)] == ["−20", "0", "40"]
    assert tick_label(200_000, 100_000) == "2e+05"
    assert tick_label(-1_250_000, 50_000) == "−1.25e+06"
    assert tick_label(0.00123, 2e-5) == "0.00123"
    assert tick_label(500_001, 1) == "500,001"
    assert tick_label(-4.71215e-7, 5e-13) == "−4.712e−07"
    assert once([tick_label(m, 5e-13) for m in ticks(-4.7123e-7, -4.7121e-7, 5)])[1:] == [""] * 4


@given(middle=st.floats(-1e7, 1e7), length=st.floats(1e-2, 1e7), count=st.integers(2, 8))
def test_ticks_are_told_apart_by_their_labels(middle, length, count):
    marks = ticks(middle, middle + length, count)
    step = marks[1] - marks[0] if len(marks) > 1 else 1.0
    labels = [tick_label(mark, step) for mark in marks]
    assert len(set(labels)) == len(labels)


def test_cells_grow_when_points_are_few():
    assert cell_size(100_000, 720, 576) == 2
    assert cell_size(5_000, 720, 576) == 4
    assert cell_size(3_000, 4_000, 3_000) == 8


def test_packed_pixels_are_opaque_bytes():
    pixels = packed_pixels(np.array([[0.0, 0.5, 1.0]])).view(np.uint8)
    assert pixels.tolist() == [0, 127, 255, 255]
