"""Calling the real command line, in this process or in one of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass

from waiting import PATIENCE


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


#: Starts the program with a limit on the size of any file, which acts as a full disk does.
LIMITED = """
import resource, runpy, sys
size = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
runpy.run_module("unknot", run_name="__main__")
"""


def environment(*paths, **variables):
    """This process's, with `paths` before those that Python imports from, and `variables`."""
    places = [*map(str, paths), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places), **variables}


def unknot(*arguments, largest_file=None, **options):
    """Run ``unknot ARGUMENTS`` as a program."""
    start = ["-m", "unknot"] if largest_file is None else ["-c", LIMITED, str(largest_file)]
    done = subprocess.run(
        [sys.executable, *start, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        env=environment(COLUMNS="100", PYTHONIOENCODING="utf-8"),
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
