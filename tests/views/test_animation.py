"""animate: the films that it makes, and what it refuses."""

import contextlib
import io
import sys
from dataclasses import replace

import imageio_ffmpeg
import numpy as np
import pytest
from films import ffmpeg, frames_of
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import network, readout_network, rings
from pictures import ZOO, demo

import unknot as uk
from unknot.datasets.dataset import thinned
from unknot.draw.canvas import Canvas, Region, sprite
from unknot.draw.colouring import Density
from unknot.draw.instant import instant
from unknot.errors import UsageError
from unknot.motion.kinds import kinds
from unknot.motion.projection import projections
from unknot.motion.scene import Scene
from unknot.network.maps import Opaque
from unknot.network.mlp import MLP
from unknot.traces.run import Checkpoint, History, Run
from unknot.traces.tracing import trace
from unknot.views.films.captions import whole_parts
from unknot.views.films.layers import LayersFilm, Schedule
from unknot.views.films.training import TrainingFilm, score, time_marks
from unknot.views.films.training_view import NetworkPath, TrainingView, chosen_layers


def small_run(n=200, seeds=(0, 1, 2)):
    """A run whose checkpoints are networks of different seeds."""
    data = replace(rings(n), bayes_accuracy=0.95)
    models = [readout_network(seed) for seed in seeds]
    checkpoints = tuple(Checkpoint(10 * i, i / 2, model) for i, model in enumerate(models))
    return Run(models[-1], History((0.7,), (0.5,)), checkpoints, data, np.arange(20))


def quick(source, path, **options):
    """A film that takes little time."""
    uk.animate(source, path, **{"size": 240, "fps": 6, "seconds": 1.5, **options})


@pytest.mark.slow
@pytest.mark.parametrize("n_axes", [2, 3])
@pytest.mark.parametrize("along", ["layers", "training"])
def test_films_have_the_length_asked_for(tmp_path, along, n_axes):
    path = tmp_path / "film.mp4"
    assert (
        uk.animate(
            small_run(), path, along=along, n_axes=n_axes, size=(301, 241), fps=10, seconds=2.52
        )
        == path
    )
    count, seconds = imageio_ffmpeg.count_frames_and_secs(str(path))
    assert count == 25
    assert seconds == pytest.approx(2.5, abs=0.02)
    _, about = ffmpeg("-i", path)
    assert "yuv420p" in about
    assert "302x242" in about


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["gif", "webp", "apng", "png"])
def test_other_formats(tmp_path, suffix):
    path = tmp_path / f"film.{suffix}"
    quick(demo(), path)
    frames, durations = frames_of(path, 240, 240)
    assert sum(durations) == pytest.approx(1_500, abs=6)
    assert frames[0].shape == (240, 240, 3)


def test_length_follows_from_what_there_is_to_see(tmp_path):
    path = tmp_path / "film.mp4"
    uk.animate(demo(), path, size=240, fps=5)
    count, _ = imageio_ffmpeg.count_frames_and_secs(str(path))
    assert count == round(5 * Schedule(Scene(demo())).seconds)


def test_seconds_shorter_than_a_frame_give_one_frame(tmp_path):
    path = tmp_path / "film.mp4"
    quick(demo(), path, seconds=0.01)
    assert imageio_ffmpeg.count_frames_and_secs(str(path))[0] == 1


@pytest.mark.parametrize(
    "name",
    [
        name if name in ("regression", "dead") else pytest.param(name, marks=pytest.mark.slow)
        for name in ZOO
    ],
)
@pytest.mark.parametrize("n_axes", [2, 3])
def test_every_trace_can_be_filmed(tmp_path, name, n_axes):
    path = tmp_path / "film.mp4"
    quick(ZOO[name](), path, n_axes=n_axes)
    assert imageio_ffmpeg.count_frames_and_secs(str(path))[0] == 9


@pytest.mark.parametrize("kind", ["linear", "spline", "pchip"])
def test_interpolated_transitions_say_so(kind):
    scene = Scene(demo(), kind=kind)
    film = LayersFilm(scene, Schedule(scene), 240, 240)
    beats = [s for s in film.schedule.segments if s.beat is not None]
    for segment in beats:
        words = film.words(film.schedule.at((segment.start + segment.stop) / 2))
        assert "interpolated" in words.title
        assert words.warns


