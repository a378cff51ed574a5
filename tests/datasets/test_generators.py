"""Geometry of the data sets, and what their calls refuse."""

import numpy as np
import pytest
from scipy import stats

from unknot import datasets
from unknot.errors import UsageError


@pytest.mark.parametrize("n", [4, 7, 1000, 4321])
@pytest.mark.parametrize("seed", [0, 1, 17])
def test_circles_and_moons_are_those_of_scikit_learn(n: int, seed: int) -> None:
    from sklearn.datasets import make_circles, make_moons

    x, y = make_circles(n_samples=n, noise=0.2, factor=0.5, random_state=seed)
    ours = datasets.circles(n, noise=0.2, factor=0.5, seed=seed)
    assert np.array_equal(ours.x, x.astype(np.float32))
    assert np.array_equal(ours.y, y)
    x, y = make_moons(n_samples=n, noise=0.2, random_state=seed)
    ours = datasets.moons(n, noise=0.2, seed=seed)
    assert np.array_equal(ours.x, x.astype(np.float32))
    assert np.array_equal(ours.y, y)


def test_the_notebooks_circles() -> None:
    from sklearn.datasets import make_circles

    x, y = make_circles(n_samples=100000, noise=0.2, factor=0.5, random_state=1)
    data = datasets.circles(100_000, noise=0.2, factor=0.5, seed=1)
    assert np.array_equal(data.x, x.astype(np.float32))
    assert np.array_equal(data.y, y)


@pytest.mark.parametrize("dimension", [1, 2, 3, 10])
def test_shells_lie_on_spheres(dimension: int) -> None:
    data = datasets.shells(300, dimension=dimension, classes=3, noise=0)
    radius = np.linalg.norm(data.x, axis=1)
    assert np.allclose(radius, (data.y + 1) / 3, atol=1e-6)


def test_interval_holds_its_gap() -> None:
    data = datasets.interval(1000, inner=0.3, gap=0.4)
    distance = np.abs(data.x[:, 0])
    assert distance[data.y == 0].max() <= 0.3 + 1e-6
    assert distance[data.y == 1].min() >= 0.7 - 1e-6
    assert distance.max() <= 1 + 1e-6
    assert abs(np.mean(data.x[data.y == 1] > 0) - 0.5) < 4 * np.sqrt(0.25 / 500)


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_gaussian_quantiles_are_gaussian_and_nested(dimension: int) -> None:
    data = datasets.gaussian_quantiles(4000, dimension=dimension, classes=4, seed=2)
    squared = (data.x.astype(np.float64) ** 2).sum(axis=1)
    edges = stats.chi2.ppf([0, 0.25, 0.5, 0.75, 1], dimension)
    assert np.array_equal(np.searchsorted(edges[1:-1], squared), data.y)
    for axis in range(dimension):
        assert stats.kstest(data.x[:, axis], "norm").pvalue > 1e-4


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_xor_is_the_parity_of_the_signs(dimension: int) -> None:
    data = datasets.xor(256, dimension=dimension, noise=0)
    assert set(np.unique(data.x)) == {-1.0, 1.0}
    assert np.array_equal((data.x > 0).sum(axis=1) % 2, data.y)


def test_spirals_wind_evenly() -> None:
    data = datasets.spirals(5000, arms=3, turns=2, noise=0, seed=1)
    radius = np.linalg.norm(data.x, axis=1)
    assert radius.min() >= 0.1 - 1e-6
    assert radius.max() <= 1 + 1e-6
    angle = np.arctan2(data.x[:, 1], data.x[:, 0]) / (2 * np.pi)
    off = (angle - 2 * radius - data.y / 3) % 1
    assert np.minimum(off, 1 - off).max() < 1e-5
    # Even along the length: at most a tenth of the arm lies within a third of the radius.
    full = 4 * np.pi
    length = lambda a: (a * np.sqrt(1 + a**2) + np.arcsinh(a)) / 2  # noqa: E731
    share = (length(full / 3) - length(full / 10)) / (length(full) - length(full / 10))
    assert abs(np.mean(radius < 1 / 3) - share) < 4 * np.sqrt(share / 5000)


def test_linked_rings_pass_through_one_another() -> None:
    data = datasets.linked_rings(2000, noise=0)
    flat, upright = data.x[data.y == 0], data.x[data.y == 1] - np.float32([1, 0, 0])
    assert np.allclose(np.linalg.norm(flat, axis=1), 1, atol=1e-6)
    assert np.allclose(np.linalg.norm(upright, axis=1), 1, atol=1e-6)
    assert np.all(flat[:, 2] == 0)
    assert np.all(upright[:, 1] == 0)


@pytest.mark.parametrize("make", [datasets.swiss_roll, datasets.s_curve])
def test_sheets_are_isometric_along_the_target(make) -> None:
    data = make(20_000, seed=4)
    order = np.argsort(data.y)
    curve, position = data.x[order][:, ::2].astype(np.float64), data.y[order]
    steps = np.linalg.norm(np.diff(curve, axis=0), axis=1)
    length = np.concatenate([[0], np.cumsum(steps)])
    assert np.abs(length / length[-1] - position).max() < 1e-3
    bands = make(300, classes=5, seed=4)
    assert np.bincount(bands.y).tolist() == [60] * 5


