"""What one verb takes its siblings take; what has no meaning is refused, never ignored."""

import numpy as np
import pandas as pd
import pytest

import unknot as uk


@pytest.fixture(scope="module")
def data():
    return uk.datasets.moons(200, seed=1)


@pytest.fixture(scope="module")
def run(data):
    return uk.fit(data, hidden=[4], epochs=2, progress=False)


@pytest.fixture(scope="module")
def film(data):
    film = uk.Film(data)
    film.record([lambda x: 2 * x, lambda x: x - 1], step=0)
    film.record([lambda x: 3 * x, lambda x: x - 1], step=1)
    return film


VERBS = {
    "fit": lambda *given: uk.fit(*given, steps=3, progress=False).checkpoints[-1].model.layers[0],
    "minimum_width": lambda *given: uk.minimum_width(
        *given, max_width=1, restarts=2, steps=10, progress=False
    ),
    "sweep": lambda *given: uk.sweep(*given, hidden=[1], seeds=1, steps=10, progress=False),
    "trace": lambda *given: uk.trace([lambda x: 2 * x], *given),
}


@pytest.mark.parametrize("verb", VERBS)
def test_points_and_labels_one_after_the_other_are_a_pair(data, verb):
    x, y = data.x, data.y
    assert repr(VERBS[verb](x, y)) == repr(VERBS[verb]((x, y)))
    for points, labels, told in [
        (
            data,
            y,
            "y is the labels of an array of points; got a ndarray of shape \\(200,\\) beside",
        ),
        ((x, y), y, "y is the labels of an array of points; got"),
        (pd.DataFrame(x), "side", "y is the labels themselves, one a point; got the text 'side'."),
        (None, y, "y is the labels of points, and none were given."),
    ]:
        with pytest.raises(uk.UsageError, match=told):
            VERBS[verb](points, labels)


@pytest.mark.parametrize("verb", [uk.page, uk.animate])
def test_what_is_written_needs_a_path(run, data, verb):
    with pytest.raises(uk.UsageError, match="Expected the path of a file to write"):
        verb(run, data)


def sources(data, run):
    """Points with labels, in every form in which they may be handed over."""
    frame = pd.DataFrame(data.x, columns=["a", "b"]).assign(side=np.array(["l", "r"])[data.y])
    trace = uk.trace(run)
    return {
        "data set": (data, {}),
        "pair": ((data.x, data.y), {}),
        "pair of lists": ((data.x.tolist(), data.y.tolist()), {}),
        "frame": (frame, {"label": "side"}),
        "name": ("moons", {}),
        "run": (run, {}),
        "trace": (trace, {}),
        "scene": (uk.Scene(trace), {}),
    }


FORMS = ["data set", "pair", "pair of lists", "frame", "name", "run", "trace", "scene"]


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_whatever_holds_points_with_labels_can_be_learnt(form, data, run):
    source, options = sources(data, run)[form]
    again = uk.fit(source, **options, hidden=[2], epochs=1, progress=False)
    assert again.data.n_classes == 2
    if form != "name":
        assert (again.data.x == data.x).all()
        assert (again.data.y == data.y).all()


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_and_its_width_can_be_looked_for(form, data, run):
    source, options = sources(data, run)[form]
    search = uk.minimum_width(
        source, **options, max_width=1, restarts=1, steps=10, tolerance=0.2, progress=False
    )
    assert [w.width for w in search] == [1]
    table = uk.sweep(source, **options, hidden=[[1]], seeds=1, steps=10, progress=False)
    assert len(table) == 1