def test_words_of_the_honest_film():
    scene = Scene(demo())
    film = LayersFilm(scene, Schedule(scene), 400, 400)
    said = [film.words(film.schedule.at((s.start + s.stop) / 2)) for s in film.schedule.segments]
    assert said[0].title == "input (2 units)"
    assert said[0].sentence == "rings: 200 points in 2 classes"
    titles = [words.title for words in said]
    assert "hidden 1: stretch" in titles
    assert "relu" in titles
    hidden = said[titles.index("hidden 1 (6 units)")]
    assert hidden.caption == scene.readout(2).caption
    assert hidden.warns == scene.readout(2).misleads
    readout = said[titles.index("readout (2 units)")]
    assert readout.sentence == scene.trace.notes[0].text
    right = f"{100 * scene.trace.accuracy:.1f} %"
    told = f"classified correctly: accuracy {right} (held out or not: unknown)"
    assert said[-1].sentence.endswith(told)
    stretched = said[titles.index("hidden 1: stretch")]
    assert stretched.caption.startswith("least stretch ×")


def test_only_what_is_drawn_is_explained():
    traced = trace(network([2, 5, 2], "tanh", "softmax"), rings(200))
    film = LayersFilm(Scene(traced), Schedule(Scene(traced)), 200, 200)
    line = "black line: where the network's decision changes"
    assert film._key(0) == f"{line} · tint: how sure the network is"
    assert film._key(len(traced.maps)) == line  # the probabilities themselves have no regions
    bare = replace(traced, maps=tuple(Opaque("f") for _ in traced.maps), lattice=None)
    film = LayersFilm(Scene(bare), Schedule(Scene(bare)), 200, 200)
    assert [film._key(k) for k in range(len(traced.maps) + 1)] == [""] * (len(traced.maps) + 1)


def test_statements_that_do_not_fit_are_left_out_whole():
    text = (
        "interpolated: not the path the network takes · "
        "the movement seen and the true one agree by 0.03 (correlation)"
    )
    first = text.split(" · ")[0]
    short, whole = sprite(first, 14), sprite(text, 14)
    assert whole_parts(text, 14, whole.width).width == whole.width
    assert whole_parts(text, 14, whole.width - 1).width == short.width
    assert whole_parts(text, 14, short.width / 2).width <= short.width / 2


@pytest.mark.parametrize("size", [800, 480])
def test_the_legend_names_each_of_ten_classes(size):
    rng = np.random.default_rng(0)
    for names in (None, [f"class {c}" for c in range(10)]):
        traced = uk.Trace.from_arrays(
            [rng.normal(size=(50, 2))], np.arange(50) % 10, class_names=names
        )
        film = LayersFilm(Scene(traced), Schedule(Scene(traced)), size, size)
        legend = film.heading.legend
        assert sum(map(len, legend._rows)) == 10
        assert legend._more is None
        assert legend.width <= 0.45 * size


def cells_of(film):
    """The first pixel of each cell of the cloud's picture, (rows, columns, 3)."""
    size = film.painter._cell
    return film.canvas.view(film.painter.region)[::size, ::size, :3]


def test_pauses_show_every_point_where_it_is():
    traced = trace(readout_network(seed=3), rings(4_000))
    scene = Scene(traced)
    film = LayersFilm(scene, Schedule(scene), 400, 400, lattice=False, boundary=False)
    colours = film.colouring
    pauses = [s for s in film.schedule.segments if s.beat is None and scene.stops[s.k].n_shown > 1]
    assert [s.k for s in pauses] == [0, 1, 2, 3]
    for pause in pauses:
        film.draw((pause.start + pause.stop) / 2)
        window = film.painter.window(instant(scene, float(pause.k), colours))
        coarse = window.coarser(film.painter._cell)
        points = scene.points(float(pause.k))
        counts = Density(colours.palette, colours.group).counts(points, coarse)
        inside = ((points > coarse.low) & (points < coarse.high)).all(axis=1).sum()
        assert counts.sum() == inside > 3_900
        coloured = (cells_of(film) < 250).any(axis=-1)
        # Away from the frame's own line, cells are coloured where there are points and only there.
        np.testing.assert_array_equal(coloured[1:-1, 1:-1], counts[1:-1, 1:-1] > 0)


