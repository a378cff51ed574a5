"""Every kind of morph over every data set and activation: stops, rows and continuity."""

from dataclasses import replace

import numpy as np
import pytest
from networks import network

from unknot.datasets import generators, make
from unknot.motion.kinds import kinds
from unknot.motion.morph import Morph
from unknot.network.activations import activations
from unknot.traces.tracing import trace

#: Left and right of a stop. A path moves at most 4 beats × 2π × its size per unit of t.
NEAR = 1e-8


def network_for(data, activation):
    n_outputs = 1 if data.n_classes in (0, 2) else data.n_classes
    output = {0: "linear", 2: "sigmoid"}.get(data.n_classes, "softmax")
    return network([data.n_features, 5, 3, n_outputs], activation, output)


@pytest.mark.slow
@pytest.mark.parametrize("activation", list(activations))
@pytest.mark.parametrize("name", list(generators))
def test_stops_and_their_neighbourhood(name, activation):
    data = make(name, 60, seed=1)
    # The measured sets come in centimetres and milligrams: bring them to size one.
    data = replace(data, x=data.x / np.abs(data.x).max())
    traced = trace(network_for(data, activation), data, lattice=False)
    size = max(np.abs(r.values).max() for r in traced.representations)
    for kind in kinds:
        morph = Morph(traced, kind)
        for k, representation in enumerate(traced.representations):
            np.testing.assert_array_equal(morph.at(k), representation.values)
            for t in (k - NEAR, k + NEAR):
                if 0 < t < morph.length:
                    moved = morph.at(t)
                    width = representation.n_units
                    assert np.abs(moved[:, :width] - representation.values).max() <= 1e-5 * size
                    assert np.abs(moved[:, width:]).max(initial=0) <= 1e-5 * size


@pytest.mark.parametrize("kind", list(kinds))
@pytest.mark.parametrize("name", list(generators))
def test_rows_keep_their_identity(name, kind):
    data = make(name, 60, seed=1)
    data = replace(data, x=data.x / np.abs(data.x).max())
    model = network_for(data, "tanh")
    order = np.random.default_rng(0).permutation(data.n_points)
    shuffled = replace(data, x=data.x[order], y=data.y[order])
    morph = Morph(trace(model, data, lattice=False), kind)
    other = Morph(trace(model, shuffled, lattice=False), kind)
    for t in np.linspace(0, morph.length, 4 * morph.length + 3):
        # Products of a row with a matrix may be summed in another order: float32 rounding.
        np.testing.assert_allclose(other.at(t), morph.at(t)[order], rtol=1e-4, atol=1e-5)
