"""The gallery: examples/ as sphinx-gallery runs them, and docs/gallery.md for the repository.

    python docs/extensions/gallery.py

writes docs/gallery.md anew. Every example writes the file that its first argument names: that is
the picture. What is not run (in a quick build, or for want of a package) shows the committed one.
"""

import ast
import os
import re
import shutil
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
COMMITTED = ROOT / "docs" / "gallery"
MADE = ROOT / "docs" / "auto_examples"
#: Where the pages that examples write are to be found in the site.
PAGES = ROOT / "docs" / "made" / "pages"
#: Pictures of the examples that write a page.
SCREENS = {"side_by_side": "page-compare.webp", "playground": "page-playground.webp"}
IS_QUICK = os.environ.get("UNKNOT_QUICK_DOCS") == "1"


def scripts() -> list[Path]:
    """All examples, the order of the gallery."""
    return [EXAMPLES / f"{name}.py" for name in ORDER if (EXAMPLES / f"{name}.py").is_file()] + [
        path for path in sorted(EXAMPLES.glob("*.py")) if path.stem not in ORDER
    ]


#: What is seen first; others follow by name.
ORDER = (
    "notebook",
    "folding_and_bending",
    "width",
    "regions",
    "restarts",
    "side_by_side",
    "playground",
    "spiral",
    "before_during_after",
    "how_tangled",
    "persistence",
    "digits",
    "digits_thumbnails",
)


@cache
def is_run(path: Path) -> bool:
    """Whether everything that an example imports, and what its text says it needs, is there."""
    text = path.read_text("utf-8")
    if IS_QUICK or not all(map(is_installed, re.findall(r"'unknot\[(\w+)\]'", text))):
        return False
    tree = ast.parse(text)
    names = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return all(find_spec(name.partition(".")[0]) for name in names)


def is_installed(extra: str) -> bool:
    """Whether the packages of one of unknot's extras are there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = project["optional-dependencies"][extra]
    try:
        return all(version(re.split(r"[\[<>=]", one)[0]) for one in needed)
    except PackageNotFoundError:
        return False


def committed(name: str) -> Path:
    """The picture of an example that lies in the repository."""
    if name in SCREENS:
        return COMMITTED / SCREENS[name]
    (path,) = (path for path in COMMITTED.glob(f"{name}.*"))
    return path


def written_by(path: Path) -> str:
    """The file that an example is asked to write."""
    return f"{path.stem}{'.html' if path.stem in SCREENS else committed(path.stem).suffix}"


class Arguments:
    """An example is given the file to write."""

    def __call__(self, gallery_conf, script_vars):
        return [written_by(Path(script_vars["src_file"]))]

    def __repr__(self):
        return "Arguments"


class Scraper:
    """What it wrote is its picture."""

    def __call__(self, block, block_vars, gallery_conf):
        from sphinx_gallery.scrapers import figure_rst

        name = Path(block_vars["src_file"]).stem
        # It runs in its own folder; what it wrote does not stay there.
        written = EXAMPLES / written_by(EXAMPLES / f"{name}.py")
        if not written.is_file():
            return ""
        picture = committed(name) if written.suffix == ".html" else written
        path = Path(next(block_vars["image_path_iterator"])).with_suffix(picture.suffix)
        shutil.copyfile(picture, path)
        text = figure_rst([str(path)], gallery_conf["src_dir"], title(EXAMPLES / f"{name}.py"))
        if written.suffix == ".html":
            PAGES.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(written, PAGES / written.name)
            text += f"\n.. raw:: html\n\n    {LINK.format(written.name)}\n\n"
        written.unlink()
        return text

    def __repr__(self):
        return "Scraper"


LINK = '<p><a href="../pages/{}">Open the page that it writes</a></p>'

SETTINGS = {
    "examples_dirs": str(EXAMPLES),
    "gallery_dirs": "auto_examples",
    "filename_pattern": "|".join(
        [rf"{os.sep}{path.stem}\.py$" for path in scripts() if is_run(path)] or ["^$"]
    ),
    "plot_gallery": not IS_QUICK,
    "image_scrapers": (Scraper(),),
    "reset_argv": Arguments(),
    "reset_modules": (),
    "capture_repr": (),
    "within_subsection_order": "gallery.Order",
    "download_all_examples": False,
    "show_signature": False,
    "notebook_extensions": set(),
    "write_computation_times": False,
    "abort_on_example_error": True,
    "min_reported_time": 1e9,
    "thumbnail_size": (400, 280),
}


class Order:
    """As in ``ORDER``."""

    def __init__(self, folder):
        self.names = [path.name for path in scripts()]

    def __call__(self, filename):
        return self.names.index(Path(filename).name)


CODE = r"^(?=\.\. code-block:: Python)"


def place_committed(app) -> None:
    """Before sphinx-gallery: the pictures of what it does not run, for it to make small."""
    for path in scripts():
        if not is_run(path):
            picture = committed(path.stem)
            images = MADE / "images"
            images.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(picture, images / f"sphx_glr_{path.stem}_001{picture.suffix}")


def show_committed(app) -> None:
    """After it: the same pictures above the scripts."""
    for path in scripts():
        if is_run(path):
            continue
        page = MADE / f"{path.stem}.rst"
        text = page.read_text("utf-8")
        picture = f"/auto_examples/images/sphx_glr_{path.stem}_001{committed(path.stem).suffix}"
        shown = f".. image:: {picture}\n   :alt: {title(path)}\n   :class: sphx-glr-single-img\n\n"
        if picture not in text:
            page.write_text(re.sub(CODE, shown, text, count=1, flags=re.MULTILINE), "utf-8")


def title(path: Path) -> str:
    """The first line of an example's docstring."""
    return said(path)[0]


def said(path: Path) -> tuple[str, str]:
    """Title and text of an example's docstring, without how to call it."""
    lines = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split("\n\n")
    head, *paragraphs = lines
    kept = [p.replace("\n", " ") for p in paragraphs if not p.startswith("``python")]
    return head.splitlines()[0], " ".join(kept).replace("``", "`")


def overview() -> str:
    """docs/gallery.md: every picture with what its script says of it."""
    parts = [
        "# Gallery\n",
        "Each picture is made by the script beside it, and the scripts are run by the tests.\n",
    ]
    for path in scripts():
        name, text = said(path)
        sentence = text.partition(". ")[0].rstrip(".").replace("[", "(").replace("]", ")")
        parts.append(f"## {name}\n\n[`examples/{path.name}`](../examples/{path.name}): {text}\n")
        parts.append(f"![{sentence}](gallery/{committed(path.stem).name})\n")
    return "\n".join(parts)


def setup(app):
    """Sphinx asks for this."""
    app.connect("builder-inited", place_committed, priority=400)
    app.connect("builder-inited", show_committed, priority=600)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    (ROOT / "docs" / "gallery.md").write_text(overview(), "utf-8")
