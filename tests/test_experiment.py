"""The whole way: every output is there, the report is true, the same seed gives the same."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from calling import call
from PIL import Image
from waiting import PATIENCE, wait_until

from unknot import datasets, fit
from unknot.cli.output import print_report
from unknot.errors import UsageError
from unknot.experiment import OUTPUTS, advice, experiment, make_report
from unknot.traces.storage import load
from unknot.traces.tracing import trace

SETTINGS = {"hidden": [4], "epochs": 2, "seed": 3}
#: The program, with films of few and small pictures.
SMALL_FILMS = """
from unknot.cli import main
from unknot.views import films
from unknot.views.films import apart
apart.MOST_POINTS = -1
animate = films.animate
films.animate = lambda source, path, **options: animate(
    source, path, **{**options, "size": 240, "fps": 5, "seconds": 2}
)
main()
"""


def run_cli(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "unknot", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        **options,
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    done = run_cli(
        "run",
        "circles",
        "-n",
        "2000",
        "-p",
        "noise=0.2",
        "--hidden",
        "4",
        "--readout",
        "2",
        "--epochs",
        "2",
        "--seed",
        "3",
        "--out",
        out,
        "--json",
    )
    assert done.returncode == 0, done.stderr
    return out, done


@pytest.mark.slow(first=True)
def test_every_output_is_there_and_sound(finished):
    out, _ = finished
    assert {path.name for path in out.iterdir()} == set(OUTPUTS)
    for name in OUTPUTS:
        if name.endswith(".png"):
            with Image.open(out / name) as image:
                image.load()
                assert min(image.size) > 200
        if name.endswith(".mp4"):
            frames, seconds = imageio_ffmpeg.count_frames_and_secs(str(out / name))
            assert frames >= 60
            assert seconds > 2
    assert load(out / "run.safetensors").history.loss
    assert load(out / "trace.safetensors").n_points == 2_000


@pytest.mark.slow(first=True)
def test_json_is_the_report_and_nothing_else(finished):
    out, done = finished
    report = json.loads(done.stdout)
    assert report == json.loads((out / "report.json").read_text("utf-8"))
    assert done.stderr == ""
    assert list(report) == [
        "dataset",
        "bayes_accuracy",
        "architecture",
        "settings",
        "history",
        "accuracy",
        "r2",
        "rmse",
        "seconds",
        "versions",
        "seed",
        "advice",
        "interrupted",
        "files",
    ]
    assert report["architecture"] == "2 → 4 relu → 2 linear → 1 sigmoid"
    assert report["bayes_accuracy"] == pytest.approx(0.8899, abs=5e-5)
    assert report["dataset"]["parameters"]["noise"] == 0.2
    assert len(report["history"]["validation_accuracy"]) == 2
    assert list(report["seconds"]) == ["import", "compile", "train", "draw", "total"]
    parts = [report["seconds"][name] for name in ("import", "compile", "train", "draw")]
    assert sum(parts) <= report["seconds"]["total"]
    assert report["seed"] == 3
    drawn = load(out / "trace.safetensors").accuracies
    assert report["accuracy"] == {"held_out": drawn.held_out, "training": drawn.training}
    assert drawn.held_out == report["history"]["validation_accuracy"][-1]
    assert report["r2"] == report["rmse"] == {"held_out": None, "training": None}


def test_the_report_of_a_number_to_predict_has_r2_and_error(capsys):
    run = fit(datasets.diabetes(200), hidden=[4], steps=50, seed=1)
    seconds = {"total": 1.0, "train": 1.0}
    report = make_report(run, seconds, trace(run))
    known = run.goodness
    assert report["accuracy"] == {"held_out": None, "training": None}
    assert report["r2"] == {"held_out": known.held_out.r2, "training": known.training.r2}
    assert report["rmse"] == {"held_out": known.held_out.rmse, "training": known.training.rmse}
    assert report["files"][2:4] == ["strip.png", "predictions.png"]
    print_report(report, Path("out"))
    assert " · ".join(known.facts) in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [
        ["interval", "-n", "300"],
        ["swiss_roll", "-n", "300", "--epochs", "3"],
        ["linked_rings", "-n", "300"],
        ["iris", "--standardise", "--hidden", "5,3", "--activation", "tanh,sin"],
    ],
    ids=lambda data: data[0],
)
def test_other_kinds_of_data(data, tmp_path, capsys, small_films):
    done = call(capsys, "run", *data, "--out", tmp_path / "out")
    assert done.code == 0, done.err
    only_of_numbers = {"predictions.png"} if data[0] == "swiss_roll" else set()
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(OUTPUTS) | only_of_numbers
    assert "seconds" in done.out


class Terminal:
    """A terminal for a child's messages, and what has been written to it."""

    def __init__(self):
        self.own_end, self.childs_end = os.openpty()
        self.text = ""
        self.reader = threading.Thread(target=self._read)

    def _read(self):
        # Reading fails when the last writer is gone.
        with contextlib.suppress(OSError):
            while part := os.read(self.own_end, 4_096):
                self.text += part.decode(errors="replace")

    def start(self, *command):
        """A child whose messages are read."""
        process = subprocess.Popen(
            [sys.executable, *map(str, command)],
            stdout=subprocess.PIPE,
            stderr=self.childs_end,
            text=True,
            env={**os.environ, "COLUMNS": "120", "TERM": "xterm"},
        )
        os.close(self.childs_end)
        self.reader.start()
        return process


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_keeps_what_has_been_trained(tmp_path):
    out = tmp_path / "out"
    terminal = Terminal()
    # A batch an epoch, and so many epochs that it cannot end by itself in time.
    process = terminal.start(
        *("-c", SMALL_FILMS, "run", "moons", "-n", 40),
        *("--epochs", 10_000_000, "--out", out, "--json"),
    )
    try:
        # Another loss in the bar: an epoch is over.
        wait_until(
            lambda: (
                len(set(re.findall(r"loss \d\.\d{4}", terminal.text))) > 1
                or process.poll() is not None
            ),
            "no epoch ends",
        )
        process.send_signal(signal.SIGINT)
        stdout, _ = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        terminal.reader.join()
        os.close(terminal.own_end)
    assert process.returncode == 0, terminal.text
    report = json.loads(stdout)
    assert report["interrupted"]
    assert 0 < len(report["history"]["loss"]) < 10_000_000
    assert {path.name for path in out.iterdir()} == set(OUTPUTS)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(tmp_path, small_films):
    from unknot.datasets import moons

    for name in ("a", "b"):
        experiment(moons(400, noise=0.1, seed=1), tmp_path / name, **SETTINGS)
    for name in OUTPUTS:
        if name != "report.json":
            assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), (
                name
            )