@pytest.mark.parametrize("seed", [0, 1])
def test_subsamples_keep_the_shares(seed: int) -> None:
    whole, part = datasets.wine(), datasets.wine(89, seed=seed)
    assert np.abs(np.bincount(part.y) - np.bincount(whole.y) / 2).max() <= 1
    rows = {tuple(point) for point in whole.x}
    assert len({tuple(point) for point in part.x} & rows) == 89
    assert np.array_equal(datasets.wine(178, seed=seed).x, whole.x)
    assert np.bincount(datasets.wine(6, seed=seed).y).tolist() == [2, 2, 2]


REFUSED = [
    (
        lambda: datasets.make("circels"),
        "Unknown data set 'circels'. Did you mean 'circles'?\n"
        f"Allowed: {', '.join(datasets.generators)}.",
    ),
    (
        lambda: datasets.make("circles", parameters={"nois": "0.2"}),
        "Unknown parameter of circles 'nois'. Did you mean 'noise'?\nAllowed: noise, factor.",
    ),
    (
        lambda: datasets.circles(sed=1),  # pyright: ignore[reportCallIssue]
        "Unknown parameter of circles 'sed'. Did you mean 'seed'?\n"
        "Allowed: n, noise, factor, seed.",
    ),
    (
        lambda: datasets.make("iris", parameters={"noise": "1"}),
        "iris has no parameters but n and seed; got 'noise'.\nLeave 'noise' out.",
    ),
    (
        lambda: datasets.make("circles", parameters={"noise": "loud"}),
        "circles: noise must be a number from 0 to 1,000; got 'loud'.\n"
        "Leave it out for the default, 0.1.",
    ),
    (
        lambda: datasets.circles(noise=-0.5),
        "circles: noise must be a number from 0 to 1,000; got -0.5.\n"
        "Leave it out for the default, 0.1.",
    ),
    (
        lambda: datasets.circles(noise=float("nan")),
        "circles: noise must be a number from 0 to 1,000; got nan.\n"
        "Leave it out for the default, 0.1.",
    ),
    (
        lambda: datasets.circles(factor=1),
        "circles: factor must be a number from 0 to below 1; got 1.\n"
        "Leave it out for the default, 0.5.",
    ),
    (
        lambda: datasets.make("blobs", parameters={"classes": "2.5"}),
        "blobs: classes must be a whole number from 2 to 100; got '2.5'.\n"
        "Leave it out for the default, 3.",
    ),
    (
        lambda: datasets.s_curve(classes=1),
        "s_curve: classes must be a whole number from 2 to 100 or none; got 1.\n"
        "Leave it out for the default, none.",
    ),
    (
        lambda: datasets.moons(seed=-1),
        "moons: seed must be a whole number from 0 to 4,294,967,295; got -1.\n"
        "Leave it out for the default, 0.",
    ),
    (
        lambda: datasets.moons(10_000_001),
        "moons: n must be a whole number from 1 to 10,000,000; got 10000001.\n"
        "Leave it out for the default, 2,000.",
    ),
    (
        lambda: datasets.moons(3),
        "n must be at least 4, two points for each of 2 classes; got 3.\nGive a larger n.",
    ),
    (
        lambda: datasets.spirals(11, arms=6),
        "n must be at least 12, two points for each of 6 classes; got 11.\nGive a larger n.",
    ),
    (
        lambda: datasets.shells(1_000_000, dimension=1000),
        "1,000,000 points with 1,000 features are too many: at most 250,000,000 numbers in all.\n"
        "Give n of at most 250,000.",
    ),
    (
        lambda: datasets.interval(inner=0.8, gap=0.5),
        "interval: inner + gap must be at most 0.999, to leave room for the outer class; "
        "got 0.8 + 0.5.\nMake one of them smaller.",
    ),
    (
        lambda: datasets.iris(151),
        "There are only 150 points; got n = 151.\nGive n of at most 150, or leave it out for all.",
    ),
    (
        lambda: datasets.iris(5),
        "n must be at least 6, two points for each class (or all it has); got 5.\nGive a larger n.",
    ),
    (
        lambda: datasets.circles(100, 0.2),  # pyright: ignore[reportCallIssue]
        "Only n may stand without its name, once; got 2 unnamed arguments.\n"
        "Name the others: noise, factor, seed.",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[text[:40] for _, text in REFUSED])
def test_refused(call, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        call()
    assert str(caught.value) == message


def test_text_and_numpy_numbers_are_converted() -> None:
    data = datasets.make("circles", 10, parameters={"noise": "2e-1", "factor": "0.25"})
    assert data.parameters == {"n": 10, "noise": 0.2, "factor": 0.25, "seed": 0}
    assert datasets.make("s_curve", 10, parameters={"classes": "none"}).task == "regression"
    assert datasets.make("s_curve", 10, parameters={"classes": "2"}).n_classes == 2
    assert type(datasets.circles(np.int64(8), noise=np.float32(0.5)).parameters["noise"]) is float
