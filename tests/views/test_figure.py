"""figure: the table, its options, and what holds for every figure of every trace."""

import shutil
import subprocess
import sys
from contextlib import suppress
from functools import cache
from inspect import signature
from pathlib import Path

import numpy as np
import polars
import pytest
from calling import environment
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from pictures import ZOO, check_texts, demo, regression, run, texts

import unknot as uk
from unknot import UsageError
from unknot.measures import topology
from unknot.motion.scene import Scene
from unknot.views.figures import figure, figures

#: Figures of any trace whatever.
OF_TRACES = ("strip", "pairs", "3d", "diagram", "depth", "cka")
#: Figures of one panel.
PANELS = [what for what in figures if "ax" in signature(figures[what]).parameters]


def blank(*size, **options):
    """A figure of a reader's own."""
    made = Figure(figsize=size or None, **options)
    FigureCanvasAgg(made)
    return made


def sweep():
    """The table of a sweep."""
    columns = {"depth": [1, 1, 2], "width": [2, 3, 2], "activation": ["relu"] * 3}
    return polars.DataFrame({**columns, "accuracy": [0.7, 0.9, 0.8]})


@cache
def search():
    """A search for the minimum width, of no use but as one to draw."""
    data = uk.datasets.moons(200, seed=1)
    return uk.minimum_width(data, max_width=2, restarts=2, steps=50, progress=False)


@cache
def cells():
    """A small atlas."""
    settings = {"n_points": 200, "restarts": 1, "steps": 10, "max_width": 1, "depths": [1]}
    return uk.atlas(["moons"], activations=["relu"], progress=False, **settings)


@cache
def replicates():
    """Two networks, brought together."""
    return uk.align([uk.fit("moons", hidden=[3], steps=50, seed=s, progress=False) for s in (1, 2)])


SOURCES = (demo, run, sweep, search, cells, replicates, regression)


@cache
def source_of(what):
    """The first of the sources that a figure draws."""
    for source in SOURCES:
        with suppress(UsageError):
            figure(source(), what=what)
            return source()
    raise AssertionError(f"nothing can be drawn by {what}")


QUICK = ("hostile names", "one point")


@pytest.fixture
def few_landmarks(monkeypatch):
    """The words of a figure are the same whatever their number; their bars take its cube."""
    monkeypatch.setattr(topology, "LANDMARKS", 200)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in ZOO]
)
@pytest.mark.parametrize("what", figures)
@pytest.mark.usefixtures("few_landmarks")
def test_every_figure_of_every_trace(what, name):
    """It is drawn with words that fit, or refused in a sentence."""
    try:
        drawn = figure(ZOO[name](), what=what)
    except UsageError:
        assert what not in OF_TRACES
        return
    drawn.canvas.draw()
    check_texts(drawn)


@pytest.mark.parametrize("what", figures)
def test_every_figure_is_a_function_with_a_sentence(what):
    draw = figures[what]
    assert getattr(uk.figures, draw.__name__) is draw
    assert draw.__doc__.splitlines()[0].endswith(".")
    assert {"size", "figure"} <= set(signature(draw).parameters)


@pytest.mark.slow
@pytest.mark.parametrize("what", figures)
def test_every_figure_is_drawn_into_a_figure_and_into_a_part_of_one(what):
    whole = blank(16, 15)
    above, below = whole.subfigures(2, 1, height_ratios=(12, 3))
    left, right = above.subfigures(1, 2)
    right.text(0.5, 0.5, "beside")
    below.text(0.5, 0.5, "below")
    assert figures[what](source_of(what), figure=left) is whole
    assert left.axes
    whole.draw_without_rendering()
    room = left.bbox
    for text in texts(left):
        box = text.get_window_extent()
        assert room.x0 - 2 <= box.x0, text.get_text()
        assert box.x1 <= room.x1 + 2, text.get_text()
        assert room.y0 - 2 <= box.y0, text.get_text()
        assert box.y1 <= room.y1 + 2, text.get_text()
    low = blank(8, 1)
    assert figures[what](source_of(what), figure=low) is low
    assert low.get_size_inches()[0] == 8
    assert low.get_size_inches()[1] > 1
    low.canvas.draw()
    check_texts(low)


@pytest.mark.slow
@pytest.mark.parametrize("what", PANELS)
def test_a_panel_is_drawn_into_axes(what):
    whole = blank(12, 6, layout="constrained")
    other, ax = whole.subplots(1, 2)
    options = {"depth": {"measures": ["gdv"]}, "heatmap": {"measures": ["gdv"]}}
    options["persistence"] = {"layer": "input"}
    assert figures[what](source_of(what), ax=ax, **options.get(what, {})) is whole
    assert not other.has_data()
    assert ax.has_data() or any(child.has_data() for child in ax.child_axes)
    assert whole.axes == [other, ax]
    whole.draw_without_rendering()
    own = other.findobj(Text)
    check_texts(whole)
    end = other.get_tightbbox().x1
    assert all(text.get_window_extent().x0 > end for text in texts(whole) if text not in own)


