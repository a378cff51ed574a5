"""Points held out and points trained on are never mixed: every place that tells an accuracy."""

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars
import pytest
from calling import call
from networks import network, rings
from numpy.testing import assert_array_equal
from pictures import sentences

import unknot as uk
from unknot.motion.scene import Scene
from unknot.traces.run import Checkpoint, History, Run
from unknot.views.films.layers import LayersFilm, Schedule
from unknot.views.films.training import TrainingFilm
from unknot.views.films.training_view import TrainingView
from unknot.views.page.header import page_file

N, N_HELD_OUT, N_WRONG = 200, 40, 10
#: Of all rows 95 % are right, which nobody may say.
TOLD = "held out 75.0 % (training 100.0 %)"
MIXED = ("95.0 %", "95.0%", "0.950")
#: Above what is right of the rows held out, below what is right of those trained on.
BEST, BEST_TEXT = 0.9, "90.0 %"

HELD_OUT = np.arange(0, N, N // N_HELD_OUT)


def known_run(held_out=HELD_OUT, **changes):
    """A network that has learnt its training rows by heart: their labels are what it says."""
    model = network([2, 8, 3, 1], seed=17)
    data = rings(N)
    labels = (uk.trace(model, data, lattice=False).probabilities[:, 1] > 0.5).astype(np.int64)
    labels[HELD_OUT[:N_WRONG]] = 1 - labels[HELD_OUT[:N_WRONG]]
    data = replace(data, y=labels, bayes_accuracy=BEST)
    history = History((0.4, 0.3), (0.9, 1.0), (0.5, 0.6), (0.7, 0.75))
    start = network([2, 8, 3, 1], seed=4)
    moments = (Checkpoint(0, 0.0, start), Checkpoint(9, 2.0, model))
    settings = {"optimizer": "rmsprop", "learning_rate": 0.001, "batch_size": 32, "seed": 1}
    run = Run(model, history, moments, data, np.asarray(held_out), settings)
    return replace(run, **changes)


@pytest.fixture(scope="module")
def run():
    return known_run()


def layers_film(trace):
    scene = Scene(trace)
    film = LayersFilm(scene, Schedule(scene), 320, 240)
    return film._sentence(scene.length)


def training_film(run):
    film = TrainingFilm(TrainingView(run), 2.0, 480, 320)
    return " ".join([film.words(1.0).sentence, *(chart.bound for chart in film._charts)])


def page_text(source):
    from unknot.views.page.container import unpack_page

    return unpack_page(page_file(source))[0]["description"]


#: Every place that tells the accuracy of a network, by what it is given.
PLACES = {
    "repr of a run": lambda run, trace: repr(run),
    "repr of a trace": lambda run, trace: repr(trace),
    "strip": lambda run, trace: sentences(uk.figure(run)),
    "several strips": lambda run, trace: sentences(uk.figure([run, trace])),
    "depth": lambda run, trace: sentences(uk.figure(trace, what="depth", measures=["gdv"])),
    "one layer in 3-D": lambda run, trace: sentences(uk.figure(trace, what="3d", layer="hidden 1")),
    "regions": lambda run, trace: sentences(uk.figure(trace, what="regions")),
    "likeness": lambda run, trace: sentences(uk.figure(trace, what="cka")),
    "film along the layers": lambda run, trace: layers_film(trace),
    "film along the training": lambda run, trace: training_film(run),
    "page of a run": lambda run, trace: page_text(run),
    "page of a trace": lambda run, trace: page_text(trace),
}


@pytest.mark.parametrize("place", PLACES)
def test_held_out_and_training_stand_apart_everywhere(run, place):
    said = PLACES[place](run, uk.trace(run))
    assert TOLD in said
    assert f"best possible {BEST_TEXT}" in said
    assert not any(mixed in said for mixed in MIXED)


@pytest.mark.parametrize("place", PLACES)
def test_what_was_trained_on_is_compared_with_no_bound(place):
    """Nothing held out, or nobody knows: no accuracy stands beside the best possible."""
    history = History((0.3,), (1.0,))
    run = known_run([], history=history)
    said = PLACES[place](run, uk.trace(run))
    assert "training " in said
    assert "best possible" not in said
    unknown = replace(run, settings={})
    trace = uk.trace(unknown)
    assert (trace.held_out, unknown.held_out) == (None, None)
    assert "best possible" not in PLACES[place](unknown, trace)


def test_each_compared_network_has_its_own(run):
    other = known_run(HELD_OUT[:N_WRONG])
    figure = sentences(uk.figure([uk.trace(run), uk.trace(other)]))
    page = page_text([run, other])
    for told in (TOLD, "held out 0.0 % (training 100.0 %)"):
        assert told in figure
        assert told in page


#: Files in which a view, a command or a door reads the accuracy of a network or the best possible
#: one. Whoever adds one adds its place to `PLACES`.
READERS = {
    "cli/measure.py",  # what no probe can beat, where rows held out judge it
    "cli/measure_table.py",  # knows the column's name
    "cli/output.py",  # the printed report, by `History.reached`; a data set's own bound
    "doors.py",  # hands the bound on
    "cli/width.py",  # a search: judging rows alone
    "experiment.py",  # advice: rows held out against the bound
    "views/figures/__init__.py",  # the figure of that name
    "views/figures/depth.py",
    "views/figures/figure.py",  # the figure of that name
    "views/figures/heatmap.py",
    "views/figures/legend.py",
    "views/figures/training.py",
    "views/figures/width.py",  # a search: judging rows alone
    "views/films/curves.py",
    "views/films/layers.py",
    "views/films/training.py",
    "views/live.py",  # a curve of each, of a training that still runs
    "views/page/cells.py",  # an atlas: fresh points alone
    "views/page/header.py",
    "views/page/metrics.py",  # rows of one kind at a time
}


def test_every_reader_of_an_accuracy_is_listed():
    folder = Path(uk.__file__).parent
    names = {"accuracy", "accuracies", "reached", "bayes_accuracy", "validation_accuracy"}
    readers = set()
    for path in folder.rglob("*.py"):
        name = path.relative_to(folder).as_posix()
        if name.split("/")[0] not in ("views", "draw", "cli", "doors.py", "experiment.py"):
            continue
        read = {
            n.attr for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Attribute)
        }
        keys = {
            n.value for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Constant)
        }
        if names & read or names & {key for key in keys if isinstance(key, str)}:
            readers.add(name)
    assert readers == READERS


