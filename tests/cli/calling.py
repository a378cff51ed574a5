"""Calling the real command line, in this process or in one of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


def unknot(*arguments, **options):
    """Run ``unknot ARGUMENTS`` as a program."""
    done = subprocess.run(
        [sys.executable, "-m", "unknot", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"},
        **options,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def call(capsys, *arguments):
    """Run ``unknot ARGUMENTS`` here, which is faster."""
    from unknot.cli import main

    code = 0
    try:
        main([str(a) for a in arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    captured = capsys.readouterr()
    return Result(code, captured.out, captured.err)
