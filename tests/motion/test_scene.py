"""The scene: one description for every view."""

from itertools import pairwise

import numpy as np
import pytest
from networks import cloud, network, readout_network, rings

from unknot.errors import UsageError
from unknot.measures.displacement import displacement_correlation
from unknot.motion.extent import Extent, extent_of, on_the_way
from unknot.motion.kinds import kinds
from unknot.motion.projection import projections
from unknot.motion.scene import Scene
from unknot.network.maps import Activation, Affine
from unknot.traces.representation import Trace
from unknot.traces.tracing import trace


@pytest.fixture(scope="module")
def scene():
    return Scene(trace(readout_network(), rings()))


def test_stops_are_the_representations(scene):
    assert [stop.title for stop in scene.stops] == [
        "input (2 units)",
        "hidden 1 pre-activation (6 units)",
        "hidden 1 (6 units)",
        "readout (2 units)",
        "logit (1 unit)",
        "probability (1 unit)",
    ]
    for k, stop in enumerate(scene.stops):
        values = scene.trace.representations[k].values
        shown = scene.points(k)
        np.testing.assert_allclose(shown, values @ stop.frame[: values.shape[1]], atol=1e-5)
        assert shown.shape == (400, 2)
    assert scene.stops[4].n_shown == 1
    assert scene.stops[0].axis_labels == ("x", "y")


def test_beats_cover_the_time_without_gaps(scene):
    assert scene.beats[0].start == 0
    assert scene.beats[-1].stop == scene.length
    for before, after in pairwise(scene.beats):
        assert before.stop == after.start
    assert [beat.kind for beat in scene.beats[:5]] == [
        "look",
        "stretch",
        "turn",
        "shift",
        "activation",
    ]
    assert scene.beat(0.3).title == "hidden 1: stretch"
    assert scene.beat(1).title == "relu"
    assert scene.beat(scene.length).title == "sigmoid"


def test_invisible_beats_change_nothing(scene):
    for beat in scene.beats:
        inside = [scene.points(t) for t in np.linspace(beat.start, beat.stop, 7)]
        moved = max(np.abs(p - inside[0]).max() for p in inside)
        radius = scene.extent(beat.start).radius
        if not beat.is_visible:
            assert moved <= 0.01 * radius
        else:
            assert moved > 0


def test_the_turn_into_six_units_is_invisible(scene):
    assert not next(b for b in scene.beats if b.kind == "turn").is_visible


def test_the_box_holds_the_cloud_and_never_jumps(scene):
    for t in np.linspace(0, scene.length, 101):
        points, box = scene.points(t), scene.extent(t)
        inside = (np.abs(points - box.centre) <= box.radius).all(axis=1).mean()
        # Boxes are exact at their knots, and hold all but the tails between.
        assert inside > 0.97
    radii = [scene.extent(t).radius for t in np.linspace(0, scene.length, 1_001)]
    assert np.abs(np.diff(np.log(radii))).max() < 0.2


@pytest.mark.parametrize("sizes", [(3e6, 1e-6), (1e-8, 1e-8), (1e8, 0)])
def test_the_box_follows_a_cloud_through_all_scales(sizes):
    """And through a point: its box is the least of the cloud's on the way, and never a jump."""
    x = np.random.default_rng(0).normal(size=(200, 2)) * sizes + 1
    maps = [Affine(np.diag([1e-6, 1.0]), np.zeros(2)), Affine(np.zeros((2, 2)), np.ones(2))]
    clouds = [x]
    for map_ in maps:
        clouds.append(map_(clouds[-1]))
    scene = Scene(Trace.from_arrays(clouds, np.zeros(200, int), maps=maps))
    for t in np.linspace(0, 2, 193):
        points, box = scene.points(t), scene.extent(t)
        assert (np.abs(points - box.centre) <= box.radius).all(axis=1).mean() > 0.97
    # Until it is a point, which has no size.
    radii = [scene.extent(t).radius for t in np.linspace(0, 1.999, 193)]
    assert np.abs(np.diff(np.log(radii))).max() < 1.5


