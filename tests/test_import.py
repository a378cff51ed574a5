"""``import unknot`` is light: nothing heavy before it is used."""

import subprocess
import sys

import pytest

import unknot
from unknot.cli.app import program

HEAVY = ("jax", "matplotlib", "numpy", "scipy", "sklearn", "polars", "PIL", "rich", "cyclopts")


def modules_after_each(code):
    """The sets that the code prints, a line each."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [set(line.split()) for line in done.stdout.splitlines()]


def modules_after(code):
    (loaded,) = modules_after_each(f"{code}\nimport sys\nprint(*sys.modules)")
    return loaded


def test_import_loads_nothing_heavy():
    assert not modules_after("import unknot") & set(HEAVY)


#: Shows the help of each command in one process, and what is loaded after each.
HELPS = """
import contextlib, io, sys
from unknot.cli import main
for command in {commands}:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main([*command, "--help"])
    print(*sys.modules)
"""


def test_help_loads_no_framework():
    # The list of commands comes first: it needs least.
    commands = [[], *([name] for name in program() if name[0] != "-")]
    after = modules_after_each(HELPS.format(commands=commands))
    assert not after[0] & {"numpy", "scipy"}
    for command, loaded in zip(commands, after, strict=True):
        assert "unknot.cli.app" in loaded, command
        # The choices come from the tables, which NumPy suffices for.
        frameworks = {"jax", "optax", "matplotlib", "sklearn", "polars", "torch", "keras"}
        assert not loaded & frameworks, command


def test_drawing_a_trace_loads_no_jax():
    assert "jax" not in modules_after(
        "import unknot.views.figures, unknot.traces.tracing, unknot.motion.scene"
    )


def test_every_public_name_is_there():
    for name in unknot.__all__:
        assert getattr(unknot, name) is not None
    assert set(unknot.__all__) <= set(dir(unknot))
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = unknot.nonsense
