"""The activation functions: their formulas, and the JAX versions against the NumPy ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from scipy.stats import norm

from unknot.errors import UsageError
from unknot.network.activations import activations

FORMULAS = {
    "relu": lambda z: np.maximum(0, z),
    "leaky_relu": lambda z: np.maximum(0.01 * z, z),
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "silu": lambda z: z / (1 + np.exp(-z)),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1),
    "sin": np.sin,
    "linear": lambda z: z,
}


def test_there_are_ten():
    assert list(activations) == [
        *("relu", "leaky_relu", "tanh", "sigmoid", "gelu"),
        *("silu", "softplus", "elu", "sin", "linear"),
    ]


@pytest.mark.parametrize("name", FORMULAS)
def test_formula(name):
    z = np.linspace(-20, 20, 2001)
    assert_allclose(activations[name](z), FORMULAS[name](z), rtol=1e-9, atol=1e-12)


def test_gelu_is_near_z_times_the_normal_distribution_function():
    z = np.linspace(-8, 8, 2001)
    # Hendrycks and Gimpel's tanh formula is off by less than this everywhere.
    assert np.abs(activations["gelu"](z) - z * norm.cdf(z)).max() < 5e-4


@pytest.mark.parametrize("name", activations)
def test_single_precision_stays_single_and_extremes_stay_finite(name):
    z = np.array([-1e30, -100, -0.0, 0.0, 100], np.float32)
    with np.errstate(over="ignore"):
        values = activations[name](z)
    assert values.dtype == np.float32
    assert np.isfinite(values).all()


@pytest.mark.parametrize("name", activations)
@given(z=arrays(np.float32, 64, elements=st.floats(-50, 50, width=32)))
@settings(deadline=None, max_examples=20)
def test_jax_agrees(name, z):
    from unknot.training.activation_functions import activation_functions

    # The tolerance is relative to the argument, too: sin and gelu round it.
    difference = np.abs(np.asarray(activation_functions[name](z)) - activations[name](z))
    assert (difference <= 1e-6 * np.maximum(1, np.abs(z))).all()


def test_jax_has_the_same_names():
    from unknot.training.activation_functions import activation_functions

    assert list(activation_functions) == list(activations)


def test_an_unknown_name():
    with pytest.raises(UsageError) as error:
        activations["rellu"]
    assert str(error.value) == (
        "Unknown activation 'rellu'. Did you mean 'relu'?\nAllowed: relu, leaky_relu, tanh, "
        "sigmoid, gelu, silu, softplus, elu, sin, linear."
    )
