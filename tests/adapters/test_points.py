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
    some = np.where(np.arange(60) == 3, np.nan, DATA.x[:, 0])
    np.testing.assert_array_equal(labels_of(some)[1], some)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (
            DATA.y[:10],
            "There are 60 points and 10 labels.\nGive one label a point, in the same order.",
        ),
        (1, "There are 60 points and one number.\nGive one label a point, in the same order."),
        (
            DATA.x[:, :, None],
            "Labels are one a point, or one-hot; got shape (60, 2, 1) for 60 points.\n"
            "Give y.argmax(axis=1) for scores of classes, one column (y[:, 0]) of several targets.",
        ),
        (
            np.arange(60),
            "y has 60 different numbers in 60 rows, too many to be classes.\n"
            "To predict such a number, give them as floats: y.astype(float).",
        ),
        (
            np.where(np.arange(60) == 3, np.inf, DATA.y),
            "y has 1 infinite value in 60 rows (the first in row 4).\n"
            "Give a class, or nothing where it is not known.",
        ),
        (
            np.where(np.arange(60) == 3, np.inf, DATA.x[:, 0]),
            "y has 1 missing or infinite value in 60 rows (the first in row 4: inf).\n"
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


def told_of(traced):
    return " ".join(note_texts(traced))


def test_loaders_of_torch_are_read():
    torch = pytest.importorskip("torch")
    utils = torch.utils.data
    tensors = utils.TensorDataset(torch.tensor(DATA.x), torch.tensor(DATA.y))
    part = utils.Subset(tensors, range(20))
    model = torch.nn.Linear(2, 3)
    for given, n in [
        (tensors, 60),
        (utils.DataLoader(tensors, batch_size=7), 60),
        (utils.DataLoader(tensors, batch_size=None), 60),
        (utils.DataLoader(part, batch_size=8), 20),
        (part, 20),
    ]:
        traced = uk.trace(model, given)
        np.testing.assert_array_equal(traced.representations[0].values, DATA.x[:n])
        np.testing.assert_array_equal(traced.labels, DATA.y[:n])
        kind = type(given).__name__
        said = f"The points are the first {n} that the {kind} handed out (max_points=100,000)."
        assert said in told_of(traced)
        few = uk.trace(model, given, max_points=10)
        np.testing.assert_array_equal(few.representations[0].values, DATA.x[:10])
        assert f"the first 10 that the {kind} handed out (max_points=10)" in told_of(few)
    alone = utils.DataLoader(utils.TensorDataset(torch.tensor(DATA.x)), batch_size=7)
    assert uk.trace(model, alone).class_names == ("points",)
    assert uk.fit(utils.DataLoader(tensors), hidden=[2], epochs=1).data.n_points == 60


def test_only_as_much_of_a_loader_is_read_as_is_asked_for():
    torch = pytest.importorskip("torch")
    read = []

    class Endless(torch.utils.data.IterableDataset):
        def __iter__(self):
            while True:
                read.append(1)
                yield torch.ones(2) * len(read), len(read) % 2

    loader = torch.utils.data.DataLoader(Endless(), batch_size=4)
    assert uk.trace(torch.nn.Linear(2, 3), loader, max_points=10).n_points == 10
    assert len(read) <= 16


def test_batches_with_names_hold_their_labels():
    torch = pytest.importorskip("torch")
    rows = [{"x": x, "labels": int(y)} for x, y in zip(DATA.x, DATA.y, strict=True)]
    loader = torch.utils.data.DataLoader(rows, batch_size=16)
    for given in (loader, {"x": DATA.x, "label": DATA.y}):
        traced = uk.trace(torch.nn.Linear(2, 3), given)
        np.testing.assert_array_equal(traced.representations[0].values, DATA.x)
        np.testing.assert_array_equal(traced.labels, DATA.y)
    with pytest.raises(UsageError, match="Several inputs may be labels: label, y"):
        uk.trace(torch.nn.Linear(2, 3), {"x": DATA.x, "label": DATA.y, "y": DATA.y})


class Declared(list):
    """Rows as Hugging Face's data sets hand them out, with the features that these declare."""

    __module__ = "datasets.arrow_dataset"

    def __init__(self, rows, **features):
        super().__init__(rows)
        self.features = features


class Declaration:
    names = ("left", "right", "above")


def test_declared_classes_keep_their_names_and_texts_stay_outside():
    rows = [
        {"x": x, "text": f"point {i}", "label": int(y) if i else -1}
        for i, (x, y) in enumerate(zip(DATA.x, DATA.y, strict=True))
    ]
    traced = uk.trace([UP], Declared(rows, x=None, text=None, label=Declaration))
    np.testing.assert_array_equal(traced.representations[0].values, DATA.x)
    assert traced.class_names == Declaration.names
    np.testing.assert_array_equal(traced.labels, [-1, *DATA.y[1:]])


def test_what_is_no_single_table_of_points_is_told():
    ragged = Declared([{"input_ids": list(range(3 + i % 2))} for i in range(6)])
    with pytest.raises(UsageError, match=r"'input_ids' are not all of one length: 3 to 4"):
        uk.trace([UP], ragged)
    torch = pytest.importorskip("torch")
    loader = torch.utils.data.DataLoader(torch.tensor(DATA.x))
    with pytest.raises(UsageError, match=r"several data sets: train, test\.\nGive one .*'train'"):
        uk.trace([UP], {"train": loader, "test": loader})


def test_data_of_tensorflow_are_read():
    tf = pytest.importorskip("tensorflow")
    rows = tf.data.Dataset.from_tensor_slices((DATA.x, DATA.y))
    for given in (rows, rows.batch(7), rows.batch(6, drop_remainder=True), rows.batch(7).repeat()):
        traced = uk.trace([UP], given, max_points=60)
        np.testing.assert_array_equal(traced.representations[0].values, DATA.x)
        np.testing.assert_array_equal(traced.labels, DATA.y)


def test_weights_that_training_takes_are_no_labels():
    tf = pytest.importorskip("tensorflow")
    weights = np.where(DATA.x[:, 0] > 0, 2.0, 1.0)
    rows = tf.data.Dataset.from_tensor_slices((DATA.x, DATA.y, weights))
    for given in (rows, rows.batch(7)):
        traced = uk.trace([UP], given)
        np.testing.assert_array_equal(traced.representations[0].values, DATA.x)
        np.testing.assert_array_equal(traced.labels, DATA.y)
    with pytest.raises(UsageError, match=r"a tuple of 3 arrays.*\nGive \(x, labels\) without"):
        uk.trace([UP], (DATA.x, DATA.y, weights))


def test_several_inputs_in_a_tuple_beside_their_labels():
    torch = pytest.importorskip("torch")

    class Rows(torch.utils.data.Dataset):
        def __len__(self):
            return len(DATA.x)

        def __getitem__(self, i):
            return (torch.tensor(DATA.x[i]), torch.tensor(DATA.x[i, :1])), int(DATA.y[i])

    class Both(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.out = torch.nn.Linear(3, 2)

        def forward(self, a, b):
            return self.out(torch.cat([a, b], 1))

    for given in (Rows(), torch.utils.data.DataLoader(Rows(), batch_size=7)):
        traced = uk.trace(Both(), given)
        both = np.hstack([DATA.x, DATA.x[:, :1]])
        np.testing.assert_array_equal(traced.representations[0].values, both)
        np.testing.assert_array_equal(traced.labels, DATA.y)


def test_labels_of_tokens_and_rows_of_several_lengths_are_told():
    ids = np.arange(60).reshape(20, 3) % 7
    traced = uk.trace([lambda x: x * 2.0], (ids, ids % 2))
    assert "points='tokens' takes labels of tokens." in told_of(traced)
    traced = uk.trace([lambda x: x * 2.0], (ids * 0.5, ids % 2))
    assert "token" not in told_of(traced)
    for ragged in [[1, 2, 3], [4, 5]], {"ids": [[1, 2, 3], [4, 5]]}:
        with pytest.raises(UsageError, match=r"not all of one length\.\nPad or cut them"):
            uk.trace([UP], (ragged, [0, 1]))


def test_max_points_of_arrays_are_drawn():
    traced = uk.trace([UP], (DATA.x, DATA.y), max_points=20)
    assert traced.n_points == 20
    np.testing.assert_array_equal(np.bincount(traced.labels), [10, 10])
    assert "Shown are 20 of 60 points, drawn (max_points)." in told_of(traced)
    with pytest.raises(UsageError, match="Got 1 as points"):
        uk.trace([UP], (DATA.x, DATA.y), max_points=1)


def test_tensors_that_need_gradients_or_are_short_are_points():
    torch = pytest.importorskip("torch")
    x = torch.tensor(DATA.x, requires_grad=True)
    traced = uk.trace([UP], (x, DATA.y))
    np.testing.assert_array_equal(traced.representations[0].values, DATA.x)
    assert x.requires_grad
    short = uk.trace([UP], (torch.tensor(DATA.x).bfloat16(), DATA.y))
    np.testing.assert_allclose(short.representations[0].values, DATA.x, atol=0.01)


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
