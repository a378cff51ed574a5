"""The activations: their formulas in every language, and what the records say of them."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from networks import another_activation, rings
from numpy.testing import assert_allclose
from scipy.special import erf
from scipy.stats import norm

import unknot as uk
from unknot.errors import UsageError
from unknot.network.activations import activations
from unknot.network.formulas import FRAMEWORKS, activation, aliases_of
from unknot.network.maps import as_activation
from unknot.views.page import page_file, unpack_page

#: As they are written in the literature; other ways of writing would be no check.
FORMULAS = {
    "relu": lambda z: np.maximum(0, z),
    "leaky_relu": lambda z: np.maximum(0.01 * z, z),
    "leaky_relu(slope=0.2)": lambda z: np.maximum(0.2 * z, z),
    "leaky_relu(slope=-1)": np.abs,
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "silu": lambda z: z / (1 + np.exp(-z)),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "softplus(beta=3)": lambda z: np.log(1 + np.exp(3 * z)) / 3,
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1),
    "elu(alpha=2)": lambda z: np.where(z > 0, z, 2 * (np.exp(z) - 1)),
    "celu(alpha=2)": lambda z: np.maximum(0, z) + np.minimum(0, 2 * (np.exp(z / 2) - 1)),
    "selu": lambda z: 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(z)),
    "sin": np.sin,
    "linear": lambda z: z,
    "gelu": lambda z: 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))),
    "exact_gelu": lambda z: 0.5 * z * (1 + erf(z / np.sqrt(2))),
    "mish": lambda z: z * np.tanh(np.log(1 + np.exp(z))),
    "relu6": lambda z: np.clip(z, 0, 6),
    "hard_tanh": lambda z: np.clip(z, -1, 1),
    "hard_tanh(low=-2, high=3)": lambda z: np.clip(z, -2, 3),
}
CASES = [*activations, *(text for text in FORMULAS if "(" in text)]


def test_every_activation_has_a_formula_here():
    assert {text.partition("(")[0] for text in FORMULAS} == set(activations)


@pytest.mark.parametrize("text", FORMULAS)
def test_formula(text):
    z = np.linspace(-20, 20, 2001)
    assert_allclose(as_activation(text)(z), FORMULAS[text](z), rtol=1e-9, atol=1e-12)


def test_gelu_is_near_z_times_the_normal_distribution_function():
    z = np.linspace(-8, 8, 2001)
    # Hendrycks and Gimpel's tanh formula is off by less than this everywhere.
    assert np.abs(activations["gelu"](z) - z * norm.cdf(z)).max() < 5e-4


@pytest.mark.parametrize("text", CASES)
def test_single_precision_stays_single_and_extremes_stay_finite(text):
    z = np.array([-1e30, -100, -0.0, 0.0, 100], np.float32)
    with np.errstate(over="ignore"):
        values = as_activation(text)(z)
    assert values.dtype == np.float32
    assert np.isfinite(values).all()


@pytest.mark.parametrize("text", [*CASES, "leaky_relu(slope=[0.1, -0.2, 0.3, 0])"])
@given(z=arrays(np.float32, (16, 4), elements=st.floats(-50, 50, width=32)))
@settings(deadline=None, max_examples=20)
def test_jax_agrees(text, z):
    map_ = as_activation(text)
    # The tolerance is relative to the argument, too: sin and gelu round it.
    difference = np.abs(np.asarray(map_.jax(z)) - map_(z))
    assert (difference <= 1e-6 * np.maximum(1, np.abs(z))).all()


@pytest.mark.parametrize("text", CASES)
def test_what_the_record_says_is_so(text):
    map_ = as_activation(text)
    z = np.linspace(-30, 30, 60_001)
    values = map_(z)
    low, high = map_.bounds
    assert low - 1e-12 <= values.min()
    assert values.max() <= high + 1e-12
    # Bounds are near: a number that is never reached would be no news.
    for bound, end in ((low, values.min()), (high, values.max())):
        assert math.isinf(bound) or abs(bound - end) < 2e-3
    steps = np.diff(values)
    near = np.abs(z[1:]) < 5
    rises = {
        "strictly": (steps[near] > 0).all() and (steps >= 0).all(),
        "weakly": (steps >= 0).all() and (steps[near] == 0).any(),
        "no": (steps < 0).any(),
    }
    assert rises[map_.monotone]
    assert map_.sentence
    assert "{" not in map_.sentence
    # Between its knots a piecewise linear one has no curvature; at each of them it has a corner.
    curvature = np.abs(np.diff(values, 2)) > 1e-9
    at_knots = np.zeros_like(curvature)
    for knot in map_.knots:
        at_knots |= np.abs(z[1:-1] - knot) < 2e-3
    if map_.function.is_piecewise_linear:
        np.testing.assert_array_equal(curvature & ~at_knots, False)
        assert all(curvature[np.abs(z[1:-1] - knot) < 2e-3].any() for knot in map_.knots)
    else:
        assert curvature.any()
    assert map_.is_smooth == (curvature.any() and not map_.knots)


@pytest.mark.parametrize("name", activations)
def test_records_are_data(name):
    entry = activations[name]
    assert entry.name == name
    assert entry.formula.__doc__
    assert json.loads(json.dumps(entry.tree())) == entry.tree()
    assert set(entry.aliases) <= set(FRAMEWORKS)
    for framework in entry.aliases:
        for alias in entry.aliases[framework]:
            assert set(alias.parameters) <= set(entry.defaults)
            assert entry in [name for name, _ in aliases_of(alias.name, framework)]


def test_text_says_all():
    for text in ("relu", "leaky_relu(slope=0.2)", "hard_tanh(low=-2.0, high=3.0)"):
        assert str(as_activation(text)) == text
    per_unit = uk.Activation("leaky_relu", slope=np.float32([0.1, 0.2]))
    assert as_activation(str(per_unit)) == per_unit
    assert as_activation(per_unit) is per_unit
    assert per_unit.title == "leaky_relu(slope=…)"
    assert uk.Activation("leaky_relu", slope=[0.2, 0.2]) == as_activation("leaky_relu(slope=0.2)")
    assert uk.Activation("leaky_relu", slope=0.01) == uk.Activation("leaky_relu")
    assert len({uk.Activation("elu"), uk.Activation("elu", alpha=1), as_activation("elu")}) == 1
    assert repr(uk.Activation("elu", alpha=2)) == "Activation('elu', alpha=2.0)"
    assert eval(repr(per_unit), {"Activation": uk.Activation}) == per_unit
    assert as_activation("elu(alpha=2)").sentence == (
        "negative values are bent, to between 0 and −2"
    )


def test_between_two_moments():
    a, b = as_activation("leaky_relu(slope=0.2)"), as_activation("leaky_relu(slope=[0.4, 0.6])")
    assert a.between(a, 0.5) is a
    assert_allclose(dict(a.between(b, 0.5).parameters)["slope"], [0.3, 0.4])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: uk.Activation("rellu"),
            "Unknown activation 'rellu'. Did you mean 'relu'?\nAllowed: "
            + ", ".join(activations)
            + ".",
        ),
        (
            lambda: uk.Activation("elu", slope=1),
            "Unknown parameter of elu 'slope'.\nAllowed: alpha.",
        ),
        (
            lambda: as_activation("tanh(alpha=1)"),
            "The activation tanh has no parameters; got 'alpha'.",
        ),
        (
            lambda: uk.Activation("elu", alpha="much"),
            "Got much for 'alpha'; allowed: a finite number, or one a unit.\n"
            "An activation acts on each unit by itself.",
        ),
        (
            lambda: as_activation("elu(2)"),
            "'elu(2)' is no activation with parameters.\n"
            'Write them by name, for example "leaky_relu(slope=0.2)".',
        ),
        (
            lambda: uk.fit(rings(40), hidden=[2], activation="leaky_relu(slope=[0.1, 0.2])"),
            "Got leaky_relu(slope=…) with 2 values; allowed: one number for all units.\n"
            "A slope for each unit comes with a model of your own: trace it.",
        ),
        (
            lambda: uk.Trace.from_arrays(
                [np.ones((4, 3))] * 2,
                [0, 1, 0, 1],
                maps=[uk.Activation("leaky_relu", slope=[1, 2])],
            ),
            "Map 0 ('leaky_relu') has parameters for 2 units; there are 3.",
        ),
    ],
)
def test_what_is_no_activation(make, message):
    with pytest.raises(UsageError) as error:
        make()
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        (lambda z, of: np.cos(z), "does not support ufuncs"),
        (lambda z, of: of.cos(z), "has no attribute 'cos'"),
        (lambda z, of: z if z > 0 else 0, "write of.where"),
        (lambda z, of: z * math.inf, "finite numbers"),
        (lambda z, of: of.where(z > 0, z), "of.where takes 3 arguments; got 2"),
    ],
)
def test_a_formula_that_the_page_cannot_work_out_is_no_row(formula, message):
    formula.__name__ = "no_row"
    with pytest.raises((TypeError, AttributeError), match=message):
        activation("nothing")(formula)
    assert "no_row" not in activations


def test_a_new_row_is_taken_everywhere():
    with another_activation() as ebbing:
        x = np.linspace(-3, 3, 7)
        wanted = np.sin(5 * x) / (1 + np.abs(x) / 2) + 0.1 * erf(x)
        assert_allclose(ebbing(x, pace=5.0), wanted)
        run = uk.fit(rings(), hidden=[5], activation="ebbing(pace=5)", epochs=2, progress=False)
        assert run.model.architecture == "2 → 5 ebbing(pace=5) → 1 sigmoid"
        traced = uk.trace(run)
        before, after = (traced.representations[k].values for k in (1, 2))
        assert_allclose(
            after, np.sin(5 * before) / (1 + np.abs(before) / 2) + 0.1 * erf(before), atol=1e-5
        )
        assert_allclose(uk.Morph(traced).at(1.5), (before + after) / 2, atol=1e-5)
        scene = uk.Scene(traced)
        assert scene.beat(1.5).sentence == "values wave ever more slowly"
        # The viewer's own tests draw a page of it: see tests/motion/golden.py.
        entry = unpack_page(page_file(run))[0]["runs"][0]["maps"][1]
        assert entry["sentence"] == "values wave ever more slowly"
        assert entry["formula"] == ebbing.tree(pace=5.0)
        assert uk.measure(traced, measures=["dead_units"]) is not None
    with pytest.raises(UsageError, match="Unknown activation 'ebbing'"):
        uk.fit(rings(40), hidden=[2], activation="ebbing", epochs=1, progress=False)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_relu_is_the_larger_of_0_and_the_value_whatever_that_is(dtype):
    z = np.array([[np.nan, -np.inf, np.inf, -0.0, 0.0], [-1, 1, -1e-7, 1e-7, 6e4]], dtype)
    made = as_activation("relu")(z)
    np.testing.assert_array_equal(made, np.maximum(z, 0))
    assert made.dtype == dtype
