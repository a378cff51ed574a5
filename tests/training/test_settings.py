"""Arguments that make no sense: the whole text of each error."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from training_data import blobs, circles, line

from unknot.errors import UsageError
from unknot.network.activations import activations
from unknot.training import fit, optimisers
from unknot.training.held_out import hold_out

WHOLE = "allowed: a whole number,"
ACTIVATIONS = ", ".join(activations)
OPTIMISERS = ", ".join(optimisers)
RATE = "allowed: a finite number above 0.\nThis optimiser's usual one is 0.001."
SHARE = (
    "allowed: the share of rows to hold out, from 0 to below 1.\n"
    "The usual one is 0.2; 0 trains on everything."
)


def hidden_width(got):
    return f"Got {got} as hidden width; {WHOLE} 1 to 1,000,000,000."


def message(arguments, data=None):
    with pytest.raises(UsageError) as error:
        fit(data or circles(100), **{"hidden": [2], "epochs": 5} | arguments)
    return str(error.value)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"hidden": [0]}, hidden_width("0")),
        ({"hidden": [6, -1]}, hidden_width("-1")),
        ({"hidden": [2.0]}, hidden_width("2.0")),
        ({"hidden": ["6"]}, hidden_width("'6'")),
        ({"hidden": [True]}, hidden_width("True")),
        ({"hidden": [None]}, hidden_width("None")),
        ({"hidden": [10**5000]}, hidden_width("a number of more than 19 digits")),
        ({"hidden": np.array([2.5])}, hidden_width("2.5")),
        (
            {"hidden": "6"},
            "Got '6' as hidden widths; allowed: a list, for example [6] or [32, 32].",
        ),
        (
            {"hidden": 2.5},
            "Got 2.5 as hidden widths; allowed: a list, for example [6] or [32, 32].",
        ),
        (
            {"hidden": [1_000_000]},
            "A network of widths 2 → 1,000,000 → 1 has 4,000,001 weights (16.0 MB);\n"
            "allowed: at most 10,000 units a layer and 20,000,000 weights in all. "
            "Make the layers narrower or fewer.",
        ),
        (
            {"hidden": [8_000] * 100},
            "A network of widths 2 → 8,000 → 8,000 → … → 8,000 → 1 has 6,336,824,001 weights "
            "(25.3 GB);\nallowed: at most 10,000 units a layer and 20,000,000 weights in all. "
            "Make the layers narrower or fewer.",
        ),
        (
            {"hidden": [2] * 101},
            "Got 101 hidden layers; allowed: at most 100.\n"
            "Give the width of each layer, for example hidden=[32, 32].",
        ),
        ({"readout": 0}, f"Got 0 as readout width; {WHOLE} 1 to 1,000,000,000."),
        ({"epochs": 0}, f"Got 0 as number of epochs; {WHOLE} 1 to 1,000,000,000."),
        ({"epochs": 2.5}, f"Got 2.5 as number of epochs; {WHOLE} 1 to 1,000,000,000."),
        ({"batch_size": 0}, f"Got 0 as batch size; {WHOLE} 1 to 1,000,000,000."),
        ({"seed": -1}, f"Got -1 as seed; {WHOLE} 0 to 9,223,372,036,854,775,807."),
        ({"learning_rate": 0}, f"Got 0 as learning rate; {RATE}"),
        ({"learning_rate": -0.1}, f"Got -0.1 as learning rate; {RATE}"),
        ({"learning_rate": float("inf")}, f"Got inf as learning rate; {RATE}"),
        ({"learning_rate": float("nan")}, f"Got nan as learning rate; {RATE}"),
        ({"learning_rate": "fast"}, f"Got 'fast' as learning rate; {RATE}"),
        # Neither is a number in single precision, in which training computes.
        ({"learning_rate": 1e-60}, f"Got 1e-60 as learning rate; {RATE}"),
        ({"learning_rate": 1e60}, f"Got 1e+60 as learning rate; {RATE}"),
        ({"validation": 1}, f"Got 1 as validation; {SHARE}"),
        ({"validation": -0.1}, f"Got -0.1 as validation; {SHARE}"),
        ({"validation": float("nan")}, f"Got nan as validation; {SHARE}"),
        ({"validation": "half"}, f"Got 'half' as validation; {SHARE}"),
        (
            {"validation": 0.999},
            "validation=0.999 holds out all 100 rows; none is left to train on.\n"
            "Hold out less: validation=0 trains on everything.",
        ),
        (
            {"activation": "rellu"},
            f"Unknown activation 'rellu'. Did you mean 'relu'?\nAllowed: {ACTIVATIONS}.",
        ),
        (
            {"hidden": [], "activation": "rellu"},
            f"Unknown activation 'rellu'. Did you mean 'relu'?\nAllowed: {ACTIVATIONS}.",
        ),
        (
            {"activation": ["zzz!"]},
            f"Unknown activation 'zzz!'.\nAllowed: {ACTIVATIONS}.",
        ),
        (
            {"activation": ["relu", "tanh"]},
            "Got 2 activations for 1 hidden layers.\n"
            "Give one name for all of them, or one for each hidden layer.",
        ),
        (
            {"activation": 3.5},
            'Got 3.5 as activations; allowed: a list, for example "relu" or ["relu", "tanh"].',
        ),
        (
            {"optimizer": "adams"},
            f"Unknown optimiser 'adams'. Did you mean 'adam'?\nAllowed: {OPTIMISERS}.",
        ),
        (
            {"optimizer": ["zzz"]},
            f"Unknown optimiser \"['zzz']\".\nAllowed: {OPTIMISERS}.",
        ),
        ({"checkpoints": -1}, f"Got -1 as number of checkpoints; {WHOLE} 0 to 1,000."),
        ({"checkpoints": 1001}, f"Got 1,001 as number of checkpoints; {WHOLE} 0 to 1,000."),
        (
            {"checkpoints": [1.5]},
            f"Got 1.5 as checkpoint step; {WHOLE} 0 to 9,007,199,254,740,992.",
        ),
        (
            {"checkpoints": "all"},
            "Got 'all' as checkpoints; allowed: a list, for example [1, 10, 100], "
            "or a number, for example 12.",
        ),
        (
            {"checkpoints": [16], "epochs": 5},
            "Got a checkpoint at step 16; this training has 15 steps (5 epochs of 3).\n"
            "Choose steps from 0 to 15.",
        ),
        (
            {"hidden": [4000, 4000], "epochs": 100, "batch_size": 1},
            "112 checkpoints of 16,020,001 weights take 7.2 GB; allowed: at most 2.0 GB.\n"
            "Name the few steps to keep, for example checkpoints=[10, 100]; "
            "the first and the last are always kept.",
        ),
    ],
)
def test_arguments(arguments, text):
    assert len(text.splitlines()) <= 3
    assert message(arguments) == text


def with_label(data, row, label):
    y = data.y.copy()
    y[row] = label
    return replace(data, y=y)


def with_value(data, row, value):
    x = data.x.copy()
    x[row, 1] = value
    return replace(data, x=x)


MILLION = replace(circles(100), class_names=tuple(map(str, range(1_000_000))))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (
            circles(1),
            "Got 1 rows and 2 features; training needs at least 2 rows and 1 feature.",
        ),
        (
            replace(circles(100), x=np.zeros((100, 0), np.float32), feature_names=()),
            "Got 100 rows and 0 features; training needs at least 2 rows and 1 feature.",
        ),
        (
            with_value(circles(100), [5, 60], np.nan),
            "Row 6 of the data has a NaN or an infinity (2 rows have).\n"
            "Leave such rows out or fill them in.",
        ),
        (
            with_label(line(100), 7, np.inf),
            "Row 8 of the data has a NaN or an infinity (1 rows have).\n"
            "Leave such rows out or fill them in.",
        ),
        (
            with_label(circles(100), slice(None), 1),
            "The data have one class only; a classifier needs rows of at least two.\n"
            "Choose another label, or leave out class names for a regression.",
        ),
        (
            with_label(replace(circles(100), class_names=("only",)), slice(None), 0),
            "The data have one class only; a classifier needs rows of at least two.\n"
            "Choose another label, or leave out class names for a regression.",
        ),
        (
            with_label(circles(100), 3, 2),
            "Labels run from 0 to 2 but there are 2 class names.\n"
            "Labels are class numbers from 0 to 1.",
        ),
        (
            with_label(blobs(90), 3, -2),
            "Labels run from -2 to 2 but there are 3 class names.\n"
            "Labels are class numbers from 0 to 2.",
        ),
        (
            replace(blobs(90), class_names=("a", "b", "c", "never")),
            "Class 'never' has no rows to train on: 0 in all, 0 of them held out.\n"
            "Hold out fewer of its rows, or leave the class out.",
        ),
    ],
)
def test_data(data, text):
    assert message({}, data) == text


def test_a_million_classes():
    # Every class has rows, so that nothing else is wrong.
    x, y = np.zeros((1_000_000, 1), np.float32), np.arange(1_000_000)
    data = replace(MILLION, x=x, y=y, feature_names=("x",))
    assert message({"validation": 0}, data) == (
        "Got 1,000,000 classes; allowed: at most 10,000.\n"
        "If the label is a number to be predicted, it is a regression: leave out class names."
    )


def test_a_batch_that_would_not_fit():
    data = replace(line(2), x=np.zeros((100_000, 2), np.float32), y=np.zeros(100_000, np.float32))
    assert message({"hidden": [8000], "batch_size": 100_000, "validation": 0}, data) == (
        "A batch of 100,000 rows through widths 2 → 8,000 → 1 takes 3.2 GB; "
        "allowed: at most 2.0 GB.\nChoose a smaller batch size."
    )


def test_of_a_class_that_would_all_be_held_out_one_row_is_trained_on():
    data = with_label(blobs(90), slice(None), np.r_[np.zeros(89, int), 1])
    data = replace(data, class_names=("many", "one"))
    sizes = set()
    for seed in range(20):
        training, held_out = hold_out(data, 0.5, np.random.default_rng(seed))
        assert 89 in training
        assert sorted([*training, *held_out]) == list(range(90))
        assert (np.diff(training) > 0).all()
        sizes.add(len(held_out))
    assert sizes == {44, 45}
    many = replace(data, y=np.arange(90) % 30, class_names=tuple(map(str, range(30))))
    training, held_out = hold_out(many, 0.8, np.random.default_rng(0))
    assert set(many.y[training]) == set(range(30))
    assert len(set(many.y[held_out])) > 25


def test_a_class_whose_every_row_the_data_hold_out():
    data = with_label(blobs(90), slice(None), np.r_[np.zeros(89, int), 1])
    data = replace(data, class_names=("many", "one"), held_out=np.arange(90) > 80)
    with pytest.raises(UsageError) as error:
        fit(data, hidden=[2], epochs=1)
    assert str(error.value) == (
        "Class 'one' has no rows to train on: 1 in all, 1 of them held out.\n"
        "Hold out fewer of its rows, or leave the class out."
    )


@given(
    value=st.one_of(
        st.booleans(),
        st.floats(),
        st.text(),
        st.lists(st.floats()),
        st.integers(max_value=0),
    ),
    name=st.sampled_from(["epochs", "batch_size", "optimizer"]),
)
@settings(deadline=None)
def test_anything_else_is_refused_in_at_most_three_short_lines(value, name):
    lines = message({name: value}).splitlines()
    assert 1 <= len(lines) <= 3
    assert all(len(text) <= 200 for text in lines)
