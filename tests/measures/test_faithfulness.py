"""The readout: what a picture hides, on clouds where the answer is known."""

import numpy as np
import pytest

from unknot.measures import linear_probe, readout


def hidden_in_the_third_axis(n=3_000):
    """Two classes that only the third, smallest axis separates."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) // 2 % 2
    values = rng.normal(size=(n, 3)) * [3, 2, 0.01]
    values[:, 2] += 0.1 * labels
    return values, labels


def test_a_picture_that_misleads_is_called_so():
    values, labels = hidden_in_the_third_axis()
    result = readout(values, values[:, :2], labels)
    assert result.probe_full > 0.99
    assert result.probe_shown == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / 1_500))
    assert result.misleads
    assert result.variance_shown == pytest.approx(1, abs=1e-3)
    assert result.trustworthiness > 0.99
    assert result.continuity > 0.99
    shown, full = result.probe_shown, result.probe_full
    assert result.caption == (
        f"100% of variance shown · probe {shown:.3f} here, {full:.3f} in full"
    )


def test_a_picture_of_everything_hides_nothing():
    values, labels = hidden_in_the_third_axis()
    result = readout(values, values, labels)
    assert result.probe_full == result.probe_shown
    assert not result.misleads
    assert result.trustworthiness == 1
    assert result.continuity == 1


def test_variance_shown_is_the_share_of_the_variance():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(500, 4))
    values = values / values.std(axis=0) * [2, 1, 1, 1]
    result = readout(values, values[:, :1], np.zeros(500))
    assert result.variance_shown == pytest.approx(4 / 7)
    assert result.probe_full is None
    assert not result.misleads
    assert result.caption == "57% of variance shown"


def test_an_unrelated_picture_is_not_trusted():
    rng = np.random.default_rng(0)
    result = readout(rng.normal(size=(800, 5)), rng.normal(size=(800, 2)), np.zeros(800))
    assert result.trustworthiness == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("n", [1, 2, 3, 10])
def test_few_points_have_no_neighbour_measures(n):
    result = readout(np.ones((n, 3)), np.ones((n, 2)), np.arange(n) % 2)
    assert result.trustworthiness is None
    assert result.variance_shown == 1


def test_probe_needs_two_classes_to_learn_from():
    assert linear_probe(np.ones((10, 2)), np.zeros(10, int)) is None
    assert linear_probe(np.ones((3, 2)), np.array([0, 1, 0])) is None


def test_the_order_of_the_rows_does_not_matter_to_the_probe():
    """Sorted, or alternating between the classes: both halves hold both."""
    values = np.linspace(-1, 1, 400)[:, None]
    for labels in (np.arange(400) % 2, np.arange(400) // 200):
        assert linear_probe(values, labels) is not None
    assert linear_probe(values, np.arange(400) // 200) > 0.97


def test_rounding_is_not_blown_up_to_a_unit():
    """A cloud on a line, with an axis of float32 rounding: the probe sees the line alone."""
    rng = np.random.default_rng(0)
    line = rng.normal(size=(2_000, 1))
    labels = (line[:, 0] > 0.3).astype(int)
    noise = 1e-8 * rng.normal(size=(2_000, 1))
    alone = linear_probe(line, labels)
    assert linear_probe(np.hstack([line, noise]), labels) == alone
    assert alone > 0.98
