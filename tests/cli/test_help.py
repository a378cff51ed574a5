"""What a newcomer types first: no arguments, an example of every command, `open`, completion."""

import re
import shlex

import numpy as np
import pytest
from calling import call

import unknot as uk
from unknot.cli.app import program

#: Command → which of its examples is run here; `demo` is run whole by tests/test_experiment.py.
RUN = {
    "animate": [0],
    "atlas": [1],
    "datasets": [0, 1],
    "figure": [0, 1, 2, 4],
    "measure": [0, 1, 4],
    "open": [0, 1],
    "page": [0, 2],
    "playground": [0, 1],
    "run": [2],
    "trace": [1],
    "view": [0],
    "width": [2],
}

#: What an example leaves to the default and takes long.
FEW = {
    "atlas": ["--activations=relu", "--restarts=4"],
    "width": ["--restarts=2", "--steps=300"],
}


def examples(name):
    lines = program()[name].help_epilogue.splitlines()
    return [line.strip() for line in lines if line.startswith("  ")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What the examples name."""
    from skl2onnx import to_onnx
    from sklearn.neural_network import MLPClassifier

    folder = tmp_path_factory.mktemp("examples")
    run = uk.fit("circles", hidden=[3], steps=200, progress=False)
    (folder / "demo").mkdir()
    run.save(folder / "demo" / "run.safetensors")
    for seed in (1, 2, 3):
        run.save(folder / f"seed{seed}.safetensors")
    uk.trace(run).save(folder / "demo" / "trace.safetensors")
    uk.page(run, folder / "demo" / "page.html")
    uk.page(run, folder / "circles.html")
    flowers = uk.datasets.iris()
    names = [name.replace(" ", "_") for name in flowers.feature_names]
    rows = [",".join([*names, "species"])]
    rows += [
        ",".join([*map(str, x), flowers.class_names[y]])
        for x, y in zip(flowers.x.tolist(), flowers.y, strict=True)
    ]
    (folder / "flowers.csv").write_text("\n".join(rows) + "\n")
    model = MLPClassifier([4], max_iter=20, random_state=0).fit(
        flowers.x.astype(np.float32), flowers.y
    )
    onnx = to_onnx(model, flowers.x[:1].astype(np.float32), options={"zipmap": False})
    (folder / "flowers.onnx").write_bytes(onnx.SerializeToString())
    return folder


def test_every_command_has_an_example_that_is_run():
    commands = {name for name in program() if not name.startswith("-")}
    assert commands == {*RUN, "demo"}
    assert examples("demo")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("name", "number"), [(n, i) for n, own in RUN.items() for i in own])
def test_examples_of_the_help_work(capsys, folder, monkeypatch, small_films, name, number):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    monkeypatch.chdir(folder)
    words = shlex.split(examples(name)[number])
    assert words[:2] == ["unknot", name]
    done = call(capsys, *words[1:], *FEW.get(name, []))
    assert (done.code, done.out != "") == (0, True), done.err
    assert bool(opened) == (name in ("open", "view"))
    if "-o" in words:
        assert (folder / words[words.index("-o") + 1]).is_file()


def test_without_arguments_there_are_three_commands_to_try(capsys):
    done = call(capsys)
    assert (done.code, done.err) == (0, "")
    tried = re.findall(r"^  unknot (\w+)", done.out, re.M)
    assert tried == ["demo", "run", "playground"]
    assert "unknot --help" in done.out


def test_a_folder_without_a_page_says_what_to_do(capsys, tmp_path):
    done = call(capsys, "open", tmp_path)
    assert (done.code, done.out) == (1, "")
    assert "page.html" in done.err
    assert "unknot run NAME" in done.err
    (tmp_path / "run.safetensors").write_bytes(b"")
    assert f"unknot view {tmp_path / 'run.safetensors'}" in call(capsys, "open", tmp_path).err


def test_a_run_is_written_to_a_folder_of_its_name_and_says_how_to_see_it(
    capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    named = []
    monkeypatch.setattr("unknot.experiment.experiment", lambda data, out, **_: named.append(out))
    monkeypatch.setattr("unknot.cli.output.print_report", lambda report, out: None)
    (tmp_path / "flowers.of.spring.csv").write_text("a,kind\n1,x\n2,y\n")
    call(capsys, "run", "moons")
    call(capsys, "run", tmp_path / "flowers.of.spring.csv", "--label", "kind")
    call(capsys, "run", "moons", "--out", "mine")
    assert [str(out) for out in named] == ["moons", "flowers.of.spring", "mine"]


def test_completion_is_installed_by_one_command(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/bash")
    done = call(capsys, "--install-completion")
    assert done.code == 0, done.err
    script = next(path for path in tmp_path.rglob("unknot") if path.is_file()).read_text()
    assert all(name in script for name in ("playground", "--activation"))
    assert "unknot" in (tmp_path / ".bashrc").read_text()