def test_one_pair_of_units_is_one_panel():
    ax = Figure(figsize=(5, 5)).subplots()
    uk.figures.pairs(demo(), layer="hidden 1", units=[2, 0], ax=ax)
    assert not ax.child_axes
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("unit 3", "unit 1")
    values = demo()["hidden 1"].values
    np.testing.assert_allclose(ax.collections[0].get_offsets(), values[:, [2, 0]])


def test_a_new_file_adds_a_figure_to_the_library_and_the_command_line(tmp_path):
    package = Path(uk.__file__).parent
    shutil.copytree(package, tmp_path / "unknot", ignore=shutil.ignore_patterns("bundle"))
    new = tmp_path / "unknot" / "views" / "figures" / "throwaway.py"
    new.write_text(
        "from unknot.views.figures.figure import figures\n"
        "from unknot.views.figures.sheet import Sheet\n\n\n"
        "@figures.add\n"
        "def throwaway(source, *, size=None, word='nothing', figure=None):\n"
        "    'A word.'\n"
        "    sheet = Sheet(3, 1, figure)\n"
        "    sheet.text(1, 0.5, word, 9)\n"
        "    return sheet.figure\n"
    )
    demo(20).save(tmp_path / "trace.safetensors")
    code = (
        "import unknot as uk, unknot.cli as cli\n"
        "trace = uk.load('trace.safetensors')\n"
        "drawn = uk.figure(trace, what='throwaway', word='something')\n"
        "assert drawn.texts[0].get_text() == 'something'\n"
        "assert uk.figures.throwaway(trace).texts[0].get_text() == 'nothing'\n"
        "cli.main(['figure', 'trace.safetensors', '--what', 'throwaway', '-o', 'word.png'])\n"
    )
    variables = environment(tmp_path)
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env=variables)
    assert (tmp_path / "word.png").stat().st_size


@pytest.mark.parametrize("name", ["demo", "density", "three classes", "eight classes", "dead"])
def test_regions_of_every_plane(name):
    drawn = figure(ZOO[name](), what="regions")
    drawn.canvas.draw()
    check_texts(drawn)


@pytest.mark.slow
@pytest.mark.parametrize("what", [*OF_TRACES, "regions", "components"])
@pytest.mark.parametrize(
    "size", [3, *(pytest.param(size, marks=pytest.mark.slow) for size in (4.5, 15))]
)
def test_texts_fit_at_every_size(what, size):
    drawn = figure(demo(200), what=what, size=size)
    assert drawn.get_size_inches()[0] <= size + 1e-9
    drawn.canvas.draw()
    check_texts(drawn)


@pytest.mark.parametrize("what", OF_TRACES)
def test_draws_a_run(what):
    assert figure(run(), what=what).axes


@pytest.mark.parametrize("what", OF_TRACES)
def test_draws_a_scene(what):
    scene = Scene(demo(50), n_axes=3 if what == "3d" else 2)
    assert figure(scene, what=what).axes


