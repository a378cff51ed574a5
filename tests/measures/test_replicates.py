"""Means over networks: SciPy's permutation test, and intervals whose ends are known."""

import numpy as np
import pytest
from networks import network, rings
from scipy import stats

import unknot as uk
from unknot import UsageError
from unknot.measures import bootstrap_interval, paired_permutation_p


def traces(seeds, widths=(2, 4, 1)):
    return [uk.trace(network(list(widths), seed=s), rings(120)) for s in seeds]


def test_the_interval_of_two_runs_is_the_runs():
    # A quarter of the draws is all the one, a quarter all the other: 2.5 % lie among them.
    assert bootstrap_interval(np.array([1.0, 3.0])) == (1.0, 3.0)
    assert bootstrap_interval(np.array([2.0, 2.0, 2.0])) == (2.0, 2.0)
    assert np.isnan(bootstrap_interval(np.array([1.0]))).all()


def test_the_interval_of_zeros_and_ones_is_the_binomial():
    values = np.repeat([0.0, 1.0], [30, 20])
    want = stats.binom(50, 0.4).ppf([0.025, 0.975]) / 50
    # A quantile of 9,999 draws may be one step of 1/50 off.
    assert bootstrap_interval(values) == pytest.approx(want, abs=0.021)


def test_the_interval_is_that_of_scipy():
    x = np.random.default_rng(3).normal(size=12)
    reference = stats.bootstrap(
        (x,), np.mean, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    # Quantiles of 9,999 draws: about 2 % of the spread of a mean.
    assert bootstrap_interval(x) == pytest.approx(tuple(reference), abs=0.05)


@pytest.mark.parametrize("n", [2, 4, 7, 12])
def test_the_permutation_test_is_that_of_scipy(n):
    a, b = np.random.default_rng(n).normal(size=(2, n))
    b += 0.5
    reference = stats.permutation_test(
        (a, b),
        lambda x, y: np.mean(x - y),
        permutation_type="samples",
        n_resamples=np.inf,
    )
    assert paired_permutation_p(a - b) == pytest.approx(reference.pvalue)


def test_many_pairs_are_drawn():
    x = np.random.default_rng(0).normal(0.3, 1, size=40)
    # Nearly the t test's; 9,999 draws of a share of a few percents are right to 0.3 %.
    assert paired_permutation_p(x) == pytest.approx(stats.ttest_1samp(x, 0).pvalue, abs=0.01)
    assert paired_permutation_p(np.full(40, 1.0)) == pytest.approx(1e-4, rel=1e-3)


def test_the_table_holds_means_of_the_tables():
    group, others = traces((0, 1, 2)), traces((3, 4, 5))
    names = ["linear_probe", "gdv", "travel"]
    table = uk.measure(group, measures=names, against=others)
    each, other = (
        np.array([uk.measure(t, measures=["gdv"])["gdv"].to_numpy() for t in side])
        for side in (group, others)
    )
    np.testing.assert_allclose(table["gdv"], each.mean(axis=0))
    np.testing.assert_allclose(table["gdv_difference"], (each - other).mean(axis=0))
    low, high = bootstrap_interval(each[:, 2])
    assert (table["gdv_low"][2], table["gdv_high"][2]) == (low, high)
    assert table["gdv_p"][2] == paired_permutation_p(each[:, 2] - other[:, 2])
    assert table["travel"][0] is None
    assert table["travel_p"][0] is None
    assert table["n_runs"].to_list() == [3] * len(group[0])


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (lambda: [], {}, "There is no network to measure: the list is empty."),
        (
            lambda: traces((0, 1)) + traces((0,), (2, 3, 3, 1)),
            {},
            "Layers are averaged one by one: network 3 has 7 representations, the first 5.\n"
            "Choose equally many: trace(model, data, layers=[…]).",
        ),
        (
            lambda: traces((0, 1)),
            {"measures": ["betti"]},
            "betti is a list of numbers: several networks have no mean of it.",
        ),
        (
            lambda: traces((0, 1)),
            {"against": traces((0,))},
            "Groups are compared pair by pair: got 2 networks against 1.\n"
            "Give as many on both sides, in the same order of seeds.",
        ),
        (
            lambda: traces((0,))[0],
            {"against": traces((0,))},
            "against compares groups of networks; got one network.\n"
            "Give lists: measure([run_a, …], against=[run_b, …]).",
        ),
    ],
)
def test_what_has_no_mean(source, options, message):
    with pytest.raises(UsageError) as caught:
        uk.measure(source(), **({"measures": ["gdv"]} | options))
    assert str(caught.value) == message
