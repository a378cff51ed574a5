"""A row added in one place, as CONTRIBUTING says, is there in the library and on the command line.

A copy of the package gets a throw-away row in each table: in a file that has such rows already,
or, where any file of a folder may add one, in a new one. Nothing else of the copy is changed.
"""

import inspect
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from calling import environment

import unknot
from unknot.motion.kinds import kinds
from unknot.motion.projection import projections
from unknot.network.activations import activations
from unknot.network.optimisers import optimisers
from unknot.views.figures import figures
from unknot.width.ceiling import baselines

pytestmark = pytest.mark.slow

SOURCE = Path(unknot.__file__).parent
TESTS = Path(__file__).parent

#: File of the package → what is added to its end, or a new file.
ROWS: list[tuple[object, str]] = [
    (
        "datasets/added.py",
        '''
import numpy as np
from unknot.datasets.dataset import Dataset
from unknot.datasets.generators import balanced_labels, generator
from unknot.datasets.parameters import Points, Seed

@generator
def two_dots(n: Points = 60, *, seed: Seed = 0) -> Dataset:
    """Two dots."""
    y = balanced_labels(n, 2, np.random.default_rng(seed))
    x = np.stack([y, 1 - y], axis=1).astype(np.float32)
    return Dataset(x, y, ("left", "right"), ("x1", "x2"), bayes_accuracy=1.0)
''',
    ),
    (
        "measures/added.py",
        '''
from unknot.measures.table import Place, measure_of

@measure_of(title="seven", range=(7, 7))
def seven(place: Place) -> float:
    """Seven."""
    return 7.0
''',
    ),
    (
        "cli/added.py",
        '''
from unknot.cli.app import command

@command("unknot greet --name you")
def greet(*, name: str = "world") -> None:
    """Greet somebody."""
    print(f"hello, {name}")
''',
    ),
    (
        activations["tanh"].formula,
        '''
@activation("z / 2 through tanh", bounds=(-0.5, 0.5))
def halved(z: Any, of: Any) -> Any:
    """tanh z / 2"""
    return of.tanh(z) / 2
''',
    ),
    (
        optimisers["adam"].make,
        '''
@optimiser(peak=0.2)
def plain(learning_rate: float = 0.1) -> "GradientTransformation":
    """Gradient descent."""
    import optax

    return optax.sgd(learning_rate)
''',
    ),
    (
        projections["pca"],
        '''
@projections.add
def backwards(place: ViewedPlace) -> Projection:
    """The last units first."""
    frame = np.eye(place.n_units)[:, ::-1][:, : place.n_axes]
    return Projection(frame, tuple("uvw"[: place.n_axes]), is_fixed=True)
''',
    ),
    (
        kinds["linear"],
        '''
@kinds.add
def direct(trace: Trace, k: int) -> Transition:
    """As linear."""
    return linear(trace, k)
''',
    ),
    (
        figures["strip"],
        '''
@figures.add
def blank(source: Drawable, *, size: float = 4) -> "Figure":
    """Nothing."""
    from matplotlib.figure import Figure

    return Figure(figsize=(size, size))
''',
    ),
    (
        baselines["nearest_neighbours"],
        '''
@baselines.add
def oracle(x: Matrix, y: NDArray[Any], others: Matrix, seed: int) -> NDArray[Any]:
    """The first class."""
    return np.zeros(len(others), np.int64)
''',
    ),
]

#: Uses every new row in the library and on the command line; prints what came of it as JSON.
USE = r"""
import contextlib, io, json, os
from dataclasses import replace

def call(*arguments):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            from unknot.cli import main
            main(list(arguments))
        except SystemExit as stop:
            code = stop.code or 0
    return {"code": code, "out": " ".join(out.getvalue().split()), "err": err.getvalue()}

import unknot as uk
data = uk.datasets.two_dots(60)
run = uk.fit(
    data, hidden=[3, 3], activation="halved", optimizer="plain", epochs=2, progress=False
)
uk.fit(data, hidden=[3], optimizer="plain", steps=20, progress=False)
trace = uk.trace(run)
trace.save("t.safetensors")
came = {
    "data set": [data.name, data.n_points, "two_dots" in dir(uk.datasets)],
    "activation": [map_.name for map_ in trace.maps if isinstance(map_, uk.Activation)],
    "projection": list(uk.Scene(trace, projection="backwards").stops[1].axis_labels),
    "kind": uk.Morph(trace, kind="direct").length,
    "measure": uk.measure(trace, measures=["seven"])["seven"].to_list(),
    "figure": list(uk.figure(trace, what="blank").get_size_inches()),
    "baseline": sorted(
        uk.minimum_width(
            replace(data, bayes_accuracy=None), max_width=1, restarts=1, steps=10, tolerance=0.2
        ).ceiling.candidates
    ),
    "help": {
        name: call(*name.split(), "--help")
        for name in ("", "run", "width", "figure", "animate", "measure", "greet")
    },
    "greet": call("greet", "--name", "you"),
    "datasets": call("datasets"),
    "list": call("measure", "--list"),
    "write": call("datasets", "two_dots", "-o", "dots.csv"),
    "fit": call(
        "width", "two_dots", "--activation", "halved", "--optimizer", "plain",
        "--max-width", "1", "--restarts", "1", "--steps", "10", "--tolerance", "0.2", "--json",
    ),
    "draw": call("figure", "t.safetensors", "--what", "blank", "-o", "blank.png"),
    "project": call("figure", "t.safetensors", "--projection", "backwards", "-o", "b.png"),
    "film": call(
        "animate", "t.safetensors", "--kind", "direct", "--projection", "backwards",
        "--fps", "5", "--seconds", "1", "--size", "240", "-o", "film.gif",
    ),
    "measured": call("measure", "t.safetensors", "--measures", "seven", "--json"),
    "files": sorted(os.listdir(".")),
}
print(json.dumps(came))
"""


