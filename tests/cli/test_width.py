"""The command `width`."""

import json
import os
import signal
import subprocess
import sys

import polars
import pytest
from calling import call, unknot
from waiting import PATIENCE, wait_until

#: A search that takes a second.
QUICK = {
    "-n": 3_000,
    "-p": "noise=0.2",
    "--activation": "tanh",
    "--max-width": 3,
    "--restarts": 8,
    "--steps": 1_500,
    "--tolerance": 0.02,
}


def quick(*more, **changes):
    """The arguments of a quick search, changed."""
    options = QUICK | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    flat = [str(part) for option in options.items() for part in option]
    return ["width", "circles", *flat, *more]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_for_people(place, capsys):
    result = call(capsys, *quick())
    assert result.code == 0, result.err
    assert "ceiling 0.8899 (Bayes accuracy), tolerance 0.02; judged on" in result.out
    assert "3 units; 1 random starts find it" in result.out or "3 units; " in result.out
    assert "width 2: too small." in result.out
    assert "what is proved" in result.out
    assert "Olah 2014" in result.out


@pytest.mark.slow
def test_for_programs_and_from_a_file(place, capsys):
    first = call(capsys, *quick("--json", out="w.parquet"))
    assert first.code == 0, first.err
    value = json.loads(first.out)
    assert value["answer"] == 3
    assert polars.read_parquet("w.parquet").height == 24
    again = json.loads(call(capsys, *quick("--json", out="w.parquet")).out)
    assert again["widths"] == value["widths"]
    other = call(capsys, *quick(seed=5, out="w.parquet"))
    assert other.code == 2
    assert other.err.splitlines()[0] == ("unknot: w.parquet holds another experiment: other data.")


@pytest.mark.slow
def test_no_width_is_enough_is_an_answer(place, capsys):
    result = call(capsys, *quick(max_width=2))
    assert result.code == 0
    assert "No width is enough." in result.out
    assert "Try a larger max_width (4)" in result.out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"max_width": "0"}, "Got 0 as largest width"),
        ({"tolerance": "0.00001"}, "is below the standard error"),
        ({"activation": "rleu"}, "Did you mean 'relu'?"),
        ({"out": "w.csv"}, "Cannot write w.csv: .csv is not a supported type."),
        ({"cluster": "nowhere"}, "Got 'nowhere' as cluster"),
    ],
)
def test_bad_calls(place, capsys, arguments, text):
    result = call(capsys, *quick(**arguments))
    assert result.code == 2, result.err
    assert text in result.err
    assert 1 <= len(result.err.strip().splitlines()) <= 3
    assert result.out == ""
    assert not list(place.iterdir())


@pytest.mark.slow
def test_a_full_disk_leaves_the_file_from_before(place, capsys):
    assert call(capsys, *quick(max_width=1, out="w.parquet")).code == 0
    before = (place / "w.parquet").read_bytes()
    result = unknot(*quick(out="w.parquet"), cwd=place, largest_file=len(before))
    assert result.code == 1, result.err
    assert result.err.startswith("unknot: Cannot write w.parquet: ")
    assert 1 <= len(result.err.strip().splitlines()) <= 3
    assert (place / "w.parquet").read_bytes() == before
    assert [path.name for path in place.iterdir()] == ["w.parquet"]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_and_the_same_command_again(place, capsys):
    # So many restarts that it cannot end by itself in time.
    command = quick(restarts=20_000, out="w.parquet")
    process = subprocess.Popen(
        [sys.executable, "-m", "unknot", *command],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(
        lambda: (place / "w.parquet").exists() or process.poll() is not None, "no width is trained"
    )
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    assert "Interrupted; what was finished before stays." in err
    assert "Interrupted: no answer yet." in out
    done = polars.read_parquet(place / "w.parquet").height
    assert done >= 32
    again = call(capsys, *quick("--json", restarts=32, out="w.parquet"))
    assert json.loads(again.out)["answer"] == 3