def test_fixed_scale_is_one_box_for_all():
    fixed = Scene(trace(readout_network(), rings()), scale="fixed")
    first = fixed.extent(0)
    for t in np.linspace(0, fixed.length, 21):
        box = fixed.extent(t)
        assert box.radius == first.radius
        inside = (np.abs(fixed.points(t) - box.centre) <= box.radius).all(axis=1).mean()
        assert inside > 0.97


def test_a_degenerate_axis_is_not_blown_up():
    line = np.stack([np.linspace(-1, 1, 100), np.zeros(100)], axis=1)
    box = extent_of(line)
    assert box.radius == pytest.approx(1.12, rel=0.01)
    assert extent_of(np.zeros((5, 2))).radius == 1
    # In a box of 1 both ends of an axis would be one number.
    assert extent_of(np.full((5, 2), 1e20)).radius == pytest.approx(1e13)
    assert extent_of(np.zeros((0, 2))).radius == 1


def test_lattice_and_boundary_flow_with_the_points(scene):
    grid, boundary = scene.lines(0)
    assert len(grid) == scene.trace.lattice.n_grid_lines
    for t in (0, 0.4, 1.5, 2.7, scene.length):
        moved, edge = scene.lines(t)
        assert [len(line) for line in moved] == [len(line) for line in grid]
        assert [len(line) for line in edge] == [len(line) for line in boundary]
        assert all(np.isfinite(line).all() for line in moved + edge)


def test_readout_only_where_something_is_hidden(scene):
    assert scene.readout(0) is None
    assert scene.readout(3) is None
    hidden = scene.readout(2)
    assert 0 < hidden.variance_shown <= 1
    assert scene.readout(2) is hidden


def note_texts(scene, k):
    return tuple(note.text for note in scene.transition_notes(k))


def test_transitions_carry_their_notes(scene):
    assert scene.transition_notes(0)[0].text.startswith("least stretch ×")
    # Two axes of six units: how far points are seen to move is not how far they do.
    shown = displacement_correlation(
        *(scene.points(k) for k in (1, 2)),
        *(scene.trace.representations[k].values for k in (1, 2)),
    )
    assert scene.displacement_shown(1) == pytest.approx(shown)
    assert note_texts(scene, 1) == (
        f"the movement seen and the true one agree by {shown:.2f} (correlation)",
    )
    # From two units to one logit nothing is hidden.
    assert "correlation" not in " ".join(note_texts(scene, 3))
    linear = Scene(scene.trace, kind="linear")
    assert note_texts(linear, 1)[0].startswith("interpolated: not the path the network takes")


def test_a_mirror_is_told():
    x = rings(50).x.astype(float)
    mirror = Affine(np.diag([1.0, -1.0]), np.zeros(2), "mirror")
    scene = Scene(Trace.from_arrays([x, mirror(x)], np.zeros(50, int), maps=[mirror]))
    assert note_texts(scene, 0) == (
        "mirror mirrors the cloud (its determinant is negative): it is turned over through an "
        "extra axis, like a card.",
        "least stretch ×1 (smallest singular value), mirrored (determinant negative)",
    )
    turn = next(b for b in scene.beats if b.kind == "turn")
    assert turn.is_visible
    assert turn.sentence == "turned over like a card: the layer mirrors the cloud"


@pytest.mark.parametrize(
    ("weight", "text"),
    [
        ([[2, 0], [0, 0.5]], "least stretch ×0.5 (smallest singular value), not mirrored "),
        ([[2, 0, 0], [0, 0.5, 0]], "least stretch ×0.5 (smallest singular value)"),
        ([[3], [4]], "1 of 2 directions is pressed flat; least stretch of the others ×5 "),
        ([[1, 1], [1, 1]], "1 of 2 directions is pressed flat (smallest singular value 0, deter"),
        ([[0, 0, 0], [0, 0, 0]], "2 of 2 directions are pressed flat (smallest singular value 0)"),
        # Rounding leaves 6e-09 where there is nothing.
        ([[1, 3], [1 / 3, 1.00000001]], "1 of 2 directions is pressed flat (smallest singular va"),
    ],
)
def test_the_direction_that_is_stretched_least(weight, text):
    x = rings(50).x
    map_ = Affine(np.array(weight, np.float32), np.zeros(len(weight[0]), np.float32))
    scene = Scene(Trace.from_arrays([x, map_(x)], np.zeros(50, int), maps=[map_]))
    assert note_texts(scene, 0)[0].startswith(text)


