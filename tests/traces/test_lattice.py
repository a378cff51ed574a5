"""The lattice: lines that stay lines, and a boundary that is where the network changes its mind."""

import numpy as np
import pytest
from networks import cloud, network, readout_network, rings

from unknot.network.maps import Opaque
from unknot.traces.lattice import decision_boundary, nice_step
from unknot.traces.representation import Trace
from unknot.traces.tracing import trace


@pytest.mark.parametrize(("length", "expected"), [(2.2, 0.1), (22, 1), (45, 2), (0.11, 0.005)])
def test_grid_lines_lie_at_round_numbers(length, expected):
    assert nice_step(length, 22) == pytest.approx(expected)


def test_grid_covers_the_data_and_flows_with_it():
    traced = trace(readout_network(), rings())
    lattice = traced.lattice
    grid, _ = lattice.split(lattice.values[0])
    assert len(grid) == lattice.n_grid_lines
    corners = np.concatenate(grid)
    assert (corners.min(axis=0) < traced.representations[0].values.min(axis=0)).all()
    assert (corners.max(axis=0) > traced.representations[0].values.max(axis=0)).all()
    for before, after in zip(lattice.values, traced.propagate(lattice.values[0]), strict=True):
        np.testing.assert_allclose(before, after, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_the_probability_on_the_boundary_is_one_half(seed):
    traced = trace(readout_network(seed), rings())
    _, lines = traced.lattice.split(traced.lattice.values[0])
    if lines:
        probability = traced.class_probabilities(np.concatenate(lines).astype(np.float32))[:, 1]
        # Linear interpolation between raster points a hundredth apart: the error is of second
        # order in that distance, here with slopes of order 1.
        np.testing.assert_allclose(probability, 0.5, atol=5e-3)


@pytest.mark.parametrize("seed", range(8))
def test_before_the_last_logit_the_boundary_is_a_straight_line(seed):
    traced = trace(readout_network(seed), rings())
    output = traced.maps[3]
    weight, bias = output.weight[:, 0].astype(float), float(output.bias[0])
    nearest = -bias * weight / (weight @ weight)
    lines = decision_boundary(traced, nearest - 1, nearest + 1, start=3)
    assert len(lines) == 1
    np.testing.assert_allclose(lines[0] @ weight + bias, 0, atol=1e-5)


def test_three_classes_have_a_boundary_where_two_probabilities_are_equal():
    traced = trace(network([2, 8, 3], "tanh", "softmax", seed=3), cloud(200, 2, 3))
    _, lines = traced.lattice.split(traced.lattice.values[0])
    assert lines
    best = np.sort(traced.class_probabilities(np.concatenate(lines)), axis=1)
    np.testing.assert_allclose(best[:, -1], best[:, -2], atol=2e-2)


def test_no_lattice_where_there_is_no_plane_or_no_map():
    assert trace(network([3, 4, 1]), cloud(20, 3, 2)).lattice is None
    x = rings(20).x
    opaque = Trace.from_arrays([x, x], np.zeros(20, int), maps=[Opaque("attention")])
    assert opaque.class_probabilities(x) is None
    assert trace(readout_network(), rings(), lattice=False).lattice is None
