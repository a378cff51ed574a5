"""figure: the table, its options, and what holds for every figure of every trace."""

import subprocess
import sys
from inspect import signature

import numpy as np
import pytest
from pictures import ZOO, check_texts, demo, regression, run, words

import unknot as uk
from unknot import UsageError
from unknot.motion.scene import Scene
from unknot.views.figures import figure, figures

OF_TRACES = ("strip", "pairs", "3d", "diagram", "depth", "cka")


@pytest.mark.parametrize("what", list(figures))
def test_every_figure_says_what_it_draws_and_takes_a_size(what):
    assert figures[what].__doc__
    source, *options = signature(figures[what]).parameters.values()
    assert source.kind is source.POSITIONAL_OR_KEYWORD
    assert all(option.kind is option.KEYWORD_ONLY for option in options)
    assert "size" in [option.name for option in options]


QUICK = ("hostile names", "one point")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in ZOO]
)
@pytest.mark.parametrize("what", OF_TRACES)
def test_every_figure_of_every_trace(what, name):
    drawn = figure(ZOO[name](), what=what)
    drawn.canvas.draw()
    check_texts(drawn)


@pytest.mark.parametrize("name", ["demo", "density", "three classes", "eight classes", "dead"])
def test_regions_of_every_plane(name):
    drawn = figure(ZOO[name](), what="regions")
    drawn.canvas.draw()
    check_texts(drawn)


@pytest.mark.slow
@pytest.mark.parametrize("what", [*OF_TRACES, "regions"])
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
            lambda: np.zeros((3, 2)),
            {},
            "Expected a Trace, a Run or a Scene; got a ndarray of shape (3, 2).\n"
            "Make a trace of any network: trace(model, data).",
        ),
        (
            demo,
            {"what": "diagram", "units": [0, 1]},
            "The figure 'diagram' takes no 'units'.\nAllowed: size.",
        ),
        (
            demo,
            {"what": "strip", "layer": 1},
            "The figure 'strip' takes no 'layer'.\n"
            "Allowed: size, n_axes, projection, units, scale, seed.",
        ),
        (demo, {"size": 2.5}, "The size of a figure is its width in inches, 3 to 60; got 2.5."),
        (
            demo,
            {"size": "wide"},
            "The size of a figure is its width in inches, 3 to 60; got 'wide'.",
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
            "The figure 'pairs' shows one trace; got 2.",
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
            "Unit 6 of 'hidden 1' does not exist: choose from 0 to 5.",
        ),
        (
            demo,
            {"what": "pairs", "units": [1, 1]},
            "Give 1 to 10 different units; got [1, 1].",
        ),
        (
            demo,
            {"what": "3d", "units": [0, 1]},
            "Give 3 different units; got [0, 1].",
        ),
        (
            demo,
            {"what": "3d", "units": ["first", 1, 2]},
            "Units are whole numbers, such as [0, 2, 5]; got ['first', 1, 2].",
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


def test_options_left_at_their_defaults_were_not_asked_for():
    # As the command line gives them, whatever the figure.
    drawn = figure(demo(20), what="diagram", n_axes=2, projection="following", seed=0)
    assert "the network" in words(drawn)
