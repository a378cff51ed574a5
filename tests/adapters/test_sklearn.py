"""scikit-learn's models: the maps of their fitted attributes are what they really do."""

import numpy as np
import pytest
from networks import cloud, note_texts, rings
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, SGDClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeRegressor

import unknot as uk
from unknot import Activation, Affine, Opaque, UsageError
from unknot.adapters.claims import agrees
from unknot.datasets.arrays import from_arrays

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
    assert traced.maps[-1] == uk.Softmax()
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
    ("back", "kind"),
    [
        ({"transformer": StandardScaler()}, Affine),
        ({"transformer": MinMaxScaler()}, Affine),
        ({"func": np.log, "inverse_func": np.exp, "check_inverse": False}, Opaque),
    ],
)
def test_a_scaled_target_is_learnt_by_a_network_that_opens_up(back, kind):
    data = cloud(120, 4, 2)
    target = 5e5 + 1e3 * data.x[:, 0]
    inner = make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=(5,), max_iter=20))
    model = TransformedTargetRegressor(inner, **back).fit(data.x, target)
    traced = uk.trace(model, (data.x, target))
    names = [r.name for r in traced]
    assert names == ["input", "standardscaler", "hidden 1 pre-activation", "hidden 1", *names[4:]]
    assert isinstance(traced.maps[-1], kind)
    np.testing.assert_allclose(
        traced.representations[-1].values[:, 0], model.predict(data.x), rtol=1e-6
    )
    # Behind a step that makes numbers of words it opens up as well.
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": data.x[:, 0], "word": ["up", "down"] * 60})
    maker = ColumnTransformer([("n", StandardScaler(), ["a"]), ("w", OneHotEncoder(), ["word"])])
    inner = make_pipeline(maker, MLPRegressor(hidden_layer_sizes=(5,), max_iter=20))
    model = TransformedTargetRegressor(inner, **back).fit(frame, target)
    traced = uk.trace(model, (frame, target))
    assert [r.name for r in traced][:3] == ["input", "hidden 1 pre-activation", "hidden 1"]
    np.testing.assert_allclose(
        traced.representations[-1].values[:, 0], model.predict(frame), rtol=1e-6
    )
    # A target that is learnt as it is needs no way back.
    plain = TransformedTargetRegressor(Ridge()).fit(data.x, target)
    assert len(uk.trace(plain, (data.x, target)).maps) == 1


def test_several_classifiers_in_one_are_refused():
    data = cloud(60, 4, 3)
    both = np.stack([data.y, data.y > 0], axis=1)
    model = MultiOutputClassifier(LogisticRegression()).fit(data.x, both)
    with pytest.raises(UsageError, match="has several outputs; unknot follows one"):
        uk.trace(model, (data.x, both))


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


@pytest.mark.parametrize("classes", [None, int, 2])
def test_classes_that_are_no_list_name_nothing(classes):
    data = rings()
    scaler = StandardScaler().fit(data.x)
    scaler.classes_ = classes
    assert uk.trace(scaler, data).class_names == data.class_names


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


def _three(names, seed=0):
    """Three classes that a linear model tells apart, by name."""
    x = np.random.default_rng(seed).normal(size=(300, 2)).astype(np.float32)
    return x, np.array(names)[np.digitize(x[:, 0], [-0.5, 0.5])]


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        perceptron(hidden_layer_sizes=(4,)),
        RandomForestClassifier(5, random_state=0),
        make_pipeline(StandardScaler(), LogisticRegression()),
    ],
    ids=["linear", "perceptron", "forest", "pipeline"],
)
@pytest.mark.parametrize("numbers", [[9, 10, 11], [9, 10, 10]], ids=["three", "two"])
def test_classes_are_found_by_name(model, numbers):
    x, y = _three([f"class {number}" for number in numbers])
    model.fit(x, y)
    traced = uk.trace(model, (x, y))
    assert list(traced.class_names) != [str(c) for c in model.classes_]
    columns = [list(model.classes_).index(name) for name in traced.class_names]
    np.testing.assert_allclose(traced.probabilities, model.predict_proba(x)[:, columns], atol=1e-6)
    # The maps, the points behind the boundary and the film all have this order.
    again = traced.class_probabilities(traced.representations[0].values)
    if again is not None:
        np.testing.assert_allclose(again, traced.probabilities, atol=1e-6)
    assert traced.is_exact == (again is not None)
    assert note_texts(traced) == ()


