"""Corners: a rigid view in which the classes' axes are a regular figure, in a short tour."""

from itertools import permutations

import numpy as np
import pytest
from networks import cloud, network, rings

import unknot as uk
from unknot.draw.colouring import trace_colouring
from unknot.draw.corners import corners_of, uncrowded
from unknot.draw.instant import instant
from unknot.draw.plane import Window, confidence
from unknot.draw.space import Label
from unknot.motion.corners import class_order, class_scores, corner_frame, corner_places
from unknot.motion.projection import project
from unknot.motion.scene import Scene
from unknot.traces.tracing import trace


def of_classes(n_classes, n_points=300, hidden=8):
    return trace(network([6, hidden, n_classes], output="softmax"), cloud(n_points, 6, n_classes))


@pytest.mark.parametrize("n_axes", [2, 3])
@pytest.mark.parametrize("n", [4, 5, 10, 1_000])
def test_corners_are_a_rigid_view_around_0(n, n_axes):
    places = corner_places(n, n_axes)
    np.testing.assert_allclose(places.T @ places, np.eye(n_axes), atol=1e-9)
    np.testing.assert_allclose(places.mean(axis=0), 0, atol=1e-9)
    lengths = np.linalg.norm(places, axis=1) * np.sqrt(n / n_axes)
    # A spiral is nearly even on its sphere; a polygon is exact.
    np.testing.assert_allclose(lengths, 1, atol=1e-9 if n_axes == 2 else 0.25)


def test_a_polygon_and_a_tetrahedron_are_regular():
    polygon = corner_places(7, 2)
    sides = np.linalg.norm(polygon - np.roll(polygon, 1, axis=0), axis=1)
    np.testing.assert_allclose(sides, sides[0])
    solid = corner_places(4, 3)
    apart = np.linalg.norm(solid[:, None] - solid, axis=2)[~np.eye(4, dtype=bool)]
    np.testing.assert_allclose(apart, apart[0])


def test_classes_that_are_confused_stand_side_by_side():
    # Scores of class c are high for its two partners on a ring that is not 0, 1, 2, …
    ring = [3, 0, 5, 1, 4, 2]
    rng = np.random.default_rng(0)
    y = np.arange(600) % 6
    logits = rng.normal(size=(600, 6)) * 0.3
    for i, c in enumerate(ring):
        rows = y == c
        logits[rows, c] += 8
        logits[np.ix_(rows, [ring[i - 1], ring[(i + 1) % 6]])] += 4
    softmax = uk.Softmax()
    traced = uk.Trace.from_arrays([logits, softmax(logits)], y, maps=[softmax])
    order = class_order(traced)
    assert class_scores(traced) == (0, 1)
    means = np.stack([logits[y == c].mean(axis=0) for c in range(6)])
    assert np.isclose(length(order, means), min(length(p, means) for p in permutations(range(6))))
    at = order.index(3)
    assert {order[at - 1], order[(at + 1) % 6]} == {0, 2}


def length(order, means):
    tour = means[list(order)]
    return float(np.linalg.norm(tour - np.roll(tour, 1, axis=0), axis=1).sum())


def test_only_units_that_are_classes_have_corners():
    assert class_scores(of_classes(5)) == (3, 4)
    assert class_scores(of_classes(2)) == ()
    assert class_scores(trace(network([2, 3, 1]), rings())) == ()
    # As many units as classes, of which nothing says that they are the classes.
    unknown = uk.Trace.from_arrays(
        [np.random.default_rng(0).normal(size=(60, 4))], np.arange(60) % 4
    )
    assert class_scores(unknown) == ()
    known = uk.Trace.from_arrays(
        [unknown[0].values], unknown.labels, probabilities=uk.Softmax()(unknown[0].values)
    )
    assert class_scores(known) == (0,)


def test_a_class_without_points_and_a_thousand_classes_have_a_place():
    data = cloud(200, 6, 5)
    rows = np.flatnonzero(data.y != 2)
    few = trace(network([6, 8, 5], output="softmax"), data.take(rows))
    assert sorted(class_order(few)) == list(range(5))
    assert sorted(class_order(of_classes(1_000, 1_500))) == list(range(1_000))