def test_a_trace_knows_which_of_its_points_the_run_held_out(run):
    expected = np.isin(np.arange(N), HELD_OUT)
    assert_array_equal(uk.trace(run).held_out, expected)
    assert_array_equal(uk.trace(run, run.data).held_out, expected)
    some = np.arange(30)
    assert_array_equal(uk.trace(run, run.data.take(some)).held_out, expected[:30])
    fresh = rings(50, seed=9)
    assert uk.trace(run, fresh).held_out.all()
    mixed = replace(fresh, x=np.concatenate([fresh.x, run.data.x]), y=np.zeros(50 + N, np.int64))
    assert_array_equal(uk.trace(run, mixed).held_out, np.concatenate([[True] * 50, expected]))
    with pytest.raises(uk.UsageError, match=r"^held_out has no meaning for a run: it knows which"):
        uk.trace(run, run.data, held_out=[0])


def test_held_out_goes_through_files(run, tmp_path):
    trace = uk.trace(run)
    for thing in (run, trace, replace(run, data=replace(run.data, held_out=HELD_OUT))):
        again = uk.load(thing.save(tmp_path / "thing.safetensors"))
        assert_array_equal(again.held_out, trace.held_out)
    assert_array_equal(again.data.held_out, trace.held_out)
    data = replace(run.data, held_out=HELD_OUT)
    for suffix, options in (("npz", {}), ("csv", {"held_out": "held_out"})):
        path = uk.datasets.write(data, tmp_path / f"data.{suffix}")
        label = {} if suffix == "npz" else {"label": "label"}
        read = uk.datasets.from_file(path, **label, **options)
        assert_array_equal(read.held_out, data.held_out)
        assert read.n_features == 2
    fitted = uk.fit(data, hidden=[2], epochs=1, progress=False)
    assert_array_equal(fitted.validation_rows, HELD_OUT)
    assert_array_equal(uk.trace(fitted).held_out, data.held_out)


