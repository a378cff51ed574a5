"""Damaged files of every kind, for about a minute; `make fuzz` goes on."""

import subprocess
import sys
from pathlib import Path

import pytest
from waiting import PATIENCE

FUZZ = Path(__file__).parent / "fuzz" / "fuzz.py"


@pytest.mark.slow
def test_damaged_files_end_in_clear_errors(tmp_path):
    """In a process of its own: what it measures of memory and time is of these files alone."""
    command = [sys.executable, FUZZ, "--cases", "1000", "--seed", "1", "--out", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    assert "'files': 1000" in done.stdout
