"""Signals, closed and full streams, other encodings, odd places to read from and to write to."""

import json
import logging
import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from calling import call
from networks import readout_network, rings
from waiting import PATIENCE

from unknot.cli.surroundings import Stops, hushed
from unknot.traces.tracing import trace

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals, pipes and devices")


def run(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "unknot", *map(str, arguments)],
        stderr=subprocess.PIPE,
        check=False,
        timeout=PATIENCE,
        **options,
    )


@posix
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_signals_do_what_ctrl_c_does(name):
    number, stops = getattr(signal, name), Stops()
    with pytest.raises(KeyboardInterrupt), stops:
        signal.raise_signal(number)
    assert stops.last == number
    assert signal.getsignal(number) is signal.SIG_DFL
    # As under nohup.
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with Stops():
            signal.raise_signal(number)
    finally:
        signal.signal(number, before)


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_the_code_says_which_signal_came(capsys, monkeypatch, name):
    number = getattr(signal, name)
    monkeypatch.setattr("unknot.datasets.describe", lambda: signal.raise_signal(number))
    result = call(capsys, "datasets")
    assert result.code == 128 + number
    assert result.err == "unknot: Interrupted; what was finished before stays.\n"


@pytest.mark.slow
@posix
def test_a_full_or_closed_stdout_is_told(tmp_path):
    with Path("/dev/full").open("w") as full:
        done = run("datasets", "--json", stdout=full)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[0] == (
        "unknot: Cannot write to the standard output: No space left on device."
    )
    closed = f"exec '{sys.executable}' -m unknot datasets circles -n 20 -o a.csv >&-"
    done = subprocess.run(
        ["sh", "-c", closed], capture_output=True, check=False, timeout=PATIENCE, cwd=tmp_path
    )
    assert done.returncode == 1
    assert done.stderr.decode() == (
        "unknot: The standard output is closed: what was printed is lost.\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_no_encoding_loses_what_was_done(tmp_path, encoding):
    table = tmp_path / "größe.csv"
    table.write_text("größe,b,klasse\n" + "1,2,日本\n2,1,🙂\n" * 9, "utf-8")
    measured = tmp_path / "größe.safetensors"
    trace(readout_network(), rings(40)).save(measured)
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    for arguments in (["datasets"], ["measure", measured, "--measures", "gdv"]):
        done = run(*arguments, env=env, stdout=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (0, b"")
        done.stdout.decode(encoding)
    done = run("measure", measured, "--json", "--measures", "gdv", env=env, stdout=subprocess.PIPE)
    json.loads(done.stdout.decode("ascii"))


@posix
def test_what_is_no_file_is_told(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    cases = [
        (["run", "pipe.csv", "--label", "a", "--out", "o"], "pipe.csv is a pipe, not a file on"),
        (["run", "/dev/null", "--label", "a", "--out", "o"], "/dev/null is a device, not a file"),
        (["page", "pipe.csv", "-o", "a.html"], "pipe.csv is a pipe, not a file on a disk"),
        (["datasets", "circles", "-o", "pipe.csv"], "Cannot write pipe.csv: it is a pipe, not a"),
        (["datasets", "circles", "-o", "folder.csv"], "Cannot write folder.csv: it is a folder"),
        (["datasets", "circles", "-o", f"{'n' * 300}.csv"], "File name too long"),
    ]
    for arguments, told in cases:
        result = call(capsys, *arguments)
        assert result.code in (1, 2)
        assert told in result.err
        assert len(result.err.splitlines()) <= 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.csv", "pipe.csv"]


@posix
def test_a_link_is_written_through(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "far").mkdir()
    (tmp_path / "a.csv").symlink_to("far/b.csv")
    for _ in range(2):
        assert call(capsys, "datasets", "circles", "-n", 20, "-o", "a.csv").code == 0
    assert (tmp_path / "a.csv").is_symlink()
    assert [path.name for path in (tmp_path / "far").iterdir()] == ["b.csv"]


@posix
def test_what_a_killed_program_left_is_swept(tmp_path):
    """And what a running one writes is not."""
    start = (
        "from unknot.files import whole_file\nimport os, signal, sys\n"
        "with whole_file(sys.argv[1]) as path:\n"
        "    path.write_text('half')\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    out = tmp_path / "a.csv"
    done = subprocess.run([sys.executable, "-c", start, out], check=False, timeout=PATIENCE)
    assert done.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    running = left.with_name(left.name.replace(left.name.split("-")[1], str(os.getppid())))
    running.write_text("half")
    from unknot.files import whole_file

    with whole_file(tmp_path / "b.csv") as temporary:
        temporary.write_text("whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([running.name, "b.csv"])


def test_view_leaves_no_folder_behind(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    trace(readout_network(), rings(40)).save(tmp_path / "t.safetensors")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    result = call(capsys, "view", tmp_path / "t.safetensors")
    assert (result.code, result.err.splitlines()[0]) == (
        1,
        "unknot: Cannot write to the folder for temporary files: No space left on device.",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["t.safetensors"]


def test_other_libraries_are_quiet_unless_one_debugs(capsys):
    def speak():
        logging.getLogger("torch.export").error("of its own")
        warnings.warn_explicit("of its own", UserWarning, "f.py", 1, module="keras.src.saving")

    with hushed(debug=False):
        speak()
    assert capsys.readouterr().err == ""
    with hushed(debug=True), pytest.warns(UserWarning, match="of its own"):
        speak()


def test_two_runs_into_one_folder(tmp_path, capsys):
    from unknot.files import alone

    (tmp_path / "out").mkdir()
    with alone(tmp_path / "out", "run"):
        result = call(capsys, "run", "circles", "-n", 60, "--out", tmp_path / "out")
        assert result.code == 1
        assert result.err == (
            f"unknot: Another run is writing {tmp_path / 'out'} at this moment.\n"
            "  Wait until it has ended, or name another folder.\n"
        )
    assert list((tmp_path / "out").iterdir()) == []