def test_classes_by_the_numbers_of_a_data_set():
    x, y = _three(["b", "c", "a"])
    data = from_arrays(x, y, class_names=["b", "c", "a"])
    by_name = LogisticRegression().fit(x, y)
    by_number = LogisticRegression().fit(x, data.y)
    a, b = (uk.trace(model, data).probabilities for model in (by_name, by_number))
    np.testing.assert_allclose(a, b, atol=1e-3)
    assert (a.argmax(axis=1) == data.y).mean() > 0.9


@pytest.mark.parametrize("names", [["a", "b", "c"], ["a", "b"]], ids=["three", "two"])
def test_other_classes_give_no_probabilities(names):
    x, y = _three([*names, names[0]][:3])
    model = LogisticRegression().fit(x, np.char.add("un", y))
    traced = uk.trace(model, (x, y))
    assert traced.probabilities is None
    assert traced.class_probabilities(traced.representations[0].values) is None
    assert isinstance(traced.maps[-1], Opaque)
    assert note_texts(traced) == (
        f"The model's classes ({', '.join('un' + n for n in names)}) are not the data's "
        f"({', '.join(names)}), so its output is not read as their probabilities.",
    )


def test_what_is_no_classifier_ends_in_no_logits():
    x, y = _three(["a", "b", "b"])
    assert note_texts(uk.trace(PCA(2).fit(x), (x, y))) == ()
    (said,) = note_texts(uk.trace(SGDClassifier(random_state=0).fit(x, y), (x, y)))
    assert "head='sigmoid'" in said


def test_a_regressor_predicts_whole_numbers_as_numbers():
    x, marks = _three([4, 5, 7])
    model = make_pipeline(StandardScaler(), LinearRegression()).fit(x, marks)
    for y in (marks, marks.astype(float), marks[:, None]):
        traced = uk.trace(model, (x, y))
        assert traced.class_names == ()
        assert f"R² {model.score(x, marks):.3f}" in repr(traced)
        assert note_texts(traced) == ()
    # Yes and no, words and declared classes stay what they are.
    assert uk.trace(model, (x, marks > 4)).class_names == ("false", "true")
    assert uk.trace(model, (x, (marks > 4).astype(int))).class_names == ("0", "1")
    named = uk.trace(model, from_arrays(x, marks))
    assert named.class_names == ("4", "5", "7")
    assert any("ends in 1 value for 3 classes" in text for text in note_texts(named))


@pytest.mark.parametrize("names", [["b", "a", "c"], [12, 9, 10]], ids=["words", "numbers"])
def test_points_of_some_of_the_models_classes(names):
    x, y = _three(names)
    model = perceptron(hidden_layer_sizes=(4,)).fit(x, y)
    part = y != names[1]
    traced = uk.trace(model, (x[part], y[part]))
    assert traced.class_names == tuple(map(str, sorted(names)))
    assert [traced.class_names[k] for k in traced.labels] == [str(name) for name in y[part]]
    columns = [list(model.classes_).index(name) for name in sorted(names)]
    expected = model.predict_proba(x[part])[:, columns]
    np.testing.assert_allclose(traced.probabilities, expected, atol=1e-6)
    assert note_texts(traced) == ()


def test_a_decision_function_turns_with_its_classes():
    x, y = _three(["class 9", "class 10", "class 10"])
    model = LinearSVC().fit(x, y)
    traced = uk.trace(model, (x, y))
    assert traced.class_names == tuple(model.classes_[::-1])
    np.testing.assert_allclose(
        traced.representations[-1].values[:, 0], -model.decision_function(x), atol=1e-4
    )


class OwnScaler(TransformerMixin, BaseEstimator):
    """Bears a known name and has none of its attributes."""

    def fit(self, x, y=None):
        self.done_ = True
        return self

    def transform(self, x):
        return np.asarray(x) ** 2


OwnScaler.__name__ = "StandardScaler"


class Shifted(StandardScaler):
    """A known class with a formula of its own."""

    def transform(self, x):
        return super().transform(x) + 1


