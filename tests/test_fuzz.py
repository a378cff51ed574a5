"""Damaged files of every kind, for about a minute; `make fuzz` goes on."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import PATIENCE

FUZZ = Path(__file__).parent / "fuzz" / "fuzz.py"


@pytest.mark.slow
def test_damaged_files_end_in_clear_errors(tmp_path):
    """In a process of its own: what it measures of memory and time is of these files alone."""
    command = [sys.executable, FUZZ, "--cases", "700", "--seed", "1", "--out", tmp_path]
    # What takes long to make has tests of its own: results of a search, exported programs.
    command += ["--only", ".safetensors", ".csv", ".npz", ".onnx", ".keras", ".skops"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    assert "'files': 700" in done.stdout
    counts = dict(re.findall(r"'([a-z ]+)': (\d+)", done.stdout.splitlines()[-1]))
    assert int(counts["kept"]) > 30
    assert int(counts["refused"]) < 650