@pytest.mark.parametrize("n_axes", [2, 3])
@pytest.mark.parametrize("n_points", [0, 1, 2])
def test_almost_no_points(n_axes, n_points):
    data = cloud(2, 2, 2)
    x = data.x[:n_points]
    relu = Activation("relu")
    scene = Scene(
        Trace.from_arrays([x, relu(x)], np.zeros(n_points, int), maps=[relu], class_names=["a"]),
        n_axes=n_axes,
    )
    assert scene.points(0.5).shape == (n_points, n_axes)
    assert scene.extent(0.5).radius > 0
    assert len(scene.beats) == 1


def test_one_representation_is_a_scene_without_time():
    scene = Scene(Trace.from_arrays([rings(10).x], np.arange(10) % 2))
    assert scene.length == 0
    assert scene.beats == ()
    assert scene.extent(0).radius > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_axes": 4}, "A view has 2 or 3 axes; got 4."),
        ({"scale": "huge"}, "Unknown scale 'huge'.\nAllowed: animated, fixed."),
        (
            {"kind": "honesty"},
            "Unknown kind of morph 'honesty'. Did you mean 'honest'?\n"
            f"Allowed: {', '.join(kinds)}.",
        ),
        (
            {"projection": "tsne"},
            f"Unknown projection 'tsne'.\nAllowed: {', '.join(projections)}.",
        ),
    ],
)
def test_errors(options, message):
    with pytest.raises(UsageError) as caught:
        Scene(trace(network([2, 3, 1]), rings(20)), **options)
    assert str(caught.value) == message


def unequal(ratio):
    """Two features of these spreads, a scaler, and one more layer."""
    rng = np.random.default_rng(3)
    x = (rng.normal(size=(200, 2)) * [1, ratio] + [0, 7 * ratio]).astype(np.float32)
    maps = [
        Affine(np.diag([1, 1 / ratio]).astype(np.float32), np.float32([0, -7]), "scaler"),
        Affine(rng.normal(size=(2, 3)).astype(np.float32), np.zeros(3, np.float32), "layer"),
    ]
    clouds = [x, maps[0](x), maps[1](maps[0](x))]
    return Trace.from_arrays(clouds, np.arange(200) % 2, maps=maps)


def test_an_input_of_unequal_features_has_a_scale_an_axis():
    """At the input both axes fill the box; on the way the two scales become one."""
    scene = Scene(unequal(1000))
    factors = [scene.extent(t).factors for t in np.linspace(0, 1, 41)]
    sides = np.ptp(np.quantile(scene.points(0), [0.001, 0.999], axis=0), axis=0) * factors[0]
    np.testing.assert_allclose(sides, sides.max(), rtol=1e-6)
    np.testing.assert_allclose(scene.extent(0).radius, 0.56 * sides.max(), rtol=1e-6)
    narrow = np.array(factors)[:, 0]
    assert narrow[0] > 500
    assert (np.diff(narrow) <= 1e-9).all()
    assert all(factor[1] == pytest.approx(1) for factor in factors)
    assert all(scene.extent(t).stretch is None for t in (1, 1.5, 2))


@pytest.mark.parametrize("options", [{"scale": "fixed"}, {"n_axes": 3}])
def test_other_views_of_it_have_one_scale(options):
    assert Scene(unequal(1000), **options).extent(0).stretch is None


def test_spreads_within_20_have_one_scale():
    scene = Scene(unequal(15))
    assert all(scene.extent(t).stretch is None for t in (0, 0.3, 1))


def test_a_box_far_out_is_not_smaller_than_its_numbers_can_tell():
    """A hidden layer that a constant target has pressed to nothing, on its way to 500,000."""
    first, last = Extent(np.zeros(3), 1e-12), Extent(np.array([5e5, 0, 0]), 1.0, is_point=True)
    box = on_the_way(Extent(np.array([1e5, 0, 0]), 1e-13), first, last)
    low, high = box.centre - box.radius, box.centre + box.radius
    assert (high > low).all()
    assert box.radius == 1e5 * 1e-7