def test_a_rare_class_is_seen():
    traced = trace(readout_network(seed=3), rings(4_000))
    labels = np.zeros(4_000, np.int64)
    labels[7] = 1
    traced = replace(traced, labels=labels)
    scene = Scene(traced)
    film = LayersFilm(scene, Schedule(scene), 400, 400, lattice=False, boundary=False)
    film.draw(0.0)
    window = film.painter.window(instant(scene, 0.0, film.colouring))
    x, y = window.pixels(scene.points(0.0)[7:8].astype(np.float64))[0]
    region = film.painter.region
    seen = film.canvas.pixels[region.bottom - 1 - int(y), region.left + int(x), :3] / 255
    other, rare = film.colouring.palette
    # Nearly its own colour, however many of the other class lie under it.
    assert np.linalg.norm(seen - rare) < 0.3 * np.linalg.norm(other - rare)


def test_pictures_follow_from_the_time_alone():
    scene = Scene(demo(), n_axes=3)
    first = LayersFilm(scene, Schedule(scene), 240, 240)
    forwards = [first.draw(time).copy() for time in (0.2, 4.0, 7.5)]
    backwards = [first.draw(time).copy() for time in (7.5, 4.0, 0.2)]
    for one, other in zip(forwards, reversed(backwards), strict=True):
        np.testing.assert_array_equal(one, other)


def test_everything_stays_opaque():
    run = small_run()
    film = TrainingFilm(TrainingView(run), 3.0, 480, 320)
    assert (film.draw(1.5)[..., 3] == 255).all()
    scene = Scene(demo())
    assert (LayersFilm(scene, Schedule(scene), 240, 240).draw(3.0)[..., 3] == 255).all()


# Along the training


def test_network_path_passes_through_its_checkpoints():
    run = small_run()
    path = NetworkPath(run)
    for i, checkpoint in enumerate(run.checkpoints):
        assert path.at(float(i)) is checkpoint.model
        assert (path.step(i), path.epoch(i)) == (checkpoint.step, checkpoint.epoch)
    half = path.at(0.5)
    a, b = (c.model.layers[0].weight for c in run.checkpoints[:2])
    np.testing.assert_allclose(half.layers[0].weight, (a + b) / 2, rtol=1e-6)
    assert half.layers[0].weight.dtype == np.float32
    assert path.epoch(0.5) == 0.25
    assert path.moment(0.25) == 0.5


def test_every_frame_is_a_real_network():
    view = TrainingView(small_run())
    traced = view.trace_at(1.3)
    for before, after, map_ in zip(
        traced.representations, traced.representations[1:], traced.maps, strict=False
    ):
        np.testing.assert_allclose(map_(before.values), after.values, rtol=1e-5, atol=1e-6)


def test_training_view_shows_the_layers_that_tell_the_story():
    view = TrainingView(small_run())
    names = [shown.stop.representation.name for shown in view.panels]
    assert names == ["input", "hidden 1", "readout", "logit"]
    deep = ZOO["deep"]()
    chosen = chosen_layers(deep, None)
    assert len(chosen) == 4
    assert chosen[0] == 0
    assert deep.representations[chosen[-1]].name == "logit"


def test_panels_hold_the_cloud_at_every_checkpoint():
    run = small_run()
    view = TrainingView(run)
    for u in range(len(run.checkpoints)):
        traced = view.trace_at(u)
        for k, shown in zip(view.layers, view.panels, strict=True):
            cloud = shown.see(traced.representations[k].values)
            away = np.abs(cloud - shown.extent.centre).max(axis=1)
            assert (away <= shown.extent.radius * 1.05).mean() > 0.98


def test_time_goes_where_something_changes():
    models = [readout_network(0), readout_network(0), readout_network(1)]
    run = small_run()
    checkpoints = tuple(Checkpoint(i, float(i), m) for i, m in enumerate(models))
    view = TrainingView(replace(run, checkpoints=checkpoints))
    # Nothing changes at first: a quarter of the film; then everything does.
    np.testing.assert_allclose(view.moments, [0, 0.25, 1])
    assert view.moment(view.share(1.4)) == pytest.approx(1.4)


def test_points_are_thinned_out_evenly_and_said():
    data = rings(50_000)
    few = thinned(data, 1_000)
    assert few.n_points == 1_000
    assert few.y.mean() == pytest.approx(0.5, abs=0.02)
    film = TrainingFilm(TrainingView(small_run(n=25_000)), 2.0, 480, 320)
    assert film.words(0.5).caption.startswith("20,000 of 25,000 points")