@pytest.mark.slow
def test_nothing_global_changes():
    code = (
        "import sys, unknot as uk, numpy as np\n"
        "t = uk.Trace.from_arrays([np.eye(4)], [0, 1, 0, 1])\n"
        "from matplotlib import rcParams as rc\n"
        # Asking for the backend is what imports pyplot.
        "settings = lambda: {k: rc[k] for k in rc if k != 'backend'}\n"
        "before = settings()\n"
        "uk.figure(t); uk.figure(t, what='pairs')\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert settings() == before\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_table_needs_no_matplotlib():
    code = (
        "import sys\nfrom unknot.views.figures import figures\n"
        "assert list(figures) and 'matplotlib' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_notebook_shows_it():
    assert figure(demo(20))._repr_png_().startswith(b"\x89PNG")


def test_public_names():
    assert uk.figure is figure
    assert uk.figures.figures is figures
    assert callable(uk.save_figure)


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (
            demo,
            {"what": "stripe"},
            f"Unknown figure 'stripe'. Did you mean 'strip'?\nAllowed: {', '.join(figures)}.",
        ),
        (
            demo,
            {"what": "strip.png"},
            "figure makes a picture and writes no file; got 'strip.png'.\n"
            "Save it: unknot.save_figure(unknot.figure(…), 'strip.png').",
        ),
        (
            lambda: np.zeros((3, 2)),
            {},
            "Expected a Trace, a Run or a Scene; got a ndarray of shape (3, 2).\n"
            "Make a trace of any network: trace(model, data).",
        ),
        (
            demo,
            {"what": "diagram", "units": [0, 1]},
            "The figure 'diagram' takes no units; these do: 3d, pairs, strip.\n"
            "Arguments of 'diagram': size, figure.",
        ),
        (
            demo,
            {"what": "strip", "layer": 1},
            "The figure 'strip' takes no layer; these do: 3d, barcodes, components, pairs, "
            "persistence.\n"
            "Arguments of 'strip': size, n_axes, projection, units, scale, seed, thumbnails, "
            "mark_held_out, figure.",
        ),
        (demo, {"size": 2.5}, "The size of a figure is its width in inches, 3 to 60; got 2.5."),
        (
            demo,
            {"size": "wide"},
            "The size of a figure is its width in inches, 3 to 60; got 'wide'.",
        ),
        (
            demo,
            {"size": 5, "figure": Figure()},
            "size and figure both say where the figure is drawn.\nGive one of them.",
        ),
        (
            demo,
            {"figure": Figure(figsize=(8, 2)).subfigures()},
            "The figure needs 8.00 × 8.23 inches; the SubFigure has 8.00 × 2.00.\n"
            "Make its figure higher, or give it a larger share.",
        ),
        (
            demo,
            {"figure": Figure(figsize=(2, 2))},
            "A figure is 3 inches wide at least; this one has 2.00.",
        ),
        (
            demo,
            {"what": "depth", "measures": ["gdv", "fisher_ratio"], "ax": Figure().subplots()},
            "ax has room for one measure; got 2.\n"
            "Give one, such as measures=['gdv'], or figure= for all of them.",
        ),
        (
            demo,
            {"what": "persistence", "ax": Figure().subplots()},
            "ax has room for one representation; the trace has 6.\n"
            "Give layer=…, or figure= for all of them.",
        ),
        (
            demo,
            {"what": "pairs", "ax": Figure(figsize=(2, 2)).subplots()},
            "6 units need axes of 2.8 inches; these have 1.6 × 1.5.\n"
            "Make them larger, or give fewer units=[…].",
        ),
        (
            search,
            {"what": "regions", "ax": Figure().subplots()},
            "ax has room for one network; a search has one a width.\n"
            "Give the run of one, result[width].run, or figure= for all of them.",
        ),
        (demo, {"n_axes": 4}, "A view has 2 or 3 axes; got 4."),
        (
            lambda: Scene(demo(20)),
            {"n_axes": 3},
            "A Scene already has its n_axes.\nGive the trace instead, or leave that out.",
        ),
        (lambda: [], {}, "A strip shows 1 to 12 traces; got 0."),
        (
            lambda: [demo(20), demo(20)],
            {"what": "pairs"},
            "Expected a Trace, a Run or a Scene; got a list.\n"
            "Make a trace of any network: trace(model, data).",
        ),
        (
            demo,
            {"what": "training"},
            "The figure 'training' needs a Run, with its checkpoints; got a Trace.\n"
            "Give what fit() returned, what film.run() returns, or a saved run.",
        ),
        (
            demo,
            {"what": "pairs", "layer": "hiden 1"},
            "Unknown layer 'hiden 1'. Did you mean 'hidden 1'?\n"
            "Allowed: input, hidden 1 pre-activation, hidden 1, readout, logit, probability.",
        ),
        (
            demo,
            {"what": "pairs", "layer": 6},
            "Layer 6 does not exist: choose 0 to 5, or a name.\n"
            "Allowed: input, hidden 1 pre-activation, hidden 1, readout, logit, probability.",
        ),
        (
            demo,
            {"what": "pairs", "units": [0, 6]},
            "Unit 7 of 'hidden 1' does not exist: choose 1 to 6.\n"
            "In Python units= counts from 0: 0 to 5.",
        ),
        (
            demo,
            {"what": "pairs", "units": [1, 1]},
            "Give 1 to 10 different units; got units 2, 2.",
        ),
        (
            demo,
            {"what": "3d", "units": [0, 1]},
            "Give 3 different units; got units 1, 2.",
        ),
        (
            demo,
            {"what": "3d", "units": ["first", 1, 2]},
            "Units are indices from 0, such as [0, 2, 5]; got ['first', 1, 2].",
        ),
        (
            lambda: Scene(demo(20)),
            {"what": "3d"},
            "The figure '3d' shows a scene with 3 axes; got one with 2.",
        ),
        (
            ZOO["three features"],
            {"what": "regions"},
            "The figure 'regions' shows the plane of 2 features; 'cloud' has 3.\n"
            "Use 'strip' for this data.",
        ),
        (
            ZOO["three features"],
            {"what": "components"},
            "The figure 'components' shows a plane; 'input' has 3 units.\n"
            "For 3 units: measure(source, measures=['region_components', 'region_holes']).",
        ),
        (
            regression,
            {"what": "components"},
            "The figure 'components' needs a classifier; the rest of the network is no classifier, "
            "or has a map that is not known.\nUse 'strip' for this trace.",
        ),
        (
            regression,
            {"what": "regions"},
            "The figure 'regions' needs a network that gives class probabilities, with every map "
            "known.\nUse 'strip' for this trace.",
        ),
    ],
)
def test_errors(source, options, message):
    with pytest.raises(UsageError) as error:
        figure(source(), **options)
    assert str(error.value) == message
