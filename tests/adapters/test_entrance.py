"""Points that are no numbers: words, categories, dates and gaps go through their pipeline."""

import numpy as np
import pytest
from networks import note_texts, rings
from sklearn.compose import make_column_transformer
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

import unknot as uk
from unknot import UsageError

pd = pytest.importorskip("pandas")
pytestmark = pytest.mark.filterwarnings("ignore:.*(max_iter|iterations).*")
DATA = rings(120)
Y = DATA.y
TOWNS = np.array(["Ulm", "Oslo"])


def table():
    """A bool, a nullable, a categorical, a text and a date column beside two of numbers."""
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(120) % 30, "D")
    return pd.DataFrame(
        {
            "a": DATA.x[:, 0],
            "b": DATA.x[:, 1],
            "town": TOWNS[Y],
            "member": np.roll(Y, 1) == 1,
            "age": pd.array(np.where(np.arange(120) % 9, np.arange(120), None), dtype="Int64"),
            "size": pd.Categorical(np.array(["small", "large"])[np.roll(Y, 2)]),
            "word": np.array(["red fox", "blue fox", "red hen"])[np.arange(120) % 3],
            "day": days,
        }
    )


def text_of(traced):
    return " ".join(note_texts(traced))


def to_days(column):
    return column.apply(lambda day: day.astype("int64") / 8.64e13)


def encoder():
    return make_column_transformer(
        (StandardScaler(), ["a", "b"]),
        (OneHotEncoder(), ["town", "member", "size"]),
        (SimpleImputer(), ["age"]),
        (CountVectorizer(), "word"),
        (FunctionTransformer(to_days, feature_names_out="one-to-one"), ["day"]),
    )


def perceptron():
    return MLPClassifier((4,), max_iter=20, random_state=0)


def test_every_kind_of_column_goes_to_the_first_step():
    frame = table()
    model = make_pipeline(encoder(), perceptron()).fit(frame, Y)
    traced = uk.trace(model, (frame, Y))
    np.testing.assert_allclose(traced.probabilities, model.predict_proba(frame), atol=1e-5)
    source = traced.representations[0]
    assert source.unit_names == tuple(model[0].get_feature_names_out())
    np.testing.assert_allclose(source.values, model[0].transform(frame), rtol=1e-6)
    assert [r.name for r in traced][1:] == [
        "hidden 1 pre-activation",
        "hidden 1",
        "logit",
        "probability",
    ]
    assert (
        "The input is what columntransformer made of a, b, town, member, age, size, … (8 in all): "
        f"{source.n_units} units, the first place where every value is a number."
    ) in text_of(traced)
    # More columns, in another order, are what the pipeline allows.
    more = frame[frame.columns[::-1]].assign(other="?")
    np.testing.assert_array_equal(uk.trace(model, (more, Y)).probabilities, traced.probabilities)


def test_labels_follow_the_index_of_a_frame_with_words():
    frame = table()
    model = make_pipeline(encoder(), perceptron()).fit(frame, Y)
    labels = pd.Series(TOWNS[Y], index=frame.index).sample(frac=1, random_state=1)
    np.testing.assert_array_equal(uk.trace(model, (frame, labels)).labels, 1 - Y)


def test_a_search_and_a_nested_pipeline_are_entered():
    frame = table()
    inner = make_pipeline(encoder(), StandardScaler(with_mean=False))
    model = make_pipeline(inner, perceptron())
    search = GridSearchCV(model, {"mlpclassifier__alpha": [1e-4, 1e-3]}, cv=2).fit(frame, Y)
    traced = uk.trace(search, (frame, Y))
    np.testing.assert_allclose(traced.probabilities, search.predict_proba(frame), atol=1e-5)


def test_gaps_are_filled_by_the_pipeline():
    x = DATA.x.astype(np.float64).copy()
    x[3, 1] = np.nan
    model = make_pipeline(SimpleImputer(), StandardScaler(), perceptron()).fit(x, Y)
    for points in (x, pd.DataFrame(x, columns=["a", "b"])):
        fitted = model.fit(points, Y)
        traced = uk.trace(fitted, (points, Y))
        np.testing.assert_allclose(traced.probabilities, fitted.predict_proba(points), atol=1e-5)
        assert traced.representations[0].values[3, 1] == pytest.approx(np.nanmean(x[:, 1]))
        assert "The input is what simpleimputer made" in text_of(traced)
    assert traced.lattice is not None


