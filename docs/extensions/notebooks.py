"""Notebooks in the site: read as texts, and run while it is built where their packages are there.

A quick build runs none of them. On GitHub's own machines, which say what repository they build, a
notebook has a link that opens it in Colab.
"""

import ast
import base64
import json
import os
import re
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from gallery import IS_QUICK, ROOT
from myst_parser.parsers.sphinx_ import MystParser

#: Seconds for a cell.
LONGEST = 600
NOT_RUN = "*Without outputs: it was not run when this page was built.*"
COLAB = "[Open in Colab](https://colab.research.google.com/github/{}/blob/main/{})"
#: Where pictures and pages that a notebook holds are files of the site.
MADE = ROOT / "docs" / "made" / "notebooks"
HELD = re.compile(r"data:(?:image|text)/(png|html);base64,([A-Za-z0-9+/=]+)")
#: A fence that no text of a notebook holds.
FENCE = "`" * 8


def is_run(cells: list[dict]) -> bool:
    """Whether what runs a notebook, and everything that it imports, is there."""
    if IS_QUICK:
        return False
    names = {"nbclient", "ipykernel", "anywidget"}
    for cell in cells:
        if cell["cell_type"] == "code":
            for node in ast.walk(ast.parse("".join(cell["source"]))):
                if isinstance(node, ast.Import):
                    names |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    names.add(node.module or "")
    return all(find_spec(name.partition(".")[0]) for name in names)


def executed(text: str) -> list[dict]:
    """The cells with what they show, run from top to bottom."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.reads(text, as_version=4)
    with TemporaryDirectory() as folder:
        place = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=LONGEST, kernel_name="python3", resources=place).execute()
    return notebook.cells


def as_markdown(text: str, path: Path) -> str:
    """The notebook's text, code and outputs, with what a reader does with it below its title."""
    cells = json.loads(text)["cells"]
    runs = is_run(cells)
    title, *others = executed(text) if runs else cells
    head, _, introduction = "".join(title["source"]).partition("\n")
    links = [f"{{download}}`Download the notebook <{path.name}>`"]
    if repository := os.environ.get("GITHUB_REPOSITORY"):
        links.append(COLAB.format(repository, path.relative_to(ROOT)))
    parts = [head, " · ".join(links), introduction, *([] if runs else [NOT_RUN])]
    for cell in others:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
        else:
            parts.append(f"{FENCE}python\n{source}\n{FENCE}")
            parts += [shown(output) for output in joined(cell.get("outputs", []))]
    return as_files("\n\n".join(parts) + "\n", path)


def as_files(text: str, path: Path) -> str:
    """The same with what it holds in files beside it: a browser need not read past them."""
    inside = "../" * (len(path.relative_to(ROOT / "docs").parts) - 1)
    numbers = iter(range(1, 1_000))

    def file(match: re.Match[str]) -> str:
        name = f"{path.stem}-{next(numbers)}.{match[1]}"
        MADE.mkdir(parents=True, exist_ok=True)
        (MADE / name).write_bytes(base64.b64decode(match[2]))
        return f"{inside}notebooks/{name}"

    return HELD.sub(file, text)


def joined(outputs: list[dict]) -> list[dict]:
    """With what was printed line by line in one piece."""
    whole: list[dict] = []
    for output in outputs:
        if whole and output.get("name", 0) == whole[-1].get("name", 1):
            whole[-1]["text"] += output["text"]
        else:
            whole.append(output)
    return whole


def shown(output: dict) -> str:
    """What a cell shows, as a part of a page."""
    if output["output_type"] == "stream":
        # Warnings and logs of libraries are not what the notebook is about.
        return _text(output["text"]) if output["name"] == "stdout" else ""
    data = output.get("data", {})
    if "text/html" in data:
        return f"{FENCE}{{raw}} html\n{data['text/html']}\n{FENCE}"
    if "image/png" in data:
        address = f"data:image/png;base64,{data['image/png'].strip()}"
        picture = f'<img alt="What the cell above draws" src="{address}">'
        return f"{FENCE}{{raw}} html\n{picture}\n{FENCE}"
    return _text(data.get("text/plain", ""))


def _text(text: str) -> str:
    return f"{FENCE}text\n{text.rstrip()}\n{FENCE}"


class NotebookParser(MystParser):
    """Reads a notebook as the text that it is."""

    supported = ("notebook",)

    def parse(self, inputstring, document):
        path = Path(document["source"])
        super().parse(as_markdown(inputstring, path), document)


def setup(app):
    """Sphinx asks for this."""
    app.add_source_parser(NotebookParser)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
