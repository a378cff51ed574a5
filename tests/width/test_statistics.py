"""Intervals, standard errors, and how often one must try."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.width.verdict import points_needed, restarts_needed, standard_error, wilson


def test_standard_error_and_the_points_that_bring_it_down():
    assert standard_error(0.5, 10_000) == pytest.approx(0.005)
    assert points_needed(0.5, 0.005) == 10_000
    assert standard_error(1.0, 10) == 0


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17, table I, method 3.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_against_published_intervals(successes, trials, low, high):
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10_000), st.data())
@settings(deadline=None)
def test_wilson_holds_the_share_and_is_symmetric(trials, data):
    successes = data.draw(st.integers(0, trials))
    low, high = wilson(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    mirrored = wilson(trials - successes, trials)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-12)


@given(st.floats(0.001, 0.999))
@settings(deadline=None)
def test_so_many_restarts_and_no_fewer(share):
    n = restarts_needed(share)
    assert 1 - (1 - share) ** n >= 0.95 - 1e-9
    assert n == 1 or 1 - (1 - share) ** (n - 1) < 0.95


def test_restarts_at_the_ends():
    assert restarts_needed(0) is None
    assert restarts_needed(1) == 1
    assert restarts_needed(0.5) == math.ceil(math.log2(20))
