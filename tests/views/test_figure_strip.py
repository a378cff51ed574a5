"""The strip: panels, labels, captions, boundaries, the route, several traces."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from networks import network, rings
from pictures import ZOO, dead, demo, panels, regression, run, sentences, words

from unknot.draw import style
from unknot.measures import Readout, probe_accuracy
from unknot.motion.scene import Scene
from unknot.network.maps import Activation, Affine, Opaque, Softmax
from unknot.traces.representation import Trace
from unknot.traces.tracing import trace
from unknot.views.figures import figure
from unknot.views.figures.legend import trace_facts
from unknot.views.figures.strip import map_labels


@pytest.mark.parametrize("name", ["demo", "one feature", "two points", "regression"])
def test_one_panel_a_representation(name):
    source = ZOO[name]()
    assert len(panels(figure(source))) == len(source.representations)


def test_a_deep_network_flows_into_a_sheet():
    rng = np.random.default_rng(0)
    clouds = [rng.normal(size=(30, 2)).astype(np.float32) for _ in range(40)]
    drawn = figure(Trace.from_arrays(clouds, np.arange(30) % 2))
    # 4,000 pixels at 200 dots per inch.
    assert drawn.get_size_inches()[1] <= 20
    assert len(panels(drawn)) == 40
    # What is asked for stays.
    assert figure(Trace.from_arrays(clouds[:9], np.arange(30) % 2), size=8).get_figwidth() == 8


def test_axis_labels_are_those_of_the_scene():
    scene = Scene(demo())
    for axes, stop in zip(panels(figure(scene)), scene.stops, strict=True):
        shown = (axes.get_xlabel(), axes.get_ylabel())
        # A single unit has no second axis: how many points there are stands over it.
        assert shown == (stop.axis_labels if stop.n_shown == 2 else (stop.axis_labels[0], "points"))


@pytest.mark.parametrize("scale", ["animated", "fixed"])
def test_equal_scale_on_both_axes(scale):
    drawn = figure(demo(), scale=scale)
    drawn.canvas.draw()
    spans = set()
    for axes in panels(drawn):
        box = axes.get_window_extent()
        x, y = np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())
        assert axes.get_aspect() == 1
        assert x / box.width == pytest.approx(y / box.height, rel=1e-6)
        spans.add(round(x, 6))
    assert (len(spans) == 1) == (scale == "fixed")


def test_numbers_stand_at_every_plane():
    drawn = figure(demo())
    for axes in panels(drawn):
        assert len(axes.get_xticks()) >= 2


def test_every_wide_panel_carries_its_readout_and_warns():
    # Rings far apart: only a plane can hide how well the folded layer separates them.
    scene = Scene(demo(600))
    drawn = figure(scene)
    by_text = {t.get_text(): to_hex(t.get_color()) for t in drawn.texts}
    for k in (1, 2):
        readout = scene.readout(k)
        for part in readout.caption.split(" · "):
            assert by_text[part] == (style.WARNING if readout.misleads else style.MUTED)


def test_no_readout_where_every_unit_is_shown():
    x = np.eye(2)
    assert "of the spread shown" not in words(figure(Trace.from_arrays([x, x], [0, 1])))


def test_the_colour_of_a_caption_is_that_of_its_own_panel(monkeypatch):
    bad, good = Readout(0.4, 0.9, 0.5), Readout(0.9, 0.9, 0.9)
    monkeypatch.setattr(Scene, "readout", lambda _, k: {1: good, 2: bad}.get(k))
    colours = {t.get_text(): to_hex(t.get_color()) for t in figure(demo(50)).texts}
    assert colours["straight cut: 50.0% here, 90.0% in full"] == style.WARNING
    assert colours["straight cut: 90.0% here, 90.0% in full"] == style.MUTED


def test_legend_names_each_class_once():
    text = words(figure(demo())).splitlines()
    assert text.count("outer") == text.count("inner") == 1
    assert "decision boundary" in text or "grid of the input plane" in text


def test_many_classes_are_counted():
    source = Trace.from_arrays(
        [np.random.default_rng(0).normal(size=(80, 2))],
        np.arange(80) % 40,
        class_names=[f"class {c}" for c in range(40)],
    )
    text = words(figure(source)).splitlines()
    assert "class 23" in text
    assert "class 24" not in text
    assert "… 16 more classes" in text


def test_regression_has_a_colour_scale():
    drawn = figure(regression())
    assert len(drawn.axes) == len(panels(drawn)) + 1
    assert "target" in words(drawn)


def test_facts():
    source = demo(200)
    accuracy = np.mean(source.probabilities.argmax(axis=1) == source.labels)
    text = words(figure(replace(source, bayes_accuracy=0.9876)))
    # Where nobody said what was held out, nothing is compared with the best possible.
    assert f"200 points · accuracy {100 * accuracy:.1f} % (held out or not: unknown)" in text
    assert "best possible" not in text
    judged = replace(source, bayes_accuracy=0.9876, held_out=np.arange(200) < 50)
    is_right = source.probabilities.argmax(axis=1) == source.labels
    parts = [f"{100 * part.mean():.1f} %" for part in (is_right[:50], is_right[50:])]
    facts = "200 points · held out {} (training {}) · best possible 98.8 %".format(*parts)
    assert facts in words(figure(judged))
    assert "2 → 6 relu → 2 linear → 1 sigmoid" in text


def test_notes_are_shown():
    text = sentences(figure(demo()))
    assert "(rank 2 at most)." in text


def test_maps_stand_on_the_route():
    text = words(figure(demo())).splitlines()
    sigma = demo().maps[0].singular_values[-1]
    assert f"hidden 1: 2 → 6, least ×{sigma:.2g}" in text
    assert "relu" in text
    assert "sigmoid" in text


def test_map_labels_say_mirrored():
    mirror = Affine(np.diag([1.0, -2.0]), np.zeros(2), "flip")
    x = np.eye(2)
    source = Trace.from_arrays([x, mirror(x)], [0, 1], maps=[mirror])
    assert map_labels(source, 0) == ["flip: 2 → 2, least ×1, mirrored", "flip: 2 → 2", "flip"]
    assert "Mirrored: it turns the cloud over (negative determinant)." in sentences(figure(source))


@pytest.mark.parametrize(
    ("map_", "is_dashed"), [(Opaque("pooling"), True), (Activation("linear"), False)]
)
def test_unknown_maps_are_dashed_and_explained(map_, is_dashed):
    x = np.eye(2)
    drawn = figure(Trace.from_arrays([x, x], [0, 1], maps=[map_]))
    assert any(line.is_dashed() for line in drawn.findobj(Line2D)) == is_dashed
    assert ("only the results are known" in sentences(drawn)) == is_dashed


def test_the_decision_is_drawn_where_it_is():
    source = trace(network([2, 6, 2, 1], seed=3), rings(300))
    drawn = figure(source)
    axes = panels(drawn)[3]
    k = 3
    assert source.representations[k].n_units == 2
    lines = [
        path.vertices
        for collection in axes.collections
        if hasattr(collection, "get_segments") and collection.get_linewidth()[0] > 1
        for path in collection.get_paths()
    ]
    for line in lines:
        p = source.class_probabilities(line.astype(np.float32), start=k)[:, 1]
        assert np.abs(p - 0.5).max() < 0.02


def test_density_for_many_points_discs_for_few():
    few, many = (panels(figure(demo(n)))[0] for n in (100, style.DENSITY_FROM))
    assert any(len(c.get_offsets()) == 100 for c in few.collections)
    assert not any(len(c.get_offsets()) == style.DENSITY_FROM for c in many.collections)
    assert len(many.images) == len(few.images) + 1


def test_rows_are_balanced():
    drawn = figure(ZOO["three classes"]())
    tops = [round(axes.get_position().y1, 6) for axes in panels(drawn)]
    assert [tops.count(top) for top in sorted(set(tops), reverse=True)] == [3, 2]


def test_wide_figures_have_one_row():
    drawn = figure(demo(50), size=16)
    assert len({round(axes.get_position().y1, 6) for axes in panels(drawn)}) == 1


def test_panels_do_not_overlap():
    for options in ({}, {"size": 4}, {"n_axes": 3}):
        drawn = figure(demo(50), **options)
        boxes = [axes.get_position() for axes in panels(drawn) or drawn.axes]
        for i, a in enumerate(boxes):
            for b in boxes[i + 1 :]:
                assert a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 or b.y1 <= a.y0


def test_several_traces_share_a_legend():
    names = ("rings, before training", "rings, epoch 1")
    drawn = figure([replace(demo(50), name=name) for name in names])
    text = words(drawn).splitlines()
    assert len(panels(drawn)) == 12
    assert text.count("outer") == 1
    assert "rings: 2 traces" in text
    assert set(names) <= set(text)


def test_several_traces_of_different_data_have_their_own_legends():
    text = words(figure([demo(50), ZOO["three classes"]()])).splitlines()
    assert "2 traces" in text
    assert "outer" in text
    assert "class 2" in text


def test_a_run_and_its_trace_look_the_same():
    source = run()
    assert words(figure(source)) == words(figure(trace(source)))


@pytest.mark.parametrize("n_classes", [3, 4, 10, 12])
def test_names_of_classes_lie_on_no_number_no_frame_and_no_corner(n_classes):
    y = np.arange(240) % n_classes
    logits = 30 * np.eye(n_classes)[y] + np.random.default_rng(0).normal(size=(240, n_classes))
    softmax = Softmax()
    traced = Trace.from_arrays([logits, softmax(logits)], y, maps=[softmax])
    drawn = figure(traced, projection="corners")
    drawn.canvas.draw()
    renderer, axes = drawn.canvas.get_renderer(), drawn.axes[1]
    named = [t for t in axes.texts if t.get_text() in traced.class_names]
    assert len(named) == n_classes
    boxes = [t.get_window_extent(renderer) for t in named]
    ticks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    numbers = [t.get_window_extent(renderer) for t in ticks if t.get_text()]
    frame = axes.get_window_extent(renderer)
    corners = axes.transData.transform(Scene(traced, projection="corners").stops[1].frame)
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in [*boxes[i + 1 :], *numbers])
        assert (frame.min <= box.min).all()
        assert (box.max <= frame.max).all()
        # The points of a class lie at its corner; letters are lower than their box.
        assert not any(box.x0 < x < box.x1 and box.y0 + 3 < y < box.y1 - 3 for x, y in corners)


def test_three_axes():
    drawn = figure(demo(), n_axes=3)
    assert len(drawn.axes) == 6
    assert (
        "Widest view (a, b, c): where the cloud spreads most (principal components)."
        in sentences(drawn)
    )


def test_dead_layer_is_not_blown_up():
    axes = panels(figure(dead()))[2]
    assert np.ptp(axes.get_xlim()) == pytest.approx(2)


def test_every_panel_with_classes_carries_its_probe():
    source = demo(600)
    text = words(figure(source)).splitlines()
    narrow = [r for r in source.representations if r.n_units <= 2]
    for representation in narrow:
        accuracy = probe_accuracy(representation.values, source.labels)
        assert f"straight cut: {accuracy:.1%} right" in text
    assert sum(
        line.startswith("straight cut: ") and line.endswith(" right") for line in text
    ) == len(narrow)
    assert "straight cut" not in words(figure(regression()))


def test_regression_is_captioned_with_the_share_it_explains():
    x = np.linspace(-1, 1, 101, dtype=np.float32)[:, None]
    target = x[:, 0]

    def facts(output, labels=target):
        return trace_facts(Trace.from_arrays([x, output], labels, maps=[Opaque("model")]))

    unknown = "(held out or not: unknown)"
    assert facts(x) == f"101 points · R² 1.000 {unknown} · RMSE 0.00"
    # A residual of half the target leaves a quarter of its variance.
    assert facts(x / 2) == f"101 points · R² 0.750 {unknown} · RMSE 0.292"
    assert facts(-x) == f"101 points · R² below 0 {unknown} · RMSE 1.17"
    assert facts(np.hstack([x, x])) == "101 points"
    ones = np.full(101, 0.5, np.float32)
    assert facts(x, ones) == f"101 points · R² undefined {unknown} · RMSE 0.768"
