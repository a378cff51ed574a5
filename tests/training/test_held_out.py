"""The split into training and validation rows; standardisation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from training_data import line

from unknot.errors import UsageError
from unknot.training.held_out import hold_out, scaled, standardisation


@given(n=st.integers(2, 300), validation=st.floats(0, 0.99), seed=st.integers(0, 100))
@settings(deadline=None)
def test_every_row_is_in_one_part(n, validation, seed):
    data = line(n)
    expected = max(round(n * validation), int(validation > 0))
    if expected == n:
        with pytest.raises(UsageError, match="none is left to train on"):
            hold_out(data, validation, np.random.default_rng(seed))
        return
    training, held_out = hold_out(data, validation, np.random.default_rng(seed))
    assert len(held_out) == expected
    assert_array_equal(np.sort(np.concatenate([training, held_out])), np.arange(n))
    assert_array_equal(training, np.sort(training))
    assert_array_equal(held_out, np.sort(held_out))


def test_rows_are_drawn_at_random():
    _, held_out = hold_out(line(10_000), 0.2, np.random.default_rng(0))
    # The mean of 2,000 of 10,000 ranks has a standard deviation of 58.
    assert abs(held_out.mean() - 4999.5) < 4 * 58


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(2, 20), st.integers(1, 4)),
        elements=st.floats(-1e6, 1e6, width=32),
    )
)
@settings(deadline=None)
def test_standardisation_is_finite_and_what_training_sees(x):
    scaling = standardisation(x)
    z = scaling(x)
    assert np.isfinite(z).all()
    # Scaling column by column leaves out only products with zero.
    size = 1 + np.abs(x * np.diag(scaling.weight)) + np.abs(scaling.bias)
    assert (np.abs(scaled(x, scaling) - z) <= 4 * np.finfo(np.float32).eps * size).all()
    assert scaled(x, scaling).dtype == np.float32


def test_standardisation_gives_mean_0_and_deviation_1():
    random = np.random.default_rng(0)
    x = (random.normal(size=(500, 3)) * [1, 100, 1e-3] + [0, 50, 1]).astype(np.float32)
    z = standardisation(x)(x).astype(float)
    assert_allclose(z.mean(axis=0), 0, atol=1e-4)
    assert_allclose(z.std(axis=0), 1, rtol=1e-4)
