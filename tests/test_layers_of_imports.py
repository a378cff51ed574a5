"""Imports only point downstream: the core knows nothing of views, a view only the scene."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "unknot"

#: Package or module → what it must not import, directly or inside a function.
FORBIDDEN = {
    "datasets": ("training", "tracing", "morph", "camera", "scene", "views", "cli"),
    "maps.py": ("representation", "training", "morph", "scene", "views", "cli"),
    "representation.py": ("tracing", "training", "morph", "camera", "scene", "views", "cli"),
    "training": ("morph", "camera", "scene", "views", "cli", "tracing"),
    "morph": ("camera", "scene", "views", "training", "cli"),
    "measures": ("camera", "scene", "views", "training", "cli"),
    "width": ("camera", "scene", "morph", "views", "cli"),
    "camera": ("scene", "views", "training", "cli"),
    "scene": ("views", "training", "cli"),
    "storage": ("morph", "scene", "views", "training", "cli"),
    "views": ("training", "cli", "experiment"),
    "style.py": ("scene", "views", "training", "cli", "morph"),
}


def imported(path):
    """Second parts of every ``unknot.…`` import in a file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("unknot."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("unknot."):
                    yield alias.name.split(".")[1]


@pytest.mark.parametrize("part", list(FORBIDDEN))
def test_imports_point_downstream(part):
    place = SOURCE / part
    files = [place] if place.is_file() else sorted(place.rglob("*.py"))
    assert files
    for path in files:
        wrong = set(imported(path)) & set(FORBIDDEN[part])
        assert not wrong, f"{path.relative_to(SOURCE)} imports {wrong}"


def test_files_are_small():
    for path in SOURCE.rglob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) <= 320, path
