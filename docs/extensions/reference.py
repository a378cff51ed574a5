"""The reference of the library: every public name, from the stub and the tables that hold them."""

import sys
from pathlib import Path

from docutils import nodes
from pages import write

PAGE = Path(__file__).parents[1] / "reference" / "api.rst"

#: Public names by what they are for; what stands in none is listed at the end.
GROUPS = {
    "Data": ["Dataset"],
    "Training": ["fit", "Run", "Checkpoint"],
    "Tracing": [
        "trace", "Trace", "Representation", "Affine", "Activation", "Softmax", "Opaque", "Film",
    ],
    "The moving picture": ["Morph", "Scene"],
    "Views": ["figure", "save_figure", "animate", "page", "show", "playground"],
    "Measures": ["measure"],
    "Width": ["minimum_width", "MinimumWidth", "sweep", "atlas"],
    "Files": ["load", "save"],
    "Errors": ["UnknotError", "UsageError"],
}  # fmt: skip
READERS = ["from_arrays", "from_file", "from_frame", "resolve", "make", "describe", "write"]


def tables() -> dict[str, list[str]]:
    """Title → full names."""
    import unknot as uk
    from unknot.datasets import generators
    from unknot.views.figures import figures

    names = {title: [f"unknot.{name}" for name in group] for title, group in GROUPS.items()}
    shown = {name for group in GROUPS.values() for name in group}
    rest = [name for name in uk.__all__ if name not in shown | {"datasets", "figures"}]
    names["Data"] += [f"unknot.datasets.{name}" for name in READERS]
    names["Data sets"] = [f"unknot.datasets.{name}" for name in generators]
    drawn = {figures[name].__name__ for name in figures}
    names["Figures"] = [f"unknot.figures.{name}" for name in sorted(drawn)]
    if rest:
        names["More"] = [f"unknot.{name}" for name in rest]
    return names


def text() -> str:
    """The page that lists them; autosummary writes a page for each."""
    parts = [HEAD]
    for title, names in tables().items():
        listed = "\n".join(f"   {name}" for name in names)
        parts.append(
            f"{title}\n{'-' * len(title)}\n\n.. autosummary::\n   :toctree: api\n\n{listed}\n"
        )
    return "\n".join(parts)


HEAD = """Library
=======

``import unknot as uk`` gives every name of this page; nothing heavy is imported before it is used.
Shapes are written ``(n_points, n_units)``, points are rows.
"""


def make(app):
    """Before autosummary looks for what it shall list."""
    import unknot.views.figures

    # People write unknot.figures.strip: so does the reference.
    sys.modules["unknot.figures"] = unknot.views.figures
    write(PAGE, text())


def name_attributes(app, doctree):
    """Sphinx calls a class's attributes variables, once they have links."""
    for name in doctree.findall(nodes.field_name):
        if name.astext() == "Variables":
            name.children = [nodes.Text("Attributes")]


def setup(app):
    """Sphinx asks for this."""
    app.connect("builder-inited", make, priority=300)
    app.connect("doctree-read", name_attributes)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
