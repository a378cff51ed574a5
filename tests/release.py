"""What must hold before a release: `make release-check`.

Builds sdist and wheel in isolation into dist/, lists and checks what is in them, and runs README's
code from the wheel in a fresh environment, with nothing else on the PATH.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
DIST = ROOT / "dist"
LARGEST = 1_500_000
BUNDLE = "unknot/views/page/bundle"
#: What a wheel must hold, and what it must not.
NEEDED = {
    f"{BUNDLE}/standalone.js",
    f"{BUNDLE}/widget.js",
    f"{BUNDLE}/atlas.js",
    f"{BUNDLE}/NOTICES.txt",
    "unknot/py.typed",
    "unknot/__init__.pyi",
}
UNWANTED = re.compile(r"(^|/)(tests?|viewer|node_modules|docs|__pycache__)/|\.(ts|map|pyc)$")


def run(*command, **options):
    """A command whose failure ends the check."""
    print("$", *command, flush=True)
    subprocess.run([str(part) for part in command], check=True, **options)


def build() -> Path:
    """The wheel, made of the sdist, each in an environment of its own."""
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "build", "--outdir", DIST, cwd=ROOT)
    run(sys.executable, "-m", "twine", "check", "--strict", *DIST.iterdir())
    (wheel,) = DIST.glob("*.whl")
    return wheel


def faults_of(wheel: Path) -> list[str]:
    """What is wrong with a wheel, a sentence each."""
    with zipfile.ZipFile(wheel) as archive:
        sizes = {entry.filename: entry.compress_size for entry in archive.infolist()}
        files = {n: archive.read(n).decode() for n in sizes if n.startswith(f"{BUNDLE}/")}
    faults = [f"it lacks {name}" for name in sorted(NEEDED - set(sizes))]
    faults += [f"it holds {name}" for name in sizes if UNWANTED.search(name)]
    if not any(name.endswith(".dist-info/licenses/LICENSE") for name in sizes):
        faults.append("it lacks its own licence")
    if wheel.stat().st_size > LARGEST:
        faults.append(f"it has {wheel.stat().st_size:,} bytes, more than {LARGEST:,}")
    notices = files.get(f"{BUNDLE}/NOTICES.txt", "")
    for name in bundled(files.get(f"{BUNDLE}/standalone.js", "")):
        if not re.search(rf"^{re.escape(name)}\n\n.*?Permission is hereby", notices, re.M | re.S):
            faults.append(f"the licence of {name} is not in NOTICES.txt")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    said = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    if wheel.name.split("-")[1] != version or said is None or said[1] != version:
        faults.append(f"its version, CITATION.cff's and pyproject's {version} are not the same")
    return faults


def bundled(script: str) -> list[str]:
    """The packages that a bundle says it holds; esbuild told them."""
    head = re.match(r"/\* unknot \(MIT\)\. In it: (.*?); see", script)
    if head is None:
        raise SystemExit("The viewer's first line does not say what it holds.")
    return [part.rpartition(" (")[0] for part in head[1].split(", ")]


def listed(wheel: Path) -> None:
    """What is in it, the folders in a line each."""
    folders: dict[str, list[int]] = {}
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            folders.setdefault(str(Path(entry.filename).parent), []).append(entry.compress_size)
    for name, sizes in sorted(folders.items()):
        print(f"{sum(sizes):>9,}  {len(sizes):>3} files  {name}")
    print(f"{wheel.stat().st_size:>9,}  {wheel.name}")


def blocks() -> tuple[str, list[list[str]]]:
    """README's Python, and those of its shell lines that need no file of the reader's."""
    text = (ROOT / "README.md").read_text("utf-8")
    code = "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    lines = re.findall(r"^unknot .*$", text, re.MULTILINE)
    calls = [line.partition("#")[0].split()[1:] for line in lines]
    return code, [c for c in calls if "flowers" not in " ".join(c)]


def try_it(wheel: Path) -> None:
    """README from the wheel, where nothing else is installed."""
    code, calls = blocks()
    with tempfile.TemporaryDirectory() as folder:
        run(sys.executable, "-m", "venv", Path(folder) / "fresh")
        scripts = Path(folder) / "fresh" / ("Scripts" if os.name == "nt" else "bin")
        run(scripts / "python", "-m", "pip", "install", "--quiet", wheel)
        # Nothing else is on the PATH, Node least of all.
        own = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        options = {"cwd": folder, "env": {**own, "PATH": str(scripts)}}
        run(scripts / "python", "-c", code, **options)
        for call in [["--version"], *calls]:
            run(scripts / "unknot", *call, **options)
        for name in (
            "circles.png",
            "circles.mp4",
            "circles.html",
            "moons/page.html",
            "playground.html",
        ):
            if not (Path(folder) / name).stat().st_size:
                raise SystemExit(f"README's lines left no {name}.")
        if uvx := shutil.which("uvx"):
            run(uvx, "--from", wheel, "unknot", "demo", "--out", "demo", cwd=folder)


def main() -> None:
    """All of it; the first fault ends it with exit code 1."""
    wheel = build()
    listed(wheel)
    if faults := faults_of(wheel):
        raise SystemExit("\n".join(f"{wheel.name}: {fault}" for fault in faults))
    try_it(wheel)
    print(json.dumps({"wheel": wheel.name, "bytes": wheel.stat().st_size, "faults": 0}))


if __name__ == "__main__":
    main()
