"""The MLP: its maps in order, its architecture in words."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
from networks import network, readout_network
from numpy.testing import assert_array_equal

from unknot.network.maps import Activation, Affine, Opaque, Softmax, architecture_text


def test_a_dense_layer_is_two_maps_and_a_linear_one_is_one():
    model = readout_network()
    names, maps = zip(*model.maps(), strict=True)
    assert names == ("hidden 1 pre-activation", "hidden 1", "readout", "logit", "probability")
    assert [type(map) for map in maps] == [Affine, Activation, Affine, Affine, Activation]
    for map, layer in zip((maps[0], maps[2], maps[3]), model.layers, strict=True):
        assert_array_equal(map.weight, layer.weight)
        assert_array_equal(map.bias, layer.bias)
        assert map.name == layer.name
    assert maps[1] == Activation("relu")
    assert maps[4] == Activation("sigmoid")


def test_the_maps_one_after_the_other_are_the_network():
    model = network([3, 5, 4, 1], "tanh")
    x = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    h = x
    for _, map in model.maps():
        h = map(h)
    expected = x.astype(float)
    for layer in model.layers[:-1]:
        expected = np.tanh(expected @ layer.weight + layer.bias)
    logit = expected @ model.layers[-1].weight + model.layers[-1].bias
    np.testing.assert_allclose(h, 1 / (1 + np.exp(-logit)), rtol=1e-5)


def test_scaling_comes_first():
    scaling = Affine(np.eye(2, dtype=np.float32), np.zeros(2, np.float32), "scaling")
    model = replace(readout_network(), scaling=scaling)
    assert next(model.maps()) == ("scaled input", scaling)


def test_softmax_mixes_the_units():
    maps = list(network([2, 4, 3], output="softmax").maps())
    assert [name for name, _ in maps[-2:]] == ["logit", "probability"]
    assert maps[-1][1] == Softmax()


def test_a_regression_ends_with_its_output():
    maps = list(network([2, 4, 1], output="linear").maps())
    assert maps[-1][0] == "output"


def test_architecture():
    assert readout_network().architecture == "2 → 6 relu → 2 linear → 1 sigmoid"
    assert network([4, 3], output="softmax").architecture == "4 → 3 softmax"
    assert network([2, 8, 1], "sin", "linear").architecture == "2 → 8 sin → 1 linear"
    scaled = replace(network([2, 1]), scaling=Affine(np.eye(2), np.zeros(2), "scaling"))
    assert scaled.architecture == "2 scaled → 1 sigmoid"
    deep = network([2, *range(101, 121), 1]).architecture.split(" → ")
    assert len(deep) == 16
    assert (deep[7], deep[8], deep[9]) == ("107 relu", "…", "115 relu")


def test_an_unknown_map_is_named():
    maps = [Opaque("Conv2d"), Activation("relu"), Affine(np.ones((72, 3)), np.zeros(3)), Softmax()]
    assert architecture_text([64, 72, 72, 3, 3], maps) == "64 → 72 Conv2d relu → 3 softmax"
    assert architecture_text([5], []) == "5"


def test_no_framework_is_imported():
    code = (
        "import sys, unknot.network.mlp, unknot.traces.run\n"
        "print(sorted({'jax', 'optax', 'sklearn', 'matplotlib'} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "[]\n"
