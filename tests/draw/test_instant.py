"""Instants: what a panel shows is the scene's own cloud, and what lies on a line has columns."""

import numpy as np
import pytest
from networks import network, readout_network, rings
from pictures import ZOO, demo, regression

from unknot.draw.colouring import STEPS, colouring, trace_colouring
from unknot.draw.instant import CELLS, histogram, instant, is_on_a_line, outlines
from unknot.draw.plane import Window, confidence, shade, thresholds
from unknot.draw.space import Eye
from unknot.motion.scene import Scene
from unknot.network.maps import Opaque
from unknot.traces.representation import Trace
from unknot.traces.tracing import trace

#: A seed for which the untrained network puts points on both sides.
UNDECIDED = 3


@pytest.fixture(scope="module")
def scene():
    return Scene(trace(readout_network(seed=UNDECIDED), rings(200)))


def test_flat_instant_shows_the_scene(scene):
    now = instant(scene, 1.6, trace_colouring(scene.trace))
    np.testing.assert_array_equal(now.points, scene.points(1.6))
    assert now.depth is None
    assert len(now.grid) == scene.trace.lattice.n_grid_lines
    assert now.half == (scene.extent(1.6).radius,) * 2
    assert not now.box
    assert not now.columns


def test_left_out_means_left_out(scene):
    now = instant(scene, 0.0, trace_colouring(scene.trace), lattice=False, boundary=False)
    assert now.grid == now.boundary == now.thresholds == ()


def test_three_axes_are_seen_from_the_eye():
    scene = Scene(demo(), n_axes=3)
    eye = Eye(-40, 30, distance=np.inf)
    now = instant(scene, 2.0, trace_colouring(scene.trace), eye=eye)
    points = scene.points(2.0)
    # An orthographic view: the picture is the projected cloud up to a shift.
    flat = points @ eye.axes[:, :2]
    np.testing.assert_allclose(now.points - now.points[0], flat - flat[0], atol=1e-4)
    assert now.box
    assert [label.text for label in now.labels if label.is_title] == list(
        scene.stops[2].axis_labels
    )


@pytest.mark.parametrize("n_axes", [2, 3])
def test_a_line_has_columns_instead_of_a_grid(n_axes):
    traced = trace(readout_network(seed=UNDECIDED), rings(200))
    scene = Scene(traced, n_axes=n_axes)
    k = scene.length - 1
    assert scene.stops[k].representation.name == "logit"
    now = instant(scene, float(k), trace_colouring(traced))
    assert len(now.columns) == 2
    assert not now.grid
    assert len(now.thresholds) == 1
    flat = instant(scene, float(k), trace_colouring(scene.trace), lift=0.0)
    if n_axes == 2:
        assert np.ptp(flat.columns[0][:, 1]) == 0
        assert flat.centre[1] < now.centre[1]


def test_is_on_a_line(scene):
    names = [stop.representation.name for stop in scene.stops]
    logit = names.index("logit")
    assert [is_on_a_line(scene, k) for k in range(len(names))] == [
        name in ("logit", "probability") for name in names
    ]
    assert is_on_a_line(scene, logit + 0.5)
    assert not is_on_a_line(scene, logit - 0.5)


def test_histogram_counts_each_class():
    rng = np.random.default_rng(0)
    x, group = rng.normal(size=1_000), rng.integers(0, 3, 1_000)
    counts = histogram(x, group, 3, -1.0, 1.0)
    for c in range(3):
        expected, _ = np.histogram(x[group == c], bins=CELLS, range=(-1, 1))
        np.testing.assert_array_equal(counts[c], expected)


def test_outlines_share_one_scale():
    counts = np.array([[0, 4, 2], [1, 0, 0]])
    first, second = outlines(counts, 0.0, 3.0, 8.0)
    assert first[:, 1].max() == 8
    assert second[:, 1].max() == 2
    assert first[0, 1] == first[-1, 1] == 0
    # Area of a closed shape by the shoelace formula: columns are 1 wide and 2 a count high.
    x, y = first.T
    area = abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2
    assert area == pytest.approx(2 * 6)


def test_thresholds_are_where_the_decision_changes(scene):
    names = [r.name for r in scene.trace.representations]
    assert thresholds(scene.trace, names.index("logit"), -3, 3) == pytest.approx([0], abs=1e-6)
    assert thresholds(scene.trace, names.index("probability"), -0.2, 1.1) == pytest.approx(
        [0.5], abs=1e-6
    )
    assert thresholds(scene.trace, 0, -1, 1) == []


def test_thresholds_of_a_one_feature_input():
    traced = ZOO["one feature"]()
    low, high = -40.0, 40.0
    ends = traced.class_probabilities(np.array([[low], [high]]))[:, 1]
    places = thresholds(traced, 0, low, high)
    # An odd number of changes when the two ends are decided differently, otherwise an even one.
    assert len(places) % 2 == (ends[0] > 0.5) ^ (ends[1] > 0.5)
    for place in places:
        p = traced.class_probabilities(np.array([[place]]))
        assert p[0, 1] == pytest.approx(0.5, abs=1e-3)


def test_confidence_agrees_with_the_network(scene):
    colours = trace_colouring(scene.trace)
    window = Window.around(0, 0, 1.5, 300, 200)
    plane = confidence(scene, 0, window, colours.palette)
    n = len(plane.colours)
    corner = np.array([[window.low[0], window.high[1]]], dtype=np.float32)
    expected = shade(scene.trace.class_probabilities(corner), colours.palette)
    np.testing.assert_allclose(plane.colours[0, 0], expected[0], atol=1e-5)
    assert plane.colours.shape == (n, n, 3)
    assert plane.boundary
    for line in plane.boundary:
        p = scene.trace.class_probabilities(line.astype(np.float32))
        assert np.abs(p[:, 1] - 0.5).max() < 0.02


