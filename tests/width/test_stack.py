"""Stacks of networks, and a network taken out of one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.network.maps import Affine
from unknot.training.network import Layout, as_mlp, forward, unpack
from unknot.training.programs import Recipe
from unknot.width.batch import folded, initial_weights


def network(n_features, hidden, readout=None):
    return Layout.of(n_features, hidden, readout, ["tanh"] * len(hidden), ("sigmoid", 1))


def stack_of(net, seeds):
    return initial_weights(Recipe(net, "adam", 0.1, 8), seeds)


def scaling(scale, shift):
    return Affine(np.diag(scale).astype(np.float32), np.asarray(shift, np.float32), "scaling")


def output(mlp, x):
    h = x
    for name, map_ in mlp.maps():
        if name == "probability":
            break
        h = map_(h)
    return h


@given(st.integers(1, 4), st.lists(st.integers(1, 5), min_size=1, max_size=3), st.integers(0, 99))
@settings(deadline=None, max_examples=25)
def test_the_network_taken_out_computes_what_the_stack_computes(n_features, hidden, seed):
    random = np.random.default_rng(seed)
    net = network(n_features, hidden, readout=2)
    stack = stack_of(net, [(seed, r) for r in range(3)])
    x = random.normal(size=(20, n_features)).astype(np.float32)
    scale, shift = random.uniform(0.5, 2, n_features), random.normal(size=n_features)
    inner = (x * scale + shift).astype(np.float32)
    expected = np.asarray(forward(net, unpack(net, stack[1]), inner, "units"))
    mlp = folded(as_mlp(net, stack[1], scaling(scale, shift)))
    assert mlp.scaling is None
    assert [layer.name for layer in mlp.layers] == list(net.names)
    assert output(mlp, x) == pytest.approx(expected, abs=2e-5, rel=2e-4)


def test_a_far_offset_keeps_its_scaling():
    net = network(1, [2])
    (weights,) = stack_of(net, [(0, 0)])
    mlp = folded(as_mlp(net, weights, scaling([1.0], [-1000.0])))
    assert mlp.scaling is not None
    assert next(mlp.maps())[0] == "scaled input"


def test_a_networks_start_does_not_depend_on_its_neighbours():
    net = network(2, [3])
    alone = stack_of(net, [(7, 4)])
    among = stack_of(net, [(7, r) for r in range(6)])
    assert np.array_equal(alone[0], among[4])
    assert not np.array_equal(among[4], among[5])
