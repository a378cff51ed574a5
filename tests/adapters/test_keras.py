"""Keras on each of its backends, each in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import PATIENCE


@pytest.mark.slow(first=True)
@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_keras(backend, tmp_path):
    cases = Path(__file__).parent / "keras_cases.py"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(cases)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        cwd=Path(__file__).parents[2],
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            "TF_CPP_MIN_LOG_LEVEL": "3",
            # Each case compiles many small functions that run once: their speed does not matter.
            "XLA_FLAGS": "--xla_backend_optimization_level=0",
        },
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "passed" in done.stdout
