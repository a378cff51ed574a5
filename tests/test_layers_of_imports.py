"""Imports only point downstream: the core knows nothing of views, a view only the scene."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "unknot"

#: A part that is neither a package nor a module of the root → its modules.
PARTS: dict[str, tuple[str, ...]] = {
    "style": ("draw.style",),
    "maps": ("network.maps",),
    "morph": (
        "motion.morph",
        "motion.along_map",
        "motion.kinds",
        "motion.rotation",
        "motion.transitions",
    ),
    "camera": ("motion.camera", "motion.geodesic", "motion.pull_back"),
    "scene": ("motion.scene", "motion.beats", "motion.extent"),
    "representation": ("traces.representation",),
    "tracing": ("traces.tracing",),
    "storage": (
        "traces.storage",
        "traces.container",
        "traces.map_format",
        "traces.run_format",
        "traces.trace_format",
    ),
}

#: Part → the parts that it must not import, directly or inside a function.
FORBIDDEN = {
    "datasets": ("training", "tracing", "morph", "camera", "scene", "draw", "views", "cli"),
    "maps": ("representation", "training", "morph", "scene", "draw", "views", "cli"),
    "network": ("training", "morph", "scene", "draw", "views", "cli"),
    "representation": ("tracing", "training", "morph", "camera", "scene", "draw", "views", "cli"),
    "traces": ("morph", "camera", "scene", "draw", "views", "training", "cli"),
    "training": ("morph", "camera", "scene", "draw", "views", "cli", "tracing"),
    "morph": ("camera", "scene", "draw", "views", "training", "cli"),
    "measures": ("camera", "scene", "draw", "views", "training", "cli"),
    "width": ("camera", "scene", "morph", "draw", "views", "cli"),
    "camera": ("scene", "draw", "views", "training", "cli"),
    "scene": ("draw", "views", "training", "cli"),
    "adapters": ("tracing", "morph", "camera", "scene", "draw", "views", "training", "cli"),
    "storage": ("morph", "scene", "draw", "views", "training", "cli"),
    "draw": ("views", "training", "cli", "experiment"),
    "views": ("training", "cli", "experiment"),
    "style": ("scene", "draw", "views", "training", "cli", "morph"),
}


def modules_of(part):
    return PARTS.get(part, (part,))


def files_of(module):
    place = SOURCE.joinpath(*module.split("."))
    files = sorted(place.rglob("*.py")) or [place.with_suffix(".py")]
    assert all(path.is_file() for path in files), f"{module} is not there"
    return files


def imported(path):
    """Modules of unknot that a file imports, and the names that it imports from them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} has a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (name.removeprefix("unknot.") for name in names if name.startswith("unknot."))


@pytest.mark.parametrize("part", list(FORBIDDEN))
def test_imports_point_downstream(part):
    forbidden = [module for other in FORBIDDEN[part] for module in modules_of(other)]
    for module in forbidden:
        files_of(module)
    for path in (path for module in modules_of(part) for path in files_of(module)):
        wrong = [
            name
            for name in imported(path)
            if any(f"{name}.".startswith(f"{module}.") for module in forbidden)
        ]
        assert not wrong, f"{path.relative_to(SOURCE)} imports {wrong}"


def test_files_are_small():
    for path in SOURCE.rglob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) <= 400, path
