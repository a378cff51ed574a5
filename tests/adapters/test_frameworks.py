"""A new framework is one file and one row of the table."""

from collections import namedtuple

import numpy as np
import pytest
from networks import rings

import unknot as uk
from unknot import Activation, Affine, Opaque, UsageError
from unknot.adapters.frameworks import FRAMEWORKS, Framework, framework_of, load_adapter

LIBRARY = """
import numpy as np


class Net:
    def __init__(self, function):
        self.weight = np.float32([[1, 2, -3], [4, -5, 6]])
        self.bias = np.float32([1, 0, -1])
        self.function = function

    def call(self, x):
        dense = x @ self.weight + self.bias
        return [dense, self.function(dense)]
"""
ADAPTER = """
from contextlib import contextmanager

from unknot.adapters.network import Network, Step
from unknot.network.maps import Activation, Affine


@contextmanager
def opened(model, sample, path):
    steps = (
        Step("dense", "Dense", (Affine(model.weight, model.bias, "dense"),)),
        Step("dense", "Function", (Activation("relu"),)),
    )
    yield Network("Toy", steps, lambda batch, known, places: model.call(batch), head="softmax")
"""


def relu(z):
    return np.maximum(z, 0)


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A framework that unknot has never heard of."""
    (tmp_path / "toy_library.py").write_text(LIBRARY, "utf-8")
    (tmp_path / "toy_adapter.py").write_text(ADAPTER, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    row = Framework("Toy", "toy_adapter", (("toy_library", "Net"),))
    monkeypatch.setitem(FRAMEWORKS, "toy", row)
    import toy_library

    return toy_library


def test_a_row_is_enough(toy):
    data = rings()
    model = toy.Net(relu)
    traced = uk.trace(model, data)
    assert [type(map_) for map_ in traced.maps[:2]] == [Affine, Activation]
    dense = data.x @ model.weight + model.bias
    for representation, expected in zip(
        traced.representations, [data.x, dense, relu(dense)], strict=False
    ):
        np.testing.assert_allclose(representation.values, expected, rtol=1e-6, atol=1e-6)
    names = [r.name for r in traced.representations]
    assert names == ["input", "dense pre-activation", "logit", "probability"]
    film = uk.Film(data)
    film.record(model, step=0)
    assert film.run().data.n_points == data.n_points


def test_what_an_adapter_claims_is_checked(toy):
    traced = uk.trace(toy.Net(np.abs), rings(), head="none")
    assert traced.maps[1] == Opaque("Function")


def test_the_nearest_base_wins(toy, monkeypatch):
    class Mine(toy.Net):
        pass

    class Other(Mine):
        pass

    monkeypatch.setitem(
        FRAMEWORKS, "mine", Framework("Mine", "nowhere", ((Mine.__module__, "Mine"),))
    )
    assert framework_of(toy.Net(relu)) is FRAMEWORKS["toy"]
    assert framework_of(Other(relu)) is FRAMEWORKS["mine"]


def test_a_refusal_names_every_framework(toy):
    with pytest.raises(UsageError, match=r"a list of functions, Toy\."):
        uk.trace(3, rings())


class FlaxModule:
    """Known by its module alone."""


FlaxModule.__module__, FlaxModule.__name__ = "flax.linen.module", "Module"
Transformed = namedtuple("Transformed", ["init", "apply"])
Transformed.__module__ = "haiku._src.transform"


class Mine(FlaxModule):
    pass


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            Mine,
            "Got the class Mine; unknot traces a model that was made of it.\n"
            "Give Mine(…), trained or loaded.",
        ),
        (
            Mine(),
            "The Flax Linen module Mine holds no parameters.\n"
            "Give a function that does: trace([lambda x: module.apply(variables, x)], data).",
        ),
        (
            Transformed(relu, relu),
            "A Haiku model holds no parameters.\nGive a function that does: "
            "trace([lambda x: model.apply(params, None, x)], data).",
        ),
        (
            relu,
            "A bare function is traced in a list: trace([function], data).\nOne that takes its "
            "parameters as well: trace([lambda x: function(parameters, x)], data).",
        ),
    ],
    ids=["class", "linen", "haiku", "function"],
)
def test_what_holds_no_weights_is_refused_with_the_way_out(model, message):
    with pytest.raises(UsageError) as caught:
        uk.trace(model, rings())
    assert str(caught.value) == message


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_every_row_has_an_adapter(name):
    adapter = load_adapter(FRAMEWORKS[name])
    assert callable(adapter.opened)
