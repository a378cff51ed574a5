"""The readout: what a picture hides, on clouds where the answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from scipy.stats import ortho_group
from sklearn.manifold import trustworthiness as sklearn_trustworthiness

from unknot.measures import faithfulness, probe_accuracy, readout
from unknot.measures.displacement import displacement_correlation, displacement_shown
from unknot.measures.faithfulness import (
    probe_shown,
    rnx,
    variance_shown,
    wrong_side,
)
from unknot.measures.table import Missing, Place, entries


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
        f"100% of the spread shown · straight cut: {shown:.1%} here, {full:.1%} in full"
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
    assert result.caption == "57% of the spread shown"


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
    assert probe_accuracy(np.ones((10, 2)), np.zeros(10, int)) is None
    assert probe_accuracy(np.ones((3, 2)), np.array([0, 1, 0])) is None


def test_the_order_of_the_rows_does_not_matter_to_the_probe():
    """Sorted, or alternating between the classes: both halves hold both."""
    values = np.linspace(-1, 1, 400)[:, None]
    for labels in (np.arange(400) % 2, np.arange(400) // 200):
        assert probe_accuracy(values, labels) is not None
    assert probe_accuracy(values, np.arange(400) // 200) > 0.97


def test_rounding_is_not_blown_up_to_a_unit():
    """A cloud on a line, with an axis of float32 rounding: the probe sees the line alone."""
    rng = np.random.default_rng(0)
    line = rng.normal(size=(2_000, 1))
    labels = (line[:, 0] > 0.3).astype(int)
    noise = 1e-8 * rng.normal(size=(2_000, 1))
    alone = probe_accuracy(line, labels)
    assert probe_accuracy(np.hstack([line, noise]), labels) == alone
    assert alone > 0.98


def seen(values, shown, labels=None):
    labels = np.arange(len(values)) % 2 if labels is None else labels
    return Place(values, labels, shown=shown)


def test_neighbour_measures_wait_until_they_are_asked_for():
    values, labels = hidden_in_the_third_axis(200)
    result = readout(values, values[:, :2], labels)
    assert "trustworthiness" not in vars(result)
    expected = sklearn_trustworthiness(values, values[:, :2], n_neighbors=15)
    assert result.trustworthiness == expected
    assert result.continuity == sklearn_trustworthiness(values[:, :2], values, n_neighbors=15)


def test_entries_are_those_of_the_readout():
    values, labels = hidden_in_the_third_axis(400)
    place, result = seen(values, values[:, :2], labels), readout(values, values[:, :2], labels)
    for name in ("variance_shown", "probe_shown", "trustworthiness", "continuity"):
        assert entries[name].function(place) == pytest.approx(getattr(result, name))
        assert entries[name].needs[0] == "view"


def test_trustworthiness_by_its_definition():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(60, 4))
    shown = values[:, :2]
    n, k = 60, 15
    far = [cdist(c, c) for c in (values, shown)]
    penalty = 0
    for i in range(n):
        by_layer, by_picture = ([j for j in np.argsort(d[i]) if j != i] for d in far)
        ranks = [by_layer.index(j) + 1 for j in by_picture[:k]]
        penalty += sum(r - k for r in ranks if r > k)
    expected = 1 - 2 / (n * k * (2 * n - 3 * k - 1)) * penalty
    assert entries["trustworthiness"].function(seen(values, shown)) == pytest.approx(expected)


def test_rnx_by_its_definition():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(70, 3))
    shown = values[:, :2]
    shared = 0.0
    for i in range(70):
        near = []
        for cloud in (values, shown):
            distances = [(np.linalg.norm(cloud[i] - cloud[j]), j) for j in range(70) if j != i]
            near.append({j for _, j in sorted(distances)[:15]})
        shared += len(near[0] & near[1]) / 15 / 70
    expected = (69 * shared - 15) / (69 - 15)
    assert 0 < expected < 1
    assert rnx(seen(values, shown)) == pytest.approx(expected)


def test_rnx_of_everything_and_of_nothing():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(500, 3))
    assert rnx(seen(values, values)) == 1
    assert rnx(seen(values, rng.normal(size=(500, 2)))) == pytest.approx(0, abs=0.02)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000))
def test_views_may_be_turned_and_scaled(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(50, 3))
    turn, spin = ortho_group.rvs(2, random_state=rng), ortho_group.rvs(3, random_state=rng)
    here = seen(values, values[:, :2])
    there = seen(values @ spin, 3 * values[:, :2] @ turn)
    for name in ("trustworthiness", "continuity", "rnx"):
        function = entries[name].function
        assert function(there) == pytest.approx(function(here), abs=1e-9)
    turned = seen(values @ spin, values[:, :2] @ turn)
    assert variance_shown(turned) == pytest.approx(variance_shown(here))


def test_wrong_side_counts_the_points_beyond_the_line():
    x = np.linspace(-1, 1, 200)
    shown = np.stack([x, np.zeros(200)], axis=1)
    labels = (x > 0).astype(int)
    assert wrong_side(seen(shown, shown, labels)) == 0
    labels[[0, 1, -2, -1]] ^= 1
    assert wrong_side(seen(shown, shown, labels)) == pytest.approx(4 / 200)
    with pytest.raises(Missing, match="are one in the picture"):
        wrong_side(seen(shown, np.zeros((200, 2)), labels))


@pytest.mark.parametrize("name", ["trustworthiness", "continuity", "rnx"])
def test_too_few_points_for_neighbours(name):
    cloud = np.random.default_rng(0).normal(size=(31, 2))
    with pytest.raises(Missing, match="32 points are needed, there are 31"):
        entries[name].function(seen(cloud, cloud))


def test_what_else_is_missing():
    with pytest.raises(Missing, match="no variance"):
        variance_shown(seen(np.ones((9, 2)), np.ones((9, 2))))
    with pytest.raises(Missing, match="too few points"):
        probe_shown(seen(np.eye(3), np.eye(3), np.array([0, 1, 0])))


def test_displacements_that_are_seen_whole_correlate_fully():
    rng = np.random.default_rng(0)
    start, end = rng.normal(size=(80, 2)), rng.normal(size=(80, 3))
    padded = np.hstack([start, np.zeros((80, 1))])
    assert displacement_correlation(padded, end, start, end) == pytest.approx(1)
    shown, true = (np.linalg.norm(end[:, :n] - padded[:, :n], axis=1) for n in (2, 3))
    expected = np.corrcoef(shown, true)[0, 1]
    assert displacement_correlation(start, end[:, :2], start, end) == pytest.approx(expected)


def test_a_common_shift_has_no_correlation():
    start = np.random.default_rng(0).normal(size=(20, 2))
    assert displacement_correlation(start, start + 0.3, start, 2 * start) is None
    assert displacement_correlation(start[:1], start[:1], start[:1], start[:1]) is None


def test_displacement_of_a_place_is_that_of_its_arrays():
    rng = np.random.default_rng(0)
    before, after = rng.normal(size=(50, 3)), rng.normal(size=(50, 4))
    place = Place(
        after,
        np.arange(50) % 2,
        before=before,
        shown=after[:, :2],
        shown_before=before[:, :2],
    )
    expected = displacement_correlation(before[:, :2], after[:, :2], before, after)
    assert displacement_shown(place) == expected
    with pytest.raises(Missing, match=r"^no view was given$"):
        displacement_shown(Place(after, np.arange(50) % 2, before=before))
    still = Place(before, np.arange(50), before=before, shown=before, shown_before=before)
    with pytest.raises(Missing, match=r"^all points move equally far$"):
        displacement_shown(still)


def test_the_spread_of_a_large_cloud_is_that_of_all_rows_at_once(monkeypatch):
    cloud = np.random.default_rng(0).normal(size=(1_000, 7)).astype("f") * np.arange(7) + 100
    whole = faithfulness._spread(cloud)
    monkeypatch.setattr(faithfulness, "AT_ONCE", 50)
    # Sums in double precision, in another order.
    assert faithfulness._spread(cloud) == pytest.approx(whole, rel=1e-12)
    assert whole == pytest.approx(float(cloud.astype(float).var(axis=0).sum()), rel=1e-12)


def test_an_axis_that_only_rounding_fills_tells_nothing():
    """Of a plane in six units the third direction is rounding, here one that knows the classes."""
    draw = np.random.default_rng(0)
    plane = draw.normal(size=(4_000, 2)) @ draw.normal(size=(2, 6))
    labels = (np.arange(4_000) % 2).astype(np.int64)
    values = plane.astype(np.float32)
    flat = np.linalg.svd(plane, full_matrices=False)[2][:2] @ plane.T
    rounding = (labels - 0.5) * 1e-7 * np.abs(values).max()
    shown = np.column_stack([flat.T, rounding])
    seen = readout(values, shown, labels).probe_shown
    assert seen == readout(values, shown * [1, 1, 0], labels).probe_shown
    assert seen < 0.6
    # What is small and real is read: a unit has its own exact numbers.
    real = np.column_stack([values, 1e-4 * labels]).astype(np.float32)
    assert readout(real, real[:, [0, 1, 6]], labels).probe_shown > 0.99
