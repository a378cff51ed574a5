"""``import unknot`` is light: nothing heavy before it is used."""

import subprocess
import sys

import pytest

import unknot
from unknot.cli.app import program

HEAVY = ("jax", "matplotlib", "numpy", "scipy", "sklearn", "polars", "PIL", "rich", "cyclopts")


def modules_after(code):
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_import_loads_nothing_heavy():
    assert not modules_after("import unknot") & set(HEAVY)


@pytest.mark.parametrize("command", [[], *([name] for name in program() if name[0] != "-")])
def test_help_loads_no_framework(command):
    loaded = modules_after(
        "from unknot.cli import main\n"
        "import contextlib, io\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        f"    main({[*command, '--help']})"
    )
    assert "unknot.cli.app" in loaded
    assert not loaded & {"jax", "optax", "matplotlib", "sklearn", "polars", "torch", "keras"}
    # The choices come from the tables, which NumPy suffices for; the list of commands needs none.
    assert command or not loaded & {"numpy", "scipy"}


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