def test_models_and_films_are_told(run):
    model = [lambda x: 2 * x, lambda x: x - 1]
    trace = uk.trace(model, run.data, held_out=HELD_OUT)
    assert_array_equal(np.flatnonzero(trace.held_out), HELD_OUT)
    few = uk.trace(model, run.data, held_out=HELD_OUT, max_points=50)
    origin = {row.tobytes(): held for row, held in zip(run.data.x, trace.held_out, strict=True)}
    assert [origin[row.tobytes()] for row in few[0].values] == few.held_out.tolist()
    film = uk.Film(run.data, held_out=trace.held_out)
    film.record(model, step=0)
    assert_array_equal(film.run().validation_rows, HELD_OUT)
    assert uk.Film(run.data).data.held_out is None
    made = uk.Trace.from_arrays([run.data.x], run.data.y, held_out=HELD_OUT)
    assert_array_equal(made.held_out, trace.held_out)
    assert repr(made).startswith("Trace of 'data': 200 points, 2 classes (0, 1), 40 held out")


@pytest.mark.parametrize("held_out", [[N], [-1], [0.5], [[0, 1]], ["a"]])
def test_rows_that_are_not_there_are_refused(held_out):
    with pytest.raises(uk.UsageError, match=r"(?s)^held_out has shape .* 200 points\..*0 to 199"):
        replace(rings(N), held_out=held_out)


def test_a_column_tells_which_rows_are_held_out(tmp_path, capsys):
    words = ["train", "Test", "training", "validation", "TRAIN", "test"]
    columns = {"a": np.arange(6.0), "side": list("lrlrlr"), "part": words}
    data = uk.datasets.from_frame(polars.DataFrame(columns), label="side", held_out="part")
    assert data.held_out.tolist() == [False, True, False, True, False, True]
    assert data.feature_names == ("a",)
    columns["part"][2] = "later"
    path = tmp_path / "table.csv"
    polars.DataFrame(columns).write_csv(path)
    out = str(tmp_path / "out")
    done = call(capsys, "run", path, "--label", "side", "--held-out", "part", "--out", out)
    assert done.code == 2
    assert done.err.startswith(
        "unknot: Column 'part' holds 'later' in row 3.\n  Allowed: true or 1"
    )
    with pytest.raises(uk.UsageError, match=r"^The data set says which of its rows are held out"):
        uk.fit(data, validation=0.5)


def test_probes_are_judged_by_rows_that_the_network_was_not_trained_on():
    """Labels of chance, learnt by heart: only rows held out tell that nothing was learnt."""
    rng = np.random.default_rng(0)
    labels, held_out = rng.integers(2, size=2_000), np.arange(2_000) % 4 == 0
    by_heart = np.where(held_out, rng.normal(size=2_000), 2.0 * labels - 1)
    values = np.column_stack([by_heart, *0.1 * rng.normal(size=(2, 2_000))])
    known = uk.Trace.from_arrays([values], labels, held_out=held_out)
    names = ["linear_probe", "linear_probe_error", "probe_shown"]
    row = uk.measure(Scene(known), measures=names).row(0, named=True)
    chance = np.sqrt(0.25 / held_out.sum())
    assert abs(row["linear_probe"] - 0.5) < 4 * chance
    assert row["linear_probe_error"] == pytest.approx(chance, rel=0.01)
    mixed = uk.measure(replace(known, held_out=None), measures=["linear_probe"])
    assert mixed["linear_probe"][0] > 0.85


def test_every_probe_of_a_view_has_one_solver_one_split_one_sample(run):
    from unknot.draw.words import probe_caption

    scene = Scene(uk.trace(run))
    names = ["linear_probe", "probe_shown"]
    table = uk.measure(scene, measures=names)
    for k in range(len(scene.stops)):
        own, readout = table.row(k, named=True), scene.readout(k)
        if readout is None:
            assert probe_caption(scene, k) == f"straight cut: {own['linear_probe']:.1%} right"
        else:
            assert readout.probe_full == own["linear_probe"]
            assert readout.probe_shown == own["probe_shown"]
    assert any(scene.readout(k) for k in range(len(scene.stops)))
