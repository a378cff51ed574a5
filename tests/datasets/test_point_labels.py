"""Labels beside points, in the shapes in which people have them, at every door."""

import numpy as np
import pandas
import polars
import pytest

import unknot as uk
from unknot.datasets import from_arrays
from unknot.datasets.point_labels import FEW, read_labels
from unknot.errors import UsageError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 2)).astype(np.float32)
Y = np.arange(40) % 2
WORDS = np.array(["in", "out"])[Y]
FRAME = pandas.DataFrame(X, columns=["width", "height"])


def from_pair(x, y):
    return from_arrays(x, y).class_names, from_arrays(x, y).y


def from_training(x, y):
    run = uk.fit((x, y), hidden=[2], epochs=1, progress=False)
    return run.data.class_names, run.data.y


def from_model(x, y):
    traced = uk.trace([uk.Affine(np.eye(2, dtype=np.float32), np.zeros(2, np.float32))], (x, y))
    return traced.class_names, traced.labels


def from_clouds(x, y):
    traced = uk.Trace.from_arrays([x, x], y, maps=[uk.Activation("linear")])
    return traced.class_names, traced.labels


def from_film(x, y):
    data = uk.Film((x, y)).data
    return data.class_names, data.y


DOORS = [from_pair, from_training, from_model, from_clouds, from_film]
NUMBERED = {
    "whole": Y,
    "float": Y.astype(np.float32),
    "column": Y[:, None],
    "float column": Y[:, None].astype(float),
    "one-hot": np.eye(2)[Y],
    "list": Y.tolist(),
    "objects": Y.astype(object),
    "nullable": pandas.array(Y, dtype="Int64"),
    "polars": polars.Series(Y),
    "unsigned": Y.astype(np.uint8),
}
NAMED = {
    "text": WORDS,
    "objects": WORDS.astype(object),
    "bytes": WORDS.astype("S"),
    "column of text": WORDS[:, None],
    "series": pandas.Series(WORDS),
    "polars": polars.Series(WORDS),
    "indicators": pandas.get_dummies(WORDS),
    "categories": pandas.Categorical(WORDS),
    "a category without points": pandas.Categorical(WORDS, categories=["ghost", "in", "out"]),
    "ordered without points": pandas.Categorical(
        WORDS, categories=["in", "mid", "out"], ordered=True
    ),
    "polars categories": polars.Series(WORDS).cast(polars.Categorical),
}


@pytest.mark.parametrize("door", DOORS)
def test_numbers_of_every_kind_are_classes(door):
    for kind, y in NUMBERED.items():
        names, numbers = door(X, y)
        assert names == ("0", "1"), kind
        np.testing.assert_array_equal(numbers, Y, err_msg=kind)


@pytest.mark.parametrize("door", DOORS)
def test_names_of_every_kind_are_classes(door):
    for kind, y in NAMED.items():
        names, numbers = door(X, y)
        assert names == ("in", "out"), kind
        np.testing.assert_array_equal(numbers, Y, err_msg=kind)
    assert door(X, Y.astype(bool))[0] == ("false", "true")


@pytest.mark.parametrize("door", DOORS)
def test_fractions_and_many_floats_are_a_target(door):
    for target in (X[:, 0], X[:, :1], np.arange(40.0)):
        names, numbers = door(X, target)
        assert names == ()
        np.testing.assert_array_equal(numbers, np.float32(target).ravel())


def test_arrow_arrays():
    arrow = pytest.importorskip("pyarrow")
    assert read_labels(arrow.chunked_array([WORDS.tolist()]), 40).class_names == ("in", "out")
    assert from_arrays(arrow.table({"a": X[:, 0], "b": X[:, 1]}), Y).feature_names == ("a", "b")


def test_a_declared_order_is_kept():
    sizes = ["small", "large"] * 2
    order = ["small", "medium", "large"]
    ordered = pandas.Categorical(sizes, categories=order, ordered=True)
    assert read_labels(ordered, 4).class_names == ("small", "large")
    assert read_labels(pandas.Series(ordered), 4).y.tolist() == [0, 1, 0, 1]
    # An Enum is the list of its classes.
    declared = read_labels(polars.Series(sizes).cast(polars.Enum(order)), 4)
    assert (declared.class_names, declared.y.tolist()) == (tuple(order), [0, 2, 0, 2])


