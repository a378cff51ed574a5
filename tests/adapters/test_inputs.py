"""Several inputs by name and in order, and outputs that hold one array."""

from collections import UserDict, namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from networks import note_texts

import unknot as uk
from unknot import UsageError

torch = pytest.importorskip("torch")
nn = torch.nn

N = 300
RNG = np.random.default_rng(0)
WORDS = RNG.integers(1, 20, (N, 6))
MASK = (np.arange(6) < RNG.integers(1, 7, (N, 1))).astype(np.int64)
PLACE, SIZE = RNG.normal(size=(N, 2)), RNG.normal(size=(N, 1))
LABELS = np.arange(N) % 2


class Reader(nn.Module):
    """A text classifier as libraries have them: masks, positions, an output with names."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.words, self.positions = nn.Embedding(20, 8), nn.Embedding(6, 8)
        self.norm, self.dense, self.out = nn.LayerNorm(8), nn.Linear(8, 8), nn.Linear(8, 2)
        self.scale = nn.Linear(1, 8)

    def forward(self, input_ids, attention_mask=None, labels=None):
        places = torch.arange(6).expand_as(input_ids) + 0 * input_ids
        h = self.norm(self.words(input_ids) + self.positions(places))
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        mask = mask[..., None].float()
        h = torch.relu(self.dense(h)) + 0 * self.scale(mask)
        pooled = (h * mask).sum(1) / mask.sum(1)
        return {"loss": None, "logits": self.out(pooled), "pooled": pooled}


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.a, self.b, self.out = nn.Linear(2, 4), nn.Linear(1, 4), nn.Linear(4, 2)

    def forward(self, place, size):
        return self.out(torch.tanh(self.a(place)) + self.b(size))


class OfOne(Two):
    def forward(self, batch):
        return super().forward(batch["place"], batch["size"])


class OfAny(Two):
    def forward(self, **inputs):
        return super().forward(**inputs)


def names(traced):
    return [r.name for r in traced.representations]


def test_inputs_by_name_with_a_mask():
    model = Reader()
    inputs = UserDict(input_ids=WORDS, attention_mask=MASK)
    traced = uk.trace(model, (inputs, LABELS))
    assert model.training
    with torch.no_grad():
        words, mask = torch.tensor(WORDS), torch.tensor(MASK)
        expected = model(words, mask)
        embedded = model.words(words)
        normed = model.norm(embedded + model.positions.weight)
        dense = model.dense(normed)
    np.testing.assert_allclose(traced.representations[-1].values, expected["logits"], atol=1e-6)
    for name, values in [("words", embedded), ("norm", normed), ("dense", dense)]:
        np.testing.assert_allclose(traced[name].values, values.flatten(1), atol=1e-6)
    # Neither positions nor the mask are what the points pass through.
    assert not {"positions", "scale"} & set(names(traced))
    cloud = traced.representations[0]
    assert cloud.n_units == 12
    assert cloud.unit_names[::6] == ("input_ids 1", "attention_mask 1")
    assert "The model returns logits, pooled; its logits are followed." in note_texts(traced)


@pytest.mark.parametrize(
    ("model", "inputs"),
    [
        (Two(), {"place": PLACE, "size": SIZE}),
        (Two(), {"size": SIZE, "place": PLACE}),
        (Two(), (PLACE, SIZE)),
        (Two(), [PLACE, SIZE]),
        (OfOne(), {"place": PLACE, "size": SIZE}),
        (OfAny(), {"place": PLACE, "size": SIZE}),
    ],
    ids=["by name", "another order", "tuple", "list", "one dictionary", "any names"],
)
def test_inputs_in_every_shape(model, inputs):
    traced = uk.trace(model, (inputs, LABELS), batch_size=50)
    with torch.no_grad():
        expected = Two()(torch.tensor(PLACE).float(), torch.tensor(SIZE).float())
    np.testing.assert_allclose(traced.representations[-1].values, expected, atol=1e-6)
    np.testing.assert_array_equal(traced.labels, LABELS)


def test_inputs_without_labels():
    traced = uk.trace(Two(), {"place": PLACE, "size": SIZE})
    assert traced.representations[0].unit_names == ("place 1", "place 2", "size")
    assert traced.class_names == ("points",)


def test_a_list_of_points_stays_one():
    images = list(RNG.normal(size=(40, 3, 2)))
    traced = uk.trace([np.tanh], (images, np.arange(40) % 2))
    assert traced.representations[0].n_units == 6


def test_functions_take_them_as_they_were_given():
    by_name = uk.trace([lambda inputs: inputs["a"] + inputs["b"]], {"a": PLACE, "b": PLACE})
    np.testing.assert_allclose(by_name.representations[1].values, 2 * PLACE, rtol=1e-6)
    in_order = uk.trace([lambda inputs: inputs[0] * inputs[1]], ((PLACE, SIZE), LABELS))
    np.testing.assert_allclose(in_order.representations[1].values, PLACE * SIZE, rtol=1e-5)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (
            {"place": PLACE},
            "The PyTorch model takes place, size; got place.\n"
            "Give arrays by these names: trace(model, ({'name': array, …}, labels)).",
        ),
        (
            {"place": PLACE, "size": SIZE, "colour": SIZE},
            "The PyTorch model takes place, size; got place, size, colour.\n"
            "Give arrays by these names: trace(model, ({'name': array, …}, labels)).",
        ),
        (
            (PLACE, SIZE, SIZE),
            "The PyTorch model takes place, size; got 3 in order.\n"
            "Give arrays by these names: trace(model, ({'name': array, …}, labels)).",
        ),
        (
            {"place": PLACE, "size": SIZE[:30]},
            "Inputs have one row a point; got place 300, size 30 rows.\n"
            "Give as many rows of each, in the same order.",
        ),
        (
            {"place": PLACE, "size": None},
            "The input 'size' has shape (), dtype object; an input is numbers with one point a "
            "row.\nGive arrays alone, and labels beside them: ({…}, labels).",
        ),
        (
            [PLACE[:290], SIZE[:290, None]],
            "There are 290 points and 300 labels.\nGive one label a point, in the same order.",
        ),
        (
            [PLACE, SIZE[:30, None]],
            "Inputs have one row a point; got 0 300, 1 30 rows.\n"
            "Give as many rows of each, in the same order.",
        ),
        ({}, "There are no points to trace: the data holds no input."),
        (
            PLACE,
            "The PyTorch model takes 2 inputs (place, size); got one array.\n"
            "Give all of them by name: trace(model, ({'name': array, …}, labels)).",
        ),
    ],
    ids=[
        "one missing",
        "one more",
        "three",
        "rows",
        "labels",
        "list",
        "nothing",
        "none",
        "one array",
    ],
)
def test_errors(inputs, message):
    with pytest.raises(UsageError) as caught:
        uk.trace(Two(), (inputs, LABELS))
    assert str(caught.value) == message


def test_frameworks_of_one_array():
    neural_network = pytest.importorskip("sklearn.neural_network")
    model = neural_network.MLPClassifier((2,), tol=1, random_state=0).fit(PLACE, LABELS)
    with pytest.raises(UsageError) as caught:
        uk.trace(model, {"a": PLACE, "b": SIZE})
    assert str(caught.value) == (
        "A model of scikit-learn takes one array; got several inputs (a, b).\n"
        "Give one of them, or trace a list of functions: "
        "trace([lambda inputs: model(inputs[…], …)], data)."
    )


Named = namedtuple("Named", ["value", "extra"])


@dataclass
class Record:
    value: Any
    extra: Any = None


HOLDERS = {
    "tuple": lambda value: (value,),
    "nothing beside it": lambda value: (value, None),
    "dictionary": lambda value: {"value": value},
    "named tuple": lambda value: Named(value, None),
    "data class": Record,
    "nested": lambda value: {"outer": [Record(value)], "loss": 0.5},
    "logits": lambda value: {"hidden": value + 1, "logits": value},
    "logits of a data class": lambda value: Record({"logits": value}, value * 2),
    "twice the same": lambda value: (value, value),
}


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
def test_an_output_that_holds_one_array_is_that_array(holder):
    class Held(Two):
        def forward(self, x):
            return holder(self.a(x))

    model, x = Held(), PLACE.astype(np.float32)
    traced = uk.trace(model, x)
    with torch.no_grad():
        expected = model.a(torch.tensor(x))
    np.testing.assert_allclose(traced.representations[-1].values, expected, atol=1e-6)
    listed = uk.trace([lambda z: holder(np.tanh(z))], x)
    np.testing.assert_allclose(listed.representations[-1].values, np.tanh(x), atol=1e-6)


def test_several_outputs_are_refused_by_name():
    class Several(Two):
        def forward(self, x):
            h = self.a(x)
            return Record(h, {"scores": [h + 1, h + 2]})

    with pytest.raises(UsageError) as caught:
        uk.trace(Several(), PLACE)
    assert str(caught.value) == (
        "The PyTorch model returns a Record of 3 arrays (value, extra.scores.0, extra.scores.1); "
        "unknot follows one array.\nSay where to end with path=[…, 'layer'], or trace a model "
        "that returns one of them."
    )
    traced = uk.trace(Several(), PLACE, path=["a"])
    assert names(traced) == ["input", "a"]