def test_gaps_that_nobody_fills_are_refused():
    x = DATA.x.astype(np.float64).copy()
    model = make_pipeline(StandardScaler(), perceptron()).fit(x, Y)
    x[3, 1] = np.nan
    with pytest.raises(UsageError) as caught:
        uk.trace(model, (x, Y))
    assert str(caught.value) == (
        "The Pipeline has no representation that is numbers before its output; behind "
        "standardscaler feature 'x2' has 1 missing or infinite value in 120 rows (the first in "
        "row 4: nan).\nGive it a step that makes numbers: a ColumnTransformer that encodes words "
        "and fills gaps, a TruncatedSVD after words."
    )
    with pytest.raises(UsageError) as caught:
        uk.trace([lambda x: 2 * x], pd.DataFrame({"a": [1.0, 2, 3], "town": ["Ulm", "Oslo", "?"]}))
    assert str(caught.value) == (
        "Column 'town' holds text: 'Ulm' in row 1.\n"
        "Leave it out, turn it into numbers, or make it the label or part of the identity."
    )
    with pytest.raises(UsageError) as caught:
        uk.trace([lambda x: 2 * x], pd.DataFrame({"a": [1.0, 2, 3], "b": [1.0, np.nan, 3]}))
    assert str(caught.value) == (
        "Feature 'b' has 1 missing or infinite value in 3 rows (the first in row 2: nan).\n"
        "Remove or fill them first."
    )


def test_a_column_that_is_not_there_is_named():
    frame = table()
    model = make_pipeline(encoder(), perceptron()).fit(frame, Y)
    with pytest.raises(UsageError) as caught:
        uk.trace(model, (frame[["a", "b", "member"]], Y))
    assert str(caught.value) == (
        "The scikit-learn model was fitted on a column 'town', which the points lack.\n"
        "Their columns: a, b, member."
    )


def test_boolean_columns_are_numbers_to_other_models():
    frame = pd.DataFrame({"a": DATA.x[:, 0], "member": Y == 1})
    traced = uk.trace([lambda x: 2 * x], (frame, Y))
    np.testing.assert_array_equal(traced.representations[0].values[:, 1], Y)
    assert traced.representations[0].unit_names == ("a", "member")


WORDS = [f"{'red' if y else 'blue'} fox {i % 7}x in the wood" for i, y in enumerate(Y)]


@pytest.mark.parametrize("points", [WORDS, np.array(WORDS), pd.Series(WORDS)])
def test_texts_go_to_a_vectoriser(points):
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(WORDS, Y)
    traced = uk.trace(model, (points, Y))
    np.testing.assert_allclose(traced.probabilities, model.predict_proba(WORDS), atol=1e-6)
    assert traced.representations[0].unit_names == tuple(model[0].get_feature_names_out())
    assert "The input is what tfidfvectorizer made: " in text_of(traced)


def test_sparse_points_are_dense_up_to_the_memory_asked_for():
    reduced = TruncatedSVD(3, random_state=0)
    model = make_pipeline(TfidfVectorizer(), reduced, LogisticRegression()).fit(WORDS, Y)
    wide = uk.trace(model, (WORDS, Y))
    n = wide.representations[0].n_units
    narrow = uk.trace(model, (WORDS, Y), memory=8 * 120 * n - 1)
    assert narrow.representations[0].n_units == 3
    assert "The input is what tfidfvectorizer, truncatedsvd made: 3 units" in text_of(narrow)
    np.testing.assert_allclose(narrow.probabilities, wide.probabilities, atol=1e-6)
    short = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(WORDS, Y)
    with pytest.raises(UsageError) as caught:
        uk.trace(short, (WORDS, Y), memory=1000)
    assert str(caught.value).startswith(
        "The Pipeline has no representation that is numbers before its output; behind "
        f"tfidfvectorizer 120 × {n} sparse values take {8 * 120 * n:,} bytes, more than "
        "memory=1,000.\n"
    )


@pytest.mark.parametrize("kind", ["csr_array", "csc_matrix"])
def test_sparse_points_are_points_of_any_model(kind):
    sparse = getattr(pytest.importorskip("scipy.sparse"), kind)(DATA.x)
    traced = uk.trace([lambda x: 2 * x], (sparse, Y))
    np.testing.assert_array_equal(traced.representations[0].values, DATA.x)
    with pytest.raises(UsageError) as caught:
        uk.trace([lambda x: 2 * x], (sparse, Y), memory=100)
    assert str(caught.value) == (
        "120 × 2 sparse values take 960 bytes, more than memory=100.\n"
        "Give more memory=, fewer points, or fewer features (TruncatedSVD)."
    )