def test_score_is_cross_entropy_and_accuracy():
    traced = demo()
    p = traced.probabilities[np.arange(200), traced.labels]
    result = score(traced)
    assert result.loss == (None, pytest.approx(-np.log(p).mean(), rel=1e-5))
    is_right = (traced.probabilities[:, 1] > 0.5) == traced.labels
    assert result.accuracies.overall == is_right.mean()
    judged = score(replace(traced, held_out=np.arange(50)))
    assert judged.loss == pytest.approx((-np.log(p[:50]).mean(), -np.log(p[50:]).mean()), rel=1e-5)
    both = (judged.accuracies.held_out, judged.accuracies.training)
    assert both == (is_right[:50].mean(), is_right[50:].mean())
    regression = score(ZOO["regression"]())
    assert regression.accuracies.text == ""
    assert regression.loss[1] > 0


def test_time_marks():
    assert time_marks(2.5) == pytest.approx(
        [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 2.5]
    )
    assert time_marks(12, least=1) == [0, 1, 2, 5, 10, 12]


@pytest.mark.parametrize("layer", ["hidden 1", 0, "logit"])
def test_one_layer(tmp_path, layer):
    path = tmp_path / "film.mp4"
    quick(small_run(), path, along="training", layer=layer)
    assert imageio_ffmpeg.count_frames_and_secs(str(path))[0] == 9


def test_training_of_other_networks(tmp_path):
    cases = {
        "wide": ([5, 4, 3], "softmax", 3),
        "interval": ([1, 3, 1], "sigmoid", 2),
    }
    for name, (widths, output, n_classes) in cases.items():
        rng = np.random.default_rng(0)
        data = replace(
            rings(100),
            x=rng.normal(size=(100, widths[0])).astype(np.float32),
            y=np.arange(100) % n_classes,
            class_names=tuple("abc"[:n_classes]),
            feature_names=tuple(f"x{i}" for i in range(widths[0])),
        )
        models = [network(widths, output=output, seed=seed) for seed in (0, 1)]
        checkpoints = tuple(Checkpoint(i, float(i), m) for i, m in enumerate(models))
        run = Run(models[-1], History(), checkpoints, data, np.empty(0, np.int64))
        quick(run, tmp_path / f"{name}.mp4", along="training")
        assert (tmp_path / f"{name}.mp4").exists()


def test_training_of_a_regression(tmp_path):
    data = rings(100)
    target = (data.x**2).sum(axis=1).astype(np.float32)
    data = replace(data, y=target, class_names=())
    models = [network([2, 3, 1], output="linear", seed=seed) for seed in (0, 1)]
    checkpoints = tuple(Checkpoint(i, float(i), m) for i, m in enumerate(models))
    run = Run(models[-1], History(), checkpoints, data, np.empty(0, np.int64))
    quick(run, tmp_path / "film.mp4", along="training")
    assert imageio_ffmpeg.count_frames_and_secs(str(tmp_path / "film.mp4"))[0] == 9
    film = TrainingFilm(TrainingView(run), 2.0, 640, 360)
    error, r2 = film._charts
    assert (error.name, r2.name) == ("mean squared error", "R² (from 0)")
    wanted = np.maximum(1 - error.values / target.astype(np.float64).var(), 0)
    np.testing.assert_allclose(r2.values, wanted)
    said = film.words(1.0).sentence
    assert said.count("R²") == 1
    assert "RMSE" in said
    same = replace(run, data=replace(data, y=np.full(100, 5e5, np.float32)))
    assert [c.name for c in TrainingFilm(TrainingView(same), 2.0, 640, 360)._charts] == [
        "mean squared error"
    ]


# What is refused


def message(source, path="film.mp4", **options):
    with pytest.raises(UsageError) as raised:
        uk.animate(source, path, **options)
    return str(raised.value)