def file_of(place):
    """Where a row stands, relative to the package."""
    if isinstance(place, str):
        return Path(place)
    path = inspect.getsourcefile(inspect.unwrap(place))
    assert path is not None
    return Path(path).resolve().relative_to(SOURCE.resolve())


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A folder with a copy of the package that has the new rows."""
    folder = tmp_path_factory.mktemp("copy")
    package = folder / "unknot"
    shutil.copytree(SOURCE, package, ignore=shutil.ignore_patterns("__pycache__"))
    for place, text in ROWS:
        path = package / file_of(place)
        assert path.exists() != isinstance(place, str)
        with path.open("a") as file:
            file.write(text)
    return folder


@pytest.fixture(scope="module")
def came(copy, tmp_path_factory):
    """What came of using every new row."""
    done = subprocess.run(
        [sys.executable, "-c", USE],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path_factory.mktemp("used"),
        env=environment(copy, COLUMNS="200"),
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_the_library_takes_them(came):
    assert came["data set"] == ["two_dots", 60, True]
    assert came["activation"][:2] == ["halved", "halved"]
    assert came["projection"] == ["u", "v"]
    assert came["kind"] > 0
    assert set(came["measure"]) == {7.0}
    assert came["figure"] == [4, 4]
    assert "oracle" in came["baseline"]


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("", ["greet Greet somebody."]),
        ("greet", ["unknot greet --name you"]),
        ("run", ["two_dots", "halved", "plain"]),
        ("width", ["two_dots", "halved", "plain"]),
        ("figure", ["blank", "backwards", "seven"]),
        ("animate", ["backwards", "direct"]),
        ("measure", ["backwards", "seven"]),
    ],
)
def test_help_lists_them(came, command, names):
    shown = came["help"][command]
    assert shown["code"] == 0, shown["err"]
    # Names may be broken over lines of a panel, which has an edge at both sides.
    text = " ".join(shown["out"].replace("│", " ").split())
    assert [name for name in names if name not in text] == []


@pytest.mark.parametrize(
    "use", ["greet", "datasets", "list", "write", "fit", "draw", "project", "film", "measured"]
)
def test_the_command_line_takes_them(came, use):
    assert came[use]["code"] == 0, came[use]["err"]


def test_the_command_line_does_what_they_say(came):
    assert came["greet"]["out"] == "hello, you"
    assert "two_dots" in came["datasets"]["out"]
    assert "seven" in came["list"]["out"]
    assert {row["seven"] for row in json.loads(came["measured"]["out"])["rows"]} == {7.0}
    assert {"dots.csv", "blank.png", "b.png", "film.gif"} <= set(came["files"])


#: Contract tests, and the rows that they are of without being told.
CONTRACTS = {
    "datasets/test_contract.py": ["two_dots"],
    "motion/test_contract.py": ["two_dots", "direct", "halved"],
    "views/test_figure.py": ["blank"],
}


def test_contract_tests_pick_them_up(copy):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0", *CONTRACTS],
        capture_output=True,
        text=True,
        check=False,
        cwd=TESTS,
        env=environment(copy),
    )
    assert done.returncode == 0, done.stdout[-2000:]
    for tests, names in CONTRACTS.items():
        own = "\n".join(line for line in done.stdout.splitlines() if f"{tests}::" in line)
        assert [name for name in names if name not in own] == [], tests


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (["run", "moon", "--out", "out"], "'moons'"),
        (["run", "moons", "-n", "40", "--out", "out", "--activation", "rellu"], "'relu'"),
        (["run", "moons", "-n", "40", "--out", "out", "--optimizer", "adma"], "'adam'"),
        (["figure", "t.safetensors", "-o", "a.png", "--what", "stirp"], "'strip'"),
        (["figure", "t.safetensors", "-o", "a.png", "--projection", "followin"], "'following'"),
        (["animate", "t.safetensors", "-o", "a.gif", "--kind", "liner"], "'linear'"),
        (["animate", "t.safetensors", "-o", "a.gif", "--along", "layer"], "'layers'"),
        (["animate", "t.safetensors", "-o", "a.gif", "--scale", "fixd"], "'fixed'"),
        (["measure", "t.safetensors", "--measures", "linear_prob"], "'linear_probe'"),
        (["width", "moons", "-n", "40", "--activation", "tahn"], "'tanh'"),
        (["width", "moons", "-n", "40", "--optimizer", "sdg"], "'sgd'"),
        (["figrue"], "figure"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(
    arguments, near, tmp_path, capsys, monkeypatch
):
    from unknot.cli import main
    from unknot.traces.tracing import trace

    monkeypatch.chdir(tmp_path)
    model = [unknot.Affine(np.float32([[1, 2, 3], [4, 5, 6]]), np.zeros(3, np.float32))]
    trace(model, unknot.datasets.moons(20)).save("t.safetensors")
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    error = capsys.readouterr().err
    assert stop.value.code == 2, error
    assert "Did you mean" in error
    assert near in error
    assert not list(tmp_path.glob("out/*"))
