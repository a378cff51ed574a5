"""scikit-learn's models: the maps of their fitted attributes are what they really do."""

import numpy as np
import pytest
from networks import cloud, rings
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)

import unknot as uk
from unknot import Activation, Affine, Opaque, UsageError

pytestmark = pytest.mark.filterwarnings("ignore:.*(max_iter|iterations).*")


def perceptron(**options):
    return MLPClassifier(max_iter=20, random_state=0, **options)


def test_a_perceptron_is_its_layers():
    data = rings()
    model = perceptron(hidden_layer_sizes=(6, 3)).fit(data.x, data.y)
    traced = uk.trace(model, data)
    assert [r.name for r in traced.representations] == [
        "input",
        "hidden 1 pre-activation",
        "hidden 1",
        "hidden 2 pre-activation",
        "hidden 2",
        "logit",
        "probability",
    ]
    assert [m.name for m in traced.maps] == [
        "hidden 1",
        "relu",
        "hidden 2",
        "relu",
        "output",
        "sigmoid",
    ]
    np.testing.assert_array_equal(traced.maps[0].weight, model.coefs_[0])
    np.testing.assert_allclose(traced.probabilities, model.predict_proba(data.x), atol=1e-6)
    assert traced.lattice is not None
    assert traced.is_exact


def test_three_classes_end_in_a_softmax():
    data = cloud(120, 4, 3)
    model = perceptron(hidden_layer_sizes=(5,), activation="logistic").fit(data.x, data.y)
    traced = uk.trace(model, data)
    assert traced.maps[-1] == Opaque("softmax")
    assert traced.maps[1] == Activation("sigmoid")
    np.testing.assert_allclose(traced.probabilities, model.predict_proba(data.x), atol=1e-6)


def test_regression_ends_in_numbers():
    data = cloud(120, 4, 2)
    target = data.x[:, 0] * 0.3
    model = MLPRegressor(
        hidden_layer_sizes=(5,), activation="tanh", max_iter=20, random_state=0
    ).fit(data.x, target)
    traced = uk.trace(model, (data.x, target))
    assert traced.n_classes == 0
    assert traced.probabilities is None
    np.testing.assert_allclose(
        traced.representations[-1].values[:, 0], model.predict(data.x), atol=1e-6
    )


@pytest.mark.parametrize(
    "step",
    [
        StandardScaler(),
        StandardScaler(with_mean=False),
        StandardScaler(with_std=False),
        MinMaxScaler(),
        MaxAbsScaler(),
        RobustScaler(),
        RobustScaler(with_centering=False),
        PCA(2),
        PCA(2, whiten=True),
        TruncatedSVD(2),
        LinearDiscriminantAnalysis(n_components=2),
        LinearDiscriminantAnalysis(solver="eigen"),
        SelectKBest(k=2),
    ],
    ids=repr,
)
def test_linear_steps_of_a_pipeline_are_affine(step):
    data = cloud(200, 4, 3)
    x = data.x * np.float32([1, 2, 5, 0.1]) + np.float32([0, 3, -1, 2])
    model = make_pipeline(step, LogisticRegression()).fit(x, data.y)
    traced = uk.trace(model, (x, data.y))
    assert isinstance(traced.maps[0], Affine)
    expected = model.named_steps[type(step).__name__.lower()].transform(x)
    np.testing.assert_allclose(traced.representations[1].values, expected, atol=2e-5)
    np.testing.assert_allclose(traced.probabilities, model.predict_proba(x), atol=1e-5)


def test_other_steps_are_opaque_and_idle_ones_vanish():
    data = rings()
    steps = (
        FunctionTransformer(),
        PolynomialFeatures(2),
        "passthrough",
        StandardScaler(),
        Ridge(),
    )
    model = make_pipeline(*steps).fit(data.x, data.y)
    traced = uk.trace(model, data)
    assert traced.maps[0] == Opaque("PolynomialFeatures")
    assert [type(m) for m in traced.maps] == [Opaque, Affine, Affine]
    # The grid and everything behind an opaque map went through the model itself.
    grid = traced.lattice.values[0]
    np.testing.assert_allclose(
        traced.lattice.values[-1][:, 0], model.predict(grid), rtol=1e-4, atol=1e-4
    )


def test_clipped_scaling_is_not_taken_for_affine():
    data = rings()
    model = make_pipeline(MinMaxScaler(clip=True), LogisticRegression()).fit(data.x, data.y)
    traced = uk.trace(model, (data.x * 3, data.y))
    assert traced.maps[0] == Opaque("MinMaxScaler")
    assert traced.representations[1].values.max() == 1


def test_a_forest_is_one_opaque_map_with_its_boundary():
    data = rings()
    model = RandomForestClassifier(10, random_state=0).fit(data.x, data.y)
    traced = uk.trace(model, data)
    assert traced.maps == (Opaque("RandomForestClassifier"),)
    np.testing.assert_allclose(traced.probabilities, model.predict_proba(data.x), atol=1e-6)
    assert len(traced.lattice.offsets) - 1 > traced.lattice.n_grid_lines


def test_not_fitted():
    with pytest.raises(UsageError) as caught:
        uk.trace(MLPClassifier(), rings())
    assert str(caught.value) == (
        "The MLPClassifier is not fitted yet.\nCall its fit(x, y) before tracing it."
    )


def test_wrong_width():
    data = cloud(50, 3, 2)
    model = LogisticRegression().fit(data.x, data.y)
    with pytest.raises(UsageError) as caught:
        uk.trace(model, rings())
    assert str(caught.value) == (
        "The scikit-learn model takes 3 features; 'rings' has 2.\n"
        "Trace the data it was trained on, or data with the same features."
    )


def test_one_set_of_weights():
    import one_network

    # A perceptron has one activation for all hidden layers, so the readout is left out.
    data = one_network.DATA
    model = MLPClassifier((6, 5), max_iter=1, random_state=0).fit(data.x, data.y)
    weights = one_network.WEIGHTS
    model.coefs_ = [weights[0], weights[1], np.ones((5, 1), np.float32)]
    model.intercepts_ = [one_network.BIASES[0], one_network.BIASES[1], np.zeros(1, np.float32)]
    traced = uk.trace(model, data)
    clouds, _ = one_network.reference()
    for k in (1, 2, 3):
        np.testing.assert_allclose(traced.representations[k].values, clouds[k], atol=1e-5)


def test_one_set_of_weights_as_functions():
    import one_network

    parts = []
    for weight, bias, function in zip(
        one_network.WEIGHTS, one_network.BIASES, one_network.FUNCTIONS, strict=True
    ):
        parts.append(Affine(weight, bias, "dense"))
        parts += [] if function is None else [Activation(function)]
    one_network.check(uk.trace(parts, one_network.DATA))


def test_a_model_fitted_on_a_frame_does_not_warn():
    pandas = pytest.importorskip("pandas")
    from sklearn.neighbors import KNeighborsClassifier

    data = rings(60)
    frame = pandas.DataFrame(data.x, columns=["width", "height"])
    model = make_pipeline(StandardScaler(), KNeighborsClassifier()).fit(frame, data.y)
    # A warning would be an error here.
    traced = uk.trace(model, (frame, data.y))
    assert traced.representations[0].unit_names == ("width", "height")