class OwnLinear(ClassifierMixin, BaseEstimator):
    """Has the attributes of a linear classifier, which mean something else."""

    def fit(self, x, y):
        self.classes_ = np.unique(y)
        self.coef_, self.intercept_ = np.ones((1, x.shape[1])), np.zeros(1)
        return self

    def predict_proba(self, x):
        p = 1 / (1 + np.exp(-3 * x.sum(axis=1)))
        return np.stack([1 - p, p], axis=1)


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ([OwnScaler(), LogisticRegression()], Opaque("StandardScaler")),
        ([Shifted(), LogisticRegression()], Opaque("Shifted")),
        ([OwnLinear()], Opaque("OwnLinear")),
        ([SVC(kernel="linear")], None),
    ],
)
def test_only_scikit_learns_own_formulas_are_taken_for_them(steps, kind):
    data = rings()
    model = make_pipeline(*steps).fit(data.x, data.y)
    traced = uk.trace(model, data)
    if kind is None:
        assert isinstance(traced.maps[0], Affine)
    else:
        assert traced.maps[0] == kind
    if hasattr(model, "predict_proba"):
        np.testing.assert_allclose(traced.probabilities, model.predict_proba(data.x), atol=1e-5)


@pytest.mark.parametrize(
    "model",
    [
        VotingRegressor([("a", Ridge()), ("b", DecisionTreeRegressor(max_depth=2))]),
        StackingRegressor([("a", Ridge()), ("b", DecisionTreeRegressor(max_depth=2))]),
        PLSRegression(1),
        KMeans(3, n_init=1, random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_what_predicts_at_the_end_is_seen_predicting(model):
    data = rings()
    target = data.x[:, 0] + 1
    for fitted in (model.fit(data.x, target), make_pipeline(StandardScaler(), model)):
        fitted.fit(data.x, target)
        traced = uk.trace(fitted, (data.x, target))
        np.testing.assert_allclose(
            traced.representations[-1].values.ravel(), fitted.predict(data.x).ravel(), atol=1e-5
        )


def test_a_transformer_at_the_end_transforms():
    data = cloud(100, 4, 2)
    traced = uk.trace(make_pipeline(StandardScaler(), PCA(2)).fit(data.x), data)
    assert [type(m) for m in traced.maps] == [Affine, Affine]


def test_votes_are_a_unit_a_class():
    x, y = _three(["c", "a", "b"])
    members = [("a", LogisticRegression()), ("b", RandomForestClassifier(3, random_state=0))]
    model = VotingClassifier(members).fit(x, y)
    traced = uk.trace(model, (x, y))
    assert traced.probabilities is None
    voted = np.array(traced.class_names)[traced.representations[-1].values.argmax(axis=1)]
    np.testing.assert_array_equal(voted, model.predict(x))


@pytest.mark.parametrize(
    ("loss", "n", "expected"),
    [
        ("log_loss", 2, Activation("sigmoid")),
        ("log_loss", 3, Opaque("normalised sigmoids")),
        ("modified_huber", 2, Opaque("modified huber")),
        ("modified_huber", 3, Opaque("modified huber")),
    ],
)
def test_how_scores_become_probabilities(loss, n, expected):
    x, y = _three(["a", "b", "c"][:n] + ["a"] * (3 - n))
    x *= 100
    model = SGDClassifier(loss=loss, random_state=0).fit(x, y)
    # scikit-learn before 1.9 divides 0 by 0 where every class is ruled out.
    with np.errstate(invalid="ignore"):
        known = np.isfinite(model.predict_proba(x)).all(axis=1)
    x, y = x[known], y[known]
    traced = uk.trace(model, (x, y))
    assert isinstance(traced.maps[0], Affine)
    assert traced.maps[1] == expected
    np.testing.assert_allclose(traced.probabilities, model.predict_proba(x), atol=1e-5)


def _columns_by_name():
    return ColumnTransformer(
        [("s", StandardScaler(), ["a", "c"]), ("m", MinMaxScaler(), ["b"])],
    )


@pytest.mark.filterwarnings("error:.*feature names.*")
@pytest.mark.parametrize(
    "steps",
    [
        [_columns_by_name(), LogisticRegression()],
        [StandardScaler().set_output(transform="pandas"), LogisticRegression()],
        [LogisticRegression()],
    ],
    ids=["columns by name", "frames between", "fitted on a frame"],
)
def test_data_frames_keep_their_columns(steps):
    pandas = pytest.importorskip("pandas")
    data = cloud(100, 3, 2)
    table = pandas.DataFrame(data.x.astype(np.float64), columns=["a", "b", "c"])
    model = make_pipeline(*steps).fit(table, data.y)
    traced = uk.trace(model, (table, data.y))
    assert traced.representations[0].unit_names == ("a", "b", "c")
    np.testing.assert_allclose(traced.probabilities, model.predict_proba(table), atol=1e-6)
    with pytest.raises(UsageError) as caught:
        uk.trace(model, (table[["b", "a", "c"]], data.y))
    assert str(caught.value) == (
        "The scikit-learn model was fitted on the columns a, b, c; the points have b, a, c.\n"
        "Give the same columns in the same order."
    )
    # An array says nothing of its columns: they are taken to be the model's.
    again = uk.trace(model, data)
    np.testing.assert_allclose(again.probabilities, traced.probabilities, atol=1e-5)


def test_double_precision_reaches_the_model():
    rng = np.random.default_rng(0)
    x = 1000 + 1e-6 * rng.normal(size=(300, 2))
    y = (x[:, 0] > 1000).astype(int)
    model = HistGradientBoostingClassifier(max_iter=20).fit(x, y)
    assert model.score(x, y) == 1
    traced = uk.trace(model, (x, y))
    np.testing.assert_allclose(traced.probabilities, model.predict_proba(x), atol=1e-6)


@pytest.mark.parametrize("shift", [0, 1e5, 1e7])
@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler(), PCA(whiten=True)])
def test_features_far_from_zero_are_scaled_as_the_model_does(shift, scaler):
    x = rings().x.astype(np.float64) + np.float64([shift, 0])
    model = make_pipeline(scaler, perceptron(hidden_layer_sizes=(4,))).fit(x, rings().y)
    traced = uk.trace(model, (x, rings().y))
    np.testing.assert_allclose(traced.probabilities, model.predict_proba(x), atol=1e-6)
    assert isinstance(traced.maps[0], Affine)
    # The input is where it was, to a share of its extent that nobody sees.
    np.testing.assert_allclose(traced.representations[0].values, x, atol=1e-3, rtol=0)
    # The grid is as fine, and its first map is the model's scaler.
    grid, scaled = (values.astype(np.float64) for values in traced.lattice.values[:2])
    np.testing.assert_allclose(scaled, scaler.transform(grid), atol=1e-3 if shift else 1e-5)
    np.testing.assert_allclose(np.unique(np.diff(grid[:161, 1]).round(6)).size, 1)
    # Points that were rounded before they came are scaled without more rounding.
    single = from_arrays(x, rings().y)
    expected = model.predict_proba(single.x.astype(np.float64))
    np.testing.assert_allclose(uk.trace(model, single).probabilities, expected, atol=1e-5)


def test_maps_are_in_single_precision_where_that_shows_nowhere():
    x = rings().x.astype(np.float64)
    model = make_pipeline(StandardScaler(), perceptron(hidden_layer_sizes=(4,))).fit(x, rings().y)
    near, far = uk.trace(model, (x, rings().y)), uk.trace(model, (x + 1e7, rings().y))
    assert near.maps[0].weight.dtype == near.representations[0].values.dtype == np.float32
    assert far.maps[0].weight.dtype == far.representations[0].values.dtype == np.float64


def test_a_wrong_map_far_from_zero_is_not_taken():
    """Rounding of numbers of 1e7 hides an error of 1 in single precision, not in double."""

    x = rings().x.astype(np.float64) + np.float64([1e7, 0])
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, rings().y)
    exact = uk.trace(model, (x, rings().y)).maps[0]
    wrong = Affine(exact.weight, exact.bias + 0.5)
    scaled = model[0].transform(x)
    assert agrees(exact, x, exact(x), scaled)
    assert not agrees(wrong, x, wrong(x), scaled)


def test_a_model_fitted_on_a_frame_does_not_warn():
    pandas = pytest.importorskip("pandas")
    from sklearn.neighbors import KNeighborsClassifier

    data = rings(60)
    frame = pandas.DataFrame(data.x, columns=["width", "height"])
    model = make_pipeline(StandardScaler(), KNeighborsClassifier()).fit(frame, data.y)
    # A warning would be an error here.
    traced = uk.trace(model, (frame, data.y))
    assert traced.representations[0].unit_names == ("width", "height")