def test_a_file_is_learnt_by_its_path(data, tmp_path):
    path = uk.datasets.write(data, tmp_path / "moons.csv")
    column = uk.datasets.answer_column(data)
    run = uk.fit(path or tmp_path / "moons.csv", label=column, epochs=1, progress=False)
    assert run.data.n_points == 200


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (
            lambda data: uk.fit(data.x),
            "Expected points with labels; got a ndarray of shape (200, 2).\n"
            "Give a Dataset, a pair (x, y), a data frame with label=…, or the name of a data set.",
        ),
        (
            lambda data: uk.fit(pd.DataFrame(data.x)),
            "A data frame needs the name of its column of classes.\n"
            "Give label=…, or target=… for numbers to predict.",
        ),
        (
            lambda data: uk.fit(data, label="a"),
            "label names a column of a data frame or a file; got a Dataset.\nLeave label out.",
        ),
        (
            lambda data: uk.minimum_width(None),
            "Expected points with labels; got nothing.\n"
            "Give a Dataset, a pair (x, y), a data frame with label=…, or the name of a data set.",
        ),
        (
            lambda data: uk.Scene(data),
            "Expected a Trace, a Run or a Scene; got a Dataset.\n"
            "Make a trace of any network: trace(model, data).",
        ),
        (
            lambda data: uk.measure(3),
            "Expected a Trace, a Run or a Scene; got an int.\n"
            "Make a trace of any network: trace(model, data).",
        ),
    ],
)
def test_what_has_no_meaning_is_refused_with_what_to_give(made, text, data):
    with pytest.raises(uk.UsageError) as error:
        made(data)
    assert str(error.value) == text


def test_a_run_is_traced_with_other_points(run, data):
    x, y = data.x[:50], data.y[:50]
    names = np.array(data.class_names)[y]
    for labels in (y, names, y[:, None], y.astype(float), np.eye(2)[y]):
        traced = uk.trace(run, (x, labels))
        assert traced.class_names == data.class_names
        assert (traced.labels == y).all()
        assert traced.probabilities.shape == (50, 2)
    assert uk.trace(run, (x[:1], y[:1])).n_points == 1
    bare = uk.trace(run, x)
    assert (bare.class_names, bare.probabilities) == (("points",), None)
    assert (bare["logit"].values == uk.trace(run, (x, y))["logit"].values).all()


def test_labels_that_are_none_of_the_runs_classes_are_refused(run, data):
    with pytest.raises(uk.UsageError) as error:
        uk.trace(run, (data.x[:3], ["left", "middle", "top"]))
    assert str(error.value) == (
        "The labels middle, top are none of the run's classes.\n"
        "Allowed: left, right, or their numbers from 0 to 1."
    )


@pytest.mark.parametrize(
    ("option", "value"), [("path", ["hidden 1"]), ("head", "softmax"), ("memory", 10**9)]
)
def test_arguments_for_other_models_are_refused_beside_a_run(run, option, value):
    with pytest.raises(uk.UsageError) as error:
        uk.trace(run, **{option: value})
    assert str(error.value) == (
        f"{option} has no meaning for a network of unknot's own: it is one chain of known maps.\n"
        f"Leave {option} out."
    )


def test_only_a_run_has_checkpoints(run, data):
    for model in (run.model, [np.tanh]):
        with pytest.raises(uk.UsageError, match="only a run has checkpoints"):
            uk.trace(model, data, checkpoint=0)


def test_whatever_holds_a_trace_is_looked_at(run, film):
    trace = uk.trace(run)
    assert uk.trace(trace) is trace
    assert uk.trace(uk.Scene(trace)) is trace
    for source in (run, trace, uk.Scene(trace), uk.Morph(trace), film):
        assert uk.Scene(source).length == len(uk.trace(source)) - 1
        assert uk.Morph(source).length == uk.Scene(source).length
        table = uk.measure(source, measures=["participation_ratio"])
        assert set(table["representation"]) == {r.name for r in uk.trace(source)}


def test_public_objects_tell_themselves_in_a_few_lines():
    x = np.random.default_rng(0).normal(size=(600, 4)).astype("f")
    run = uk.fit((x, np.arange(600) % 60), hidden=[8], epochs=1, progress=False)
    deep = uk.Trace.from_arrays([x] * 200, np.arange(600) % 60, names=["n" * 500] * 200)
    for thing in (run, run.data, uk.trace(run), deep, run.model, run.checkpoints):
        assert len(repr(thing).splitlines()) <= 10
        assert len(repr(thing)) < 1_500
    assert repr(uk.trace(run)["hidden 1"]) == "Representation 'hidden 1': 600 points, 8 units"