def test_refused_before_any_work(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    traced = demo()
    alone = uk.Trace.from_arrays([np.zeros((3, 2))], [0, 1, 0])
    empty = uk.Trace.from_arrays([np.zeros((0, 2)), np.zeros((0, 2))], np.zeros(0, int))
    once = replace(small_run(), checkpoints=small_run().checkpoints[:1])
    size = (
        "A film is 240 to 4096 pixels wide and high; got size={}.\n"
        "Give one number for a square, or (width, height)."
    )
    expected = [
        (
            message(traced, "film.mov"),
            "Cannot write film.mov: .mov is not a supported type.\n"
            "Allowed: .mp4, .gif, .webp, .apng, .png.",
        ),
        (
            message(traced, along="layer"),
            "Unknown way of a film 'layer'. Did you mean 'layers'?\nAllowed: layers, training.",
        ),
        (
            message(traced, along="training"),
            "A film along the training needs a Run, with its checkpoints; got a Trace.\n"
            "Give what fit() returned, what film.run() returns, or a saved run.",
        ),
        (
            message(once, along="training"),
            "A film along the training needs 2 checkpoints at least; the run has 1.\n"
            "Train for one step at least, or use along='layers'.",
        ),
        (
            message(np.zeros(3)),
            "Expected a Trace, a Run or a Scene; got a ndarray of shape (3,).\n"
            "Make a trace of any network: trace(model, data).",
        ),
        (
            message(traced, layer="hidden 1"),
            "layer='hidden 1' has no meaning along the layers, which shows them all.\n"
            "Use along='training' to watch one layer learn.",
        ),
        (
            message(small_run(), along="training", layer="hiden 1"),
            "Unknown layer 'hiden 1'. Did you mean 'hidden 1'?\n"
            "Allowed: input, hidden 1 pre-activation, hidden 1, readout, logit, probability.",
        ),
        (
            message(small_run(), along="training", layer=6),
            "Layer 6 does not exist: choose 0 to 5, or a name.\n"
            "Allowed: input, hidden 1 pre-activation, hidden 1, readout, logit, probability.",
        ),
        (
            message(alone),
            "The trace has one representation (input) and no map: nothing would move.\n"
            "Use figure(trace) for a still picture.",
        ),
        (message(empty), "The trace has no points: there is nothing to show."),
        (message(traced, fps=0), "A film has 1 to 120 frames a second; got fps=0."),
        (message(traced, fps=1e9), "A film has 1 to 120 frames a second; got fps=1000000000.0."),
        (message(traced, fps=float("nan")), "A film has 1 to 120 frames a second; got fps=nan."),
        (message(traced, "f.gif", fps=60), "A GIF has 1 to 50 frames a second; got fps=60."),
        (
            message(traced, seconds=0),
            "A film is longer than 0 and at most 3600 seconds long; got seconds=0.",
        ),
        (
            message(traced, seconds=-1.5),
            "A film is longer than 0 and at most 3600 seconds long; got seconds=-1.5.",
        ),
        (message(traced, pause=-1), "A pause is 0 to 60 seconds long; got pause=-1."),
        (message(traced, size=10), size.format(10)),
        (message(traced, size=(800, 99_999)), size.format((800, 99_999))),
        (message(traced, size="800"), size.format("'800'")),
        (message(traced, size=(800, 800, 3)), size.format((800, 800, 3))),
        (message(traced, size=True), size.format(True)),
        (
            message(traced, kind="splines"),
            "Unknown kind of morph 'splines'. Did you mean 'spline'?\n"
            f"Allowed: {', '.join(kinds)}.",
        ),
        (
            message(traced, projection="tsne"),
            f"Unknown projection 'tsne'.\nAllowed: {', '.join(projections)}.",
        ),
        (message(traced, n_axes=4), "A view has 2 or 3 axes; got 4."),
        (message(traced, scale="big"), "Unknown scale 'big'.\nAllowed: animated, fixed."),
    ]
    for got, wanted in expected:
        assert got == wanted
    assert not list(tmp_path.iterdir())


def test_ctrl_c_leaves_nothing_behind(tmp_path, monkeypatch):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"before")

    def interrupted(self, seconds):
        if seconds > 0.7:
            raise KeyboardInterrupt
        return self.canvas.pixels

    monkeypatch.setattr(LayersFilm, "draw", interrupted)
    with pytest.raises(KeyboardInterrupt):
        quick(demo(), path)
    assert path.read_bytes() == b"before"
    assert len(list(tmp_path.iterdir())) == 1


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_bar_is_for_terminals(tmp_path, monkeypatch):
    silent = io.StringIO()
    monkeypatch.setattr(sys, "stderr", silent)
    quick(demo(), tmp_path / "film.mp4")
    assert silent.getvalue() == ""
    loud = Terminal()
    monkeypatch.setattr(sys, "stderr", loud)
    quick(demo(), tmp_path / "film [1].mp4")
    assert "film [1].mp4" in loud.getvalue()
    assert "9/9" in loud.getvalue()
    off = Terminal()
    monkeypatch.setattr(sys, "stderr", off)
    quick(demo(), tmp_path / "film.mp4", progress=False)
    assert off.getvalue() == ""