@pytest.mark.parametrize(
    ("n_classes", "n_axes", "hidden", "n_points", "shown"),
    [
        (3, 2, 8, 300, ("widest", "corners")),
        (5, 2, 8, 300, ("logistic", "corners")),
        (4, 3, 8, 300, ("widest", "corners")),
        (5, 3, 8, 300, ("discriminant", "corners")),
        (5, 2, 90, 300, ("widest", "corners")),  # fewer than four points a unit
        (2, 2, 8, 300, ("widest", "unit")),
    ],
)
def test_auto_goes_by_units_and_classes(n_classes, n_axes, hidden, n_points, shown):
    output = "softmax" if n_classes > 2 else "sigmoid"
    widths = [6, hidden, n_classes if n_classes > 2 else 1]
    traced = trace(network(widths, output=output), cloud(n_points, 6, n_classes))
    labels = [stop.axis_labels[0] for stop in Scene(traced, n_axes=n_axes).stops]
    assert labels[2].startswith(shown[0])
    assert labels[3].startswith(shown[1])


def test_auto_shows_a_flat_sheet_as_following_does():
    # Two features in 8 units: no discriminant has a third direction to choose from.
    traced = trace(network([2, 8, 5], output="softmax"), cloud(300, 2, 5))
    np.testing.assert_array_equal(
        project(traced, 1, "auto", 3).frame, project(traced, 1, "following", 3).frame
    )


@pytest.mark.parametrize("k", [3, 4])
def test_regions_of_three_classes_are_what_the_network_decides(k):
    scene = Scene(of_classes(3))
    window = Window.around(0, 0, 0.5, 96, 96)
    palette = np.eye(3)
    plane = confidence(scene, k, window, palette)
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(500, 3)) * 3 + rng.normal(size=(500, 1)) * 50
    values = logits if k == 3 else uk.Softmax()(logits)
    seen = values @ scene.stops[k].frame
    # The ray away from a corner ends that of no other: who is nearest to a corner decides.
    edges = np.stack([line[1] - line[0] for line in plane.boundary])
    np.testing.assert_array_equal((seen @ edges.T).argmin(axis=1), values.argmax(axis=1))
    assert plane.colours is not None
    assert confidence(Scene(of_classes(5)), k, window, np.ones((5, 3))) is None


@pytest.mark.parametrize("n_axes", [2, 3])
def test_names_stand_at_the_corners_inside_the_picture(n_axes):
    traced = of_classes(5)
    scene = Scene(traced, n_axes=n_axes, projection="corners")
    colouring = trace_colouring(traced)
    assert corners_of(scene, 2.0, colouring) is None
    assert corners_of(scene, 3.5, colouring) is None
    for t in (3.0, 4.0):
        corners = corners_of(scene, t, colouring)
        box = scene.extent(t)
        assert (np.abs(corners.places - box.centre) <= box.radius * (1 + 1e-9)).all()
        own = np.array([traced.class_names.index(name) for name in corners.names])
        frame = scene.stops[int(t)].frame[own]
        cosine = (corners.places * frame).sum(axis=1)
        cosine /= np.linalg.norm(corners.places, axis=1) * np.linalg.norm(frame, axis=1)
        np.testing.assert_allclose(cosine, 1)
        assert len(instant(scene, t, colouring).corners) == len(own)


def test_names_do_not_lie_on_one_another():
    window = Window.around(0, 0, 1, 100, 100)
    labels = tuple(Label(0.1 * i, 0.0, "a long name of a class", True, 0.5) for i in range(9))
    kept = uncrowded(labels, 0.05, window)
    assert 1 <= len(kept) < 9
    assert all(len(label.text) <= 12 for label in kept)


def test_a_frame_has_the_corner_of_each_class_in_its_row():
    frame = corner_frame((2, 0, 1), 2)
    np.testing.assert_array_equal(frame[[2, 0, 1]], corner_places(3, 2))