@pytest.mark.slow
def test_notebooks_show_text_and_a_picture(run):
    from html.parser import HTMLParser

    trace = uk.trace(run)
    film = uk.Film(run.data)
    assert "nothing is recorded yet" in film._repr_html_()
    film.record([lambda x: 2 * x, np.tanh], step=0)
    for thing in (run, run.data, trace, uk.Morph(trace), uk.Scene(trace)):
        html = thing._repr_html_()
        HTMLParser().feed(html)
        assert "200 points" in html
        assert "data:image/png;base64," in html
    aligned = uk.align([trace, trace])
    for thing, text in ((film, "1 moment, the last at step 0"), (aligned, "2 networks")):
        assert text in thing._repr_html_()
        assert "data:image/png;base64," in thing._repr_html_()


def test_names_are_escaped_in_notebooks(data):
    named = uk.datasets.from_arrays(data.x, data.y, name="<script>alert(1)</script>")
    assert "<script>" not in named._repr_html_()


def test_a_trace_is_a_sequence_of_representations(run):
    trace = uk.trace(run)
    assert len(trace) == len(trace.representations)
    assert [trace[k] for k in range(len(trace))] == list(trace)
    assert trace["hidden 1"] is trace[2]
    assert trace[-1] is trace.representations[-1]
    with pytest.raises(uk.UsageError) as error:
        trace["hiden 1"]
    assert "Did you mean 'hidden 1'?" in str(error.value)
    with pytest.raises(uk.UsageError, match="Layer 5 does not exist: choose 0 to 4"):
        trace[5]


def test_equality_is_identity_and_everything_hashes(run, data):
    trace = uk.trace(run)
    for thing in (run, data, trace, trace[0], run.model, run.checkpoints[0], trace.maps[0]):
        assert thing == thing
        assert thing != object()
        assert isinstance(hash(thing), int)


def test_saving_gives_the_path(run, tmp_path):
    assert run.save(tmp_path / "r.safetensors") == tmp_path / "r.safetensors"
    assert uk.trace(run).save(tmp_path / "t.safetensors") == tmp_path / "t.safetensors"
    assert uk.load(tmp_path / "r.safetensors").history == run.history


def test_what_is_public():
    import importlib.metadata

    assert uk.__version__ == importlib.metadata.version("unknot")
    for name in ("Dataset", "MinimumWidth", "Checkpoint", "Run", "Trace"):
        assert name in uk.__all__
        assert isinstance(getattr(uk, name), type)


@pytest.mark.slow
def test_every_view_draws_whatever_holds_a_trace(run, film, tmp_path):
    trace = uk.trace(run)
    for k, source in enumerate((run, trace, uk.Scene(trace), uk.Morph(trace), film)):
        uk.figure(source, size=5)
        assert uk.page(source, tmp_path / f"{k}.html").stat().st_size > 10_000
        path = uk.animate(source, tmp_path / f"{k}.gif", size=240, seconds=0.2, progress=False)
        assert path.stat().st_size > 1_000
        assert uk.show(source).layer is None


def test_a_page_takes_its_axes_from_a_scene_and_refuses_what_it_cannot_show(run, tmp_path):
    from unknot.views.page.header import page_file

    trace = uk.trace(run)
    assert b'"n_axes":3' in page_file(uk.Scene(trace, n_axes=3)).replace(b" ", b"")
    assert b'"n_axes":2' in page_file(uk.Scene(trace, n_axes=3), n_axes=2).replace(b" ", b"")
    with pytest.raises(uk.UsageError) as error:
        uk.page(uk.Scene(trace, projection="pca"), tmp_path / "page.html")
    assert str(error.value) == (
        "A page begins with projection 'auto'; the scene has 'pca'.\n"
        "Give the trace, and choose what is seen in the page."
    )
    assert not list(tmp_path.iterdir())
