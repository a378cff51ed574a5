"""Data sets from arrays: what they become and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from unknot import datasets
from unknot.datasets import constant_features, from_arrays
from unknot.datasets.labels import class_numbers, sort_names
from unknot.errors import UsageError

X = np.arange(8.0).reshape(4, 2)
Y = [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("y", "names", "numbers"),
    [
        ([3, 10, 3, -1], ("-1", "3", "10"), [1, 2, 1, 0]),
        ([True, False, True, True], ("false", "true"), [1, 0, 1, 1]),
        (["b", "a", "a", "b"], ("a", "b"), [1, 0, 0, 1]),
        (["arm 10", "arm 9", "arm 9", "arm 1"], ("arm 1", "arm 9", "arm 10"), [2, 1, 1, 0]),
        (["10", "9", "9", "1.5"], ("1.5", "9", "10"), [2, 1, 1, 0]),
        (["1.0", "2.0", "1", "2"], ("1", "2"), [0, 1, 0, 1]),
        (["01", "2", "2", "1"], ("01", "1", "2"), [0, 2, 2, 1]),
        ([b"x", b"y", b"y", b"x"], ("x", "y"), [0, 1, 1, 0]),
        (np.array([1.0, 2.5, 2.5, 1.0], dtype=object), ("1", "2.5"), [0, 1, 1, 0]),
    ],
)
def test_labels_are_numbered_in_a_sensible_order(y, names, numbers) -> None:
    data = from_arrays(X, y)
    assert data.class_names == names
    assert data.y.tolist() == numbers
    assert data.y.dtype == np.int64


def test_names_and_types() -> None:
    data = from_arrays(X.astype(int), Y, feature_names=["a", "b"], name="mine")
    assert data.x.dtype == np.float32
    assert (data.feature_names, data.name) == (("a", "b"), "mine")
    assert from_arrays(X, Y).feature_names == ("x1", "x2")


def test_class_names_keep_their_order_and_need_no_points() -> None:
    names = ["cat", "bird", "ant"]
    by_number = from_arrays(X, Y, class_names=names)
    by_name = from_arrays(X, ["cat", "bird", "bird", "cat"], class_names=names)
    for data in (by_number, by_name):
        assert data.class_names == ("cat", "bird", "ant")
        assert data.y.tolist() == Y


def test_the_task() -> None:
    assert from_arrays(X, [0.5, 1, 2, 3]).task == "regression"
    assert from_arrays(X, [0.5, 1, 2, 2], task="classification").class_names == ("0.5", "1", "2")
    assert from_arrays(X, [0, 1, 2, 3], task="regression").y.dtype == np.float32
    assert from_arrays(np.zeros((30, 1)), np.arange(30.0)).task == "regression"
    # A loss of a binary classifier wants them in floating point.
    assert from_arrays(X, [0.0, 1.0, 1.0, 2.0]).class_names == ("0", "1", "2")
    assert from_arrays(X, [0.0, 1.0, 1.0, 2.0], task="regression").task == "regression"


def test_a_constant_feature_is_taken_and_can_be_found() -> None:
    data = from_arrays(np.array([[1, 2, 7], [1, 3, 7.0]]), Y[:2], feature_names=["a", "b", "c"])
    assert constant_features(data) == ("a", "c")
    assert constant_features(datasets.circles(10)) == ()


BAD_X = np.array([[0, 1], [np.nan, 2], [np.inf, 3], [1, 4]])
SHAPE = (
    "x must have the shape (n_points, n_features); got {}.\n"
    "For one feature use x[:, None]; flatten images with x.reshape(len(x), -1)."
)
TOO_MANY = "To predict such a number, give them as floats: y.astype(float)."
REFUSED = [
    (lambda: from_arrays(X[:, 0], Y), SHAPE.format("(4,)")),
    (
        lambda: from_arrays(X, [0, 1]),
        "There are 4 points and 2 labels.\nGive one label a point, in the same order.",
    ),
    (
        lambda: from_arrays(X, X),
        "Labels are one a point, or one-hot; got shape (4, 2) for 4 points.\n"
        "Give y.argmax(axis=1) for scores of classes, one column (y[:, 0]) of several targets.",
    ),
    (lambda: from_arrays([["a", "b"]], ["c"]), "x must hold numbers; got <U1.\nConvert it first."),
    (
        lambda: from_arrays(X + 1j, Y),
        "x must hold numbers; got complex128.\nConvert it first.",
    ),
    (
        lambda: from_arrays(BAD_X, Y),
        "Feature 'x1' has 2 missing or infinite values in 4 rows (the first in row 2: nan).\n"
        "Remove or fill them first.",
    ),
    (
        lambda: from_arrays(X * 1e38, Y),
        "Feature 'x1' has 2 values too large for single precision in 4 rows "
        "(the first in row 3): 4e+38.\nScale it to below 3e38.",
    ),
    (
        lambda: from_arrays(X, [1.5, np.inf, 2.5, np.nan]),
        "y has 1 missing or infinite value in 4 rows (the first in row 2: inf).\n"
        "Remove or fill them first.",
    ),
    (
        lambda: from_arrays(X, [np.nan] * 4, task="regression"),
        "y has 4 missing values in 4 rows: no target at all.\n"
        "Give numbers to some, or the points alone.",
    ),
    (
        lambda: from_arrays(X, ["", "", " ", None]),
        "y has 4 missing values in 4 rows: no label at all.\n"
        "Give labels to some, or the points alone.",
    ),
    (
        lambda: from_arrays(X, [5, 5, 5, 5]),
        "y has one class only, 5.\nClassification needs at least two.",
    ),
    (lambda: from_arrays(X[:1], [0]), "At least two points are needed; got 1.\nGive more rows."),
    (
        lambda: from_arrays(X[:, :0], Y),
        "There are no features.\nGive at least one column of numbers.",
    ),
    (
        lambda: from_arrays(np.zeros((30, 1)), np.arange(30)),
        f"y has 30 different numbers in 30 rows, too many to be classes.\n{TOO_MANY}",
    ),
    (
        lambda: from_arrays(np.zeros((9000, 1)), np.arange(9000) // 2),
        f"y has more than 1,000 different numbers in 9,000 rows, too many to be classes.\n"
        f"{TOO_MANY}",
    ),
    (
        lambda: from_arrays(np.zeros((9000, 1)), [str(i // 3) for i in range(9000)]),
        f"y has more than 1,000 different numbers in 9,000 rows, too many to be classes.\n"
        f"{TOO_MANY}",
    ),
    (
        lambda: from_arrays(X, ["a", "b", "c", "d"], task="regression"),
        "y must hold numbers to be a target; got <U1.\nClasses are given as label.",
    ),
    (
        lambda: from_arrays(X, Y, feature_names=["a"]),
        "Got 1 feature names for 2 features.\nGive one for each.",
    ),
    (
        lambda: from_arrays(X, Y, feature_names=["a", "a"]),
        "Feature names appear twice: a.\nRename one of them.",
    ),
    (
        lambda: from_arrays(X, Y, class_names=["a", "a"]),
        "class_names must be 2 to 1,000 different names, none of them blank; got a, a.\n"
        "Name every class once.",
    ),
    (
        lambda: from_arrays(X, [0, 1, 2, 0], class_names=["a", "b"]),
        "y must hold the class numbers 0 to 1; got '2' in row 3.\n"
        "Leave class_names out to number the labels as they are.",
    ),
    (
        lambda: from_arrays(X, ["a", "b", "c", "a"], class_names=["a", "b"]),
        "y must hold the class names a, b; got 'c' in row 3.\n"
        "Leave class_names out to number the labels as they are.",
    ),
    (
        lambda: from_arrays(X, [1, 1, 1, 1], class_names=["a", "b"]),
        "y has one class only, b.\nClassification needs at least two.",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[text[:50] for _, text in REFUSED])
def test_refused(call, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        call()
    assert str(caught.value) == message


labels = st.one_of(st.integers(-5, 5), st.text(max_size=4), st.booleans(), st.floats(), st.none())


@settings(deadline=None)
@given(
    x=hnp.arrays(
        st.sampled_from([np.float32, np.float64, np.int64, np.bool_, object]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6),
    ),
    y=st.lists(labels, max_size=6),
)
def test_anything_becomes_a_data_set_or_a_short_message(x: np.ndarray, y: list[object]) -> None:
    try:
        data = from_arrays(x, np.array(y, dtype=object))
    except UsageError as error:
        lines = str(error).splitlines()
    else:
        lines = ["fine"]
        assert data.x.shape == x.shape
        assert np.isfinite(data.x).all()
        # A point without a label has -1.
        assert sorted({*data.y.tolist()} - {-1}) == list(range(data.n_classes))
    assert 1 <= len(lines) <= 3


@settings(deadline=None)
@given(st.lists(st.text(alphabet="abzä _", max_size=3).filter(str.strip), min_size=2, max_size=20))
def test_encoding_is_the_position_among_the_sorted_names(values: list[str]) -> None:
    if len(set(values)) == 1:
        with pytest.raises(UsageError, match="one class only"):
            class_numbers(values, "y")
        return
    numbers, names = class_numbers(values, "y")
    assert names == sorted(set(values))
    assert [names[number] for number in numbers] == values


@settings(deadline=None)
@given(st.lists(st.text(alphabet="ab019. -", max_size=5), max_size=12), st.randoms())
def test_the_order_of_names_does_not_depend_on_their_order(names: list[str], random) -> None:
    distinct = list(dict.fromkeys(names))
    ordered = sort_names(distinct)
    random.shuffle(distinct)
    assert sort_names(distinct) == ordered