def test_nothing_is_printed(tmp_path, capfd):
    with contextlib.suppress(UsageError):
        quick(demo(), tmp_path / "film.mp4")
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


def test_same_seed_same_film(tmp_path):
    for name in ("one", "two"):
        quick(demo(), tmp_path / f"{name}.gif", projection="random", seed=3)
    assert (tmp_path / "one.gif").read_bytes() == (tmp_path / "two.gif").read_bytes()


# The canvas


def test_lines_are_drawn_where_they_are_said_to_be():
    canvas = Canvas(40, 30)
    canvas.lines([np.array([(5.0, 10.5), (35.0, 10.5)])], "#000000", 1.0)
    dark = (canvas.pixels[..., 0] < 100).nonzero()
    assert set(dark[0]) == {10}
    assert (dark[1].min(), dark[1].max()) == (5, 34)


def test_drawing_is_clipped_to_its_region():
    canvas = Canvas(40, 30)
    region = Region(10, 5, 20, 10)
    canvas.lines([np.array([(0.0, 10.0), (40.0, 10.0)])], "#000000", 30.0, clip=region)
    canvas.discs(np.array([[20.0, 10.0]]), np.zeros((1, 3)), 50.0, alpha=1.0, clip=region)
    dark = canvas.pixels[..., 0] < 255
    assert dark[5:15, 10:30].all()
    assert dark.sum() == 200


@settings(max_examples=30, deadline=None)
@given(x=st.floats(10, 30), y=st.floats(10, 20), radius=st.floats(2, 6))
def test_a_disc_covers_its_area_around_its_place(x, y, radius):
    canvas = Canvas(40, 30)
    whole = Region(0, 0, 40, 30)
    canvas.discs(np.array([[x, y]]), np.zeros((1, 3)), radius, alpha=1.0, clip=whole)
    ink = 1 - canvas.pixels[..., 0] / 255
    rows, columns = np.mgrid[:30, :40] + 0.5
    # Bézier arcs and 8 bits; a place is kept to an eighth of a pixel.
    assert abs(ink.sum() - np.pi * radius**2) < 0.02 * np.pi * radius**2
    assert abs((ink * columns).sum() / ink.sum() - x) < 1 / 16 + 0.01
    assert abs((ink * rows).sum() / ink.sum() - y) < 1 / 16 + 0.01


def test_of_discs_the_last_is_in_front_and_their_colours_mix():
    canvas = Canvas(40, 30)
    places, colours = np.array([[15.0, 15.0], [18.0, 15.0]]), np.array([[1.0, 0, 0], [0, 0, 1]])
    canvas.discs(places, colours, 6.0, alpha=0.85, clip=Region(0, 0, 40, 30))
    mixed = 0.15 * (0.15 * 255 + 0.85 * 255 * np.array([1, 0, 0])) + 0.85 * 255 * np.array(
        [0, 0, 1]
    )
    np.testing.assert_allclose(canvas.pixels[15, 16, :3], mixed, atol=2)
    assert (canvas.pixels[..., 3] == 255).all()


def test_mlp_without_layers_to_choose_is_shown_whole():
    run = small_run()
    model = MLP(network([2, 1]).layers, "sigmoid")
    checkpoints = tuple(Checkpoint(i, float(i), model) for i in range(2))
    view = TrainingView(replace(run, checkpoints=checkpoints, model=model))
    assert [shown.stop.representation.name for shown in view.panels] == ["input", "logit"]


def test_an_input_of_unequal_features_has_a_scale_an_axis_while_a_network_is_trained():
    run = small_run()
    wide = replace(run.data, x=run.data.x * np.float32([1, 1000]))
    view = TrainingView(replace(run, data=wide))
    first, *others = view.panels
    np.testing.assert_allclose(first.extent.factors[0], 1000, rtol=0.2)
    assert first.names == tuple(f"{name} (own scale)" for name in wide.feature_names)
    assert all(shown.extent.stretch is None for shown in others)
