"""Scores, and the difference of two models on the same rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.datasets import from_arrays, moons
from unknot.errors import UsageError
from unknot.network.mlp import MLP, Dense
from unknot.width.metrics import (
    balanced_accuracies,
    checked_metric,
    constant_values,
    difference,
    log_probabilities,
    row_values,
    score_of,
)


def with_share(share, n=1_000):
    y = (np.arange(n) < share * n).astype(int)
    return from_arrays(np.random.default_rng(0).normal(size=(n, 2)), y)


def test_the_balanced_accuracy_is_the_default_where_a_class_is_rare():
    assert checked_metric(None, with_share(0.049)) == "balanced_accuracy"
    assert checked_metric(None, with_share(0.05)) == "accuracy"
    assert checked_metric("log_loss", with_share(0.01)) == "log_loss"
    with pytest.raises(UsageError) as error:
        checked_metric("balanced", moons(50))
    assert str(error.value) == (
        "Unknown metric 'balanced'. Did you mean 'balanced_accuracy'?\n"
        "Allowed: accuracy, balanced_accuracy, log_loss."
    )


@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(5, 200))
@settings(deadline=None, max_examples=40)
def test_scores_are_those_of_scikit_learn(seed, n_classes, n):
    from sklearn.metrics import accuracy_score, balanced_accuracy_score, log_loss

    random = np.random.default_rng(seed)
    y = np.concatenate([np.arange(n_classes), random.integers(n_classes, size=n)])
    table = random.dirichlet(np.ones(n_classes), len(y))
    predicted = table.argmax(1)
    expected = {
        "accuracy": accuracy_score(y, predicted),
        "balanced_accuracy": balanced_accuracy_score(y, predicted),
        "log_loss": -log_loss(y, table, labels=np.arange(n_classes)),
    }
    for metric, value in expected.items():
        values = row_values(metric, np.log(table), y)
        assert score_of(metric, values, y, n_classes) == pytest.approx(value, abs=1e-9)


@given(st.integers(0, 10_000), st.sampled_from(["accuracy", "balanced_accuracy", "log_loss"]))
@settings(deadline=None, max_examples=40)
def test_the_difference_is_that_of_the_scores(seed, metric):
    random = np.random.default_rng(seed)
    y = np.concatenate([[0, 1], (random.random(60) < 0.2).astype(int)])
    ours, theirs = (row_values(metric, np.log(random.dirichlet((1, 1), 62)), y) for _ in range(2))
    gain, error = difference(metric, ours, theirs, y, 2)
    expected = score_of(metric, theirs, y, 2) - score_of(metric, ours, y, 2)
    assert gain == pytest.approx(expected, abs=1e-12)
    assert error > 0
    back, same = difference(metric, theirs, ours, y, 2)
    assert (back, same) == (pytest.approx(-gain), pytest.approx(error))


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy"])
def test_two_standard_errors_hold_the_true_difference_most_of_the_time(metric):
    """On 36 rows as on 1,000: at least 93 % of the time (95 % less the noise of 1,000 trials)."""
    random = np.random.default_rng(0)
    for n in (36, 1_000):
        inside = 0
        for _ in range(1_000):
            y = np.arange(n) % 3 // 2
            shared = random.random(n) < 0.9
            ours = np.where(shared, 1.0, random.random(n) < 0.3)
            theirs = np.where(shared, 1.0, random.random(n) < 0.7)
            gain, error = difference(metric, ours, theirs, y, 2)
            inside += abs(gain - 0.04) <= 2 * error
        assert inside >= 930


def test_few_rows_answered_alike_are_no_certainty():
    ones = np.ones(36)
    assert difference("accuracy", ones, ones, np.zeros(36), 2) == (0, pytest.approx(1 / 38))


def test_the_constant_answer():
    y = np.array([0] * 90 + [1] * 10)
    expected = {"accuracy": 0.9, "balanced_accuracy": 0.5, "log_loss": -0.3251}
    for metric, value in expected.items():
        values = constant_values(metric, y, y, 2)
        assert score_of(metric, values, y, 2) == pytest.approx(value, abs=1e-4)


def test_networks_in_jax_and_in_numpy_agree():
    from unknot.training.network import Layout, as_mlp

    layout = Layout.of(2, (3,), None, ("tanh",), ("softmax", 3))
    random = np.random.default_rng(0)
    weights = random.normal(size=(4, layout.n_weights)).astype(np.float32)
    x, y = random.normal(size=(50, 2)).astype(np.float32), np.arange(50) % 3
    found = balanced_accuracies(layout, weights, x, y, 3)
    for flat, score in zip(weights, found, strict=True):
        values = row_values("accuracy", log_probabilities(as_mlp(layout, flat, None), x), y)
        assert score_of("balanced_accuracy", values, y, 3) == pytest.approx(score)


def test_what_overflows_is_wrong_and_finite():
    layer = Dense(np.full((1, 1), np.nan, np.float32), np.zeros(1, np.float32), "linear", "output")
    logarithms = log_probabilities(MLP((layer,), "sigmoid", None), np.ones((3, 1), np.float32))
    assert np.isfinite(logarithms).all()
