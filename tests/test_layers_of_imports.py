"""Imports only point downstream: the core knows nothing of views.

What pictures are drawn with, and each view, may import what stands beside its name in `ALLOWED`
and nothing else of unknot.
"""

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

#: What a view is about: points, networks, traces, runs, their notes and numbers, and the scene.
SUBJECTS = (
    *(
        "datasets.dataset",
        "datasets.identity",
        "datasets.labels",
        "network",
        "traces",
        "measures",
        "width.result",
    ),
    *("motion.align", "motion.scene", "motion.corners", "motion.extent", "motion.projection"),
    *("motion.directions", "motion.neighbours"),
)
#: Small things that belong to no layer.
COMMON = ("doors", "errors", "files", "progress", "table")

#: Modules → what they may import of unknot beside themselves. The longest name that fits counts.
ALLOWED = {
    "draw": (
        *("datasets.labels", "motion.scene", "measures"),
        *("traces.representation", "traces.lattice", "traces.goodness"),
    ),
    "draw.style": (),
    "draw.canvas": ("draw.style", "draw.plane", "draw.words"),
    "views.figures": (*SUBJECTS, *COMMON, "draw"),
    "views.films": (*SUBJECTS, *COMMON, "draw"),
    "views.page": (*SUBJECTS, *COMMON, "draw.style", "views.widget"),
    "views.widget": (*COMMON, "datasets.dataset", "traces", "views.page"),
    "views.preview": ("datasets.dataset", "doors", "errors", "traces", "views.figures"),
    "views.live": ("draw.style",),
    "views": (),
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
        # The root hands out the public names of every layer.
        yield from ("the root" for name in names if name == "unknot")
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


def drawing_modules():
    for folder in ("draw", "views"):
        for path in sorted((SOURCE / folder).rglob("*.py")):
            parts = path.relative_to(SOURCE).with_suffix("").parts
            yield ".".join(parts).removesuffix(".__init__"), path


def is_within(name, module):
    return f"{name}.".startswith(f"{module}.")


@pytest.mark.parametrize(("module", "path"), list(drawing_modules()))
def test_drawing_imports_only_what_is_allowed(module, path):
    own = max((name for name in ALLOWED if is_within(module, name)), key=len)
    allowed = (*ALLOWED[own], own)
    wrong = [
        name for name in imported(path) if not any(is_within(name, other) for other in allowed)
    ]
    assert not wrong, f"{module} imports {wrong}"


def test_every_allowance_is_of_a_module_that_is_there():
    for module, others in ALLOWED.items():
        for other in (module, *others):
            assert files_of(other)


@pytest.mark.parametrize(
    "line", ["import unknot", "from unknot import trace", "from unknot.training import fit"]
)
def test_no_way_of_importing_is_overlooked(tmp_path, line):
    path = tmp_path / "module.py"
    path.write_text(f"def later():\n    {line}\n")
    (name,) = imported(path)
    assert not any(is_within(name, other) for others in ALLOWED.values() for other in others)


def test_files_are_small():
    for path in SOURCE.rglob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) <= 400, path
