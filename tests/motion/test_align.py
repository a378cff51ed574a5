"""Networks brought together: distances that SciPy agrees with, and one plane for all."""

import json

import numpy as np
import pytest
from networks import cloud, network, rings
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import procrustes

import unknot as uk
from unknot import UsageError
from unknot.measures.shape import shape_distance
from unknot.views.page import page_file, unpack_page


def turned(n_points=60, n_units=5, seed=0):
    """Two layers of which the second is the first turned, and in another order of its units."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_points, 3)).astype(np.float32)
    hidden = rng.normal(size=(n_points, n_units)).astype(np.float32)
    turn = np.linalg.qr(rng.normal(size=(n_units, n_units)))[0]
    y = np.arange(n_points) % 2
    order = rng.permutation(n_units)
    traces = [
        uk.Trace.from_arrays([x, h.astype(np.float32), x[:, :1]], y)
        for h in (hidden, hidden @ turn, hidden[:, order])
    ]
    return traces, turn, order


@pytest.mark.parametrize("shapes", [(5, 5), (3, 7), (80, 90)])
def test_the_distance_is_that_of_scipy(shapes):
    rng = np.random.default_rng(1)
    x, y = (rng.normal(size=(40, n)) for n in shapes)
    angle = shape_distance(x, y)
    wide = max(shapes)
    padded = [np.pad(c, ((0, 0), (0, wide - c.shape[1]))) for c in (x, y)]
    # SciPy scales as well: what is left is the square of the sine.
    assert np.sin(angle) ** 2 == pytest.approx(procrustes(*padded)[2])
    a, b = (c - c.mean(axis=0) for c in padded)
    scale = orthogonal_procrustes(b, a)[1]
    assert np.cos(angle) == pytest.approx(scale / np.linalg.norm(a) / np.linalg.norm(b))
    assert shape_distance(y, x) == pytest.approx(angle)


def test_it_is_a_metric_that_knows_no_turn_shift_or_scale():
    (first, second, ordered), _, _ = turned()
    x, y, z = (t.representations[1].values for t in (first, second, ordered))
    # The arc cosine takes rounding of 1e-7 to its root.
    assert shape_distance(x, 3 * y + 1) < 1e-3
    assert shape_distance(x, z, "units") < 1e-3
    assert shape_distance(x, y, "units") > 0.3
    rng = np.random.default_rng(2)
    clouds = [rng.normal(size=(30, n)) for n in (2, 4, 6)]
    a, b, c = (shape_distance(clouds[i], clouds[j]) for i, j in ((0, 1), (1, 2), (0, 2)))
    assert c <= a + b
    assert np.isnan(shape_distance(clouds[0], np.ones((30, 2))))


def test_turned_layers_are_seen_as_one():
    (first, second, ordered), turn, order = turned()
    aligned = uk.align([first, second])
    np.testing.assert_allclose(aligned.turns[1][1], turn.T, atol=1e-5)
    np.testing.assert_allclose(aligned.distances[0, 1], 0, atol=1e-3)
    by_units = uk.align([first, ordered], match="units")
    np.testing.assert_array_equal(by_units.turns[1][1].argmax(axis=1), order)
    for each in (aligned, by_units):
        for n_axes in (2, 3):
            one, other = each.seen(n_axes)
            np.testing.assert_allclose(one.points(1), other.points(1), atol=1e-4)
            np.testing.assert_allclose(one.points(0), other.points(0), atol=1e-6)


def test_networks_of_other_widths_have_a_rigid_view():
    data = rings(80)
    traces = [uk.trace(network([2, n, 1], seed=n), data) for n in (6, 4, 2)]
    for scene in uk.align(traces).scenes:
        for stop in scene.stops:
            np.testing.assert_allclose(stop.frame.T @ stop.frame, np.eye(2), atol=1e-9)


def test_a_page_carries_the_planes_and_one_order_of_the_classes():
    data = cloud(60, 6, 4)
    traces = [uk.trace(network([6, 5, 4], output="softmax", seed=s), data) for s in (0, 1)]
    aligned = uk.align(traces)
    header, buffers = unpack_page(page_file(aligned))
    first, second = header["runs"]
    assert [run["name"][:3] for run in (first, second)] == ["1: ", "2: "]
    assert first["corners"]["order"] == second["corners"]["order"]
    for n in (2, 3):
        stop = aligned.seen(n)[1].stops[1]
        assert second["planes"][1][f"labels_{n}"] == list(stop.axis_labels)
        got = buffers[second["planes"][1][f"axes_{n}"]]
        np.testing.assert_allclose(got, stop.frame, atol=1e-12)
    assert json.loads(json.dumps(second["planes"]))[-1] is None


def test_pictures_are_drawn():
    (first, second, _), _, _ = turned()
    aligned = uk.align([first, second])
    assert "networks by rotation" in repr(aligned)
    assert len(uk.figure(aligned).axes) == 6
    drawn = uk.figure([first, second], "shape_distances")
    assert [text.get_text() for text in drawn.axes[0].get_xticklabels()] == list(aligned.names)


@pytest.mark.parametrize(
    ("sources", "match", "message"),
    [
        (
            lambda: [uk.trace(network([2, 3, 1]), rings(30))],
            "rotation",
            "align takes a list of 2 to 4 networks; got 1.\nGive align([trace_a, trace_b]).",
        ),
        (
            lambda: [uk.trace(network([2, 3, 1]), rings(n)) for n in (30, 40)],
            "rotation",
            "align compares the same points; network 2 has 40 with labels of its own, the first "
            "30.\nTrace all on one data set: trace(run_b, data).",
        ),
        (
            lambda: [uk.trace(network([2, 3, 1]), rings(30, seed=s)) for s in (1, 2)],
            "rotation",
            "align compares the same points; the inputs of network 2 are others than the "
            "first's.\nTrace all on one data set: trace(run_b, data).",
        ),
        (
            lambda: [uk.trace(network(s), rings(30)) for s in ([2, 3, 1], [2, 3, 3, 1])],
            "rotation",
            "align goes layer by layer; network 2 has 7 representations, the first 5.\n"
            "Choose equally many: trace(model, data, layers=[…]).",
        ),
        (
            lambda: [uk.trace(network([2, 3, 1]), rings(30))] * 2,
            "scale",
            "Unknown match 'scale'.\nAllowed: rotation, units.",
        ),
    ],
)
def test_what_cannot_be_brought_together(sources, match, message):
    with pytest.raises(UsageError) as caught:
        uk.align(sources(), match=match)
    assert str(caught.value) == message
