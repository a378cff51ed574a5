"""Projections: frames that are frames, and directions that are what they claim."""

import numpy as np
import pytest
from networks import cloud, network, readout_network, rings

from unknot.errors import UsageError
from unknot.motion.directions import principal_directions
from unknot.motion.projection import project, projections
from unknot.traces.representation import Trace
from unknot.traces.tracing import trace

TRACES = {
    "notebook": trace(readout_network(), rings()),
    "dead layer": Trace.from_arrays(
        [rings(40).x, np.zeros((40, 5)), np.ones((40, 4))], np.arange(40) % 2
    ),
    "two points": trace(network([2, 8, 4, 1]), cloud(2, 2, 2)),
    "wide": trace(network([30, 20, 3], output="softmax"), cloud(100, 30, 3)),
}


@pytest.mark.parametrize("name", list(projections))
@pytest.mark.parametrize("n_axes", [2, 3])
@pytest.mark.parametrize("trace_name", list(TRACES))
def test_every_projection_is_an_orthonormal_frame(name, n_axes, trace_name):
    traced = TRACES[trace_name]
    for k, representation in enumerate(traced.representations):
        projection = project(traced, k, name, n_axes)
        rows = max(representation.n_units, n_axes)
        assert projection.frame.shape == (rows, n_axes)
        np.testing.assert_allclose(projection.frame.T @ projection.frame, np.eye(n_axes), atol=1e-9)
        assert len(projection.axis_labels) == n_axes


def test_no_more_units_than_axes_are_shown_as_they_are():
    projection = project(TRACES["notebook"], 0, "pca", 3)
    np.testing.assert_array_equal(projection.frame, np.eye(3))
    assert projection.axis_labels == ("x", "y", "")
    assert projection.are_units


def test_principal_directions_agree_with_scikit_learn():
    from sklearn.decomposition import PCA

    values = np.random.default_rng(0).normal(size=(300, 6)) * [5, 4, 3, 2, 1, 0.5]
    vectors, variances = principal_directions(values)
    reference = PCA().fit(values)
    np.testing.assert_allclose(variances * 300 / 299, reference.explained_variance_)
    np.testing.assert_allclose(np.abs((vectors * reference.components_.T).sum(axis=0)), 1)


@pytest.mark.parametrize("shape", [(40, 900), (700, 600), (2_500, 520)])
def test_directions_of_wide_clouds_hold_the_most_variance(shape):
    values = np.random.default_rng(0).normal(size=shape)
    vectors, variances = principal_directions(values, 3)
    centred = values - values.mean(axis=0)
    largest = np.linalg.svd(centred, compute_uv=False)[:3] ** 2 / len(values)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(3), atol=1e-12)
    np.testing.assert_allclose((centred @ vectors).var(axis=0), variances)
    # Of a cloud without any structure, the hardest one: their variances lie within percents.
    np.testing.assert_allclose(variances, largest, rtol=2e-3)


def test_two_wide_points_have_one_direction_and_others_beside_it():
    values = np.zeros((2, 2_000))
    values[1, 7] = 3
    vectors, variances = principal_directions(values, 3)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(variances, [2.25, 0, 0], atol=1e-12)
    assert vectors[7, 0] == pytest.approx(1)


def test_lda_of_a_wide_layer_finds_the_direction_in_which_classes_differ():
    rng = np.random.default_rng(0)
    y = np.arange(600) % 2
    values = rng.normal(size=(600, 700))
    values[:, 3] += 30 * y
    projection = project(Trace.from_arrays([values], y), 0, "lda", 2)
    assert abs(projection.frame[3, 0]) > 0.9
    assert projection.axis_labels[0] == "discriminant 1, of 128 directions"


def test_lda_finds_the_direction_in_which_classes_differ():
    rng = np.random.default_rng(0)
    y = np.arange(2_000) % 2
    values = rng.normal(size=(2_000, 5)) * [1, 10, 1, 1, 1]
    values[:, 3] += 6 * y
    frame = project(Trace.from_arrays([values], y), 0, "lda", 2).frame
    # The estimate's angle is about 1/√2000 for each of four other directions.
    assert abs(frame[3, 0]) > 0.99


def test_a_flat_sheet_is_seen_where_the_activation_will_lift_it():
    traced = trace(network([2, 6, 1]), rings())
    projection = project(traced, 1, "following", 3)
    sheet = traced.representations[1].values.astype(float)
    sheet = sheet - sheet.mean(axis=0)
    assert np.abs(sheet @ projection.frame[:, 2]).max() < 1e-5
    lifted = traced.representations[2].values @ projection.frame[:, 2]
    assert lifted.std() > 0.05


def test_random_depends_on_the_seed_alone():
    frames = [project(TRACES["wide"], 0, "random", 2, seed=s).frame for s in (1, 1, 2)]
    np.testing.assert_array_equal(frames[0], frames[1])
    assert not np.allclose(frames[0], frames[2])


@pytest.mark.parametrize(
    ("units", "message"),
    [
        ((0, 6), "Unit 7 does not exist: choose 1 to 6.\nIn Python units= counts from 0: 0 to 5."),
        ((1, 1), "Give 2 different units for 2 axes; got units 2, 2."),
        ((1, 2, 3), "Give 2 different units for 2 axes; got units 2, 3, 4."),
    ],
)
def test_units_that_are_not_there(units, message):
    with pytest.raises(UsageError) as caught:
        project(TRACES["notebook"], 1, "units", 2, units=units)
    assert str(caught.value) == message


def test_lda_of_a_target_is_refused():
    traced = Trace.from_arrays([np.random.default_rng(0).normal(size=(9, 4))], np.linspace(0, 1, 9))
    with pytest.raises(UsageError) as caught:
        project(traced, 0, "lda", 2)
    assert str(caught.value) == (
        "LDA needs two or more classes.\nUse projection 'following' or 'pca' for this data."
    )
