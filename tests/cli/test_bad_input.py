"""Bad input on the command line: the exit code, one to three lines, and nothing lost."""

import pickle

import numpy as np
import pytest
from calling import call, unknot
from networks import readout_network, rings

from unknot.traces.tracing import trace

GOOD_CSV = "a,b,kind\n" + "\n".join(f"{i % 7},{i % 5},{'xy'[i % 2]}" for i in range(40)) + "\n"


def files(folder):
    """Everything under a folder, with its content."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.json").write_text("from before")
    (tmp_path / "good.csv").write_text(GOOD_CSV)
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "header.csv").write_text("a,b,kind\n")
    (tmp_path / "ragged.csv").write_text(GOOD_CSV + "1,2,x,9\n")
    (tmp_path / "text.csv").write_text("a,b,kind\n1,red,x\n2,blue,y\n3,red,x\n4,blue,y\n")
    (tmp_path / "nan.csv").write_text(GOOD_CSV + "nan,1,x\n")
    (tmp_path / "infinite.csv").write_text(GOOD_CSV + "inf,1,x\n")
    (tmp_path / "one_class.csv").write_text("a,kind\n" + "1,x\n2,x\n" * 5)
    (tmp_path / "one_row.csv").write_text("a,kind\n1,x\n")
    (tmp_path / "many.csv").write_text("a,kind\n" + "".join(f"1,k{i}\n" for i in range(20_000)))
    (tmp_path / "pickle.npz").write_bytes(pickle.dumps({"x": 1}))
    np.savez(tmp_path / "object.npz", x=np.array([{}], dtype=object), y=np.array([1]))
    return tmp_path


DATA_ERRORS = {
    "unknown data set": (["circels"], "Unknown data set 'circels'. Did you mean 'circles'?"),
    "unknown parameter": (["circles", "-p", "nois=1"], "nois"),
    "parameter without value": (["circles", "-p", "noise"], "-p takes NAME=VALUE"),
    "parameter of wrong type": (["circles", "-p", "noise=loud"], "loud"),
    "missing file": (["no.csv", "--label", "kind"], "no.csv"),
    "empty file": (["empty.csv", "--label", "kind"], "empty"),
    "header only": (["header.csv", "--label", "kind"], "header.csv"),
    "no label column": (["good.csv", "--label", "knid"], "Did you mean 'kind'?"),
    "label not named": (["good.csv"], "Columns: a, b, kind."),
    "ragged": (["ragged.csv", "--label", "kind"], "ragged.csv"),
    "text in a feature": (["text.csv", "--label", "kind"], "'b'"),
    "nan": (["nan.csv", "--label", "kind"], "'a'"),
    "infinity": (["infinite.csv", "--label", "kind"], "'a'"),
    "one class": (["one_class.csv", "--label", "kind"], "class"),
    "one row": (["one_row.csv", "--label", "kind"], "At least two points are needed; got 1."),
    "a class a row": (["many.csv", "--label", "kind"], "20,000"),
    "renamed pickle": (["pickle.npz"], "pickle.npz"),
    "object array": (["object.npz"], "object.npz"),
    "too few points": (["circles", "-n", "1"], "1"),
    "too many points": (["circles", "-n", "99999999999"], "got 99999999999"),
}

TRAINING_ERRORS = {
    "width 0": (["--hidden", "0"], "Got 0 as hidden width; allowed: a whole number"),
    "width a million": (["--hidden", "1000000"], "at most 10,000 units a layer"),
    "width text": (["--hidden", "six"], "--hidden takes whole numbers joined by commas"),
    "learning rate 0": (["--learning-rate", "0"], "learning rate"),
    "learning rate infinite": (["--learning-rate", "inf"], "--learning-rate: a number is needed"),
    "learning rate nan": (["--learning-rate", "nan"], "--learning-rate: a number is needed"),
    "unknown activation": (["--activation", "rleu"], "Did you mean 'relu'?"),
    "unknown optimiser": (["--optimizer", "adma"], "Did you mean"),
    "no epochs": (["--epochs", "0"], "epochs"),
    "batch of none": (["--batch-size", "0"], "batch"),
    "everything held out": (["--validation", "1"], "validation"),
    "not a number": (["--epochs", "ten"], "ten"),
    "unknown option": (["--epoch", "3"], "--epoch"),
}


def is_clear(result, code, text):
    lines = result.err.strip().splitlines()
    assert result.code == code, result.err
    assert text in result.err
    assert lines[0].startswith("unknot: ")
    assert 1 <= len(lines) <= 3, result.err
    assert "Traceback" not in result.err
    assert result.out == ""


@pytest.mark.parametrize("name", list(DATA_ERRORS))
def test_bad_data(place, capsys, name):
    arguments, text = DATA_ERRORS[name]
    before = files(place)
    is_clear(call(capsys, "run", *arguments, "--out", "out"), 2, text)
    assert files(place) == before


@pytest.mark.parametrize("name", list(TRAINING_ERRORS))
def test_bad_training(place, capsys, name):
    arguments, text = TRAINING_ERRORS[name]
    before = files(place)
    is_clear(call(capsys, "run", "circles", "-n", "200", *arguments, "--out", "out"), 2, text)
    assert files(place) == before


def test_a_constant_feature_is_no_error(place, capsys):
    (place / "constant.csv").write_text(
        "a,b,kind\n" + "\n".join(f"{i % 7},3,{'xy'[i % 2]}" for i in range(40))
    )
    from unknot.datasets import from_file

    assert from_file("constant.csv", label="kind").n_features == 2


def test_training_that_diverges_is_a_failure_of_the_work(place, capsys):
    before = files(place)
    result = call(
        capsys, "run", "circles", "-n", "500", "--optimizer", "sgd", "--learning-rate", "1e30",
        "--out", "out",
    )  # fmt: skip
    is_clear(result, 1, "1e+30")
    assert "step" in result.err
    assert files(place) == before


def test_an_output_folder_that_is_a_file(place, capsys):
    result = call(capsys, "run", "circles", "--out", "good.csv")
    is_clear(result, 1, "Cannot write to the folder good.csv")
    assert (place / "good.csv").read_text() == GOOD_CSV


@pytest.mark.parametrize("command", ["figure", "animate"])
@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("missing.safetensors", None, "does not exist"),
        ("empty.safetensors", b"", "is not a whole safetensors file"),
        ("pickle.safetensors", pickle.dumps([1]), "is not a whole safetensors file"),
    ],
)
def test_bad_traces(place, capsys, command, name, content, text):
    if content is not None:
        (place / name).write_bytes(content)
    output = "a.png" if command == "figure" else "a.mp4"
    is_clear(call(capsys, command, name, "-o", output), 2, text)
    assert not (place / output).exists()


@pytest.fixture
def traced(place):
    trace(readout_network(), rings(60)).save(place / "t.safetensors")
    return place


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["figure", "-o", "a.bmp"], ".pdf, .png, .svg"),
        (["figure", "-o", "a"], ".pdf, .png, .svg"),
        (["figure", "-o", "a.png", "--what", "soup"], "strip"),
        (["figure", "-o", "a.png", "--what", "training"], "run"),
        (["figure", "-o", "a.png", "--what", "pairs", "--layer", "hidden 7"], "hidden 1"),
        (["figure", "-o", "a.png", "--units", "1,99"], "Unit 99 does not exist: choose 1 to 6."),
        (["figure", "-o", "a.png", "--units", "0,1"], "--units counts from 1, as pictures do"),
        (["figure", "-o", "a.png", "--units", "0;1"], "--units takes whole numbers"),
        (["figure", "-o", "a.png", "--axes", "4"], "4"),
        (["figure", "-o", "a.png", "--projection", "tsne"], "following"),
        (["figure", "-o", "a.png", "--dpi", "0"], "dots per inch"),
        (["animate", "-o", "a.avi"], ".mp4"),
        (["animate", "-o", "a.mp4", "--fps", "0"], "fps"),
        (["animate", "-o", "a.mp4", "--seconds", "-1"], "seconds"),
        (["animate", "-o", "a.mp4", "--seconds", "nan"], "seconds"),
        (["animate", "-o", "a.mp4", "--size", "0"], "size"),
        (["animate", "-o", "a.mp4", "--size", "axb"], "--size takes pixels"),
        (["animate", "-o", "a.mp4", "--kind", "honesty"], "Did you mean 'honest'?"),
        (["animate", "-o", "a.mp4", "--scale", "huge"], "animated, fixed"),
        (["animate", "-o", "a.mp4", "--along", "time"], "layers"),
        (["animate", "-o", "a.mp4", "--along", "training"], "needs a Run"),
    ],
)
def test_bad_views(traced, capsys, arguments, text):
    command, *rest = arguments
    before = files(traced)
    is_clear(call(capsys, command, "t.safetensors", *rest), 2, text)
    assert files(traced) == before


def test_debug_shows_the_traceback(place, capsys):
    result = call(capsys, "run", "circels", "--out", "out", "--debug")
    assert result.code == 2
    assert "Traceback" in result.err


@pytest.mark.slow
@pytest.mark.parametrize("command", ["figure", "animate", "datasets"])
def test_a_full_disk_leaves_nothing_behind(traced, command):
    output = {"figure": "a.png", "animate": "a.mp4", "datasets": "a.csv"}[command]
    (traced / output).write_text("from before")
    before = files(traced)
    what = ["moons", "-n", "5000"] if command == "datasets" else ["t.safetensors"]
    options = ["--seconds", "1"] if command == "animate" else []
    result = unknot(command, *what, "-o", output, *options, cwd=traced, largest_file=4_096)
    assert result.code == 1, result.err
    assert 1 <= len(result.err.strip().splitlines()) <= 3, result.err
    assert files(traced) == before