@pytest.mark.slow
def test_a_run_near_the_best_possible_gets_no_advice():
    assert advice(fit(datasets.make("moons", seed=4), progress=False)) is None
    assert advice(fit(datasets.make("wine", seed=4), progress=False)) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "n", "settings", "remedy"),
    [
        ("circles", 2000, {"epochs": 1}, "Leave epochs out: steps and rate are then chosen."),
        ("digits", None, {"hidden": [2], "steps": 50}, "Try more units, hidden=[16, 16], or more"),
        ("shell_pairs", 400, {}, "The training rows are learnt (1.000): use more rows."),
    ],
)
def test_a_run_far_below_says_so_and_what_to_try(name, n, settings, remedy):
    data = datasets.make(name, n)
    line = advice(fit(data, progress=False, **settings))
    best = "the best possible (Bayes)" if data.bayes_accuracy else "what nearest neighbours reach"
    assert "\n" not in line
    assert f"{best}. {remedy}" in line


def test_few_points_held_out_are_told():
    run = fit(datasets.circles(10, seed=1), epochs=1, progress=False)
    assert advice(run) == (
        "Only 2 points held out: an accuracy of so few says little. "
        "Give more points, or hold out a larger share of them."
    )


@pytest.mark.parametrize("start", [0, 1])
def test_a_feature_that_numbers_the_rows_is_told(start):
    data = datasets.circles(40, seed=1)
    ids = np.arange(start, start + 40)
    numbered = datasets.from_arrays(
        np.column_stack([ids, data.x]), data.y, feature_names=["Id", "a", "b"]
    )
    said = advice(fit(numbered, epochs=1, progress=False))
    assert said.startswith("The feature 'Id' numbers the rows, and the network learnt from it.")
    assert "--identity" in said
    shuffled = np.random.default_rng(0).permutation(40)
    line = advice(fit(numbered.take(shuffled), epochs=1, progress=False))
    assert "numbers the rows" not in str(line)


def test_nothing_is_said_where_nothing_was_held_out():
    data = datasets.make("circles")
    assert advice(fit(data, validation=0, epochs=1, progress=False)) is None


def test_a_refusal_leaves_no_folder(tmp_path):
    with pytest.raises(UsageError):
        experiment(datasets.circles(40), tmp_path / "new", hidden=[-1])
    assert not list(tmp_path.iterdir())
    (tmp_path / "old").mkdir()
    with pytest.raises(UsageError):
        experiment(datasets.circles(40), tmp_path / "old", hidden=[-1])
    assert (tmp_path / "old").is_dir()
