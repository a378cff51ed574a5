"""The logistic plane: where it must lie, and when `auto` takes it."""

import numpy as np
import pytest
from scipy.linalg import subspace_angles
from scipy.optimize import check_grad
from sklearn.linear_model import LogisticRegression

from unknot.errors import UsageError
from unknot.motion.fitted import halves
from unknot.motion.logistic import _Loss, logistic_plane, read_by_cuts
from unknot.motion.projection import project
from unknot.traces.representation import Trace


def simplex(n, n_classes, n_units, seed):
    """Clusters of which each two are equally far apart: no two discriminants tell them apart."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    means = 5 * np.eye(n_classes, n_units)
    return (means[y] + rng.normal(size=(n, n_units))).astype(np.float32), y


def test_the_gradient_is_that_of_the_loss():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 4)).astype(np.float32)
    loss = _Loss(x, np.arange(50) % 3, 3, 2)
    at = rng.normal(size=4 * 2 + 2 * 3 + 3)
    # Numbers of 32 bits: steps of 1e-3 leave differences of about 1e-4.
    error = check_grad(lambda v: loss(v)[0], lambda v: loss(v)[1], at, epsilon=1e-3)
    assert error < 5e-3


def test_it_is_the_plane_in_which_a_hexagon_of_classes_lies():
    rng = np.random.default_rng(0)
    y = np.arange(1_800) % 6
    plane = np.linalg.qr(rng.normal(size=(8, 2)))[0]
    angle = np.pi / 3 * y
    values = 2 * np.stack([np.cos(angle), np.sin(angle)], 1) @ plane.T
    values += rng.normal(size=(1_800, 8))
    start = np.linalg.qr(rng.normal(size=(8, 2)))[0]
    got = logistic_plane(values, y, 2, start)
    np.testing.assert_allclose(got.T @ got, np.eye(2), atol=1e-9)
    # Each of two directions may lean towards six others by about 1/√1800, 1.4 degrees, of each.
    assert np.degrees(subspace_angles(got, plane)).max() < 7
    np.testing.assert_array_equal(got, logistic_plane(values, y, 2, start))


@pytest.mark.parametrize(("n_axes", "gain"), [(2, 0.08), (3, 0.08)])
def test_it_tells_more_new_points_apart_than_discriminants(n_axes, gain):
    values, y = simplex(2_000, 9, 12, 0)
    fresh, true = simplex(2_000, 9, 12, 1)
    traced = Trace.from_arrays([values], y)
    frames = {name: project(traced, 0, name, n_axes).frame for name in ("lda", "logistic", "auto")}
    right = {
        name: LogisticRegression(C=100).fit(values @ frame, y).score(fresh @ frame, true)
        for name, frame in frames.items()
    }
    assert right["logistic"] > right["lda"] + gain
    assert right["auto"] == right["logistic"]
    assert project(traced, 0, "auto", n_axes).axis_labels[0] == "logistic, a"


def test_cuts_read_what_scikit_learn_reads():
    values, y = simplex(1_000, 4, 2, 0)
    first, second = halves(y)
    got = read_by_cuts(values[first].astype(float), y[first], values[second], y[second])
    model = LogisticRegression(C=100).fit(values[first], y[first])
    assert got == pytest.approx(model.score(values[second], y[second]), abs=0.01)
    assert sorted([*first, *second]) == list(range(1_000))
    np.testing.assert_array_equal(np.bincount(y[first]), np.bincount(y[second]))


@pytest.mark.parametrize(
    ("labels", "values"),
    [
        (np.arange(12) % 2, np.random.default_rng(0).normal(size=(12, 5))),
        (np.arange(12), np.random.default_rng(0).normal(size=(12, 5))),
        (np.arange(12) % 3, np.ones((12, 5))),
        (np.repeat([0, 1, 2], [10, 1, 1]), np.random.default_rng(0).normal(size=(12, 5))),
        (np.arange(150) % 70, np.random.default_rng(0).normal(size=(150, 140))),
    ],
    ids=["two classes", "a class a row", "equal points", "classes of one row", "wide"],
)
@pytest.mark.parametrize("n_axes", [2, 3])
def test_awkward_clouds_have_a_plane(labels, values, n_axes):
    frame = project(Trace.from_arrays([values], labels), 0, "logistic", n_axes).frame
    np.testing.assert_allclose(frame.T @ frame, np.eye(n_axes), atol=1e-9)


def test_a_target_has_none():
    traced = Trace.from_arrays([np.random.default_rng(0).normal(size=(9, 4))], np.linspace(0, 1, 9))
    with pytest.raises(UsageError) as caught:
        project(traced, 0, "logistic", 2)
    assert str(caught.value) == (
        "A logistic plane needs two or more classes.\n"
        "Use projection 'following' or 'pca' for this data."
    )