def test_twenty_prices_are_a_target_and_numbers_of_classes_are_not():
    prices = np.array([271_426, 350_000, 1_139_232, 350_000, 899_000.0])
    assert read_labels(prices, 5).class_names == ()
    assert read_labels(prices.repeat(3), 15).class_names != ()
    assert read_labels(np.array([0.0, 1, 2, 3, 99]), 5).class_names != ()
    assert read_labels(np.array([0.0, 255, np.nan]), 3).class_names == ("0", "255")


def test_few_whole_floats_are_classes_and_more_are_not():
    assert len(read_labels(np.arange(FEW).repeat(3).astype(float), 3 * FEW).class_names) == FEW
    assert read_labels(np.arange(FEW + 1).repeat(3).astype(float), 3 * FEW + 3).class_names == ()


def test_days_are_classes_by_their_dates():
    days = np.array(["2024-01-02", "2024-01-01"], "datetime64[D]")
    assert read_labels(days, 2).class_names == ("2024-01-01", "2024-01-02")


def masked(values, *places):
    array = np.ma.masked_array(values, mask=np.zeros(np.shape(values), bool))
    for place in places:
        array[place] = np.ma.masked
    return array


@pytest.mark.parametrize("door", DOORS)
def test_a_masked_value_is_a_missing_one(door):
    with pytest.raises(UsageError) as caught:
        door(masked(X, (3, 1), (5, 0), (5, 1)), Y)
    assert "3 masked values in 2 rows of 40 (the first in row" in str(caught.value)
    assert str(caught.value).endswith(": masked is missing.\nRemove or fill them first.")
    # A point whose label is masked has none.
    names, numbers = door(X, masked(Y, 6))
    assert names == ("0", "1")
    np.testing.assert_array_equal(numbers, np.where(np.arange(40) == 6, -1, Y))
    # A mask that hides nothing is none.
    names, numbers = door(masked(X), masked(Y))
    assert (names, numbers.tolist()) == (("0", "1"), Y.tolist())


@pytest.mark.parametrize("door", DOORS)
def test_labels_go_with_the_rows_of_their_index(door):
    shuffled = pandas.Series(WORDS).sample(frac=1, random_state=0)
    for labels in (shuffled, pandas.get_dummies(shuffled)):
        names, numbers = door(FRAME, labels)
        assert names == ("in", "out")
        np.testing.assert_array_equal(numbers, Y)
    # Points of an array have no index: labels are taken in their order.
    np.testing.assert_array_equal(door(X, shuffled)[1], Y[shuffled.index])


@pytest.mark.parametrize("door", DOORS)
def test_another_index_is_refused(door):
    remedy = "Give both the same index, or take the labels in their order: y.to_numpy()."
    for index, reason in [
        (range(7, 47), "the points have '0', the labels do not"),
        ([0, 0, *range(2, 40)], "a name in it stands for several rows"),
    ]:
        with pytest.raises(UsageError) as caught:
            door(FRAME, pandas.Series(WORDS, index=index))
        assert str(caught.value) == (
            f"The index of the labels is not the index of the points: {reason}.\n{remedy}"
        )


def test_a_run_reads_the_labels_of_other_points_by_their_index():
    run = uk.fit((FRAME, WORDS), hidden=[2], epochs=1, progress=False)
    shuffled = pandas.Series(WORDS).sample(frac=1, random_state=1)
    np.testing.assert_array_equal(uk.trace(run, (FRAME, shuffled)).labels, Y)


def test_a_frame_beside_labels_names_the_features():
    assert from_arrays(FRAME, Y).feature_names == ("width", "height")
    assert from_arrays(polars.DataFrame({"a": [1, 2], "b": [3, 4]}), [0, 1]).x.tolist() == [
        [1, 3],
        [2, 4],
    ]
    assert from_arrays(pandas.DataFrame(X), Y).feature_names == ("x1", "x2")
    with pytest.raises(UsageError) as caught:
        from_arrays(pandas.DataFrame({"a": ["x", "y"]}), [0, 1])
    assert str(caught.value).startswith("Column 'a' holds text: 'x' in row 1.")


def test_what_is_no_array():
    class Refusing:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("call detach() first")

    with pytest.raises(UsageError) as caught:
        from_arrays(X, Refusing())
    assert str(caught.value) == (
        "Cannot make an array of y, a Refusing: call detach() first\nGive a NumPy array."
    )
