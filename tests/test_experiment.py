"""The whole way: every output is there, the report is true, the same seed gives the same."""

import json
import os
import signal
import subprocess
import sys
import time

import imageio_ffmpeg
import pytest
from PIL import Image

from unknot import datasets, fit
from unknot.experiment import OUTPUTS, advice, experiment
from unknot.traces.storage import load

SETTINGS = {"hidden": [4], "epochs": 2, "seed": 3}


def run_cli(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "unknot", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
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


@pytest.mark.slow
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


@pytest.mark.slow
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
def test_other_kinds_of_data(data, tmp_path):
    done = run_cli("run", *data, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(OUTPUTS)
    assert "seconds" in done.stdout


@pytest.mark.slow
def test_ctrl_c_keeps_what_has_been_trained(tmp_path):
    out = tmp_path / "out"
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "unknot",
            "run",
            "moons",
            "-n",
            "20000",
            "--epochs",
            "100000",
            "--out",
            str(out),
            "--json",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # Long enough to be training, which takes minutes; short of its end.
    time.sleep(12)
    os.kill(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=200)
    assert process.returncode == 0, stderr
    report = json.loads(stdout)
    assert report["interrupted"]
    assert 0 < len(report["history"]["loss"]) < 100_000
    assert {path.name for path in out.iterdir()} == set(OUTPUTS)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(tmp_path):
    from unknot.datasets import moons

    for name in ("a", "b"):
        experiment(moons(400, noise=0.1, seed=1), tmp_path / name, **SETTINGS)
    for name in OUTPUTS:
        if name != "report.json":
            assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), (
                name
            )


def test_a_run_near_the_best_possible_gets_no_advice():
    assert advice(fit(datasets.make("moons", seed=4), progress=False)) is None
    assert advice(fit(datasets.make("wine", seed=4), progress=False)) is None


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


def test_nothing_is_said_where_nothing_was_held_out():
    data = datasets.make("circles")
    assert advice(fit(data, validation=0, epochs=1, progress=False)) is None
