"""Points and labels in the shapes in which users have them."""

import numpy as np
import pytest
from networks import note_texts, rings

import unknot as uk
from unknot import Affine, UsageError

UP = Affine(np.float32([[1, 2, 3], [4, 5, 6]]), np.float32([1, 0, -1]), "up")
DATA = rings(60)


def labels_of(y):
    traced = uk.trace([UP], (DATA.x, y))
    return traced.class_names, traced.labels


@pytest.mark.parametrize(
    "y",
    [
        DATA.y,
        DATA.y.astype(np.float32),
        DATA.y[:, None],
        DATA.y[:, None].astype(float),
        np.eye(2)[DATA.y],
        np.eye(2, dtype=int)[DATA.y],
    ],
    ids=["whole", "float", "column", "float column", "one-hot", "whole one-hot"],
)
def test_labels_of_every_training_loop_are_classes(y):
    names, labels = labels_of(y)
    assert names == ("0", "1")
    np.testing.assert_array_equal(labels, DATA.y)


def test_one_hot_labels_keep_classes_without_points_and_say_so():
    traced = uk.trace([UP], (DATA.x, np.eye(3)[DATA.y]))
    assert traced.class_names == ("0", "1", "2")
    assert "The labels are one-hot: a point's class is the column of its 1." in note_texts(traced)


def test_other_floats_are_a_target():
    names, labels = labels_of(DATA.x[:, :1])
    assert names == ()
    np.testing.assert_array_equal(labels, DATA.x[:, 0])
    assert labels_of(np.arange(60.0))[0] == ()


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (
            DATA.y[:10],
            "There are 60 points and 10 labels.\nGive one label a point, in the same order.",
        ),
        (1, "There are 60 points and one number.\nGive one label a point, in the same order."),
        (
            DATA.x,
            "Labels are one a point, or one-hot; got shape (60, 2) for 60 points.\n"
            "Give y.argmax(axis=1) for scores of classes, one column (y[:, 0]) of several targets.",
        ),
        (
            np.arange(60),
            "y has 60 different values in 60 rows.\n"
            "If they are numbers to predict, give them as floats: y.astype(float).",
        ),
        (
            np.where(np.arange(60) == 3, np.nan, DATA.y),
            "y has 1 missing or infinite value in 60 rows (the first in row 4).\n"
            "Remove or fill them first.",
        ),
    ],
)
def test_other_labels_are_refused(y, message):
    with pytest.raises(UsageError) as caught:
        uk.trace([UP], (DATA.x, y))
    assert str(caught.value) == message
    with pytest.raises(UsageError):
        uk.Film((DATA.x, y))


def test_frames_name_the_features_and_one_hot_classes():
    pandas = pytest.importorskip("pandas")
    x = pandas.DataFrame(DATA.x, columns=["width", "height"])
    traced = uk.trace([UP], (x, pandas.get_dummies(np.array(["in", "out"])[DATA.y])))
    assert traced.representations[0].unit_names == ("width", "height")
    assert traced.class_names == ("in", "out")
    numbered = uk.trace([UP], pandas.DataFrame(DATA.x))
    assert numbered.representations[0].unit_names == ("x1", "x2")


def test_the_data_can_be_named():
    assert uk.trace([UP], (DATA.x, DATA.y)).name == "data"
    assert uk.trace([UP], (DATA.x, DATA.y), name="my rings").name == "my rings"
    assert uk.trace([UP], DATA, name="my rings").name == "my rings"
    assert uk.Film((DATA.x, DATA.y), name="my rings").data.name == "my rings"
    run = uk.fit(DATA, hidden=[2], epochs=1, seed=0)
    assert uk.trace(run, name="my rings").name == "my rings"


def test_loaders_are_refused_with_the_way_out():
    torch = pytest.importorskip("torch")
    utils = torch.utils.data
    tensors = utils.TensorDataset(torch.tensor(DATA.x), torch.tensor(DATA.y))
    model = torch.nn.Linear(2, 3)
    part = utils.Subset(tensors, range(20))
    for given, remedy in [
        (tensors, "give its tensors: trace(model, dataset.tensors)"),
        (
            utils.DataLoader(tensors),
            "give the tensors behind it: trace(model, loader.dataset.tensors)",
        ),
        (
            utils.DataLoader(part),
            "collect its batches: x, y = map(np.concatenate, zip(*loader))",
        ),
        (part, "collect its points: x, y = map(np.stack, zip(*dataset))"),
    ]:
        with pytest.raises(UsageError) as caught:
            uk.trace(model, given)
        assert str(caught.value) == (
            f"A {type(given).__name__} hands points out one after another; unknot takes arrays.\n"
            f"Instead {remedy}."
        )
    # What is advised works.
    assert uk.trace(model, tensors.tensors).n_points == 60
    assert uk.trace(model, utils.DataLoader(tensors).dataset.tensors).n_points == 60
    x, y = map(np.concatenate, zip(*utils.DataLoader(part, batch_size=8), strict=True))
    assert uk.trace(model, (x, y)).n_points == 20
    x, y = map(np.stack, zip(*part, strict=True))
    assert uk.trace(model, (x, y)).n_points == 20


def test_a_head_that_does_not_fit_is_refused():
    one = Affine(np.float32([[1], [2]]), np.float32([0.5]), "last")
    for model, head, message in [
        (
            [one],
            "softmax",
            "The head softmax needs two logits or more; the model ends in one value.\n"
            "For one logit the head is sigmoid.",
        ),
        (
            [UP],
            "sigmoid",
            "The head sigmoid reads one logit; the model ends in 3 values.\n"
            "For one logit a class the head is softmax.",
        ),
    ]:
        with pytest.raises(UsageError) as caught:
            uk.trace(model, DATA, head=head)
        assert str(caught.value) == message
