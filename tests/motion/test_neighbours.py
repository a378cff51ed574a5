"""Maps of neighbours: faithful, aligned, the same for the same seed, and said to be maps."""

import subprocess
import sys

import numpy as np
import openTSNE
import pytest
from networks import network
from sklearn.manifold import trustworthiness

import unknot as uk
from unknot.motion import neighbours
from unknot.motion.neighbours import MEANING, displacement, mapped_run, neighbour_map
from unknot.motion.scene import Scene
from unknot.traces.representation import Trace
from unknot.traces.run import Checkpoint, History, Run
from unknot.traces.tracing import trace

SENTENCE = "A map of neighbours: distances and paths mean nothing."


def groups(n=240, n_units=6, n_groups=4, seed=0):
    """Clouds around corners of a cube, and which is which."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % n_groups
    centres = 4 * rng.normal(size=(n_groups, n_units))
    return (centres[y] + rng.normal(size=(n, n_units))).astype(np.float32), y


def wide_trace(n=240):
    """Three layers of six units that differ a little, and a logit."""
    x, y = groups(n)
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(6, 6)))[0]
    bent = x @ turn
    layers = [x, np.maximum(bent, 0.1 * bent), np.tanh(bent / 4), bent[:, :1]]
    return Trace.from_arrays(layers, y, name="groups")


def training(n_epochs=3):
    """A run whose network changes slowly."""
    x, y = groups(150)
    data = uk.datasets.from_arrays(x, y)
    first, last = network([6, 8, 4], output="softmax", seed=0), network([6, 8, 4], seed=1)
    models = []
    for s in np.linspace(0, 0.1, n_epochs):
        layers = [
            type(a)(a.weight + s * b.weight, a.bias + s * b.bias, a.activation, a.name)
            for a, b in zip(first.layers, last.layers, strict=True)
        ]
        models.append(type(first)(tuple(layers), first.output))
    checkpoints = tuple(Checkpoint(i, float(i), model) for i, model in enumerate(models))
    return Run(models[-1], History(), checkpoints, data, np.arange(30))


def independent(representations):
    """Maps by the library itself, each from a random start of its own."""
    return [
        np.asarray(openTSNE.TSNE(initialization="random", random_state=i).fit(each.values))
        for i, each in enumerate(representations)
    ]


def test_a_map_keeps_neighbours():
    x, _ = groups()
    places = neighbour_map(x)
    assert places.shape == (240, 2)
    plane = Scene(Trace.from_arrays([x], groups()[1]), projection="pca").points(0)
    ours, theirs = (trustworthiness(x, shown, n_neighbors=15) for shown in (places, plane))
    # Random places have about 0.5.
    assert ours > max(theirs, 0.9)


def test_the_readout_is_scikit_learns_trustworthiness_and_the_probe_of_the_map():
    scene = Scene(wide_trace(), projection="neighbours")
    for k in range(3):
        readout = scene.readout(k)
        full, shown = scene.trace[k].values, scene.points(k)
        assert readout.trustworthiness == pytest.approx(
            trustworthiness(full, shown, n_neighbors=15)
        )
        assert readout.variance_shown is None
        assert readout.caption.startswith(f"trustworthiness {readout.trustworthiness:.2f} · ")
        assert readout.probe_full is not None
        assert readout.probe_shown is not None
    assert scene.readout(3) is None


def test_the_same_seed_gives_the_same_maps():
    one, two, other = (Scene(wide_trace(), projection="neighbours", seed=s) for s in (3, 3, 4))
    for k in range(3):
        np.testing.assert_array_equal(one.points(k), two.points(k))
    assert np.abs(one.points(2) - other.points(2)).max() > 0


def test_maps_begin_where_the_one_before_ended():
    traced = wide_trace()
    scene = Scene(traced, projection="neighbours")
    aligned = displacement([scene.points(k) for k in range(3)])
    assert aligned < displacement(independent(traced.representations[:3])) / 4


def test_the_maps_of_a_training_are_those_of_its_trace_and_stay_near():
    run = training()
    maps = mapped_run(run, 2)
    own = Scene(trace(run), projection="neighbours")
    for k in range(len(own.stops)):
        np.testing.assert_array_equal(maps.maps[-1][k].values, own.points(k))
    # The input is the same at every moment, and so is its map.
    assert maps.maps[0][0].values.tobytes() == maps.maps[-1][0].values.tobytes()
    hidden = [each[2].values for each in maps.maps]
    assert displacement(hidden) < displacement(independent([t[2] for t in maps.traces])) / 4


def test_of_many_points_a_sample_is_mapped_and_it_is_said(monkeypatch):
    monkeypatch.setattr(neighbours, "MOST_POINTS", 60)
    scene = Scene(wide_trace(), projection="neighbours")
    assert scene.trace.n_points == 60
    assert scene.whole.n_points == 240
    assert [n.text for n in scene.trace.notes] == [SENTENCE, "It is of 60 of the 240 points."]
    assert set(map(tuple, scene.trace[0].values)) <= set(map(tuple, wide_trace()[0].values))


def test_what_is_said_on_the_way():
    scene = Scene(wide_trace(), projection="neighbours")
    assert [n.text for n in scene.transition_notes(1)] == [MEANING]
    assert {beat.sentence for beat in scene.beats} == {
        "drawn straight from one picture to the next"
    }
    middle = (scene.points(0) + scene.points(1)) / 2
    np.testing.assert_allclose(Scene.points(scene, 0.5), middle, atol=0.35)
    assert scene.grid(0.5) == scene.boundary(1) == []


def test_layers_of_few_units_are_shown_in_their_units():
    data = uk.datasets.circles(200, seed=0)
    traced = trace(network([2, 5, 2, 1]), data)
    scene = Scene(traced, projection="neighbours")
    assert [stop.is_map for stop in scene.stops] == [r.n_units > 2 for r in traced]
    np.testing.assert_allclose(scene.points(0), data.x, atol=1e-6)


@pytest.mark.parametrize("n_axes", [2, 3])
@pytest.mark.parametrize(
    ("cloud", "n_places"),
    [
        (np.random.default_rng(0).normal(size=(3, 5)), 3),
        (np.ones((50, 5)), 1),
        (np.repeat(np.random.default_rng(1).normal(size=(12, 5)), 9, axis=0), 12),
        (np.eye(60, 5) * 1e30, 6),
        (np.zeros((0, 5)), 0),
        (np.repeat(np.linspace(0, 1, 40)[:, None], 5, axis=1), 40),
    ],
    ids=["3 rows", "one point", "copies", "huge", "none", "a line"],
)
def test_strange_clouds(cloud, n_places, n_axes):
    places = neighbour_map(cloud, n_axes)
    assert places.shape == (len(cloud), n_axes)
    assert np.isfinite(places).all()
    assert len(np.unique(places, axis=0)) == n_places
    # From a map in which all points were one, and from one in which none were.
    for start in (
        np.zeros((len(cloud), n_axes)),
        np.random.default_rng(2).normal(size=places.shape),
    ):
        assert np.isfinite(neighbour_map(cloud, n_axes, start=start)).all()


@pytest.mark.slow
def test_a_thousand_classes_and_one_unit_are_pictures():
    x, _ = groups(1_000)
    many = Trace.from_arrays([x, x[:, :1]], np.arange(1_000))
    figure = uk.figure(many, projection="neighbours")
    assert figure.axes


def test_the_sentence_in_figures():
    words = [text.get_text() for text in _texts(uk.figure(wide_trace(), projection="neighbours"))]
    assert " ".join(words).replace("\n", " ").count(SENTENCE) == 1
    space = uk.figure(wide_trace(), "3d", layer=1, projection="neighbours")
    assert " ".join(t.get_text() for t in _texts(space)).count(SENTENCE) == 1
    numbers = [t.get_text() for axes in space.axes for t in axes.texts]
    assert not [text for text in numbers if text.replace("−", "").replace(".", "").isdigit()]


def _texts(figure):
    return [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]


def test_the_sentence_in_films(tmp_path):
    from unknot.views.films.layers import LayersFilm, Schedule
    from unknot.views.films.training import TrainingFilm
    from unknot.views.films.training_view import TrainingView

    scene = Scene(wide_trace(), projection="neighbours")
    film = LayersFilm(scene, Schedule(scene), 400, 400)
    cues = [film.schedule.at(s) for s in np.linspace(0, film.schedule.seconds, 60)]
    words = [film.words(cue) for cue in cues]
    between = [w for w, cue in zip(words, cues, strict=True) if cue.segment.beat is not None]
    assert words[0].sentence.startswith(SENTENCE)
    assert between
    assert all(w.caption == MEANING for w in between)
    view = TrainingView(training(), projection="neighbours")
    film = TrainingFilm(view, 2.0, 480, 360)
    said = film.words(0.5).caption
    assert said.startswith(f"{MEANING} · 150 points · between the 3 checkpoints the maps are drawn")
    assert film.draw(1.0).shape == (360, 480, 4)
    assert view.panels[0].stop.title == "input (6 units)"


def test_without_the_library_it_is_said_what_to_install():
    code = (
        "import sys; sys.modules['openTSNE'] = None\n"
        "import unknot as uk, numpy as np\n"
        "t = uk.Trace.from_arrays([np.eye(9, 5)], np.arange(9) % 2)\n"
        "try:\n    uk.figure(t, projection='neighbours')\n"
        "except uk.UnknotError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == (
        "The projection 'neighbours' needs openTSNE, which is not installed.\n"
        "Install it: pip install 'unknot[neighbours]', or choose projection='auto'.\n"
    )
