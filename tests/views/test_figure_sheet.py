"""Text that fits, labels that keep apart."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from unknot.views.figures.cloud import cells_for
from unknot.views.figures.sheet import Sheet, fit_width, number, spread, text_width, wrap

places = st.lists(st.floats(-100, 100), max_size=12)


@settings(deadline=None)
@given(places, st.floats(0.01, 5))
def test_spread_keeps_labels_apart_inside_and_in_order(wanted, gap):
    low, high = -100.0, 100.0
    places = spread(wanted, gap, low, high)
    assert len(places) == len(wanted)
    assert ((places >= low - 1e-9) & (places <= high + 1e-9)).all()
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(places[order]) >= gap - 1e-9).all()


@settings(deadline=None)
@given(places.filter(bool))
def test_spread_leaves_labels_that_are_apart(wanted):
    wanted = sorted({round(w) for w in wanted})
    assert np.allclose(spread(wanted, 0.9, -100, 100), wanted)


def test_spread_is_the_nearest_arrangement():
    # Least squares: two labels at the same place move by the same amount.
    assert np.allclose(spread([0.5, 0.5], 0.2, 0, 1), [0.4, 0.6])
    assert np.allclose(spread([1.0, 1.0], 0.2, 0, 1), [0.8, 1.0])


def test_spread_with_too_little_room():
    assert np.allclose(spread([0.2] * 5, 1.0, 0, 1), np.linspace(0, 1, 5))


# Of these, DejaVu has the first in its bold face alone, the second in its plain one.
@settings(deadline=None, max_examples=60)
@given(
    st.text(max_size=300),
    st.sampled_from([7, 8, 9, 12]),
    st.floats(0.3, 6),
    st.sampled_from(["normal", "bold"]),
)
@example("\U0001d400", 7, 1.0, "normal")
@example("\U0001d5a0", 7, 1.0, "bold")
def test_fitted_text_fits(text, size, inches, weight):
    line = fit_width(text, size, inches, weight)
    assert "\n" not in line
    assert text_width(line, size, weight) <= inches


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=2_000), st.floats(0.5, 6), st.integers(1, 4))
@example("Ƣ\u0359", 1.0, 1)
def test_wrapped_text_fits(text, inches, most):
    lines = wrap(text, 8, inches, most)
    assert len(lines) <= most
    assert all(text_width(line, 8) <= inches for line in lines)


def test_wrap_keeps_words():
    text = "what the six units of the hidden layer hand on has rank two at most"
    lines = wrap(text, 8, 1.2, most=20)
    assert len(lines) > 2
    assert " ".join(lines) == text
    assert wrap("", 8, 2) == []


def test_wrap_says_when_it_leaves_out():
    assert wrap("one two three four five six seven eight nine ten", 8, 0.8, most=2)[-1].endswith(
        "…"
    )


@pytest.mark.parametrize("size", [7, 8, 9, 12])
@pytest.mark.parametrize("dpi", [100, 150, 200])
def test_measured_width_is_not_less_than_the_drawn_one(size, dpi):
    sheet = Sheet(6, 2)
    sheet.figure.dpi = dpi
    renderer = sheet.figure.canvas.get_renderer()
    for line in ("widest view, a", "yyyyyyyyyyy", "0.884 of 0.886", "שלום עולם", "WWW…iii"):
        drawn = sheet.text(1, 1, line, size).get_window_extent(renderer).width / dpi
        assert drawn <= text_width(line, size) <= 1.35 * drawn + 0.05


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.1234, "−0.123"),
        (1234.5, "1,234"),
        (1.5e9, "1.5e+09"),
        (-1e-7, "−1e−07"),
    ],
)
def test_number(value, text):
    assert number(value) == text


def test_cells():
    assert cells_for(0, 2) == cells_for(3_000, 2) == 140
    assert cells_for(1_000_000_000, 2) == 400
    assert cells_for(3_000, 2) < cells_for(200_000, 2) < cells_for(500_000, 2)
