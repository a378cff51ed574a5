"""The lattice: lines that stay lines, and a boundary that is where the network changes its mind."""

import numpy as np
import pytest
from networks import cloud, network, readout_network, rings

import unknot as uk
from unknot.network.maps import Opaque
from unknot.traces.lattice import box, decision_boundary, grid_lines, nice_step
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


def test_the_edge_of_where_all_units_are_off_is_no_boundary():
    """The odds are even there, and on one side of it only they are not."""
    wedge = np.array([[1.0, -1.0], [1.0, 1.0]], np.float32)
    maps = [uk.Affine(wedge, np.zeros(2)), uk.Activation("relu")]
    logit = uk.Affine(np.ones((2, 1)), np.zeros(1), "logit")
    clouds = [rings().x]
    for map_ in (*maps, logit, uk.Activation("sigmoid")):
        clouds.append(map_(clouds[-1]))
    traced = uk.Trace.from_arrays(clouds, rings().y, maps=[*maps, logit, uk.Activation("sigmoid")])
    assert traced.class_probabilities(np.array([[0, -1], [0, 1]], np.float32))[:, 1].tolist() == [
        0.5,
        pytest.approx(1 / (1 + np.exp(-2))),
    ]
    low, high = np.full(2, -1.0), np.full(2, 1.0)
    assert decision_boundary(traced, low, high) == []


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


def steep(slope, columns=2):
    """Two classes apart at x1 = 0.3, the probability rising with `slope`."""
    weight = np.array([[slope], [0.0]], "f")
    maps = [uk.Affine(weight, np.array([-0.3 * slope], "f")), uk.Activation("sigmoid")]
    rng = np.random.default_rng(0)
    clouds = [(rng.normal(size=(200, 2)) * [1, columns]).astype("f")]
    for map_ in maps:
        clouds.append(map_(clouds[-1]))
    return Trace.from_arrays(clouds, np.arange(200) % 2, maps=maps)


@pytest.mark.parametrize("slope", [3, 1e3, 1e5])
def test_vertices_lie_where_the_probability_is_one_half_however_steep(slope):
    traced = steep(slope)
    lines = decision_boundary(traced, np.array([-3.0, -3.0]), np.array([3.0, 3.0]), n=33)
    probabilities = traced.class_probabilities(np.concatenate(lines).astype("f"))
    assert np.abs(probabilities[:, 1] - 0.5).max() <= 0.01


def test_where_the_probability_jumps_the_boundary_lies_at_the_jump():
    def classify(points):
        is_right = (points[:, :1] > 0.3).astype(float)
        return np.hstack([1 - 0.9 * is_right, 0.9 * is_right])

    box = np.array([-3.0, -3.0]), np.array([3.0, 3.0])
    lines = decision_boundary(steep(1), *box, n=33, classify=classify)
    np.testing.assert_allclose(np.concatenate(lines)[:, 0], 0.3, atol=1e-6)


@pytest.mark.parametrize("times", [1e-6, 0.1, 1, 19, 1_000, 1e6])
def test_grid_and_boundary_are_made_in_the_spreads_of_the_data(times):
    rng = np.random.default_rng(0)
    x = np.clip(rng.normal(size=(300, 2)), -2, 2)
    x[:2] = -2, 2  # both features span 4
    low, high = box(x * [times, 1])
    lines = grid_lines(low, high)
    is_own = not 1 / 20 <= times <= 20
    margins = (high - low) / [4 * times, 4]
    assert (margins > 1).all()
    assert (margins.max() < 1.2) == (is_own or times == 1)
    upright = sum(line[0, 0] == line[-1, 0] for line in lines)
    assert 10 < upright < 45 or not is_own
    assert 10 < len(lines) - upright < 45 or not is_own


def test_three_classes_meet_in_a_boundary_that_is_even():
    traced = trace(network([2, 8, 3], "tanh", "softmax", seed=3), cloud(200, 2, 3))
    _, lines = traced.lattice.split(traced.lattice.values[0])
    best = np.sort(traced.class_probabilities(np.concatenate(lines)), axis=1)
    np.testing.assert_allclose(best[:, -1], best[:, -2], atol=0.011)


def test_no_lattice_where_there_is_no_plane_or_no_map():
    assert trace(network([3, 4, 1]), cloud(20, 3, 2)).lattice is None
    x = rings(20).x
    opaque = Trace.from_arrays([x, x], np.zeros(20, int), maps=[Opaque("attention")])
    assert opaque.class_probabilities(x) is None
    assert trace(readout_network(), rings(), lattice=False).lattice is None


def test_very_wide_networks_have_fewer_points_on_the_same_lines(monkeypatch):
    net, data = readout_network(), rings()
    dense = trace(net, data).lattice
    n_numbers = sum(values.size for values in dense.values)
    monkeypatch.setattr("unknot.traces.lattice.MOST_NUMBERS", n_numbers // 3)
    sparse = trace(net, data).lattice
    assert sum(values.size for values in sparse.values) < n_numbers / 3
    assert sparse.n_grid_lines == dense.n_grid_lines
    lines = [
        [*grid, *edge] for grid, edge in (each.split(each.values[2]) for each in (dense, sparse))
    ]
    for before, after in zip(*lines, strict=True):
        # Every fourth point of the same line, and its end.
        np.testing.assert_allclose(after, np.vstack([before[:-1:4], before[-1:]]), rtol=1e-5)
