"""Every option of every command, with one list of bad values: refused, or the work is done."""

from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest
from calling import call
from networks import readout_network, rings

from unknot.cli.app import program
from unknot.traces.tracing import trace

#: What no option takes for a number, and what is a number but none that is whole or sensible.
NO_NUMBERS = [
    *("", " ", "nan", "inf", "-inf", "1e400", "ten", "0x1F", "1,5", "٣", "None", "True"),
    *("-1", "<b>", "x" * 5_000, "\ud800", "[1]"),
]
NOT_WHOLE = [*NO_NUMBERS, "9.6", "1.5", "1e3", "1_000", "9" * 30]
NO_PATHS = ["", "folder", "good.csv/x", "n" * 300, "a\0b", "/proc/nothing/x", "a.soup"]

#: A call of each command that works.
CALLS = {
    "run": ["circles", "-n", "60", "--steps", "5", "--out", "out"],
    "demo": ["--out", "out"],
    "trace": ["model.onnx", "circles", "-n", "20", "-o", "t.safetensors"],
    "figure": ["t.safetensors", "-o", "a.png"],
    "animate": ["t.safetensors", "-o", "a.gif", "--seconds", "1", "--fps", "2", "--size", "120"],
    "page": ["t.safetensors", "-o", "a.html"],
    "view": ["t.safetensors"],
    "playground": ["moons", "-n", "20", "-o", "a.html"],
    "measure": ["t.safetensors", "--measures", "gdv", "--view", "-o", "a.csv"],
    "width": ["circles", "-n", "60", "--restarts", "1", "--max-width", "1", "--steps", "5"],
    "atlas": [
        *("--data", "circles", "-n", "60", "--restarts", "1", "--max-width", "1", "--steps", "10"),
        *("--depths", "1", "--activations", "relu", "-o", "a.parquet"),
    ],
    "datasets": ["circles", "-n", "20", "-o", "a.csv"],
}


def options():
    """Command, option and the type of its value."""
    app = program()
    for command in CALLS:
        for argument in app[command].assemble_argument_collection():
            kind, is_parsed = argument.field_info.kind, argument.parameter.parse is not False
            if kind is argument.field_info.KEYWORD_ONLY and is_parsed:
                names = [name for name in argument.names if name != "*"]
                kinds = get_args(argument.hint) or (argument.hint,)
                if names and kinds[0] is not bool:
                    yield command, min(names, key=len), kinds[0]


OPTIONS = list(options())


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """A trace, a table and a model of another library, as files."""
    onnx = pytest.importorskip("onnx")
    folder = tmp_path_factory.mktemp("sources")
    trace(readout_network(), rings(40)).save(folder / "t.safetensors")
    (folder / "good.csv").write_text("a,b,kind\n" + "1,2,x\n2,1,y\n" * 9)
    (folder / "folder").mkdir()
    helper = onnx.helper
    graph = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", 1, [None, 2])],
        [helper.make_tensor_value_info("y", 1, [None, 2])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def place(tmp_path, monkeypatch, sources):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for name, content in sources.items():
        (tmp_path / name).write_bytes(content)
    # The work itself is another test's; here it is whether it would begin.
    monkeypatch.setattr(import_module("unknot.training.fit"), "_recipe", begins)
    monkeypatch.setattr(import_module("unknot.width.search"), "ceiling", begins)
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    return tmp_path


def begins(*arguments, **options):
    raise KeyboardInterrupt


def changed(command, option, value):
    """The call with another value of one option."""
    arguments = list(CALLS[command])
    names = {"-o": "--output", "-n": "--n-points"}
    for name in (option, names.get(option)):
        if name in arguments:
            place = arguments.index(name)
            del arguments[place : place + 2]
    return [command, *arguments, f"{option}={value}" if option.startswith("--") else option] + (
        [] if option.startswith("--") else [value]
    )


def is_clear(result):
    lines = result.err.strip().splitlines()
    assert lines, "nothing was said"
    assert lines[0].startswith("unknot: "), result.err[:500]
    assert 1 <= len(lines) <= 3, result.err[:500]
    assert max(map(len, lines)) < 600, result.err[:900]
    assert "should not" not in result.err, result.err[:500]
    assert result.out == ""


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["figure", "t.safetensors", "--what", "3d", "--axes", "2", "-o", "a.png"], "n_axes"),
        (["run", "circles", "-p", "noise=.1", "-p", "noise=.3", "--out", "out"], "given twice"),
        (
            ["run", "circles", "--steps", "5", "--epochs", "2", "--out", "out"],
            "allowed: one of them",
        ),
        (["run", "good.csv", "--label", "a", "--target", "b", "--out", "out"], "got label="),
        (["measure", "t.safetensors", "--axes", "3"], "Add --view"),
        (["animate", "t.safetensors", "--along", "layers", "--layer", "input", "-o", "a.gif"], ""),
        (["run", "circles", "--seed", "1", "--seed", "2", "--out", "out"], "--seed"),
        (["datasets", "-n", "5"], "unknot datasets NAME"),
        (["playground", "--label", "kind"], "got no DATA"),
    ],
)
def test_options_that_contradict(place, capsys, arguments, text):
    result = call(capsys, *arguments)
    assert result.code == 2
    is_clear(result)
    assert text in result.err


@pytest.mark.slow
@pytest.mark.parametrize(("command", "option", "kind"), OPTIONS)
def test_bad_values(place, capsys, command, option, kind):
    number = kind in (int, float)
    # Any name that can be made is one of a folder.
    is_folder = kind is Path and CALLS[command][-1] == "out"
    values = NO_PATHS if kind is Path else NOT_WHOLE if kind is int else NO_NUMBERS
    for value in values:
        result = call(capsys, *changed(command, option, value))
        begun = result.code in (0, 130)
        if number or (kind is Path and not is_folder) or not begun:
            assert result.code in ((2,) if number else (1, 2)), (value, result)
            is_clear(result)