def test_boundary_before_the_last_logit_is_straight():
    traced = trace(readout_network(seed=UNDECIDED), rings(200))
    scene = Scene(traced)
    k = [r.name for r in traced.representations].index("readout")
    window = scene.extent(k)
    box = Window.around(*window.centre, window.radius, 100, 100)
    plane = confidence(scene, k, box, trace_colouring(traced).palette)
    weight, bias = traced.maps[k].weight[:, 0], traced.maps[k].bias[0]
    logits = np.concatenate(plane.boundary) @ weight + bias
    np.testing.assert_allclose(logits, 0, atol=2e-2 * np.abs(weight).max() * window.radius)


def test_no_confidence_where_units_are_hidden_or_there_are_no_classes(scene):
    palette = trace_colouring(scene.trace).palette
    window = Window.around(0, 0, 1, 10, 10)
    assert confidence(scene, 2, window, palette) is None
    assert confidence(Scene(regression()), 0, window, palette) is None
    assert confidence(Scene(demo(), n_axes=3), 0, window, palette) is None


def test_an_undecided_network_leaves_the_background_white():
    even = shade(np.full((1, 4), 0.25), np.eye(4, 3))
    np.testing.assert_allclose(even, 1)


@pytest.mark.parametrize("p", [[-3.0, 1.0], [2.0, 2.0], [0.1, 0.1]])
def test_no_colour_leaves_its_range(p):
    colours = shade(np.array([p]), np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 1.0]]))
    assert 0 <= colours.min() <= colours.max() <= 1


def test_the_plane_of_two_probabilities_has_a_line_and_no_regions():
    traced = trace(network([2, 5, 2], "tanh", "softmax"), rings(200))
    scene = Scene(traced)
    window = Window.around(0.5, 0.4, 0.9, 100, 100)
    plane = confidence(scene, scene.length, window, trace_colouring(traced).palette)
    assert plane.colours is None
    (line,) = plane.boundary
    np.testing.assert_allclose(line[:, 0], line[:, 1])  # as likely
    for end in line:  # from one edge of the window to another
        edges = np.concatenate([np.abs(end - window.low), np.abs(end - window.high)])
        assert edges.min() < 1e-9
    logits = confidence(scene, scene.length - 1, window, trace_colouring(traced).palette)
    assert logits.colours is not None


def test_probabilities_are_named_by_their_class():
    of_two = Scene(trace(readout_network(), rings(50)))
    assert of_two.stops[-1].axis_labels == ("P(inner)", "")
    assert of_two.stops[-2].axis_labels == ("unit 1", "")
    softmax = Scene(trace(network([2, 5, 2], "tanh", "softmax"), rings(50)))
    assert softmax.stops[-1].axis_labels == ("P(outer)", "P(inner)")
    assert softmax.stops[-2].axis_labels == ("unit 1", "unit 2")


def test_what_lies_behind_an_opaque_map_is_no_matter():
    """A layer of which only values are known, then a logit and its probability."""
    exact = trace(readout_network(seed=UNDECIDED), rings(200))
    traced = Trace(
        exact.representations,
        (exact.maps[0], Opaque("relu"), *exact.maps[2:]),
        exact.labels,
        exact.class_names,
        exact.probabilities,
    )
    assert traced.class_probabilities(traced.representations[1].values, 1) is None
    names = [r.name for r in traced.representations]
    for k in range(2, len(names)):
        values = traced.representations[k].values
        np.testing.assert_array_equal(
            traced.class_probabilities(values, k), exact.class_probabilities(values, k)
        )
    assert thresholds(traced, names.index("logit"), -3, 3) == pytest.approx([0], abs=1e-6)
    scene, window = Scene(traced), Window.around(0, 0, 1, 50, 50)
    palette = trace_colouring(traced).palette
    assert confidence(scene, 0, window, palette) is None
    assert confidence(scene, names.index("readout"), window, palette) is not None


def test_colours_of_a_regression_follow_the_target():
    target = np.linspace(-1, 1, 200).astype(np.float32)
    colours = colouring(target, ())
    assert colours.palette.shape == (STEPS, 3)
    assert (np.diff(colours.group) >= 0).all()
    assert (colours.group[0], colours.group[-1]) == (0, STEPS - 1)
    assert (colours.low, colours.high) == pytest.approx((-0.99, 0.99), abs=0.005)


def test_one_target_for_all_has_one_colour():
    colours = colouring(np.full(5, 3.0, np.float32), ())
    assert set(colours.group) == {0}


@pytest.mark.parametrize("name", ["dead", "one point", "regression", "hostile names"])
@pytest.mark.parametrize("n_axes", [2, 3])
def test_every_instant_is_finite(name, n_axes):
    traced = ZOO[name]()
    scene, colours = Scene(traced, n_axes=n_axes), trace_colouring(traced)
    for t in np.linspace(0, scene.length, 9):
        now = instant(scene, float(t), colours)
        assert np.isfinite(now.points).all()
        assert np.isfinite([*now.centre, *now.half]).all()
        assert min(now.half) > 0


def test_network_without_an_exact_map_has_no_boundary():
    traced = trace(network([2, 3, 1], output="linear"), rings(50))
    assert thresholds(traced, 0, -1, 1) == []
