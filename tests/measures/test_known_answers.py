"""Measures on clouds whose answer is known, and against definitions written out."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.measures import Missing, entries
from unknot.measures.probe import fit_probe, logistic_cut
from unknot.measures.similarity import cka, cka_matrix
from unknot.measures.table import Place
from unknot.network.maps import Affine


def measured(name, values, labels=None, **options):
    values = np.asarray(values, dtype=np.float64)
    y = np.arange(len(values)) % 2 if labels is None else np.asarray(labels)
    return entries[name].function(Place(values, y, **options))


def gaussians(n, n_units, apart=1.0, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    values = rng.normal(size=(n, n_units))
    values[:, 0] += apart * labels
    return values, labels


def turned(values, seed):
    n_units = values.shape[1]
    return values @ np.linalg.qr(np.random.default_rng(seed).normal(size=(n_units, n_units)))[0]


# --- the probe --------------------------------------------------------------------------------


def test_the_probe_of_two_gaussians_is_the_best_possible():
    from scipy.stats import norm

    values, labels = gaussians(20_000, 3, apart=2.0)
    best = norm.cdf(1.0)
    error = measured("linear_probe_error", values, labels)
    assert error == pytest.approx(np.sqrt(best * (1 - best) / 10_000), rel=0.1)
    assert abs(measured("linear_probe", values, labels) - best) < 4 * error


def test_the_probe_of_two_rings_is_at_chance():
    rng = np.random.default_rng(0)
    labels = np.arange(20_000) % 2
    angle = rng.uniform(0, 2 * np.pi, 20_000)
    rings = (1 + labels)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert abs(measured("linear_probe", rings, labels) - 0.5) < 4 * 0.005


def test_the_margin_of_two_points_is_half_their_distance():
    values = np.repeat([[0.0, 0.0], [4.0, 0.0]], 5, axis=0)
    # Standardised, they lie at −1 and 1; the soft margin is a little short of 1.
    assert measured("margin", values, np.repeat([0, 1], 5)) == pytest.approx(1, abs=1e-2)


def test_units_that_never_vary_change_no_margin():
    # More units than points: the SVM then works in the span of the points.
    values, labels = gaussians(40, 30)
    wide = np.hstack([values, np.ones((40, 100))])
    # The solver stops at a gradient of 1e-4 of the first, which leaves the gap some per mille.
    expected = pytest.approx(measured("margin", values, labels), rel=1e-2)
    assert measured("margin", wide, labels) == expected


def test_the_margin_is_negative_where_no_cut_separates():
    assert measured("margin", [[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1]) < 0


# --- the geometry of the classes --------------------------------------------------------------


def test_gdv_of_two_collapsed_classes_is_minus_one():
    values = np.repeat([[0.0, 1.0], [2.0, 5.0]], 20, axis=0)
    assert measured("gdv", values, np.repeat([0, 1], 20)) == pytest.approx(-1)


def test_gdv_of_shuffled_labels_is_near_zero():
    values, labels = gaussians(2_000, 5)
    shuffled = np.random.default_rng(1).permutation(labels)
    # Mean distances over 10⁶ pairs of 2,000 points: an error of some 1/√2000 of their spread.
    assert abs(measured("gdv", values, shuffled)) < 0.02


def test_gdv_by_its_definition():
    values, labels = gaussians(60, 3)
    z = (values - values.mean(axis=0)) / (2 * values.std(axis=0))
    distance = np.linalg.norm(z[:, None] - z[None], axis=2)
    a, b = labels == 0, labels == 1
    within = [distance[np.ix_(g, g)].sum() / (g.sum() * (g.sum() - 1)) for g in (a, b)]
    expected = (np.mean(within) - distance[np.ix_(a, b)].mean()) / np.sqrt(3)
    assert measured("gdv", values, labels) == pytest.approx(expected)


def test_a_constant_unit_counts_as_zero_in_gdv():
    values, labels = gaussians(60, 3)
    more = np.hstack([values, np.full((60, 1), 7.0)])
    expected = measured("gdv", values, labels) * np.sqrt(3 / 4)
    assert measured("gdv", more, labels) == pytest.approx(expected)


def test_silhouette_is_that_of_scikit_learn():
    from sklearn.metrics import silhouette_score

    values, labels = gaussians(200, 4)
    assert measured("silhouette", values, labels) == pytest.approx(silhouette_score(values, labels))


def test_neighbour_agreement_by_its_definition():
    values, labels = gaussians(120, 3)
    distance = np.linalg.norm(values[:, None] - values[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    near = distance.argsort(axis=1)[:, :15]
    expected = np.mean(labels[near] == labels[:, None])
    assert measured("neighbour_agreement", values, labels) == pytest.approx(expected)


def test_fisher_ratio_of_two_gaussians():
    values, labels = gaussians(50_000, 1, apart=3.0)
    # Within 1, between (3 / 2)²; the ridge adds a thousandth of the whole variance.
    expected = 2.25 / (1 + 1e-3 * 3.25)
    assert measured("fisher_ratio", values, labels) == pytest.approx(expected, rel=0.03)


INVARIANT = ("fisher_ratio", "silhouette", "neighbour_agreement", "nc1", "intrinsic_dimension")


@pytest.mark.parametrize("name", [*INVARIANT, "participation_ratio"])
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 999), scale=st.floats(1e-3, 1e3))
def test_rotating_shifting_and_scaling_change_nothing(name, seed, scale):
    values, labels = gaussians(150, 4, seed=seed)
    moved = scale * turned(values, seed + 1) + 3 * scale
    expected = measured(name, values, labels)
    assert measured(name, moved, labels) == pytest.approx(expected, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("name", [*INVARIANT, "gdv", "participation_ratio", "linear_probe"])
def test_the_order_of_units_and_of_points_changes_nothing(name):
    values, labels = gaussians(150, 4)
    expected = measured(name, values, labels)
    assert measured(name, values[:, ::-1], labels) == pytest.approx(expected, rel=1e-6)
    if name != "linear_probe":  # whose halves are drawn by row
        assert measured(name, values[::-1], labels[::-1]) == pytest.approx(expected, rel=1e-6)


# --- neural collapse --------------------------------------------------------------------------

SIMPLEX = np.eye(3) - 1 / 3


def collapsed(spread=0.0, n=90):
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 3
    return SIMPLEX[labels] + spread * rng.normal(size=(n, 3)), labels


def test_collapsed_classes_on_a_simplex_score_zero_everywhere():
    values, labels = collapsed()
    head = Affine(SIMPLEX.T, np.zeros(3))
    for name in ("nc1", "nc2", "nc3", "nc4"):
        assert measured(name, values, labels, head=head) == pytest.approx(0, abs=1e-7)


def test_nc1_by_its_definition():
    values, labels = collapsed(spread=0.2)
    means = np.stack([values[labels == c].mean(axis=0) for c in range(3)])
    within = np.mean([np.cov(values[labels == c].T, bias=True) for c in range(3)], axis=0)
    between = np.cov(means.T, bias=True)
    expected = np.trace(within @ np.linalg.pinv(between, rcond=1e-9)) / 3
    assert measured("nc1", values, labels) == pytest.approx(expected)


def test_nc2_grows_when_a_class_leaves_the_simplex():
    values, labels = collapsed()
    values[labels == 0] *= 3
    assert measured("nc2", values, labels) > 0.1


def test_nc3_of_the_opposite_head_is_two():
    values, labels = collapsed()
    head = Affine(-SIMPLEX.T, np.zeros(3))
    assert measured("nc3", values, labels, head=head) == pytest.approx(2)


def test_nc4_counts_where_the_head_disagrees():
    values, labels = collapsed()
    head = Affine(SIMPLEX.T, np.array([10.0, 0.0, 0.0]))  # always class 0
    assert measured("nc4", values, labels, head=head) == pytest.approx(2 / 3)


def test_collapse_of_two_classes_and_of_no_head():
    values, labels = gaussians(40, 3)
    with pytest.raises(Missing, match="two class means always lie opposite each other"):
        measured("nc2", values, labels)
    with pytest.raises(Missing, match="last affine map does not read this representation"):
        measured("nc3", values, labels)


# --- dimension --------------------------------------------------------------------------------


def test_intrinsic_dimension_of_a_circle_and_of_a_plane():
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 5_000)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    plane = np.hstack([rng.normal(size=(5_000, 2)), np.zeros((5_000, 3))])
    # The standard error is about 1/√5000 of the value.
    assert measured("intrinsic_dimension", circle) == pytest.approx(1, rel=4 / np.sqrt(5_000))
    assert measured("intrinsic_dimension", turned(plane, 1)) == pytest.approx(
        2, rel=4 / np.sqrt(5_000)
    )


def test_duplicates_do_not_change_the_dimension():
    values, _ = gaussians(300, 2)
    once = measured("intrinsic_dimension", values)
    assert measured("intrinsic_dimension", np.repeat(values, 4, axis=0)) == pytest.approx(once)


def test_participation_ratio_of_equal_and_of_unequal_directions():
    axes = np.vstack([np.eye(4), -np.eye(4)])
    assert measured("participation_ratio", axes) == pytest.approx(4)
    # (1 + 1/4)² / (1 + 1/16)
    assert measured("participation_ratio", axes * [1, 0.5, 0, 0]) == pytest.approx(25 / 17)


# --- similarity -------------------------------------------------------------------------------


def biased_cka(x, y):
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    return np.sum((x.T @ y) ** 2) / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def test_independent_clouds_are_not_alike_however_many_units_they_have():
    values = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x, y = rng.normal(size=(2, 50, 200))
        assert biased_cka(x, y) > 0.7
        values.append(cka(x, y))
    # 0 in the mean; each spreads by about 1/n.
    assert abs(np.mean(values)) < 4 * 0.02 / np.sqrt(20)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 999), scale=st.floats(1e-3, 1e3))
def test_a_rotated_copy_is_the_same(seed, scale):
    x = np.random.default_rng(seed).normal(size=(40, 5))
    assert cka(x, scale * turned(x, seed) + 1) == pytest.approx(1, abs=1e-9)


def test_cka_by_the_definition_of_the_unbiased_hsic():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 4))
    y = x @ rng.normal(size=(4, 6)) + rng.normal(size=(30, 6))

    def hsic(k, gram):
        n = len(k)
        k, gram = k * (1 - np.eye(n)), gram * (1 - np.eye(n))
        ones = np.ones(n)
        total = (ones @ k @ ones) * (ones @ gram @ ones) / ((n - 1) * (n - 2))
        return np.trace(k @ gram) + total - 2 / (n - 2) * ones @ k @ gram @ ones

    k, gram = x @ x.T, y @ y.T
    expected = hsic(k, gram) / np.sqrt(hsic(k, k) * hsic(gram, gram))
    assert cka(x, y) == pytest.approx(expected)
    assert cka(y, x) == pytest.approx(expected)


def test_a_constant_cloud_is_like_nothing():
    matrix = cka_matrix([np.ones((10, 2)), *np.random.default_rng(0).normal(size=(2, 10, 3))])
    assert np.isnan(matrix[0]).all()
    assert matrix[1, 1] == matrix[2, 2] == 1
    assert matrix[1, 2] == matrix[2, 1]


@pytest.mark.parametrize(
    ("n_classes", "n_points", "n_units"),
    [(60, 480, 2), (60, 480, 8), (255, 1_020, 4), (3, 90, 400)],
)
def test_the_probe_of_many_classes_or_units_is_the_regression_that_it_claims_to_be(
    n_classes, n_points, n_units
):
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    y = np.arange(n_points) % n_classes
    x = 3 * rng.normal(size=(n_classes, n_units))[y] + rng.normal(size=(n_points, n_units))
    order = np.random.default_rng(0).permutation(n_points)
    order = order[np.argsort(y[order], kind="stable")]
    x, y = x[order], y[order]
    z = (x - x[::2].mean(axis=0)) / x[::2].std(axis=0)
    exact = LogisticRegression(C=100.0, max_iter=10_000, tol=1e-8).fit(z[::2], y[::2])
    accuracy = exact.score(z[1::2], y[1::2])
    probe = fit_probe(x[np.argsort(order)], y[np.argsort(order)])
    # The solver stops at a gradient of 1e-4: points within that of a boundary may change sides.
    assert abs(probe.accuracy - accuracy) <= 0.01


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1_000_000),
    n_points=st.integers(8, 400),
    n_units=st.integers(1, 12),
    noise=st.sampled_from([0.0, 0.3, 3.0]),
)
def test_the_cut_between_two_classes_is_that_of_scikit_learn(seed, n_points, n_units, noise):
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(seed)
    z, weights = rng.normal(size=(n_points, n_units)), rng.uniform(0.5, 2, n_points)
    is_second = z[:, 0] + noise * rng.normal(size=n_points) > 0
    is_second[:2] = False, True
    cut = logistic_cut(z, is_second, weights)
    exact = LogisticRegression(C=100.0, max_iter=10_000, tol=1e-10, solver="newton-cholesky")
    exact.fit(z, is_second, weights)
    assert cut is not None
    # Both minimise one strictly convex function; ours stops where it may fall by 1e-4 of a mean.
    side = np.where(is_second, 1.0, -1.0)

    def loss(w, b):
        losses = weights @ np.logaddexp(0, -side * (z @ w + b))
        return (losses + w @ w / 200) / weights.sum()

    least = loss(exact.coef_[0], exact.intercept_[0])
    assert -1e-9 <= loss(cut[:-1], cut[-1]) - least <= 1e-4


def test_two_classes_are_probed_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    rng = np.random.default_rng(0)
    y = np.arange(400) % 2
    probe = fit_probe(rng.normal(size=(400, 3)) + 6 * y[:, None], y)
    assert probe is not None
    assert probe.accuracy == 1.0


# --- small print ------------------------------------------------------------------------------


@pytest.mark.parametrize("n_classes", [2, 3, 10])
@pytest.mark.parametrize("n_units", [600, 6_000])
def test_labels_of_chance_collapse_where_units_outnumber_points(n_classes, n_units):
    """As the docstrings say; of balanced noise E|mean|² = C n_units / n exactly."""
    n = 60
    values, labels = np.random.default_rng(0).normal(size=(n, n_units)), np.arange(n) % n_classes
    expected = (1 - 1 / n_classes) * n / n_units
    assert measured("nc1", values, labels) == pytest.approx(expected, rel=0.3)
    assert measured("margin", values, labels) > 1
    if n_classes > 2:
        assert measured("nc2", values, labels) < 4 * n_classes / np.sqrt(n_units)


def test_the_standard_error_of_twonn_is_what_its_docstring_says():
    rng = np.random.default_rng(0)
    each = [measured("intrinsic_dimension", rng.uniform(size=(500, 2))) for _ in range(150)]
    # The standard error of a standard deviation of 150 is 6 %.
    assert np.std(each) / np.mean(each) * np.sqrt(500) == pytest.approx(1.3, rel=0.2)
